"""What a request is refused with, in whichever dialect it was made."""

from __future__ import annotations


class Refused(Exception):
    """A response that is an error: its status, code and message, and headers that go with it.

    Without a code it gets the one that the dialect has for the status.
    """

    def __init__(self, status: int, code: str | None, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


class Denied(Refused):
    """The key lacks a permission."""

    def __init__(
        self, code: str | None = None, message: str = "This API key does not have the required permission."
    ) -> None:
        super().__init__(403, code, message)


def bad_request(message: str) -> Refused:
    return Refused(400, None, message)


def unauthorized() -> Refused:
    return Refused(401, None, "Missing or invalid API key.")


def forbidden() -> Refused:
    """Refused in the words for a permission that is missing, which is not the reason."""
    return Refused(403, None, str(Denied()))
