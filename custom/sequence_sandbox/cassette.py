"""A file of recorded exchanges: which of them answers a request, and what of them is written down."""

from __future__ import annotations

import functools
import json
import os
import re
import tempfile
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias, TypeVar, get_args
from urllib.parse import urlencode

import msgspec
from attrs import define
from msgspec import UNSET, Meta, Struct, UnsetType

from .sanitizing import Redact

if TYPE_CHECKING:
    from sequence_sdk import Clock, PlatformClient, SequenceClient

    ClientT = TypeVar("ClientT", SequenceClient, PlatformClient)

Mode: TypeAlias = Literal["replay", "once", "new", "rewrite"]

VERSION = 1

_SURROGATE = re.compile("[\ud800-\udfff]")
"""What JSON may have half of, and UTF-8 may not."""

_SHOWN = 200
"""How many characters of a request an error shows."""


class RequestForm(Struct):
    """A request, as a file has it."""

    api: str
    method: str
    path: str
    query: dict[str, list[str]] = {}
    idempotency_key: str | None = None


class ResponseForm(Struct):
    """A response, as a file has it: with JSON, or with a text."""

    status: Annotated[int, Meta(ge=100, le=999)]
    headers: dict[str, str]
    body: object = UNSET
    text: str | UnsetType = UNSET
    problem: str | None = None
    for_another: bool = False

    def __post_init__(self) -> None:
        if (self.body is UNSET) == (self.text is UNSET):
            raise ValueError("a response has either body or text")


class NoResponseForm(Struct):
    """Why there was no response, as a file has it."""

    reason: str
    timed_out: bool
    final: bool
    sent: bool


class ExchangeForm(Struct):
    """An exchange, as a file has it."""

    request: RequestForm
    response: ResponseForm | UnsetType = UNSET
    no_response: NoResponseForm | UnsetType = UNSET

    def __post_init__(self) -> None:
        if (self.response is UNSET) == (self.no_response is UNSET):
            raise ValueError("an exchange has either response or no_response")


class Version(Struct):
    """What a file of any version has."""

    version: int


class Form(Version):
    """A file, of the version that is read."""

    recorded_at: Annotated[datetime, Meta(tz=True)]
    exchanges: list[ExchangeForm]


@define(eq=False)
class Recorded:
    """One exchange of a cassette."""

    request: dict[str, Any]
    """As it is written down, sanitized."""
    outcome: dict[str, Any]
    """A `response`, or why there was none; empty as long as it is not known."""
    used: bool = False
    """Whether a request was answered with it."""

    def __repr__(self) -> str:
        query = urlencode(self.request.get("query", {}), doseq=True, safe="[]:{}")
        body = json.dumps(self.request["body"], ensure_ascii=False) if "body" in self.request else ""
        line = f"{self.request['method']} {self.request['path']}{'?' if query else ''}{query} {body}".strip()
        return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


class Cassette:
    """A file of exchanges with Sequence, sanitized, which are replayed without a server.

        with Cassette("cassettes/balances.json", mode="once") as cassette:
            async with cassette.connect(PlatformClient(clock=cassette.clock)) as platform:
                await platform.accounts.list().collect()

    The file is written when the block is left, however that happens, in one step: it is the old one or the new one, and
    whole. It holds each attempt, so that what the SDK repeated is two exchanges.

    Attributes:
        path: The file.
        mode: What is done with a request.
        missing: Requests that were refused, since they are not recorded.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        mode: Mode = "replay",
        redact: Redact = (),
        ignore_query: Collection[str] = (),
    ) -> None:
        """Open a file of exchanges, or the place of one.

        Args:
            path: The file; its folders are made when it is written.
            mode: `replay` sends nothing, and is the default, as what is recorded may move money. `once` records if
                there is no file, and replays otherwise. `new` replays what is there, and records the rest. `rewrite`
                records everything anew.
            redact: Names of JSON members and parameters that are not to be in the file, beside those that never are;
                `beneficiaryName` is also `beneficiary_name`. Or a function of the name and the value of each member,
                which gives what is written instead.
            ignore_query: Names of query parameters that may differ from what was recorded.

        Raises:
            ValueError: The mode is none of these, or the file is no cassette of this version; it says where.
        """
        if mode not in get_args(Mode):
            raise ValueError(f"there is no mode {mode!r}; use one of {', '.join(get_args(Mode))}")
        if isinstance(redact, str) or isinstance(ignore_query, str):
            raise ValueError("redact and ignore_query are lists of names: put a single name into a list")
        self.path, self.mode = Path(path), mode
        self.redact, self._ignored = redact, frozenset(ignore_query)
        self.missing: list[Recorded] = []
        exists = self.path.exists()
        self.records = mode in {"new", "rewrite"} or (mode == "once" and not exists)
        self._began = datetime.now(UTC)
        self._keys: dict[str, str] = {}
        self._exchanges: list[Recorded] = []
        self._changed = exists and mode == "rewrite"
        if self.path.is_dir():
            raise ValueError(f"{self.path} is no cassette that can be read: it is a folder")
        if exists and mode != "rewrite":
            self._read()

    @property
    def recorded_at(self) -> datetime:
        """When it was recorded, UTC."""
        return self._began

    @property
    def exchanges(self) -> list[Recorded]:
        """What is recorded, in the order in which the requests were made."""
        return list(self._exchanges)

    @property
    def unused(self) -> list[Recorded]:
        """The exchanges that no request was answered with, and that were not just recorded."""
        return [one for one in self._exchanges if not one.used]

    @functools.cached_property
    def clock(self) -> Clock:
        """A clock for clients, so that times that a request is made of are the same in each run.

        It stands at the moment of the recording, and moves on by what clients wait: that takes its time while something
        is recorded, and none when it is replayed.
        """
        from .cassette_adapter import CassetteClock  # noqa: PLC0415 - only this needs the SDK

        return CassetteClock(self._began, waits=self.records)

    def connect(self, client: ClientT) -> ClientT:
        """Let a client record or replay, over whichever HTTP library and to whichever address it sends, and give it.

        Clients that are made from it by `with_options` do so, too. What is recorded of one address is replayed for
        any other.
        """
        from .cassette_adapter import connect  # noqa: PLC0415 - only this needs the SDK

        return connect(self, client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.save()

    def save(self) -> None:
        """Write the file, if there is something new: what leaving a `with` block does."""
        if not self._changed:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        ended = [{"request": one.request, **one.outcome} for one in self._exchanges if one.outcome]
        content = {"version": VERSION, "recorded_at": self._began.isoformat(), "exchanges": ended}
        text = json.dumps(content, indent=1, ensure_ascii=False)
        text = _SURROGATE.sub(lambda one: f"\\u{ord(one[0]):04x}", text)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is open already
                file.write(f"{text}\n")
                if self.path.exists():
                    Path(name).chmod(self.path.stat().st_mode & 0o777)
            Path(name).replace(self.path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._changed = False

    def name_of(self, idempotency_key: str) -> str:
        """What stands for an idempotency key: the same for the same key."""
        return self._keys.setdefault(idempotency_key, f"key-{len(self._keys) + 1}")

    def find(self, request: Mapping[str, Any]) -> Recorded | None:
        """The first exchange of this request that was not used yet, which then is."""
        wanted = self._matched(request)
        for one in self._exchanges:
            if not one.used and self._matched(one.request) == wanted:
                one.used = True
                return one
        return None

    def begin(self, request: dict[str, Any]) -> Recorded:
        """Keep a place for an exchange that begins now."""
        self._exchanges.append(Recorded(request, {}, used=True))
        self._changed = True
        return self._exchanges[-1]

    def refuse(self, request: dict[str, Any]) -> str:
        """Take note of a request that is not recorded, and say so in words."""
        asked = Recorded(request, {})
        self.missing.append(asked)
        if not self._exchanges:
            nearest = "Nothing is recorded there" if self.path.exists() else "There is no such file"
        else:
            lines = {f"{one!r}{' (used)' * one.used}" for one in self._exchanges}
            ranked = sorted(lines, key=lambda line: (-SequenceMatcher(None, line, repr(asked)).ratio(), line))
            nearest = f"The nearest there: {'; '.join(ranked[:2])}"
        return (
            f"{asked!r} is not recorded in {self.path}, or not so often. {nearest}. To record it, use mode='new', or "
            "mode='rewrite' for everything anew; with the fixture, pytest --sequence-record=new. Where a time in it "
            "differs from run to run, give the client clock=cassette.clock, or the cassette ignore_query=[…]"
        )

    def _matched(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """What is compared of a request."""
        query = {name: value for name, value in request.get("query", {}).items() if name not in self._ignored}
        return {"query": query, **{name: request.get(name) for name in ("api", "method", "path", "body", "text")}}

    def _read(self) -> None:
        try:
            content: Any = json.loads(self.path.read_text(encoding="utf-8"))
            version = msgspec.convert(content, Version).version
            if version != VERSION:
                raise ValueError(f"its version is {version}, and this reads {VERSION}")
            self._began = msgspec.convert(content, Form).recorded_at
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise ValueError(f"{self.path} is no cassette that can be read: {error}") from error
        for one in content["exchanges"]:
            self._exchanges.append(Recorded(one.pop("request"), one))
            key = self._exchanges[-1].request.get("idempotency_key")
            if key is not None:  # those that are added have names of their own
                self._keys.setdefault(f"recorded {key}", key)
