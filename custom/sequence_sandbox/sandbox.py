"""A local Sequence API: its data, its keys, and the application that serves them."""

from __future__ import annotations

import itertools
import secrets
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Router

from .data import Data, make_data
from .keys import ALL_PERMISSIONS, Key
from .protocol import Refused, no_such_route, refuse
from .routes import routes

BASE_PATH = "/api/v1"


class Sandbox:
    """A Sequence API of one organization, served by the ASGI application `app` below `/api/v1`.

        sandbox = Sandbox()
        key = sandbox.create_key([{"scope": "READ_ACCOUNTS", "resources": ["acc_01HDEF0123"]}])

    It serves every operation that reads.
    """

    def __init__(self, data: Data | None = None) -> None:
        self.data = make_data() if data is None else data
        self.keys: dict[str, Key] = {}
        self._request_numbers = itertools.count(1)
        self.app = Starlette(
            routes=[Mount(BASE_PATH, app=Router(routes(self), redirect_slashes=False))],
            exception_handlers={Refused: refuse, HTTPException: no_such_route},
        )

    def create_key(self, permissions: list[dict[str, Any]] | None = None, *, key: str | None = None) -> str:
        """Make an API key and give it.

        Args:
            permissions: Its entries, `{"scope": …, "resources": […]}`; without them it may read everything.
            key: The key itself, if it is to be a certain one.
        """
        key = key or f"sandbox_{secrets.token_hex(16)}"
        self.keys[key] = Key(ALL_PERMISSIONS if permissions is None else permissions)
        return key

    def next_request_id(self) -> str:
        """The identifier for a request that came without one."""
        return f"req_01SANDBOX{next(self._request_numbers):07}"
