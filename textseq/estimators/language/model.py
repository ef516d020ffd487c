"""Texts to what comes next: perplexity, the probability of a text, text of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from textseq.checks import check_choice, check_count, check_flag, seed_of
from textseq.estimators.auto import decide
from textseq.estimators.base import Prepared, TrainedEstimator
from textseq.estimators.checkpoint import Checkpoint
from textseq.estimators.declared import (
    SHARE,
    Rule,
    changed,
    count,
    declared,
    is_auto,
    one_of,
    param,
)
from textseq.estimators.distributed import Distributed, has_workers, kept_and_shared
from textseq.estimators.encoding.embedding_table import read_word_vectors
from textseq.estimators.encoding.stored_tokens import refuse_learning
from textseq.estimators.encoding.text import TextEncoding, check_width
from textseq.estimators.language.continuation import read_stops
from textseq.estimators.language.drafts import Writer, read_prompts
from textseq.estimators.language.generation import Sampling
from textseq.estimators.language.likelihood import Reader, TextLikelihood
from textseq.estimators.language.page import LanguagePage
from textseq.estimators.language.recipe import LanguageFacts, cutoffs, recipe
from textseq.estimators.language.running_reader import RunningReader
from textseq.estimators.language.running_tokens import RunningTokens, cut_texts, stored_corpus
from textseq.estimators.language.start import open_pretrained, settle, start_from, take_over
from textseq.estimators.language.texts import (
    FEWEST_PIECES,
    check_left_out,
    extend_encoding,
    fewest_occurrences,
    learn_encoding,
    new_tokenizer,
    read_texts,
    read_tokens,
    text_rows,
    validation_rows,
)
from textseq.estimators.parameters import (
    AveragingParameters,
    EmbeddingParameters,
    PretrainedParameters,
    RepresentationParameters,
    StackParameters,
    TrainingParameters,
    TyingParameters,
    ValidationParameters,
    VectorParameters,
)
from textseq.files import ModelFileError, StrPath
from textseq.nn.cells import CELLS
from textseq.nn.language import LanguageNetwork
from textseq.nn.softmax import SOFTMAXES
from textseq.ragged import Ragged
from textseq.streams import NextTokens, in_order
from textseq.text.tokenizer import Tokenizer
from textseq.text.tokens import Tokens
from textseq.training.devices import computing
from textseq.training.objectives import LIKELIHOOD, Objective
from textseq.training.outputs import network_outputs
from textseq.training.threads import ThreadTeam, thread_count

LEVELS = ("word", "char", "bpe")
# Steps of a window that instruments look at, at most: each keeps all that the network computes.
LONGEST_LOOKED_AT = 500
ENCODERS = (*CELLS, "tcn")


def _check_level(name: str, level: Any) -> None:
    if not isinstance(level, Tokenizer) and not callable(level):
        check_choice(name, level, LEVELS)


def _check_window(name: str, steps: Any) -> None:
    if steps is None:
        raise ValueError(
            f"{name}=None would hold the whole text at once; name the steps of a window, 100 for "
            "example"
        )
    check_count(name, steps)


@declared
class LanguageParameters(
    EmbeddingParameters,
    VectorParameters,
    PretrainedParameters,
    RepresentationParameters,
    TyingParameters,
    StackParameters,
    TrainingParameters,
    AveragingParameters,
    ValidationParameters,
):
    """What a language model lets choose."""

    level: Any = param(
        Rule('{"word", "char", "bpe"}, Tokenizer or callable', _check_level),
        'What a token is. "char" and "bpe" give any text back to the letter; words lose white '
        "space, and rare ones are ``<unk>``. A callable takes one text and returns its list of "
        "tokens: ``str.split`` reads texts that are cut already, as WikiText and the Penn "
        "Treebank are, whose ``<unk>`` is ours.",
        kw_only=False,
        default="word",
    )
    lowercase: bool | str = changed(
        '"auto" lowers words and leaves characters and pieces as they are.', default="auto"
    )
    min_count: int | str = param(
        count(),
        'Tokens that occur less often are ``<unk>``. "auto" is 2 for words, unless there are few, '
        "and else 1.",
        default="auto",
    )
    representation: str = changed(rule=one_of("embedding", "onehot"), default="embedding")
    vectors: Any = changed("Words that only the vectors know are left out.", default=None)
    embedding_dim: int | str = changed(default="auto")
    embedding_dropout: float | str = changed(
        help="Share of the vocabulary that is not read in a window.", default="auto"
    )
    encoder: Any = changed(
        rule=Rule('{"lstm", "gru", "rnn", "janet", "tcn"}'),
        help="What reads the text, forwards and step by step.",
        default="lstm",
    )
    hidden_size: int | tuple[int, ...] | str = changed(default="auto")
    mogrifier: int | None = param(
        count(),
        "Rounds in which the input and the state of an lstm scale each other before each step; "
        "a step takes two to three times as long.",
        default=None,
    )
    softmax: str = param(
        one_of(*SOFTMAXES),
        '"adaptive" spends less on rare tokens; "auto" takes it for large vocabularies.',
        default="auto",
    )
    tie_weights: bool | str = changed(
        "Where ``hidden_size`` is not ``embedding_dim``, a projection stands between. "
        '"auto" ties words.',
        default="auto",
    )
    input_dropout: float | str = param(
        SHARE,
        "Share of the embeddings' values that is dropped, alike at all steps of a window.",
        default="auto",
    )
    hidden_dropout: float | str = param(
        SHARE,
        "Share of what is handed from layer to layer, dropped alike at all steps.",
        default="auto",
    )
    dropout: float | str = changed(
        help="Share of what the softmax reads, dropped alike at all steps of a window.",
        default="auto",
    )
    weight_dropout: float | str = param(SHARE, "Share of the recurrent matrices.", default="auto")
    weight_decay: float | str = changed(default="auto")
    batch_size: int | str = changed(
        help='Streams side by side; "auto" takes fewer of short texts, and of few ``max_epochs``.',
        default="auto",
    )
    truncated_bptt_steps: int | str = changed(
        rule=Rule("int", _check_window), help="Tokens of a window.", default="auto"
    )
    validation_fraction: float = changed(
        help="Last share of the texts, by characters, that chooses the best epoch.", default=0.1
    )
    pretrained: Any = changed(
        rule=Rule("LanguageModel, path or None"),
        help="Go on from a fitted model: its tokens, sizes and weights, of which no parameter may "
        "ask otherwise; words that are new to it start as the mean of the others.",
        default=None,
    )


@declared
class LanguageModel(TextLikelihood, LanguageParameters, LanguagePage, TrainedEstimator):
    """Say what comes next in a text: characters, words or pieces of words.

    The training texts are laid end to end, ``<eos>`` behind each, and read as ``batch_size``
    streams side by side. The state is carried from window to window; the gradient flows back
    through one window (truncated backpropagation through time).

    A parameter of ``"auto"`` is decided from the texts at ``fit``; ``fitted_parameters_`` tells
    what was decided.

    {parameters}

    Attributes
    ----------
    vocabulary_ : Vocabulary
    tokenizer_ : Tokenizer
    network_ : LanguageNetwork
    history_ : DataFrame
        One row an epoch; losses in nats a token.
    receipt_, fitted_parameters_, architecture_ : dict
    n_parameters_ : int
    interrupted_ : bool

    References
    ----------
    Merity et al. (2018), "Regularizing and Optimizing LSTM Language Models"; ``pretrained``:
    Howard & Ruder (2018), "Universal Language Model Fine-tuning for Text Classification",
    section 3.2.

    Examples
    --------
    Four letters as one-hot rows, and the next of each (Karpathy's example):

    >>> model = LanguageModel("char", representation="onehot", encoder="rnn", num_layers=1,
    ...                       hidden_size=8, dropout=0, learning_rate=0.05, max_epochs=150,
    ...                       random_state=0).fit(["hello"])
    >>> model.vocabulary_.tokens
    ('<pad>', '<unk>', '<eos>', 'l', 'e', 'h', 'o')
    >>> model.generate("h", 4, random_state=0)
    'ello'
    """

    network_kind = LanguageNetwork
    reads = "running text"

    @kept_and_shared
    def fit(
        self,
        texts: Any,
        y: Any = None,
        *,
        text: str | None = None,
        validation_data: Any = None,
        checkpoint: StrPath | Checkpoint | None = None,
        distributed: Distributed | None = None,
    ) -> Self:
        """Learn from texts.

        Parameters
        ----------
        texts : list, Series or array of str
            A book may be one text.

            Or where texts are to be read, some at a time, so that memory need not hold them: the
            path of a file or folder, or a glob, of Parquet, CSV, TSV or JSON lines, a row a text,
            or of plain text (.txt, also .gz), each file of which is one text; a polars LazyFrame;
            an Arrow dataset; a Hugging Face dataset; or a function that returns an iterator of
            frames. Their tokens are written to a file once, which stays in the cache
            (``TEXTSEQ_CACHE``) if the source is files.
        y : None, or array-like of n labels
            Left out, as scikit-learn's pipelines hand it on: texts are their own targets.
        text : str, optional
            The column of texts where these are read from elsewhere; by default "text", or the
            only column of strings. Of plain text files "line" makes each line a text.
        validation_data : list, Series or array of str, optional
            Chooses the best epoch, instead of ``validation_fraction`` of the texts.
        {sharing}

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If texts or parameters are not usable; the message says what to do.
        """
        if has_workers(distributed):
            given = {"text": text, "validation_data": validation_data, "checkpoint": checkpoint}
            return distributed.fit(self, texts, y, **given)
        # Reading may take minutes.
        self.check_parameters()
        stored = stored_corpus(texts, text, self.stream_tokenizer, bool(self.verbose))
        with self.fitting(checkpoint, distributed), stored as found:
            self._train(self.prepare(found, y, validation_data=validation_data))
        return self

    def prepare(self, X: Any, y: Any = None, *, validation_data: Any = None) -> Prepared:
        """Check, decide on "auto", learn the vocabulary and build the network: all but training.

        Parameters
        ----------
        X : list, Series or array of str
        y : None, or array-like of n labels
            Left out: texts are their own targets.
        validation_data : list, Series or array of str, optional
        """
        values = self._given()
        self._resolved(values)
        pretrained: LanguageModel | None = open_pretrained(self.pretrained, LanguageModel)
        if pretrained is not None:
            values = settle(pretrained, values, type(self)().get_params(deep=False))
            self._resolved(values)
        fraction = 0.0 if validation_data is not None else float(self.validation_fraction)
        known = None if pretrained is None else pretrained.tokenizer_
        cut = cut_texts(X, fraction, known, self.level, self.lowercase, self.max_features)
        check_left_out(y, cut.n_texts)
        training, held_out = cut.training, cut.held_out
        if validation_data is not None:
            own = cut.tokenizer.tokenize(read_texts(validation_data))
            held_out = RunningTokens.of_texts(own)
        words = self.min_count, self.max_features
        if pretrained is None:
            self.encoding_ = learn_encoding(training.parts, cut.tokenizer, *words)
        else:
            self.encoding_ = extend_encoding(pretrained.encoding_, training.parts, *words)
        self.encoding_ = replace(self.encoding_, columns=cut.columns)
        ids, seed = training.ids(self.encoding_), self._seed()
        self._build(values, len(ids) - 1, training.n_texts, pretrained, seed)
        chosen = self.fitted_parameters_
        # (B, T): as many streams as a batch has rows, cut into windows that go on one from another.
        streams = NextTokens.side_by_side(ids, chosen["batch_size"])
        windows = streams.windows(int(chosen["truncated_bptt_steps"]))
        validation = None
        if held_out is not None:
            validation = validation_rows(held_out.ids(self.encoding_))
        notes = {
            "rows": training.n_texts,
            "validation_rows": 0 if held_out is None else held_out.n_texts,
            "tokens": len(ids) - 1,
            "validation_tokens": 0 if validation is None else validation.n_steps,
            "data_sha256": cut.sha256,
        }
        objective = self.objective()
        return Prepared(self.network_, windows, validation, objective, seed, in_order, notes)

    def stream_tokenizer(self) -> Tokenizer:
        """Return what cuts texts that are read some at a time: it can learn nothing of them."""
        pretrained: LanguageModel | None = open_pretrained(self.pretrained, LanguageModel)
        if pretrained is not None:
            return pretrained.tokenizer_
        tokenizer = new_tokenizer(self.level, self.lowercase, FEWEST_PIECES)
        refuse_learning(tokenizer, "level", f", lowercase={tokenizer.lowercase}")
        return tokenizer

    def _resolved(self, values: Mapping[str, Any]) -> tuple[Any, bool]:
        encoder = values["encoder"]
        if not isinstance(encoder, str) or encoder not in ENCODERS:
            raise ValueError(
                f"encoder={encoder!r} can't say what comes next: it must read forwards, "
                f"step by step; choose from: {', '.join(ENCODERS)}"
            )
        found = super()._resolved(values)
        _check_vectors(values)
        dropped = values["weight_dropout"]
        if encoder not in CELLS and dropped and not is_auto(dropped):
            raise ValueError(
                f"weight_dropout={dropped} drops recurrent weights, which "
                f"encoder={encoder!r} lacks; set weight_dropout=0, or 'auto'"
            )
        if values["mogrifier"] is not None and encoder != "lstm":
            raise ValueError(
                f"mogrifier={values['mogrifier']} is for an LSTM, and encoder={encoder!r} is none; "
                "leave one of the two out"
            )
        return found

    def _build(
        self,
        parameters: dict[str, Any],
        n_steps: int,
        n_texts: int,
        pretrained: LanguageModel | None,
        seed: int,
    ) -> None:
        """Decide on "auto" and build the network."""
        vectors = read_word_vectors(self.vectors, "a language model")
        if vectors is not None:
            parameters["embedding_dim"] = vectors.dim
        n_ids = len(self.vocabulary_)
        epochs = parameters["max_epochs"]
        facts = LanguageFacts(
            n_steps,
            n_ids,
            recurrent=parameters["encoder"] in CELLS,
            max_epochs=None if is_auto(epochs) else int(epochs),
        )
        chosen = decide(parameters, recipe(facts))
        # There are no more streams than tokens.
        chosen["batch_size"] = min(int(chosen["batch_size"]), n_steps)
        chosen["lowercase"] = self.tokenizer_.lowercase
        chosen["min_count"] = fewest_occurrences(self.min_count, self.tokenizer_, n_steps - n_texts)
        self.fitted_parameters_ = chosen
        check_width(chosen["representation"], n_ids)
        rare = cutoffs(n_ids) if chosen["softmax"] == "adaptive" else []
        self._build_network(
            int(chosen["truncated_bptt_steps"]),
            seed,
            n_tokens=n_ids,
            cutoffs=rare if pretrained is None else pretrained.architecture_["cutoffs"],
        )
        if pretrained is not None:
            take_over(self.network_, pretrained.network_)
        elif vectors is not None:
            start_from(self.network_, self.vocabulary_, vectors, self.freeze_vectors, seed)

    def rows(self, X: Any, y: None = None) -> NextTokens:
        """Return what the fitted network reads of texts, a row each, and what comes next there."""
        check_is_fitted(self, "network_")
        return text_rows(self.encoding_, read_tokens(self.encoding_, X))

    def rows_by_steps(self, X: Any, y: None = None) -> NextTokens:
        """Return what ``rows`` does, cut into pieces no longer than the windows of training."""
        return self.rows(X).pieces(self._window)

    def shuffled_rows(self, X: Any, y: None, rng: np.random.Generator) -> NextTokens:
        """Return what ``rows`` does, with the tokens of each window of a text in random order."""
        tokens = read_tokens(self.encoding_, X)
        codes = tokens.codes
        places = codes.shuffled_places(rng, within=codes.places() // self._window)
        shuffled = Tokens(Ragged(codes.values[places], codes.offsets), tokens.distinct)
        return text_rows(self.encoding_, shuffled)

    @property
    def _window(self) -> int:
        return min(int(self.fitted_parameters_["truncated_bptt_steps"]), LONGEST_LOOKED_AT)

    def _read(self, texts: Any) -> tuple[np.ndarray, int]:
        check_is_fitted(self, "network_")
        rows = self.rows(texts)
        with computing(self.network_, self.device, thread_count(self.n_threads)) as team:
            means = network_outputs(self.network_, rows, team)[:, 0]
        return -means * rows.lengths, rows.n_steps

    def _reader(self, adapt: bool, cache: int | None) -> Reader:
        check_is_fitted(self, "network_")
        check_flag("adapt", adapt)
        if cache is not None:
            cache = check_count("cache", cache)
        if not adapt and cache is None:
            return self._read
        reader = RunningReader(self.network_, adapt, cache)

        def read(texts: Any) -> tuple[np.ndarray, int]:
            rows = self.rows(texts)
            with ThreadTeam(1):
                return reader.log_probabilities(rows), rows.n_steps

        return read

    def generate(
        self,
        prompt: Any = "",
        max_new_tokens: int = 200,
        *,
        n_drafts: int | None = None,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        repetition_penalty: float = 1.0,
        no_repeat_ngram_size: int | None = None,
        stop: str | list[str] | None = None,
        random_state: Any = None,
        stream: Callable[[str], object] | None = None,
    ) -> Any:
        r"""Go on with a text, or with several, until their ends are drawn.

        Parameters
        ----------
        prompt : str or list of n str, default ""
            The text so far, of any length, all of which is read; without, a text begins. Words
            that the vocabulary lacks are read as ``<unk>``.
        max_new_tokens : int, default 200
            A text that is longer breaks off there, in the midst of a sentence or word.
        n_drafts : int, optional
            Texts to write to each prompt.
        temperature : float, default 1.0
            Under 1 likely tokens grow likelier; 0 takes the likeliest each time.
        top_k : int, optional
            Draw from the k likeliest tokens only.
        top_p : float, optional
            Draw only from the fewest tokens whose probabilities reach this sum.
        repetition_penalty : float, default 1.0
            What the log-probability of tokens that the prompt or the text has already is multiplied
            by: above 1 (CTRL takes 1.2) they are less likely.
        no_repeat_ngram_size : int, optional
            No run of so many tokens comes twice in prompt and text.
        stop : str or list of str, optional
            End before this, or one of these, is said, for example at ``"\n\n"``.
        random_state : int, RandomState, Generator or None
            Each draft is drawn by itself: the same one alone, among others or with more drafts, but
            for the rounding of scores. A prompt that is given twice is gone on with as by two
            drafts.
        stream : callable, optional
            Called with each piece of text as it is said; of one prompt and draft.

        Returns
        -------
        str, list of n str, or lists of ``n_drafts`` str
            What follows the prompt; of several prompts a list; with ``n_drafts`` a list for each
            prompt.

        References
        ----------
        ``repetition_penalty``: Keskar et al. (2019), "CTRL: A Conditional Transformer Language
        Model for Controllable Generation"; ``no_repeat_ngram_size``: Paulus et al. (2018), "A Deep
        Reinforced Model for Abstractive Summarization".
        """
        check_is_fitted(self, "network_")
        sampling = Sampling(temperature, top_k, top_p, repetition_penalty, no_repeat_ngram_size)
        n_new = check_count("max_new_tokens", max_new_tokens)
        each = 1 if n_drafts is None else check_count("n_drafts", n_drafts)
        prompts, stops = read_prompts(prompt), read_stops(stop)
        if stream is not None and len(prompts) * each != 1:
            raise ValueError(
                f"stream hands on one text as it is said, and there are {len(prompts) * each}; "
                "leave it out, or ask for one"
            )
        seed = seed_of(random_state)
        writer = Writer(self.network_, self.encoding_, sampling, seed, stops, n_new)
        with ThreadTeam(1):
            written: list[Any] = writer.write(prompts, each, stream)
        if n_drafts is None:
            written = [text for (text,) in written]
        return written[0] if isinstance(prompt, str) else written

    def objective(self) -> Objective:
        """Return what training minimises and validation scores."""
        return LIKELIHOOD

    def _own_to_json(self) -> dict[str, Any]:
        return {"encoding": self.encoding_.to_dict()}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = TextEncoding.from_dict(header["encoding"], code["tokenizer"])
        if header["network"]["n_tokens"] != len(self.vocabulary_):
            raise ModelFileError("the network and the vocabulary differ in their number of tokens")


def _check_vectors(value: Mapping[str, Any]) -> None:
    """Refuse word vectors where there are no words, or no embeddings that start anew."""
    if value["vectors"] is None:
        if value["freeze_vectors"]:
            raise ValueError("freeze_vectors=True has no vectors to freeze; pass some: vectors=...")
        return
    for name, excluded in (("representation", "onehot"), ("level", "char")):
        if value[name] == excluded:
            raise ValueError(
                f"vectors are embeddings of words, but {name}={excluded!r}; "
                "leave one of the two out"
            )
    if value["pretrained"] is not None:
        raise ValueError(
            "vectors are for embeddings that start anew, and pretrained brings its own; "
            "leave one of the two out"
        )
