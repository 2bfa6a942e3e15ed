"""The UUIDs of the platform API stand for the organization's IDs, one for one."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given, strategies as st

from sequence_sandbox.platform.identifiers import internal_id, to_uuid

KINDS = ("acc", "rule", "rex", "txr", "ctxr", "etxr", "card", "ben", "key", "log", "evt")
IDS = st.tuples(st.sampled_from(KINDS), st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=22))


@given(IDS)
def test_every_id_has_a_uuid_that_leads_back_to_it(parts: tuple[str, str]) -> None:
    kind, rest = parts
    shown = to_uuid(f"{kind}_{rest}")
    assert internal_id(shown, kind) == f"{kind}_{rest}"
    assert internal_id(shown.upper(), kind) == f"{kind}_{rest}"
    assert (uuid.UUID(shown).version, uuid.UUID(shown).variant) == (4, uuid.RFC_4122)


@given(IDS, st.sampled_from(KINDS))
def test_a_uuid_of_one_kind_is_none_of_another(parts: tuple[str, str], other: str) -> None:
    kind, rest = parts
    assert kind == other or internal_id(to_uuid(f"{kind}_{rest}"), other) is None


@given(st.uuids() | st.text())
def test_whatever_else_stands_for_nothing(text: object) -> None:
    assert internal_id(str(text), "acc") is None


def test_neighbours_do_not_look_like_neighbours() -> None:
    one, other = (uuid.UUID(to_uuid(f"txr_01HSBX000000{n}")).int for n in (1, 2))
    assert (one ^ other).bit_count() > 30


@pytest.mark.parametrize("text", ["acc", "acc_", "acc_01habc", "cat_1", "acc_" + "Z" * 23, ""])
def test_what_is_no_id_has_no_uuid(text: str) -> None:
    with pytest.raises(ValueError, match="is no ID"):
        to_uuid(text)
