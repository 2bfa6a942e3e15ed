"""Writes the pages of the site, or keeps them up to date.

python -m documentation FOLDER             write them
python -m documentation FOLDER --watch     write them, and again whenever a file changes, until it is stopped
"""

from __future__ import annotations

import ast
import posixpath
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from ruamel.yaml import YAML

from . import contracts, reference
from .links import LinkError, of_the_site

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = {"openapi-platform.yaml": "contracts/platform.md", "openapi.yaml": "contracts/v1.md"}
MOVED = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
EXAMPLES = "examples.md"
NO_PAGES = {"requirements.txt"}


def sources() -> Mapping[str, str]:
    """The page that each file of the repository is, and the place on it."""
    in_docs = {
        path.relative_to(ROOT).as_posix(): path.relative_to(ROOT / "docs").as_posix()
        for path in sorted((ROOT / "docs").rglob("*"))
        if path.is_file() and path.name not in NO_PAGES
    }
    examples = {f"examples/{name}": f"{EXAMPLES}#{place(name)}" for name in programs()}
    # A link to a folder leads to its first program.
    folders = {posixpath.dirname(path): target for path, target in reversed(examples.items())}
    return {**in_docs, **MOVED, **CONTRACTS, **examples, **folders, "examples": EXAMPLES, "LICENSE": "license.md"}


def programs() -> list[str]:
    """The files of examples/."""
    folder = ROOT / "examples"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.py"))


def place(program: str) -> str:
    """Where a program is on the page of examples."""
    return program.removesuffix(".py").replace("/", "-")


def examples() -> Iterator[str]:
    """All programs of examples/, on one page."""
    yield "# Examples\n\nPrograms that run against [the sandbox](testing.md), and are run by the tests.\n"
    for name in programs():
        code = (ROOT / "examples" / name).read_text(encoding="utf-8")
        summary = (ast.get_docstring(ast.parse(code)) or "").partition("\n\n")[0]
        yield f"## {name} {{ #{place(name)} }}\n\n{summary}\n\n```python\n{code.rstrip()}\n```\n"


def written() -> Iterator[tuple[str, str | bytes]]:
    """Each file of the site's folder of pages, and what it holds."""
    pages = sources()
    for source, target in pages.items():
        path = ROOT / source
        if target in CONTRACTS.values():
            document = path.read_bytes()
            yield source, document
            parsed = YAML(typ="safe").load(document)  # pyright: ignore[reportUnknownMemberType]
            yield target, contracts.page(parsed, source)
        elif source == "LICENSE":
            yield target, f"# License\n\n{path.read_text(encoding='utf-8')}"
        elif target.endswith(".md") and path.is_file():
            yield target, of_the_site(path.read_text(encoding="utf-8"), source, target, pages)
        elif path.is_file() and "#" not in target:
            yield target, path.read_bytes()
    yield EXAMPLES, "\n".join(examples())
    yield from reference.pages().items()


def write(folder: Path) -> None:
    """Write what is not there as it should be, and remove what should not be there."""
    wanted = {posixpath.normpath(path): content for path, content in written()}
    for old in [path for path in folder.rglob("*") if path.is_file()]:
        if old.relative_to(folder).as_posix() not in wanted:
            old.unlink()
    for path, content in wanted.items():
        file, data = folder / path, content.encode() if isinstance(content, str) else content
        if not file.is_file() or file.read_bytes() != data:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)


def state() -> list[tuple[str, int]]:
    """What tells that a source has changed."""
    files = [ROOT / one for one in sources() if (ROOT / one).is_file()]
    return [(str(one), one.stat().st_mtime_ns) for one in files]


def main(arguments: list[str]) -> int:
    folder, watching = Path(arguments[0]), arguments[1:] == ["--watch"]
    try:
        write(folder)
        seen = state()
        while watching:
            time.sleep(1)
            if (now := state()) != seen:
                seen = now
                write(folder)
    except LinkError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
