"""Every construct of OpenAPI that the generator supports, in a package that it made: `make constructs` lists them."""

from __future__ import annotations

import inspect
import json
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import attrs
import msgspec
import pytest

from sequence_runtime import OpenObject, Simulation, to_builtins, to_json

from ..contract.contract import ROOT

ID = UUID("7f0e8a52-2b9f-4ae9-9a4b-9d5b0a3e9a48")

THING: dict[str, Any] = {
    "id": "thing_1",
    "thingName": "chair",
    "createdAt": "2026-01-02T03:04:05Z",
    "weightInGrams": 5,
    "kind": "toy",
    "maker": {"fullName": "A. B."},
    "sizes": {"height": 3},
    "state": "new",
}

SUPPORTED: dict[str, Callable[[Any], None]] = {}


def supported(construct: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    def add(function: Callable[[Any], None]) -> Callable[[Any], None]:
        SUPPORTED[construct] = function
        return function

    return add


def thing(workshop: Any, **members: Any) -> Any:
    """A thing as a response has it."""
    content = json.dumps({"data": {**THING, **members}}).encode()
    return workshop.CONTRACT.operations["getThing"].decode(content).data


def listed(workshop: Any, **arguments: Any) -> dict[str, Any]:
    """The query of a list."""
    return dict(workshop.api.list_things(account_ids=[ID], **arguments).request.query)


def body(call: Any) -> Any:
    return json.loads(call.request.content)


def create(workshop: Any, **arguments: Any) -> Any:
    """The body of a call that makes a thing."""
    parts, action = [{"partName": "leg"}], {"type": "CUT", "actionId": "a", "depthInMm": 1}
    given: dict[str, Any] = {"thing_name": "chair", "parts": parts, "action": action}
    return body(workshop.api.create_thing(**(given | arguments)))


def refused(message: str) -> Any:
    return pytest.raises(ValueError, match=message)


@contextmanager
def deprecated(what: str) -> Iterator[None]:
    """What warns once, in this file, that something is deprecated."""
    with pytest.warns(DeprecationWarning, match=f"^{what} is deprecated$") as warned:
        yield
    assert [one.filename for one in warned] == [__file__]


@pytest.mark.parametrize("construct", SUPPORTED)
def test_supported(construct: str, workshop: Any) -> None:
    SUPPORTED[construct](workshop)


@supported("members in camelCase, kebab-case, with leading digits or as keywords, under Python names")
def _(workshop: Any) -> None:
    found = thing(workshop, **{"class": "A", "3dModel": "x.stl", "spare-parts": [{"partName": "leg", "madeOf": "oak"}]})
    assert (found.thing_name, found.class_, found.n3_d_model) == ("chair", "A", "x.stl")
    assert found.spare_parts[0].made_of == "oak"
    assert found.created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found == pickle.loads(pickle.dumps(found))
    assert attrs.evolve(found, id="thing_2").id == "thing_2"
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        found.thing_name = "table"
    assert found.__class__.__annotations__["thing_name"] == "str", "wire names are shown to msgspec only"
    assert attrs.fields_dict(type(found)).keys() >= {"thing_name", "class_"}


@supported("errors that name the place by the names of the JSON")
def _(workshop: Any) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"missing required field `fullName` - at `\$\.data\.maker`"):
        thing(workshop, maker={"full_name": "A. B."})
    with pytest.raises(msgspec.ValidationError, match=r"at `\$\.data\.createdAt`"):
        thing(workshop, createdAt="2026-01-02T03:04:05")


@supported("models as builtins and JSON, by Python names or by those of the API")
def _(workshop: Any) -> None:
    found = thing(
        workshop,
        date="2026-01-02",
        serialUuid=str(ID),
        lastAction={"type": "CUT", "actionId": "a", "depthInMm": 3, "byHand": True},
    )
    python, wire = to_builtins(found), to_builtins(found, wire_names=True)
    assert python["created_at"] == wire["createdAt"] == "2026-01-02T03:04:05Z"
    assert python["date"] == "2026-01-02"
    assert python["serial_uuid"] == wire["serialUuid"] == str(ID)
    assert python["last_action"] == {"type": "CUT", "action_id": "a", "depth_in_mm": 3, "byHand": True}
    assert wire["lastAction"] == {"type": "CUT", "actionId": "a", "depthInMm": 3, "byHand": True}
    assert json.loads(to_json([found])) == [python]
    assert thing(workshop, **wire) == found
    with pytest.raises(TypeError, match="object is no model"):
        to_builtins(object())


@supported("uuid, uri, date, date-time, number, integer, boolean, string")
def _(workshop: Any) -> None:
    found = thing(workshop, serialUuid=str(ID), manualUrl="https://example.com", date="2026-01-02")
    assert (found.serial_uuid, found.manual_url, found.date) == (ID, "https://example.com", date(2026, 1, 2))
    assert isinstance(found.weight_in_grams, float)
    call = workshop.api.get_counts(3, date(2026, 1, 2), True, "a/b")
    assert call.request.path == "/counts/3/2026-01-02/true/a%2Fb/a%2Fb", "a constant is escaped, too"
    with refused("number is 0; it must be at least 1"):
        workshop.api.get_counts(0, date(2026, 1, 2), True, "a")
    with refused("name is '..', which a path cannot hold"):
        workshop.api.get_counts(1, date(2026, 1, 2), True, "..")


@supported("enums of strings, open, with null or without")
def _(workshop: Any) -> None:
    kind = workshop.models.ThingKind
    assert list(kind) == ["tool", "toy", "spare-part", "3d", "..."]
    assert [one.name for one in kind] == ["TOOL", "TOY", "SPARE_PART", "VALUE_3D", "EMPTY"]
    assert thing(workshop, kind="robot").kind == "robot"
    assert isinstance(thing(workshop, kind="robot").kind, kind)
    assert listed(workshop, thing_kind="toy")["thingKind"] == "toy"
    assert listed(workshop, thing_kind=kind("robot"))["thingKind"] == "robot"
    with refused("thing_kind is 'robot'; it must be one of tool, toy"):
        listed(workshop, thing_kind="robot")


@supported("enums of whole numbers, open, with null or without")
def _(workshop: Any) -> None:
    assert thing(workshop, level=2).level == 2
    assert type(thing(workshop, level=7).level).__name__ == "ThingLevel"
    assert thing(workshop, level=None).level is None
    assert listed(workshop, level=3)["level"] == "3"
    with refused("level is 4; it must be one of 1, 2, 3"):
        listed(workshop, level=4)
    with refused("level must be an int"):
        listed(workshop, level="1")


@supported("const, and enums of one value: sent by themselves, and never needed")
def _(workshop: Any) -> None:
    assert thing(workshop).format == "thing"
    assert create(workshop)["protocol"] == "v3"
    assert "protocol" not in inspect.signature(workshop.api.create_thing).parameters
    assert listed(workshop, list="short")["list"] == "short"
    with refused("list is 'long'; it must be 'short'"):
        listed(workshop, list="long")


@supported("types of several kinds of JSON")
def _(workshop: Any) -> None:
    assert [thing(workshop, code=code).code for code in ("a", 1)] == ["a", 1]
    assert [listed(workshop, code=code)["code"] for code in ("a", 1)] == ["a", "1"]
    with refused("code must be a string, not float 1.5; or code must be an int"):
        listed(workshop, code=1.5)


@supported("arrays in queries, each value by itself, also with [] in the name")
def _(workshop: Any) -> None:
    other = "123e4567-e89b-12d3-a456-426614174000"
    call = workshop.api.list_things(account_ids=[ID, other.upper()])
    assert call.request.query["accountIds[]"] == (str(ID), other)
    for wrong, message in {
        (): "account_ids has 0 items; it must have at least 1",
        (ID,) * 2: "account_ids has the same item twice",
        (ID, other, other, other): "account_ids has 4 items; at most 3",
        ("x",): r"account_ids\[0\] 'x' is no UUID",
        other: "account_ids must be a list, not str",
    }.items():
        with refused(message):
            workshop.api.list_things(account_ids=wrong)


@supported("arrays in queries, with commas")
def _(workshop: Any) -> None:
    assert listed(workshop, labels=["a", "b"])["labels"] == "a,b"
    with refused("labels has a value with a comma"):
        listed(workshop, labels=["a,b"])


@supported("limits of numbers: minimum, maximum, exclusive ones, multiples")
def _(workshop: Any) -> None:
    assert listed(workshop, ratio=0.35)["ratio"] == "0.35"
    assert listed(workshop, max_size=10)["max-size"] == "10"
    for arguments, message in (
        ({"ratio": 0}, "ratio is 0; it must be above 0"),
        ({"ratio": 1.0}, "ratio is 1.0; it must be below 1"),
        ({"ratio": 0.33}, "ratio is 0.33; it must be a multiple of 0.05"),
        ({"ratio": float("nan")}, "ratio is nan, which JSON cannot hold"),
        ({"ratio": True}, "ratio must be a number, not bool"),
        ({"max_size": 11}, "max_size is 11; it must be at most 10"),
        ({"max_size": -1}, "max_size is -1; it must be at least 0"),
    ):
        with refused(message):
            listed(workshop, **arguments)


@supported("limits of texts: lengths and patterns, in bodies, headers and paths")
def _(workshop: Any) -> None:
    for name, message in {
        "a": "thing_name has 1 characters; it must have at least 2",
        "a" * 9: "thing_name has 9 characters; at most 8",
        "Chair": r"thing_name 'Chair' does not match",
        "chair\n": r"does not match",
        "": "thing_name is empty",
    }.items():
        with refused(message):
            create(workshop, thing_name=name)
    with refused("called_reason has 21 characters"):
        listed(workshop, called_reason="a" * 21)
    with refused("name has 9 characters"):
        workshop.api.get_counts(1, date(2026, 1, 2), True, "a" * 9)


@supported("limits are in the documentation")
def _(workshop: Any) -> None:
    documentation = workshop.api.list_things.__doc__
    assert "account_ids: 1 to 3 items." in documentation
    assert "ratio: Above 0, below 1, a multiple of 0.05." in documentation
    assert "2 to 8 characters, matching `^[a-z ]+$`." in workshop.api.create_thing.__doc__


@supported("headers, their names without X-, enums in headers")
def _(workshop: Any) -> None:
    call = workshop.api.list_things(account_ids=[ID], called_reason="a test", priority="high")
    assert call.request.headers == {"X-Called-Reason": "a test", "x-priority": "high", "x-version": "3"}
    with refused("priority is 'urgent'"):
        workshop.api.list_things(account_ids=[ID], priority="urgent")
    kind = type(workshop.models.ListThingsXPriority("x"))
    with refused("priority 'x.*cannot be a header"):
        workshop.api.list_things(account_ids=[ID], priority=kind("x\r\nY: 1"))
    assert "authorization" not in inspect.signature(workshop.api.list_things).parameters


@supported("parameters of a whole path, replaced by an operation's own")
def _(workshop: Any) -> None:
    with pytest.warns(DeprecationWarning, match="get_thing"):
        call = workshop.api.get_thing("thing_1", "toy", dry_run="yes")
    assert call.request.query == {"dryRun": "yes"}
    assert workshop.api.delete_thing("thing_1", "toy", dry_run=True).request.query == {"dryRun": "true"}


@supported("path parameters in camelCase, enums in paths, percent-encoded")
def _(workshop: Any) -> None:
    kind = workshop.models.ThingKind
    call = workshop.api.delete_thing("thing_ä?", kind("a/../b"))
    assert call.request.path == "/things/thing_%C3%A4%3F/a%2F..%2Fb"
    with refused("thing_kind is 'a/b'"):
        workshop.api.delete_thing("thing_1", "a/b")
    for odd in ("..", "."):
        with refused("which a path cannot hold"):
            workshop.api.delete_thing("thing_1", kind(odd))


@supported("responses without a body")
def _(workshop: Any) -> None:
    operation = workshop.CONTRACT.operations["deleteThing"]
    assert operation.response is None
    assert operation.decode(b"") is None
    assert operation.data(None) is None


@supported("PATCH: a member that is not given, and one that is null")
def _(workshop: Any) -> None:
    update = workshop.api.update_thing
    assert body(update("thing_1", "toy")) == {}
    assert body(update("thing_1", "toy", thing_name=None)) == {"thingName": None}
    assert body(update("thing_1", "toy", thing_name="desk")) == {"thingName": "desk"}
    assert update("thing_1", "toy").request.arguments["thing_name"] is None
    with refused("parts must be a list, not NoneType"):
        update("thing_1", "toy", parts=None)


@supported("objects and arrays in bodies: models, or dicts as in the API's JSON")
def _(workshop: Any) -> None:
    models = workshop.models
    part = models.Part(part_name="leg", made_of="oak", parts=[models.Part(part_name="nail")])
    sent = create(workshop, parts=[part, {"partName": "seat", "madeOf": None, "polish": 1}])["parts"]
    assert sent[0] == {"partName": "leg", "madeOf": "oak", "parts": [{"partName": "nail"}]}
    assert sent[1] == {"partName": "seat", "madeOf": None, "polish": 1}
    for wrong, message in (
        ([], "parts has 0 items; it must have at least 1"),
        ([{}], r"parts\[0\].partName is missing"),
        ([models.Part(part_name="too long")], r"parts\[0\].part_name has 8 characters"),
        ([{"partName": "leg", "parts": [{"partName": 5}]}], r"parts\[0\].parts\[0\].partName must be a string"),
        (["leg"], r"parts\[0\] must be a Part or a dict, not str"),
        ([{"partName": "leg", "polish": object()}], r"parts\[0\].polish cannot be sent as JSON"),
    ):
        with refused(message):
            create(workshop, parts=wrong)


@supported("oneOf of objects with a discriminator")
def _(workshop: Any) -> None:
    models = workshop.models
    action = thing(workshop, lastAction={"type": "CUT", "actionId": "a", "depthInMm": 3}).last_action
    assert isinstance(action, models.Cut)
    assert isinstance(action, models.Action)
    assert (action.action_id, action.depth_in_mm) == ("a", 3)
    other = thing(workshop, lastAction={"type": "GLUE", "actionId": "a"}).last_action
    assert type(other) is models.Action
    assert (other.type, other.actionId) == ("GLUE", "a")
    misfit = thing(workshop, lastAction={"type": "CUT", "actionId": "a"}).last_action
    assert type(misfit) is models.Action
    assert create(workshop, action=models.Cut(action_id="a", depth_in_mm=2))["action"] == {
        "actionId": "a", "type": "CUT", "depthInMm": 2,
    }  # fmt: skip
    for wrong, message in (
        ({"type": "GLUE"}, "action.type is 'GLUE'; it must be one of CUT, PAINT"),
        ({"type": "CUT", "actionId": "a", "depthInMm": 0}, "action.depthInMm is 0"),
        ({"type": "CUT", "actionId": "a", "depthInMm": 1, "colourName": "x"}, "action has no member colourName"),
        ("CUT", "action must be one of Cut, Paint, or a dict"),
    ):
        with refused(message):
            create(workshop, action=wrong)


@supported("oneOf of objects without a discriminator")
def _(workshop: Any) -> None:
    models = workshop.models
    assert thing(workshop, shape={"radiusInMm": 3}).shape == thing(workshop, shape={"radiusInMm": 3}).shape
    assert isinstance(thing(workshop, shape={"sideInMm": 3}).shape, models.Square)
    unknown = thing(workshop, shape={"edges": 5}).shape
    assert (type(unknown), unknown.edges) == (models.Shape, 5)
    assert create(workshop, shape={"sideInMm": 3})["shape"] == {"sideInMm": 3}
    assert create(workshop, shape=models.Round(radius_in_mm=2.5))["shape"] == {"radiusInMm": 2.5}
    with refused("shape has no member edges"):
        create(workshop, shape={"edges": 5})


@supported("oneOf of objects without names, of themselves, too")
def _(workshop: Any) -> None:
    tree = {"any": [{"is": "new"}, {"any": []}]}
    found = thing(workshop, condition=tree).condition
    assert found.any[0].is_ == "new"
    assert found.raw == tree
    assert create(workshop, condition=tree)["condition"] == tree
    condition = workshop.models.Condition
    assert create(workshop, condition=condition(any=[condition(is_="new")]))["condition"] == {"any": [{"is": "new"}]}
    with refused("condition must have exactly one of is, or any"):
        create(workshop, condition={"is": "new", "any": []})
    with refused(r"condition.any\[0\] must have exactly one of"):
        create(workshop, condition={"any": [{}]})


@supported("objects that keep what they do not know")
def _(workshop: Any) -> None:
    (part,) = thing(workshop, **{"spare-parts": [{"partName": "leg", "madeOf": 5, "polish": True}]}).spare_parts
    assert isinstance(part, OpenObject)
    assert (part.part_name, part.made_of, part.polish, part.parts) == ("leg", 5, True, None)
    assert part.raw == {"partName": "leg", "madeOf": 5, "polish": True}
    assert pickle.loads(pickle.dumps(part)) == part
    made, sent = workshop.models.Part(part_name="leg"), {"partName": "leg"}
    assert made == thing(workshop, **{"spare-parts": [sent]}).spare_parts[0]
    assert made.raw == sent
    # A member that is called as another one is in Python does not hide that.
    (odd,) = thing(workshop, **{"spare-parts": [{"partName": "leg", "part_name": "x"}]}).spare_parts
    assert odd.part_name == "leg"
    assert odd.raw["part_name"] == "x"


@supported("allOf: members put together, and one reference with a description")
def _(workshop: Any) -> None:
    assert "action_id" in attrs.fields_dict(workshop.models.Cut)
    assert thing(workshop, wrapped={"partName": "box"}).wrapped.part_name == "box"


@supported("inline objects, with a title or without, and envelopes")
def _(workshop: Any) -> None:
    assert type(thing(workshop).maker).__name__ == "ThingMaker"
    content = json.dumps({"requestId": "r", "data": {"items": [THING], "pagination": {"hasNextPage": True}}}).encode()
    operation = workshop.CONTRACT.operations["listThings"]
    response = operation.decode(content)
    assert [one.thing_name for one in operation.data(response)] == ["chair"]
    assert operation.pages.next({"page": "2"}, response, 1) == (True, "3")
    assert operation.timeline.moment == "created_at"


@supported("objects that may be null, and hold others of their kind")
def _(workshop: Any) -> None:
    found = thing(workshop, crate={"label": "a", "inside": {"label": "b", "inside": None}}).crate
    assert (found.inside.label, found.inside.inside) == ("b", None)
    assert thing(workshop, crate=None).crate is None


@supported("maps with values of one type")
def _(workshop: Any) -> None:
    assert thing(workshop).sizes == {"height": 3}
    with pytest.raises(msgspec.ValidationError, match="Expected `int`, got `str`"):
        thing(workshop, sizes={"height": "3"})
    assert create(workshop, sizes={"height": 3})["sizes"] == {"height": 3}
    with refused(r"sizes\['height'\] is -1"):
        create(workshop, sizes={"height": -1})


@supported("values of any type")
def _(workshop: Any) -> None:
    assert thing(workshop, anything=[1, {"a": None}]).anything == [1, {"a": None}]
    assert create(workshop, extra=[1, None])["extra"] == [1, None]
    for wrong in (object(), float("nan"), {1: 2}, b"x", datetime(2026, 1, 1)):  # noqa: DTZ001 - it has no time zone
        with refused("extra cannot be sent as JSON"):
            create(workshop, extra=wrong)
    part = workshop.models.Part(part_name="leg")
    assert create(workshop, extra=[part])["extra"] == [{"partName": "leg"}]


@supported("members that are never printed")
def _(workshop: Any) -> None:
    assert "1234" not in repr(thing(workshop, secretCode="1234"))


@supported("deprecated operations and parameters")
def _(workshop: Any) -> None:
    with deprecated("get_thing"):
        workshop.api.get_thing("thing_1", "toy")
    assert "Deprecated: it will go away." in workshop.api.get_thing.__doc__
    with deprecated("owner_id_deprecated of list_things"):
        query = listed(workshop, owner_id="new", owner_id_deprecated="old")
    assert (query["ownerId"], query["owner_id"]) == ("new", "old")


@supported("deprecated members, which warn where they are sent")
def _(workshop: Any) -> None:
    assert "remark: What note was called. Deprecated." in workshop.api.create_thing.__doc__
    with deprecated("remark of create_thing"):
        assert create(workshop, remark="fine")["remark"] == "fine"
    for part in ({"partName": "leg", "wood": "oak"}, workshop.models.Part(part_name="leg", wood="oak")):
        with deprecated(r"parts\[0\].wood"):
            assert create(workshop, parts=[part])["parts"] == [{"partName": "leg", "wood": "oak"}]
    assert thing(workshop, **{"spare-parts": [{"partName": "leg", "wood": "oak"}]}).spare_parts[0].wood == "oak"


@supported("webhooks")
def _(workshop: Any) -> None:
    webhook, lost = workshop.WEBHOOKS.values()
    assert lost.decode(b'{"partName": "leg", "byWhom": "A. B."}').byWhom == "A. B."
    assert (webhook.name, webhook.doc) == ("thing.changed", "A thing has changed")
    event = webhook.decode(json.dumps({"eventId": str(ID), "thing": THING}).encode())
    assert (event.event_id, event.thing.thing_name) == (ID, "chair")


@supported("several security schemes, of which one is used")
def _(workshop: Any) -> None:
    assert workshop.CONTRACT.auth_scheme == "Bearer"


@supported("a contract as data")
def _(workshop: Any) -> None:
    contract = workshop.CONTRACT
    assert (contract.name, contract.base_url) == ("Workshop API v3", "https://workshop.example.com/v3")
    assert (contract.rate_limit, contract.idempotency, contract.request_id) == ((10, 1.0), None, None)
    assert contract.errors.code == ("error", "code")
    assert (contract.short_name, contract.other_base_url_variables) == ("workshop", ("SHOP_BASE_URL",))
    assert (contract.response_id, contract.errors.request_id) == ("request_id", ("requestId",))
    assert contract.simulation == Simulation(
        argument="dry_run", member="dryRun", filter="labels", simulated="short", live="long"
    )
    assert contract.unsupported == {"odd"}


@supported("pages that are counted, of a length and a window")
def _(workshop: Any) -> None:
    operation = workshop.CONTRACT.operations["listThings"]
    assert (operation.pages.resumes, operation.pages.window) == (False, "data.window")
    for items, length, more in ((50, 50, True), (49, 50, False), (10, 10, True), (0, 50, False)):
        pagination = {"length": length}
        content = json.dumps({"data": {"items": [THING] * items, "pagination": pagination}}).encode()
        assert operation.pages.next({}, operation.decode(content), items) == (more, "2")


def test_classes_that_somebody_gave_to_msgspec_before_are_decoded_all_the_same(
    workshop: Any, workshop_folder: Path
) -> None:
    """msgspec keeps the names that it read first."""
    code = f"""
import sys, json
sys.path.insert(0, {str(workshop_folder)!r})
import msgspec, workshop_client
from workshop_client.models import Thing, ThingMaker
msgspec.convert({{"full_name": "x"}}, ThingMaker)
thing = workshop_client.CONTRACT.operations["createThing"].decode(sys.stdin.buffer.read()).data
assert thing.maker.full_name == "A. B.", thing
print(msgspec.convert({{"fullName": "x"}}, ThingMaker).full_name)
"""
    run = subprocess.run(
        [sys.executable, "-c", code], input=json.dumps({"data": THING}), capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == "x\n"


def test_what_is_generated_passes_strict_type_checks(workshop: Any, workshop_folder: Path) -> None:
    """Enums are open for type checkers, too: no `match` over one is complete, and any string may be compared."""
    (workshop_folder / "program.py").write_text(
        """
from typing import assert_never
from workshop_client import api
from workshop_client.models import Thing, ThingState

def state(thing: Thing) -> int:
    if thing.state == "lost":
        return 0
    match thing.state:
        case ThingState.NEW:
            return 1
        case ThingState.USED:
            return 2
        case other:
            assert_never(other)

api.update_thing("thing_1", "toy", thing_name=None)
api.list_things(account_ids=5)
"""
    )
    config = workshop_folder / "mypy.ini"
    config.write_text(
        f"[mypy]\nstrict = true\nmypy_path = {ROOT / 'custom'}\ncache_dir = {workshop_folder / 'cache'}\n"
    )
    run = subprocess.run(
        [sys.executable, "-m", "mypy", "--config-file", config, "workshop_client", "program.py"],
        cwd=workshop_folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.stdout.count("error:") == 2, run.stdout
    assert 'Argument 1 to "assert_never" has incompatible type' in run.stdout
    assert 'Argument "account_ids" to "list_things" has incompatible type "int"' in run.stdout
