"""Sequences to sequences of another length: translation, transcription, captions."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from textseq.batches import SequenceData
from textseq.estimators.attention_map import AttentionMap
from textseq.estimators.checks import check_count
from textseq.estimators.seq2seq_encoding import read_source
from textseq.estimators.seq2seq_estimator import Seq2SeqEstimator
from textseq.estimators.seq2seq_scores import CorpusScore, corpus_score
from textseq.nn.encoder_decoder import Seq2SeqNetwork
from textseq.nn.token_decoder import END
from textseq.nn.trainable import Inputs
from textseq.ragged import Ragged
from textseq.text.inputs import one_or_more
from textseq.training.devices import computing, device_of
from textseq.training.outputs import as_tensors, network_outputs


class Seq2Seq(Seq2SeqEstimator):
    """Turn sequences into sequences of another length, token by token until ``<eos>``.

    An encoder reads the source, a recurrent decoder says the target, each token after those
    before it and after what its attention reads of the source. A parameter of ``"auto"`` is
    decided from the data at ``fit``; ``fitted_parameters_`` tells what was decided.

    Parameters
    ----------
    source : {"text", "series", "vector"}, default "text"
        What is read: texts (strings, or lists of tokens); series of numbers, as
        ``SeriesClassifier`` takes them, channels before time; or one vector a row.
    tokenizer : {"word", "char", "bpe"}, Tokenizer or callable, default "word"
    target_tokenizer : likewise, or None
        None is as ``tokenizer``, or "word" where sources are no texts.
    lowercase : bool, default True
        Turn texts to lower case first, on both sides.
    min_df, max_features : default 1 and 30_000
        Of each side's vocabulary, as in ``TextClassifier``.
    max_length : int or None, default None
        Tokens read of each source and learned of each target.
    encoder : str or nn.Module subclass, default "bilstm"
        As in ``TextClassifier``; "mean" and "max" go without attention. A vector needs none.
    bidirectional, normalization, truncated_bptt_steps
        Of the encoder.
    hidden_size, num_layers, connections, activation, init, init_gain
        Of encoder and decoder. A decoder has one layer beside an encoder that is not recurrent.
    pooling : {"last", "mean", "max", "attention"}, default "last"
        How the source's states become the vector that the decoder starts from.
    decoder : {"rnn", "lstm", "gru", "janet"} or "auto"
        "auto" is the encoder's cell where it has one, else "lstm".
    attention : {"additive", "dot"}, None or "auto"
        "auto" is "additive", and None where there is nothing to attend to.
    embedding_dim : int, default 256
        Width of the token vectors of both sides.
    tie_weights : bool, default True
        Whether target vectors are also the output layer's weights.
    embedding_dropout, dropout : float or "auto"
        On token vectors; between layers and before the output layer.
    teacher_forcing : float, default 1.0
        How often, in training, each step reads the true token before it rather than its own
        answer. Below 1 training goes step by step, which is slower.
    label_smoothing : float, default 0.1
        Share of each true token's probability that training deals to all tokens.
    beam_size : int, default 5
        Beginnings that ``predict`` follows at once; 1 is greedy, and five times as fast.
    length_penalty : float, default 0.6
        How much longer outputs are preferred among several beams; 0 is not at all.
    optimizer, learning_rate, momentum, weight_decay, schedule, max_epochs, batch_size
        Training, as in ``TextClassifier``.
    patience, clip_grad_norm, clip_grad_value, device, n_threads, random_state, verbose
        Likewise.
    validation_fraction : float, default 0.1
        Share of the sources that choose the best epoch, with all their targets.

    Attributes
    ----------
    tokenizer_, target_tokenizer_ : Tokenizer
    vocabulary_, target_vocabulary_ : Vocabulary
    fitted_parameters_, history_, receipt_, interrupted_
        As in ``TextClassifier``. The history's loss is smoothed, its validation loss is not.

    References
    ----------
    Sutskever, Vinyals & Le (2014), "Sequence to Sequence Learning with Neural Networks";
    Bahdanau, Cho & Bengio (2015), "Neural Machine Translation by Jointly Learning to Align and
    Translate"; Luong, Pham & Manning (2015), "Effective Approaches to Attention-based Neural
    Machine Translation"; the length penalty: Wu et al. (2016), "Google's Neural Machine
    Translation System", equation 14.

    Examples
    --------
    >>> numbers = ["1", "2", "1 2", "2 1"] * 8
    >>> words = ["one", "two", "one two", "two one"] * 8
    >>> model = Seq2Seq(hidden_size=32, max_epochs=40, random_state=0).fit(numbers, words)
    >>> model.predict(["2 1", "1"])
    ['two one', 'one']
    """

    def __init__(
        self,
        source: str = "text",
        *,
        tokenizer: Any = "word",
        target_tokenizer: Any = None,
        lowercase: bool = True,
        min_df: int | float = 1,
        max_features: int | None = 30_000,
        max_length: int | None = None,
        encoder: str | type[nn.Module] = "bilstm",
        bidirectional: bool = False,
        hidden_size: int = 256,
        num_layers: int | str = "auto",
        connections: str = "plain",
        normalization: str | None = None,
        activation: str = "tanh",
        init: str = "default",
        init_gain: float = 1.0,
        pooling: str = "last",
        decoder: str = "auto",
        attention: str | None = "auto",
        embedding_dim: int = 256,
        tie_weights: bool = True,
        embedding_dropout: float | str = "auto",
        dropout: float | str = "auto",
        teacher_forcing: float = 1.0,
        label_smoothing: float = 0.1,
        beam_size: int = 5,
        length_penalty: float = 0.6,
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
        self.source = source
        self.tokenizer = tokenizer
        self.target_tokenizer = target_tokenizer
        self.lowercase = lowercase
        self.min_df = min_df
        self.max_features = max_features
        self.max_length = max_length
        self.encoder = encoder
        self.bidirectional = bidirectional
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.connections = connections
        self.normalization = normalization
        self.activation = activation
        self.init = init
        self.init_gain = init_gain
        self.pooling = pooling
        self.decoder = decoder
        self.attention = attention
        self.embedding_dim = embedding_dim
        self.tie_weights = tie_weights
        self.embedding_dropout = embedding_dropout
        self.dropout = dropout
        self.teacher_forcing = teacher_forcing
        self.label_smoothing = label_smoothing
        self.beam_size = beam_size
        self.length_penalty = length_penalty
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

    def predict(self, src: Any, beam_size: int | None = None) -> list[Any]:
        """Say the target of each source, none longer than the longest training target.

        A source without tokens, such as a blank line, has an empty target.

        Parameters
        ----------
        src : as ``fit`` takes them
        beam_size : int, optional
            Instead of the estimator's.

        Returns
        -------
        list of n str, or of n lists of str where targets were lists
        """
        return self.encoding_.said(self._ids(src, beam_size))

    def _ids(self, src: Any, beam_size: int | None) -> np.ndarray:
        """Return the ids (n, longest) of the targets, padded with the end's."""
        check_is_fitted(self, "network_")
        beams = check_count("beam_size", self.beam_size if beam_size is None else beam_size)
        data = self.encoding_.data(read_source(self.source, one_or_more(src)))

        def say(network: Seq2SeqNetwork, fields: Inputs) -> Tensor:
            return network.generate(
                fields[0],
                beam_size=beams,
                longest=self.encoding_.longest,
                length_penalty=float(self.length_penalty),
            )[0]

        with computing(self.network_, self.device, self._threads()) as team:
            ids = network_outputs(self.network_, data, team, say)
        # Documents have blank lines, and so has what is said of them.
        ids[data.lengths == 0] = END
        return ids

    def score_samples(self, src: Any, tgt: Any) -> np.ndarray:
        """Return the log-probability (n,) of each target given its source, in nats.

        Its ``<eos>`` is included; a token that is not in the vocabulary counts as ``<unk>``.
        """
        check_is_fitted(self, "network_")
        data = self.encoding_.data(*self._read(one_or_more(src), one_or_more(tgt)))
        with computing(self.network_, self.device, self._threads()) as team:
            means = network_outputs(self.network_, data, team)[:, 0]
        return -means.astype(np.float64) * data.fields[1].lengths

    def score(self, src: Any, tgt: Any) -> float:
        """Return the BLEU of the predictions, from 0 to 100; ``bleu`` tells the parameters."""
        return self.bleu(src, tgt).score

    def bleu(self, src: Any, tgt: Any, beam_size: int | None = None) -> CorpusScore:
        """Return the BLEU of the predictions, with sacrebleu's signature.

        Case counts for nothing where targets were turned to lower case, and the signature says
        so.

        Parameters
        ----------
        src : as ``fit`` takes them
        tgt : list of n targets
            Or of n lists of strings: several references for a source.
        beam_size : int, optional
            As in ``predict``.

        Returns
        -------
        CorpusScore
            ``score`` from 0 to 100, ``signature``, and ``text``, all in one line.
        """
        return self._corpus_score("bleu", src, tgt, beam_size)

    def chrf(self, src: Any, tgt: Any, beam_size: int | None = None) -> CorpusScore:
        """Return the chrF of the predictions, from 0 to 100; ``bleu`` tells the parameters."""
        return self._corpus_score("chrf", src, tgt, beam_size)

    def _corpus_score(self, metric: str, src: Any, tgt: Any, beam_size: int | None) -> CorpusScore:
        said, references = self.predict(src, beam_size), list(one_or_more(tgt))
        if len(said) != len(references):
            raise ValueError(f"src has {len(said)} rows but tgt has {len(references)}")
        symbols = self.encoding_.symbols
        lowercase = not symbols and self.target_tokenizer_.lowercase
        return corpus_score(metric, said, references, lowercase=lowercase)

    def attention_map(self, src: Any) -> AttentionMap:
        """Return what the decoder attends to while it says the target of one source.

        Parameters
        ----------
        src : one source, as an element of those that ``fit`` takes

        Returns
        -------
        AttentionMap
            ``weights`` (output tokens, source steps), ``source``, ``output`` and ``plot()``.

        Raises
        ------
        ValueError
            If the model has no attention.
        """
        check_is_fitted(self, "network_")
        if self.network_.decoder.attention is None:
            raise ValueError(
                f"the model has no attention (attention={self.attention!r}, "
                f"encoder={self.encoder!r}); fit one with attention='additive' or 'dot'"
            )
        ids = self._ids([src], None)[0]
        source = read_source(self.source, [src])
        target = Ragged.from_rows([[*ids[ids != END], END]])
        data = SequenceData((*self.encoding_.data(source).fields, target))
        with computing(self.network_, self.device, 1), torch.inference_mode():
            _, weights = self.network_.reread(*as_tensors(data, device_of(self.network_)))
        names = self.encoding_.step_names(source)
        output = self.target_vocabulary_.decode(target.values)
        return AttentionMap(weights[0, :, : len(names)].cpu().numpy(), names, output)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.random_state is None
        tags.input_tags.two_d_array = self.source == "vector"
        tags.input_tags.three_d_array = self.source == "series"
        tags.input_tags.string = self.source == "text"
        return tags
