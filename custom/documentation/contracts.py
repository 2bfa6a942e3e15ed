"""The page of a contract: what an OpenAPI document says, for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .links import parts

Node = Mapping[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
BOUNDS = {
    "minLength": "its length is at least {}", "maxLength": "its length is at most {}", "minimum": "at least {}",
    "maximum": "at most {}", "minItems": "at least {} items", "maxItems": "at most {} items", "pattern": "matches `{}`",
    "default": "{} where it is not given", "const": "`{}`",
}  # fmt: skip


def page(document: Node, file: str) -> str:
    """The whole page.

    Args:
        document: The OpenAPI document.
        file: Its name, under which the site has it, too.
    """
    return "\n".join(lines(document, file))


def lines(document: Node, file: str) -> Iterator[str]:
    info = document["info"]
    server = document["servers"][0]["url"]
    yield f"# {info['title']}\n\n{info['summary']}\n"
    yield f"This page is made of [`{file}`](../{file}), an OpenAPI {document['openapi']} document for other tools, too."
    yield f"The paths are below `{server}`.\n"
    yield demoted(
        info["description"].replace("`docs/contract-extensions.md`", "[Extensions](../contract-extensions.md)")
    )
    for tag in document["tags"]:
        yield f"\n## {tag['name'].replace('-', ' ').capitalize()}\n\n{tag['description']}\n"
        for path, item in document["paths"].items():
            for method in METHODS:
                if tag["name"] in item.get(method, {}).get("tags", ()):
                    yield from operation(document, path, method, item)
    if "webhooks" in document:
        yield "\n## Events\n\nWhat the API sends to an address of yours.\n"
        for name, item in document["webhooks"].items():
            yield from operation(document, name, "post", item)
    yield "\n## Schemas\n"
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield from described(document, name, schema)


def operation(document: Node, path: str, method: str, item: Node) -> Iterator[str]:
    """An operation: what it takes, and what it responds with."""
    asked: Node = item[method]
    yield f"\n### {asked.get('operationId', path)}\n"
    yield f"`{method.upper()} {path}`\n"
    yield f"{asked['summary'].rstrip('.')}. {asked.get('description', '')}\n"
    if asked.get("x-availability"):
        yield f"Availability: {str(asked['x-availability']).replace('-', ' ')}.\n"
    scopes = [scope for one in asked.get("security", ()) for granted in one.values() for scope in granted]
    if asked.get("security"):
        yield f"Scope: {', '.join(f'`{one}`' for one in scopes) or 'none'}.\n"
    parameters = [resolved(document, one) for one in (*item.get("parameters", ()), *asked.get("parameters", ()))]
    if parameters:
        yield "| Parameter | In | Type | Description |\n|---|---|---|---|"
        for one in parameters:
            name = f"`{one['name']}`{'' if one.get('required') else ' (optional)'}"
            yield f"| {name} | {one['in']} | {kind(one['schema'])} | {cell(about(one, one['schema']))} |"
        yield ""
    if "requestBody" in asked:
        yield from body("Request body", resolved(document, asked["requestBody"]), document)
    yield "| Response | Body | Description |\n|---|---|---|"
    for status, given in asked["responses"].items():
        response = resolved(document, given)
        content = response.get("content", {}).get("application/json", {})
        yield f"| {status} | {kind(content['schema']) if content else ''} | {cell(response['description'])} |"
    yield ""
    for status, given in asked["responses"].items():
        if str(status).startswith("2"):
            yield from examples(f"Response {status}", resolved(document, given), document)


def body(title: str, given: Node, document: Node) -> Iterator[str]:
    content = given["content"]["application/json"]
    required = "" if given.get("required") else " (optional)"
    yield f"{title}{required}: {kind(content['schema'])}. {given.get('description', '')}\n"
    yield from examples(title, given, document)


def examples(title: str, given: Node, document: Node) -> Iterator[str]:
    """The examples of a body, folded."""
    content = given.get("content", {}).get("application/json", {})
    named = {"": {"value": content["example"]}} if "example" in content else content.get("examples", {})
    for name, one in named.items():
        found = resolved(document, one)
        if "value" in found:
            yield f'??? example "{title}{f": {name}" if name else ""}"\n'
            shown = json.dumps(found["value"], indent=2, ensure_ascii=False, default=str)
            yield "    ```json\n" + "".join(f"    {line}\n" for line in shown.splitlines()) + "    ```\n"


def described(document: Node, name: str, schema: Node) -> Iterator[str]:
    """A schema: what values it has, or which members."""
    yield f"### {name}\n"
    yield f"{about(schema, schema)}\n"
    if schema.get("type") != "object" and "properties" not in schema:
        yield f"{kind(schema)}\n"
        return
    required = schema.get("required", ())
    members = schema.get("properties", {})
    if members:
        yield "| Member | Type | Description |\n|---|---|---|"
        for member, one in members.items():
            mark = "" if member in required else " (optional)"
            text = about(one, one) or about(resolved(document, one), {})
            yield f"| `{member}`{mark} | {kind(one)} | {cell(text)} |"
        yield ""
    if "x-sequence-variants" in schema:
        variants = schema["x-sequence-variants"]
        yield f"It is one of these, by its `{variants['tag']}`:\n"
        for value, target in variants["schemas"].items():
            yield f"- `{value}`: {link(str(target))}"
        yield ""


def about(node: Node, schema: Node) -> str:
    """A description, with the bounds of what is described."""
    bounds = [words.format(json_word(schema[key], key)) for key, words in BOUNDS.items() if key in schema]
    text = " ".join(str(node.get("description", "")).split())
    if node.get("deprecated"):
        text = f"Deprecated. {text}"
    if not bounds:
        return text
    said = "; ".join(bounds)
    return f"{text} {said[0].upper()}{said[1:]}.".strip()


def json_word(value: object, key: str) -> str:
    return str(value) if key in {"pattern", "const"} or not isinstance(value, str | bool) else f"`{json.dumps(value)}`"


def kind(schema: Node) -> str:
    """A type in words."""
    if "$ref" in schema:
        return link(schema["$ref"])
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(one)}`" for one in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    for key, word in (("oneOf", " or "), ("anyOf", " or "), ("allOf", " and ")):
        if key in schema:
            return word.join(kind(one) for one in schema[key])
    named: str | Sequence[str] = schema.get("type", "any")
    types = [named] if isinstance(named, str) else list(named)
    return " or ".join(word_of(one, schema) for one in types)


def word_of(type: str, schema: Node) -> str:
    if type == "array":
        return f"array of {kind(schema['items'])}"
    if type == "string" and "format" in schema:
        return f"string ({schema['format']})"
    return type


def link(reference: str) -> str:
    name = reference.rpartition("/")[2]
    return f"[{name}](#{slug(name)})"


def slug(name: str) -> str:
    return re.sub(r"[^\w-]", "", name.lower())


def cell(text: str) -> str:
    """What may stand in a cell of a table."""
    # Within code, a bar is no end of a cell.
    return "".join(part if is_code else part.replace("|", "\\|") for part, is_code in parts(" ".join(text.split())))


def demoted(text: str) -> str:
    """A description without headings that would stand among those of the page."""
    return re.sub(r"^(#+) ", r"##\1 ", text, flags=re.MULTILINE)


def resolved(document: Node, node: Node) -> Node:
    """What a node is, or refers to."""
    while "$ref" in node:
        reference: str = node["$ref"]
        node = document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
    return node
