"""Decides what of an exchange may stand in a cassette, and puts back what a request says again. No I/O."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from html import unescape
from typing import Any, TypeAlias, cast
from urllib.parse import unquote

Redact: TypeAlias = Callable[[str, str | int | float], object] | Collection[str]
"""Names of members to redact as well, or a function of a member's name and value that gives what is kept of it."""

REDACTED = "REDACTED"

HEADERS = frozenset({"content-type", "date", "retry-after", "x-request-id"})
"""The headers of a response that are kept: those that clients read."""

_SECRET = re.compile(
    r".*(secret|password|token|(api|private)key|cookie|authorization|(routing|account|card|tax)number|iban)s?"
    r"|pan|cv[vc]|ssn|taxid"
)
"""Names of members that are never kept, in lower case and without what joins their words."""

_TOKEN = re.compile(
    r"(?i)(?:bearer|apikey|authorization:\s*\w+)\W+\S+|(?<![^\W_])(?:(?:sk|whsec)[_-]|sandbox_)[\w.+/=~%-]{4,}"
)
_UUID = re.compile(r"(?i)(?<!\w)([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?!\w)")
_DIGITS = re.compile(r"(?<![^\W_])(?<!\d\.)\d{9,17}(?![^\W_])|(?:\d{4}[ -]){3}\d{1,7}")
"""Numbers of accounts and cards. Digits beside letters are of an ID, and those of a fraction of a time or an amount."""

_JSON_WITHIN = re.compile(r"[{\[]\s*\\*\".*", re.DOTALL)


class RedactError(Exception):
    """A function that decides what is kept has raised, or has given something that JSON cannot hold."""


def without_key(key: str, scrub: Callable[[str], str]) -> Callable[[str], str]:
    """What removes an API key from a text: a text that has it in another spelling is redacted as a whole.

    Args:
        key: The key.
        scrub: Removes the key as it is.
    """
    value = key.encode()
    spellings = {
        encode(bytes(before) + value)[-(-before * 4 // 3) : (before + len(value)) * 4 // 3].decode()
        for encode in (b64encode, urlsafe_b64encode)
        for before in range(3)  # it may stand anywhere in what was encoded
    }
    known = [f"(?i:{re.escape(key)})"] * (len(key) > 3) + [re.escape(one) for one in spellings if len(one) > 7]
    found = re.compile("|".join(known) or "(?!)")

    def remove(text: str) -> str:
        text = scrub(text)
        plain = unescape(unquote(text)).replace("\\", "")
        return REDACTED if found.search(text) or found.search(plain) else text

    return remove


class Sanitizer:
    """What one exchange is sanitized with: it remembers what it took out of the request."""

    def __init__(self, scrub: Callable[[str], str], redact: Redact = (), **known: str) -> None:
        """Make one.

        Args:
            scrub: Removes the API key from a text, however it is spelled.
            redact: What to redact as well.
            known: Texts that are other ones in each run, such as the request's ID, by name: where a text is just that.
        """
        self._names = frozenset[str]() if callable(redact) else frozenset(map(_plain, redact))
        self._own = redact if callable(redact) else None
        self._scrub = scrub
        self._known, self._asked = known, dict[str, Any](known)

    def request(self, node: Any) -> Any:
        """JSON of a request as it is kept, and compared."""
        return self._json(node, self._take_out)

    def query(self, pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        """Parameters as they are kept, and compared: in the order of their names."""
        found: dict[str, list[str]] = {}
        for name, value in sorted(pairs):
            found.setdefault(self.text(name), []).append(str(self._member(name, value, self._take_out)))
        return found

    def response(self, node: Any) -> Any:
        """JSON of a response as it is kept: `{{name}}` stands for what the request has said."""
        return self._json(node, self._refer)

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Headers of a response as they are kept."""
        return {name: self.text(value) for name, value in sorted(headers.items()) if name in HEADERS}

    def text(self, text: str) -> str:
        """Any text as it is kept."""
        for name, value in self._asked.items():
            if text == value or (isinstance(value, str) and len(value) > 3 and name not in self._known):
                text = text.replace(str(value), _place(name))
        if text.lstrip()[:1] in {"{", "["}:
            with suppress(ValueError, RecursionError):
                return json.dumps(self.response(json.loads(text)))
        text = _TOKEN.sub(REDACTED, self._scrub(_JSON_WITHIN.sub(REDACTED, text)))
        parts = enumerate(_UUID.split(text))
        return "".join(part if place % 2 else _DIGITS.sub(REDACTED, part) for place, part in parts)

    def body(self, content: bytes) -> dict[str, Any]:
        """The body of a response as it is kept: JSON, or how long it is. Any text that is no JSON fails as it did."""
        try:
            return {"body": self.response(json.loads(content))}
        except (ValueError, RecursionError):
            return {"text": f"{REDACTED}: {len(content)} bytes" if content.strip() else ""}

    def restore(self, node: Any) -> Any:
        """What is kept, with what this request says in its places."""
        if isinstance(node, dict):
            members = cast("dict[str, Any]", node).items()
            return {self.restore(name): self.restore(value) for name, value in members}
        if isinstance(node, list):
            return [self.restore(one) for one in cast("list[object]", node)]
        if isinstance(node, str) and "{{" in node:
            for name, value in self._asked.items():
                if node == _place(name):
                    return value
                node = node.replace(_place(name), str(value))
        return node

    def _json(self, node: Any, put: Callable[[str, Any, Any], Any], name: str = "") -> Any:
        if isinstance(node, dict):
            members = sorted(cast("dict[str, Any]", node).items())
            return {self.text(key): self._json(value, put, self._inner(name, key)) for key, value in members}
        if isinstance(node, list):
            return [self._json(one, put, name) for one in cast("list[object]", node)]
        return self._member(name, node, put)

    def _member(self, name: str, value: Any, put: Callable[[str, Any, Any], Any]) -> Any:
        if value is None or isinstance(value, bool) or value == "":
            return value
        kept = self._kept(name, value)
        if kept == value and isinstance(value, str):
            kept = self.text(value)
        return value if kept == value else put(name, value, kept)

    def _take_out(self, name: str, value: Any, kept: Any) -> Any:
        name = self.text(name)
        number = sum(one.partition(" ")[0] == name for one in self._asked) + 1
        self._asked[name if number == 1 else f"{name} {number}"] = value
        return kept

    def _refer(self, _: str, value: Any, kept: Any) -> Any:
        same = (one for one, asked in self._asked.items() if type(asked) is type(value) and asked == value)
        found = next(same, None)
        return kept if found is None else _place(found)

    def _kept(self, name: str, value: str | int | float) -> object:
        if self._is_named(name):
            return REDACTED if isinstance(value, str) else 0
        if self._own is None:
            return value
        try:
            kept = self._own(name, value)
            json.dumps(kept)
        except Exception as error:
            raise RedactError(f"redact failed at {name}: {type(error).__name__}: {error}") from error
        return kept

    def _inner(self, outer: str, name: str) -> str:
        """What a member is judged by: all that is in something secret is secret."""
        return outer if self._is_named(outer) else name

    def _is_named(self, name: str) -> bool:
        plain = _plain(name)
        return plain in self._names or _SECRET.fullmatch(plain) is not None


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _place(name: str) -> str:
    return f"{{{{{name}}}}}"
