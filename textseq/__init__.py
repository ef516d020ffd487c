"""Sequence models for text and time series, trained, compared and explained on a laptop.

The public names are loaded on first use, so that ``import textseq`` costs
milliseconds and torch is read only by what needs it.
"""

import importlib
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "ApiEmbedder": "textseq.embedding.api_embedder",
    "Captioner": "textseq.estimators.captioning.captioner",
    "Checkpoint": "textseq.estimators.checkpoint",
    "Distributed": "textseq.estimators.distributed",
    "Comparison": "textseq.comparison.scores.result",
    "ForecastComparison": "textseq.comparison.forecasts.result",
    "Forecaster": "textseq.estimators.forecasting.forecaster",
    "IntegerEncoder": "textseq.text.represent",
    "LanguageModel": "textseq.estimators.language.model",
    "MeanEmbedder": "textseq.text.represent",
    "ModelFileError": "textseq.files",
    "OneHotEncoder": "textseq.text.represent",
    "Ragged": "textseq.ragged",
    "SequenceTagger": "textseq.estimators.tagging.tagger",
    "Seq2Seq": "textseq.estimators.seq2seq.model",
    "QuestionAnswerer": "textseq.estimators.answering.answerer",
    "SeriesClassifier": "textseq.estimators.sequence.series",
    "SeriesRegressor": "textseq.estimators.sequence.series",
    "SubwordTable": "textseq.text.vectors.subword_table",
    "TextClassifier": "textseq.estimators.sequence.text",
    "TextRegressor": "textseq.estimators.sequence.text",
    "Tokenizer": "textseq.text.tokenizer",
    "Tokens": "textseq.text.tokens",
    "Transcriber": "textseq.estimators.transcription.transcriber",
    "TransformerEmbedder": "textseq.estimators.transformer_embedder",
    "VectorFileError": "textseq.text.vectors.files",
    "Vocabulary": "textseq.text.vocabulary",
    "WordVectors": "textseq.text.vectors.word_vectors",
    "compare": "textseq.comparison.scores.compare",
    "compare_forecasts": "textseq.comparison.forecasts.compare",
    "explain": "textseq.inspection.attribution",
    "find_learning_rate": "textseq.inspection.learning_rate",
    "forecast_plot": "textseq.comparison.forecasts.plots",
    "gradient_flow": "textseq.inspection.gradient_flow",
    "hidden_states": "textseq.inspection.hidden_states",
    "load_model": "textseq.estimators.load",
    "load_sample": "textseq.samples",
    "load_vectors": "textseq.text.vectors.load",
    "make_shapes": "textseq.shapes",
    "make_stories": "textseq.stories",
    "order_matters": "textseq.inspection.word_order",
    "read_conll": "textseq.text.conll",
    "read_long_series": "textseq.series.long_series",
    "read_ts": "textseq.series.ts_files",
    "recurrent_spectrum": "textseq.inspection.spectrum",
    "saturation": "textseq.inspection.saturation",
    "spans_of": "textseq.labels.spans",
    "step_by_step": "textseq.inspection.by_hand",
    "write_conll": "textseq.text.conll",
}

__all__ = sorted([*_HOME, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'textseq' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
