"""Runs what is no part of this command: the doctor, the sandbox, and programs whose permissions are recorded."""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sequence_sdk import Permissions, platform

from .access import VARIABLE, APIName, api_key
from .endings import NOT_FOUND, OK, CommandError
from .showing import note
from .target import look_at

RECORDER = Path(__file__).with_name("recorder")
"""The folder of the `sitecustomize` that records."""

RECORD_TO = "SEQUENCE_RECORD_TO"
"""The variable that tells the recorder where to write."""

PERMISSIONS: Mapping[APIName, type[Permissions] | type[platform.Permissions]] = {
    "v1": Permissions,
    "platform": platform.Permissions,
}


def module(name: str, arguments: Iterable[str]) -> int:
    """Run a module as `python -m` does, and give its exit code."""
    sys.argv[1:] = arguments
    try:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        if isinstance(ended.code, str):
            note(ended.code)
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return OK


def doctor(arguments: Sequence[str]) -> int:
    """Run the doctor, with the key of the environment or of the keyring, and give its exit code."""
    try:
        os.environ[VARIABLE] = api_key(os.environ)
    except CommandError as lacking:  # without a key, the doctor looks whether an API lives
        note(f"sequence: {lacking}")
    from sequence_sdk.__main__ import main as sdk  # noqa: PLC0415 - no other command needs it

    try:
        return sdk(["doctor", *arguments], program="sequence")
    except SystemExit as ended:  # after its help, or where it was not asked rightly
        return ended.code if isinstance(ended.code, int) else OK


def record(command: Sequence[str], to: Path | None) -> int:
    """Run a program, write the permissions that it needed, and give its exit code.

    Raises:
        CommandError: There is no such program, or the permissions could not be written.
        OSError: It cannot be run.
    """
    if not command:
        raise CommandError("which program? For example: sequence permissions record -- python app.py")
    if to is not None:
        look_at(to)
    environment = {**os.environ, "PYTHONPATH": _python_path(os.environ)}
    with suppress(CommandError):  # without a key, the program may have one of its own
        environment[VARIABLE] = api_key(os.environ)
    with TemporaryDirectory(prefix="sequence-") as folder:
        ended = _run(command, {**environment, RECORD_TO: folder})
        parts = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(Path(folder).glob("*.json"))]
    needed = merged(parts)
    for lacking in not_named(parts, needed):
        note(f"sequence: needed, too, of a resource that no response named: {lacking}")
    if not parts:
        note("sequence: the program made no call with sequence-sdk")
        return ended
    note(f"sequence: needed of {' and of '.join(needed) or 'no API'}:")
    text = json.dumps(needed if len(needed) > 1 else next(iter(needed.values()), ()), indent=2)
    if to is not None:
        try:
            to.write_text(f"{text}\n", encoding="utf-8")
        except OSError as error:
            note(f"sequence: {to} cannot be written: {error.strerror}")
        else:
            return ended
    print(text)
    return ended


def not_named(
    parts: Iterable[Mapping[str, Any]], needed: Mapping[APIName, Sequence[Mapping[str, object]]]
) -> list[str]:
    """What was needed of a resource that no response named, in words: not what some entry is enough for.

    Args:
        parts: What each process recorded.
        needed: What they needed together, as `merged` gives it.
    """
    lacking: dict[str, None] = {}
    for part in parts:
        scopes = {entry["scope"] for entry in needed.get(part["api"], ())}
        for words in part["unresolved"]:
            scope, any_of, _ = words.partition(" on any ")
            if not (any_of and scope in scopes):
                lacking[words] = None
    return list(lacking)


def merged(parts: Iterable[Mapping[str, object]]) -> dict[APIName, list[Mapping[str, object]]]:
    """What processes needed, together: entries by the API's name.

    Args:
        parts: What each recorded: `api`, and `entries` as `Permissions.to_json` gives them.
    """
    entries: dict[APIName, list[Mapping[str, object]]] = {name: [] for name in PERMISSIONS}
    for part in parts:
        for name in PERMISSIONS:
            if part["api"] == name:
                entries[name] += json.loads(str(part["entries"]))
    return {name: json.loads(PERMISSIONS[name].from_json(some).to_json()) for name, some in entries.items() if some}


def _python_path(environment: Mapping[str, str]) -> str:
    return os.pathsep.join([str(RECORDER), *filter(None, [environment.get("PYTHONPATH")])])


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """The exit code of a program, as shells give it. Ctrl-C is the program's: this command waits for its end."""
    before = signal.signal(signal.SIGINT, _wait), signal.getsignal(signal.SIGTERM)
    try:
        with subprocess.Popen(command, env=environment) as process:  # noqa: S603 - it is what the user asks for

            def end(*_: object) -> None:
                process.terminate()

            signal.signal(signal.SIGTERM, end)
            return _exit_code(process.wait())
    except FileNotFoundError:
        raise CommandError(f"there is no program {command[0]!r}", NOT_FOUND) from None
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])


def _wait(*_: object) -> None:
    """Let the program decide."""


def _exit_code(ended: int) -> int:
    return 128 - ended if ended < 0 else ended
