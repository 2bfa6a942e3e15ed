"""All that is used of openapi-python-client's inside: how it names things, lays a package out, and runs its templates.

It is given the outline of a contract: its operations by tag, and its classes. What they are made of our own reading of
the contract says (`shapes`, `operations`), which its templates get beside the generator's own variables.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.strings import ClassName, PythonIdentifier, safe_for_docstring, snake_case as _snake_case

from .document import Document, Refused

GENERATOR = f"openapi-python-client {version('openapi-python-client')}"

UNUSED = ("errors.py", "client.py", "types.py")
"""What the generator always writes; sequence_runtime has it for all packages."""


def class_name(name: str) -> str:
    return str(ClassName(name, "N"))


def module_name(name: str) -> str:
    """Of a class or an operation."""
    return str(PythonIdentifier(name, "n"))


def snake_case(name: str) -> str:
    return str(_snake_case(name))


def docstring(text: str) -> str:
    """Text for a docstring, which it can neither end nor escape from."""
    safe = safe_for_docstring(text).strip()
    if not safe.endswith('"'):
        return safe
    slashes = len(safe[:-1]) - len(safe[:-1].rstrip("\\"))
    return safe if slashes % 2 else f'{safe[:-1]}\\"'


def write(
    document: Document,
    target: Path,
    *,
    settings: Mapping[str, Any],
    templates: Path,
    outline: Mapping[str, Any],
    shown: Mapping[str, Any],
) -> None:
    """Write a package.

    Args:
        document: The contract.
        target: The package's folder, which must not exist.
        settings: The generator's own.
        templates: The folder of our templates.
        outline: A document of the classes and operations there are.
        shown: What templates see.

    Raises:
        Refused: The generator cannot make a package of it.
    """
    path = document.path
    config = Config.from_sources(
        ConfigFile.model_validate({**settings, "package_name_override": target.name, "post_hooks": []}),
        MetaType.NONE,
        path,
        "utf-8",
        overwrite=False,
        output_path=target,
    )
    data = GeneratorData.from_dict(dict(outline), config=config)
    if not isinstance(data, GeneratorData):
        raise Refused(f"{document.name}: {data.header} {data.detail}")
    project = Project(openapi=data, config=config, custom_template_path=templates)
    globals_: dict[str, Any] = project.env.globals
    globals_.update(shown, generator=GENERATOR)
    project.env.filters["prose"] = docstring
    with contextlib.redirect_stdout(io.StringIO()):  # it names a temporary folder
        errors = project.build()
    if errors:
        raise Refused("\n".join(f"{document.name}: {error.header} {error.detail or ''}" for error in errors))
    for name in UNUSED:
        (target / name).unlink()
    for name in ("contract", "bodies", "webhooks"):
        text = project.env.get_template(f"{name}.py.jinja").render()
        if text.strip():
            (target / f"{name}.py").write_text(text, encoding="utf-8")
    (target / "py.typed").touch()
