"""Compares the vendor's published OpenAPI document with the contract that was written by hand from it.

python custom/drift.py openapi-platform.yaml vendor.json      a file, or an https URL
python custom/drift.py openapi-platform.yaml URL --json       the same for programs

Prints a line for each difference: what is `new` in the vendor's document, `changed`, or `gone` from it. What differs on
purpose stands in `openapi-platform.known.yaml`, beside the contract, and is not printed; an entry of it that fits no
difference any more is `settled`. Ends with 0 where nothing is printed, with 1 where something is, and with 2 where a
document cannot be read.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple, cast

import httpx
import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from contract_facts import Document, Facts, Json, Misread, Place

ONE_WAY = {"code": "new", "server": "gone"}
"""Where one kind of difference alone says something: the vendor gives only some codes, and has servers of its own."""
USER_AGENT = "sequence-sdk (contract drift)"
"""Python's own is refused by the vendor's firewall."""
LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class Unreadable(Exception):
    """A document cannot be read. The message says which, and why."""


Kind = Literal["new", "changed", "gone", "settled"]


class Difference(NamedTuple):
    """Where the documents differ, and how."""

    kind: Kind
    place: str
    what: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.place}{': ' if self.what else ''}{self.what}"


class Known(msgspec.Struct, forbid_unknown_fields=True):
    """A difference on purpose, as it is printed, with `*` for anything, and why there is one."""

    difference: str
    reason: str


def differences(ours: Facts, vendors: Facts) -> Iterator[Difference]:
    """What the vendor's document says otherwise than ours. What is within something that only one of them has is not
    repeated.
    """
    for place in dict.fromkeys([*vendors, *ours]):
        if place[:-1] and (place[:-1] in ours) != (place[:-1] in vendors):
            continue
        here, there = ours.get(place), vendors.get(place)
        if here is None:
            yield Difference("new", _shown(place), ", ".join(_said(*one) for one in vendors[place].items()))
        elif there is None:
            yield Difference("gone", _shown(place))
        else:
            yield from (Difference(kind, _shown(place), what) for kind, what in _aspects(here, there))


def _aspects(here: dict[str, object], there: dict[str, object]) -> Iterator[tuple[Kind, str]]:
    for aspect in dict.fromkeys([*there, *here]):
        kind: Kind = "new" if aspect not in here else "gone" if aspect not in there else "changed"
        if here.get(aspect) == there.get(aspect) or ONE_WAY.get(aspect.partition(" ")[0], kind) != kind:
            continue
        what = _said(aspect, there.get(aspect, here.get(aspect)))
        yield kind, f"{what}, here {json.dumps(here[aspect], default=str)}" if kind == "changed" else what


def _said(aspect: str, value: object) -> str:
    if value is True:
        return aspect
    return f"{aspect} {value if isinstance(value, str) else json.dumps(value, default=str)}"


def _shown(place: Place) -> str:
    """A place in words, such as `GET /cards 200 data.items[].id`."""
    inside = ".".join(place[2:]).replace(".[]", "[]").replace(".{}", "{}").replace(".<", "<")
    return " ".join([*place[:2], *([inside] if inside else [])])


def unknown(found: list[Difference], known: list[Known]) -> Iterator[Difference]:
    """The differences that are not on purpose, and what is on purpose and does not differ any more."""
    patterns = [re.compile(re.escape(entry.difference).replace(r"\*", ".*")) for entry in known]
    lines = [str(one) for one in found]
    for one, line in zip(found, lines, strict=True):
        if not any(pattern.fullmatch(line) for pattern in patterns):
            yield one
    for entry, pattern in zip(known, patterns, strict=True):
        if not any(map(pattern.fullmatch, lines)):
            yield Difference("settled", entry.difference)


def text_of(source: str) -> str:
    """What a file or an address holds.

    Raises:
        Unreadable: There is no such file, or the server did not give it.
    """
    if "://" not in source:
        try:
            return Path(source).read_text(encoding="utf-8")
        except (OSError, ValueError) as error:
            raise Unreadable(f"{source} cannot be read: {error}") from None
    try:
        url = httpx.URL(source)
        if url.scheme != "https" and not (url.scheme == "http" and url.host in LOOPBACK):
            raise Unreadable(f"{source} is no https URL")
        response = httpx.get(url, headers={"User-Agent": USER_AGENT, "Accept": "application/json"}, timeout=60)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(f"{source} cannot be read: {error!r}") from None
    if response.status_code != 200:
        raise Unreadable(f"{source} responds with the status {response.status_code}")
    return response.text


def parsed(source: str, text: str) -> object:
    """What YAML, in a file called so, or else JSON says.

    Raises:
        Unreadable: It is neither.
    """
    if text.lstrip().startswith("<"):
        raise Unreadable(f"{source} is an HTML page, and no OpenAPI document")
    is_yaml = source.endswith((".yaml", ".yml"))
    try:
        return YAML(typ="safe").load(text) if is_yaml else json.loads(text)  # pyright: ignore[reportUnknownMemberType]
    except (ValueError, RecursionError, YAMLError) as error:
        raise Unreadable(f"{source} is no valid {'YAML' if is_yaml else 'JSON'}: {error}") from None


def facts(source: str) -> Facts:
    """What the document in a file or at an address says.

    Raises:
        Unreadable: There is none, or it is no OpenAPI document.
    """
    root = parsed(source, text_of(source))
    if not isinstance(root, dict) or "openapi" not in root or "paths" not in root:
        raise Unreadable(f"{source} is no OpenAPI document: it has no `openapi` or no `paths`")
    try:
        return Document(cast("Json", root)).facts()
    except (Misread, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise Unreadable(f"{source} is no OpenAPI document that can be read: {error!r}") from None


def known_of(contract: str) -> list[Known]:
    """The differences on purpose, each with a reason, from the file beside a contract; none where there is none.

    Raises:
        Unreadable: The file holds something else.
    """
    path = Path(contract).with_suffix(".known.yaml")
    if not path.exists():
        return []
    try:
        return msgspec.convert(parsed(str(path), text_of(str(path))), list[Known])
    except msgspec.ValidationError as error:
        raise Unreadable(f"{path}: {error}") from None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Compare the vendor's published contract with ours.")
    parser.add_argument("contract", help="our contract, a file")
    parser.add_argument("vendor", help="the vendor's document: a file, or an https URL")
    parser.add_argument("--json", action="store_true", help="print the differences as JSON")
    given = parser.parse_args(arguments)
    try:
        found = list(unknown(list(differences(facts(given.contract), facts(given.vendor))), known_of(given.contract)))
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    if given.json:
        print(json.dumps([one._asdict() for one in found], indent=2))
    else:
        print("\n".join(map(str, found)) or "The contract agrees with the vendor's document.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
