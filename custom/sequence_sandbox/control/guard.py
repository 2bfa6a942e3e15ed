"""Decides who may control a sandbox: programs on this machine, those with its token, no page of a browser."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit

JSON_TYPES = {"", "application/json", "application/x-www-form-urlencoded"}
"""What a body may be said to be; the last one is what curl says of every body."""


class NotAllowed(Exception):
    """A request for control that is refused, with its status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def is_loopback(host: str) -> bool:
    """Whether a name or an address is this machine's, which no other one can reach."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def check(headers: Mapping[str, str], *, client: str | None, token: str | None) -> None:
    """Let a request through.

    Args:
        headers: Its headers, by names in lower case.
        client: The address that it comes from, None for one of this process.
        token: What it has to bring along, where the sandbox has a token.

    Raises:
        NotAllowed: It comes from a page of a browser that is not the sandbox's own, from another machine, for a host
            that is not this machine, or without the token.
    """
    host, origin = headers.get("host", ""), headers.get("origin")
    if origin is not None and origin not in {f"http://{host}", f"https://{host}"}:
        raise NotAllowed(403, f"pages from {origin[:200]!r} cannot control the sandbox, only its own can")
    if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        raise NotAllowed(403, "pages from elsewhere cannot control the sandbox, only its own can")
    if token is not None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or not secrets.compare_digest(given.strip().encode(), token.encode()):
            raise NotAllowed(401, "the sandbox's token is needed, as in `Authorization: Bearer <token>`")
        return
    if client is not None and not is_loopback(client):
        raise NotAllowed(403, "from another machine the sandbox can be controlled only with a token; start it with one")
    if not is_loopback(_hostname(host)):
        raise NotAllowed(403, f"the host {host[:200]!r} is not this machine; use localhost or 127.0.0.1")


def check_media_type(content_type: str) -> None:
    """Let a body through that is said to be JSON, or that nothing is said of.

    Raises:
        NotAllowed: It is said to be something else, such as the text/plain that pages can send anywhere.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in JSON_TYPES:
        raise NotAllowed(400, f"the body must be application/json, not {media_type[:200]}")


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
