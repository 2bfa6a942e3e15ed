"""Decides how much of a response is read: its headers are counted, its body is decompressed, within limits."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

from .settings import ResponseLimits

ACCEPTED_ENCODINGS = "gzip"
"""What bodies may be compressed with: what the standard library can decompress a piece at a time."""

GZIP = zlib.MAX_WBITS | 16
"""The format, as zlib counts formats."""


class BodyError(ValueError):
    """The body of a response cannot be had as a whole; the text says why."""


class Body:
    """Collects the body of a response, chunk by chunk."""

    def __init__(self, limits: ResponseLimits) -> None:
        self._limits = limits
        self._chunks: list[bytes] = []
        self._size = 0
        self._gzip: Any = None  # zlib has no public name for what decompresses

    def begin(self, headers: int, encoding: str | None, length: str | None) -> None:
        """Look at the response's headers.

        Args:
            headers: How many there are, those of the same name each counted.
            encoding: `Content-Encoding`; None for a body that is decompressed already.
            length: `Content-Length`.

        Raises:
            BodyError: There are too many headers, the body will be too large, or its encoding was not asked for.
        """
        if headers > self._limits.headers:
            raise BodyError(f"it has {headers} headers, and {self._limits.headers} is the limit")
        if encoding:
            encoding = encoding.strip().lower()
            if encoding in {"gzip", "x-gzip"}:
                self._gzip = zlib.decompressobj(GZIP)
            elif encoding not in {"", "identity"}:
                raise BodyError(f"its content encoding is {encoding!r}, which was not asked for")
        if length and length.isdecimal() and int(length[:20]) > self._limits.body:
            raise self._too_large()

    def feed(self, chunk: bytes) -> None:
        """Add what was read.

        Raises:
            BodyError: The body is too large, or no gzip.
        """
        for data in (chunk,) if self._gzip is None else self._decompressed(chunk):
            self._size += len(data)
            self._chunks.append(data)
            if self._size > self._limits.body:
                raise self._too_large()

    def _decompressed(self, chunk: bytes) -> Iterator[bytes]:
        try:
            while chunk:
                if self._gzip.eof:  # several members may follow each other (RFC 1952, section 2.2)
                    self._gzip = zlib.decompressobj(GZIP)
                yield self._gzip.decompress(chunk, self._limits.body - self._size + 1)
                chunk = self._gzip.unconsumed_tail or self._gzip.unused_data
        except zlib.error as error:
            raise BodyError(f"its content encoding is broken: {error}") from error

    def end(self) -> None:
        """See whether that was the whole body.

        Raises:
            BodyError: The end is missing.
        """
        if self._gzip is not None and self._size and not self._gzip.eof:
            raise BodyError("its content encoding is broken: the end is missing")

    def so_far(self) -> bytes:
        """As much of the body as there is."""
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    def _too_large(self) -> BodyError:
        return BodyError(f"its body has more than the {self._limits.body} bytes that are the limit")
