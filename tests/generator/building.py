"""Generates packages of contracts that tests make up, and imports them."""

from __future__ import annotations

import importlib
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ruamel.yaml import YAML

from generator.document import Document
from generator.package import View, generate, prove, tidy
from generator.settings import Package, Settings

from ..contract.contract import ROOT

GENERATOR = {"docstrings_on_attributes": True, "post_hooks": []}


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(path)
    return found


def save(document: dict[str, Any], path: Path) -> Path:
    text = io.StringIO()
    YAML().dump(document, text)
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def read(document: dict[str, Any], folder: Path, **policies: bool) -> View:
    """What templates would see of a document."""
    path = folder / "made_up.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return View(Document(path), Package(document=path.name, package="made_up", **policies))


@contextmanager
def package(path: Path, name: str, folder: Path, **policies: bool) -> Iterator[ModuleType]:
    """The package of a contract, generated, proved and imported."""
    made = Package(document=path.name, package=name, **policies)
    generate(Settings([made], GENERATOR), made, path.parent, folder / name)
    tidy(folder / name)
    prove([name], folder)
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        for module in [one for one in sys.modules if one.partition(".")[0] == name]:
            del sys.modules[module]


SOURCE = ROOT / "openapi.yaml"
WORKSHOP = Path(__file__).parent / "workshop.yaml"
