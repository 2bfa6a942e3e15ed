"""Tells those who look of changes: a stream of server-sent events, of what there is to see and what changes.

Nothing is kept for those who look, and nobody has to say that something changed: each stream looks for itself, and
sends what is otherwise than it last sent. So a sandbox that nobody looks at does no more than before, and one who reads
slowly misses what was in between, and gets what is.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING

import anyio
import msgspec
from starlette.requests import Request
from starlette.responses import StreamingResponse

from .view import PARTS, About, View, changing, clock

if TYPE_CHECKING:
    from ..sandbox import Sandbox

EVENTS_PATH = "/events"
STOPPING = "sequence_sandbox_stopping"
"""Where the state of a server says whether it is to stop: streams end then, since it waits for them."""
INTERVAL = 0.1
"""Seconds between two looks."""
HEARTBEAT = 5.0
"""Seconds after which the time is sent if nothing else was."""


def events(sandbox: Sandbox, about: About, request: Request) -> StreamingResponse:
    """The stream: an event `view` with everything, and events `change` with what changed."""
    is_stopping: Callable[[], bool] = getattr(request.state, STOPPING, lambda: False)
    return StreamingResponse(
        _stream(sandbox, about, is_stopping),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"},
    )


async def _stream(sandbox: Sandbox, about: About, is_stopping: Callable[[], bool]) -> AsyncGenerator[bytes]:
    sent: dict[str, bytes] = {}
    set_to, spoke = None, 0.0
    while not is_stopping():
        if sandbox.clock.is_running:
            sandbox.organization.settle()
        seen, new = changing(sandbox), View()
        for name in PARTS:
            part = getattr(seen, name)
            encoded = msgspec.json.encode(part)
            if sent.get(name) != encoded:
                sent[name] = encoded
                setattr(new, name, part)
        was_set_to, set_to = set_to, sandbox.clock.setting
        if set_to != was_set_to or time.monotonic() - spoke >= HEARTBEAT:
            new.clock = clock(sandbox)
        if new != View():
            if not spoke:
                new.about = about
            yield b"event: %s\ndata: %s\n\n" % (b"change" if spoke else b"view", msgspec.json.encode(new))
            spoke = time.monotonic()
        await anyio.sleep(INTERVAL)
