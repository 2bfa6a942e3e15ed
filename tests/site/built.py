"""The site as `make docs` has built it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

ROOT = Path(__file__).parents[2]
SITE = ROOT / "site"


class Loader(yaml.SafeLoader):
    """Reads mkdocs.yml, in which a function is named."""


Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda *_: None)

CONFIGURATION = yaml.load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"), Loader)


def nav(entries: Any = None) -> Iterator[str]:
    """The HTML file of each page that is in the navigation."""
    for entry in CONFIGURATION["nav"] if entries is None else entries:
        for target in entry.values():
            if isinstance(target, str):
                yield target.removesuffix(".md") + ".html"
            else:
                yield from nav(target)


class Page(HTMLParser):
    """What is looked for in a page: links, places, headings, the text of its article, and that of its paragraphs."""

    def __init__(self, path: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.headings: list[str] = []
        self.text = ""
        self.prose = ""
        self._within: list[str] = []
        self.feed((SITE / path).read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in {"br", "hr", "img", "input", "link", "meta", "source", "wbr", "path"}:
            self._within.append(tag)
        self.links += [given[name] or "" for name in ("href", "src") if name in given]
        self.links += [one.split()[0] for one in re.split(r",\s*", given.get("srcset") or "") if one]
        self.places.update(value for name in ("id", "name") if (value := given.get(name)))

    def handle_endtag(self, tag: str) -> None:
        while tag in self._within and self._within.pop() != tag:
            continue

    def handle_data(self, data: str) -> None:
        if "article" in self._within:
            self.text += data
            self.prose += data if "p" in self._within else "\n\n"
            if "h1" in self._within:
                self.headings.append(data)


@cache
def page(path: str) -> Page:
    return Page(path)


def pages() -> list[str]:
    return sorted(one.relative_to(SITE).as_posix() for one in SITE.rglob("*.html"))


def broken(path: str) -> Iterator[str]:
    """The links of a page within the site that lead nowhere."""
    for link in page(path).links:
        parsed = urlsplit(link)
        if parsed.scheme or parsed.netloc:
            continue
        target = (SITE / path).parent / unquote(parsed.path) if parsed.path else SITE / path
        if target.is_dir():
            target /= "index.html"
        if not target.is_file():
            yield link
        elif parsed.fragment and target.suffix == ".html":
            name = target.resolve().relative_to(SITE.resolve()).as_posix()
            if unquote(parsed.fragment) not in page(name).places:
                yield link
