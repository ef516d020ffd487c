"""The answering network: where in a passage the answer to a question stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from textseq.nn.dropout import Dropout
from textseq.nn.heads import compare_vectors
from textseq.nn.max_pooling import max_over_time
from textseq.nn.network import SequenceNetwork, pad
from textseq.nn.trainable import Inputs

# Heads of the attention between sentences: half of them look back, half look ahead.
N_HEADS = 4
# How likely a sentence is taken for the one that is looked for, at first: 1 / (1 + e).
FIRST_MATCH = -1.0
# Factor on the first queries and keys, which are the same: sentences that say like things fit.
FIRST_SCALE = 2.0


@dataclass(frozen=True, eq=False)
class Reading:
    """What the network makes of a batch of questions and passages.

    Parameters
    ----------
    starts, ends : Tensor of shape (B, T)
        How well each token of the passage begins, and ends, an answer.
    words : Tensor of shape (B, T, Q)
        Weight of each word of the question for each token of the passage; every row adds up to 1.
    passes : list of Tensor of shape (B, S)
        Weight of each sentence for the question in each pass; they add up to 1 at most.
    sentences : Tensor of shape (B, T)
        Number of the sentence that each token stands in.
    """

    starts: Tensor
    ends: Tensor
    words: Tensor
    passes: list[Tensor]
    sentences: Tensor


class SentencePass(nn.Module):
    """Let sentences, and the question behind them, each look for a sentence that it needs.

    A head goes from sentence to sentence, away from the one that looks: at each it stops with
    the probability that this is the one, by what both and the question say. So of several that fit
    the nearest counts, however far it is, and where none fits nothing is found. Half of the heads
    look back, half ahead; the question looks back from the end, and ahead from the beginning.

    Parameters
    ----------
    size : int
        Width W of sentences' and questions' vectors.

    References
    ----------
    Csordás, Irie & Schmidhuber (2022), "The Neural Data Router: Adaptive Control Flow in
    Transformers Improves Systematic Generalization", section 3.2.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.own, self.found = nn.LayerNorm(size), nn.LayerNorm(size)
        # Queries and keys, of the sentence and of the question that is asked.
        self.compare = nn.Linear(size, 2 * size)
        with torch.no_grad():
            self.compare.weight[size:] = self.compare.weight[:size]
            self.compare.weight.mul_(FIRST_SCALE)
        self.compare_question = nn.Linear(size, 2 * size, bias=False)
        self.match = nn.Parameter(torch.full((N_HEADS,), FIRST_MATCH))
        self.values, self.together = nn.Linear(size, size), nn.Linear(size, size)
        self.hidden = nn.Linear(2 * size, 2 * size)
        self.hidden_question = nn.Linear(size, 2 * size, bias=False)
        self.output = nn.Linear(2 * size, size)

    def forward(self, x: Tensor, question: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """Return the vectors (B, S + 1, W) that are there then, and who was found by whom.

        Parameters
        ----------
        x : Tensor of shape (B, S + 1, W)
            Of the sentences, and of the question behind them.
        question : Tensor of shape (B, W)
            As it was asked.
        seen : Tensor of shape (B, 2, S + 1, S + 1), bool
            Whether each sentence, in the last dimension, lies behind each other, and before it.

        Returns
        -------
        x : Tensor of shape (B, S + 1, W)
        weights : Tensor of shape (B, heads, S + 1, S + 1)
        """
        n_rows, n_places, size = x.shape
        read = self.own(x)
        both = self.compare(read) + self.compare_question(question)[:, None]
        # (B, S + 1, 2 W) -> two of (B, heads, S + 1, W / heads)
        queries, keys = both.view(n_rows, n_places, 2, N_HEADS, -1).permute(2, 0, 3, 1, 4)
        values = self.values(read).view(n_rows, n_places, N_HEADS, -1).transpose(1, 2)
        scores = queries @ keys.transpose(2, 3) / (size / N_HEADS) ** 0.5
        weights = nearest(scores + self.match[:, None, None], seen)
        found = (weights @ values).transpose(1, 2).reshape(n_rows, n_places, size)
        found = self.together(found)
        x = x + found
        hidden = self.hidden(torch.cat([self.found(x), found], 2))
        hidden = (hidden + self.hidden_question(question)[:, None]).relu()
        return x + self.output(hidden), weights


def nearest(scores: Tensor, seen: Tensor) -> Tensor:
    """Return how likely each place is the nearest that fits.

    Parameters
    ----------
    scores : Tensor of shape (B, heads, N, N)
        Log odds that a place, in the last dimension, fits.
    seen : Tensor of shape (B, 2, N, N), bool
        Which places are there for the first half of the heads, which goes from the last of them to
        the first, and for the second half, which goes from the first to the last.

    Returns
    -------
    Tensor of shape (B, heads, N, N)

    Examples
    --------
    >>> scores = torch.tensor([9.0, -9.0, 9.0, -9.0]).expand(1, 2, 4, 4)
    >>> nearest(scores, torch.ones(1, 2, 4, 4, dtype=torch.bool))[0, :, 0].round().tolist()
    [[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0]]
    """
    seen = seen.repeat_interleave(scores.shape[1] // 2, 1)
    passed = functional.softplus(scores).masked_fill(~seen, 0.0)
    back, ahead = passed.chunk(2, 1)
    # log p(fits here) + the sum of log p(does not fit) over the places before it.
    until = torch.cat([back.flip(3).cumsum(3).flip(3), ahead.cumsum(3)], 1)
    return (scores - until).masked_fill(~seen, -torch.inf).exp()


class AnsweringNetwork(SequenceNetwork):
    """Questions and passages to where an answer starts and ends.

    Sentences are read one by one, by the encoder that reads the question. What they say, beside
    what of the question their words attend to, is read again in passes from sentence to sentence,
    since an answer may follow from several; in the end the question, and each sentence, tell what
    words would begin and end an answer.

    Parameters
    ----------
    n_passes : int
        Times that sentences read each other.
    max_answer_length : int
        Tokens of the longest answer.
    **options
        Of ``SequenceNetwork``.

    References
    ----------
    Attention of the passage's words to the question's: Seo et al. (2017), "Bidirectional
    Attention Flow for Machine Comprehension", equation 1 and section 2.4, in the bilinear form of
    Chen, Bolton & Manning (2016), "A Thorough Examination of the CNN/Daily Mail Reading
    Comprehension Task"; passes over sentences given the question: Xiong, Merity & Socher (2016),
    "Dynamic Memory Networks for Visual and Textual Question Answering".

    Examples
    --------
    >>> network = AnsweringNetwork(n_tokens=9, embedding_dim=4, hidden_size=4, n_passes=1,
    ...                            max_answer_length=2).eval()
    >>> question = torch.tensor([2, 7]), torch.tensor([0, 2])
    >>> passage = (torch.tensor([3, 7, 4, 5, 4]), torch.tensor([0, 3, 5]),  # two sentences, ...
    ...            torch.tensor([0, 1]), torch.tensor([0, 2]),  # ... both of one passage
    ...            torch.tensor([0.0, 1.0, 0.0, 0.0, 0.0]))
    >>> round(network.log_probabilities([question, passage]).exp().sum().item(), 6)
    1.0
    """

    def __init__(self, *, n_passes: int = 3, max_answer_length: int = 1, **options: Any) -> None:
        # The head reads a sentence beside the question, and says for both ends of an answer what
        # a word there is like, and how likely the sentence has one.
        super().__init__(n_outputs=0, n_fields=2, **options)
        width = self.encoder.out_dim
        assert isinstance(width, int)
        if width % N_HEADS:
            raise ValueError(f"states must be a multiple of {N_HEADS} wide, got {width}")
        self.head.output = nn.Linear(self.head.output.in_features, 2 * width + 2)
        self.head.initialize()
        self.max_answer_length = max_answer_length
        self.attend = nn.Linear(width, width, bias=False)
        self.ask = nn.Linear(width, width)
        self.tell = nn.Linear(3 * width + 1, width)
        self.passes = nn.ModuleList(SentencePass(width) for _ in range(n_passes))
        self.last = nn.LayerNorm(width)
        # What a match with the question, and the length of an answer, say of it.
        self.matched = nn.Parameter(torch.zeros(2))
        self.length = nn.Parameter(torch.zeros(max_answer_length))
        self.state_dropout = Dropout(self.head.dropout.p)

    def initialized_layers(self) -> list[nn.Module]:
        """Return the layers whose first values the caller may choose."""
        return [self.encoder]

    def forward(self, fields: Inputs, table: Tensor | None = None) -> Tensor:
        """Say how well the network answers questions whose answers are known.

        Parameters
        ----------
        fields : list of question and passage
            Of the question ids (n_ids,), end to end, and offsets (B + 1,). Of the passage the ids
            of F distinct sentences and their offsets (F + 1,); which of these the sentences of
            each passage are (n_sentences,), and the offsets (B + 1,) of passages among them; 1 for
            each of the passages' tokens (n_tokens,) that stands in the question, else 0; and, of
            the spans that are right, start and end token (n_spans, 2) within their passage, the
            end included, and offsets (B + 1,).
        table : Tensor of shape (U, D), optional
            As ``SequenceNetwork`` takes it.

        Returns
        -------
        Tensor of shape (B, 1) while training, else (B, 2)
            -log of the summed probability of the right spans; and whether the best one is right.

        References
        ----------
        The sum: Clark & Gardner (2018), "Simple and Effective Multi-Paragraph Reading
        Comprehension", section 3.2.
        """
        question, (*passage, spans, offsets) = fields
        log_p = self.log_probabilities([question, tuple(passage)], table)
        truth = self._places(spans, offsets, log_p.shape)
        right = log_p.masked_fill(~truth, -torch.inf).flatten(1)
        losses = -right.logsumexp(1)
        if self.training:
            return losses[:, None].float()
        best = log_p.flatten(1).argmax(1, keepdim=True)
        hits = truth.flatten(1).gather(1, best)[:, 0]
        return torch.stack([losses, hits.to(losses)], 1).float()

    def log_probabilities(self, fields: Inputs, table: Tensor | None = None) -> Tensor:
        """Return the logarithms (B, T, L), float64, of the probabilities of all spans.

        Of a span by its start token and its length less one; -inf where there is none.
        """
        reading = self.read_fields(fields, table)
        scores = self._span_scores(reading)
        return scores.double().flatten(1).log_softmax(1).view_as(scores)

    def read_fields(self, fields: Inputs, table: Tensor | None = None) -> Reading:
        """Read questions and passages, as ``forward`` takes them but for the spans."""
        (asked, asked_offsets), (ids, sentence_offsets, codes, offsets, matched) = fields
        # The question's states (B, Q, W), and those of the distinct sentences' words (F, M, W).
        asked_states, n_asked = self.step_states(asked, asked_offsets, table)
        real_asked = _real(asked_states, n_asked)
        asked_states = self.state_dropout(asked_states.masked_fill(~real_asked[:, :, None], 0.0))
        states, n_words = self.step_states(ids, sentence_offsets, table)
        states = self.state_dropout(states)
        question = self.ask(max_over_time(asked_states, n_asked))
        said = max_over_time(states, n_words)
        # Where each token of the passages stands among the sentences' words, end to end.
        index, sentences, lengths = _tokens_of(n_words, codes, offsets)
        flat = states[_real(states, n_words)]  # (n_ids, W)
        words = functional.embedding(index, flat)  # (B, T, W)
        scores = functional.embedding(index, self.attend(flat)) @ asked_states.transpose(1, 2)
        weights = scores.masked_fill(~real_asked[:, None], -torch.inf).softmax(2)  # (B, T, Q)
        weights = weights.masked_fill(n_asked[:, None, None] == 0, 0.0)
        real = _real(words, lengths)
        match = words.new_zeros(real.shape)
        match[real] = matched.to(words.dtype)
        met = torch.cat([words * (weights @ asked_states), match[:, :, None]], 2)
        # Sentences of the passages (B, S, ...), of which the words (B, T) of each are added up.
        padded, n_sentences = pad(codes, offsets)
        own = functional.one_hot(sentences, padded.shape[1]).to(words.dtype) * real[:, :, None]
        counts = n_words[padded].clamp(min=1).to(words.dtype)[:, :, None]
        shared = own.transpose(1, 2) @ met / counts
        whole = functional.embedding(padded, said)
        x = self.tell(torch.cat([whole, whole * question[:, None], shared], 2))
        x = torch.cat(
            [x.masked_fill(~_real(x, n_sentences)[:, :, None], 0.0), question[:, None]], 1
        )
        seen, passes = _seen(n_sentences, padded.shape[1]), []
        for layer in self.passes:
            x, found = layer(x, question, seen)
            passes.append(found[:, :, -1, :-1].mean(1))
        sides = self._sides_of(self.last(x), words, own) + self.matched * match[:, :, None]
        starts, ends = sides.masked_fill(~real[:, :, None], -torch.inf).unbind(2)
        return Reading(starts, ends, weights, passes, sentences)

    def _sides_of(self, x: Tensor, words: Tensor, own: Tensor) -> Tensor:
        """Return how well each word (B, T, W) would begin, and end, an answer: (B, T, 2).

        Parameters
        ----------
        x : Tensor of shape (B, S + 1, W)
            Of the sentences, and of the question behind them.
        words : Tensor of shape (B, T, W)
        own : Tensor of shape (B, T, S)
            1 for the sentence of each word, else 0.
        """
        asked = x[:, -1:].expand_as(x)
        # Of the question's own place all four parts are its own.
        wanted = self.head(compare_vectors(x.flatten(0, 1), asked.flatten(0, 1)))
        wanted = wanted.view(*x.shape[:2], -1)
        # What the question asks for anywhere, and within each sentence.
        here = own @ (wanted[:, :-1] + wanted[:, -1:])
        sides = [
            (side[:, :, :-1] * words).sum(2) + side[:, :, -1]
            for side in here.split(words.shape[2] + 1, 2)
        ]
        return torch.stack(sides, 2)

    def _span_scores(self, reading: Reading) -> Tensor:
        """Return the score (B, T, L) of each span by its start and its length less one."""
        longest = self.max_answer_length
        behind = reading.ends.new_full((len(reading.ends), longest - 1), -torch.inf)
        ends = torch.cat([reading.ends, behind], 1).unfold(1, longest, 1)  # (B, T, L)
        return reading.starts[:, :, None] + ends + self.length

    def _places(self, spans: Tensor, offsets: Tensor, shape: Sequence[int]) -> Tensor:
        """Return which spans (B, T, L) are right, of those named by start and end."""
        truth = torch.zeros(*shape, dtype=torch.bool, device=spans.device)
        rows = torch.arange(len(offsets) - 1, device=spans.device)
        rows = rows.repeat_interleave(offsets.diff())
        truth[rows, spans[:, 0], spans[:, 1] - spans[:, 0]] = True
        return truth


def _tokens_of(n_words: Tensor, codes: Tensor, offsets: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return where passages' tokens stand.

    Parameters
    ----------
    n_words : Tensor of shape (F,)
        Words of each distinct sentence.
    codes, offsets
        As ``AnsweringNetwork.forward`` takes them.

    Returns
    -------
    index, sentences : Tensor of shape (B, T)
        Place among the words of all distinct sentences, end to end, and the number of its
        sentence in its passage; 0 at padding.
    lengths : Tensor of shape (B,)
    """
    firsts = n_words.cumsum(0) - n_words
    of_each = n_words[codes]
    ends = of_each.cumsum(0)
    within = torch.arange(int(of_each.sum()), device=codes.device)
    within = within - (ends - of_each).repeat_interleave(of_each)
    index = firsts[codes].repeat_interleave(of_each) + within
    numbers = torch.arange(len(codes), device=codes.device)
    numbers = numbers - offsets[:-1].repeat_interleave(offsets.diff())
    token_offsets = torch.cat([ends.new_zeros(1), ends])[offsets]
    padded, lengths = pad(index, token_offsets)
    sentences, _ = pad(numbers.repeat_interleave(of_each), token_offsets)
    return padded, sentences, lengths


def _seen(n_sentences: Tensor, n_places: int) -> Tensor:
    """Return which sentences lie behind, and before, each and the question: (B, 2, S + 1, S + 1).

    ``n_sentences`` (B,) are those of each passage, ``n_places`` S those of the longest.
    """
    places = torch.arange(n_places + 1, device=n_sentences.device)
    real = places < n_sentences[:, None]
    apart = torch.stack([places[:, None] > places, places[:, None] < places])
    apart[:, -1] = True  # the question sees all, from either end
    return apart & real[:, None, None, :]


def _real(x: Tensor, lengths: Tensor) -> Tensor:
    """Return which places (B, T) of ``x`` (B, T, ...) are no padding."""
    return torch.arange(x.shape[1], device=x.device) < lengths[:, None]
