"""The site is whole, and its pages look right in a browser."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser

from documentation.reference import all_names
from tests.browser.browsing import chromium

from .built import SITE, broken, nav, page, pages

pytestmark = pytest.mark.browser

PAGES = sorted(set(nav()))


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Where the site is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(SITE)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_every_page_is_in_the_navigation_and_the_other_way_round() -> None:
    assert set(pages()) - {"404.html"} == set(PAGES)


def test_no_page_is_empty() -> None:
    assert [one for one in PAGES if len(page(one).text.split()) < 40] == []


def test_every_page_has_one_heading() -> None:
    assert [one for one in PAGES if not "".join(page(one).headings).strip()] == []


def test_no_item_of_a_list_and_no_fence_is_taken_for_text() -> None:
    """Where GitHub sees a list or a block of code, the site may not."""
    marks = re.compile(r"(?<=[^\n]\n)(?:\d{1,2}\. |```).*", re.MULTILINE)
    assert {one: found for one in PAGES if (found := marks.findall(page(one).prose))} == {}


def test_links_lead_somewhere() -> None:
    assert {one: list(broken(one)) for one in pages() if one != "404.html" and any(broken(one))} == {}


def test_the_reference_has_every_public_name() -> None:
    places = {place for one in PAGES if one.startswith("reference/") for place in page(one).places}
    assert [name for name in all_names() if name not in places] == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_looks_right_on_a_phone_and_on_a_screen(path: str, origin: str, browser: Browser) -> None:
    """It logs no error, loads nothing from elsewhere and nothing in vain, and is as wide as the window."""
    complaints: list[str] = []
    with browser.new_context(viewport={"width": 360, "height": 800}) as context:
        tab = context.new_page()
        tab.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda one: one.url.startswith(origin) or complaints.append(one.url))
        tab.on("requestfailed", lambda one: complaints.append(f"failed: {one.url}"))
        tab.on("response", lambda one: one.status < 400 or complaints.append(f"{one.status}: {one.url}"))
        tab.goto(f"{origin}/{path}")
        assert tab.title().strip()
        assert tab.locator("article h1").first.inner_text().strip()
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        tab.set_viewport_size({"width": 1280, "height": 800})
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert tab.locator("article").inner_text().strip()
    assert complaints == []
