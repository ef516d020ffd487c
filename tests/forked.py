"""Uses textseq and polars, forks, and tells which of its jobs the children do not end."""

import faulthandler
import os
import sys
import threading
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import torch
from sklearn.ensemble import HistGradientBoostingClassifier
from tokenizers import Tokenizer as HuggingFaceTokenizer
from tokenizers.models import WordPiece

from textseq import (
    Forecaster,
    IntegerEncoder,
    LanguageModel,
    MeanEmbedder,
    OneHotEncoder,
    Seq2Seq,
    SequenceTagger,
    SeriesClassifier,
    SubwordTable,
    TextClassifier,
    TextRegressor,
    Tokenizer,
    Transcriber,
    WordVectors,
    compare,
    compare_forecasts,
    explain,
    gradient_flow,
    hidden_states,
    load_model,
    load_sample,
    order_matters,
    recurrent_spectrum,
    saturation,
    step_by_step,
)
from textseq.tables import read_table
from textseq.text.subwords import Subwords

folder = Path(sys.argv[1])
texts = ["good film, café", "bad it’s 🙂", "Ça va ? 電影", "नमस्ते दुनिया a_b"] * 10
labels = ["p", "n"] * 20
cut = [text.split() for text in texts]
tags = [["O", "B-X", "I-X", "O"][: len(row)] for row in cut]
small = {"max_epochs": 1, "hidden_size": 4, "n_threads": 1, "random_state": 0}
series = np.random.default_rng(0).normal(size=(20, 1, 9))
waves = list(np.random.default_rng(0).normal(size=(20, 1200)))
passengers = load_sample("airpassengers")
polars_frame = pl.DataFrame({name: passengers[name].to_list() for name in passengers.columns})
vectors = WordVectors(["good", "café", "film"], np.eye(3))
pieces = WordPiece({"[UNK]": 0, "good": 1, "film": 2, "ca": 3, "##fe": 4}, unk_token="[UNK]")
table = SubwordTable.of_rows(
    Subwords(HuggingFaceTokenizer(pieces).to_str(), skips_unknown=True), np.eye(5)
)
# The threads of polars, torch and scikit-learn start.
pl.Series(texts).str.contains("x")
torch.set_num_threads(2)
torch.linalg.svdvals(torch.rand(1 << 17).exp().view(256, 512))
HistGradientBoostingClassifier(max_iter=1).fit(np.eye(40), labels)

kinds = {"word": "word", "char": "char", "bpe": "bpe", "function": str.split}
fits = {
    **{
        kind: lambda tokenizer=tokenizer: TextClassifier(tokenizer, encoder="gru", **small).fit(
            texts, labels
        )
        for kind, tokenizer in kinds.items()
    },
    "pairs of words": lambda: TextClassifier(
        encoder="mean", vectors=vectors, ngram_range=(1, 2), max_epochs=1, n_threads=1
    ).fit(texts, labels),
    "subword": lambda: TextClassifier(encoder="gru", vectors=table, **small).fit(texts, labels),
    "regressor": lambda: TextRegressor(encoder="mean", **small).fit(texts, np.arange(40.0)),
    "Seq2Seq": lambda: Seq2Seq(**small).fit(texts, texts),
    "tagger": lambda: SequenceTagger(**small).fit(cut, tags),
    "transcriber": lambda: Transcriber(sample_rate=8000, **small).fit(waves, ["a", "b"] * 10),
    "series": lambda: SeriesClassifier(encoder="gru", **small).fit(series, ["a", "b"] * 10),
    **{
        f"{level} language": lambda level=level: LanguageModel(level, **small).fit(texts)
        for level in ("word", "char", "bpe")
    },
    "integers": lambda: IntegerEncoder().fit(texts),
    "one-hot": lambda: OneHotEncoder().fit(texts),
    "means": lambda: MeanEmbedder(vectors).fit(texts),
    "means of subwords": lambda: MeanEmbedder(table).fit(texts),
    "forecaster": lambda: Forecaster(h=2, **small).fit(polars_frame),
}


def asked(name: str, model: object) -> list:
    """Return what a model says, as plain lists."""
    if name.endswith("language"):
        return [model.generate("Ça", max_new_tokens=3, random_state=0), model.perplexity(texts)]
    if name == "forecaster":
        backtest = model.cross_validation(n_windows=2, level=None, df=polars_frame)
        return [model.predict().rows(), backtest.rows()]
    if not hasattr(model, "predict"):
        answer = model.transform(texts)
        return [answer.toarray().tolist() if hasattr(answer, "toarray") else answer.tolist()]
    given = {"tagger": cut, "series": series, "transcriber": waves}.get(name, texts * 20)
    said = (
        [list(map(list, model.predict(given)))]
        if name == "tagger"
        else [list(model.predict(given))]
    )
    return said + ([str(model.predict_proba(given))] if hasattr(model, "predict_proba") else [])


def check(same: bool, what: str) -> None:
    if not same:
        raise AssertionError(f"{what}: another answer than before the fork")


models = {name: fit() for name, fit in fits.items()}
before = {name: asked(name, model) for name, model in models.items()}
paths = {
    name: model.save(folder / f"{number}.textseq")
    for number, (name, model) in enumerate(models.items())
    if hasattr(model, "save")
}
tokens = {kind: Tokenizer(tokenizer).fit(texts) for kind, tokenizer in kinds.items()}
lists = {kind: tokenizer.tokenize(texts * 60).to_lists() for kind, tokenizer in tokens.items()}
(folder / "table.csv").write_text("text,label\na,b\n")

jobs = {}
for name, model in models.items():
    jobs[f"answers of {name}"] = lambda name=name, model=model: check(
        asked(name, model) == before[name], name
    )
    jobs[f"fit of {name}"] = fits[name]
for name, path in paths.items():
    code = {"tokenizer": str.split} if name == "function" else {}
    jobs[f"load_model of {name}"] = lambda name=name, path=path, code=code: check(
        asked(name, load_model(path, **code)) == before[name], name
    )
for kind, tokenizer in tokens.items():
    jobs[f"tokens of {kind}"] = lambda kind=kind, tokenizer=tokenizer: check(
        tokenizer.tokenize(texts * 60).to_lists() == lists[kind], kind
    )

# As many threads as there are, and layers and texts large enough for torch to share.
wide = {"encoder": "lstm", "hidden_size": 96, "max_epochs": 1, "random_state": 0}
long_texts = [" ".join(texts[:20])[: 400 + number] for number in range(40)]


def fit_wide() -> TextClassifier:
    return TextClassifier(**wide).fit(long_texts, labels)


wide_model = fit_wide()
wide_said = wide_model.predict_proba(long_texts)
jobs["fit in threads"] = fit_wide
jobs["answers in threads"] = lambda: check(
    np.array_equal(wide_model.predict_proba(long_texts), wide_said), "threads"
)
for instrument in (explain, hidden_states, step_by_step):
    jobs[instrument.__name__] = partial(instrument, wide_model, long_texts[0])
for instrument in (gradient_flow, order_matters):
    jobs[instrument.__name__] = partial(instrument, wide_model, long_texts[:8], labels[:8])
jobs["saturation"] = partial(saturation, wide_model, long_texts[:8])
jobs["spectrum"] = partial(recurrent_spectrum, wide_model)
jobs["compare"] = lambda: compare(
    texts, labels, ["mean"], estimator=TextClassifier(**small), n_seeds=1
)
jobs["compare_forecasts"] = lambda: compare_forecasts(
    passengers, h=2, encoders=["rnn"], estimator=Forecaster(**small), n_windows=2
)


def in_child(job: object) -> bool:
    """Fork; return whether the child ended its job, and was not stopped after a minute."""
    child = os.fork()
    if child == 0:
        faulthandler.enable()  # a crash tells where
        faulthandler.dump_traceback_later(60, exit=True)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                job()
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1] == 0


def refused() -> None:
    """Read a table, which can't be done: at once, and in words."""
    try:
        read_table(folder / "table.csv")
    except RuntimeError as error:
        check("before the fork" in str(error), "the words of the refusal")
    else:
        raise AssertionError("a table was read by threads that are not there")


jobs["a table is refused"] = refused
failed = [name for name, job in jobs.items() if not in_child(job)]

# From a thread, while another one is at work.
stop = threading.Event()


def work() -> None:
    while not stop.is_set():
        models["word"].predict(texts)


worker = threading.Thread(target=work)
worker.start()
thread = threading.Thread(
    target=lambda: failed.extend(
        f"{name}, forked from a thread"
        for name in ("answers of word", "load_model of char", "fit of bpe")
        if not in_child(jobs[name])
    )
)
thread.start()
thread.join()
stop.set()
worker.join()
sys.stdout.write(f"failed: {failed}\n")
