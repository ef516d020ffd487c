"""The small licensed corpora and word vectors that come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from textseq.text.vectors import WordVectors

SAMPLES = {
    "mr": "mr.csv.gz",
    "names18": "names18.csv.gz",
    "sms_spam": "sms_spam.csv.gz",
    "subj": "subj.csv.gz",
    "glove.6B.50d.top20k": "glove.6B.50d.top20k.txt.gz",
}


def sample_path(name: str) -> Path:
    """Return where a shipped sample lies on disk.

    Parameters
    ----------
    name : {"mr", "names18", "sms_spam", "subj", "glove.6B.50d.top20k"}

    Returns
    -------
    Path
        A gzipped CSV with columns ``label`` and ``text``, or a gzipped GloVe file.

    Raises
    ------
    ValueError
        If no sample has that name.

    Examples
    --------
    >>> sample_path("mr").name
    'mr.csv.gz'
    """
    if name not in SAMPLES:
        raise ValueError(f"unknown sample {name!r}; the samples are {', '.join(SAMPLES)}")
    package = Path(__file__).parent
    # textseq/data is a link to the checkout's data/; a checkout made without
    # links (Git on Windows) has only the latter.
    for folder in (package / "data", package.parent / "data"):
        if (folder / SAMPLES[name]).is_file():
            return folder / SAMPLES[name]
    raise FileNotFoundError(
        f"{SAMPLES[name]} is missing from {package / 'data'}; reinstall textseq, "
        "or restore the data folder of the checkout"
    )


def load_sample(name: str) -> pd.DataFrame | WordVectors:
    """Load a shipped sample.

    Parameters
    ----------
    name : {"mr", "names18", "sms_spam", "subj", "glove.6B.50d.top20k"}
        ``mr``: 10,662 sentences of film reviews, ``pos`` or ``neg``.
        ``names18``: 20,050 surnames in 18 languages, for character models.
        ``sms_spam``: 5,574 text messages, ``ham`` or ``spam``.
        ``subj``: 10,000 sentences about films, ``subjective`` or ``objective``.
        ``glove.6B.50d.top20k``: 50-dimensional vectors of the 20,000 commonest words.
        Origins and licences are in ``data/README.md``.

    Returns
    -------
    DataFrame with columns ``text`` and ``label``, or WordVectors
        The rows in the order of their source: shuffle before a split.

    Raises
    ------
    ValueError
        If no sample has that name.

    References
    ----------
    .. [1] B. Pang, L. Lee, "A Sentimental Education: Sentiment Analysis Using
       Subjectivity Summarization Based on Minimum Cuts", ACL 2004.
    .. [2] B. Pang, L. Lee, "Seeing Stars: Exploiting Class Relationships for
       Sentiment Categorization with Respect to Rating Scales", ACL 2005.
    .. [3] T. A. Almeida, J. M. Gomez Hidalgo, A. Yamakami, "Contributions to the
       Study of SMS Spam Filtering: New Collection and Results", DocEng 2011.
    .. [4] J. Pennington, R. Socher, C. D. Manning, "GloVe: Global Vectors for Word
       Representation", EMNLP 2014.

    Examples
    --------
    >>> messages = load_sample("sms_spam")
    >>> messages["label"].value_counts().to_dict()
    {'ham': 4827, 'spam': 747}
    """
    path = sample_path(name)
    if path.suffixes[-2:] == [".txt", ".gz"]:
        from textseq.text.vectors import WordVectors

        return WordVectors.load(path)
    return pd.read_csv(path)[["text", "label"]]
