"""Says what is wrong with a file that is to be written, before the work for it is done."""

from __future__ import annotations

import os
from pathlib import Path

from .endings import FAILED, CommandError


def look_at(file: Path) -> None:
    """Nothing, where a file can be in its folder.

    Raises:
        CommandError: There is no such folder, the file is one, or it cannot be written.
    """
    if not file.parent.is_dir():
        raise CommandError(f"the folder {file.parent} is not there")
    if file.is_dir():
        raise CommandError(f"{file} is a folder: give a file")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise CommandError(f"{file} cannot be written: look at its permissions, and at those of its folder", FAILED)
