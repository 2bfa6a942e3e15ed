"""Models are decoded by the names of the JSON, whatever their members are called, in whichever order they are used."""

from __future__ import annotations

import copy
import json
import pickle
import threading
from typing import Any, ClassVar

import attrs
import msgspec
import pytest
from attrs import field, frozen

from sequence_runtime import to_builtins, to_json
from sequence_runtime.decoding import decoder
from sequence_runtime.models import Open, OpenEnum, OpenIntEnum, OpenObject, Timestamp


class Colour(OpenEnum):
    RED = "red"


class Size(OpenIntEnum):
    SMALL = 1


@frozen(kw_only=True)
class Owner:
    WIRE_NAMES: ClassVar[dict[str, str]] = {"full_name": "fullName"}

    full_name: str


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class Extra(OpenObject, tag="extraKind"):
    WIRE_NAMES: ClassVar[dict[str, str]] = {"extra_kind": "extraKind", "last_owner": "lastOwner"}

    extra_kind: str | None = None
    last_owner: Owner | None = None
    secret: str | None = field(default=None, repr=False)


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class Basket(Extra, values=("BASKET",)):
    WIRE_NAMES: ClassVar[dict[str, str]] = {"height_in_cm": "heightInCm"}

    height_in_cm: int


@frozen(kw_only=True)
class Bicycle:
    WIRE_NAMES: ClassVar[dict[str, str]] = {"class_": "class", "made_at": "madeAt", "extra_parts": "extraParts"}

    class_: str
    made_at: Timestamp
    owner: Owner
    colour: Colour = Colour.RED
    size: Size | None = None
    extra_parts: list[Open[Extra]] | None = None


BICYCLE: dict[str, Any] = {
    "class": "A",
    "madeAt": "2026-01-02T03:04:05Z",
    "owner": {"fullName": "A. B."},
    "colour": "blue",
    "size": 5,
    "extraParts": [
        {"extraKind": "BASKET", "heightInCm": 30, "lastOwner": {"fullName": "C. D."}, "isNew": True, "secret": "1234"},
        {"extraKind": "BELL", "heightInCm": 3},
        {"extraKind": "BASKET", "heightInCm": "tall", "lastOwner": 5},
    ],
}


def decoded(**members: Any) -> Bicycle:
    return decoder(Bicycle)(json.dumps({**BICYCLE, **members}).encode())


def test_a_model_is_decoded_by_the_names_of_the_json_and_used_by_those_of_python() -> None:
    made = decoded()
    assert (made.class_, made.owner.full_name, made.colour, made.size) == ("A", "A. B.", "blue", 5)
    assert attrs.evolve(made, class_="B").class_ == "B"
    assert made == decoded()
    assert pickle.loads(pickle.dumps(made)) == made
    assert copy.deepcopy(made) == made
    assert attrs.fields_dict(Bicycle).keys() >= {"class_", "made_at"}
    assert "madeAt" not in Bicycle.__annotations__
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.made_at = made.made_at  # type: ignore[misc]
    with pytest.raises(msgspec.ValidationError, match=r"`fullName` - at `\$\.owner`"):
        decoded(owner={"full_name": "A. B."})
    with pytest.raises(msgspec.ValidationError, match=r"at `\$\.madeAt`"):
        decoded(madeAt="2026-01-02T03:04:05")


def test_an_open_object_knows_its_names_itself() -> None:
    basket, bell, misfit = decoded().extra_parts or []
    assert isinstance(basket, Basket)
    assert (basket.height_in_cm, basket.last_owner, basket.isNew) == (30, Owner(full_name="C. D."), True)  # type: ignore[attr-defined]
    assert type(bell) is Extra
    assert (bell.extra_kind, bell.heightInCm) == ("BELL", 3)  # type: ignore[attr-defined]
    assert type(misfit) is Extra
    assert misfit.last_owner == 5
    assert basket.raw == BICYCLE["extraParts"][0]
    assert "1234" not in repr(basket)
    assert "1234" in json.dumps(to_builtins(basket))


def test_an_open_object_is_decoded_by_itself_too_and_named_by_its_json_where_it_is_wrong() -> None:
    assert decoder(Basket)(b'{"heightInCm": 3}').height_in_cm == 3
    with pytest.raises(msgspec.ValidationError, match="missing required field `heightInCm`"):
        decoder(Basket)(b"{}")
    odd = decoder(Extra)(b'{"__deepcopy__": 5, "__class__": 1}')
    assert copy.deepcopy(odd) == pickle.loads(pickle.dumps(odd)) == odd


def test_builtins_and_json_have_either_names() -> None:
    made = decoded()
    wire, python = to_builtins(made, wire_names=True), to_builtins(made)
    assert wire == BICYCLE
    assert json.loads(to_json([made], wire_names=True)) == [BICYCLE]
    assert python["made_at"] == "2026-01-02T03:04:05Z"
    assert python["owner"] == {"full_name": "A. B."}
    assert python["extra_parts"][0]["last_owner"] == {"full_name": "C. D."}
    by_hand = Basket(height_in_cm=3, last_owner=Owner(full_name="E. F."))
    assert by_hand.raw == {"heightInCm": 3, "lastOwner": {"fullName": "E. F."}}


def test_msgspec_may_have_seen_a_class_before_and_knows_it_by_the_names_of_the_json_afterwards() -> None:
    @frozen(kw_only=True)
    class Seen:
        WIRE_NAMES: ClassVar[dict[str, str]] = {"full_name": "fullName"}

        full_name: str

    assert msgspec.convert({"full_name": "x"}, Seen).full_name == "x"
    assert decoder(Seen)(b'{"fullName": "x"}').full_name == "x"
    assert msgspec.convert({"fullName": "x"}, Seen).full_name == "x"
    assert decoder(list[Seen])(b'[{"fullName": "x"}]') == [Seen(full_name="x")]


def test_decoders_that_are_built_at_once_know_all_names() -> None:
    for _ in range(20):

        @frozen(kw_only=True)
        class Part:
            WIRE_NAMES: ClassVar[dict[str, str]] = {"part_name": "partName"}

            part_name: str

        @frozen(kw_only=True)
        class Whole:
            WIRE_NAMES: ClassVar[dict[str, str]] = {"first_part": "firstPart"}

            first_part: Part

        Whole.__annotations__["first_part"] = Part
        barrier, found = threading.Barrier(4), list[str]()

        def decode(kind: Any, content: bytes, name: str, barrier: Any = barrier, found: Any = found) -> None:
            barrier.wait()
            made = decoder(kind)(content)
            found.append(str(getattr(made, name)))

        kinds = [(Part, b'{"partName": "x"}', "part_name"), (Whole, b'{"firstPart": {"partName": "x"}}', "first_part")]
        threads = [threading.Thread(target=decode, args=kind) for kind in kinds * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == ["Part(part_name='x')"] * 2 + ["x"] * 2
