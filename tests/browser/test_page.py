"""The page of the sandbox, as people use it: with eyes, a keyboard, a screen reader or a telephone."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sequence_sandbox import Sandbox
from sequence_sdk import OutcomeUnknownError, PermissionDeniedError, PlatformClient, SequenceClient

from .browsing import CARD, PAYROLL, POD, ask, chromium, opened

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)
T = TypeVar("T")
CONTRAST = (Path(__file__).parent / "contrast.js").read_text()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox that is served, and whose clock stands still."""
    sandbox = Sandbox(transfers=20)
    with sandbox.serve():
        yield sandbox


@pytest.fixture
def page(browser: Browser, sandbox: Sandbox) -> Iterator[Page]:
    """The page of the sandbox. At its end nothing was logged as an error, and nothing was asked for elsewhere."""
    with opened(browser, sandbox) as page:
        yield page


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What an app does meanwhile: in a thread, as the browser has the event loop of this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


async def pay(sandbox: Sandbox, cents: int = 4321, **options: Any) -> str:
    async with PlatformClient(sandbox.create_key(label="app"), base_url=sandbox.platform_url, **options) as platform:
        transfer = await platform.transfers.create(
            source_account_id=sandbox.uuid(POD), destination_account_id=sandbox.uuid(CARD), amount_in_cents=cents
        )
        return transfer.id


def rows(page: Page, table: str, text: str) -> Locator:
    return page.locator(f"#{table} tr", has_text=text)


def test_it_opens_and_shows_what_there_is(page: Page, sandbox: Sandbox) -> None:
    expect(page).to_have_title("Sequence sandbox")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sequence sandbox")
    expect(page.get_by_role("status")).to_have_text("Live")
    expect(page.locator("#now")).to_have_text("24 Apr 2024, 00:00:00")
    expect(page.locator("#addresses")).to_contain_text(sandbox.base_url)
    expect(page.locator("#addresses")).to_contain_text(sandbox.platform_url)
    accounts = page.locator("#accounts")
    expect(accounts.get_by_role("listitem").filter(has_text="Emergency Fund")).to_contain_text("$5,300.00")
    expect(accounts.get_by_role("listitem").filter(has_text="Amex Gold")).to_contain_text("$2,450.00owed")
    expect(accounts.get_by_role("listitem").filter(has_text="Harbor Savings")).to_contain_text("Balance unknown")
    expect(accounts.get_by_role("listitem").filter(has_text="Index Funds")).to_contain_text("No balance")
    expect(page.locator("#transfers tr")).to_have_count(20)


def test_a_payment_by_the_sdk_appears_without_reload_and_is_completed_by_a_click(page: Page, sandbox: Sandbox) -> None:
    page.evaluate("window.before = true")
    run(pay(sandbox))
    (row,) = [rows(page, "transfers", "$43.21")]
    expect(row).to_contain_text("Processing")
    expect(page.get_by_role("img", name=re.compile("Money flow"))).to_contain_text("$43.21 in flight")
    expect(page.locator("#news")).to_contain_text("Transfer of $43.21 to Amex Gold")
    page.get_by_role("button", name="Advance by 1 minute").click()
    expect(row).to_contain_text("Complete")
    expect(page.locator("#now")).to_have_text("24 Apr 2024, 00:01:00")
    expect(page.locator("#accounts li", has_text="Emergency Fund")).to_contain_text("$5,256.79")
    expect(page.locator("#flow svg")).not_to_contain_text("in flight")
    assert page.evaluate("window.before")


def test_a_payment_completes_while_the_clock_runs(page: Page, sandbox: Sandbox) -> None:
    page.get_by_role("button", name="Run at 60").click()
    expect(page.get_by_role("button", name="Run at 60")).to_have_attribute("aria-pressed", "true")
    run(pay(sandbox))
    expect(rows(page, "transfers", "$43.21")).to_contain_text("Complete")
    page.get_by_role("button", name="Freeze").click()
    expect(page.locator("#speed")).to_have_text("frozen")
    assert not sandbox.clock.is_running


def test_a_rule_that_runs_is_seen(page: Page, sandbox: Sandbox) -> None:
    async def trigger() -> None:
        async with SequenceClient(sandbox.create_key(), base_url=sandbox.base_url) as client:
            await client.rules.trigger("rule_01GSBX0000001")

    run(trigger())
    expect(rows(page, "executions", "Pay the card")).to_contain_text("In progress")
    page.get_by_role("button", name="Advance by 1 hour").click()
    expect(rows(page, "executions", "Pay the card")).to_contain_text("Executed")


def test_a_fault_that_is_set_by_a_click_is_met_by_the_sdk(page: Page, sandbox: Sandbox) -> None:
    page.get_by_label("Kind").select_option("status")
    page.get_by_label("Operation").select_option("createTransfer")
    page.get_by_label("Times", exact=True).fill("2")
    page.get_by_label("Status").fill("500")
    page.get_by_role("button", name="Set fault").click()
    due = page.get_by_role("list", name="Due").get_by_role("listitem")
    expect(due).to_have_text(re.compile("status on createTransfer.*2 times, status 500"))
    with pytest.raises(OutcomeUnknownError):
        run(pay(sandbox, max_retries=0))
    expect(due).to_contain_text("1 time,")
    run(pay(sandbox))
    expect(page.locator("#faults-empty")).to_be_visible()
    assert [one.status for one in sandbox.requests] == [500, 500, 201]
    page.get_by_role("radio", name="Failed").check(force=True)
    expect(page.locator("#requests tr")).to_have_count(2)
    expect(page.locator("#requests tr").first).to_contain_text("status")


def test_faults_are_cleared_by_a_click(page: Page, sandbox: Sandbox) -> None:
    page.get_by_label("Kind").select_option("reset_after")
    expect(page.get_by_label("Status")).to_be_hidden()
    page.get_by_role("button", name="Set fault").click()
    page.get_by_role("button", name="Clear all faults").click()
    expect(page.locator("#faults-empty")).to_be_visible()
    assert sandbox.faults.faults == []


def test_a_denied_request_shows_its_missing_grant_to_copy(browser: Browser, sandbox: Sandbox) -> None:
    async def ask() -> None:
        async with SequenceClient(sandbox.create_key([], label="report"), base_url=sandbox.base_url) as client:
            with pytest.raises(PermissionDeniedError):
                await client.accounts.get(PAYROLL)

    with opened(browser, sandbox, permissions=["clipboard-read", "clipboard-write"]) as page:
        run(ask())
        run(pay(sandbox))
        page.get_by_role("radio", name="Refused").check(force=True)
        expect(page.locator("#requests tr")).to_have_count(1)
        row = rows(page, "requests", "report")
        expect(row).to_contain_text("Denied")
        expect(row.locator("code")).to_have_text('{"scope":"READ_ACCOUNTS","resources":["acc_01HABC4567"]}')
        row.get_by_role("button", name="Copy the missing grant").click()
        expect(row.get_by_role("button")).to_have_text("Copied")
        copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
    assert copied == {"scope": "READ_ACCOUNTS", "resources": [PAYROLL]}


def test_what_callers_send_is_shown_as_text(page: Page, sandbox: Sandbox) -> None:
    evil = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    key = sandbox.create_key([], label=evil)
    pod = sandbox.organization.create_account("pod", evil, beneficiary=evil, savings_target=None)
    ask(sandbox, key, "GET", f"/accounts/{evil}")
    now = sandbox.clock.now()
    sandbox.organization.create_transfer(POD, pod, 4321, at=now, description=evil)
    expect(page.locator("#accounts")).to_contain_text(evil)
    expect(page.locator("#keys")).to_contain_text(evil)
    expect(page.locator("#transfers")).to_contain_text(f"→ {evil}{evil}")
    expect(page.locator("#requests")).to_contain_text(f"/api/v1/accounts/{evil}")
    expect(page.get_by_role("img", name=f"from Emergency Fund to {evil}")).to_be_visible()
    assert page.locator("main img, main script").count() == 0
    expect(page).to_have_title("Sequence sandbox")


def test_a_browser_would_not_run_what_a_mistake_let_through(browser: Browser, sandbox: Sandbox) -> None:
    with opened(browser, sandbox, complains="TrustedHTML") as page:
        refused = page.evaluate(
            "() => { try { document.body.innerHTML = '<b>'; } catch (error) { return error.name; } }"
        )
    assert refused == "TypeError"


def test_an_error_of_the_sandbox_is_said(browser: Browser, sandbox: Sandbox) -> None:
    sandbox.clock.set(datetime(2199, 12, 31, 23, 30, tzinfo=UTC))
    with opened(browser, sandbox, complains="status of 400") as page:
        page.get_by_role("button", name="Advance by 1 hour").click()
        expect(page.get_by_role("alert")).to_contain_text("2200-01-01T00:00:00Z at most")
        page.get_by_role("button", name="Advance by 1 minute").click()
        expect(page.get_by_role("alert")).to_be_empty()
        expect(page.locator("#now")).to_have_text("31 Dec 2199, 23:31:00")


def test_a_reset_asks_first_and_is_done_by_keyboard(page: Page, sandbox: Sandbox) -> None:
    run(pay(sandbox))
    expect(page.locator("#transfers tr")).to_have_count(21)
    reset = page.get_by_role("button", name="Reset…")
    dialog = page.get_by_role("dialog", name="Reset the sandbox?")
    reset.focus()
    for leave in ("Escape", "Enter"):  # the first button is to cancel
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
        page.keyboard.press(leave)
        expect(dialog).to_be_hidden()
        expect(reset).to_be_focused()
    assert len(sandbox.organization.transfers) == 21
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#transfers tr")).to_have_count(20)
    expect(reset).to_be_focused()


OUTLINE = """() => {
  const one = document.activeElement;  // of a radio button, which is not seen itself, the text beside it is outlined
  return getComputedStyle(one.matches("[type=radio]") ? one.nextElementSibling : one).outlineStyle;
}"""


def test_everything_is_reached_with_the_tab_key(page: Page, sandbox: Sandbox) -> None:
    sandbox.create_key([{"scope": "LIST_RULES"}])
    sandbox.fail("html")
    expect(page.locator("#keys summary")).to_have_count(2)
    wanted = page.locator("a, button:enabled, select, input:enabled:not([type=radio]), input:checked, summary")
    names = [one for one in wanted.all() if one.is_visible() and one.evaluate("one => !one.closest('dialog')")]
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    missing = page.evaluate_handle("elements => new Set(elements)", [one.element_handle() for one in names])
    for _ in range(3 * len(names)):
        style = page.evaluate(OUTLINE)
        assert style != "none", page.evaluate("document.activeElement.outerHTML")
        left = missing.evaluate(
            "missing => (missing.delete(document.activeElement), [...missing].map(one => one.outerHTML))"
        )
        if not left:
            break
        page.keyboard.press("Tab")
    assert left == []


def test_the_skip_link_leads_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_what_changes_elsewhere_leaves_the_focus_where_it_is(page: Page, sandbox: Sandbox) -> None:
    async def ask() -> None:
        async with SequenceClient(sandbox.create_key([]), base_url=sandbox.base_url) as client:
            with pytest.raises(PermissionDeniedError):
                await client.accounts.get(PAYROLL)

    run(ask())
    copy = page.get_by_role("button", name="Copy the missing grant")
    copy.focus()
    run(pay(sandbox))
    expect(rows(page, "requests", "createTransfer")).to_contain_text("201")
    expect(copy).to_be_focused()


def test_a_connection_that_is_lost_is_said_and_made_again(browser: Browser) -> None:
    sandbox = Sandbox(transfers=5)
    with sandbox.serve():
        port = int(sandbox.origin.rpartition(":")[2])
        context = browser.new_context()
        page = context.new_page()
        page.goto(sandbox.page_url)
        expect(page.get_by_role("status")).to_have_text("Live")
    expect(page.get_by_role("status")).to_contain_text("Connection lost")
    with sandbox.serve(port):
        expect(page.get_by_role("status")).to_have_text("Live")
        run(pay(sandbox))
        expect(rows(page, "transfers", "$43.21")).to_be_visible()
        context.close()


def test_a_token_is_asked_for_and_kept_out_of_addresses(browser: Browser) -> None:
    sandbox = Sandbox(transfers=5, control_token="tok_1")
    with sandbox.serve(), browser.new_context() as context:
        page = context.new_page()
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.goto(sandbox.page_url)
        field = page.get_by_label("Token")
        expect(field).to_be_focused()
        expect(page.locator("main")).to_be_hidden()
        field.fill("tok_2")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("not the sandbox's token")
        field.fill("tok_1")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Live")
        page.get_by_role("button", name="Advance by 1 day").click()
        expect(page.locator("#now")).to_have_text("25 Apr 2024, 00:00:00")
        page.reload()
        expect(page.get_by_role("status")).to_have_text("Live")
        assert not [url for url in asked if "tok_" in url]
        assert page.evaluate("localStorage.length") == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out(scheme: Literal["light", "dark"], browser: Browser, sandbox: Sandbox) -> None:
    sandbox.fail("status", "listRules")
    sandbox.create_key([{"scope": "LIST_RULES"}], label="reader")
    run(pay(sandbox))
    run(pay(sandbox, 99_999_900))
    sandbox.advance(2)
    with opened(browser, sandbox, color_scheme=scheme, reduced_motion="reduce") as page:
        expect(rows(page, "transfers", "Incomplete").first).to_be_visible()
        assert page.evaluate(CONTRAST) == []
        page.get_by_role("button", name="Reset…").click()
        assert page.evaluate(CONTRAST) == []
        light = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ground')") == "#f4f6f9"
    assert light == (scheme == "light")


@pytest.mark.parametrize("width", [360, 768, 1400])
def test_the_page_is_as_wide_as_the_window(width: int, browser: Browser, sandbox: Sandbox) -> None:
    sandbox.create_key([{"scope": "READ_ACCOUNTS", "resources": ["acc_" + "X" * 200]}], label="x" * 255)
    run(pay(sandbox))
    with opened(browser, sandbox, viewport={"width": width, "height": 800}) as page:
        for one in page.locator("summary").all():
            one.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_moves_for_those_who_do_not_want_it(browser: Browser, sandbox: Sandbox) -> None:
    with opened(browser, sandbox, reduced_motion="reduce") as page:
        run(pay(sandbox))
        expect(rows(page, "transfers", "$43.21")).to_be_visible()
        assert page.evaluate("document.getAnimations().length") == 0


def test_screen_readers_find_their_way(page: Page) -> None:
    assert [one.evaluate("one => one.localName") for one in page.locator("body > :is(header, main, footer)").all()] == [
        "header", "main", "footer",
    ]  # fmt: skip
    for name in ("Money flow", "Accounts", "Transfers", "Requests", "Rule runs", "Faults", "Keys"):
        expect(page.get_by_role("heading", level=2, name=re.compile(f"^{name}"))).to_be_visible()
    for name in ("Transfers", "Requests", "Rule runs"):
        expect(page.get_by_role("table", name=name)).to_be_visible()
    unnamed = page.evaluate("""() => [...document.querySelectorAll("button, input, select, [role=img], [role=group]")]
        .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.labels?.length))
        .filter((one) => !one.hasAttribute("aria-labelledby"))
        .map((one) => one.outerHTML)""")
    assert unnamed == []
    flow = page.get_by_role("img", name=re.compile("Money flow")).get_attribute("aria-label") or ""
    assert "went from Emergency Fund to Amex Gold ••1234" in flow
