"""Sequences to a tag for every step: words, characters or frames."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Self

import numpy as np
import torch
from sklearn.utils.validation import check_is_fitted

from textseq.batches import NetworkRows
from textseq.estimators.auto import decide
from textseq.estimators.base import Prepared
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import check_parameters, declared
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.encoding.embedding_table import (
    fill_embeddings,
    read_word_vectors,
    table_rate,
)
from textseq.estimators.encoding.pretrained import Pretrained
from textseq.estimators.encoding.pretrained_transformer import (
    PretrainedTransformer,
    check_transformer,
    names_transformer,
)
from textseq.estimators.encoding.series import SeriesEncoding
from textseq.estimators.members import PreparedMembers, member_seeds, split_members
from textseq.estimators.receipt import steps_fingerprint
from textseq.estimators.tagging.answers import TaggerAnswers
from textseq.estimators.tagging.encoding import (
    TokenEncoding,
    encode_steps,
    encoding_from_dict,
    encoding_to_dict,
    learn_encoding,
)
from textseq.estimators.tagging.learned_spans import (
    SPAN_F1,
    SpanCounter,
    by_spans,
    outside_shift,
)
from textseq.estimators.tagging.page import TaggerPage
from textseq.estimators.tagging.recipe import TaggerFacts, reads_characters, recipe
from textseq.estimators.tagging.rows import StepRows, TaggedRows, read_steps, read_tags
from textseq.estimators.tagging.tagger_parameters import TaggerParameters
from textseq.files import ModelFileError, StrPath
from textseq.labels.data_warnings import label_lines, warn_of_data
from textseq.labels.row_weights import class_weights
from textseq.labels.spans import (
    OUTSIDE,
    allowed_moves,
    find_scheme,
)
from textseq.labels.targets import (
    class_numbers,
    classes_from_json,
    classes_to_json,
    find_classes,
)
from textseq.nn.bags import BAGS
from textseq.nn.tagging import TaggingNetwork, TagReader
from textseq.ragged import Ragged, offsets_of
from textseq.text.tokens import Tokens
from textseq.text.vectors.word_vectors import WordVectors
from textseq.text.word_characters import SHAPES
from textseq.training.devices import computing
from textseq.training.objectives import TAGGING, Objective
from textseq.training.threads import thread_count

# What a tagger may start from.
Start = Pretrained | PretrainedTransformer


@declared
class SequenceTagger(TaggerParameters, TaggerPage, TaggerAnswers):
    """Tag every token of a text, or every frame of a series.

    A parameter of ``"auto"`` is decided from the data at ``fit``; ``fitted_parameters_`` tells
    what was decided.

    {parameters}

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
    (2016), "Neural Architectures for Named Entity Recognition"; Ma & Hovy (2016), "End-to-end
    Sequence Labeling via Bi-directional LSTM-CNNs-CRF".

    Examples
    --------
    >>> words = [["see", "the", "sea"], ["the", "old", "sea"], ["see", "old", "ships"]] * 10
    >>> tags = [["verb", "det", "noun"], ["det", "adj", "noun"], ["verb", "adj", "noun"]] * 10
    >>> model = SequenceTagger(hidden_size=16, random_state=0).fit(words, tags)
    >>> model.predict([["the", "old", "sea"], []])
    [['det', 'adj', 'noun'], []]
    """

    network_kind = TaggingNetwork
    reads = "steps"

    # What steps of each tag count for, and what counts spans, while the network learns.
    _class_weights: np.ndarray | None = None
    _counter: SpanCounter | None = None

    @kept_and_shared
    def fit(
        self,
        X: Any,
        y: Any,
        validation_data: tuple[Any, Any] | None = None,
        *,
        checkpoint: StrPath | Checkpoint | None = None,
        distributed: Distributed | None = None,
    ) -> Self:
        """Fit to rows and the tags of their steps.

        Parameters
        ----------
        X : list, Tokens, or a column or array of n rows
            Lists of tokens, strings or the whole numbers by which another tokenizer calls them;
            or arrays of frames of shape (channels, time_i), in which NaN is a missing value. Rows
            may be of any length, and those of tokens empty.
        y : list, Tokens, or a column or array of n rows
            The tags of each row: as many as it has tokens or frames.
        validation_data : tuple of (X, y), optional
            Chooses the best epoch, instead of ``validation_fraction`` of the rows.
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If rows, tags or parameters are not usable; the message says what to do.
        """
        if has_workers(distributed):
            return distributed.fit(self, X, y, validation_data, checkpoint=checkpoint)
        with self.fitting(checkpoint, distributed):
            self._train(self.prepare(X, y, validation_data))
        return self

    def prepare(
        self, X: Any, y: Any = None, validation_data: tuple[Any, Any] | None = None
    ) -> Prepared:
        """Check, decide on "auto", learn the encoding and build the network: all but training.

        Parameters
        ----------
        X, y, validation_data
            As ``fit`` takes them.
        """
        pretrained = self._opened()
        parameters = self._given(pretrained)
        encoder, bidirectional = self._resolved(parameters)
        steps = read_steps(X)
        tags = read_tags(y, steps.lengths)
        if not len(tags):
            raise ValueError("X holds no step to learn from; pass rows of tokens or frames")
        self.classes_ = find_classes(tags)
        classes = class_numbers(tags, self.classes_)
        numbers = Ragged(classes, offsets_of(steps.lengths))
        # That most steps have the tag "O" is as it should be.
        lines = label_lines(self.classes_, np.bincount(classes), majority=False)
        warn_of_data(lines, stacklevel=3)
        self._class_weights = class_weights(self.class_weight, classes, self.classes_)
        seed = self._seed()
        rng = np.random.default_rng(seed)
        filled = np.flatnonzero(steps.lengths)
        fraction = 0.0 if validation_data is not None else float(self.validation_fraction)
        n_members = int(parameters["n_members"])
        parts = split_members(np.zeros((len(filled), 1)), fraction, rng, n_members)
        parts = [(filled[rows], filled[held_out]) for rows, held_out in parts]
        training = steps.take(np.unique(np.concatenate([rows for rows, _ in parts])))
        characters = reads_characters(training) if pretrained is None else None
        parameters = decide(parameters, {"characters": characters})
        parameters = decide(parameters, {"lowercase": parameters["characters"] is not None})
        vectors = None if pretrained is not None else read_word_vectors(self.vectors, "a tagger")
        self.encoding_ = learn_encoding(
            training,
            vectors,
            pretrained,
            lowercase=bool(parameters["lowercase"]),
            min_df=self.min_df,
            max_features=self.max_features,
            reads_characters=parameters["characters"] is not None,
        )
        weights = self._class_weights

        def tagged(rows: np.ndarray) -> TaggedRows:
            own = encode_steps(self.encoding_, steps.take(rows))
            return TaggedRows.of_all(own, numbers.take(rows).values, weights)

        each = [tagged(rows) for rows, _ in parts]
        if isinstance(self.encoding_, TokenEncoding):
            known = pretrained if isinstance(pretrained, Pretrained) else None
            shares = self.encoding_.unknown_shares(vectors, known)
            each = [
                replace(data, unknown_shares=shares[data.inputs.inputs.values]) for data in each
            ]
        validation: list[TaggedRows | None]
        if validation_data is not None:
            given = self._tagged(*validation_data, "the validation ", weights)
            validation = [given] * n_members
        else:
            validation = [tagged(held_out) if len(held_out) else None for _, held_out in parts]
        scheme = find_scheme(self.classes_.tolist(), numbers)
        decided = {"tag_scheme": scheme, "scoring": self._scoring(scheme, validation)}
        parameters = decide(parameters, decided)
        self._build(encoder, bidirectional, parameters, each, vectors, rng, pretrained)
        seeds = member_seeds(seed, n_members, rng)
        first, *others = [
            Prepared(network, data, held_out, self._scored(held_out), its_seed)
            for network, data, held_out, its_seed in zip(
                self.networks, each, validation, seeds, strict=True
            )
        ]
        fields = vars(first) | {"notes": {"data_sha256": steps_fingerprint(steps, tags)}}
        return PreparedMembers(**fields, others=tuple(others))

    def _train(self, prepared: Prepared, max_epochs: int | None = None) -> None:
        assert isinstance(prepared, PreparedMembers)
        super()._train(prepared, max_epochs)
        self._train_others(prepared, max_epochs)

    def rows(self, X: Any, y: Any = None) -> StepRows | TaggedRows:
        """Return what the fitted network reads of X, and with y what it should answer."""
        check_is_fitted(self, "network_")
        if y is not None:
            return self._tagged(X, y)
        return encode_steps(self.encoding_, self._steps(X))

    def answered_rows(self, rows: NetworkRows) -> NetworkRows:
        """Return rows with the tags that the model itself gives them."""
        if not isinstance(rows, StepRows):
            return rows
        return TaggedRows.of_all(rows, self._answers(rows, TagReader.best).values)

    def shuffled_rows(self, X: Any, y: Any, rng: np.random.Generator) -> TaggedRows:
        """Return what ``rows`` does, with each row's steps, and their tags, in random order."""
        steps = self._steps(X)
        rows = Ragged(read_tags(y, steps.lengths), offsets_of(steps.lengths))
        places = rows.shuffled_places(rng)
        if isinstance(steps, Tokens):
            steps = Tokens.from_flat(steps.flat[places], steps.lengths)
        else:
            steps = Ragged(steps.values[places], steps.offsets)
        classes = class_numbers(rows.values[places], self.classes_, "y")
        return TaggedRows.of_all(encode_steps(self.encoding_, steps), classes)

    def _opened(self) -> Start | None:
        """Return what a new model starts from."""
        if self.pretrained is None:
            return None
        if names_transformer(self.pretrained, self.encoder == "transformer"):
            return PretrainedTransformer.open(self.pretrained)
        return Pretrained.of(self.pretrained)

    def _given(self, opened: Start | None = None) -> dict[str, Any]:
        """Return all parameters, those of a pretrained model in place of defaults."""
        given, opened = super()._given(), opened or self._opened()
        if opened is None:
            return given
        return opened.settle(given, type(self)().get_params(deep=False))

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        if values["class_weight"] is not None and values["head"] == "crf":
            raise ValueError(
                f"class_weight={values['class_weight']!r:.60} weighs steps, and head='crf' learns "
                "from whole rows; take head='linear', or scoring='span_f1', which chooses the epoch"
            )
        if values["pretrained"] is not None and values["characters"] not in ("auto", None):
            raise ValueError(
                f"characters={values['characters']!r:.60} are read beside words' vectors by an "
                "encoder that learns both together, and pretrained brings one that has learnt "
                "without; leave one of the two out"
            )
        if values["encoder"] == "transformer":
            check_transformer(values)
            check_parameters(type(self), values)
            return "transformer", False
        encoder, bidirectional = super()._resolved(values)
        if encoder in BAGS:
            raise ValueError(
                f"encoder={encoder!r} makes one vector of a whole row, but every step needs its "
                "own; choose 'bilstm', 'bigru' or 'tcn'"
            )
        return encoder, bidirectional

    def _tagged(
        self, X: Any, y: Any, which: str = "", class_weights: np.ndarray | None = None
    ) -> TaggedRows:
        """Read rows and tags, ``which`` in messages, of the classes that were learned."""
        steps = self._steps(X, f"{which}X")
        tags = read_tags(y, steps.lengths, f"{which}y")
        classes = class_numbers(tags, self.classes_, f"{which}y")
        if not len(tags):
            raise ValueError(f"{which}X holds no step; pass rows of tokens or frames")
        return TaggedRows.of_all(encode_steps(self.encoding_, steps), classes, class_weights)

    def _build(
        self,
        encoder: Any,
        bidirectional: bool,
        parameters: dict[str, Any],
        each: list[TaggedRows],
        vectors: WordVectors | None,
        rng: np.random.Generator,
        pretrained: Start | None,
    ) -> None:
        data, *_ = each
        of_frames = isinstance(self.encoding_, SeriesEncoding)
        n_tokens = 0 if of_frames else len(self.vocabulary_)
        known = 0 if of_frames else int((self.vocabulary_.counts > 0).sum())
        transferred = isinstance(pretrained, Pretrained)
        facts = TaggerFacts(len(data), data.n_steps, known, transferred)
        chosen = decide(parameters, recipe(encoder, facts))
        self.fitted_parameters_ = chosen
        values = data.inputs.inputs.values
        width = values.shape[1] if of_frames else int(chosen["embedding_dim"])
        own: dict[str, Any] = {}
        if isinstance(pretrained, PretrainedTransformer):
            own["transformer"] = pretrained.config
        if isinstance(self.encoding_, TokenEncoding) and self.encoding_.n_characters:
            own |= {"n_characters": self.encoding_.n_characters, "n_shapes": len(SHAPES)}
        if chosen["tag_scheme"] is not None:
            moves = allowed_moves(self.classes_.tolist(), chosen["tag_scheme"])
            own["allowed_moves"] = moves.astype(int).tolist()
        self._build_members(
            [int(part.lengths.max()) for part in each],
            rng,
            n_tokens=n_tokens,
            representation="numbers" if of_frames else "embedding",
            embedding_dim=width if vectors is None else vectors.dim,
            n_outputs=len(self.classes_),
            tags=self.head,
            encoder=encoder,
            bidirectional=bidirectional,
            head_sizes=[],
            embedding_dropout=0.0 if of_frames else float(chosen["embedding_dropout"]),
            **own,
        )
        for network in self.networks:
            if pretrained is not None:
                pretrained.fill(network)
            elif not of_frames:
                fill_embeddings(network.table, self.vocabulary_, vectors, rng)

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
        if self.class_weight is None:
            return TAGGING
        return replace(TAGGING, score_name=f"weighted {TAGGING.score_name}")

    def _scoring(self, scheme: str | None, validation: Sequence[TaggedRows | None]) -> str | None:
        """Return what "auto" stands for as ``scoring``, of tags of a scheme or of none."""
        if scheme is None or self.class_weight is not None:
            return None
        counter = SpanCounter(self._span_rules("scoring"))
        found = all(part is not None and counter.found_in(part) for part in validation)
        return SPAN_F1 if found else None

    def _scored(self, validation: TaggedRows | None) -> Objective:
        """Return the objective, with the score that chooses the epoch."""
        self._counter, scoring = None, self.fitted_parameters_["scoring"]
        if scoring is None:
            return self.objective()
        counter = SpanCounter(self._span_rules(f"scoring={scoring!r}"))
        if validation is None:
            warnings.warn(
                f"there are too few rows to choose the epoch by scoring={scoring!r}, so the "
                "last one stays; pass validation_data=, or raise validation_fraction",
                stacklevel=4,
            )
            return self.objective()
        self._counter = counter
        return by_spans(self.objective(), counter, validation)

    @contextmanager
    def training_form(self, prepared: Prepared) -> Iterator[None]:
        """Let steps count for what their tags do, and spans be counted; then weigh "O"."""
        network, weights = prepared.network, self._class_weights
        network.class_weights = None if weights is None else torch.from_numpy(weights)
        network.counter = self._counter
        try:
            yield
        finally:
            network.class_weights = network.counter = None
        if self._counter is None or OUTSIDE not in self.classes_:
            return
        outside = int(np.flatnonzero(self.classes_ == OUTSIDE)[0])
        assert isinstance(prepared.validation, TaggedRows)
        with computing(network, self.device, thread_count(self.n_threads)) as team:
            shift = outside_shift(network, prepared.validation, self._counter, outside, team)
        bias = network.head.output.bias.detach()
        bias[outside] += shift
        prepared.notes["outside_shift"] = shift

    def _table_rate(self) -> float:
        return table_rate(self.vectors, self.freeze_vectors, self.recipe)

    def _n_trained_tokens(self) -> int:
        return 0 if self.freeze_vectors else int((self.vocabulary_.counts > 0).sum()) + 2

    def _own_to_json(self) -> dict[str, Any]:
        encoding = encoding_to_dict(self.encoding_)
        return {"encoding": encoding, "classes": classes_to_json(self.classes_)}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = encoding_from_dict(header["encoding"])
        self.classes_ = classes_from_json(header["classes"])
        network = header["network"]
        if isinstance(self.encoding_, SeriesEncoding):
            fits = network["embedding_dim"] == self.encoding_.n_inputs
        else:
            fits = network["n_tokens"] == len(self.vocabulary_)
        if isinstance(self.encoding_, TokenEncoding):
            fits &= network.get("n_characters", 0) == self.encoding_.n_characters
        if not fits or network["n_outputs"] != len(self.classes_):
            raise ModelFileError("the network and what it reads or says differ in number")
