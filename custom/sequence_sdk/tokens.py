"""Packs what is remembered of a list into printable tokens for programs to store, and reads them back."""

from __future__ import annotations

import base64
import zlib
from typing import TypeVar

import msgspec

from .errors import InvalidArgumentError

T = TypeVar("T")

LARGEST = 2**24
"""Bytes that a token may unpack to: none comes near, and what was never a token shall not fill the memory."""


def pack(kind: str, content: object) -> str:
    """Something of attrs classes as printable ASCII characters, which begin with a kind such as `since1_`."""
    return kind + base64.urlsafe_b64encode(zlib.compress(msgspec.json.encode(content), 9)).decode()


def unpack(kind: str, token: str, type: type[T], source: str) -> T:
    """What a token holds.

    Args:
        kind: What tokens of this kind and version begin with.
        token: What may be one.
        type: What it holds.
        source: Where such tokens come from, for the message.

    Raises:
        InvalidArgumentError: It is no such token, or not a whole one.
    """
    if not isinstance(token, str):
        raise InvalidArgumentError(f"a token that {source} gave is a string, not {token.__class__.__name__}")
    try:
        if not token.startswith(kind):
            raise ValueError(f"it does not begin with {kind}")
        unpacking = zlib.decompressobj()
        packed = base64.b64decode(token.removeprefix(kind), altchars=b"-_", validate=True)
        content = unpacking.decompress(packed, LARGEST)
        if not unpacking.eof:
            raise ValueError("it is cut off")
        return msgspec.json.decode(content, type=type)
    except (ValueError, zlib.error, msgspec.DecodeError, RecursionError) as error:
        shown = token if len(token) <= 40 else f"{token[:40]}…"
        raise InvalidArgumentError(f"{shown!r} is no token that {source} gave, or not all of it: {error}") from error
