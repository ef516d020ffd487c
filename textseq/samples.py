"""The small licensed corpora, series and word vectors that come with the package."""

from __future__ import annotations

import gzip
import wave
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from textseq.data_files import SHIPPED_VECTORS, data_file

if TYPE_CHECKING:
    from textseq.text.vectors.word_vectors import WordVectors

SAMPLES = {
    "mr": "mr.csv.gz",
    "names18": "names18.csv.gz",
    "sms_spam": "sms_spam.csv.gz",
    "subj": "subj.csv.gz",
    "tinyshakespeare": "tinyshakespeare.txt.gz",
    "dom_casmurro": "dom_casmurro.txt.gz",
    "eng_fra": "eng_fra.csv.gz",
    **SHIPPED_VECTORS,
    "airpassengers": "airpassengers.csv",
    "sunspots": "sunspots.csv",
    "etth1": "ETTh1.csv",
    "japanese_vowels": "JapaneseVowels_TRAIN.ts.gz",
    "lener_br": "lener_br_train.conll.gz",
    "spoken_digits": "spoken_digits.zip",
}
# Whole works, one string each.
WORKS = ("tinyshakespeare", "dom_casmurro")
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
Labelled = tuple[list[np.ndarray], np.ndarray]
Tagged = tuple[list[list[str]], list[list[str]]]


def sample_path(name: str) -> Path:
    """Return where a shipped sample lies on disk.

    Parameters
    ----------
    name : str
        As ``load_sample`` lists them.

    Returns
    -------
    Path
        A CSV, a gzipped CSV or text, a gzipped GloVe file, a zip of WAV files, or the training
        part of a gzipped ``.ts`` or CoNLL pair, ``_TEST`` beside ``_TRAIN``, in its letters.

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
    return data_file(SAMPLES[name])


def load_sample(
    name: str,
) -> pd.DataFrame | str | WordVectors | tuple[Labelled, Labelled] | tuple[Tagged, Tagged]:
    """Load a shipped sample.

    Parameters
    ----------
    name : str
        Texts:
        ``mr``: 10,662 sentences of film reviews, ``pos`` or ``neg``.
        ``names18``: 20,050 surnames in 18 languages, for character models.
        ``sms_spam``: 5,574 text messages, ``ham`` or ``spam``.
        ``subj``: 10,000 sentences about films, ``subjective`` or ``objective``.
        ``tinyshakespeare``: 40,000 lines of Shakespeare's plays.
        ``dom_casmurro``: Machado de Assis' novel, in Portuguese.
        ``eng_fra``: 5,000 short sentences in English and French.
        ``lener_br``: 1,795 sentences of Brazilian courts and laws, with the names in them tagged.
        ``glove.6B.50d.top20k``: 50-dimensional vectors of the 20,000 commonest words.

        Series:
        ``airpassengers``: thousands of air passengers in each of 144 months, 1949 to 1960.
        ``sunspots``: mean sunspot numbers of 2,820 months, 1749 to 1983.
        ``etth1``: the load and the oil temperature ``OT`` of a transformer in 17,420 hours.
        ``japanese_vowels``: 640 utterances of nine speakers, 7 to 29 steps of 12 channels.
        ``spoken_digits``: 360 recordings of English digits by six people.

        Origins and licences are in ``data/README.md``.

    Returns
    -------
    DataFrame with columns ``text`` and ``label``
        The rows in the order of their source: shuffle before a split.
    str
        ``tinyshakespeare`` and ``dom_casmurro``.
    DataFrame with columns ``eng``, ``fra`` and ``attribution``
        ``eng_fra``; a sentence may have several translations, on neighbouring rows.
    WordVectors
        ``glove.6B.50d.top20k``.
    DataFrame with columns ``unique_id``, ``ds`` and ``y``
        ``airpassengers`` and ``sunspots``, as ``Forecaster`` reads them.
    DataFrame with columns ``ds``, six loads (``HUFL`` ... ``LULL``) and ``OT``
        ``etth1``, for ``Forecaster(...).fit(df, target_col="OT")``.
    DataFrame with columns ``text``, ``speaker``, ``recording`` and ``wave``
        ``spoken_digits``: ``wave`` holds arrays of 8,000 samples a second, from -1 to 1; those of
        ``recording`` 0 and 1 are of the official test.
    (X, y), (X_test, y_test)
        ``japanese_vowels`` in its official split, as ``SeriesClassifier`` reads it: ``X`` is a
        list of arrays (12, steps), ``y`` the speakers. ``lener_br``, as ``SequenceTagger`` reads
        it: lists of words, and of their tags.

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
    .. [5] G. E. P. Box, G. M. Jenkins, "Time Series Analysis: Forecasting and Control",
       revised ed., Holden-Day 1976, series G.
    .. [6] D. F. Andrews, A. M. Herzberg, "Data", Springer 1985.
    .. [7] H. Zhou et al., "Informer: Beyond Efficient Transformer for Long Sequence
       Time-Series Forecasting", AAAI 2021.
    .. [8] M. Kudo, J. Toyama, M. Shimbo, "Multidimensional Curve Classification Using
       Passing-Through Regions", Pattern Recognition Letters 20 (1999).
    .. [9] P. H. Luz de Araujo et al., "LeNER-Br: A Dataset for Named Entity Recognition in
       Brazilian Legal Text", PROPOR 2018.
    .. [10] Z. Jackson et al., "Free Spoken Digit Dataset", version 1.0.8, 2018.

    Examples
    --------
    >>> messages = load_sample("sms_spam")
    >>> messages["label"].value_counts().to_dict()
    {'ham': 4827, 'spam': 747}
    >>> load_sample("airpassengers").head(2)
           unique_id         ds    y
    0  airpassengers 1949-01-01  112
    1  airpassengers 1949-02-01  118
    >>> (X, y), (X_test, y_test) = load_sample("japanese_vowels")
    >>> len(X), len(X_test), X[0].shape, y[0].item()
    (270, 370, (12, 20), '1')
    """
    path = sample_path(name)
    if name in WORKS:
        return gzip.decompress(path.read_bytes()).decode("utf-8")
    if path.suffixes[-2:] == [".txt", ".gz"]:
        from textseq.text.vectors.word_vectors import WordVectors

        return WordVectors.load(path)
    if path.suffixes[-2:] == [".ts", ".gz"]:
        test = path.with_name(path.name.replace("_TRAIN", "_TEST"))
        return _read_labelled(path), _read_labelled(test)
    if path.suffixes[-2:] == [".conll", ".gz"]:
        from textseq.text.conll import read_conll

        return read_conll(path), read_conll(path.with_name(path.name.replace("_train", "_test")))
    if path.suffix == ".zip":
        return _read_digits(path)
    table = pd.read_csv(path)
    if "text" in table.columns:
        return table[["text", "label"]]
    if name == "eng_fra":
        return table
    table = table.rename(columns={"date": "ds"})
    return table.assign(ds=pd.to_datetime(table["ds"]))


def _read_labelled(path: Path) -> Labelled:
    from textseq.series.ts_files import read_ts

    X, y = read_ts(path)
    return X, np.asarray(y)


def _read_digits(path: Path) -> pd.DataFrame:
    """Read WAV files of 16 bits, named by digit, speaker and number."""
    rows = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            digit, speaker, number = Path(name).stem.split("_")
            with archive.open(name) as file, wave.open(file) as sound:
                samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
            rows.append((DIGITS[int(digit)], speaker, int(number), samples / np.float32(2**15)))
    return pd.DataFrame(rows, columns=["text", "speaker", "recording", "wave"])
