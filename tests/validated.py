"""Holds every request that a sandbox is asked, and every response, against the document of the API it is of."""

from __future__ import annotations

import re
from typing import Any

import httpx
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from ruamel.yaml import YAML
from werkzeug.datastructures import Headers, ImmutableMultiDict

from sequence_sandbox import Sandbox
from sequence_sandbox.control import CONTROL_PATH
from sequence_sandbox.control.actions import ACTIONS
from sequence_sandbox.control.document import document
from sequence_sandbox.in_process import InProcessClient, InProcessPlatformClient, SandboxTransport
from sequence_sdk import PlatformClient, SequenceClient

from .contract.contract import DOCUMENT, ROOT


def _complete(node: Any) -> Any:
    """A part of the document whose objects have all of their members, as the sandbox leaves none out.

    Open-ended objects stay as they are: of a tree of conditions, one member of three is set.
    """
    if isinstance(node, list):
        return [_complete(one) for one in node]
    if not isinstance(node, dict):
        return node
    whole = {name: _complete(value) for name, value in node.items()}
    if node.get("type") == "object" and "properties" in node and not node.get("additionalProperties"):
        whole["required"] = list(node["properties"])
    return whole


SENT = r"\w+Body|New\w+|Condition\w*"
"""The schemas of what is sent, members of which can be left out."""


def _contract(document: dict[str, Any], base_url: str) -> OpenAPI:
    """A document for a sandbox."""
    schemas: dict[str, Any] = document["components"]["schemas"]
    complete = {name: one if re.fullmatch(SENT, name) else _complete(one) for name, one in schemas.items()}
    components = {**document["components"], "schemas": complete}
    return OpenAPI.from_dict({**document, "servers": [{"url": base_url}], "components": components})


ORIGIN = "http://localhost"
BASE_URL, PLATFORM_URL = f"{ORIGIN}/api/v1", f"{ORIGIN}/platform/v1"
PLATFORM_DOCUMENT: dict[str, Any] = YAML(typ="safe").load(ROOT / "openapi-platform.yaml")
CONTRACTS = {
    "/api/v1/": _contract(DOCUMENT, BASE_URL),
    "/platform/v1/": _contract(PLATFORM_DOCUMENT, PLATFORM_URL),
    f"{CONTROL_PATH}/": OpenAPI.from_dict({**document(ACTIONS, CONTROL_PATH), "servers": [{"url": ORIGIN}]}),
}
"""The documents, by where the paths of their operations begin."""


def _contract_of(request: _Request) -> OpenAPI:
    return next(contract for path, contract in CONTRACTS.items() if request.path.startswith(path))


class NotInContract(BaseException):
    """A request or a response that the document does not allow.

    It is no `Exception`, which the SDK would take for a failure of the call.
    """


class _Request:
    """An httpx request as openapi-core reads it."""

    def __init__(self, request: httpx.Request) -> None:
        self.host_url = ORIGIN  # wherever it is served
        self.path = request.url.raw_path.partition(b"?")[0].decode()
        self.method = request.method.lower()
        self.body = request.content
        self.content_type = request.headers.get("content-type", "")
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(request.url.params.multi_items()), header=Headers(request.headers.multi_items())
        )


class _Response:
    """An httpx response as openapi-core reads it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status_code = response.status_code
        self.content_type = response.headers.get("content-type", "")
        self.headers = Headers(response.headers.multi_items())
        self.data = response.content


def in_contract(response: httpx.Response) -> httpx.Response:
    """A response, if the document of its API allows it.

    Raises:
        NotInContract: It does not.
    """
    try:
        asked = _Request(response.request)
        _contract_of(asked).validate_response(asked, _Response(response))
    except OpenAPIError as error:
        raise NotInContract(f"{response.request.method} {response.request.url}: {_why(error)}") from error
    return response


class ValidatingTransport(httpx.AsyncBaseTransport):
    """Passes requests on, and raises `NotInContract` where one, or its response, is not as its document says."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        asked = _Request(request)
        try:
            _contract_of(asked).validate_request(asked)
            response = await self._transport.handle_async_request(request)
            await response.aread()
            _contract_of(asked).validate_response(asked, _Response(response))
        except OpenAPIError as error:
            raise NotInContract(f"{request.method} {request.url}: {_why(error)}") from error
        return response

    async def aclose(self) -> None:
        await self._transport.aclose()


def _why(error: BaseException) -> str:
    """What is wrong, by its places in the JSON where openapi-core knows them."""
    details = [f"{one.json_path}: {one.message}" for one in getattr(error, "schema_errors", ())]
    if not details and error.__cause__ is not None:
        return _why(error.__cause__)
    return "; ".join(details) or str(error)


def validated_client(sandbox: Sandbox, key: str) -> SequenceClient:
    """A client of a sandbox in this process whose every exchange is held against openapi.yaml."""
    http = httpx.AsyncClient(transport=ValidatingTransport(SandboxTransport(sandbox)))
    client = InProcessClient(key, base_url=BASE_URL, rate_limit=None, max_retries=0, http_client=http)
    client._http = http
    return client


def validated_platform(sandbox: Sandbox, key: str, **options: Any) -> PlatformClient:
    """A client of a sandbox in this process whose every exchange is held against openapi-platform.yaml."""
    http = httpx.AsyncClient(transport=ValidatingTransport(SandboxTransport(sandbox)))
    client = InProcessPlatformClient(key, base_url=PLATFORM_URL, rate_limit=None, http_client=http, **options)
    client._http = http
    return client
