"""What went wrong with a request, and whether asking again may help."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Literal

from textseq.embedding.answer import AnswerError
from textseq.embedding.api_key import VARIABLE, ApiKey

if TYPE_CHECKING:
    from openai import APIStatusError, OpenAIError

_RETRIED = (408, 409, 429)
_SHOWN = 300
_TOO_MUCH = "if it was too much, lower max_tokens, max_request_tokens or max_request_texts"
_REMEDIES = {
    400: _TOO_MUCH,
    401: f"set the environment variable {VARIABLE}, or Python's api_key, to a key that is valid",
    403: "use a key that may ask for this model",
    404: "see that model and base_url are right",
    413: _TOO_MUCH,
    422: _TOO_MUCH,
}


@dataclass(frozen=True)
class Fault:
    """What went wrong with a request.

    Parameters
    ----------
    said : str
        What the service did, as the end of a sentence; the key is not in it.
    kind : {"transient", "malformed", "final"}
        A transient fault passes; a malformed answer was paid for, so it is asked for again a few
        times only; a final one comes back however often one asks.
    wait : float, optional
        Seconds that the service asks to wait.
    remedy : str
        What to do.
    n_tokens : int
        That the service counted for an answer of no use.
    """

    said: str
    kind: Literal["transient", "malformed", "final"]
    wait: float | None = None
    remedy: str = "try again later"
    n_tokens: int = 0

    @classmethod
    def of(cls, error: OpenAIError | AnswerError, key: ApiKey) -> Fault:
        """Return what an exception tells.

        The exceptions of the client hold the request with its key: none is chained or kept.
        """
        from openai import APIConnectionError, APIStatusError, APITimeoutError

        if isinstance(error, AnswerError):
            said = key.hide(str(error))
            return cls(said, "malformed", n_tokens=error.n_tokens or 0)
        if isinstance(error, APIStatusError):
            return cls._of_status(error, key)
        if isinstance(error, APITimeoutError):
            return cls("did not answer in time", "transient", remedy="raise timeout")
        if isinstance(error, APIConnectionError):
            cause = error.__cause__ or error
            said = f"could not be reached ({key.hide(f'{type(cause).__name__}: {cause}')[:_SHOWN]})"
            return cls(said, "transient", remedy="see that base_url is right, and try again")
        return cls(f"could not be asked: {key.hide(str(error))[:_SHOWN]}", "final")

    @classmethod
    def _of_status(cls, error: APIStatusError, key: ApiKey) -> Fault:
        status, headers = error.status_code, error.response.headers
        message = key.hide(error.message)[:_SHOWN]
        said = f"answered with {message[:1].lower()}{message[1:]}"
        if "insufficient_quota" in (error.code, error.type):
            return cls(said, "final", remedy="add credit to the account")
        retried = status in _RETRIED or status >= 500
        if headers.get("x-should-retry") == "false" or not retried:
            return cls(said, "final", remedy=_REMEDIES.get(status, "change what is asked for"))
        return cls(said, "transient", retry_after(headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that an answer's headers ask to wait, or None.

    Examples
    --------
    >>> retry_after({"retry-after": "1.5"}), retry_after({"retry-after-ms": "20"}), retry_after({})
    (1.5, 0.02, None)
    >>> retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"})  # a moment that has passed
    0.0
    """
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        with suppress(KeyError, ValueError):
            seconds = float(headers[name]) * unit
            if seconds >= 0:
                return seconds
    with suppress(KeyError, TypeError, ValueError):
        moment = parsedate_to_datetime(headers["retry-after"])
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    return None
