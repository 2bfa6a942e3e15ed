"""A plain transport over httpx, by which a generated package is a client of its own: no retries, and no limits."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self

import httpx

from .addresses import check_base_url
from .calls import Request, Response
from .contract import Contract


class HTTPTransport:
    """Carries requests to an API.

        async with HTTPTransport(CONTRACT, api_key) as transport:
            account = await get_account("acc_01HDEF0123").send(transport)

    Args:
        contract: The API's contract, as its generated package has it.
        api_key: The API key.
        base_url: Where the API is, if not where the contract says: `https`, or `http` on this machine.
        timeout: Seconds that connecting, and each wait for more of a response, may take.

    Raises:
        ValueError: `base_url` is no such address, or the key cannot be sent.
    """

    def __init__(self, contract: Contract, api_key: str, *, base_url: str | None = None, timeout: float = 30.0) -> None:
        self._base_url = check_base_url(base_url or contract.base_url, contract.base_url)
        api_key, unsendable = ("", True) if re.search(r"^$|[^\x21-\x7e]", api_key) else (api_key, False)
        if unsendable:  # and no frame of the traceback holds it
            raise ValueError("the API key is empty, or has spaces, control characters or characters outside ASCII")

        def authorize(request: httpx.Request) -> httpx.Request:
            request.headers["Authorization"] = f"{contract.auth_scheme} {api_key}"
            return request

        self._authorize = authorize  # a function shows the key to nobody
        # What goes to this machine goes through no proxy, which could read the key.
        trust_env = self._base_url.startswith("https:")
        self._http = httpx.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=trust_env)

    async def send(self, request: Request, /) -> Response:
        """Send a request once.

        Raises:
            httpx.HTTPError: No response came.
        """
        headers = {"Accept": "application/json", **request.headers}
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        response = await self._http.request(
            request.method,
            self._base_url + request.path,
            params=request.query,
            headers=headers,
            content=request.content,
            auth=self._authorize,
        )
        return Response(status_code=response.status_code, headers=response.headers, content=response.content)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
