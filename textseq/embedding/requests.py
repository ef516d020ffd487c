"""Requests to an embedding service: some at once, and again where that may help."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from textseq.embedding.answer import Answer, AnswerError
from textseq.embedding.api_key import ApiKey
from textseq.embedding.fault import Fault

if TYPE_CHECKING:
    from openai import OpenAI

# Seconds before the second request for the same texts; they double from one to the next.
_FIRST_DELAY = 0.5
_LONGEST_DELAY = 30.0
# Answers that are paid for and of no use.
_MOST_MALFORMED = 3
# An interrupt may reach another thread, and then does not wake the one that waits.
_POLL_SECONDS = 0.5
# Of its own, so that the process's random state stays as it is.
_JITTER = random.SystemRandom()


@dataclass
class Batch:
    """Texts of one request, and what came of it.

    Parameters
    ----------
    rows : ndarray of shape (n,), int
        The texts' places among all that are asked for.
    texts : sequence of n str
    n_tokens : ndarray of shape (n,)
        As they were counted here; in proportion to them the service's count is dealt out.
    """

    rows: np.ndarray
    texts: Sequence[str]
    n_tokens: np.ndarray
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = field(default_factory=list)
    """Rows with their tokens and vectors, as they came in."""
    n_requests: int = 0
    paid_tokens: int = 0
    fault: Fault | None = None
    """Why the rest was given up."""


def split_batches(
    texts: Sequence[str], n_tokens: np.ndarray, most_tokens: int, most_texts: int
) -> Iterator[Batch]:
    """Yield texts in batches of so many tokens and texts at most, in their order.

    A text of more tokens is a batch of its own.

    Parameters
    ----------
    texts : sequence of n str
    n_tokens : ndarray of shape (n,)
    most_tokens, most_texts : int

    Examples
    --------
    >>> sizes = np.array([2, 2, 9, 1, 1, 1])
    >>> [len(batch.texts) for batch in split_batches(list("abcdef"), sizes, 4, 2)]
    [2, 1, 2, 1]
    """
    before = np.concatenate([[0], np.cumsum(n_tokens)])
    start = 0
    while start < len(texts):
        within = int(np.searchsorted(before, before[start] + most_tokens, side="right")) - 1
        stop = min(max(within, start + 1), start + most_texts, len(texts))
        yield Batch(np.arange(start, stop), texts[start:stop], n_tokens[start:stop])
        start = stop


def check_client() -> None:
    """Raise ImportError if the official client is not installed; it is not imported."""
    if find_spec("openai") is None:
        raise ImportError(
            'ApiEmbedder needs OpenAI\'s official client: pip install "textseq[openai]"'
        )


class EmbeddingRequests:
    """Asks a service for vectors, several requests at once.

    Parameters
    ----------
    model : str
    dimensions : int or None
    base_url : str
    key : ApiKey
    encoding_format : {"base64", "float"}
    max_concurrency : int
        Requests on their way at the same time.
    timeout : float
        Seconds that an answer may take.
    retry_seconds : float
        How long the same texts are asked for again.
    """

    def __init__(
        self,
        model: str,
        dimensions: int | None,
        base_url: str,
        key: ApiKey,
        *,
        encoding_format: str,
        max_concurrency: int,
        timeout: float,
        retry_seconds: float,
    ) -> None:
        self.asked: dict[str, Any] = {"model": model, "encoding_format": encoding_format}
        if dimensions is not None:
            self.asked["dimensions"] = dimensions
        self.base_url = base_url
        self.key = key
        self.max_concurrency = max_concurrency
        self.timeout = timeout
        self.retry_seconds = retry_seconds
        self._stop = threading.Event()
        self._resume_at = 0.0

    def run(self, batches: Iterable[Batch], keep: Callable[[Batch], None]) -> Fault | None:
        """Ask for batches until all are there, or one is given up.

        Parameters
        ----------
        batches : iterable of Batch
        keep : callable
            Called in this thread with each batch that has come in, be it whole or in part; also
            with those that were on their way when another was given up, or at an interrupt.
            It may set the batch's ``fault``.

        Returns
        -------
        Fault or None
            Of the batch that was given up.
        """
        check_client()
        from openai import OpenAI

        # A server of one's own may need no key, but the client does.
        client = OpenAI(
            api_key=self.key.reveal() or "none",
            base_url=self.base_url,
            timeout=self.timeout,
            max_retries=0,
        )
        waiting = iter(batches)
        running: set[Future[Batch]] = set()
        with client, ThreadPoolExecutor(self.max_concurrency) as pool:
            try:
                while True:
                    free = self.max_concurrency - len(running)
                    running |= {pool.submit(self._ask, client, b) for b in islice(waiting, free)}
                    if not running:
                        return None
                    for future in wait(running, _POLL_SECONDS, FIRST_COMPLETED).done:
                        keep(future.result())
                        running.discard(future)
                        if future.result().fault is not None:
                            return future.result().fault
            finally:
                # What is on its way is paid for; what waits to ask again gives up.
                self._stop.set()
                for future in running:
                    keep(future.result())

    def _ask(self, client: OpenAI, batch: Batch) -> Batch:
        """Ask for a batch until it is whole or given up; nothing is raised."""
        give_up_at = time.monotonic() + self.retry_seconds
        left = np.arange(len(batch.texts))
        n_malformed = n_faults = 0
        while not self._stop.wait(max(0.0, self._resume_at - time.monotonic())):
            batch.n_requests += 1
            answer = self._send(client, [batch.texts[row] for row in left.tolist()])
            if isinstance(answer, Answer):
                left = _taken(batch, left, answer)
                if not len(left):
                    break
                answer = Fault(f"answered with NaN in {len(left):,} vectors", "malformed")
            batch.paid_tokens += answer.n_tokens
            n_faults += 1
            n_malformed += answer.kind == "malformed"
            delay = self._delay(answer, n_faults)
            late = time.monotonic() + delay > give_up_at
            if answer.kind == "final" or n_malformed == _MOST_MALFORMED or late:
                batch.fault = self._given_up(answer) if late else answer
                break
            if answer.wait is not None:
                # The limit is the account's: whoever asks next is refused as well.
                self._resume_at = max(self._resume_at, time.monotonic() + answer.wait)
            self._stop.wait(delay)
        return batch

    def _given_up(self, fault: Fault) -> Fault:
        """Return a fault that says why it is not asked again."""
        if fault.kind == "final":
            return fault
        wait = "" if fault.wait is None else f", and asks to wait {fault.wait:,.0f} s"
        return replace(fault, said=f"{fault.said}{wait} (retry_seconds={self.retry_seconds:g})")

    def _send(self, client: OpenAI, texts: list[str]) -> Answer | Fault:
        from openai import OpenAIError

        try:
            raw = client.embeddings.with_raw_response.create(input=texts, **self.asked)
            return Answer.read(raw.content, len(texts))
        except (OpenAIError, AnswerError) as error:
            return Fault.of(error, self.key)

    @staticmethod
    def _delay(fault: Fault, n_faults: int) -> float:
        """Return the seconds until texts are asked for again."""
        if fault.wait is not None:
            return max(fault.wait, _FIRST_DELAY)
        return min(_FIRST_DELAY * 2.0 ** (n_faults - 1), _LONGEST_DELAY) * _JITTER.uniform(0.75, 1)


def _taken(batch: Batch, asked: np.ndarray, answer: Answer) -> np.ndarray:
    """Move what an answer has into its batch, and return which texts it lacks, shape (n_left,)."""
    counted = batch.n_tokens[asked]
    paid = counted.sum() if answer.n_tokens is None else answer.n_tokens
    batch.paid_tokens += int(paid)
    shares = counted * (paid / max(1, counted.sum()))
    whole = np.isfinite(answer.vectors).all(axis=1)
    batch.found.append((batch.rows[asked[whole]], shares[whole], answer.vectors[whole]))
    return asked[~whole]
