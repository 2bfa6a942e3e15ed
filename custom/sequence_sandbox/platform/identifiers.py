"""The UUIDs of the platform API: one for every ID of the organization, and the other way round."""

from __future__ import annotations

import hashlib
import re
import uuid

_KINDS = ("acc", "rule", "rex", "txr", "ctxr", "etxr", "card", "ben", "key", "log", "evt")
_HALF = 61
"""Bits: a UUID of version 4 holds twice as many."""
_ROUNDS = range(4)


def to_uuid(identifier: str) -> str:
    """The UUID of something whose ID is a kind, an underscore, and up to 22 digits or capital letters.

    Raises:
        ValueError: The ID is another one.
    """
    kind, _, rest = identifier.partition("_")
    if kind not in _KINDS or not re.fullmatch("[0-9A-Z]{1,22}", rest):
        raise ValueError(f"{identifier!r} is no ID of an organization")
    number = int("1" + rest, 36) * len(_KINDS) + _KINDS.index(kind)
    left, right = number >> _HALF, number & ((1 << _HALF) - 1)
    for n in _ROUNDS:
        left, right = right, left ^ _mix(n, right)
    number = left << _HALF | right
    high, middle, low = number >> 74, number >> 62 & 0xFFF, number & ((1 << 62) - 1)
    return str(uuid.UUID(int=high << 80 | 0x4 << 76 | middle << 64 | 0b10 << 62 | low))


def internal_id(text: str, kind: str) -> str | None:
    """The ID of something of a kind that a UUID stands for; None where it stands for something else."""
    if not is_uuid(text):
        return None
    value = uuid.UUID(text).int
    if value >> 76 & 0xF != 0x4 or value >> 62 & 0b11 != 0b10:
        return None
    number = value >> 80 << 74 | (value >> 64 & 0xFFF) << 62 | value & ((1 << 62) - 1)
    left, right = number >> _HALF, number & ((1 << _HALF) - 1)
    for n in reversed(_ROUNDS):
        left, right = right ^ _mix(n, left), left
    number, index = divmod(left << _HALF | right, len(_KINDS))
    digits = _base36(number)
    return f"{kind}_{digits[1:]}" if _KINDS[index] == kind and digits.startswith("1") else None


def is_uuid(text: str) -> bool:
    return re.fullmatch("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text) is not None


def _mix(n: int, half: int) -> int:
    digest = hashlib.blake2b(half.to_bytes(8), digest_size=8, salt=bytes([n])).digest()
    return int.from_bytes(digest) >> 64 - _HALF


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[digit] + digits
    return digits
