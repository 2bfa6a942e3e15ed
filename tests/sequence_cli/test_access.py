"""The key and the API are found, and no key is shown or given away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from keyring.errors import KeyringLocked

from sequence_cli.access import api_key, choose, meant
from sequence_cli.endings import CommandError
from sequence_sdk import APIConnectionError, APIError, AuthenticationError

from .conftest import Shell

REFUSED = AuthenticationError("401", operation="listAccounts", request_id="")


def test_the_api_that_alone_accepts_the_key_is_found(platform_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQUENCE_API")
    # The sandbox's keys open both APIs: nothing answers at this address.
    monkeypatch.setenv("SEQUENCE_BASE_URL", f"{platform_shell.sandbox.base_url}/nothing")
    ended = platform_shell.say("rules", "--json")
    assert ended.code == 0, ended.err
    assert "over platform, which alone accepts this key" in ended.err


def test_a_key_that_both_accept_needs_a_word(platform_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQUENCE_API")
    ended = platform_shell.say("rules")
    assert (ended.code, "add --api v1 or --api platform" in ended.err) == (2, True)
    assert platform_shell.say("rules", "--api", "v1", "--json").out.startswith("[")


def test_a_key_that_none_accepts_is_not_shown(platform_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQUENCE_API")
    monkeypatch.setenv("SEQUENCE_API_KEY", "sk_nobodys_5f1e")
    ended = platform_shell.say("rules", "--debug")
    assert ended.code == 1
    assert "v1: 401" in ended.err
    assert "platform: 401" in ended.err
    assert "sk_nobodys_5f1e" not in ended.err


def test_without_a_key_it_says_where_one_belongs(platform_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQUENCE_API_KEY")
    ended = platform_shell.say("rules")
    assert (ended.code, ended.out) == (2, "")
    assert "SEQUENCE_API_KEY" in ended.err
    assert "keyring set sequence-sdk api-key" in ended.err


class Ring(KeyringBackend):
    """A keyring with a key, or one that is locked."""

    priority = 1  # type: ignore[assignment]

    def __init__(self, *, locked: bool = False) -> None:
        self.locked = locked

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked("it is locked")
        return {("sequence-sdk", "api-key"): "sk_ring"}.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        raise NotImplementedError


@pytest.fixture
def use_keyring() -> Iterator[Callable[[KeyringBackend], None]]:
    """Lets a test have a keyring of its own."""
    before = keyring.get_keyring()
    yield keyring.set_keyring
    keyring.set_keyring(before)


def test_a_key_is_read_from_the_keyring(use_keyring: Callable[[KeyringBackend], None]) -> None:
    use_keyring(Ring())
    assert api_key({}) == "sk_ring"
    assert api_key({"SEQUENCE_API_KEY": "sk_environment"}) == "sk_environment"


def test_a_keyring_that_cannot_be_read_is_not_taken_for_an_empty_one(
    use_keyring: Callable[[KeyringBackend], None],
) -> None:
    use_keyring(Ring(locked=True))
    with pytest.raises(CommandError, match="it is locked"):
        api_key({})


def test_without_a_keyring_there_is_no_key(
    use_keyring: Callable[[KeyringBackend], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_keyring(fail.Keyring())
    with pytest.raises(CommandError, match="no API key"):
        api_key({})
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(CommandError, match="pip install keyring"):
        api_key({})


def test_where_one_api_is_pointed_elsewhere_the_key_is_not_shown_to_production() -> None:
    assert meant(None, {"SEQUENCE_BASE_URL": "http://127.0.0.1:1"}) == ["v1"]
    assert meant(None, {"SEQUENCE_PLATFORM_BASE_URL": "http://127.0.0.1:1"}) == ["platform"]
    assert meant(None, {}) == ["v1", "platform"]
    assert meant("v1", {}) == ["v1"]


@pytest.mark.parametrize(
    ("v1", "platform", "chosen"),
    [(None, REFUSED, "v1"), (REFUSED, None, "platform"), (None, None, None), (REFUSED, REFUSED, None)],
)
def test_the_api_is_chosen_where_it_is_one(v1: APIError | None, platform: APIError | None, chosen: str | None) -> None:
    if chosen is not None:
        assert choose({"v1": v1, "platform": platform}) == chosen
    else:
        with pytest.raises(CommandError):
            choose({"v1": v1, "platform": platform})


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "cyclopts.py").write_text("raise ModuleNotFoundError('no', name='cyclopts')")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); from sequence_cli.__main__ import main; sys.exit(main())"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr == "sequence needs cyclopts: install the extra, as in pip install 'sequence-sdk[cli]'\n"


def test_an_api_that_could_not_be_asked_may_accept_the_key() -> None:
    busy = APIConnectionError("no connection", operation="listAccounts", request_id="", sent=False)
    with pytest.raises(CommandError, match=r"v1 accepts this key, and platform could not be asked \(no connection\)"):
        choose({"v1": None, "platform": busy})
