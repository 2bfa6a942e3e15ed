"""The pages of the site are those of docs/, and what the code and the contracts say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

import sequence_sandbox
import sequence_sdk.models
import sequence_sdk.platform.models
from documentation import __main__ as program, contracts, reference
from documentation.links import LinkError, of_the_site
from sequence_api_client.api import OPERATIONS
from sequence_platform_client.api import OPERATIONS as PLATFORM_OPERATIONS

PAGES = {
    "README.md": "index.md",
    "docs/pay.md": "pay.md",
    "examples/pay.py": "examples.md#pay",
    "notes.md": "a/notes.md",
}


@pytest.mark.parametrize(
    ("source", "target", "written", "expected"),
    [
        ("README.md", "index.md", "[pay](docs/pay.md#safely)", "[pay](pay.md#safely)"),
        ("docs/pay.md", "pay.md", "[home](../README.md)", "[home](index.md)"),
        ("docs/pay.md", "pay.md", "[a program](../examples/pay.py)", "[a program](examples.md#pay)"),
        ("notes.md", "a/notes.md", "[`pay`](docs/pay.md)", "[`pay`](../pay.md)"),
        ("notes.md", "a/notes.md", "[here](#here), [there](https://example.com/a)", None),
        ("notes.md", "a/notes.md", "`[no](link.md)`\n\n```text\n[no](link.md)\n```\n", None),
    ],
)
def test_links_lead_where_a_file_is_on_the_site(source: str, target: str, written: str, expected: str | None) -> None:
    assert of_the_site(written, source, target, PAGES) == (expected or written)


def test_a_link_to_what_is_not_on_the_site_is_said() -> None:
    with pytest.raises(LinkError, match=r"docs/pay\.md links to gone\.md, which is on no page of the site"):
        of_the_site("[gone](gone.md)", "docs/pay.md", "pay.md", PAGES)


def test_the_reference_has_every_public_name() -> None:
    names = reference.all_names()
    assert {f"sequence_sdk.{name}" for name in sequence_sdk.__all__} <= set(names)
    assert {f"sequence_sandbox.{name}" for name in sequence_sandbox.__all__} <= set(names)
    for models in (sequence_sdk.models, sequence_sdk.platform.models):
        assert {f"{models.__name__}.{name}" for name in models.__all__} <= set(names)
    assert {"sequence_sdk.platform.Balances", "sequence_runtime.Operation", "sequence_api_client.api"} <= set(names)
    text = "\n".join(reference.pages().values())
    described = {*re.findall(r"^::: (\S+)", text, re.MULTILINE), *re.findall(r'id="(\S+)"|{ #(\S+) }', text)}
    described |= {one for pair in re.findall(r'id="(\S+)"|{ #(\S+) }', text) for one in pair}
    assert [name for name in names if name not in described | set(reference.ELSEWHERE)] == []


def test_a_public_name_that_is_on_no_page_stops_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequence_sandbox, "__all__", [*sequence_sandbox.__all__, "Beach"])
    with pytest.raises(SystemExit, match=r"no page of the reference has sequence_sandbox\.Beach"):
        reference.pages()


def test_each_operation_is_shown_with_its_parameters_and_what_it_gives() -> None:
    page = reference.pages()["reference/platform-client.md"]
    shown = page.partition("### transfers.create\n")[2].partition("### ")[0]
    assert "await transfers.create(\n    *,\n    source_account_id: str,\n" in shown
    assert ") -> Transfer\n```" in shown
    assert "- `amount_in_cents`: The amount in cents" in shown
    assert "async for" not in shown
    assert "\ntransfers.list(\n" in page  # one that gives a Pager is not awaited
    assert "**Raises**\n\n- `WaitTimeoutError`: " in page


@pytest.mark.parametrize(
    ("file", "operations"), [("openapi.yaml", OPERATIONS), ("openapi-platform.yaml", PLATFORM_OPERATIONS)]
)
def test_the_page_of_a_contract_has_its_operations_and_schemas(file: str, operations: dict[str, object]) -> None:
    document = yaml.safe_load((program.ROOT / file).read_text(encoding="utf-8"))
    page = contracts.page(document, file)
    headings = re.findall(r"^### (.+)$", page, re.MULTILINE)
    assert {*operations, *document["components"]["schemas"]} <= set(headings)
    places = {heading.lower() for heading in headings}
    assert set(re.findall(r"\(#([^)]+)\)", page)) <= places
    assert page.count('??? example "') >= len(operations)
    for line in page.splitlines():  # no bar ends a cell early
        if line.startswith("| ") and not line.startswith("| `$"):
            cells = re.sub(r"`[^`]*`", "", line).replace("\\|", "")
            assert cells.count("|") in {4, 5}


def test_what_has_changed_is_written_and_what_is_gone_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, str | bytes] = {"index.md": "# Home", "a/b.md": "# B", "image.png": b"\x89"}
    monkeypatch.setattr(program, "written", lambda: iter(files.items()))
    program.write(tmp_path)
    first = (tmp_path / "index.md").stat().st_mtime_ns
    del files["a/b.md"]
    files["image.png"] = b"\x90"
    program.write(tmp_path)
    found = {one.relative_to(tmp_path).as_posix(): one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    assert found == {"index.md": b"# Home", "image.png": b"\x90"}
    assert (tmp_path / "index.md").stat().st_mtime_ns == first


def test_every_page_of_docs_and_every_example_is_on_the_site(tmp_path: Path) -> None:
    assert program.main([str(tmp_path)]) == 0
    written = {one.relative_to(tmp_path).as_posix() for one in tmp_path.rglob("*") if one.is_file()}
    assert {one.name for one in (program.ROOT / "docs").glob("*.md")} <= written
    assert {
        "index.md",
        "changelog.md",
        "contributing.md",
        "license.md",
        "openapi.yaml",
        "images/sandbox-dark.png",
    } <= written
    assert "requirements.txt" not in written
    examples = (tmp_path / "examples.md").read_text(encoding="utf-8")
    assert [name for name in program.programs() if f"## {name} {{ #" not in examples] == []
