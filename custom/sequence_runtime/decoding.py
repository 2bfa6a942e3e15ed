"""Decodes JSON into models in one pass, whatever their members are called in JSON.

msgspec reads the names of a class's members once, when the first decoder of it is built. So classes whose members are
called otherwise in JSON show their wire names for as long as that takes, and their slots answer to both names. From
then on msgspec itself knows such a class by its wire names only: `models.to_builtins` gives either.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_type_hints

import attrs
import msgspec

from .models import OpenObject, wire_names_of

T = TypeVar("T")

_lock = threading.RLock()
_learned: set[Any] = set()
"""The classes whose names in JSON msgspec has read."""


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """What makes models of JSON, in one pass.

    Args:
        kind: What the JSON is, such as a model, or a list of them.

    Raises:
        msgspec.DecodeError: The bytes are not JSON, or not of this shape (`msgspec.ValidationError`).
        RecursionError: They are nested too deeply.
    """
    if isinstance(kind, type) and issubclass(kind, OpenObject):
        kind = cast("Any", OpenObject)[kind]  # it goes through the hook, as where a member has it
    with _showing_wire_names(kind):
        return msgspec.json.Decoder(kind, dec_hook=decode_open).decode


@contextmanager
def _showing_wire_names(kind: Any) -> Generator[None]:
    """Let the classes that something is made of show their wire names, unless msgspec has read them."""
    with _lock:
        new = {cls for cls in _slotted_classes(kind, set()) if wire_names_of(cls)} - _learned
        shown = {cls: (cls.__annotations__, cls.__attrs_attrs__) for cls in new}
        hints = {cls: get_type_hints(cls, include_extras=True) for cls in new}
        try:
            for cls, (_, fields) in shown.items():
                if "__msgspec_cache__" in vars(cls):  # somebody has given the class to msgspec before
                    del cls.__msgspec_cache__
                names = wire_names_of(cls)
                for name, wire_name in names.items():
                    setattr(cls, wire_name, vars(cls)[name])
                cls.__annotations__ = {names.get(one.name, one.name): hints[cls][one.name] for one in fields}
                cls.__attrs_attrs__ = tuple(one.evolve(name=names.get(one.name, one.name)) for one in fields)
            yield
        finally:
            for cls, (annotations, fields) in shown.items():
                cls.__annotations__, cls.__attrs_attrs__ = annotations, fields
        _learned.update(new)


def _slotted_classes(kind: Any, seen: set[Any]) -> Iterator[Any]:
    """The classes that something is made of. Open ones go through the hook, which knows their names itself."""
    if isinstance(kind, type) and attrs.has(kind):
        if kind not in seen:
            seen.add(kind)
            if not issubclass(kind, OpenObject):
                yield kind
            for hint in get_type_hints(kind, include_extras=True).values():
                yield from _slotted_classes(hint, seen)
    elif getattr(kind, "__origin__", None) is not OpenObject:
        for part in get_args(kind):
            yield from _slotted_classes(part, seen)


def decode_open(annotation: Any, found: Any) -> Any:
    """The decode hook for members of a response that are annotated `Open[…]`."""
    (base,) = get_args(annotation)
    if not isinstance(found, dict):
        raise ValueError(f"Expected `object`, got `{_json_type(found)}`")
    value = cast("dict[str, Any]", found)
    made = next((made for cls in candidates(base, value) if (made := _converted(value, cls)) is not None), None)
    if made is None:
        made = _convert_what_fits(value, base)
    # The object has exactly the members that were sent, with `_raw` passed over as private.
    known, names = made.__dict__, _python_names(made.__class__)
    members = {
        name: known.get(name, member)
        for wire_name, member in value.items()
        if (name := names(wire_name)) and not name.startswith("__")
    }
    known.clear()
    known.update(members, _raw=value)
    return made


def candidates(base: Any, value: dict[str, Any]) -> list[Any]:
    """The classes that an object may be of, by its tag, or by the members that each needs."""
    variants = cast("dict[str, Any]", base._variants)
    if base._tag is not None:
        tag = value.get(base._tag)
        return [variants.get(tag, base) if isinstance(tag, str) else base]
    return [*(cls for cls in variants.values() if cls is not base and _needed(cls) <= value.keys()), base]


def _converted(value: dict[str, Any], into: Any) -> Any:
    """An object of a class; None where a member does not fit."""
    _learn(into)
    try:
        return msgspec.convert(_in_python_names(value, into), into, dec_hook=decode_open)
    except msgspec.ValidationError:
        return None


def _convert_what_fits(value: dict[str, Any], into: Any) -> Any:
    """An object of the members that are as its class expects them; the others stay as they were sent."""
    given = _in_python_names(value, into)
    fitting = dict(given)
    while True:
        try:
            made = msgspec.convert(fitting, into, dec_hook=decode_open)
        except msgspec.ValidationError as error:
            misfit = re.search(r"at `\$\.(\w+)[^`]*`$", str(error))
            if misfit is None or attrs.fields_dict(into)[misfit[1]].default is attrs.NOTHING:
                raise ValueError(_in_wire_names(str(error), into)) from error  # msgspec adds the path to `value`
            del fitting[misfit[1]]
        else:
            made.__dict__.update({name: member for name, member in given.items() if name not in fitting})
            return made


def _in_python_names(value: dict[str, Any], cls: Any) -> dict[str, Any]:
    """The members of an object as its class calls them."""
    if not wire_names_of(cls):
        return value
    names = _python_names(cls)
    return {name: member for wire_name, member in value.items() if (name := names(wire_name))}


def _in_wire_names(problem: str, cls: Any) -> str:
    """What is wrong with an object, by the names that its members have in JSON."""
    names = wire_names_of(cls)
    return re.sub(r"(field `|at `\$\.)(\w+)", lambda found: found[1] + names.get(found[2], found[2]), problem)


def _learn(cls: Any) -> None:
    """Have msgspec read the names in JSON of what an open class is made of, before it converts one."""
    if cls not in _learned:
        with _showing_wire_names(cls):
            msgspec.json.Decoder(cls, dec_hook=decode_open)
            _learned.add(cls)


@cache
def _python_names(cls: Any) -> Callable[[str], str | None]:
    """What a member of JSON is called in Python; None for an unknown one that is called as a known one is in Python."""
    names: Mapping[str, str] = {wire_name: name for name, wire_name in wire_names_of(cls).items()}
    taken = set(names.values()) - names.keys()
    return lambda wire_name: names.get(wire_name, None if wire_name in taken else wire_name)


@cache
def _needed(cls: Any) -> frozenset[str]:
    """The members, as in JSON, without which there is no object of a class."""
    names = wire_names_of(cls)
    return frozenset(names.get(one.name, one.name) for one in attrs.fields(cls) if one.default is attrs.NOTHING)


def _json_type(value: object) -> str:
    names: dict[type, str] = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str", list: "array"}
    return names.get(type(value), type(value).__name__)
