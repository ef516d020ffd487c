"""Vectors of texts by pretrained models and services, in the form in which R asks for them."""

from __future__ import annotations

import difflib
from typing import Any

import numpy as np
import pandas as pd

from textseq.embedding.api_embedder import ApiEmbedder
from textseq.estimators.transformer_embedder import TransformerEmbedder
from textseq.r.parameters import python_value


def embed_transformer(texts: list[str], model: list[str], parameters: dict[str, Any]) -> np.ndarray:
    """Return the vector of each text by a pretrained transformer.

    Parameters
    ----------
    texts : list of str
    model : list of one str
        A folder, or a hub's name.
    parameters : dict
        Of ``TransformerEmbedder``.

    Returns
    -------
    ndarray of shape (n_texts, D)
    """
    options = {name: python_value(value, name) for name, value in parameters.items()}
    embedder = TransformerEmbedder(model[0], **options).fit()
    if not texts:
        return np.zeros((0, embedder.n_features_out_))
    return embedder.transform(texts)


def embed_api(texts: list[str], model: list[str], parameters: dict[str, Any]) -> dict[str, Any]:
    """Return the vectors of texts by an embedding service.

    Parameters
    ----------
    texts : list of str
    model : list of one str
    parameters : dict
        Of ``ApiEmbedder``.

    Returns
    -------
    dict
        ``vectors`` (n_texts, D), and ``receipt``, a frame of one row.
    """
    embedder = _api_embedder(model, parameters).fit()
    width = len(embedder.get_feature_names_out()) if not texts else 0
    vectors = embedder.transform(texts) if texts else np.zeros((0, width))
    return {"vectors": vectors, "receipt": _one_row(embedder.receipt_)}


def api_estimate(texts: list[str], model: list[str], parameters: dict[str, Any]) -> pd.DataFrame:
    """Return what embedding texts by a service would take, as a frame of one row.

    Parameters
    ----------
    texts, model, parameters
        As of ``embed_api``.
    """
    return _one_row(vars(_api_embedder(model, parameters).estimate(texts)))


def _api_embedder(model: list[str], parameters: dict[str, Any]) -> ApiEmbedder:
    known = set(ApiEmbedder().get_params()) - {"api_key"}
    for name in parameters:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; choose from {sorted(known)}"
            raise ValueError(f"there is no argument {name!r}{hint}")
    options = {name: python_value(value, name) for name, value in parameters.items()}
    return ApiEmbedder(**options, model=model[0])


def _one_row(figures: dict[str, Any]) -> pd.DataFrame:
    """Return figures as a frame; a price that is not known is NA, and a number to R."""
    prices = {name: float for name in figures if name.endswith("price")}
    return pd.DataFrame([figures]).astype(prices)
