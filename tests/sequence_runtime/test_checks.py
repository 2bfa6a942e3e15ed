"""Arguments are refused that cannot be sent, or are outside of their limits, whatever they are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from sequence_runtime import OpenEnum, checks


class Text(str):
    __slots__ = ()

    def __str__(self) -> str:
        return "something else"


@pytest.mark.parametrize(
    ("check", "value", "limits", "problem"),
    [
        (checks.number, 10**400, {}, "bits, and JSON holds 64"),
        (checks.integer, 10**400, {"multiple_of": 5}, "bits, and JSON holds 64"),
        (checks.integer, 10**17 + 1, {"multiple_of": 10}, "must be a multiple of 10"),
        (checks.number, 5e-10, {"multiple_of": 1}, "must be a multiple of 1"),
        (checks.number, 1e30 / 7, {"multiple_of": 1e-20 * 7}, "must be a multiple of"),
        (checks.number, float("inf"), {}, "JSON cannot hold"),
        (checks.number, Decimal(1), {}, "must be a number, not Decimal"),
        (checks.text, "12\n", {"pattern": r"^\d+$|^x$"}, "does not match"),
        (checks.text, "\u0663", {"pattern": r"^\d+$"}, "does not match"),
        (checks.text, "a\\\n", {"pattern": r"^a\\$"}, "does not match"),
        (checks.array, "abc", {"check": checks.text}, "must be a list, not str"),
        (checks.array, iter("abc"), {"check": checks.text}, "must be a list"),
        (checks.array, [1, 1], {"check": checks.integer, "unique": True}, "the same item twice"),
        (checks.mapping, {1: "a"}, {"check": checks.text}, "a key of given must be a string"),
        (checks.anything, {"a": float("nan")}, {}, "cannot be sent as JSON"),
    ],
)
def test_what_cannot_be_sent_is_refused(check: Any, value: Any, limits: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        check("given", value, **limits)
    assert "given" in str(caught.value)


@pytest.mark.parametrize(
    ("check", "value", "limits"),
    [
        (checks.number, 1.5e-12, {"multiple_of": 1e-12 / 2}),
        (checks.number, 0.3, {"multiple_of": 0.1}),
        (checks.number, 1e300, {"multiple_of": 0.01}),
        (checks.integer, 2**63, {}),
        (checks.array, [1, True], {"check": checks.anything, "unique": True}),
        (checks.text, "[$]", {"pattern": r"^\[[$]\]$"}),
    ],
)
def test_what_is_within_its_limits_is_sent(check: Any, value: Any, limits: dict[str, Any]) -> None:
    assert check("given", value, **limits) == value


def test_a_text_is_sent_as_it_is_and_not_as_a_subclass_shows_it() -> None:
    sent = checks.text("given", Text("paid"))
    assert (sent, type(sent)) == ("paid", str)
    assert msgspec.json.encode(sent) == b'"paid"'


class Colour(OpenEnum):
    RED = "red"


def test_a_choice_is_sent_as_the_text_that_it_is() -> None:
    class Red(str):
        __slots__ = ()

        def __str__(self) -> str:
            return "blue"

    assert checks.choice("given", Red("red"), Colour) == "red"
    assert checks.choice("given", Colour.RED, Colour) == "red"
    assert checks.choice("given", Colour("green"), Colour) == "green"
