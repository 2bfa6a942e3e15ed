"""What outcomes come to: the report, as records, lines and an exit code. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from attrs import frozen

from sequence_runtime import Contract

from .differences import Difference
from .outcomes import ENDS, Outcome

ScopeVerdict: TypeAlias = Literal["answers", "answers in part", "refused", "broken", "not tried"]

BROKEN = {"broken", "unreadable", "unreachable", "key_not_accepted"}
"""What a read does not come to where an API accepts the key and works."""
ACCEPTS_KEY = {"answers": True, "unreadable": True, "refused": True, "key_not_accepted": False}
"""What the first response says of the key; others leave it open."""
CLOCKS_DIFFER = 5.0
"""Seconds from which on a difference of clocks is unexpected."""


@frozen
class Scope:
    scope: str
    verdict: ScopeVerdict
    says: str


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
    scopes: tuple[Scope, ...]
    outcomes: tuple[Outcome, ...]
    unexpected: tuple[str, ...]
    differences: tuple[Difference, ...] | None
    """None where they were not looked for."""


@frozen
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
    first, offsets = outcomes[0], [one.clock_offset for one in outcomes if one.clock_offset is not None]
    lives, offset = first.in_apis_words and first.status != 404, min(offsets, key=abs, default=None)
    accepts_key = ACCEPTS_KEY.get(first.verdict) if lives and key_given else None
    return Examined(
        api=contract.short_name,
        name=contract.name,
        base_url=base_url,
        reachable=first.status is not None,
        lives=lives,
        accepts_key=accepts_key,
        says=first.says,
        clock_offset=offset,
        scopes=tuple(scopes(contract, outcomes)) if accepts_key else (),
        outcomes=tuple(outcomes),
        unexpected=tuple(dict.fromkeys(unexpected(outcomes, offset, key_given=key_given))) if lives else (),
        differences=None if differences is None else tuple(dict.fromkeys(differences)),
    )


def scopes(contract: Contract, outcomes: Sequence[Outcome]) -> Iterator[Scope]:
    """Which scopes of an API answer."""
    last, none = outcomes[-1], "no list that answers has anything to ask for"
    if last.verdict in ENDS:
        none = f"nothing was asked after {last.operation}: {last.says or 'the key is not accepted'}"
    for scope in contract.scopes:
        operations = [one for one in contract.operations.values() if one.permission and one.permission.scope == scope]
        reads = {one.id for one in operations if not one.writes}
        tried = [one for one in outcomes if one.operation in reads]
        yield Scope(scope, *(of_scope(tried, none) if reads else ("not tried", "it only writes")))


def of_scope(tried: Sequence[Outcome], none: str) -> tuple[ScopeVerdict, str]:
    """What the outcomes of a scope's reads come to; `none` says why there are none."""
    answered = {one.operation for one in tried if one.verdict in {"answers", "unreadable"}}
    refused = Counter(one.operation for one in tried if one.verdict == "refused")
    says = ", ".join(f"{name} for {count} that were tried" if count > 1 else name for name, count in refused.items())
    if answered:
        return ("answers in part", f"refused: {says}") if says else ("answers", "")
    if says:
        return "refused", says
    failed = [one for one in tried if one.verdict != "nothing"]
    if failed:
        return "broken", f"{failed[0].operation}: {failed[0].says}"
    return "not tried", tried[-1].says if tried else none


def unexpected(outcomes: Iterable[Outcome], offset: float | None, *, key_given: bool) -> Iterator[str]:
    """What a working API does not do."""
    for one in outcomes:
        if one.says and one.verdict != "nothing":
            yield f"{one.operation}: {one.says}{f' ({one.code})' if one.code else ''}"
        if one.verdict == "answers" and not key_given:
            yield f"{one.operation} answers without a key"
    if offset is None or abs(offset) >= CLOCKS_DIFFER:
        yield f"this machine's clock: {clock_in_words(offset)}"


def report(found: Sequence[Examined], skipped: Sequence[Skipped], *, key_given: bool, sdk_version: str) -> Report:
    """What all APIs come to, with the exit code."""
    opened = [one for one in found if (one.accepts_key if key_given else one.lives)]
    broken = [one.api for one in opened if key_given and any(each.verdict in BROKEN for each in one.outcomes)]
    names = " and ".join(one.api for one in opened)
    if key_given:
        says = f"the key opens {names}" if opened else "no API accepts the key"
    else:
        says = f"no key was given; these live: {names}" if opened else "no key was given, and no API lives"
    return Report(
        sdk_version=sdk_version,
        key_given=key_given,
        exit_code=int(bool(broken) or not opened),
        says=f"{says}; something is broken in {' and '.join(broken)}" if broken else says,
        apis=tuple(found),
        skipped=tuple(skipped),
    )


def lines(given: Report) -> Iterator[str]:
    """The report for people."""
    for one in given.apis:
        yield f"{one.api}: {one.name} at {one.base_url}"
        yield f"  reachable        {'yes' if one.reachable else f'no: {one.says}'}"
        if one.reachable:
            yield f"  lives            {'yes' if one.lives else f'no: {one.says}'}"
        if one.lives:
            accepts = {True: "yes", False: "no", None: one.says or "no telling"}[one.accepts_key]
            yield f"  accepts the key  {accepts if given.key_given else 'no key was given'}"
            yield f"  clock            {clock_in_words(one.clock_offset)}"
        width = max((len(each.scope) for each in one.scopes), default=0)
        listed: dict[str, list[str]] = {}
        if one.scopes:
            said = ((each, f": {each.says}" if each.says else "") for each in one.scopes)
            listed["scopes"] = [f"{each.scope:{width}}  {each.verdict}{says}" for each, says in said]
        if one.lives:
            listed["unexpected"] = list(one.unexpected)
        if one.lives and one.differences is not None:
            listed["otherwise than the contract says"] = [str(each) for each in one.differences]
        for title, found in listed.items():
            yield f"  {title}{':' if found else ': nothing'}"
            yield from (f"    {each}" for each in found)
        yield f"  requests         {len(one.outcomes)}\n"
    yield from (f"{one.api}: not examined: {one.says}\n" for one in given.skipped)
    yield given.says


def clock_in_words(offset: float | None) -> str:
    """How far this machine's clock is from the server's."""
    if offset is None:
        return "no telling: responses have no readable header Date"
    return f"{abs(offset):g} s {'ahead of' if offset > 0 else 'behind'} the server's" if offset else "agrees"
