"""A browser without a window, and a sandbox with something to see."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from sequence_sandbox import Sandbox

POD, CARD, PAYROLL = "acc_01HDEF0123", "acc_01HGHI7890", "acc_01HABC4567"


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; root has to do without its sandbox."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path is not None, "chromium is needed: `make test-browser` installs it"
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


def ask(sandbox: Sandbox, key: str, method: str, path: str, body: object = None) -> httpx.Response:
    """What an app asks of `/api/v1`."""
    headers = {"Authorization": f"ApiKey {key}"}
    return httpx.request(method, f"{sandbox.base_url}{path}", json=body, headers=headers, timeout=30)


def pay(sandbox: Sandbox, key: str, cents: int, source: str = POD) -> httpx.Response:
    body = {"source_account_id": source, "destination_account_id": CARD, "amount_in_cents": cents}
    return ask(sandbox, key, "POST", "/transfers", body)


@contextmanager
def opened(browser: Browser, sandbox: Sandbox, *, complains: str | None = None, **options: Any) -> Iterator[Page]:
    """The page, once it shows something.

    Args:
        browser: Where it is opened.
        sandbox: Whose page it is.
        complains: What is in the only error that the browser logs, where a test makes it log one.
        options: Those of the window.

    Raises:
        AssertionError: It logged another error, threw one, or asked for something elsewhere.
    """
    complaints: list[str] = []
    with browser.new_context(**options) as context:
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda one: one.url.startswith(f"{sandbox.origin}/_sandbox") or complaints.append(one.url))
        page.goto(sandbox.page_url)
        page.wait_for_selector("body[data-ready] #flow svg")
        yield page
        assert [text for text in complaints if complains is None or complains not in text] == []
