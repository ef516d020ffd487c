"""Texts to what comes next: perplexity, the probability of a text, text of its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice
from typing import Any, Self

import numpy as np
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

from textseq.estimators.checks import check_count, seed_of
from textseq.estimators.embedding_table import read_vectors
from textseq.estimators.generation import Continuation, draw_token, read_stops, said_after
from textseq.estimators.language_building import (
    TAKEN,
    build_language_network,
    language_architecture,
    open_pretrained,
    start_from,
    take_over,
)
from textseq.estimators.language_defaults import LanguageFacts, resolve
from textseq.estimators.language_parameters import check_drawing, check_language_parameters
from textseq.estimators.language_texts import (
    EOS,
    extend_encoding,
    fewest_occurrences,
    learn_encoding,
    read_texts,
    split_texts,
    text_rows,
    validation_rows,
)
from textseq.estimators.receipt import data_fingerprint
from textseq.estimators.text_encoding import TextEncoding
from textseq.estimators.text_parameters import check_width
from textseq.estimators.trained_estimator import TrainedEstimator
from textseq.files import ModelFileError
from textseq.nn.cells import CELLS
from textseq.nn.language import LanguageNetwork
from textseq.streams import NextTokens, in_order
from textseq.text.tokenizer import Tokenizer
from textseq.text.vocabulary import PAD_ID, UNKNOWN_ID, Vocabulary
from textseq.training.devices import computing
from textseq.training.objectives import LIKELIHOOD, Objective
from textseq.training.outputs import network_outputs
from textseq.training.threads import ThreadTeam


class LanguageModel(TrainedEstimator):
    """Say what comes next in a text: characters, words or pieces of words.

    The training texts are laid end to end, ``<eos>`` behind each, and read as ``batch_size``
    streams side by side. The state is carried from window to window; the gradient flows back
    through one window (truncated backpropagation through time).

    A parameter of ``"auto"`` is decided from the texts at ``fit``; ``fitted_parameters_`` tells
    what was decided.

    Parameters
    ----------
    level : {"word", "char", "bpe"}, Tokenizer or callable, default "word"
        What a token is. "char" and "bpe" give any text back to the letter; words lose white
        space, and rare ones are ``<unk>``. A callable takes one text and returns its list of
        tokens: ``str.split`` reads texts that are cut already, as WikiText and the Penn
        Treebank are, whose ``<unk>`` is ours.
    lowercase : bool or "auto"
        "auto" lowers words and leaves characters and pieces as they are.
    min_count : int or "auto"
        Tokens that occur less often are ``<unk>``. "auto" is 2 for words, unless there are
        few, and else 1.
    max_features : int or None, default 30_000
        Most tokens in the vocabulary.
    representation : {"embedding", "onehot"}, default "embedding"
    vectors, freeze_vectors
        Word vectors that the embeddings start from, and whether they stay as they are, as in
        ``TextClassifier``; words that only the vectors know are left out.
    embedding_dim : int or "auto"
    encoder : {"lstm", "gru", "rnn", "janet", "tcn"}, default "lstm"
    hidden_size, num_layers : int or "auto"
    connections, normalization, activation, init, init_gain
        Of the encoder, as in ``TextClassifier``.
    softmax : {"auto", "full", "adaptive"}
        "adaptive" spends less on rare tokens; "auto" takes it for large vocabularies.
    tie_weights : bool or "auto"
        Whether the embeddings are the softmax's weights, too; where ``hidden_size`` is not
        ``embedding_dim``, a projection stands between. "auto" ties words.
    embedding_dropout, input_dropout, hidden_dropout, dropout : float or "auto"
        Share of the vocabulary that is not read in a window; of the embeddings' values, of
        what is handed from layer to layer, and of what the softmax reads, dropped alike at
        all steps of a window.
    weight_dropout : float or "auto"
        Of the recurrent matrices.
    optimizer : {"adamw", "adam", "sgd"}, default "adamw"
    learning_rate : float or "auto"
        The schedule's highest.
    momentum : float, default 0.9
        Of "sgd".
    weight_decay : float or "auto"
    schedule : {"one_cycle", "linear", "cosine", "plateau", "constant"} or "auto"
    max_epochs : int or "auto"
    batch_size : int or "auto"
        Streams side by side.
    patience : int, None or "auto"
        Epochs without a better validation loss before training stops.
    clip_grad_norm, clip_grad_value : float or None, default 1.0 and None
    truncated_bptt_steps : int or "auto"
        Tokens of a window.
    validation_fraction : float, default 0.1
        Last share of the texts, by characters, that chooses the best epoch.
    pretrained : LanguageModel, path or None, default None
        Go on from a fitted model: its tokens, sizes and weights; words that are new to it
        start as the mean of the others.
    device, n_threads, random_state, verbose
        As in ``TextClassifier``.

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
    encoding_: TextEncoding

    def __init__(
        self,
        level: str | Tokenizer | Callable[[str], list[str]] = "word",
        *,
        lowercase: bool | str = "auto",
        min_count: int | str = "auto",
        max_features: int | None = 30_000,
        representation: str = "embedding",
        vectors: Any = None,
        freeze_vectors: bool = False,
        embedding_dim: int | str = "auto",
        encoder: str = "lstm",
        hidden_size: int | str = "auto",
        num_layers: int | str = "auto",
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        init: str = "default",
        init_gain: float = 1.0,
        softmax: str = "auto",
        tie_weights: bool | str = "auto",
        embedding_dropout: float | str = "auto",
        input_dropout: float | str = "auto",
        hidden_dropout: float | str = "auto",
        dropout: float | str = "auto",
        weight_dropout: float | str = "auto",
        optimizer: str = "adamw",
        learning_rate: float | str = "auto",
        momentum: float = 0.9,
        weight_decay: float | str = "auto",
        schedule: str = "auto",
        max_epochs: int | str = "auto",
        batch_size: int | str = "auto",
        patience: int | str | None = "auto",
        clip_grad_norm: float | None = 1.0,
        clip_grad_value: float | None = None,
        truncated_bptt_steps: int | str = "auto",
        validation_fraction: float = 0.1,
        pretrained: Any = None,
        device: str = "auto",
        n_threads: int | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.level = level
        self.lowercase = lowercase
        self.min_count = min_count
        self.max_features = max_features
        self.representation = representation
        self.vectors = vectors
        self.freeze_vectors = freeze_vectors
        self.embedding_dim = embedding_dim
        self.encoder = encoder
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.connections = connections
        self.normalization = normalization
        self.activation = activation
        self.init = init
        self.init_gain = init_gain
        self.softmax = softmax
        self.tie_weights = tie_weights
        self.embedding_dropout = embedding_dropout
        self.input_dropout = input_dropout
        self.hidden_dropout = hidden_dropout
        self.dropout = dropout
        self.weight_dropout = weight_dropout
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
        self.pretrained = pretrained
        self.device = device
        self.n_threads = n_threads
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, texts: Any, validation_data: Any = None) -> Self:
        """Learn from texts.

        Parameters
        ----------
        texts : list, Series or array of str
            A book may be one text.
        validation_data : list, Series or array of str, optional
            Chooses the best epoch, instead of ``validation_fraction`` of the texts.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            If texts or parameters are not usable; the message says what to do.
        """
        check_language_parameters(self.get_params(deep=False))
        pretrained = open_pretrained(self.pretrained)
        everything = read_texts(texts)
        fraction = 0.0 if validation_data is not None else float(self.validation_fraction)
        training, held_out = split_texts(everything, fraction)
        if validation_data is not None:
            held_out = read_texts(validation_data)
        words = self.min_count, self.max_features
        if pretrained is None:
            self.encoding_ = learn_encoding(training, self.level, self.lowercase, *words)
        else:
            self.encoding_ = extend_encoding(pretrained.encoding_, training, *words)
        rows = text_rows(self.encoding_, training)
        seed = seed_of(self.random_state)
        self._prepare(rows, pretrained, seed)
        chosen = self.fitted_parameters_
        streams = NextTokens.side_by_side(rows.ids, chosen["batch_size"])
        windows = streams.windows(int(chosen["truncated_bptt_steps"]))
        validation = None if held_out is None else validation_rows(self.encoding_, held_out)
        self._train(windows, validation, seed, plan=in_order)
        self.receipt_ |= {
            "rows": len(training),
            "validation_rows": 0 if held_out is None else len(held_out),
            "tokens": rows.n_steps,
            "validation_tokens": 0 if validation is None else validation.n_steps,
            "data_sha256": data_fingerprint((everything,), np.empty(0)),
        }
        return self

    def _prepare(self, rows: NextTokens, pretrained: LanguageModel | None, seed: int) -> None:
        """Decide on "auto" and build the network."""
        parameters = self.get_params(deep=False)
        vectors = read_vectors(self.vectors)
        if pretrained is not None:
            parameters |= {name: pretrained.fitted_parameters_[name] for name in TAKEN}
        elif vectors is not None:
            parameters["embedding_dim"] = vectors.dim
        recurrent = parameters["encoder"] in CELLS
        facts = LanguageFacts(rows.n_steps, len(self.vocabulary_), recurrent)
        chosen = resolve(parameters, facts)
        # There are no more streams than tokens.
        chosen["batch_size"] = min(int(chosen["batch_size"]), rows.n_steps)
        chosen["lowercase"] = self.tokenizer_.lowercase
        chosen["min_count"] = fewest_occurrences(
            self.min_count, self.tokenizer_, rows.n_steps - len(rows)
        )
        self.fitted_parameters_ = chosen
        check_width(chosen["representation"], len(self.vocabulary_))
        self.architecture_ = language_architecture(chosen, len(self.vocabulary_), pretrained)
        longest = int(chosen["truncated_bptt_steps"])
        self.network_ = build_language_network(
            self.architecture_, self.init, float(self.init_gain), longest, seed
        )
        if pretrained is not None:
            take_over(self.network_, pretrained.network_)
        elif vectors is not None:
            start_from(self.network_, self.vocabulary_, vectors, self.freeze_vectors, seed)

    def score_samples(self, texts: Any) -> np.ndarray:
        """Return the log-probability of each text, the end included.

        Parameters
        ----------
        texts : list, Series or array of n str

        Returns
        -------
        ndarray of shape (n,)
            In nats. A word that the vocabulary lacks counts as ``<unk>``, whichever it is.
        """
        return self._read(texts)[0]

    def perplexity(self, texts: Any) -> float:
        """Return exp of the mean -log p of a token, in nats, the texts' ends included.

        Comparable between models of the same tokens and vocabulary only.

        Examples
        --------
        >>> model = LanguageModel("char", encoder="gru", hidden_size=8, max_epochs=1,
        ...                       random_state=0).fit(["abc" * 9])
        >>> model.perplexity(["abcab"]) < len(model.vocabulary_)
        True
        """
        scores, n_tokens = self._read(texts)
        return math.exp(-float(scores.sum()) / n_tokens)

    def bits_per_character(self, texts: Any) -> float:
        """Return -log2 p of all texts, over their number of characters.

        Comparable between characters, words and pieces, where words are all known.
        """
        n_characters = int(read_texts(texts, lone=True).str.len_chars().sum())
        if not n_characters:
            raise ValueError("the texts hold no characters; pass one that does")
        return -float(self._read(texts)[0].sum()) / math.log(2) / n_characters

    def _read(self, texts: Any) -> tuple[np.ndarray, int]:
        check_is_fitted(self, "network_")
        rows = text_rows(self.encoding_, read_texts(texts, lone=True))
        with computing(self.network_, self.device, self._threads()) as team:
            means = network_outputs(self.network_, rows, team)[:, 0]
        return -means * rows.lengths, rows.n_steps

    def generate(
        self,
        prompt: str = "",
        max_new_tokens: int = 200,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        stop: str | list[str] | None = None,
        random_state: Any = None,
        stream: Callable[[str], object] | None = None,
    ) -> str:
        r"""Go on with a text until its end is drawn.

        Parameters
        ----------
        prompt : str, default ""
            The text so far, of any length; without, a text begins.
        max_new_tokens : int, default 200
        temperature : float, default 1.0
            Under 1 likely tokens grow likelier; 0 takes the likeliest each time.
        top_k : int, optional
            Draw from the k likeliest tokens only.
        top_p : float, optional
            Draw only from the fewest tokens whose probabilities reach this sum.
        stop : str or list of str, optional
            End before this, or one of these, is said, for example at ``"\n\n"``.
        random_state : int, RandomState, Generator or None
        stream : callable, optional
            Called with each piece of text as it is said.

        Returns
        -------
        str
            What follows the prompt.
        """
        check_is_fitted(self, "network_")
        check_drawing(temperature, top_k, top_p)
        if not isinstance(prompt, str):
            raise ValueError(f"prompt must be a string, got {type(prompt).__name__}")
        n_new = check_count("max_new_tokens", max_new_tokens)
        rng = np.random.default_rng(seed_of(random_state))
        before = self.tokenizer_.tokenize([prompt])
        end = self.vocabulary_.mark_id(EOS)
        read = np.concatenate([[end], self.encoding_.token_ids(before).values])

        def draw(scores: np.ndarray) -> int:
            return draw_token(scores, rng, temperature=temperature, top_k=top_k, top_p=top_p)

        said = Continuation(self.tokenizer_, prompt, before.to_lists()[0], read_stops(stop), stream)
        with ThreadTeam(1):
            ids = said_after(self.network_, read, (PAD_ID, UNKNOWN_ID), draw)
            for number in islice(ids, n_new):
                if number == end or said.add(self.vocabulary_.tokens[number]):
                    break
        return said.close()

    @property
    def vocabulary_(self) -> Vocabulary:
        """The training texts' vocabulary; ``<eos>``, which ends every text, is id 2."""
        return self.encoding_.vocabulary

    @property
    def tokenizer_(self) -> Tokenizer:
        """The fitted tokenizer."""
        return self.encoding_.tokenizer

    @property
    def n_parameters_(self) -> int:
        """Number of weights."""
        return sum(weight.numel() for weight in self.network_.parameters())

    def _objective(self) -> Objective:
        return LIKELIHOOD

    def _own_to_json(self) -> dict[str, Any]:
        return {"encoding": self.encoding_.to_dict()}

    def _own_from_file(
        self, header: dict[str, Any], arrays: dict[str, np.ndarray], code: dict[str, Any]
    ) -> None:
        self.encoding_ = TextEncoding.from_dict(header["encoding"], code["tokenizer"])
        if header["network"]["n_tokens"] != len(self.vocabulary_):
            raise ModelFileError("the network and the vocabulary differ in their number of tokens")

    def __sklearn_clone__(self) -> LanguageModel:
        """Copy the parameters; a fitted model among them stays fitted."""
        given = self.get_params(deep=False)
        copied = {name: clone(item, safe=False) for name, item in given.items()}
        return type(self)(**copied | {"pretrained": self.pretrained})
