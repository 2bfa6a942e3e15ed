"""A release is what its tag says, holds what it should, and is made by workflows that can do no more than they must."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import release
import release_check
import release_trial
import sequence_sdk
from sequence_sdk import SequenceError

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
CHANGELOG = (ROOT / "CHANGELOG.md").read_text()

each_workflow = pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load(path)
    return found


def steps(path: Path) -> Iterator[dict[str, Any]]:
    for job in loaded(path)["jobs"].values():
        yield from job.get("steps", ())


# ------------------------------------------------------------------------------------------------------- workflows


@each_workflow
def test_actions_are_pinned_by_digest_with_the_version_beside_it(path: Path) -> None:
    uses = re.findall(r"^ *(?:- )?uses: (.+)$", path.read_text(), re.MULTILINE)
    assert uses
    theirs = [one for one in uses if not one.startswith("$/")]  # this repository is of one commit
    assert [one for one in theirs if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", one)] == []


def test_an_action_is_of_one_version_everywhere() -> None:
    uses = {one["uses"] for path in WORKFLOWS for one in steps(path) if "uses" in one}
    assert len({one.partition("@")[0] for one in uses}) == len(uses)


@each_workflow
def test_a_workflow_may_do_nothing_and_each_job_says_what_it_needs(path: Path) -> None:
    workflow = loaded(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert "permissions" in job
        assert "timeout-minutes" in job or "uses" in job  # whose own jobs have theirs


@each_workflow
def test_a_checkout_leaves_no_credentials_behind(path: Path) -> None:
    checkouts = [one for one in steps(path) if one.get("uses", "").startswith("actions/checkout@")]
    assert all(one["with"]["persist-credentials"] is False for one in checkouts)


def test_only_a_few_jobs_may_write() -> None:
    writing = {
        (path.name, name): {what for what, how in job["permissions"].items() if how == "write"}
        for path in WORKFLOWS
        for name, job in loaded(path)["jobs"].items()
    }
    assert {job: what for job, what in writing.items() if what} == {
        ("contract-drift.yml", "compare"): {"issues"},
        ("docs.yml", "publish"): {"pages", "id-token"},
        ("regenerate.yml", "regenerate"): {"contents", "actions"},
        ("release.yml", "publish"): {"id-token", "attestations"},
        ("release.yml", "announce"): {"contents"},
    }


def test_the_job_that_publishes_runs_nothing_of_ours() -> None:
    """It has the right to sign and to publish: what is checked out or installed there could use it."""
    publish = loaded(ROOT / ".github/workflows/release.yml")["jobs"]["publish"]
    assert publish["environment"] == "pypi"
    assert publish["needs"] == "build"
    assert {re.sub(r"@.*", "", one["uses"]) for one in publish["steps"]} == {
        "actions/download-artifact",
        "actions/attest-build-provenance",
        "actions/attest",
        "pypa/gh-action-pypi-publish",
    }


def test_a_python_version_is_declared_where_the_tests_run_on_it() -> None:
    matrix = loaded(ROOT / ".github/workflows/ci.yml")["jobs"]["test"]["strategy"]["matrix"]["python"]
    declared = re.findall(r"Python :: (\d+\.\d+)", "\n".join(SETTINGS["project"]["classifiers"]))
    assert declared
    assert set(declared) <= set(matrix)  # one that they have not run on yet is in the matrix only


# --------------------------------------------------------------------------------------------- versions and their notes


def test_a_tag_is_refused_that_is_not_the_version() -> None:
    release.check_tag("v1.2.0", "1.2.0")
    for tag in ("1.2.0", "v1.2", "v1.2.0rc1", "v1.2.00"):
        with pytest.raises(release.Unreleasable, match=f"^the tag is {tag}, and the package's version is 1.2.0"):
            release.check_tag(tag, "1.2.0")


NOTES = """# Changelog

## Unreleased

### Added

- Later.

## 1.2.0 - 2026-05-01

### Added

- Something.

## 1.1.0 - 2026-04-01

## 11.2.0

- Undated.
"""


@pytest.mark.parametrize("version", ["0.1", "0.1.0-rc1", "v0.1.0", "1.0.0.dev1"])
def test_a_version_is_written_as_packages_have_it(version: str) -> None:
    with pytest.raises(release.Unreleasable, match="not written as packages have it"):
        release.version_in(f'__version__ = "{version}"\n')


def test_dependencies_that_are_pinned_anywhere_are_updated() -> None:
    command = ["git", "ls-files", "*requirements.txt"]
    pinned = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    folders = {f"/{Path(name).parent}" for name in pinned}
    (pip,) = [one for one in loaded(ROOT / ".github/dependabot.yml")["updates"] if one["package-ecosystem"] == "pip"]
    assert set(pip["directories"]) == {"/", *folders}


def test_a_release_needs_all_that_ci_runs() -> None:
    jobs = loaded(ROOT / ".github/workflows/release.yml")["jobs"]
    assert jobs["checks"]["uses"] == "$/.github/workflows/ci.yml"
    assert (jobs["build"]["needs"], jobs["publish"]["needs"]) == ("checks", "build")


def test_the_notes_are_the_changelogs_section_and_no_more() -> None:
    assert release.notes_of("1.2.0", NOTES) == "### Added\n\n- Something."


@pytest.mark.parametrize(
    ("version", "problem"),
    [
        ("1.1.0", "says nothing of 1.1.0"),
        ("1.3.0", "no section of 1.3.0 with a date"),
        ("11.2.0", "no section of 11.2.0 with a date"),
        ("1.2", "no section of 1.2 with a date"),
    ],
)
def test_a_version_without_a_date_or_notes_cannot_be_released(version: str, problem: str) -> None:
    with pytest.raises(release.Unreleasable, match=problem):
        release.notes_of(version, NOTES)


def test_the_program_prints_the_notes_of_the_tag_or_says_why_it_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = tmp_path / "custom/sequence_sdk/_version.py"
    module.parent.mkdir(parents=True)
    module.write_text('"""Version."""\n\n__version__ = "1.2.0"\n')
    (tmp_path / "CHANGELOG.md").write_text(NOTES)
    readme = tmp_path / "README.md"
    readme.write_text("Install it.")
    assert release.main(["version"], tmp_path) == 0
    assert release.main(["notes", "--tag", "v1.2.0"], tmp_path) == 0
    assert capsys.readouterr().out == "1.2.0\n### Added\n\n- Something.\n"
    assert release.main(["notes", "--tag", "v1.1.0"], tmp_path) == 1
    assert "the tag is v1.1.0" in capsys.readouterr().err
    readme.write_text("It is not published yet.")
    assert release.main(["notes", "--tag", "v1.2.0"], tmp_path) == 1
    assert "README.md says that it is not published yet" in capsys.readouterr().err
    module.write_text("")
    assert release.main(["version"], tmp_path) == 1


def test_the_program_runs_on_python_alone_and_knows_the_version() -> None:
    """The workflow runs it before anything is installed."""
    program = [sys.executable, "-I", "-S", ROOT / "custom" / "release.py", "version"]
    shown = subprocess.run(program, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == sequence_sdk.__version__


def test_the_changelog_keeps_its_form() -> None:
    """That of Keep a Changelog: what is unreleased, then versions with their dates, in sections of known names."""
    first, *versions = re.findall(r"^## (.+)$", CHANGELOG, re.MULTILINE)
    versions = versions if first == "Unreleased" else [first, *versions]
    assert [one for one in versions if not re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", one)] == []
    sections = set(re.findall(r"^### (.+)$", CHANGELOG, re.MULTILINE))
    assert sections <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_changelog_has_the_packages_version() -> None:
    """Released with a date, or among what is unreleased."""
    unreleased = CHANGELOG.partition("## Unreleased\n")[2].partition("\n## ")[0]
    version = sequence_sdk.__version__
    assert f"\n## {version} - " in CHANGELOG or version in unreleased


# ------------------------------------------------------------------------------------------------------ what is built

TARGETS = {"sdist": {"include": ["/custom", "/LICENSE"]}, "wheel": {"packages": ["custom/thing"]}}
KNOWN = [
    "custom/thing/__init__.py",
    "custom/thing/py.typed",
    "custom/tool.py",
    "LICENSE",
    "pyproject.toml",
    "tests/t.py",
]


def made(folder: Path, *, sdist: set[str], wheel: set[str]) -> release_check.Built:
    """The two files, with these in them."""
    built = release_check.Built(folder / "thing-1.tar.gz", folder / "thing-1.whl")
    with tarfile.open(built.sdist, "w:gz") as archive:
        for name in sdist:
            archive.addfile(tarfile.TarInfo(f"thing-1/{name}"))
    with zipfile.ZipFile(built.wheel, "w") as archive:
        for name in wheel:
            archive.writestr(name, "")
    return built


SDIST = {"PKG-INFO", "LICENSE", "pyproject.toml", "custom/tool.py", "custom/thing/__init__.py", "custom/thing/py.typed"}
WHEEL = {"thing/__init__.py", "thing/py.typed", "thing-1.dist-info/METADATA", "thing-1.dist-info/licenses/LICENSE"}


def test_what_holds_all_that_git_has_and_nothing_else_is_accepted(tmp_path: Path) -> None:
    release_check.check_contents(made(tmp_path, sdist=SDIST, wheel=WHEEL), KNOWN, TARGETS)


@pytest.mark.parametrize(
    ("sdist", "wheel", "wrong"),
    [
        (SDIST | {"custom/secret.env"}, WHEEL, r"\+ custom/secret.env"),
        (SDIST | {"tests/t.py"}, WHEEL, r"\+ tests/t.py"),
        (SDIST - {"LICENSE"}, WHEEL, "- LICENSE"),
        (SDIST, WHEEL | {"tests/t.py"}, r"\+ tests/t.py"),
        (SDIST, WHEEL | {"thing/__pycache__/a.pyc"}, r"\+ thing/__pycache__/a.pyc"),
        (SDIST, WHEEL - {"thing/py.typed"}, "- thing/py.typed"),
        (SDIST, WHEEL - {"thing-1.dist-info/licenses/LICENSE"}, "- the licence"),
    ],
)
def test_a_file_too_much_and_one_that_is_missing_are_named(
    tmp_path: Path, sdist: set[str], wheel: set[str], wrong: str
) -> None:
    with pytest.raises(release_check.Broken, match=f"\n{wrong}"):
        release_check.check_contents(made(tmp_path, sdist=sdist, wheel=wheel), KNOWN, TARGETS)


@pytest.mark.slow
def test_what_is_built_otherwise_the_second_time_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "thing").mkdir(parents=True)
    (source / "thing" / "__init__.py").write_text("")
    (source / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "thing"\nversion = "1"\n[tool.hatch.build.targets.sdist]\ninclude = ["/thing"]\n'
    )
    built = release_check.build(source, tmp_path / "dist", "1700000000")
    release_check.check_again(built, tmp_path / "again", "1700000000")
    with pytest.raises(release_check.Broken, match=r"^thing-1.tar.gz is built otherwise"):
        release_check.check_again(built, tmp_path / "later", "1700000060")


def test_each_extra_is_tried_alone_and_all_together() -> None:
    extras = list(SETTINGS["project"]["optional-dependencies"])
    assert extras == list(release_trial.EXTRAS)
    assert release_check.combinations(extras) == [(), *((one,) for one in extras), tuple(extras)]


def test_the_quick_start_of_each_client_is_tried() -> None:
    platform, v1 = release_check.quick_starts((ROOT / "README.md").read_text())
    assert "async with PlatformClient(" in platform
    assert "async with SequenceClient(" in v1


def test_every_module_is_imported_but_private_ones_and_those_that_need_another_extra() -> None:
    files = [
        "a/__init__.py",
        "a/b.py",
        "a/_c.py",
        "a/__main__.py",
        "a/d/e.py",
        "a/d/sitecustomize.py",
        "a/f.lua",
        "g.py",
    ]
    assert list(release_trial.public_modules(files, ())) == ["a", "a.b", "a.d.e"]
    files = [
        "sequence_cli/__init__.py",
        "sequence_cli/app.py",
        "sequence_sdk/aiohttp_transport.py",
        "sequence_clip/a.py",
    ]
    assert list(release_trial.public_modules(files, ())) == ["sequence_clip.a"]
    assert list(release_trial.public_modules(files, ["cli"])) == ["sequence_cli", "sequence_cli.app", "sequence_clip.a"]


def test_with_all_extras_every_module_can_be_imported() -> None:
    program = [sys.executable, "-P", ROOT / "custom" / "release_trial.py", "import", *release_trial.EXTRAS]
    assert re.fullmatch(r"\d+ modules\n", subprocess.run(program, capture_output=True, text=True, check=True).stdout)


def test_a_program_that_fails_is_shown_with_what_it_printed(tmp_path: Path) -> None:
    program = "import os, sys; print(os.environ['ASKED'], 'SEQUENCE_API_KEY' in os.environ); sys.exit(3)"
    with pytest.raises(release_check.Broken, match=r"ended with 3:\nyes False\n"):
        release_check.run(sys.executable, "-c", program, where=tmp_path, ASKED="yes")


# --------------------------------------------------------------------------------------------------- what is promised


def below(error: type[BaseException], depth: int = 0) -> Iterator[str]:
    """An error and its subclasses, each with what it is beside."""
    public = [one for one in vars(sequence_sdk).values() if inspect.isclass(one) and issubclass(one, SequenceError)]
    beside = [one.__name__ for one in error.__bases__ if not issubclass(one, SequenceError) and one is not Exception]
    yield "    " * depth + error.__name__ + (f" ({', '.join(beside)})" if beside else "")
    for one in public:
        above = [base for base in one.__mro__[1:] if base in public]
        direct = [base for base in above if not any(issubclass(other, base) for other in above if other is not base)]
        if error in direct:
            yield from below(one, depth + 1)


def test_the_errors_are_the_hierarchy_that_is_promised() -> None:
    for name in sequence_sdk.__all__:
        getattr(sequence_sdk, name)  # they are loaded when they are asked for
    page = (ROOT / "docs" / "versioning.md").read_text()
    promised = page.partition("```text\n")[2].partition("```")[0].splitlines()

    def paths(lines: list[str]) -> set[tuple[str, ...]]:
        """Each line with those that it stands below."""
        found: set[tuple[str, ...]] = set()
        above: list[str] = []
        for line in lines:
            above[(len(line) - len(line.lstrip())) // 4 :] = [line.strip()]
            found.add(tuple(above))
        return found

    assert paths(promised) == paths(list(below(SequenceError)))


def test_the_public_modules_say_what_they_hold() -> None:
    page = (ROOT / "docs" / "versioning.md").read_text()
    row = page.partition("| `sequence_sdk`,")[2].partition("|")[0]
    assert re.findall(r"`(.+?)`", row) == [
        "sequence_sdk.models",
        "sequence_sdk.platform",
        "sequence_sdk.platform.models",
        "sequence_sdk.webhooks",
    ]
