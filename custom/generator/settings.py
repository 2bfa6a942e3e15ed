"""Reads generator-config.yaml: which contracts there are, and what is asked of each."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
from attrs import frozen
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from .document import Place
from .extensions import Strict, Text


class Package(Strict, rename=None):
    """One contract, and the package that is made of it."""

    document: Text
    package: Text
    contract: bool = True
    """Whether it has to have `x-sequence-contract`."""
    permissions: bool = True
    """Whether each operation has to have `x-sequence-permission`."""
    documentation: bool = True
    """Whether each operation has to have the address of its page."""


@frozen
class Settings:
    """What is generated, and how."""

    packages: list[Package]
    generator: dict[str, Any]
    """The settings of openapi-python-client."""

    @classmethod
    def read(cls, path: Path) -> Settings:
        place = Place((path.name,))
        try:
            found = dict(YAML(typ="safe").load(path))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        except (OSError, ValueError, TypeError, YAMLError) as error:
            place.refuse(f"it cannot be read: {' '.join(str(error).split())}")
        if odd := [key for key in found if not isinstance(key, str)]:
            place.refuse(f"the key {odd[0]!r} is no text")
        packages = (place / "packages").read(found.pop("packages", None), list[Package])
        names = [one.package for one in packages]
        if len(set(names)) < len(names):
            place.refuse("two contracts make the same package")
        if not names:
            place.refuse("packages: there is none")
        if any(not re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names):
            place.refuse("a package's name must be one in Python, in lower case")
        return cls(packages, msgspec.convert(found, dict[str, Any]))
