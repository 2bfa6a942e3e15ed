"""For the examples of webhooks: serves an app on loopback, and delivers an event to it, signed as Sequence does."""

import asyncio
import hashlib
import hmac
import json
import logging
import socket
import sys
import time
from typing import Any

import httpx
import uvicorn

log = logging.getLogger("webhooks")

SECRET = "whsec_of_this_example"

EVENT_ID = "5ea90c37-f41b-4d82-9b06-c2d7e8a1603f"
EVENT = {
    "id": EVENT_ID,
    "type": "transfer.changed",
    "resource": {"type": "transfer", "id": "6d19b8e4-a07f-43c2-8b54-e7f301c92da8"},
    "created_at": "2026-07-15T09:02:35Z",
}


def signed(body: bytes) -> dict[str, str]:
    seconds = str(int(time.time()))
    signature = hmac.new(SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Sequence-Signature": f"t={seconds},v1={signature}", "X-Sequence-Event-Id": EVENT_ID}


async def deliver(app: Any) -> None:
    logging.basicConfig(format="%(message)s", stream=sys.stdout)
    log.setLevel(logging.INFO)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/webhooks"
        body = json.dumps(EVENT).encode()
        deliveries = [
            ("first delivery", body, signed(body)),
            ("the same event again", body, signed(body)),
            ("with another body", body.replace(b"6d19", b"ffff"), signed(body)),
        ]
        async with httpx.AsyncClient(trust_env=False) as sequence:
            for name, content, headers in deliveries:
                response = await sequence.post(url, content=content, headers=headers)
                log.info("%s: %s", name, response.status_code)
        server.should_exit = True
        await serving
