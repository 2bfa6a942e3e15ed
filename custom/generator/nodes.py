"""Defines what each part of an OpenAPI document may hold, as far as it is understood, and of which types."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

Text = Annotated[str, msgspec.Meta(min_length=1)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9._-]{0,99}\Z")]
"""What becomes a name in Python: a component's, an operation's, a tag's with spaces as dashes."""
Count = Annotated[int, msgspec.Meta(ge=0)]
Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | Annotated[float, msgspec.Meta(gt=-1e300, lt=1e300)]
Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s\"'\\{}]+\Z")]
Object = dict[str, Any]


class Node(msgspec.Struct, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """A part of a document. Extensions of others are not looked at."""


class ExternalDocs(Node, kw_only=True):
    url: Url
    description: str = ""


class Described(Node, kw_only=True):
    """What may be said of anything, and changes nothing in what it is."""

    summary: str = ""
    description: str = ""
    title: str = ""
    external_docs: ExternalDocs | UnsetType = UNSET
    deprecated: bool = False
    default: Any = None
    example: Any = None
    examples: Any = None


class Reference(Described, kw_only=True):
    ref: Annotated[str, msgspec.Meta(min_length=1)] = msgspec.field(name="$ref")
    sensitive: bool = msgspec.field(default=False, name="x-sensitive")


class Discriminator(Node, kw_only=True):
    property_name: Text
    mapping: dict[str, Text] | UnsetType = UNSET


class Schema(Described, kw_only=True):
    type: Annotated[str, msgspec.Meta(min_length=1)] | Annotated[list[Text], msgspec.Meta(min_length=1)] | UnsetType = (
        UNSET
    )
    format: str | UnsetType = UNSET
    enum: Annotated[list[Any], msgspec.Meta(min_length=1)] | UnsetType = UNSET
    const: Any = None
    properties: dict[Text, Object | bool] | UnsetType = UNSET
    required: list[str] | UnsetType = UNSET
    items: Object | bool | UnsetType = UNSET
    additional_properties: Object | bool | UnsetType = UNSET
    all_of: Annotated[list[Object], msgspec.Meta(min_length=1)] | UnsetType = UNSET
    one_of: Annotated[list[Object], msgspec.Meta(min_length=1)] | UnsetType = UNSET
    any_of: Annotated[list[Object], msgspec.Meta(min_length=1)] | UnsetType = UNSET
    discriminator: Discriminator | UnsetType = UNSET
    min_length: Count | UnsetType = UNSET
    max_length: Count | UnsetType = UNSET
    pattern: str | UnsetType = UNSET
    minimum: Number | UnsetType = UNSET
    maximum: Number | UnsetType = UNSET
    exclusive_minimum: Number | UnsetType = UNSET
    exclusive_maximum: Number | UnsetType = UNSET
    multiple_of: Annotated[float, msgspec.Meta(gt=0, lt=1e300)] | UnsetType = UNSET
    min_items: Count | UnsetType = UNSET
    max_items: Count | UnsetType = UNSET
    unique_items: bool = False
    variants: Object | UnsetType = msgspec.field(default=UNSET, name="x-sequence-variants")
    id_prefix: Text | UnsetType = msgspec.field(default=UNSET, name="x-id-prefix")
    sensitive: bool = msgspec.field(default=False, name="x-sensitive")


class Parameter(Described, kw_only=True):
    name: Text
    place: Text = msgspec.field(name="in")
    required: bool = False
    schema: Object | bool | UnsetType = UNSET
    style: str | UnsetType = UNSET
    explode: bool = True
    allow_reserved: bool = False
    content: Any = None


class Media(Node, kw_only=True):
    schema: Object | bool = {}
    example: Any = None
    examples: Any = None


class Body(Node, kw_only=True):
    content: dict[str, Object]
    description: str = ""
    required: bool = False


class Response(Node, kw_only=True):
    description: str = ""
    headers: Any = None
    content: dict[str, Object] | UnsetType = UNSET
    links: Any = None


class Operation(Node, kw_only=True):
    operation_id: Name
    summary: Text
    responses: Annotated[
        dict[Annotated[str, msgspec.Meta(pattern=r"^([1-5]([0-9]{2}|XX)|default)\Z")], Object],
        msgspec.Meta(min_length=1),
    ]
    tags: Annotated[list[Text], msgspec.Meta(max_length=1)] = []
    description: str = ""
    external_docs: ExternalDocs | UnsetType = UNSET
    parameters: list[Object] = []
    request_body: Object | UnsetType = UNSET
    security: list[dict[str, list[str]]] | UnsetType = UNSET
    deprecated: bool = False
    pages: Any = msgspec.field(default=None, name="x-sequence-pages")
    permission: Any = msgspec.field(default=None, name="x-sequence-permission")
    echoes: dict[str, Text] = msgspec.field(default={}, name="x-sequence-echoes")
    settling: Any = msgspec.field(default=None, name="x-sequence-settling")
    makes: Any = msgspec.field(default=None, name="x-sequence-makes")
    terminal: Any = msgspec.field(default=None, name="x-sequence-terminal")
    timeline: Any = msgspec.field(default=None, name="x-sequence-timeline")


class WebhookOperation(Node, kw_only=True):
    request_body: Object
    operation_id: str = ""
    tags: list[str] = []
    summary: str = ""
    description: str = ""
    external_docs: ExternalDocs | UnsetType = UNSET
    parameters: list[Object] = []
    responses: Object = {}
    security: list[dict[str, list[str]]] | UnsetType = UNSET
    deprecated: bool = False


class PathItem(Node, kw_only=True):
    summary: str = ""
    description: str = ""
    parameters: list[Object] = []
    get: Object | UnsetType = UNSET
    put: Object | UnsetType = UNSET
    post: Object | UnsetType = UNSET
    delete: Object | UnsetType = UNSET
    patch: Object | UnsetType = UNSET


class WebhookItem(Node, kw_only=True):
    post: Object
    summary: str = ""
    description: str = ""


class Info(Node, kw_only=True):
    title: Text
    version: Text | int | float
    summary: str = ""
    description: str = ""
    contact: Any = None
    license: Any = None
    terms_of_service: str = ""


class Server(Node, kw_only=True):
    url: Url
    description: str = ""


class SecurityScheme(Node, kw_only=True):
    type: Text
    description: str = ""
    scheme: str = ""
    bearer_format: str = ""
    name: str = ""
    place: str = msgspec.field(default="", name="in")
    flows: Any = None
    open_id_connect_url: str = ""


class Components(Node, kw_only=True):
    schemas: dict[Name, Object] = {}
    parameters: Object = {}
    responses: Object = {}
    headers: Object = {}
    examples: Object = {}
    request_bodies: Object = {}
    links: Object = {}
    security_schemes: dict[str, Object] = {}


class Root(Node, kw_only=True):
    openapi: Annotated[str, msgspec.Meta(pattern=r"^3\.1(\.[0-9]+)?\Z")]
    info: Object
    servers: Annotated[list[Object], msgspec.Meta(min_length=1)]
    paths: Annotated[
        dict[Annotated[str, msgspec.Meta(pattern=r"^/[A-Za-z0-9._~!$&()*+,;=:@/{}-]*\Z")], Object],
        msgspec.Meta(min_length=1),
    ]
    components: Object = {}
    webhooks: dict[Text, Object] = {}
    security: list[dict[str, list[str]]] = []
    tags: list[Object] = []
    external_docs: ExternalDocs | UnsetType = UNSET
    contract: Any = msgspec.field(default=None, name="x-sequence-contract")
