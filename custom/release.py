"""Says what a release is: its version, and what the changelog says of it. It runs on Python alone.

python custom/release.py version               print the package's version
python custom/release.py notes                 print the changelog's section of it
python custom/release.py notes --tag v0.1.0    the same, if the tag is that version

Ends with 1 where the tag is another version, the changelog does not have the version with a date, or the README says
that nothing is published.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Unreleasable(Exception):
    """What is there cannot be released. The message says why."""


def version_in(text: str) -> str:
    """The version that a module gives as its `__version__`.

    Raises:
        Unreleasable: It gives none, or writes it otherwise than packages do.
    """
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise Unreleasable("there is no line with __version__")
    if not re.fullmatch(r"\d+\.\d+\.\d+((a|b|rc)\d+)?", found[1]):
        raise Unreleasable(f"the version {found[1]} is not written as packages have it, such as 0.1.0 or 0.1.0rc1")
    return found[1]


def check_tag(tag: str, version: str) -> None:
    """See to it that a tag is a version's.

    Raises:
        Unreleasable: It is not.
    """
    if tag != f"v{version}":
        raise Unreleasable(f"the tag is {tag}, and the package's version is {version}: its tag would be v{version}")


def notes_of(version: str, changelog: str) -> str:
    """What the changelog says of a version, without its heading.

    Raises:
        Unreleasable: It does not have the version, or has it without a date or text.
    """
    heading = re.search(rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE)
    if heading is None:
        raise Unreleasable(f"CHANGELOG.md has no section of {version} with a date: ## {version} - YYYY-MM-DD")
    notes = changelog[heading.end() :].partition("\n## ")[0].strip()
    if not notes:
        raise Unreleasable(f"CHANGELOG.md says nothing of {version}")
    return notes


def main(arguments: list[str], root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(description="Say what a release is.")
    parser.add_argument("what", choices=["version", "notes"], help="what to print")
    parser.add_argument("--tag", help="the tag of the release, which has to be the version's")
    given = parser.parse_args(arguments)
    try:
        version = version_in((root / "custom/sequence_sdk/_version.py").read_text(encoding="utf-8"))
        if given.tag is not None:
            check_tag(given.tag, version)
            if "not published yet" in (root / "README.md").read_text(encoding="utf-8"):
                raise Unreleasable("README.md says that it is not published yet")
        changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
        print(version if given.what == "version" else notes_of(version, changelog))
    except Unreleasable as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
