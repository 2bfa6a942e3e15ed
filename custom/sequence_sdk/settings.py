"""Decides what a client is configured with: arguments first, then the environment, then defaults."""

from __future__ import annotations

import ipaddress
import math
import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from attrs import frozen

from .errors import ConfigurationError

API_KEY_VARIABLE = "SEQUENCE_API_KEY"
BASE_URL_VARIABLE = "SEQUENCE_BASE_URL"
DEFAULT_BASE_URL = "https://api.getsequence.io/api/v1"

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?")
_OURS = {
    "authorization",
    "content-length",
    "content-type",
    "host",
    "idempotency-key",
    "transfer-encoding",
    "x-request-id",
}


def api_key_problem(api_key: object) -> str | None:
    """What is wrong with an API key, in words that do not repeat it; None where nothing is.

    It responses instead of raising, so that no frame of a traceback holds the key.
    """
    if api_key is None:
        return f"no API key: pass api_key=…, or set the environment variable {API_KEY_VARIABLE}"
    if not isinstance(api_key, str):
        return f"api_key must be a string, not {type(api_key).__name__}"
    if not api_key.strip():
        return f"the API key is blank: pass api_key=…, or set {API_KEY_VARIABLE} to the key"
    if api_key != api_key.strip() or api_key.startswith("ApiKey "):
        return "the API key has the word ApiKey before it, or spaces or line breaks around it: give the key alone"
    if not re.fullmatch(r"[\x21-\x7e]+", api_key):
        return "the API key has spaces, control characters or characters outside ASCII: give the key as it was issued"
    return None


def environment_api_key() -> str | None:
    return os.environ.get(API_KEY_VARIABLE)


def resolve_base_url(given: str | None) -> str:
    """The base URL without a slash at its end.

    Raises:
        ConfigurationError: It is no absolute https URL, nor an http URL of this machine.
    """
    url = given if given is not None else os.environ.get(BASE_URL_VARIABLE) or DEFAULT_BASE_URL
    if not isinstance(url, str):
        raise ConfigurationError(f"base_url must be a string, not {type(url).__name__}")
    if "@" in url:
        raise ConfigurationError("base_url holds a user name or a password: leave them out, the API key is enough")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:  # whose text may quote a part of a password
        raise ConfigurationError(f"base_url is not a valid URL: give one such as {DEFAULT_BASE_URL}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ConfigurationError(f"base_url {url!r} is not an absolute URL: give one such as {DEFAULT_BASE_URL}")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigurationError(f"base_url {url!r} has spaces or characters outside ASCII: percent-encode them")
    if "?" in url or "#" in url:
        raise ConfigurationError(f"base_url {url!r} has a query or a fragment: give scheme, host and path only")
    if {".", ".."} & set(parts.path.split("/")):
        raise ConfigurationError(
            f"base_url {url!r} has dots for a segment of its path: give the path that they lead to"
        )
    if parts.scheme == "http" and not _is_loopback(host):
        raise ConfigurationError(
            f"base_url {url!r} would send the API key unencrypted: use https, http is for this machine (127.0.0.1) only"
        )
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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


def merge_headers(headers: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """Headers to send with every request: `more` add to `headers`, and replace those of the same name in any case.

    Raises:
        ConfigurationError: One cannot be sent, or is the SDK's own to send.
    """
    if not isinstance(more, Mapping):
        raise ConfigurationError(f"headers must be a mapping of names to values, not {type(more).__name__}")
    for name, value in more.items():
        if not isinstance(name, str) or not _HEADER_NAME.fullmatch(name):
            raise ConfigurationError(f"headers: {name!r} is not a header's name")
        if name.lower() in _OURS:
            raise ConfigurationError(f"headers: {name} is set by the SDK: use the argument for it instead")
        if not isinstance(value, str) or not _HEADER_VALUE.fullmatch(value):
            raise ConfigurationError(
                f"headers: the value of {name} has line breaks, control characters, characters outside ASCII or spaces "
                "at its ends: remove them"
            )
    replaced = {name.lower() for name in more}
    return {name: value for name, value in headers.items() if name.lower() not in replaced} | dict(more)


def common_headers(theirs: Mapping[str, str], ours: Mapping[str, str]) -> dict[str, str]:
    """Headers of every request: those that an HTTP client has of its own, unless they are ours to send, and ours."""
    replaced = _OURS | {name.lower() for name in ours}
    return {name: value for name, value in theirs.items() if name.lower() not in replaced} | dict(ours)


@frozen(kw_only=True)
class ResponseLimits:
    """How large a response may be. A larger one is an `APIResponseValidationError`.

    How deep its JSON may be nested is up to the interpreter: as deep as its recursion limit, which is 1,000 by default.
    """

    body: int = 32 * 2**20
    """Bytes, as sent and decompressed."""
    headers: int = 100
    """How many. That none is endless is what HTTP libraries see to."""

    def __attrs_post_init__(self) -> None:
        check_count("ResponseLimits: body", self.body, minimum=1)
        check_count("ResponseLimits: headers", self.headers, minimum=1)
