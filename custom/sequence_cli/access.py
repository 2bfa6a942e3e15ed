"""Decides which API is meant and with which key, and asks where only the APIs themselves know."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from importlib import import_module
from typing import Literal, Protocol, TypeAlias, cast

from sequence_sdk import (
    APIError,
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    PlatformClient,
    SequenceClient,
)

from .endings import FAILED, USAGE, CommandError, in_words
from .showing import note

APIName: TypeAlias = Literal["v1", "platform"]
AnyClient: TypeAlias = SequenceClient | PlatformClient

CLIENTS: Mapping[APIName, type[SequenceClient] | type[PlatformClient]] = {
    "v1": SequenceClient,
    "platform": PlatformClient,
}
VARIABLE = PlatformClient.contract.api_key_variable
SERVICE, USER = "sequence-sdk", "api-key"
"""Where the key is in the system's keyring."""

UUID = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"

PROBE_TIMEOUT = 15.0
"""Seconds that an API may take to say whether it accepts a key."""


class _Keyring(Protocol):
    def get_password(self, service: str, username: str) -> str | None: ...


def api_key(environment: Mapping[str, str]) -> str:
    """The API key: of the environment, or else of the system's keyring.

    Raises:
        CommandError: There is none.
    """
    key = environment.get(VARIABLE) or _from_keyring()
    if not key:
        raise CommandError(
            f"no API key: set the environment variable {VARIABLE}, or store it in the system's keyring with "
            f"`keyring set {SERVICE} {USER}` (pip install keyring)"
        )
    return key


def _from_keyring() -> str | None:
    try:
        keyring = cast("_Keyring", import_module("keyring"))
        errors = import_module("keyring.errors")
    except ModuleNotFoundError:
        return None
    try:
        return keyring.get_password(SERVICE, USER)
    except errors.NoKeyringError:
        return None
    except errors.KeyringError as error:
        raise CommandError(f"the system's keyring cannot be read: {error}", FAILED) from None


def meant(given: APIName | None, environment: Mapping[str, str]) -> list[APIName]:
    """Which APIs may be meant: where only one is pointed elsewhere, a key is not shown to production.

    Args:
        given: The one of the command line.
        environment: Variables by name.
    """
    if given is not None:
        return [given]
    pointed: list[APIName] = [
        name for name, client in CLIENTS.items() if environment.get(client.contract.base_url_variable)
    ]
    return pointed or list(CLIENTS)


def choose(found: Mapping[APIName, APIError | None]) -> APIName:
    """The API that accepts the key, where it is one, and all others refuse it.

    Args:
        found: What came of asking each: None where it accepts the key.

    Raises:
        CommandError: None does, or both do, or one could not be asked.
    """
    accepting: list[APIName] = [name for name, error in found.items() if error is None]
    if len(accepting) == 1:
        for name, error in found.items():
            if error is not None and not _refuses(error):
                raise CommandError(
                    f"{accepting[0]} accepts this key, and {name} could not be asked ({in_words(error)}): add --api v1 "
                    "or --api platform, or set SEQUENCE_API"
                )
        return accepting[0]
    if accepting:
        raise CommandError("both APIs accept this key: add --api v1 or --api platform, or set SEQUENCE_API", USAGE)
    told = "".join(f"\n  {name}: {error and in_words(error)}" for name, error in found.items())
    raise CommandError(f"no API accepts this key:{told}", FAILED)


def _refuses(error: APIError) -> bool:
    """Whether this API said that it knows no such key, or there is no such API: what passes is no such word."""
    return isinstance(error, AuthenticationError | NotFoundError | PermissionDeniedError)


def check_ids(client: AnyClient, kind: Literal["acc", "rule"], *ids: str) -> None:
    """See to it that IDs are some, before anything is sent.

    Raises:
        CommandError: One is none of this API's.
    """
    is_platform = isinstance(client, PlatformClient)
    lists = "accounts" if kind == "acc" else "rules"
    for id in ids:
        if not re.fullmatch(UUID if is_platform else rf"{kind}_\w+", id, re.ASCII):
            spelled = "a UUID" if is_platform else f"{kind}_…"
            raise CommandError(f"{id!r} is no ID, which is {spelled} over this API: `sequence {lists}` shows them")


async def probe(client: AnyClient) -> APIError | None:
    """Why an API does not accept the key of a client; None where it does. It is one request."""
    asking = client.with_options(max_retries=0, timeout=PROBE_TIMEOUT)
    try:
        if isinstance(asking, PlatformClient):
            await asking.accounts.list(page_size=1).collect(limit=1)
        else:
            await asking.accounts.list()
    except PermissionDeniedError as refused:
        return None if refused.is_apis_own else refused  # it knows the key, which lacks this permission
    except APIError as error:
        return error
    return None


@asynccontextmanager
async def connected(given: APIName | None) -> AsyncGenerator[AnyClient]:
    """A client of the API that is meant.

    Raises:
        CommandError: There is no key, or it is not clear which API is meant.
        ConfigurationError: The key or an address cannot be used.
    """
    key, names = api_key(os.environ), meant(given, os.environ)
    if len(names) == 1:
        name = names[0]
    else:
        found: dict[APIName, APIError | None] = {}
        for one in names:
            async with CLIENTS[one](key) as client:
                found[one] = await probe(client)
        name = choose(found)
        note(f"sequence: over {name}, which alone accepts this key")
    async with CLIENTS[name](key) as client:
        yield client
