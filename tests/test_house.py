"""The house keeps its order: sizes are bounded, and the core has no word of one API."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from sequence_api_client import CONTRACT
from sequence_api_client.contract import ID_PREFIXES

CUSTOM = Path(__file__).parents[1] / "custom"
CORE = [path for path in (CUSTOM / "sequence_sdk").glob("*.py") if path.name not in {"ended.py", "models.py"}]
ROOMS = [path for path in (CUSTOM / "sequence_sdk").glob("*/*.py") if path.parent.name not in {"v1", "platform"}]


@pytest.fixture
def size() -> ModuleType:
    """The program, as a module."""
    spec = importlib.util.spec_from_file_location("size_under_test", CUSTOM / "size.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_only_lines_of_code_are_counted(size: ModuleType, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    lines = [
        '"""A',
        'program."""',
        "",
        "# a comment",
        "x = 1  # another",
        '"""What x is."""',
        "def f():",
        '    """F."""',
        "    return (",
        "        x,",
        "    )",
    ]
    program.write_text("\n".join(lines))
    assert size.lines_of_code(program) == 5


def test_sizes_are_bounded(size: ModuleType) -> None:
    assert {name: found for name, found in size.sizes().items() if found[0] > found[1]} == {}


def words() -> set[str]:
    """What a contract says, and the core must not know."""
    idempotency = CONTRACT.idempotency
    assert idempotency is not None
    named = {
        CONTRACT.base_url_variable,
        CONTRACT.api_key_variable,
        CONTRACT.base_url,
        CONTRACT.documentation,
        CONTRACT.auth_scheme,
        str(CONTRACT.request_id),
        idempotency.header,
        *idempotency.mismatch,
        *CONTRACT.denied,
        *CONTRACT.scopes,
        *CONTRACT.operations,
        *ID_PREFIXES,
    }
    for operation in CONTRACT.operations.values():
        named |= {operation.path, *(path for _, path in operation.echoes)}
        if operation.pages is not None:
            named |= {operation.pages.more, operation.pages.more.split(".", maxsplit=1)[0]}
    return named - {"forbidden"}  # which is a word of HTTP's


@pytest.mark.parametrize("path", [*CORE, *ROOMS], ids=lambda path: str(path.relative_to(CUSTOM)))
def test_the_core_and_the_rooms_have_no_word_of_one_api(path: Path) -> None:
    """But in their documentation, and in examples of what to give."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {
        id(one.value)
        for node in ast.walk(tree)
        for one in (node.body if isinstance(getattr(node, "body", None), list) else [])
        if isinstance(one, ast.Expr)
    }
    texts = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation
    ]
    said = [text for text in texts if "such as" not in text]
    pattern = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, words()))})(?!\w)", re.IGNORECASE)
    assert [text for text in said if pattern.search(text)] == []
    terminal = [one.terminal for one in CONTRACT.operations.values() if one.terminal is not None]
    statuses = {status for one in terminal for status in one.succeeded | one.failed}
    assert statuses.isdisjoint(said)
