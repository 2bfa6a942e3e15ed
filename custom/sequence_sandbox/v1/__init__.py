"""The API `/api/v1`, as a dialect of the sandbox."""

from __future__ import annotations

from ..dialects import Dialect
from .protocol import error, give_request_id, headers
from .routes import COMING_SOON, OPERATIONS, Call

__all__ = ["BASE_PATH", "OPERATIONS", "dialect"]

BASE_PATH = "/api/v1"

CODES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 500: "internal_error"}


def dialect(*, coming_soon: bool) -> Dialect[Call]:
    """The API, with the operations that the documentation announces or without them."""
    return Dialect(
        name="v1",
        base_path=BASE_PATH,
        scheme="ApiKey",
        operations=[one for one in OPERATIONS if coming_soon or one[0] not in COMING_SOON],
        idempotent=frozenset(name for name, method, *_ in OPERATIONS if method == "POST"),
        call=Call,
        codes=CODES,
        request_id=give_request_id,
        headers=headers,
        error=error,
        done=_nothing,
    )


def _nothing(_call: Call, _code: str | None) -> None:
    """v1 keeps no log of calls."""
