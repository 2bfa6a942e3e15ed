"""Writes the pictures of the page that docs/testing.md shows: `make screenshots`."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Literal

from PIL import Image

from sequence_sandbox import Sandbox

from .browsing import CARD, PAYROLL, POD, ask, chromium, pay

IMAGES = Path(__file__).parents[2] / "docs" / "images"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def busy() -> Sandbox:
    """A sandbox in which something of every kind has just happened."""
    return Sandbox(transfers=26)


def happen(sandbox: Sandbox) -> None:
    reader = [{"scope": "LIST_ACCOUNTS"}, {"scope": "READ_TRANSFERS", "resources": [POD]}]
    app, report = sandbox.create_key(label="payments app"), sandbox.create_key(reader, label="report job")
    pay(sandbox, app, 125_000)
    sandbox.advance(3600)
    ask(sandbox, app, "POST", "/rules/rule_01GSBX0000001/trigger", {})
    pay(sandbox, app, 99_999_900)
    sandbox.advance(7)
    ask(sandbox, report, "GET", "/accounts")
    ask(sandbox, report, "GET", f"/transfers?account_id={POD}")
    ask(sandbox, report, "GET", f"/accounts/{PAYROLL}")
    sandbox.fail("status", "createTransfer")
    pay(sandbox, app, 48_000)
    pay(sandbox, app, 48_000)
    body = {"source_account_id": PAYROLL, "destination_account_id": POD, "amount_in_cents": 210_000}
    ask(sandbox, app, "POST", "/transfers", body)
    sandbox.advance(1.5)
    ask(sandbox, app, "GET", f"/accounts/{CARD}")
    sandbox.fail("reset_after", "createTransfer", times=2)
    sandbox.fail("latency", "listAccounts", seconds=1.5)


def save(picture: bytes, path: Path) -> None:
    """Keep a picture in 256 colours, in which it looks the same and is a third of the size."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)


def main(folder: Path = IMAGES, widths: tuple[int, ...] = (1280,)) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = busy()
    with sandbox.serve(), chromium() as browser:
        happen(sandbox)
        for scheme in SCHEMES:
            for width in widths:
                page = browser.new_page(
                    viewport={"width": width, "height": 1728}, color_scheme=scheme, reduced_motion="reduce"
                )
                page.goto(sandbox.page_url)
                page.wait_for_selector("body[data-ready] #flow svg")
                name = f"sandbox-{scheme}.png" if width == 1280 else f"sandbox-{scheme}-{width}.png"
                save(page.screenshot(full_page=width != 1280), folder / name)
                page.close()


if __name__ == "__main__":
    main(*(Path(one) for one in sys.argv[1:2]), widths=tuple(int(one) for one in sys.argv[2:]) or (1280,))
