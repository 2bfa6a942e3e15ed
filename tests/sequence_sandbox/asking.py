"""Asks a sandbox that is served over HTTP, and holds what it responds against the documents."""

from __future__ import annotations

from typing import Any

import httpx

from sequence_sandbox import Sandbox
from sequence_sandbox.platform.identifiers import to_uuid

from ..validated import in_contract

PAYROLL, POD, CARD_DEBT = map(to_uuid, ("acc_01HABC4567", "acc_01HDEF0123", "acc_01HGHI7890"))
CAR_FUND, SAVINGS, INVESTMENTS, OLD_POD = (to_uuid(f"acc_01GSBX{n:07}") for n in (1, 3, 4, 5))
SAVE, PAY, DISABLED, UNSUPPORTED = map(
    to_uuid, ("rule_01HXYZ1234", "rule_01GSBX0000001", "rule_01GSBX0000002", "rule_01GSBX0000003")
)
NOBODYS = "00000000-0000-4000-8000-000000000000"


class Platform:
    """`/platform/v1` of a sandbox that is served, with a key."""

    def __init__(self, sandbox: Sandbox, permissions: Any = None, **options: Any) -> None:
        entries = None if permissions is None else {"platform": permissions}
        self.key = sandbox.create_key(entries, **options)
        self.url = sandbox.platform_url

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        return in_contract(httpx.request(method, f"{self.url}{path}", headers=headers, timeout=30, **options))

    def get(self, path: str, **query: Any) -> Any:
        """What is got, which has to be there."""
        response = self.ask("GET", path, params=query)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    def items(self, path: str, **query: Any) -> Any:
        """All of a list, page by page."""
        found: list[Any] = []
        for page in range(1, 1000):
            data = self.get(path, page=page, pageSize=100, **query)
            found += data["items"]
            if not data["pagination"]["hasNextPage"]:
                return found
        raise AssertionError("the list does not end")

    def send(self, method: str, path: str, body: Any, **headers: str) -> httpx.Response:
        return self.ask(method, path, json=body, headers={name.replace("_", "-"): one for name, one in headers.items()})

    def made(self, method: str, path: str, body: Any, **headers: str) -> Any:
        """What a write responds that has to succeed."""
        response = self.send(method, path, body, **headers)
        assert response.is_success, response.text
        return response.json()["data"]

    def refused(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
        """Status and code of a refusal."""
        response = self.ask(method, path, **({} if body is None else {"json": body}), **options)
        error = response.json()
        assert error["requestId"]
        return response.status_code, error["error"]["code"]


class V1:
    """`/api/v1` of a sandbox that is served, with a key that may do everything."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.url, self.key = sandbox.base_url, sandbox.create_key()

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"ApiKey {self.key}"}
        return in_contract(httpx.request(method, f"{self.url}{path}", headers=headers, timeout=30, **options))

    def get(self, path: str) -> Any:
        response = self.ask("GET", path)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    def made(self, path: str, body: Any) -> Any:
        response = self.ask("POST", path, json=body)
        assert response.is_success, response.text
        return response.json()["data"]
