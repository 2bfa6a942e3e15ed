"""Decides whether an API key may be sent to an address."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def check_base_url(url: str, example: str) -> str:
    """A base URL, without a slash at its end.

    Raises:
        ValueError: It is no absolute https URL, nor an http URL of this machine; the text does not repeat a password.
    """
    if "@" in url:
        raise ValueError("base_url holds a user name or a password: leave them out, the API key is enough")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"base_url is not a valid URL: give one such as {example}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError(f"base_url {url!r} is not an absolute URL: give one such as {example}")
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError(f"base_url {url!r} has spaces or characters outside ASCII: percent-encode them")
    if "?" in url or "#" in url:
        raise ValueError(f"base_url {url!r} has a query or a fragment: give scheme, host and path only")
    if {".", ".."} & set(parts.path.split("/")):
        raise ValueError(f"base_url {url!r} has dots for a segment of its path: give the path that they lead to")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError(
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
