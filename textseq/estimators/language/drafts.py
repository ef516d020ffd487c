"""Texts that a language model writes, token after token, several side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import numpy as np
import torch

from textseq.estimators.encoding.text import TextEncoding
from textseq.estimators.language.continuation import Continuation
from textseq.estimators.language.generation import Sampling
from textseq.estimators.language.repetition import Repetition
from textseq.estimators.language.texts import EOS
from textseq.nn.language import LanguageNetwork
from textseq.nn.softmax import MOST_SCORES
from textseq.nn.stateful_run import joined_rows, take_rows
from textseq.text.vocabulary import PAD_ID, UNKNOWN_ID, Vocabulary

# Drafts that are written side by side at most: with more each is no faster.
MOST_DRAFTS = 64


def read_prompts(prompt: Any) -> list[str]:
    """Return the prompts of one text or of several.

    Raises
    ------
    ValueError
        If one is no text.
    """
    if isinstance(prompt, str):
        return [prompt]
    if not hasattr(prompt, "__iter__") or isinstance(prompt, bytes | dict):
        raise ValueError(
            f"prompt must be a string or a list of strings, got {type(prompt).__name__}"
        )
    prompts = list(prompt)
    for one in prompts:
        if not isinstance(one, str):
            raise ValueError(f"prompt must be a string or a list of strings, and has {one!r:.60}")
    return prompts


class Draft:
    """One text that is being written, by draws of its own.

    Parameters
    ----------
    sampling : Sampling
    rng : numpy Generator
    said : Repetition
        With the prompt's tokens.
    continuation : Continuation
        Of the prompt.
    n_left : int
        Most tokens to say.
    """

    def __init__(
        self,
        sampling: Sampling,
        rng: np.random.Generator,
        said: Repetition,
        continuation: Continuation,
        n_left: int,
    ) -> None:
        self._sampling, self._rng, self._said = sampling, rng, said
        self._continuation, self._n_left = continuation, n_left

    def take(self, scores: np.ndarray, vocabulary: Vocabulary) -> int | None:
        """Draw the next token by log-probabilities (V,); None if the text is over with it."""
        drawn = self._sampling.draw(self._said.weigh(scores), self._rng)
        self._n_left -= 1
        if drawn == vocabulary.mark_id(EOS) or self._continuation.add(vocabulary.tokens[drawn]):
            return None
        self._said.add([drawn])
        return drawn if self._n_left else None

    def close(self) -> str:
        """Return all that was said."""
        return self._continuation.close()


class Writer:
    """A language model's network that goes on with prompts, several texts at a time.

    Parameters
    ----------
    network : LanguageNetwork
        In evaluation mode.
    encoding : TextEncoding
    sampling : Sampling
    seed : int
        Of all draws.
    stop : tuple of str
        Texts before the first of which a draft ends.
    n_new : int
        Most tokens of a draft.
    """

    def __init__(
        self,
        network: LanguageNetwork,
        encoding: TextEncoding,
        sampling: Sampling,
        seed: int,
        stop: tuple[str, ...],
        n_new: int,
    ) -> None:
        self._network, self._tokenizer = network, encoding.tokenizer
        self._encoding, self._vocabulary = encoding, encoding.vocabulary
        self._sampling, self._seed, self._stop, self._n_new = sampling, seed, stop, n_new

    def write(
        self, prompts: Sequence[str], n_drafts: int, stream: Callable[[str], object] | None = None
    ) -> list[list[str]]:
        """Return so many texts behind each prompt, whose pieces ``stream`` gets as they come."""
        if not prompts:
            return []
        tokens = self._tokenizer.tokenize(list(prompts))
        ids, words = self._encoding.token_ids(tokens), tokens.to_lists()
        together = min(max(MOST_SCORES // len(self._vocabulary), 1), MOST_DRAFTS)
        written: list[list[str]] = [[] for _ in prompts]
        for block in _blocks(_numbered(prompts, n_drafts), together):
            drafts: dict[int, list[Draft]] = {}
            for row, own in groupby(block, key=itemgetter(0)):
                before = self._sampling.repetition(len(self._vocabulary)).add(ids[row].tolist())
                drafts[row] = [
                    self._draft(
                        number, before, self._continuation(prompts[row], words[row], stream)
                    )
                    for _, number in own
                ]
            with torch.inference_mode():
                self._go_on([ids[row] for row in drafts], list(drafts.values()))
            for row, texts in drafts.items():
                written[row] += [draft.close() for draft in texts]
        return written

    def _draft(self, number: int, before: Repetition, continuation: Continuation) -> Draft:
        # The first is drawn as if there were no others.
        rng = np.random.default_rng([self._seed, number] if number else self._seed)
        return Draft(self._sampling, rng, before.branch(), continuation, self._n_new)

    def _continuation(
        self, prompt: str, before: list[str], stream: Callable[[str], object] | None
    ) -> Continuation:
        spaced = prompt[-1:].isspace() and not self._tokenizer.join(before)[-1:].isspace()
        running = self._tokenizer.running_join(before)
        return Continuation(running, self._stop, stream, spaced=spaced)

    def _go_on(self, prompts: list[np.ndarray], drafts: list[list[Draft]]) -> None:
        """Read each prompt's ids by itself, then write the drafts of all until they are over."""
        end = self._vocabulary.mark_id(EOS)
        reads = [torch.from_numpy(np.concatenate([[end], own])) for own in prompts]
        after, states = zip(*(self._network.next_token(read[None]) for read in reads), strict=True)
        rows = torch.arange(len(prompts)).repeat_interleave(torch.tensor(list(map(len, drafts))))
        # (n, V) log p of what comes next in each draft, and where reading stopped.
        scores, ends = torch.cat(after)[rows], take_rows(joined_rows(states), rows)
        going = [draft for own in drafts for draft in own]
        while True:
            scores[:, [PAD_ID, UNKNOWN_ID]] = -torch.inf  # never said
            # One at a time is double, not all.
            drawn = [
                draft.take(own.double().numpy(), self._vocabulary)
                for draft, own in zip(going, scores, strict=True)
            ]
            rows = torch.tensor([row for row, number in enumerate(drawn) if number is not None])
            if not len(rows):
                return
            if len(rows) < len(going):
                going, ends = [going[row] for row in rows], take_rows(ends, rows)
            ids = torch.tensor([[number] for number in drawn if number is not None])
            scores, ends = self._network.next_token(ids, ends)


def _numbered(prompts: Sequence[str], n_drafts: int) -> Iterator[tuple[int, int]]:
    """Yield the prompt of each draft, and the draft's number among those of equal prompts."""
    met: Counter[str] = Counter()
    for row, prompt in enumerate(prompts):
        for _ in range(n_drafts):
            yield row, met[prompt]
            met[prompt] += 1


def _blocks(pairs: Iterator[tuple[int, int]], size: int) -> Iterator[list[tuple[int, int]]]:
    while block := list(islice(pairs, size)):
        yield block
