"""Where a link of a Markdown file leads once the file is a page of the site."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?(?=\))")
FENCE = re.compile(r"^ *(```+|~~~+)")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)


class LinkError(Exception):
    """A link leads to nothing that is on the site."""


def of_the_site(text: str, source: str, target: str, pages: Mapping[str, str]) -> str:
    """The text of a page, with links as they are from its place on the site.

    Args:
        text: Markdown, of the file `source`.
        source: The file, from the root of the repository.
        target: The page, from the root of the site.
        pages: The page, and the place on it, that each file of the repository is.

    Raises:
        LinkError: A link leads to a file that is no page.
    """

    def moved(match: re.Match[str]) -> str:
        path, anchor = match[1], match[2] or ""
        file = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        if file not in pages:
            raise LinkError(f"{source} links to {path}, which is on no page of the site")
        page, _, place = pages[file].partition("#")
        start = posixpath.dirname(target) or "."
        return posixpath.relpath(page, start) + (anchor or (f"#{place}" if place else ""))

    return "".join(part if is_code else LINK.sub(moved, part) for part, is_code in parts(text))


def parts(text: str) -> Iterator[tuple[str, bool]]:
    """A text in pieces, with whether each is code."""
    for block, is_code in blocks(text):
        if is_code:
            yield block, True
            continue
        position = 0
        for match in CODE.finditer(block):
            yield block[position : match.start()], False
            # What is code within the text of a link is no end of that link.
            yield match[0], True
            position = match.end()
        yield block[position:], False


def blocks(text: str) -> Iterator[tuple[str, bool]]:
    """A text in runs of lines, with whether each is a fenced block."""
    run: list[str] = []
    fence: str | None = None
    for line in text.splitlines(keepends=True):
        mark = FENCE.match(line)
        if fence is None and mark:
            yield "".join(run), False
            run, fence = [line], mark[1]
        elif fence is not None and mark and mark[1].startswith(fence):
            yield "".join([*run, line]), True
            run, fence = [], None
        else:
            run.append(line)
    yield "".join(run), fence is not None
