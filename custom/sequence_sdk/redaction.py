"""Holds the API key, and decides what of foreign text may be shown."""

from __future__ import annotations

import hmac
import os
import re
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from hashlib import blake2b
from urllib.parse import quote

_USER_INFO = re.compile(r"(?<=//)\S*@")
_LONGEST = 1000


class APIKey:
    """An API key that can be sent and compared, and is not shown.

    It is held by functions and by nothing else: no repr, `vars()` or pickle can show it.
    """

    __slots__ = ("_digest", "authorize", "scrub")

    def __init__(self, value: str, scheme: str) -> None:
        lower = value.lower()
        forms = tuple({form for form in (lower, quote(value, safe="").lower()) if len(form) > 3})

        def authorize(headers: MutableMapping[str, str]) -> None:
            headers["Authorization"] = f"{scheme} {value}".strip()

        def scrub(text: str) -> str:
            lower = text.lower()
            for form in forms:
                if form in lower:
                    return re.sub("|".join(map(re.escape, forms)), "…", text, flags=re.IGNORECASE)
            return text

        def digest(salt: bytes) -> str:
            return blake2b(value.encode(), digest_size=4, salt=salt, person=b"sequence-sdk").hexdigest()

        self.authorize: Callable[[MutableMapping[str, str]], None] = authorize
        """Sets the key on the headers of a request."""
        self.scrub: Callable[[str], str] = scrub
        """Removes the key from a text, whatever its case."""
        self._digest = digest

    def fingerprint(self) -> str:
        """What the key can be recognized by, and not be found by: one key in four billion has the same, guesses too."""
        salt = os.urandom(8)
        return f"{salt.hex()}:{self._digest(salt)}"

    def has(self, fingerprint: str) -> bool:
        """Whether a fingerprint is one of this key."""
        salt, _, digest = fingerprint.partition(":")
        try:
            return hmac.compare_digest(self._digest(bytes.fromhex(salt)), digest)
        except (TypeError, ValueError):  # it is none of any key
            return False


def printable(text: str) -> str:
    """Text from elsewhere for a log or a message: its control characters are escaped, and its length is bounded."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if shown.isprintable():
        return shown
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in shown)


def without_passwords(text: str) -> str:
    """Text in which URLs have lost the user name and password that they may hold."""
    return _USER_INFO.sub("…@", text)


def in_words(error: BaseException, scrub: Callable[[str], str]) -> str:
    """What an exception of another library says, with what caused it, and without anything secret."""
    parts: list[str] = []
    one: BaseException | None = error
    while one is not None and len(parts) < 4:
        said, name = "", type(one).__name__
        with suppress(Exception):
            said = str(one)
        if not any((said or name) in known for known in parts):
            parts.append(f"{name}: {said}" if said else name)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return printable(scrub(without_passwords(", from ".join(parts))))
