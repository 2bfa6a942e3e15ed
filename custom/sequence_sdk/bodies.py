"""Decides how much of an answer is read: its headers are counted, its body is decompressed, within limits."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Protocol

from attrs import frozen

from .settings import check_count

ACCEPTED_ENCODINGS = "gzip"
"""What bodies may be compressed with: what the standard library can decompress a piece at a time."""

GZIP = zlib.MAX_WBITS | 16
"""The format, as zlib counts formats."""


class _Decompressor(Protocol):
    """What zlib decompresses with, and has no public name for."""

    @property
    def eof(self) -> bool: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


@frozen(kw_only=True)
class AnswerLimits:
    """How large an answer may be. A larger one is an `APIResponseValidationError`.

    How deep its JSON may be nested is up to the interpreter: as deep as its recursion limit, which is 1,000 by default.
    """

    body: int = 32 * 2**20
    """Bytes, as sent and decompressed."""
    headers: int = 100
    """How many. That none is endless is what HTTP libraries see to."""

    def __attrs_post_init__(self) -> None:
        check_count("AnswerLimits: body", self.body, minimum=1)
        check_count("AnswerLimits: headers", self.headers, minimum=1)


class Body:
    """Collects the body of an answer, chunk by chunk."""

    def __init__(self, limits: AnswerLimits) -> None:
        self._limits = limits
        self._chunks: list[bytes] = []
        self._size = 0
        self._gzip: _Decompressor | None = None

    def begin(self, headers: Mapping[str, str]) -> None:
        """Look at the answer's headers, which are by name, whatever its case.

        Raises:
            ValueError: There are too many, the body will be too large, or its encoding was not asked for.
        """
        if len(headers) > self._limits.headers:
            raise ValueError(f"it has {len(headers)} headers, and {self._limits.headers} is the limit")
        encoding = headers.get("Content-Encoding", "").strip().lower()
        if encoding in {"gzip", "x-gzip"}:
            self._gzip = zlib.decompressobj(GZIP)
        elif encoding not in {"", "identity"}:
            raise ValueError(f"its content encoding is {encoding!r}, which was not asked for")
        length = headers.get("Content-Length", "")
        if length.isdecimal() and int(length[:20]) > self._limits.body:
            raise self._too_large()

    def feed(self, chunk: bytes) -> None:
        """Add what was read.

        Raises:
            ValueError: The body is too large, or no gzip.
        """
        if self._gzip is None:
            self._keep(chunk)
            return
        try:
            while chunk:
                self._keep(self._gzip.decompress(chunk, self._limits.body - self._size + 1))
                chunk = self._gzip.unconsumed_tail
                if self._gzip.eof:  # several members may follow each other (RFC 1952, section 2.2)
                    chunk = self._gzip.unused_data
                    if chunk:
                        self._gzip = zlib.decompressobj(GZIP)
        except zlib.error as error:
            raise ValueError(f"its content encoding is broken: {error}") from error

    def whole(self) -> bytes:
        """The body, now that all was read.

        Raises:
            ValueError: The end is missing.
        """
        if self._gzip is not None and self._size and not self._gzip.eof:
            raise ValueError("its content encoding is broken: the end is missing")
        return self.so_far()

    def so_far(self) -> bytes:
        """As much of the body as there is."""
        return b"".join(self._chunks)

    def _keep(self, data: bytes) -> None:
        self._size += len(data)
        self._chunks.append(data)
        if self._size > self._limits.body:
            raise self._too_large()

    def _too_large(self) -> ValueError:
        return ValueError(f"its body has more than the {self._limits.body} bytes that are the limit")
