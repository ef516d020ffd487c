"""Texts to the vectors of a pretrained transformer, which is read and never trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from textseq.checks import check_choice, check_flag
from textseq.embedding.vector_store import VectorStore
from textseq.estimators.encoding.pretrained_transformer import PretrainedTransformer
from textseq.nn.initialization import without_values
from textseq.nn.network import SequenceNetwork
from textseq.text.inputs import one_or_more, text_fields
from textseq.text.transformer_folder import POOLINGS
from textseq.training.devices import check_precision, choose_device, computing
from textseq.training.frozen import frozen_vectors
from textseq.training.threads import ThreadTeam, thread_count

_POOLINGS = tuple(POOLINGS.values())


class TransformerEmbedder(TransformerMixin, BaseEstimator):
    """Turn each text into one vector of a pretrained transformer: BERT, RoBERTa and their like.

    The weights stay as they are. Every core reads batches of its own, of like length and without
    padding.

    Parameters
    ----------
    model : path or str
        A folder with ``config.json``, ``tokenizer.json`` and ``model.safetensors``, as sentence
        encoders, BERTimbau and others are published; or the name of a model on the hub whose
        files have been fetched before. Nothing is fetched, and no code is run that comes with a
        model. BERT, RoBERTa, XLM-R, CamemBERT and DistilBERT are computed by textseq itself; other
        families (ModernBERT, MPNet, DeBERTa, ALBERT, ELECTRA ...) are by Hugging Face's library,
        which takes about an eighth longer: ``pip install textseq[transformers]``.
    pooling : {"mean", "max", "first"} or "auto", default "auto"
        How the states of a text's tokens become its vector; "first" takes that of the token that
        begins a text (BERT's [CLS]). "auto" is what the folder says, and else "mean".
    normalize : bool or "auto", default "auto"
        Whether every vector is scaled to length 1. "auto" is what the folder says.
    max_length : int or "auto", default "auto"
        Tokens read of each text, those of its ends included. "auto" is what the folder says, and
        else as many as the model has positions for.
    precision : {"float32", "bfloat16"}, default "float32"
        Numbers that the model computes with. "bfloat16" keeps three digits and takes about half
        the time on processors that have instructions for it (AVX512-BF16 or AMX), and on GPUs;
        others are refused.
    cache : bool, default False
        Whether vectors are kept on disk, in the cache folder (``TEXTSEQ_CACHE``, or the user's
        own), by the model's files and the text, and looked up there before they are computed.
    device : str, default "auto"
        "cpu", "cuda" or "cuda:1"; "auto" is a GPU where torch finds one.
    n_threads : int or None, default None
        Threads that share the texts; by default as many as the process may use.

    Attributes
    ----------
    sha256_ : str
        Fingerprint of the model's files. A copy that is unpickled opens them again, and checks it.

    References
    ----------
    Reimers & Gurevych (2019), "Sentence-BERT: Sentence Embeddings using Siamese BERT-Networks".

    Examples
    --------
    As a part of a pipeline, once the model's files are there:

    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> bertimbau = TransformerEmbedder("neuralmind/bert-base-portuguese-cased")
    >>> classifier = make_pipeline(bertimbau, LogisticRegression(max_iter=1000))
    >>> classifier.fit(["Que filme!", "Não gostei."], ["pos", "neg"])
    Traceback (most recent call last):
    ValueError: there is no folder 'neuralmind/bert-base-portuguese-cased', nor has ...
    """

    def __init__(
        self,
        model: str | Path,
        *,
        pooling: str = "auto",
        normalize: bool | str = "auto",
        max_length: int | str = "auto",
        precision: str = "float32",
        cache: bool = False,
        device: str = "auto",
        n_threads: int | None = None,
    ) -> None:
        self.model = model
        self.pooling = pooling
        self.normalize = normalize
        self.max_length = max_length
        self.precision = precision
        self.cache = cache
        self.device = device
        self.n_threads = n_threads

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Open the model; texts are not looked at.

        Parameters
        ----------
        X, y : ignored

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If the model or a parameter is not usable; the message says what to do.
        """
        check_choice("pooling", self.pooling, ("auto", *_POOLINGS))
        check_flag("cache", self.cache)
        if self.normalize != "auto":
            check_flag("normalize", self.normalize)
        dtype = check_precision(self.precision, choose_device(self.device))
        opened = PretrainedTransformer.open(self.model)
        self._longest = opened.check_length(self.max_length)
        self._folder = opened.folder
        with ThreadTeam(1), without_values():
            network = SequenceNetwork(
                n_tokens=len(opened.table),
                embedding_dim=opened.config["width"],
                n_outputs=0,
                encoder="transformer",
                transformer=opened.config,
                pooling=self._folder.pooling if self.pooling == "auto" else self.pooling,
            )
        opened.fill(network)
        self._network = network.requires_grad_(False).eval().to(dtype)
        self.sha256_ = self._folder.sha256
        self.n_features_out_ = network.head.in_features
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the vector of each text.

        Parameters
        ----------
        X : list, Series or array of n texts

        Returns
        -------
        ndarray of shape (n, n_features), float32
        """
        check_is_fitted(self, "sha256_")
        fields = text_fields(one_or_more(X), "X")
        if len(fields) != 1:
            raise ValueError("X has two columns of texts; embed each, and compare the vectors")
        ids = self._folder.ids(fields[0].to_list(), self._longest)
        source = "transformer", self.sha256_, self._network.pooling.kind
        store = VectorStore(*source, str(self.precision)) if self.cache else None
        with computing(self._network, self.device, thread_count(self.n_threads)) as team:
            found = frozen_vectors(self._network, ids, team, store)
        if self._folder.normalize if self.normalize == "auto" else self.normalize:
            found = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
        return found

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of ``transform``'s columns."""
        check_is_fitted(self, "sha256_")
        names = [f"transformerembedder{column}" for column in range(self.n_features_out_)]
        return np.array(names, dtype=object)

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: value
            for name, value in super().__getstate__().items()
            if name not in ("_folder", "_network")
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        expected = state.get("sha256_")
        if expected is not None and self.fit().sha256_ != expected:
            raise ValueError(
                f"the files of the model {str(self.model)!r} are others than those this embedder "
                "was fitted with; put those back, or fit anew"
            )

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = True
        return tags
