"""Receives Sequence's webhooks with Starlette. Run as a program, it delivers an event to itself, twice."""

import asyncio
import logging
import sqlite3
import tempfile
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from webhooks_delivery import SECRET, deliver

from sequence_sdk import WebhookVerificationError, webhooks

log = logging.getLogger("webhooks")

TABLE = "CREATE TABLE IF NOT EXISTS events (id TEXT NOT NULL UNIQUE, type TEXT, resource_id TEXT, done INT DEFAULT 0)"


def make_app(database: str, secret: str) -> Starlette:
    one_at_a_time = threading.Lock()

    def store(event: webhooks.WebhookEvent) -> bool:
        """Whether the event is new."""
        with closing(sqlite3.connect(database)) as events, events:
            values = (event.id, event.type.value, event.resource.id)
            insert = "INSERT INTO events (id, type, resource_id) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING"
            return events.execute(insert, values).rowcount == 1

    def process() -> None:
        """Work on what is stored and not done, also by a process that ended before it was."""
        with one_at_a_time, closing(sqlite3.connect(database)) as events:
            waiting = events.execute("SELECT id, type, resource_id FROM events WHERE NOT done").fetchall()
            for id, type, resource_id in waiting:
                log.info("processed: %s %s", type, resource_id)
                with events:
                    events.execute("UPDATE events SET done = 1 WHERE id = ?", (id,))

    async def receive(request: Request) -> Response:
        try:
            event = webhooks.verify(await request.body(), request.headers, secret)
        except WebhookVerificationError as error:
            log.warning("refused: %s", error)
            return Response(status_code=400)
        new = await run_in_threadpool(store, event)
        # Sequence has its answer before the work begins.
        return Response(status_code=204, background=BackgroundTask(process) if new else None)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None, None]:
        with closing(sqlite3.connect(database)) as events:
            events.execute(TABLE)
        await run_in_threadpool(process)
        yield

    return Starlette(routes=[Route("/webhooks", receive, methods=["POST"])], lifespan=lifespan)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(deliver(make_app(f"{folder}/events.db", SECRET)))
