"""Builds the distribution into dist/, and tries what was built as its users would: `make release-check`.

python custom/release_check.py twine    the program that checks metadata as PyPI does

What is built holds every file of the packages that git has, and no other; what it was built into, unpacked and built
again, gives the same bytes; and the wheel and the source distribution work in an empty environment, with each extra.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Collection, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple, cast

from release import version_in

ROOT = Path(__file__).resolve().parent.parent
TRIAL = ROOT / "custom" / "release_trial.py"
ALWAYS = {"pyproject.toml", ".gitignore"}
"""What hatchling puts into every source distribution."""
UV = [sys.executable, "-m", "uv"]


class Broken(Exception):
    """What was built is not what was promised. The message says how."""


class Built(NamedTuple):
    """The two files that are published."""

    sdist: Path
    wheel: Path


def run(*command: str | Path, where: Path = ROOT, **environment: str) -> str:
    """What a program prints, both ways; nothing of this one's Python or its `SEQUENCE_…` goes along.

    Raises:
        Broken: It failed.
    """
    code, shown = outcome(*command, where=where, **environment)
    if code:
        raise Broken(f"{' '.join(map(str, command))} ended with {code}:\n{shown}")
    return shown


def outcome(*command: str | Path, where: Path, **environment: str) -> tuple[int, str]:
    """How a program ended, and what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "SEQUENCE_"))}
    done = subprocess.run(
        command, cwd=where, env=kept | environment, text=True, check=False, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    return done.returncode, done.stdout


# ----------------------------------------------------------------------------------------------------- what is built


def build(source: Path, target: Path, moment: str) -> Built:
    """Build both files; what is in them is dated `moment`, in seconds since 1970, UTC."""
    command = (sys.executable, "-m", "build", "--no-isolation", "--outdir", target, source)
    run(*command, where=target.parent, SOURCE_DATE_EPOCH=moment)
    (sdist,), (wheel,) = target.glob("*.tar.gz"), target.glob("*.whl")
    return Built(sdist, wheel)


def names_in(built: Built) -> tuple[set[str], set[str]]:
    """The files in the source distribution, and those in the wheel."""
    with tarfile.open(built.sdist) as sdist, zipfile.ZipFile(built.wheel) as wheel:
        return {one.name.partition("/")[2] for one in sdist if one.isfile()}, set(wheel.namelist())


def expected_in_sdist(known: Collection[str], settings: dict[str, Any]) -> set[str]:
    """What the source distribution is to hold, of the files that git knows."""
    included = [str(one).removeprefix("/") for one in settings["sdist"]["include"]]
    return {"PKG-INFO"} | {
        name for name in known if name in ALWAYS or any(name == one or name.startswith(f"{one}/") for one in included)
    }


def expected_in_wheel(known: Collection[str], settings: dict[str, Any]) -> set[str]:
    """What the wheel is to hold, beside its metadata."""
    folders = [Path(one) for one in settings["wheel"]["packages"]]
    paths = [(Path(name), folder.parent) for name in known for folder in folders if folder in Path(name).parents]
    return {str(path.relative_to(parent)) for path, parent in paths}


def differences(found: set[str], expected: set[str]) -> list[str]:
    """What is there and should not be, and what is missing."""
    return [f"+ {name}" for name in sorted(found - expected)] + [f"- {name}" for name in sorted(expected - found)]


def check_contents(built: Built, known: Collection[str], settings: dict[str, Any]) -> None:
    """See to it that both files hold what they should, and nothing else.

    Raises:
        Broken: They do not.
    """
    in_sdist, in_wheel = names_in(built)
    about = {name for name in in_wheel if ".dist-info/" in name}
    wrong = differences(in_sdist, expected_in_sdist(known, settings))
    wrong += differences(in_wheel - about, expected_in_wheel(known, settings))
    typed = {f"{Path(one).name}/py.typed" for one in settings["wheel"]["packages"]}
    wrong += differences(typed & in_wheel, typed)
    wrong += [] if any(name.endswith("/licenses/LICENSE") for name in about) else ["- the licence"]
    if wrong:
        raise Broken("What was built does not hold what it should (+ is too much, - is missing):\n" + "\n".join(wrong))


def check_again(built: Built, folder: Path, moment: str) -> None:
    """Build what is in the source distribution, somewhere else: it has to come to the same bytes.

    Raises:
        Broken: It does not.
    """
    with tarfile.open(built.sdist) as sdist:
        sdist.extractall(folder, filter="data")
    (source,) = folder.iterdir()
    for first, second in zip(built, build(source, folder / "dist", moment), strict=True):
        if first.read_bytes() != second.read_bytes():
            raise Broken(f"{first.name} is built otherwise from the source distribution")


# ------------------------------------------------------------------------------------------------------ what it does


def quick_starts(readme: str) -> list[str]:
    """The programs of the README's quick start, one for each client."""
    section = readme.partition("\n## Quick start\n")[2].partition("\n## ")[0]
    return [one for one in re.findall(r"```python\n(.*?)```", section, re.DOTALL) if "asyncio.run(main())" in one]


def combinations(extras: Sequence[str]) -> list[tuple[str, ...]]:
    """No extra, each of them, and all."""
    return [(), *((one,) for one in extras), tuple(extras)]


@contextmanager
def sandbox_of(python: str | Path) -> Generator[dict[str, str]]:
    """A sandbox in a process of an environment that has the extra: the variables of its clients."""
    command = [python, "-P", TRIAL, "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        begin, end = cast("tuple[IO[str], IO[str]]", (process.stdout, process.stdin))
        try:
            yield json.loads(begin.readline() or "{}")
        finally:
            end.close()


def try_out(programs: Sequence[str], file: Path, extras: tuple[str, ...], folder: Path) -> str:
    """Install a file in an empty environment, and use it.

    Raises:
        Broken: It does not do what it should with these extras.
    """
    folder.mkdir()
    environment = folder / "environment"
    run(*UV, "venv", "--quiet", "--python", sys.executable, environment)
    scripts = environment / "bin"
    python = scripts / "python"
    what = f"sequence-sdk[{','.join(extras)}] @ {file.as_uri()}"
    constraint = ROOT / "requirements-dev.lock"
    run(*UV, "pip", "install", "--quiet", "--python", python, "--constraint", constraint, what)
    run(*UV, "pip", "check", "--quiet", "--python", python)
    imported = run(python, "-P", TRIAL, "import", *extras, where=folder).strip()
    for command, extra in (("sequence", "cli"), ("sequence-sandbox", "sandbox")):
        code, shown = outcome(scripts / command, "--help", where=folder)
        told = "usage:" in shown.lower() if extra in extras else f"sequence-sdk[{extra}]" in shown
        if code != int(extra not in extras) or not told:
            raise Broken(f"{command} --help ended with {code}:\n{shown}")
    with sandbox_of(python if "sandbox" in extras else sys.executable) as variables:
        run(python, "-P", TRIAL, "call", *extras, where=folder, **variables)
        for index, program in enumerate(programs):
            script = folder / f"quick_start_{index}.py"
            script.write_text(program, encoding="utf-8")
            shown = run(python, script, where=folder, **variables)
            if "Emergency Fund\n" not in shown or "Traceback" in shown:
                raise Broken(f"a quick start of the README shows:\n{shown}")
    return imported


def main(twine: str) -> int:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    targets = settings["tool"]["hatch"]["build"]["targets"]
    known = run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")
    known = [name for name in known if name and (ROOT / name).is_file()]
    moment = run("git", "log", "-1", "--format=%ct").strip()
    programs = quick_starts((ROOT / "README.md").read_text(encoding="utf-8"))
    version = version_in((ROOT / "custom/sequence_sdk/_version.py").read_text(encoding="utf-8"))
    dist = ROOT / "dist"
    for old in dist.glob("*"):
        old.unlink()
    with TemporaryDirectory() as temporary, ThreadPoolExecutor(2) as pool:
        folder = Path(temporary)
        try:
            if len(programs) < 2:
                raise Broken("README.md has no quick start for each client, so that none would be tried")
            built = build(ROOT, dist, moment)
            if f"-{version}-" not in built.wheel.name:
                raise Broken(f"{built.wheel.name} is of another version than {version}")
            check_contents(built, known, targets)
            check_again(built, Path(temporary, "again"), moment)
            print(run(twine, "check", "--strict", *built), end="")
            trials = [
                (file, extras, folder / f"{file.suffix}-{'-'.join(extras)}")
                for file in built
                for extras in combinations(list(settings["project"]["optional-dependencies"]))
            ]
            tried = pool.map(partial(try_out, programs), *zip(*trials, strict=True))
            for (file, extras, _), shown in zip(trials, tried, strict=True):
                print(f"{file.name} with {', '.join(extras) or 'no extra'}: {shown}", flush=True)
        except Broken as error:
            print(error, file=sys.stderr)
            return 1
    print(f"sequence-sdk {version} can be released as it is in dist/")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
