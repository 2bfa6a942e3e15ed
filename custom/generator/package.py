"""Makes a package of a contract, and proves that it works."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from filecmp import dircmp
from pathlib import Path
from typing import Any

from attrs import define, evolve

from . import layout
from .arguments import Arguments
from .document import Document, Refused
from .layout import module_name
from .operations import Operation, Operations
from .policies import Policies
from .settings import Package, Settings
from .shapes import Class, Member, Shapes, Type

TEMPLATES = Path(__file__).parent / "templates"
PROJECT = Path(__file__).parent.parent.parent / "pyproject.toml"
GENERATED = "sequence_*_client/**"
"""What generated packages are called among the settings of ruff."""

MARK = "changes by hand are lost"
"""What the head of every generated package says."""

PROOF = """
import importlib, pkgutil
for name in sys.argv[1:]:
    package = importlib.import_module(name)
    for found in pkgutil.walk_packages(package.__path__, name + "."):
        importlib.import_module(found.name)
    for model in importlib.import_module(name + ".models").__all__:
        getattr(package.models, model)
    for one in [*package.CONTRACT.operations.values(), *getattr(package, "WEBHOOKS", {}).values()]:
        one.decode
"""
"""Imports all that was generated, and builds every decoder."""


@define(kw_only=True)
class Checked:
    """A member of an object in a body, as the function sees it that checks such objects."""

    wire_name: str
    name: str
    required: bool
    nullable: bool
    fixed: str | None
    deprecated: bool
    check: str


class View:
    """What templates see of a contract."""

    def __init__(self, document: Document, package: Package) -> None:
        self.document = document
        self.package = package
        self.shapes = Shapes(document)
        self.policies = Policies(document, self.shapes, package)
        self.policies.check_head()
        head = self.policies.head
        self.read = Operations(document, self.shapes, scheme=head.security if head is not None else None)
        self.operations = self.read.listed
        for operation in self.operations:
            self.policies.apply(operation)
            used = self.shapes.mentioned(*(parameter.type for parameter in operation.parameters))
            responds = self.shapes.mentioned(*filter(None, [operation.response]))
            data = self.shapes.mentioned(*filter(None, [operation.data_kind]))
            operation.classes = responds | (used & self.shapes.enums.keys())
            operation.data_classes = (used | data) - operation.classes
        self.webhooks = self.read.webhooks
        self.contract = self.policies.contract()
        self.page_styles = self.policies.page_styles(self.operations)

    @property
    def outline(self) -> dict[str, Any]:
        """The classes and operations, as a document without anything that they are made of."""
        classes: dict[str, Any] = {name: {"type": "object"} for name in self.shapes.classes}
        for one in self.shapes.enums.values():
            kind = "integer" if one.base == "OpenIntEnum" else "string"
            classes[one.name] = {"type": kind, "enum": list(one.values.values())}
        paths: dict[str, Any] = {}
        for number, operation in enumerate(self.operations):
            named = {"operationId": operation.id, "tags": [operation.tag], "responses": {"204": {"description": ""}}}
            paths[f"/{number}"] = {operation.method.lower(): named}
        info = self.document.root["info"]
        return {
            "openapi": "3.1.0",
            "info": {"title": info["title"], "version": str(info["version"])},
            "paths": paths,
            "components": {"schemas": classes},
        }

    @property
    def example(self) -> str:
        """A call, for the documentation."""
        simple = [one for one in self.operations if not one.positional and not any(not k.given for k in one.keyword)]
        return f"{simple[0].function}()" if simple else f"{self.operations[0].function}(…)"

    @property
    def by_tag(self) -> dict[str, list[Operation]]:
        found: dict[str, list[Operation]] = {}
        for one in self.operations:
            found.setdefault(module_name(one.tag), []).append(one)
        return found

    @property
    def id_prefixes(self) -> tuple[str, ...]:
        """What IDs begin with that are told apart by it: those of the vendor's other APIs, too."""
        return tuple(sorted({*self.shapes.id_prefixes, *self.shapes.foreign_ids}))

    @property
    def bodies(self) -> list[Class]:
        """The classes of objects that can be in a body, below its members."""
        found: set[str] = set()
        for operation in self.operations:
            for parameter in operation.at("body"):
                self._reach(parameter.type, found)
        return [self.shapes.classes[name] for name in sorted(found)]

    def _reach(self, kind: Type, found: set[str]) -> None:
        for part in [*kind.parts, *([kind.items] if kind.items else [])]:
            self._reach(part, found)
        if kind.kind == "object" and kind.name not in found:
            found.add(kind.name)
            model = self.shapes.classes[kind.name]
            for name in model.variants:
                self._reach(Type(kind="object", name=name), found)
            for member in model.all_members:
                self._reach(member.type, found)

    def checked(self, model: Class) -> Iterator[Checked]:
        """The members of an object in a body."""
        for member in model.all_members:
            kind = member.type
            arguments = Arguments(self.shapes, model.place / f"member {member.wire_name}", bodies="")
            yield Checked(
                wire_name=member.wire_name,
                name=member.name,
                required=member.required,
                nullable=kind.nullable,
                fixed=None if kind.const is None else repr(kind.const),
                deprecated=member.deprecated and not member.required and kind.const is None,
                check=arguments.function(evolve(kind, nullable=False), "body"),
            )

    def default(self, member: Member) -> str | None:
        """What a member is where it is not given, as Python; None where it has to be given."""
        if member.type.const is not None and not member.type.nullable:
            return repr(member.type.const)
        return None if member.required else "None"

    def doc(self, member: Member) -> str:
        always = f"Always `{member.type.const}`." if member.type.const is not None else ""
        return " ".join(filter(None, (member.doc, always)))

    def annotation(self, member: Member) -> str:
        return self.shapes.annotation(member.type, required=self.default(member) != "None")

    def siblings(self, model: Class) -> list[tuple[str, str]]:
        """Module and name of each class that a model's annotations mention, itself left out."""
        return self.modules(self.shapes.mentioned(*(member.type for member in model.members)) - {model.name})

    def modules(self, names: set[str]) -> list[tuple[str, str]]:
        return sorted((module_name(name), name) for name in names)


def generate(settings: Settings, package: Package, root: Path, target: Path) -> None:
    """Write the package of a contract.

    Args:
        settings: Those of the generator.
        package: Which contract.
        root: Where its document is.
        target: The package's folder, which must not exist.

    Raises:
        Refused: The contract has a mistake, or something that is not supported.
    """
    document = Document(root / package.document)
    try:
        view = View(document, package)
    except RecursionError:
        document.place.refuse("it is nested too deeply")
    policies = view.policies
    layout.write(
        document,
        target,
        settings=settings.generator,
        templates=TEMPLATES,
        outline=view.outline,
        shown={
            "view": view,
            "by_function": {one.function: one for one in view.operations},
            "operations_by_tag": view.by_tag,
            "contract": view.contract,
            "scopes": policies.scopes,
            "page_styles": view.page_styles,
            "module": module_name,
            "document": document.name,
        },
    )


def tidy(folder: Path) -> None:
    """Bring the packages in a folder into form, and see that nothing is wrong with them that ruff can see.

    Raises:
        Refused: Something is.
    """
    lint = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    ignored = f"--ignore={','.join([*lint['ignore'], *lint['per-file-ignores'][GENERATED]])}"
    settings = ["--no-cache", "--config", str(PROJECT), str(folder)]
    for command in (["check", "--fix-only", "--select=I,F401,TC005"], ["format"], ["check", ignored]):
        run = subprocess.run(
            [sys.executable, "-m", "ruff", *command, *settings], capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise Refused(f"what was generated is not as it should be:\n{run.stdout}{run.stderr}")


def prove(names: list[str], folder: Path) -> None:
    """Import the packages in a folder, and build all their decoders, in an interpreter of its own.

    Raises:
        Refused: Something of them does not work.
    """
    path = [str(folder), *sys.path]
    code = f"import sys; sys.path[:0] = {path!r}\n{PROOF}"
    run = subprocess.run([sys.executable, "-B", "-c", code, *names], capture_output=True, text=True, check=False)
    if run.returncode:
        raise Refused(f"what was generated does not work:\n{run.stderr}")


def differences(comparison: dircmp[str], prefix: str = "") -> list[str]:
    """Files that are in one of two folders only, or that differ between them."""
    names = comparison.left_only + comparison.right_only + comparison.diff_files + comparison.funny_files
    found = [prefix + name for name in names]
    for name, below in comparison.subdirs.items():
        found += differences(below, f"{prefix}{name}/")
    return sorted(found)


def _check_place(there: Path) -> None:
    """See to it that nothing is lost that was not generated.

    Raises:
        Refused: The folder of a package is something else.
    """
    head = there / "__init__.py"
    if there.exists() and not (head.is_file() and MARK in head.read_text(encoding="utf-8")):
        raise Refused(
            f"{there.name}: a folder of this name is there that was not generated: name the package otherwise"
        )


def write(settings: Settings, root: Path, *, check: bool) -> list[str]:
    """Generate every package, and put it in its place, or compare it with what is there.

    Args:
        settings: What is generated.
        root: Where the documents and packages are.
        check: Whether nothing is written.

    Returns:
        The files that differ, or differed.

    Raises:
        Refused: A contract has a mistake; then nothing is written.
    """
    stale: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for package in settings.packages:
            generate(settings, package, root, Path(folder) / package.package)
        tidy(Path(folder))
        prove([package.package for package in settings.packages], Path(folder))
        for package in settings.packages:
            fresh, there = Path(folder) / package.package, root / package.package
            _check_place(there)
            found = differences(dircmp(fresh, there, ignore=["__pycache__"])) if there.exists() else ["all of it"]
            stale += [f"{package.package}/{name}" for name in found]
            if found and not check:
                shutil.rmtree(there, ignore_errors=True)
                shutil.copytree(fresh, there)
    return stale
