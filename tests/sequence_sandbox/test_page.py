"""The page of a sandbox is given to those who may control it, and is told of changes for as long as they look."""

from __future__ import annotations

import gc
import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import AsyncGeneratorType
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from sequence_sandbox import Sandbox
from sequence_sandbox.control import events as stream
from sequence_sandbox.control.page import MEDIA_TYPES, PAGE
from sequence_sandbox.control.view import View
from sequence_sandbox.server import listen

from .test_writes import A_TRANSFER

FILES = sorted(path.name for path in PAGE.iterdir() if path.suffix in MEDIA_TYPES)
PARTS = {"about", "clock", "accounts", "transfers", "executions", "requests", "keys", "faults"}
PATIENCE = 60
"""Seconds that a test waits for what should come at once."""


class Looking:
    """What somebody sees who looks at a sandbox."""

    def __init__(self, response: httpx.Response) -> None:
        self.lines = response.iter_lines()
        self.seen: dict[str, Any] = {}
        self.text = ""

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next event, which has to be as the document says."""
        event = next(self.lines).removeprefix("event: ")
        data = next(self.lines).removeprefix("data: ")
        assert next(self.lines) == ""
        msgspec.json.decode(data, type=View)
        self.text += data
        changes: dict[str, Any] = json.loads(data)
        self.seen |= changes
        return event, changes

    def until(self, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """What there is to see as soon as something holds of it."""
        self.seen or self.next()
        while not holds(self.seen):
            self.next()
        return self.seen


@contextmanager
def looking(sandbox: Sandbox, **headers: str) -> Iterator[Looking]:
    with httpx.stream("GET", f"{sandbox.origin}/_sandbox/events", headers=headers, timeout=PATIENCE) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield Looking(response)


def pay(sandbox: Sandbox, key: str) -> str:
    """The ID of a new transfer."""
    headers = {"Authorization": f"ApiKey {key}"}
    response = httpx.post(f"{sandbox.base_url}/transfers", json=A_TRANSFER, headers=headers, timeout=PATIENCE)
    return str(response.json()["data"]["id"])


def waited_for(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.05)
    return holds()


def open_streams() -> int:
    """How many streams this process has."""
    found = (one for one in gc.get_objects() if isinstance(one, AsyncGeneratorType))
    return sum(one.ag_code is stream._stream.__code__ and one.ag_frame is not None for one in found)


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_page_is_given_and_trusts_nothing_from_elsewhere(name: str, running: Sandbox) -> None:
    response = httpx.get(f"{running.page_url}{'' if name == 'index.html' else f'page/{name}'}")
    assert response.status_code == 200
    assert response.content == (PAGE / name).read_bytes()
    assert response.headers["content-type"].startswith(MEDIA_TYPES[(PAGE / name).suffix])
    assert response.headers["x-content-type-options"] == "nosniff"
    policy = dict(one.strip().partition(" ")[::2] for one in response.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert {policy[f"{one}-src"] for one in ("script", "style", "img", "connect")} == {"'self'"}
    assert "unsafe" not in str(policy)


def test_the_page_needs_nothing_but_its_own_files() -> None:
    sources = {name: (PAGE / name).read_text() for name in FILES}
    named = re.findall(r'(?:src|href)="page/([^"]+)"', sources["index.html"])
    imported = [name for text in sources.values() for name in re.findall(r'from "\./([^"]+)"', text)]
    assert {*named, *imported, "index.html"} == set(FILES)
    for name, text in sources.items():
        assert set(re.findall(r"https?://[\w./]+", text)) <= {"http://www.w3.org/2000/svg"}, name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), name
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", sources["index.html"])


def test_its_address_is_found_without_the_slash(running: Sandbox) -> None:
    assert running.page_url == f"{running.origin}/_sandbox/"
    response = httpx.get(f"{running.origin}/_sandbox", follow_redirects=True)
    assert (response.status_code, str(response.url)) == (200, running.page_url)


@pytest.mark.parametrize(
    "path", ["page/index.html", "page/__init__.py", "page/..%2fsandbox.py", "page/%2e%2e/clock.py"]
)
def test_nothing_but_the_page_is_given(path: str, running: Sandbox) -> None:
    assert httpx.get(running.page_url + path).status_code == 404


@pytest.mark.parametrize("path", ["", "page/page.js", "events"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "elsewhere.example"},
        {"Origin": "https://elsewhere.example"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
    ids=str,
)
def test_pages_from_elsewhere_cannot_look(path: str, headers: dict[str, str], running: Sandbox) -> None:
    response = httpx.get(running.page_url + path, headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


def test_where_there_is_a_token_the_page_can_ask_for_it_and_shows_nothing_without() -> None:
    sandbox = Sandbox(control_token="tok_1")
    with sandbox.serve():
        page = httpx.get(sandbox.page_url, headers={"Host": "sandbox.internal"})
        assert page.status_code == 200
        assert "tok_1" not in page.text
        for headers in ({}, {"Authorization": "Bearer tok_2"}):
            assert httpx.get(f"{sandbox.page_url}events", headers=headers).status_code == 401
        assert httpx.get(f"{sandbox.page_url}events?token=tok_1").status_code == 401
        with looking(sandbox, Authorization="Bearer tok_1") as look:
            assert look.next()[0] == "view"


def test_who_begins_to_look_sees_everything(running: Sandbox) -> None:
    pay(running, running.create_key(label="app"))
    running.fail("latency", "listAccounts", seconds=2)
    with looking(running) as look:
        event, seen = look.next()
    assert event == "view"
    assert set(seen) == PARTS
    assert seen["clock"] == {"now": "2024-04-24T00:00:00Z", "speed": 0}
    accounts = {one["id"]: one for one in seen["accounts"]}
    assert accounts["acc_01HDEF0123"]["balance_in_cents"] == 530_000
    assert accounts["acc_01HGHI7890"]["is_liability"]
    assert accounts["acc_01GSBX0000003"]["balance"] == "unknown"
    assert accounts["acc_01GSBX0000004"]["balance"] == "none"
    assert accounts["acc_01GSBX0000005"]["is_deleted"]
    assert (len(seen["transfers"]), seen["transfers"][0]["status"]) == (50, "processing")
    assert seen["executions"][0]["id"] == "rex_01HABC4567"
    assert [one["operation"] for one in seen["requests"]] == ["createTransfer"]
    assert [one["label"] for one in seen["keys"]] == ["app"]
    assert [one["kind"] for one in seen["faults"]] == ["latency"]
    assert seen["about"]["paths"] == {"v1": "/api/v1", "platform": "/platform/v1"}
    assert {"createTransfer", "listAccounts"} <= {*seen["about"]["operations"]}
    assert "latency" in seen["about"]["faults"]


def test_who_looks_is_told_of_what_changes_and_of_nothing_else(running: Sandbox) -> None:
    key = running.create_key()
    with looking(running) as look, looking(running) as other:
        look.next()
        made = pay(running, key)
        assert look.until(lambda seen: seen["transfers"][0]["id"] == made)["transfers"][0]["status"] == "processing"
        running.advance(5)
        seen = look.until(lambda seen: seen["transfers"][0]["status"] == "complete" and seen["requests"][0]["duration"])
        assert seen["requests"][0]["status"] == 201
        assert {one["id"]: one["balance_in_cents"] for one in seen["accounts"]}["acc_01HDEF0123"] < 530_000
        running.fail("html")
        event, changes = look.next()
        assert (event, set(changes)) == ("change", {"faults"})
        running.clock.run(60)
        assert look.next()[1]["clock"]["speed"] == 60
        running.reset()
        reset = look.until(lambda seen: not seen["faults"] and not seen["clock"]["speed"])
        assert (reset["requests"], reset["clock"]["now"]) == ([], "2024-04-24T00:00:00Z")
        other.until(lambda seen: seen["transfers"] == reset["transfers"])


def test_a_denied_request_is_seen_with_the_missing_grant(running: Sandbox) -> None:
    headers = {"Authorization": f"ApiKey {running.create_key([], label='a report')}"}
    with looking(running) as look:
        httpx.get(f"{running.base_url}/accounts/acc_01HABC4567", headers=headers)
        (one,) = look.until(lambda seen: seen["requests"] and seen["requests"][0]["status"])["requests"]
    assert (one["permission"], one["key_label"]) == ("denied", "a report")
    assert one["grant"] == {"scope": "READ_ACCOUNTS", "resources": ["acc_01HABC4567"]}


def test_no_secret_is_shown(running: Sandbox) -> None:
    key = running.create_key()
    running.webhooks.register("http://127.0.0.1:9/hook", secret="whsec_hidden")
    with looking(running) as look:
        made = pay(running, key)
        look.until(lambda seen: seen["transfers"][0]["id"] == made)
    assert not [word for word in (key, "whsec", "authorization", "bank_account", "routing") if word in look.text]


def test_a_clock_that_runs_completes_transfers_while_somebody_looks_under_any_server() -> None:
    sandbox = Sandbox(running_clock=True, clock_speed=60)
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(uvicorn.Config(sandbox.app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        sandbox.origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            with looking(sandbox) as look:
                made = pay(sandbox, sandbox.create_key())
                look.until(
                    lambda seen: (seen["transfers"][0]["id"], seen["transfers"][0]["status"]) == (made, "complete")
                )
        finally:
            server.should_exit = True
            thread.join()


def test_where_nothing_happens_the_time_is_told(running: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.3)
    with looking(running) as look:
        look.next()
        assert [look.next() for _ in range(2)] == [("change", {"clock": look.seen["clock"]})] * 2


def test_nothing_is_left_of_those_who_leave(running: Sandbox) -> None:
    with looking(running) as look, looking(running) as other:
        look.next(), other.next()
        assert open_streams() == 2
    assert waited_for(lambda: open_streams() == 0)


def test_a_server_that_stops_ends_the_streams_of_those_who_look() -> None:
    sandbox = Sandbox()
    with ExitStack() as after:
        with sandbox.serve():
            look = after.enter_context(looking(sandbox))
            look.next()
        assert [*look.lines] == []  # it came to its end, and was not cut
    with sandbox.serve(), looking(sandbox) as look:
        assert look.next()[0] == "view"


def test_a_server_stops_though_somebody_looks_and_does_not_read() -> None:
    sandbox = Sandbox()
    with socket.socket() as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with sandbox.serve():
            with httpx.Client() as client:  # more than the buffers of two sockets hold
                for _ in range(200):
                    client.get(f"{sandbox.base_url}/{'x' * 50_000}", timeout=PATIENCE)
            host, port = sandbox.origin.removeprefix("http://").split(":")
            reader.connect((host, int(port)))
            reader.sendall(f"GET /_sandbox/events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
            assert reader.recv(4096).startswith(b"HTTP/1.1 200")
    assert open_streams() == 0
