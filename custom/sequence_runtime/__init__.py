"""What packages generated from a contract are made of: operations, calls, pages, models, and a plain transport."""

from .calls import Call, Request, Response, ResponseError, Transport
from .contract import (
    Contract,
    ErrorFormat,
    Idempotency,
    Operation,
    Operations,
    Permission,
    Terminal,
    Timeline,
)
from .models import Open, OpenEnum, OpenObject, Timestamp
from .pages import CursorPages, NumberedPages, PageStyle

__all__ = (
    "Call",
    "Contract",
    "CursorPages",
    "ErrorFormat",
    "Idempotency",
    "NumberedPages",
    "Open",
    "OpenEnum",
    "OpenObject",
    "Operation",
    "Operations",
    "PageStyle",
    "Permission",
    "Request",
    "Response",
    "ResponseError",
    "Terminal",
    "Timeline",
    "Timestamp",
    "Transport",
)
