"""What each recipe decides from facts of the data: `python facts.py > recipes.json`.

The file beside this script says what the recipes decided before the estimators were last put in
order. Whoever changes a recipe on purpose writes it anew, in a commit of its own.
"""

import json
import random
import sys
import warnings
from itertools import product

from textseq.estimators.answering.recipe import AnswerFacts
from textseq.estimators.answering.recipe import recipe as answer_recipe
from textseq.estimators.captioning.recipe import CaptionFacts
from textseq.estimators.captioning.recipe import recipe as caption_recipe
from textseq.estimators.forecasting.recipe import ForecastFacts, decide_all
from textseq.estimators.forecasting.recipe import recipe as forecast_recipe
from textseq.estimators.language.recipe import LanguageFacts
from textseq.estimators.language.recipe import recipe as language_recipe
from textseq.estimators.seq2seq.recipe import PairFacts
from textseq.estimators.seq2seq.recipe import recipe as pair_recipe
from textseq.estimators.sequence.series_recipe import SeriesFacts
from textseq.estimators.sequence.series_recipe import recipe as series_recipe
from textseq.estimators.sequence.text_recipe import DataFacts
from textseq.estimators.sequence.text_recipe import recipe as text_recipe
from textseq.estimators.tagging.recipe import TaggerFacts
from textseq.estimators.tagging.recipe import recipe as tagging_recipe
from textseq.estimators.transcription.recipe import SpeechFacts
from textseq.estimators.transcription.recipe import recipe as transcription_recipe

CASES = 40  # of each recipe, drawn from all combinations


def text(encoder, pooling, **facts):
    """Decide for texts; a named pooling is the caller's."""
    found = text_recipe(encoder, pooling, DataFacts(**facts))
    return found if pooling == "auto" else found | {"pooling": pooling}


def series(encoder, **facts):
    """Decide for series."""
    return series_recipe(encoder, SeriesFacts(**facts))


def tagging(encoder, **facts):
    """Decide for rows of tags."""
    return tagging_recipe(encoder, TaggerFacts(**facts))


def seq2seq(encoder, **facts):
    """Decide for pairs."""
    return pair_recipe(encoder, PairFacts(**facts))


def captioning(encoder, **facts):
    """Decide for images."""
    return caption_recipe(encoder, CaptionFacts(**facts))


def answering(encoder, **facts):
    """Decide for questions."""
    return answer_recipe(encoder, AnswerFacts(**facts))


def language(**facts):
    """Decide for running text."""
    return language_recipe(LanguageFacts(**facts))


def transcription(encoder, **facts):
    """Decide for waves."""
    return transcription_recipe(encoder, SpeechFacts(**facts))


def forecasting(season_length, **facts):
    """Decide for a panel; a named season is the caller's."""
    named = season_length != "auto"
    facts |= {"season_length": season_length if named else 12, "fewest_seasons": 1 if named else 2}
    found = ForecastFacts(**facts)
    auto = dict.fromkeys(forecast_recipe(found), "auto") | {"season_length": season_length}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return decide_all(auto, found)


GRIDS = {
    "text": text,
    "series": series,
    "tagging": tagging,
    "seq2seq": seq2seq,
    "captioning": captioning,
    "answering": answering,
    "language": language,
    "forecasting": forecasting,
    "transcription": transcription,
}
FACTS = {
    "transcription": {
        "encoder": ["gru", "lstm", "tcn"],
        "n_rows": [50, 3_000],
        "n_symbols": [0, 300, 2_700, 90_000],
    },
    "text": {
        "encoder": ["mean", "max", "lstm", "tcn"],
        "pooling": ["auto", "last"],
        "n_rows": [20, 900, 2_500, 60_000],
        "n_outputs": [1, 2, 20],
        "n_tokens": [80, 20_000],
        "long_text": [12.0, 900.0],
        "pretrained": [False, True],
        "transferred": [False, False, True],
    },
    "series": {
        "encoder": ["lstm_fcn", "gru", "tcn"],
        "n_rows": [30, 70, 1_500, 9_000],
        "long_series": [40.0, 700.0],
        "number": [False, True],
    },
    "tagging": {
        "encoder": ["lstm", "tcn"],
        "n_rows": [50, 20_000],
        "n_steps": [4_000, 250_000],
        "n_tokens": [0, 90, 9_000],
    },
    "seq2seq": {
        "encoder": ["lstm", "janet", "mean", "tcn"],
        "source": ["text", "series", "vector"],
        "n_rows": [40, 2_000, 30_000],
        "long_source": [9.0, 200.0],
    },
    "captioning": {
        "encoder": ["deep_set", "gru", "mean"],
        "n_rows": [40, 2_000, 30_000],
        "image": [None, (8, 8), (32, 32), (64, 200)],
    },
    "answering": {
        "encoder": ["gru", "tcn"],
        "n_rows": [40, 2_000, 10_000, 90_000],
        "longest": [1, 12],
    },
    "language": {
        "n_tokens": [50, 5_000, 150_000, 2_000_000],
        "n_distinct": [60, 3_000, 30_000],
        "recurrent": [True, False],
        "max_epochs": [None, 3],
    },
    "forecasting": {
        "season_length": ["auto", 7, 400],
        "h": [1, 24],
        "steps": [1, 24],
        "n_series": [1, 40],
        "median_length": [20.0, 150.0, 9_000.0],
        "n_rows": [150, 12_000],
    },
}


def drawn(name):
    """Return some of all combinations of facts."""
    values = FACTS[name]
    every = [dict(zip(values, case, strict=True)) for case in product(*values.values())]
    return random.Random(0).sample(every, min(CASES, len(every)))


if __name__ == "__main__":
    found = {
        name: [{"facts": facts, "decided": decide(**facts)} for facts in drawn(name)]
        for name, decide in GRIDS.items()
    }
    json.dump(found, sys.stdout, indent=1)
