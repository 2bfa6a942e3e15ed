"""What the pages show runs, and their links lead somewhere."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import posixpath
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import httpx
import pytest

import sequence_sdk
from documentation.links import parts
from sequence_sandbox import Sandbox
from sequence_sdk import FINAL_ERRORS, PlatformClient, SequenceClient

ROOT = Path(__file__).parents[1]
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
}
ELSEWHERE = {
    "docs/contract-extensions.md": "tests/generator/test_generate.py",
    "docs/durable.md": "tests/test_examples.py",
    "docs/sync.md": "tests/sequence_sdk/test_sync.py",
    "docs/telemetry.md": "tests/sequence_sdk/test_telemetry.py",
    "docs/testing.md": "tests/sequence_sandbox/test_plugin.py",
    "docs/warehouses.md": "tests/warehouse",
    "docs/webhooks.md": "tests/sequence_sdk/test_webhooks.py",
}
"""Pages whose programs are run by other tests, and by which."""
ALONE = {"docs/fastapi.md", "docs/multi-tenant.md", "docs/tutorial.md"}
"""Pages whose programs are run here, by tests of their own."""
NOT_INSTALLED = ("homeassistant",)
"""What is not installed here: a program that imports it is compiled, and not run."""


def programs(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", PAGES[page], re.DOTALL)


def run_page(program: str, page: str) -> dict[str, Any]:
    """What a program defines, once it has run."""
    namespace: dict[str, Any] = {"__name__": "page"}
    code = compile(program, page, "exec")
    if not any(f"from {name}" in program for name in NOT_INSTALLED):
        exec(code, namespace)
    return namespace


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox whose time flies, and that programs find."""
    sandbox = Sandbox(running_clock=True, clock_speed=100)
    with sandbox.serve() as base_url:
        monkeypatch.setenv("SEQUENCE_API_KEY", sandbox.create_key())
        monkeypatch.setenv("SEQUENCE_BASE_URL", base_url)
        monkeypatch.setenv("SEQUENCE_PLATFORM_BASE_URL", sandbox.platform_url)
        yield sandbox


def test_every_page_with_programs_has_a_test_that_runs_them() -> None:
    for page, place in ELSEWHERE.items():
        tests = [ROOT / place] if place.endswith(".py") else list((ROOT / place).rglob("*.py"))
        name = posixpath.basename(page)
        assert page not in PAGES or any(name in one.read_text(encoding="utf-8") for one in tests), page


@pytest.mark.parametrize("page", [page for page in PAGES if programs(page) and page not in {*ELSEWHERE, *ALONE}])
def test_the_programs_of_the_pages_run(page: str, sandbox: Sandbox) -> None:
    """Each Python block, and each asynchronous function in one, against a sandbox."""

    async def call(function: Any) -> None:
        async with SequenceClient() as sequence, PlatformClient() as platform, aiohttp.ClientSession() as session:
            own = Sandbox()
            known = {
                "sequence": sequence,
                "platform": platform,
                "session": session,
                "keys": {"a customer": os.environ["SEQUENCE_API_KEY"]},
                "pod": sandbox.uuid("acc_01HDEF0123"),
                "card": sandbox.uuid("acc_01HGHI7890"),
                "fund": sandbox.uuid("acc_01GSBX0000001"),
                "bank": sandbox.uuid("acc_01GSBX0000003"),
                "rule_id": sandbox.uuid("rule_01HXYZ1234"),
                "name": "Boat",
                "begun": datetime.now(UTC),
                "again": False,
                "cursor": None,
                "sequence_sandbox": own,
                "sequence_platform": own.platform_client(),
            }
            wanted = inspect.signature(function).parameters.values()
            given = {one.name: known[one.name] for one in wanted if one.default is one.empty}
            await function(**given)

    for program in programs(page):
        namespace = run_page(program, page)
        for name, function in namespace.items():
            if inspect.iscoroutinefunction(function) and name != "main":
                asyncio.run(call(function))


def test_the_tutorial_goes_as_it_says(sandbox: Sandbox) -> None:
    """Each program prints what the page says, with a key like that of `sequence-sandbox`."""
    page = "docs/tutorial.md"
    readable = [one for one in sandbox.organization.accounts if one != "acc_01HABC4567"]
    route = {"source": sandbox.uuid("acc_01HDEF0123"), "target": sandbox.uuid("acc_01HGHI7890")}
    grants = [
        {"scope": "READ_ACCOUNTS", "resources": [sandbox.uuid(one) for one in readable]},
        {"scope": "READ_TRANSFERS", "resources": ["*"]},
        {"scope": "MANUAL_TRANSFER", "resources": [route]},
    ]
    environment = {**os.environ, "SEQUENCE_API_KEY": sandbox.create_key({"platform": grants})}

    def shown(program: str) -> str:
        ended = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        return ended.stdout

    accounts, balances, transfers, pay, refused = programs(page)
    said = [text.splitlines() for text in re.findall(r"```text\n(.*?)```", PAGES[page], re.DOTALL)]
    for program, lines in zip((accounts, balances, refused), said, strict=True):
        assert set(lines) <= set(shown(program).splitlines())
    assert len(re.findall(r"^\d{4}-\d\d-\d\d +\d+ [A-Z_]+$", shown(transfers), re.MULTILINE)) == 3
    before = len(sandbox.organization.transfers)
    first, again = shown(pay), shown(pay)
    assert first == again
    assert first.endswith(" COMPLETE\n")
    (fault,) = re.findall(r"-d '(.*)'", PAGES[page])
    sandbox.fail(**json.loads(fault))
    other = pay.replace("invoice-2024-17", "invoice-2024-18")
    assert shown(other).startswith("perhaps paid")
    assert shown(other).endswith(" COMPLETE\n")
    assert len(sandbox.organization.transfers) == before + 2


@asynccontextmanager
async def browsing(app: Any) -> Any:
    """A client of a web app, between its start and its end."""
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as browser,
    ):
        yield browser


def test_the_web_app_of_the_page_says_unknown_and_never_failed(sandbox: Sandbox) -> None:
    (program,) = programs("docs/fastapi.md")
    app = run_page(program, "docs/fastapi.md")["app"]
    ends = {"source": sandbox.uuid("acc_01HDEF0123"), "destination": sandbox.uuid("acc_01HGHI7890")}

    async def use() -> None:
        async with browsing(app) as browser:
            names = [account["name"] for account in (await browser.get("/accounts")).json()]
            assert "Emergency Fund" in names
            sandbox.fail("reset_after", "createTransfer", times=4)
            payment = {**ends, "cents": 2600}
            unknown = await browser.post("/invoices/26/payment", params=payment)
            assert (unknown.status_code, unknown.json()["status"]) == (202, "unknown")
            paid = await browser.post("/invoices/26/payment", params=payment)
            assert (paid.status_code, paid.json()["amount_in_cents"]) == (201, 2600)
            refused = await browser.post("/invoices/27/payment", params={**payment, "source": str(UUID(int=1))})
            assert (refused.status_code, refused.json()["error"]) == (502, "payments are out of order")

    asyncio.run(use())
    assert [one.amount_in_cents for one in sandbox.organization.transfers].count(2600) == 1


def test_a_thousand_tenants_share_an_http_client_and_nothing_else(sandbox: Sandbox) -> None:
    """Each is answered for its own key; the one whose key is not accepted is told so, and holds up nobody."""
    (program,) = programs("docs/multi-tenant.md")
    namespace = run_page(program, "docs/multi-tenant.md")
    keys = {f"tenant {number}": sandbox.create_key() for number in range(999)}
    keys["tenant of yesterday"] = "sk_revoked"
    found = asyncio.run(namespace["pods_of_all"](keys))
    refusal = found.pop("tenant of yesterday")
    assert "401" in refusal
    assert "sk_revoked" not in refusal
    assert len(found) == 999
    assert set(found.values()) == {found["tenant 0"]}
    asked = Counter(one.key_id for one in sandbox.requests if one.status == 200)
    assert len(asked) == 999


def anchors(text: str) -> set[str]:
    """The places of a page that a link can lead to, as GitHub names them."""
    seen: Counter[str] = Counter()
    found: set[str] = set(re.findall(r'id="([^"]+)"', text))
    prose = "".join(part for part, is_code in parts(text) if not is_code or not part.startswith("```"))
    for heading in re.findall(r"^#+ (.+)$", prose, re.MULTILINE):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        found.add(slug if not seen[slug] else f"{slug}-{seen[slug]}")
        seen[slug] += 1
    return found


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    prose = "".join(part for part, is_code in parts(PAGES[page]) if not is_code)
    links = re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", prose)
    for target, anchor in links:
        if re.match(r"https?:|mailto:", target):
            continue
        file = posixpath.normpath(posixpath.join(posixpath.dirname(page), target)) if target else page
        assert (ROOT / file).exists(), target
        assert not anchor or anchor in anchors(PAGES[file]), f"{target}#{anchor}"


def test_every_error_is_in_the_table_that_says_whether_a_repeat_helps() -> None:
    rows = [line.strip("| ").split(" | ") for line in PAGES["docs/errors.md"].splitlines() if line.startswith("| `")]
    told = {name.strip("`"): repeat for name, _, repeat, _, _ in rows}
    errors = {name for name in sequence_sdk.__all__ if name.endswith("Error")} - {"SequenceError", "APIError"}
    assert told.keys() == errors
    assert {name for name, repeat in told.items() if repeat in {"no", "with another key"}} == set(FINAL_ERRORS)


def test_a_status_is_said_for_every_error_as_the_platform_page_has_it() -> None:
    def rows(page: str, columns: int) -> Iterator[list[str]]:
        for line in PAGES[page].splitlines():
            cells = line.strip("| ").split(" | ")
            if line.startswith("| `") and len(cells) == columns:
                yield cells

    said = {name.strip("`"): status for name, _, _, _, status in rows("docs/errors.md", 5)}
    for names, status, _ in rows("docs/platform.md", 3):
        for name in re.findall(r"`(\w+Error)`", names):
            if status.isdecimal():
                assert said[name] == status, name
