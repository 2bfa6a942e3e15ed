"""Decides what an API key may do: a reading of the table of scopes, independent of the SDK's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from attrs import define

from .protocol import Refused

ALL_PERMISSIONS: list[dict[str, Any]] = [
    {"scope": "LIST_ACCOUNTS"},
    {"scope": "READ_ACCOUNTS", "resources": ["*"]},
    {"scope": "READ_CARDS", "resources": ["*"]},
    {"scope": "READ_TRANSFERS", "resources": ["*"]},
    {"scope": "LIST_RULES"},
    {"scope": "READ_RULES", "resources": ["*"]},
    {"scope": "READ_RULE_EXECUTIONS", "resources": ["*"]},
]


@define
class Key:
    """An API key of the organization: its permission entries."""

    permissions: list[dict[str, Any]]

    def require(self, scope: str, any_of: Iterable[str] = ()) -> None:
        """Refuse unless an entry grants the scope, on one of the resources where some are given.

        Raises:
            Refused: 403, with nothing said about what is missing.
        """
        entries = [entry for entry in self.permissions if entry["scope"] == scope]
        wanted = set(any_of)
        if entries and not wanted:
            return
        for entry in entries:
            resources: Any = entry.get("resources") or []
            if resources == "*" or "*" in resources or wanted.intersection(resources):
                return
        raise Refused(403, "forbidden", "This API key does not have the required permission.")
