"""Texts as the vectors of an embedding service."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any, Self
from urllib.parse import urlsplit

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.exceptions import NotFittedError

from textseq.checks import check_choice, check_count, check_flag, check_number
from textseq.embedding.api_estimate import ApiEstimate
from textseq.embedding.api_key import VARIABLE, ApiKey
from textseq.embedding.api_price import OFFICIAL_URL, api_price
from textseq.embedding.api_receipt import ApiReceipt
from textseq.embedding.distinct_texts import DistinctTexts
from textseq.embedding.fault import Fault
from textseq.embedding.requests import Batch, EmbeddingRequests, check_client, split_batches
from textseq.embedding.token_counter import TokenCounter, find_counter
from textseq.embedding.vector_store import VectorStore
from textseq.message_language import written


class ApiEmbedder(TransformerMixin, BaseEstimator):
    """Turn each text into the vector that an embedding service has for it.

    Asks OpenAI, or any server that speaks its protocol, through the official client
    (``pip install "textseq[openai]"``). Each distinct text is asked for once: vectors are kept
    in the cache folder (``TEXTSEQ_CACHE``, or the user's own), by the service, the model, the
    dimensions and the SHA-256 of the text. They are kept as they come in, so that what was paid
    for stays when a run fails, is interrupted or killed. One process at a time asks for vectors of
    one model; another waits, and takes what is there then. ``fit`` learns nothing. An empty text
    is not sent; its vector is zeros.

    Parameters
    ----------
    model : str, default "text-embedding-3-small"
    dimensions : int or None, default None
        Numbers of a vector, for models that can shorten theirs. None leaves it to the service.
    base_url : str or None, default None
        Address of the service, such as ``"http://localhost:8080/v1"``; by default the environment
        variable ``OPENAI_BASE_URL``, if it is set, or OpenAI's own.
    api_key : str or None, default None
        The service's key; by default the environment variable ``OPENAI_API_KEY``, read when it is
        needed. It is kept as an object that no repr, message or receipt shows. Copies and clones
        in this process have it, pickles do not: processes that a pickle is sent to, as by
        ``n_jobs``, take the key of their environment.
    encoding_format : {"base64", "float"}, default "base64"
        How the service is to write numbers; "float" for one that knows no "base64".
    max_tokens : int, default 8192
        Most tokens of one text.
    truncate : bool, default False
        Cut longer texts; otherwise they are refused before anything is asked for.
    max_request_tokens : int, default 100_000
        Most tokens of one request.
    max_request_texts : int, default 256
        Most texts of one request.
    max_concurrency : int, default 4
        Requests on their way at the same time.
    timeout : float, default 60.0
        Seconds that one answer may take.
    retry_seconds : float, default 120.0
        For how long a request that fails is sent again, after 0.5 s, 1 s, 2 s ... or as long as
        the service asks to wait (Retry-After). Then it is given up, with an error.
    prices : dict of str to float, optional
        US dollars for a million tokens, by model. Those of OpenAI's models are known for its own
        address.

    Attributes
    ----------
    dimensions_ : int
        Numbers of a vector, since the first ``transform``.
    receipt_ : dict
        What ``transform`` took since ``fit``: ``model``, ``base_url``; ``n_texts`` rows, and
        ``n_cut`` of them; ``n_cached`` distinct texts that were in the cache, and ``n_embedded``
        that were not; ``n_requests``, and ``n_retries`` of them; ``n_tokens``, as the service
        counts them, and their ``price`` in US dollars (None where none is known);
        ``n_cached_tokens`` and ``cached_price``, what the texts of the cache were paid with;
        ``seconds``.

    See Also
    --------
    MeanEmbedder : The average of word vectors, without a service.

    Examples
    --------
    >>> embedder = ApiEmbedder("bge-m3", base_url="http://localhost:8080/v1")
    >>> print(embedder.estimate(["a good film", "a bad film", "a good film"]))
    3 texts, 2 distinct, 0 in the cache; 2 to embed in 1 request, about 7 tokens (estimated from
    the characters), price not known
    """

    receipt_: dict[str, Any]
    dimensions_: int

    def __init__(
        self,
        model: str = "text-embedding-3-small",
        *,
        dimensions: int | None = None,
        base_url: str | None = None,
        api_key: str | ApiKey | None = None,
        encoding_format: str = "base64",
        max_tokens: int = 8192,
        truncate: bool = False,
        max_request_tokens: int = 100_000,
        max_request_texts: int = 256,
        max_concurrency: int = 4,
        timeout: float = 60.0,
        retry_seconds: float = 120.0,
        prices: Mapping[str, float] | None = None,
    ) -> None:
        self.model = model
        self.dimensions = dimensions
        self.base_url = base_url
        self.api_key = api_key
        self.encoding_format = encoding_format
        self.max_tokens = max_tokens
        self.truncate = truncate
        self.max_request_tokens = max_request_tokens
        self.max_request_texts = max_request_texts
        self.max_concurrency = max_concurrency
        self.timeout = timeout
        self.retry_seconds = retry_seconds
        self.prices = prices

    @property
    def api_key(self) -> ApiKey | None:
        """The service's key; a string is hidden as soon as it is given."""
        return self._api_key

    @api_key.setter
    def api_key(self, value: str | ApiKey | None) -> None:
        if value is not None and not isinstance(value, ApiKey):
            value = ApiKey(value)
        self._api_key = value

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        tags.requires_fit = False
        tags.transformer_tags.preserves_dtype = []
        return tags

    def fit(self, X: Any = None, y: Any = None) -> Self:
        """Check the parameters, and start a new receipt.

        Parameters
        ----------
        X, y : ignored

        Returns
        -------
        self
        """
        self._check_values()
        self.receipt_ = ApiReceipt(self.model, self._address()).to_dict(self.prices)
        return self

    def estimate(self, X: Any) -> ApiEstimate:
        """Return what embedding texts would take; nothing is asked for.

        Parameters
        ----------
        X : list of str, Series or array, n texts

        Returns
        -------
        ApiEstimate
        """
        self._check_values()
        counter = find_counter(self.model)
        wanted = DistinctTexts.read(X, counter, int(self.max_tokens), self.truncate)
        held = self._store().held(wanted.texts)
        missing = [text for key, text in wanted.texts.items() if key not in held]
        batches = self._batches(missing, counter)
        n_tokens = sum(int(batch.n_tokens.sum()) for batch in batches)
        return ApiEstimate(
            n_texts=wanted.n_rows,
            n_distinct=len(wanted.texts),
            n_cached=len(held),
            n_requests=len(batches),
            n_tokens=n_tokens,
            price=api_price(n_tokens, self.model, self._address(), self.prices),
            counted_by=counter.method,
        )

    def transform(self, X: Any) -> np.ndarray:
        """Return the vectors of texts, from the cache or the service.

        Parameters
        ----------
        X : list of str, Series or array, n texts

        Returns
        -------
        ndarray of shape (n, D), float32

        Raises
        ------
        ConnectionError
            If the service does not answer as it should within ``retry_seconds``.
        ValueError
            If the service refuses what is asked for, or a text is too long.

        Notes
        -----
        After an error the vectors that were got are kept; another run asks for the others alone.
        """
        self._check_values()
        started = time.perf_counter()
        counter = find_counter(self.model)
        wanted = DistinctTexts.read(X, counter, int(self.max_tokens), self.truncate)
        store = self._store()
        receipt = ApiReceipt.of(getattr(self, "receipt_", None), self.model, self._address())
        receipt.n_texts += wanted.n_rows
        receipt.n_cut += wanted.n_cut
        try:
            held = store.held(wanted.texts)
            if len(held) < len(wanted.texts):
                with store.alone():
                    # Another process may have asked for them while this one waited.
                    held = store.held(wanted.texts)
                    self._ask(wanted, held, counter, store, receipt)
            receipt.n_cached += len(held)
            receipt.n_cached_tokens += sum(held.values())
        finally:
            receipt.seconds += time.perf_counter() - started
            self.receipt_ = receipt.to_dict(self.prices)
        vectors = self._gather(wanted, store)
        self.dimensions_ = vectors.shape[1]
        return vectors

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the names of the columns, ``dimension0`` onwards, shape (D,)."""
        width = getattr(self, "dimensions_", None) or self._known_width(self._store())
        if width is None:
            raise NotFittedError(
                f"how many numbers a vector of {self.model!r} has is not known before the first "
                "transform; transform a text, or set dimensions"
            )
        return np.array([f"dimension{number}" for number in range(width)], dtype=object)

    def check_parameters(self) -> None:
        """Refuse values that no parameter may have, and a service that can't be asked.

        Raises
        ------
        ValueError
            Names the parameter, its value and what it may be; or tells of a key that is missing.
        ImportError
            If the client is not installed.
        """
        self._check_values()
        # Where there are vectors in the cache, they may be all that is needed.
        if self._store().width() is None:
            check_client()
            self._key()

    def _check_values(self) -> None:
        if not isinstance(self.model, str) or not self.model:
            raise ValueError(f"model must be the name of a model, got {written(self.model)}")
        if self.dimensions is not None:
            check_count("dimensions", self.dimensions)
        check_choice("encoding_format", self.encoding_format, ("base64", "float"))
        check_flag("truncate", self.truncate)
        for name in ("max_tokens", "max_request_tokens", "max_request_texts", "max_concurrency"):
            check_count(name, getattr(self, name))
        check_number("timeout", self.timeout, above=True)
        check_number("retry_seconds", self.retry_seconds)
        if not isinstance(self.prices, Mapping | None):
            raise ValueError(
                f"prices must be a dict of US dollars by model, got {written(self.prices)}"
            )
        for model, price in (self.prices or {}).items():
            check_number(f"the price of {model!r}", price)
        self._address()

    def _address(self) -> str:
        """Return the service's address, in the one form by which vectors are kept."""
        address = self.base_url or os.environ.get("OPENAI_BASE_URL") or OFFICIAL_URL
        parts = urlsplit(str(address))
        if "@" in parts.netloc or parts.query or parts.fragment:
            # Not shown: it may hold a password, or a key.
            raise ValueError(
                "base_url holds a user name, a query or a fragment, which would be written to the "
                f"cache and the receipt; leave them out, and set the environment variable "
                f"{VARIABLE} to the key"
            )
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError(
                f"base_url must be an address such as 'http://localhost:8080/v1', got "
                f"{written(address)}"
            )
        return address.rstrip("/")

    def _key(self) -> ApiKey:
        key = self.api_key or ApiKey()
        if not key.reveal() and self._address() == OFFICIAL_URL:
            raise ValueError(
                f"no key for {OFFICIAL_URL}: set the environment variable {VARIABLE} (Python also "
                "takes api_key, which a pickle of the embedder leaves behind)"
            )
        return key

    def _store(self) -> VectorStore:
        dimensions = None if self.dimensions is None else int(self.dimensions)
        return VectorStore(self._address(), self.model, dimensions)

    def _batches(self, texts: list[str], counter: TokenCounter) -> list[Batch]:
        limits = int(self.max_request_tokens), int(self.max_request_texts)
        return list(split_batches(texts, counter.count(texts), *limits))

    def _ask(
        self,
        wanted: DistinctTexts,
        held: dict[bytes, float],
        counter: TokenCounter,
        store: VectorStore,
        receipt: ApiReceipt,
    ) -> None:
        """Ask for the texts that are not held, and keep what comes."""
        missing = [key for key in wanted.texts if key not in held]
        if not missing:
            return
        width = self._known_width(store)

        def keep(batch: Batch) -> None:
            nonlocal width
            receipt.add(batch)
            for rows, n_tokens, vectors in batch.found:
                width = width or vectors.shape[1]
                if vectors.shape[1] != width:
                    batch.fault = self._other_width(vectors.shape[1], width, store)
                    continue
                store.add([missing[row] for row in rows], n_tokens, vectors)
                receipt.n_embedded += len(rows)

        requests = EmbeddingRequests(
            self.model,
            None if self.dimensions is None else int(self.dimensions),
            self._address(),
            self._key(),
            encoding_format=self.encoding_format,
            max_concurrency=int(self.max_concurrency),
            timeout=float(self.timeout),
            retry_seconds=float(self.retry_seconds),
        )
        texts = [wanted.texts[key] for key in missing]
        fault = requests.run(self._batches(texts, counter), keep)
        if fault is not None:
            n_held = len(store.held(wanted.texts))
            error = ValueError if fault.kind == "final" else ConnectionError
            raise error(
                f"the embedding service at {self._address()} {fault.said}; {n_held:,} of "
                f"{len(wanted.texts):,} texts are in the cache and are not asked for again; "
                f"{fault.remedy}"
            )

    def _known_width(self, store: VectorStore) -> int | None:
        return store.width() if self.dimensions is None else int(self.dimensions)

    def _other_width(self, found: int, expected: int, store: VectorStore) -> Fault:
        """Return the fault of an answer whose vectors have another width than they should."""
        said = f"answered with vectors of {found} numbers, not of {expected}"
        if self.dimensions is not None:
            said += f", as dimensions={expected} asks for"
            return Fault(said, "final", remedy="leave dimensions out: the model can't shorten them")
        return Fault(
            f"{said}, as those in the cache: another model goes by this name now",
            "final",
            remedy=f"delete '{store.path}' to ask for all texts again",
        )

    def _gather(self, wanted: DistinctTexts, store: VectorStore) -> np.ndarray:
        """Put each row's vector (D,) in its place, shape (n, D)."""
        width = self._known_width(store)
        if width is None:
            raise ValueError(
                f"all texts are empty, and how many numbers a vector of {self.model!r} has is not "
                "known before the first that is not; set dimensions"
            )
        gathered = np.zeros((wanted.n_rows, width), dtype=np.float32)
        n_found = 0
        for key, vector in store.read(wanted.texts) if wanted.texts else ():
            gathered[wanted.rows[key]] = vector
            n_found += 1
        if n_found < len(wanted.texts):
            raise OSError(
                f"the cache of vectors '{store.path}' was deleted while it was read; run it again"
            )
        return gathered
