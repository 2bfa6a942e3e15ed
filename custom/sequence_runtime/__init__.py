"""What packages generated from a contract are made of: operations, calls, pages, models, and a plain transport."""

from msgspec import UNSET as UNSET

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
    Simulation as Simulation,
    Terminal as Terminal,
    Timeline as Timeline,
    Webhook as Webhook,
    whole as whole,
)
from .models import (
    Open as Open,
    OpenEnum as OpenEnum,
    OpenIntEnum as OpenIntEnum,
    OpenObject as OpenObject,
    Timestamp as Timestamp,
    to_builtins as to_builtins,
    to_json as to_json,
)
from .pages import (
    CursorPages as CursorPages,
    NumberedPages as NumberedPages,
    PageStyle as PageStyle,
    Query as Query,
    QueryValue as QueryValue,
)
