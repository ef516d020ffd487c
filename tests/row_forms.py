"""The forms in which the same rows of tokens, or of texts, are handed in."""

import datasets
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from textseq import Tokens


def _dataset(rows):
    return datasets.Dataset.from_dict({"rows": rows})


# Rows of lists of strings, all of one length; what a form has to be made of is a plain list.
LISTS = {
    "tuples": lambda rows: tuple(map(tuple, rows)),
    "list of arrays": lambda rows: [np.array(row) for row in rows],
    "list of object arrays": lambda rows: [np.array(row, dtype=object) for row in rows],
    "list of NumPy's strings": lambda rows: [[np.str_(token) for token in row] for row in rows],
    "list of pandas Series": lambda rows: [pd.Series(row, index=[7] * len(row)) for row in rows],
    "list of pandas arrays": lambda rows: [pd.array(row, dtype="str") for row in rows],
    "list of Index": lambda rows: [pd.Index(row) for row in rows],
    "list of Categorical": lambda rows: [pd.Categorical(row) for row in rows],
    "list of polars Series": lambda rows: [pl.Series(row) for row in rows],
    "list of Arrow arrays": lambda rows: [pa.array(row) for row in rows],
    "array": np.array,
    "object array of equal rows": lambda rows: np.array(rows, dtype=object),
    "object array of lists": lambda rows: pd.Series(rows).to_numpy(),
    "pandas Series of lists": lambda rows: pd.Series(rows, index=[3] * len(rows)),
    "pandas Series of arrays": lambda rows: pd.Series([np.array(row, object) for row in rows]),
    "pandas Series of Arrow's lists": lambda rows: pd.Series(
        pd.array(pa.array(rows), dtype=pd.ArrowDtype(pa.list_(pa.string())))
    ),
    "pandas frame": lambda rows: pd.DataFrame({"rows": rows}),
    "polars List": pl.Series,
    "polars Array": lambda rows: pl.Series(rows, dtype=pl.Array(pl.String, len(rows[0]))),
    "polars List of Categorical": lambda rows: pl.Series(rows, dtype=pl.List(pl.Categorical)),
    "polars frame": lambda rows: pl.DataFrame({"rows": rows}),
    "Arrow array": pa.array,
    "Arrow chunks": lambda rows: pa.chunked_array([rows[:1], rows[1:]]),
    "Arrow table": lambda rows: pa.table({"rows": rows}),
    "Hugging Face column": lambda rows: _dataset(rows)["rows"],
    "Hugging Face column of arrays": lambda rows: _dataset(rows).with_format("numpy")["rows"],
    "Hugging Face column of Arrow": lambda rows: _dataset(rows).with_format("arrow")["rows"],
    "values of a dict": lambda rows: dict(enumerate(rows)).values(),
    "Tokens": Tokens.from_lists,
}
TEXTS = {
    "tuple": tuple,
    "array": np.array,
    "object array": lambda rows: np.array(rows, dtype=object),
    "array of one column": lambda rows: np.array(rows)[:, None],
    "pandas Series": pd.Series,
    "pandas Series of categories": lambda rows: pd.Series(rows, dtype="category"),
    "pandas array": lambda rows: pd.array(rows, dtype="str"),
    "Index": pd.Index,
    "pandas frame": lambda rows: pd.DataFrame({"rows": rows}),
    "polars Series": pl.Series,
    "polars frame": lambda rows: pl.DataFrame({"rows": rows}),
    "Arrow array": pa.array,
    "Arrow table": lambda rows: pa.table({"rows": rows}),
    "Hugging Face column": lambda rows: _dataset(rows)["rows"],
    "values of a dict": lambda rows: dict(enumerate(rows)).values(),
}
# What is neither, made of rows of tokens, and what the message must say.
REFUSED = {
    "a generator": (lambda rows: (row for row in rows), "read only once: make a list of it"),
    "a map": (lambda rows: map(list, rows), "read only once: make a list of it"),
    "a set": (lambda rows: set(map(tuple, rows)), "is a set, which has no order"),
    "a list of sets": (lambda rows: list(map(set, rows)), r"\[0\] is a set, which has no order"),
    "a list of generators": (
        lambda rows: [(token for token in row) for row in rows],
        r"\[0\] is a generator, which can be read only once",
    ),
    "a dict": (lambda rows: {"tokens": rows}, r"a dict with the columns 'tokens'.*\['tokens'\]"),
    "a data set": (_dataset, r"a Dataset with the columns 'rows'; pass one column.*\['rows'\]"),
    "rows of a data set": (
        lambda rows: [{"id": "0", "tokens": row} for row in rows],
        r"\[0\] is a dict of 'id', 'tokens'.*\[row\['tokens'\] for row in",
    ),
    "a column of structs": (
        lambda rows: pl.Series([{"tokens": row} for row in rows]),
        r"\[0\] is a dict of 'tokens'",
    ),
    "a frame of tokens and tags": (
        lambda rows: pd.DataFrame({"tokens": rows, "tags": rows}),
        r"a frame with the columns 'tokens', 'tags'; pass one column.*\['tokens'\]",
    ),
    "a frame with a row a token": (
        lambda rows: pl.DataFrame({"sentence": [1], "token": ["a"], "tag": ["O"]}),
        r"a frame with the columns 'sentence', 'token', 'tag'.*\['token'\]",
    ),
    "features of CRFsuite": (
        lambda rows: [[{"word": token, "bias": 1} for token in row] for row in rows],
        r"\[0\]\[0\] is a dict of features.*\[\[token\['word'\] for token in row\]",
    ),
    "tokens with their tags": (
        lambda rows: [[(token, "O") for token in row] for row in rows],
        r"\[0\]\[0\] is \('.*', 'O'\), no string; a token is one string, and a tag stands apart",
    ),
    "lists of lists": (lambda rows: [rows, rows], r"\[0\]\[0\] is \[.*\], no string"),
    "tokens of bytes": (
        lambda rows: [[token.encode() for token in row] for row in rows],
        r"\[0\]\[0\] is b'.*', no string; decode bytes first",
    ),
    "a number among tokens": (
        lambda rows: [[7, *row] for row in rows],
        r"\[0\]\[0\] is 7, no string; if it is a token, make it one: \[\[str\(token\)",
    ),
    "NaN among tokens": (
        lambda rows: [[float("nan"), *row] for row in rows],
        r"\[0\]\[0\] is nan, no string but a missing token",
    ),
    "None among tokens": (
        lambda rows: [*rows[:-1], [*rows[-1], None]],
        r"\[\d+\]\[\d\] is None, no string but a missing token",
    ),
    "a missing row": (
        lambda rows: pd.Series([*rows, np.nan]),
        r"\[\d+\] is missing \(nan\); drop such rows",
    ),
    "a missing row of polars": (
        lambda rows: pl.Series([None, *rows]),
        r"\[0\] is missing \(None\); drop such rows",
    ),
    "an array of three dimensions": (
        lambda rows: np.array([rows, rows]),
        r"has shape \(2, .*lists of tokens, one of shape \(n, tokens\)",
    ),
    "nothing": (lambda rows: None, "is of type NoneType; pass a list of texts, or of lists of"),
}
