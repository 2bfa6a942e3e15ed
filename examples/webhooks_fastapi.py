"""Receives Sequence's webhooks with FastAPI. Run as a program, it delivers an event to itself, twice."""

import asyncio
import logging
import sqlite3
import tempfile
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing

from fastapi import BackgroundTasks, FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from webhooks_delivery import SECRET, deliver

from sequence_sdk import WebhookVerificationError, webhooks

log = logging.getLogger("webhooks")

TABLE = "CREATE TABLE IF NOT EXISTS events (id TEXT NOT NULL UNIQUE, type TEXT, resource_id TEXT, done INT DEFAULT 0)"


def make_app(database: str, secret: str) -> FastAPI:
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

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None, None]:
        with closing(sqlite3.connect(database)) as events:
            events.execute(TABLE)
        await run_in_threadpool(process)
        yield

    app = FastAPI(lifespan=lifespan)

    # The bytes as they came: a parameter of a model's type would be read from them, and no longer fit the signature.
    @app.post("/webhooks")
    async def receive(request: Request, afterwards: BackgroundTasks) -> Response:
        try:
            event = webhooks.verify(await request.body(), request.headers, secret)
        except WebhookVerificationError as error:
            log.warning("refused: %s", error)
            return Response(status_code=400)
        if await run_in_threadpool(store, event):
            afterwards.add_task(process)  # Sequence has its answer before the work begins
        return Response(status_code=204)

    return app


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(deliver(make_app(f"{folder}/events.db", SECRET)))
