"""What docs/command.md shows can be run."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

from sequence_cli.endings import EXPLAINED

from .conftest import Shell

PAGE = (Path(__file__).parents[2] / "docs" / "command.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^\$ (sequence .*)$", PAGE, re.MULTILINE)

PROGRAM = """
import asyncio
from sequence_sdk import PlatformClient

async def main():
    async with PlatformClient() as platform:
        await platform.accounts.get("e0fa41a1-c619-47b2-8e6c-3eb77612d87f")

asyncio.run(main())
"""


def test_every_command_of_the_page_runs(platform_shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(PROGRAM)
    ran = set()
    for command in COMMANDS:
        _, *arguments = shlex.split(command)
        if arguments[0] == "sandbox":  # it serves until it is stopped
            continue
        if arguments[0] == "pay" and "--simulate" not in arguments:
            arguments.append("--yes")
        arguments = [sys.executable if one == "python" else one for one in arguments]
        ended = platform_shell.say(*arguments)
        assert ended.code == 0, (command, ended.err)
        ran.add(arguments[0])
    assert len(ran) == 11


def test_what_the_page_says_of_permissions_is_what_is_printed(
    platform_shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(PROGRAM)
    ended = platform_shell.say("permissions", "record", "--", sys.executable, "app.py")
    assert ended.err + ended.out in PAGE


def test_the_page_has_every_exit_code() -> None:
    assert all(f"| {code} | {text} |" in PAGE for code, text in EXPLAINED.items())
