"""What a model looked at in a passage while it answered, as figures and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from textseq.figures import INK, LINE, bare, figure_style, new_figure, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Inches of a line, and characters of a sentence and of a word that are drawn.
LINE_HEIGHT, MOST_CHARACTERS, MOST_OF_WORD = 0.26, 46, 12
# Sentences beyond which the others are left out, and words of the question.
MOST_SENTENCES, MOST_WORDS = 40, 30


@dataclass(frozen=True, eq=False)
class QuestionAttention:
    """What a model looks at in a passage, given a question.

    Parameters
    ----------
    words : ndarray of shape (n_tokens, n_words)
        Weight of each word of the question for each token of the passage; every row adds up to 1.
    passes : ndarray of shape (n_passes, n_sentences)
        Weight of each sentence for the question, in each pass; a row adds up to 1 at most.
    answers : ndarray of shape (n_sentences,)
        How probable it is that the answer stands in each sentence; they add up to 1.
    sentences : ndarray of shape (n_tokens,)
        Number of the sentence that each token stands in.
    question, passage : list of str
        Tokens.
    """

    words: np.ndarray
    passes: np.ndarray
    answers: np.ndarray
    sentences: np.ndarray
    question: list[str]
    passage: list[str]

    @property
    def sentence_texts(self) -> list[str]:
        """The sentences' tokens, with a space between them."""
        bounds = np.searchsorted(self.sentences, np.arange(self.passes.shape[1] + 1))
        pairs = zip(bounds[:-1], bounds[1:], strict=True)
        return [" ".join(self.passage[start:end]) for start, end in pairs]

    @property
    def by_sentence(self) -> np.ndarray:
        """The largest weight of each word of the question in each sentence, each with its own.

        Shape (n_sentences, n_words).
        """
        n_sentences = self.passes.shape[1]
        starts = np.searchsorted(self.sentences, np.arange(n_sentences))
        largest: np.ndarray = np.maximum.reduceat(self.words, starts, axis=0)
        return largest

    def plot(self) -> Figure:
        """Draw a line for each sentence: the question's words, its weight in each pass, the answer.

        The darker a square, the higher its weight; in the last column, the likelier the answer
        stands there.

        Returns
        -------
        matplotlib Figure
        """
        texts = self.sentence_texts[:MOST_SENTENCES]
        question = self.question[:MOST_WORDS]
        n_passes = len(self.passes)
        drawn = [self.by_sentence[:, : len(question)], self.passes.T, self.answers[:, None]]
        weights = np.concatenate(drawn, 1)
        labels = [short(word, MOST_OF_WORD) for word in question]
        labels += [f"pass {number}" for number in range(1, n_passes + 1)] + ["answer"]
        with figure_style():
            height = 1.5 + LINE_HEIGHT * len(texts)
            width = 5.0 + LINE_HEIGHT * len(labels)
            figure = new_figure(height, "What the question finds in each sentence", width)
            axes = figure.add_subplot()
            drawing = axes.imshow(
                weights[: len(texts)], cmap="Greys", vmin=0, vmax=1, aspect="auto"
            )
            figure.colorbar(drawing, label="weight", pad=0.03, aspect=30)
            axes.xaxis.tick_top()
            axes.set_xticks(range(len(labels)), labels, rotation=90, color=INK)
            sentences = [short(text, MOST_CHARACTERS) for text in texts]
            axes.set_yticks(range(len(texts)), sentences)
            axes.set_xticks(np.arange(len(labels) + 1) - 0.5, minor=True)
            axes.set_yticks(np.arange(len(texts) + 1) - 0.5, minor=True)
            axes.grid(which="minor", color=LINE, linewidth=0.5)
            for before in {len(question), len(question) + n_passes}:
                axes.axvline(before - 0.5, color=INK, linewidth=1)
            bare(axes, "left", "bottom", "top")
            axes.tick_params(which="both", length=0)
        return figure

    def __str__(self) -> str:
        texts = self.sentence_texts
        named = [(f"pass {number}", row) for number, row in enumerate(self.passes, 1)]
        return "\n".join(
            f"{name}: {texts[int(row.argmax())]} ({row.max():.2f})"
            for name, row in [*named, ("answer", self.answers)]
        )
