"""The key of a service, kept out of all that is shown or written."""

from __future__ import annotations

import os
from typing import Any

VARIABLE = "OPENAI_API_KEY"
_HIDDEN = "<api key>"


class ApiKey:
    """A key that no repr, message or pickle shows.

    Copies within the process, such as scikit-learn's ``clone``, keep it; a pickle leaves it
    behind, and what is read from one takes the key of the environment.

    Parameters
    ----------
    value : str, optional
        None is the key that the environment variable ``OPENAI_API_KEY`` holds when it is needed.

    Examples
    --------
    >>> ApiKey("sk-secret")
    <api key>
    >>> ApiKey("sk-secret").hide("401: sk-secret is not valid")
    '401: <api key> is not valid'
    """

    __slots__ = ("_value",)

    def __init__(self, value: str | None = None) -> None:
        if value is not None and not isinstance(value, str):
            raise ValueError(
                f"api_key must be a string, got one of type {type(value).__name__}; leave it out "
                f"to have it read from the environment variable {VARIABLE}"
            )
        self._value = value if value is None else _checked(value, "api_key")

    def reveal(self) -> str:
        """Return the key itself; "" if there is none."""
        if self._value is not None:
            return self._value
        found = os.environ.get(VARIABLE, "")
        return _checked(found, f"the environment variable {VARIABLE}") if found.strip() else ""

    def hide(self, text: str) -> str:
        """Return a text without the key, which a service's answer may repeat."""
        key = self.reveal()
        return text.replace(key, _HIDDEN) if key else text

    def __repr__(self) -> str:
        return _HIDDEN

    def __copy__(self) -> ApiKey:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> ApiKey:
        return self

    def __reduce__(self) -> tuple[type[ApiKey], tuple[()]]:
        return ApiKey, ()


def _checked(value: str, source: str) -> str:
    """Return a key that a header can hold: others would stand in the transport's own errors."""
    key = value.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError(
            f"{source} is empty, or has characters that no key has, such as spaces or line breaks "
            "(it is not shown here); copy it again"
        )
    return key
