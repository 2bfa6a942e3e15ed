"""Decides what a client is configured with: arguments first, then the environment, then defaults."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Set
from functools import cache

from attrs import frozen

from sequence_runtime import Contract
from sequence_runtime.addresses import check_base_url

from .errors import ConfigurationError

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?")
_OF_HTTP = frozenset({"authorization", "content-length", "content-type", "host", "transfer-encoding"})


def api_key_problem(api_key: object, contract: Contract) -> str | None:
    """What is wrong with an API key, in words that do not repeat it; None where nothing is.

    It gives a text instead of raising, so that no frame of a traceback holds the key.
    """
    variable, word = contract.api_key_variable, contract.auth_scheme
    if api_key is None:
        return f"no API key: pass api_key=…, or set the environment variable {variable}"
    if not isinstance(api_key, str):
        return f"api_key must be a string, not {type(api_key).__name__}"
    if not api_key.strip():
        return f"the API key is blank: pass api_key=…, or set {variable} to the key"
    if api_key != api_key.strip() or api_key.startswith(f"{word} "):
        return f"the API key has the word {word} before it, or spaces or line breaks around it: give the key alone"
    if not re.fullmatch(r"[\x21-\x7e]+", api_key):
        return "the API key has spaces, control characters or characters outside ASCII: give the key as it was issued"
    return None


def resolve_base_url(given: str | None, contract: Contract) -> str:
    """The base URL without a slash at its end.

    Raises:
        ConfigurationError: It is no absolute https URL, nor an http URL of this machine.
    """
    url = given if given is not None else os.environ.get(contract.base_url_variable)
    others = [name for name in contract.other_base_url_variables if os.environ.get(name)]
    if not url and given is None and others:
        raise ConfigurationError(
            f"{others[0]} is set, and {contract.base_url_variable} is not, so that this client alone would reach "
            f"production: set that one, too, or give base_url={contract.base_url!r} if it is meant"
        )
    url = contract.base_url if given is None and not url else url
    if not isinstance(url, str):
        raise ConfigurationError(f"base_url must be a string, not {type(url).__name__}")
    try:
        return check_base_url(url, contract.base_url)
    except ValueError as error:
        problem = str(error)
    raise ConfigurationError(problem)


def check_seconds(name: str, value: object) -> float:
    """A time in seconds.

    Raises:
        ConfigurationError: It is not a finite number above zero.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ConfigurationError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if value > 1e300 or not math.isfinite(value) or value <= 0:
        raise ConfigurationError(f"{name} is {value}: give a finite number of seconds above 0")
    return float(value)


def check_count(name: str, value: object, *, minimum: int) -> int:
    """A number of things.

    Raises:
        ConfigurationError: It is not a whole number of `minimum` or more.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise ConfigurationError(f"{name} must be a whole number, not {type(value).__name__}")
    if value < minimum:
        raise ConfigurationError(f"{name} is {value}: give {minimum} or more")
    return value


def check_flag(name: str, value: object) -> bool:
    """A yes or no.

    Raises:
        ConfigurationError: It is something else.
    """
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} must be True or False, not {type(value).__name__}")
    return value


@cache
def own_headers(contract: Contract) -> Mapping[str, str]:
    """The headers by which an API knows calls and their repeats, by name in lower case: only the SDK may set them."""
    names = (contract.request_id, contract.idempotency.header if contract.idempotency else None)
    return {name.lower(): name for name in names if name is not None}


def merge_headers(contract: Contract, headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Headers to send with every request: `more` add to `headers`, and replace those of the same name in any case.

    Raises:
        ConfigurationError: One cannot be sent, or is the SDK's own to send.
    """
    if not isinstance(more, Mapping):
        raise ConfigurationError(f"headers must be a mapping of names to values, not {type(more).__name__}")
    for name, value in more.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise ConfigurationError(f"headers: {name!r} is not a header's name")
        if name.lower() in _OF_HTTP | own_headers(contract).keys():
            raise ConfigurationError(f"headers: {name} is set by the SDK: use the argument for it instead")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise ConfigurationError(
                f"headers: the value of {name} has line breaks, control characters, characters outside ASCII or spaces "
                "at its ends: remove them"
            )
    return _without(headers, {name.lower() for name in more}) | dict(more)


def common_headers(contract: Contract, theirs: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """Headers of every request: those that an HTTP client has of its own, unless they are ours to send, and ours."""
    return _without(theirs, _OF_HTTP | own_headers(contract).keys() | {name.lower() for name in ours}) | dict(ours)


def _without(headers: Mapping[str, str], names: Set[str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in names}


@frozen(kw_only=True)
class ResponseLimits:
    """How large a response may be. A larger one is an `APIResponseValidationError`.

    How deep its JSON may be nested is up to the interpreter: as deep as its recursion limit, which is 1,000 by default.
    """

    body: int = 32 * 2**20
    """Bytes, as sent and decompressed."""
    headers: int = 100
    """How many. HTTP libraries bound how long each may be."""

    def __attrs_post_init__(self) -> None:
        check_count("ResponseLimits: body", self.body, minimum=1)
        check_count("ResponseLimits: headers", self.headers, minimum=1)
