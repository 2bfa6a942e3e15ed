"""What outcomes come to: the report, as records, lines and an exit code. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from sequence_runtime import Contract

from .differences import Difference
from .outcomes import Outcome, Verdict

ScopeVerdict: TypeAlias = Literal["answers", "in_part", "refused", "failed", "not_tried"]

IN_WORDS: Mapping[ScopeVerdict, str] = {
    "answers": "answers",
    "in_part": "answers in part",
    "refused": "refused",
    "failed": "failed",
    "not_tried": "not tried",
}
BROKEN: frozenset[Verdict] = frozenset({"failed", "unreadable", "unreachable", "unsendable", "key_not_accepted"})
"""What a read does not come to where an API accepts the key and works."""
CLOCKS_DIFFER = 5.0
"""Seconds from which on a difference of clocks is worth a word."""


@frozen(kw_only=True)
class Scope:
    scope: str
    verdict: ScopeVerdict
    says: str
    operations: tuple[str, ...]
    """Those that were tried."""


@frozen(kw_only=True)
class Examined:
    """What was found of one API."""

    api: str
    name: str
    base_url: str
    reachable: bool
    lives: bool
    """Whether responses are in the API's own format."""
    accepts_key: bool | None
    """None where there is no telling, as without a key."""
    says: str
    """What came of the first request, where it is not what a working API responds with."""
    clock_offset: float | None
    """Seconds by which this machine's clock is ahead of the server's; None where the server does not say its time."""
    requests: int
    scopes: tuple[Scope, ...]
    outcomes: tuple[Outcome, ...]
    unexpected: tuple[str, ...]
    differences: tuple[Difference, ...] | None
    """None where they were not looked for."""


@frozen(kw_only=True)
class Skipped:
    """An API that was not examined, and why."""

    api: str
    says: str


@frozen(kw_only=True)
class Report:
    sdk_version: str
    key_given: bool
    exit_code: int
    says: str
    """What it comes to, in one line."""
    apis: tuple[Examined, ...]
    skipped: tuple[Skipped, ...]


def examined(
    contract: Contract,
    base_url: str,
    outcomes: Sequence[Outcome],
    differences: Iterable[Difference] | None,
    *,
    key_given: bool,
) -> Examined:
    """What the outcomes of one API come to, of which the first one shows whether it is there."""
    probe, offsets = outcomes[0], [one.clock_offset for one in outcomes if one.clock_offset is not None]
    lives = probe.in_apis_words and probe.status != 404
    verdicts: dict[Verdict, bool] = {"answers": True, "unreadable": True, "refused": True, "key_not_accepted": False}
    accepts_key = verdicts.get(probe.verdict) if lives and key_given else None
    offset = min(offsets, key=abs, default=None)
    return Examined(
        api=contract.short_name,
        name=contract.name,
        base_url=base_url,
        reachable=probe.status is not None,
        lives=lives,
        accepts_key=accepts_key,
        says=probe.says,
        clock_offset=offset,
        requests=sum(one.verdict != "unsendable" for one in outcomes),
        scopes=tuple(scopes(contract, outcomes)) if accepts_key else (),
        outcomes=tuple(outcomes),
        unexpected=tuple(dict.fromkeys(unexpected(outcomes, offset, key_given=key_given))) if lives else (),
        differences=None if differences is None else tuple(dict.fromkeys(differences)),
    )


def scopes(contract: Contract, outcomes: Sequence[Outcome]) -> Iterator[Scope]:
    """Which scopes of an API answer."""
    for scope in contract.scopes:
        operations = [one for one in contract.operations.values() if one.permission and one.permission.scope == scope]
        reads = {one.id for one in operations if not one.writes}
        tried = [one for one in outcomes if one.operation in reads]
        verdict, says = of_scope(tried) if reads else ("not_tried", "it only writes")
        names = tuple(dict.fromkeys(one.operation for one in tried))
        yield Scope(scope=scope, verdict=verdict, says=says, operations=names)


def of_scope(tried: Sequence[Outcome]) -> tuple[ScopeVerdict, str]:
    """What the outcomes of a scope's reads come to."""
    answered = {one.operation for one in tried if one.verdict in {"answers", "unreadable"}}
    refused = list(dict.fromkeys(one.operation for one in tried if one.verdict == "refused"))
    if answered:
        what = ", ".join(f"{name} for some" if name in answered else name for name in refused)
        return ("in_part", f"refused: {what}; the key may name other resources") if refused else ("answers", "")
    if refused:
        return "refused", ", ".join(refused)
    other = next((one for one in tried if one.verdict not in {"not_found", "unsupported", "not_there"}), None)
    if other is not None:
        return "failed", f"{other.operation}: {other.says}"
    says = tried[-1].says if tried else "no list has anything to ask for"
    return "not_tried", says


def unexpected(outcomes: Iterable[Outcome], offset: float | None, *, key_given: bool) -> Iterator[str]:
    """What a working API does not do."""
    for one in outcomes:
        if one.says and one.verdict not in {"not_found", "unsupported", "not_there"}:
            yield f"{one.operation}: {one.says}{f' ({one.code})' if one.code else ''}"
        if one.verdict == "answers" and not key_given:
            yield f"{one.operation} answers without a key"
    if offset is None:
        yield "responses have no readable header Date"
    elif abs(offset) >= CLOCKS_DIFFER:
        yield f"the clocks differ: {clock_in_words(offset)}"


def report(found: Sequence[Examined], skipped: Sequence[Skipped], *, key_given: bool, sdk_version: str) -> Report:
    """What all APIs come to."""
    code, says = verdict(found, key_given=key_given)
    return Report(
        sdk_version=sdk_version,
        key_given=key_given,
        exit_code=code,
        says=says,
        apis=tuple(found),
        skipped=tuple(skipped),
    )


def verdict(found: Sequence[Examined], *, key_given: bool) -> tuple[int, str]:
    """The exit code, and what it stands for."""
    living = [one.api for one in found if one.lives]
    if not key_given:
        return int(not living), f"no key was given; {_and(living)} {'live' if living[1:] else 'lives'}" if living else (
            "no key was given, and no API lives"
        )
    opened = [one for one in found if one.accepts_key]
    if not opened:
        return 1, "no API accepts the key"
    names = _and([one.api for one in opened])
    broken = [one.api for one in opened if any(outcome.verdict in BROKEN for outcome in one.outcomes)]
    return int(bool(broken)), f"the key opens {names}{f'; something is broken in {_and(broken)}' if broken else ''}"


def lines(given: Report) -> Iterator[str]:
    """The report for people."""
    for one in given.apis:
        yield f"{one.api}  {one.name} at {one.base_url}"
        yield f"  reachable         {'yes' if one.reachable else f'no: {one.says}'}"
        if one.reachable:
            yield f"  lives             {'yes' if one.lives else f'no: {one.says}'}"
        if one.lives:
            accepts = {True: "yes", False: "no", None: one.says or "no telling"}[one.accepts_key]
            yield f"  accepts the key   {accepts if given.key_given else 'no key was given'}"
            yield f"  clock             {clock_in_words(one.clock_offset)}"
        for title, found in _sections(one):
            yield f"  {title}:"
            yield from (f"    {line}" for line in found or ["none"])
        yield f"  requests          {one.requests}"
        yield ""
    yield from (f"{one.api}  not examined: {one.says}\n" for one in given.skipped)
    yield given.says


def _sections(one: Examined) -> Iterator[tuple[str, list[str]]]:
    if one.scopes:
        width = max(len(scope.scope) for scope in one.scopes)
        yield (
            "scopes",
            [
                f"{scope.scope:{width}}  {IN_WORDS[scope.verdict]}{': ' if scope.says else ''}{scope.says}"
                for scope in one.scopes
            ],
        )
    if one.unexpected:
        yield "unexpected", list(one.unexpected)
    if one.differences is not None and one.accepts_key:
        yield "otherwise than the contract says", [str(difference) for difference in one.differences]


def clock_in_words(offset: float | None) -> str:
    if offset is None:
        return "no telling: responses have no readable header Date"
    if offset == 0:
        return "agrees with the server's"
    return f"{abs(offset):g} s {'ahead of' if offset > 0 else 'behind'} the server's"


def _and(names: Sequence[str]) -> str:
    return " and ".join(names)
