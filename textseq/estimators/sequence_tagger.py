"""Sequences to a tag for every step: words, characters or frames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from textseq.batches import SequenceData
from textseq.estimators.checks import check_choice, seed_of, whole
from textseq.estimators.data_warnings import label_lines, warn_of_data
from textseq.estimators.embedding_table import read_vectors
from textseq.estimators.network_building import build_network, fill_embeddings
from textseq.estimators.network_parameters import check_network_parameters, check_sizes
from textseq.estimators.receipt import steps_fingerprint
from textseq.estimators.span_scores import SCHEMES, span_f1
from textseq.estimators.step_encoding import (
    TokenEncoding,
    encode_steps,
    encoding_from_dict,
    encoding_to_dict,
    learn_encoding,
)
from textseq.estimators.tagged_rows import Steps, TaggedRows, read_steps, read_tags
from textseq.estimators.tagger_defaults import TAGGER_AUTO, TaggerFacts, resolve_tagger
from textseq.estimators.targets import (
    class_numbers,
    classes_from_json,
    classes_to_json,
    find_classes,
)
from textseq.estimators.text_estimator import PRETRAINED_RATE
from textseq.estimators.text_parameters import COUNTS, MAYBE_NONE, SHARES
from textseq.estimators.trained_estimator import TrainedEstimator
from textseq.estimators.validation_split import split_rows
from textseq.files import ModelFileError
from textseq.nn.bags import BAGS
from textseq.nn.tagging import HEADS, TaggingNetwork
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged, offsets_of
from textseq.text.vectors import WordVectors
from textseq.text.vocabulary import Vocabulary
from textseq.training.devices import computing
from textseq.training.objectives import TAGGING, Objective
from textseq.training.outputs import step_outputs


class SequenceTagger(TrainedEstimator):
    """Tag every token of a text, or every frame of a series.

    A parameter of ``"auto"`` is decided from the data at ``fit``; ``fitted_parameters_`` tells
    what was decided. What is not told here is as in ``TextClassifier``.

    Parameters
    ----------
    head : {"crf", "linear"}, default "crf"
        "crf" decides on the tags of a row together, and learns which tag follows which;
        "linear" decides step by step.
    encoder : str or nn.Module subclass, default "bilstm"
        "rnn", "lstm", "gru", "janet", "tcn" or "lstm_fcn"; "birnn", "bilstm", "bigru" and
        "bijanet" read both what comes before a step and what comes after it.
    lowercase : bool, default False
        Whether tokens are read in lower case, as most pretrained vectors are.
    min_df, max_features
        Of the vocabulary. Words outside it share the vector of the unknown token, which
        learns from half of the words that occur only once.
    vectors, freeze_vectors, embedding_dim
        Of the tokens.
    bidirectional, hidden_size, num_layers, connections, normalization, activation, init, init_gain
        Of the encoder.
    embedding_dropout, dropout : float or "auto"
        On the token vectors; between layers and before the output layer.
    optimizer, learning_rate, momentum, weight_decay, schedule, max_epochs, batch_size, patience
        Of the training; rows are batched.
    clip_grad_norm, clip_grad_value, truncated_bptt_steps
        Likewise.
    validation_fraction : float, default 0.1
        Share of the rows that choose the best epoch (none if that is under 20 rows).
    device, n_threads, random_state, verbose

    Attributes
    ----------
    classes_ : ndarray
        Sorted tags.
    encoding_ : TokenEncoding or SeriesEncoding
        What turns tokens or frames into what the network reads.
    vocabulary_ : Vocabulary
        Of tokens; a model of frames has none.
    fitted_parameters_, history_, receipt_, interrupted_
        As in ``TextClassifier``.

    References
    ----------
    Huang, Xu & Yu (2015), "Bidirectional LSTM-CRF Models for Sequence Tagging"; Lample et al.
    (2016), "Neural Architectures for Named Entity Recognition".

    Examples
    --------
    >>> words = [["see", "the", "sea"], ["the", "old", "sea"], ["see", "old", "ships"]] * 10
    >>> tags = [["verb", "det", "noun"], ["det", "adj", "noun"], ["verb", "adj", "noun"]] * 10
    >>> model = SequenceTagger(hidden_size=16, random_state=0).fit(words, tags)
    >>> model.predict([["the", "old", "sea"], []])
    [['det', 'adj', 'noun'], []]
    """

    network_kind = TaggingNetwork

    def __init__(
        self,
        head: str = "crf",
        *,
        encoder: str | type[nn.Module] = "bilstm",
        lowercase: bool = False,
        min_df: int | float = 1,
        max_features: int | None = 30_000,
        vectors: Any = None,
        freeze_vectors: bool = False,
        embedding_dim: int = 100,
        bidirectional: bool = False,
        hidden_size: int = 128,
        num_layers: int | str = "auto",
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        init: str = "default",
        init_gain: float = 1.0,
        embedding_dropout: float | str = "auto",
        dropout: float | str = "auto",
        optimizer: str = "adamw",
        learning_rate: float | str = "auto",
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        schedule: str = "auto",
        max_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        patience: int | str | None = "auto",
        clip_grad_norm: float | None = 1.0,
        clip_grad_value: float | None = None,
        truncated_bptt_steps: int | None = None,
        validation_fraction: float = 0.1,
        device: str = "auto",
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.head = head
        self.encoder = encoder
        self.lowercase = lowercase
        self.min_df = min_df
        self.max_features = max_features
        self.vectors = vectors
        self.freeze_vectors = freeze_vectors
        self.embedding_dim = embedding_dim
        self.bidirectional = bidirectional
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.connections = connections
        self.normalization = normalization
        self.activation = activation
        self.init = init
        self.init_gain = init_gain
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.patience = patience
        self.clip_grad_norm = clip_grad_norm
        self.clip_grad_value = clip_grad_value
        self.truncated_bptt_steps = truncated_bptt_steps
        self.validation_fraction = validation_fraction
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: Any, y: Any, validation_data: tuple[Any, Any] | None = None) -> Self:
        """Fit to rows and the tags of their steps.

        Parameters
        ----------
        X : list, Tokens or Series of n rows
            Lists of tokens; or arrays of frames of shape (channels, time_i), in which NaN is
            a missing value. Rows may be of any length, and those of tokens empty.
        y : list, Tokens or Series of n rows
            The tags of each row: as many as it has tokens or frames.
        validation_data : tuple of (X, y), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the rows.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If rows, tags or parameters are not usable; the message says what to do.
        """
        encoder, bidirectional = self._check_parameters()
        steps = read_steps(X)
        tags = read_tags(y, steps.lengths)
        if not len(tags):
            raise ValueError("X holds no step to learn from; pass rows of tokens or frames")
        self.classes_ = find_classes(tags)
        places = class_numbers(tags, self.classes_)
        numbers = Ragged(places, offsets_of(steps.lengths))
        # That most steps have the tag "O" is as it should be.
        lines = label_lines(self.classes_, np.bincount(places), majority=False)
        warn_of_data(lines, stacklevel=2)
        seed = seed_of(self.random_state)
        rng = np.random.default_rng(seed)
        filled = np.flatnonzero(steps.lengths)
        fraction = 0.0 if validation_data is not None else self.validation_fraction
        rows, held_out = split_rows(np.zeros((len(filled), 1)), fraction, rng)
        rows, held_out = filled[rows], filled[held_out]

        training = steps.take(rows)
        vectors = read_vectors(self.vectors)
        self.encoding_ = learn_encoding(
            training,
            vectors,
            rng,
            lowercase=bool(self.lowercase),
            min_df=self.min_df,
            max_features=self.max_features,
        )
        data = TaggedRows.whole(encode_steps(self.encoding_, training), numbers.take(rows).values)
        validation = None
        if validation_data is not None:
            validation = self._validation_rows(*validation_data)
        elif len(held_out):
            others = encode_steps(self.encoding_, steps.take(held_out))
            validation = TaggedRows.whole(others, numbers.take(held_out).values)
        self._build(encoder, bidirectional, data, vectors, rng)
        self._train(data, validation, seed)
        self.receipt_ |= {"data_sha256": steps_fingerprint(steps, tags)}
        return self

    def predict(self, X: Any) -> list[list[Any]]:
        """Return the tags of each row.

        With ``head="crf"`` those of the row's most probable tagging as a whole, which need not
        be the most probable step by step.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        list of n lists
            One tag a step, of the types that ``fit`` met.
        """
        return self._tags(read_steps(X)).to_lists()

    def predict_proba(self, X: Any) -> list[np.ndarray]:
        """Return the probability of each tag at each step.

        Parameters
        ----------
        X : as ``fit`` takes them

        Returns
        -------
        list of n ndarrays of shape (time_i, n_classes)
            Given the whole row; each step's sum to 1.
        """
        found = self._said(read_steps(X), TaggingNetwork.probabilities)
        return [found[row] for row in range(len(found))]

    def score(self, X: Any, y: Any) -> float:
        """Return the share of steps tagged right.

        Parameters
        ----------
        X, y : as ``fit`` takes them
        """
        steps = read_steps(X)
        tags = read_tags(y, steps.lengths)
        if not len(tags):
            raise ValueError("X holds no step to score; pass rows of tokens or frames")
        return float(np.mean(self._tags(steps).values == tags))

    def span_f1(self, X: Any, y: Any, scheme: str = "auto") -> float:
        """Return the F1 score of spans: only those with both ends and the type right count.

        Parameters
        ----------
        X, y : as ``fit`` takes them
            Tags are strings such as "B-person", "I-person" and "O".
        scheme : {"auto", "IOB1", "IOB2", "IOE2", "IOBES", "BILOU"}
            "auto" counts as conlleval does, whichever of these the tags follow; a name counts
            only spans that are marked as that scheme has them.

        Returns
        -------
        float
            Over the spans of all rows together; 0 if none is found.

        Raises
        ------
        ValueError
            If the tags follow no scheme, or mark no span.
        """
        check_choice("scheme", scheme, ("auto", *SCHEMES))
        steps = read_steps(X)
        tags = Ragged(read_tags(y, steps.lengths), offsets_of(steps.lengths))
        return span_f1(tags.to_lists(), self.predict(X), scheme)

    def _check_parameters(self) -> tuple[Any, bool]:
        value = self.get_params(deep=False)
        encoder, bidirectional = check_network_parameters(value, TAGGER_AUTO)
        check_choice("head", self.head, HEADS)
        given = {n: v for n, v in value.items() if not (n in TAGGER_AUTO and v == "auto")}
        check_sizes(given, COUNTS, SHARES, MAYBE_NONE)
        if encoder in BAGS:
            raise ValueError(
                f"encoder={encoder!r} makes one vector of a whole row, but every step needs its "
                "own; choose 'bilstm', 'bigru' or 'tcn'"
            )
        return encoder, bidirectional

    def _validation_rows(self, X: Any, y: Any) -> TaggedRows:
        steps = read_steps(X, "the validation X")
        tags = read_tags(y, steps.lengths, "the validation y")
        places = class_numbers(tags, self.classes_, "the validation y")
        if not len(tags):
            raise ValueError("the validation X holds no step; pass rows of tokens or frames")
        return TaggedRows.whole(encode_steps(self.encoding_, steps), places)

    def _build(
        self,
        encoder: Any,
        bidirectional: bool,
        data: TaggedRows,
        vectors: WordVectors | None,
        rng: np.random.Generator,
    ) -> None:
        of_tokens = isinstance(self.encoding_, TokenEncoding)
        n_tokens = len(self.vocabulary_) if of_tokens else 0
        known = int((self.vocabulary_.counts > 0).sum()) if of_tokens else 0
        facts = TaggerFacts(len(data), data.n_steps, known)
        chosen = {name: getattr(self, name) for name in TAGGER_AUTO}
        chosen = resolve_tagger(encoder, chosen, facts)
        self.fitted_parameters_ = self.get_params(deep=False) | chosen
        width = data.inputs.values.shape[1] if not of_tokens else int(self.embedding_dim)
        self.architecture_ = {
            "n_tokens": n_tokens,
            "representation": "embedding" if of_tokens else "numbers",
            "embedding_dim": width if vectors is None else vectors.dim,
            "n_outputs": len(self.classes_),
            "tags": self.head,
            "encoder": encoder,
            "hidden_size": int(self.hidden_size),
            "num_layers": int(chosen["num_layers"]),
            "bidirectional": bidirectional,
            "connections": self.connections,
            "normalization": self.normalization,
            "activation": self.activation,
            "truncated_bptt_steps": whole(self.truncated_bptt_steps),
            "head_sizes": [],
            "embedding_dropout": float(chosen["embedding_dropout"]) if of_tokens else 0.0,
            "dropout": float(chosen["dropout"]),
        }
        self.network_ = build_network(
            self.architecture_,
            init=self.init,
            init_gain=float(self.init_gain),
            longest=int(data.lengths.max()),
            rng=rng,
            kind=TaggingNetwork,
        )
        if of_tokens:
            fill_embeddings(self.network_, self.vocabulary_, vectors, rng)

    def _tags(self, steps: Steps) -> Ragged:
        found = self._said(steps, TaggingNetwork.best)
        return Ragged(self.classes_[found.values], found.offsets)

    def _said(self, steps: Steps, compute: Callable[[TaggingNetwork, Inputs], Tensor]) -> Ragged:
        """Return what the network says of each step."""
        check_is_fitted(self, "network_")
        if not len(steps):
            return Ragged(np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64))
        data = SequenceData((encode_steps(self.encoding_, steps),))
        with computing(self.network_, self.device, self._threads()) as team:
            return step_outputs(self.network_, data, team, compute)

    def _objective(self) -> Objective:
        return TAGGING

    def _table_rate(self) -> float:
        if self.freeze_vectors:
            return 0.0
        return PRETRAINED_RATE if self.vectors is not None else 1.0

    def _own_to_json(self) -> dict[str, Any]:
        encoding = encoding_to_dict(self.encoding_)
        return {"encoding": encoding, "classes": classes_to_json(self.classes_)}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = encoding_from_dict(header["encoding"])
        self.classes_ = classes_from_json(header["classes"])
        network = header["network"]
        if isinstance(self.encoding_, TokenEncoding):
            fits = network["n_tokens"] == len(self.vocabulary_)
        else:
            fits = network["embedding_dim"] == self.encoding_.n_inputs
        if not fits or network["n_outputs"] != len(self.classes_):
            raise ModelFileError("the network and what it reads or says differ in number")

    @property
    def vocabulary_(self) -> Vocabulary:
        """The training tokens, and the words that ``vectors`` know beyond them."""
        if not isinstance(self.encoding_, TokenEncoding):
            raise AttributeError("a model of frames has no vocabulary_")
        return self.encoding_.vocabulary

    @property
    def n_parameters_(self) -> int:
        """Number of weights that training could change, words beyond its texts left out."""
        table = self.network_.table
        others = (weight for weight in self.network_.parameters() if weight is not table)
        dense = sum(weight.numel() for weight in others)
        if table is None or self.freeze_vectors:
            return dense
        return dense + (int((self.vocabulary_.counts > 0).sum()) + 2) * table.shape[1]
