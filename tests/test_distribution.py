"""What is installed and imported is what was promised, and no more; `make release-check` looks at what is built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

PLAIN_TESTS = """
import pytest

def test_of_somebody_else():
    import sys
    assert "starlette" not in sys.modules

def test_that_wants_the_sandbox(sequence_sandbox):
    assert sequence_sandbox
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def environment_with(folder: Path, *packages: str) -> Path:
    """A new environment, and where its programs are."""
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "uv", "venv", "-q", "--python", sys.executable, environment], check=True)
    programs = environment / "bin"
    install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", programs / "python", *packages]
    subprocess.run(install, check=True)
    return programs


@pytest.mark.slow
def test_without_its_extra_the_sandbox_disturbs_no_tests_and_says_what_it_needs(wheel: Path, tmp_path: Path) -> None:
    """With the SDK and pytest alone."""
    programs = environment_with(tmp_path, str(wheel), "pytest")
    (tmp_path / "test_plain.py").write_text(PLAIN_TESTS)
    run = [programs / "pytest", "-q", "-p", "no:cacheprovider", tmp_path / "test_plain.py"]
    tests = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "1 passed, 1 error" in tests.stdout, tests.stdout + tests.stderr
    remedy = "the sandbox needs starlette: install the extra, as in pip install 'sequence-sdk[sandbox]'"
    assert remedy in tests.stdout
    command = subprocess.run([programs / "sequence-sandbox"], capture_output=True, text=True, check=False)
    assert (command.returncode, command.stderr.strip()) == (1, remedy)
    command = subprocess.run([programs / "sequence"], capture_output=True, text=True, check=False)
    assert command.returncode == 1
    assert "pip install 'sequence-sdk[cli]'" in command.stderr


def test_nothing_imports_against_the_layering() -> None:
    check = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout
    assert "8 kept, 0 broken" in check.stdout


def test_importing_the_sdk_imports_neither_the_sandbox_nor_what_only_it_needs() -> None:
    unwanted = ["starlette", "uvicorn", "sequence_sandbox", "trio", "cyclopts", "rich", "keyring"]
    program = f"import sys, sequence_sdk; print([name for name in {unwanted} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"
