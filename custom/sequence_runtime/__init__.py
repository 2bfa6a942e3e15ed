"""What packages generated from a contract are made of: operations, calls, pages, models, and a plain transport."""

from .calls import (
    Call as Call,
    Request as Request,
    Response as Response,
    ResponseError as ResponseError,
    Transport as Transport,
)
from .contract import (
    Contract as Contract,
    ErrorFormat as ErrorFormat,
    Idempotency as Idempotency,
    Operation as Operation,
    Operations as Operations,
    Permission as Permission,
    Terminal as Terminal,
    Timeline as Timeline,
)
from .models import Open as Open, OpenEnum as OpenEnum, OpenObject as OpenObject, Timestamp as Timestamp
from .pages import CursorPages as CursorPages, NumberedPages as NumberedPages, PageStyle as PageStyle
