"""Which public name is described on which page of the reference."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module

from attrs import frozen

import sequence_sdk
from sequence_sdk.client import Client

from .operations import described, resources

SAME_NAME = re.compile(r"\b(\w+) as \1\b")

MODULES = (
    "sequence_sdk",
    "sequence_sdk.platform",
    "sequence_sdk.webhooks",
    "sequence_sdk.models",
    "sequence_sdk.platform.models",
    "sequence_sandbox",
    "sequence_runtime",
    "sequence_api_client",
    "sequence_platform_client",
)
"""The modules that programs import from."""

GENERATED = {
    "sequence_sdk.models": "sequence_api_client.models",
    "sequence_sdk.platform.models": "sequence_platform_client.models",
}
"""Where the classes are that a module hands on."""


@frozen
class Page:
    """A page of the reference: what it begins with, and the names on it, each with the module it is imported from."""

    path: str
    title: str
    text: str
    names: tuple[str, ...] = ()


PAGES = (
    Page(
        "reference/platform-client.md",
        "PlatformClient",
        "The client of `/platform/v1`. [The platform API](../platform.md) says what is special about it.",
        ("sequence_sdk.PlatformClient", "sequence_sdk.platform.AccountBalance", "sequence_sdk.platform.Balances"),
    ),
    Page(
        "reference/sequence-client.md",
        "SequenceClient",
        "The client of `/api/v1`. [Operations](../operations.md) has a table of what it can do.",
        ("sequence_sdk.SequenceClient",),
    ),
    Page(
        "reference/results.md",
        "Lists and results",
        "What calls give. [Lists](../lists.md) says how a list is read, and [Sync](../sync.md) how one is followed.",
        (
            "sequence_sdk.Pager",
            "sequence_sdk.ConcurrentItems",
            "sequence_sdk.Page",
            "sequence_sdk.Progress",
            "sequence_sdk.TruncatedListWarning",
            "sequence_sdk.Many",
            "sequence_sdk.Changes",
            "sequence_sdk.APIResponse",
            "sequence_sdk.to_builtins",
            "sequence_sdk.to_json",
            "sequence_sdk.UNSET",
        ),
    ),
    Page(
        "reference/errors.md",
        "Errors",
        "All that is raised is a `SequenceError`. [Errors](../errors.md) says when which of them is.",
        (
            "sequence_sdk.SequenceError",
            "sequence_sdk.APIError",
            "sequence_sdk.OutcomeUnknownError",
            "sequence_sdk.APIConnectionError",
            "sequence_sdk.APITimeoutError",
            "sequence_sdk.APIStatusError",
            "sequence_sdk.BadRequestError",
            "sequence_sdk.IdempotencyKeyMismatchError",
            "sequence_sdk.AuthenticationError",
            "sequence_sdk.PermissionDeniedError",
            "sequence_sdk.UnsupportedResourceError",
            "sequence_sdk.NotFoundError",
            "sequence_sdk.ConflictError",
            "sequence_sdk.UnprocessableEntityError",
            "sequence_sdk.RateLimitError",
            "sequence_sdk.InternalServerError",
            "sequence_sdk.APIResponseValidationError",
            "sequence_sdk.PaginationError",
            "sequence_sdk.RateLimiterError",
            "sequence_sdk.ConfigurationError",
            "sequence_sdk.InvalidArgumentError",
            "sequence_sdk.IdempotencyKeyExpiredError",
            "sequence_sdk.WaitTimeoutError",
            "sequence_sdk.TransferFailedError",
            "sequence_sdk.RuleExecutionFailedError",
            "sequence_sdk.ManyError",
            "sequence_sdk.WebhookVerificationError",
            "sequence_sdk.FINAL_ERRORS",
        ),
    ),
    Page(
        "reference/permissions.md",
        "Permissions",
        "What an API key grants: a class for each API. [Permissions](../permissions.md) says what to do with them.",
        (
            "sequence_sdk.platform.Permissions",
            "sequence_sdk.platform.RecordingPermissions",
            "sequence_sdk.Permissions",
            "sequence_sdk.RecordingPermissions",
        ),
    ),
    Page(
        "reference/options.md",
        "Options of clients",
        "What clients are made with. [Options](../options.md) says what each is for.",
        (
            "sequence_sdk.RateLimit",
            "sequence_sdk.RedisRateLimit",
            "sequence_sdk.ResponseLimits",
            "sequence_sdk.IdempotencyKey",
            "sequence_sdk.idempotency_key_for",
            "sequence_sdk.CallRecord",
            "sequence_sdk.Observer",
            "sequence_sdk.HTTPClient",
            "sequence_sdk.Clock",
            "sequence_sdk.Moment",
            "sequence_sdk.SYSTEM_CLOCK",
            "sequence_sdk.__version__",
        ),
    ),
    Page(
        "reference/webhooks.md",
        "Webhooks",
        "`sequence_sdk.webhooks` receives the events of the platform API. [Webhooks](../webhooks.md) shows it at work.",
        ("sequence_sdk.webhooks.verify", "sequence_sdk.webhooks.WebhookEvent"),
    ),
    Page(
        "reference/platform-models.md",
        "Models of the platform API",
        "`sequence_sdk.platform.models`: what `/platform/v1` takes and responds with. Classes are frozen, and made with"
        " keywords. Enums are open: a value that is not listed here is a member all the same.",
    ),
    Page(
        "reference/models.md",
        "Models of /api/v1",
        "`sequence_sdk.models`: what `/api/v1` takes and responds with. Classes are frozen, and made with keywords."
        " Enums are open: a value that is not listed here is a member all the same.",
    ),
    Page(
        "reference/sandbox.md",
        "The sandbox",
        "`sequence_sandbox`, with the extra `sandbox`: a local Sequence for tests."
        " [Testing](../testing.md) shows what it can do.",
        ("sequence_sandbox.Sandbox", "sequence_sandbox.Cassette", "sequence_sandbox.SeedError"),
    ),
    Page(
        "reference/runtime.md",
        "Generated packages and sequence_runtime",
        "`sequence_api_client` and `sequence_platform_client` are generated from the contracts, and plain clients by"
        " themselves: `await api.get_account(id).send(transport)`, where `api` has a function for each operation, in"
        " snake case. They are made of `sequence_runtime`.",
        ("sequence_runtime.transport.HTTPTransport",),
    ),
)

ELSEWHERE = {
    "sequence_sdk.models": "reference/models.md",
    "sequence_sdk.platform": "reference/platform-client.md",
    "sequence_sdk.platform.models": "reference/platform-models.md",
    "sequence_sdk.webhooks": "reference/webhooks.md",
    "sequence_sdk.platform.PlatformClient": "reference/platform-client.md",
    "sequence_sdk.webhooks.WebhookVerificationError": "reference/errors.md",
    "sequence_runtime.UNSET": "reference/results.md",
    "sequence_runtime.to_builtins": "reference/results.md",
    "sequence_runtime.to_json": "reference/results.md",
    "sequence_api_client.api": "reference/runtime.md",
    "sequence_platform_client.api": "reference/runtime.md",
}
"""Public names that are modules, or also the name of something else, with the page that they are on."""

FOREIGN = {
    "sequence_sdk.UNSET": "What an argument is that was not given, where None says something: msgspec's `UNSET`.",
}
"""Public names of another package, with what they are: its code is not read here."""

WHOLE = {
    "reference/platform-models.md": ("sequence_sdk.platform.models",),
    "reference/models.md": ("sequence_sdk.models",),
    "reference/runtime.md": ("sequence_runtime", "sequence_api_client", "sequence_platform_client"),
}
"""Pages that have all names of modules."""


def public_names(module: str) -> list[str]:
    """The names that programs import from a module: its `__all__`, or what it imports `as` the same name."""
    found = import_module(module)
    names: Sequence[str] | None = getattr(found, "__all__", None)
    if names is None:
        return SAME_NAME.findall(inspect.getsource(found))
    return sorted(names) if module in GENERATED else list(names)


def all_names() -> list[str]:
    """Every public name, with its module."""
    return [f"{module}.{name}" for module in MODULES for name in public_names(module)]


def pages() -> Mapping[str, str]:
    """The text of each page of the reference.

    Raises:
        SystemExit: A public name is on none.
    """
    shown = {name for page in PAGES for name in names_of(page)}
    missing = [name for name in all_names() if name not in shown and name not in ELSEWHERE]
    if missing:
        raise SystemExit(f"no page of the reference has {', '.join(missing)}: add them in documentation/reference.py")
    return {page.path: "\n".join(lines_of(page)) for page in PAGES}


def names_of(page: Page) -> tuple[str, ...]:
    """The names on a page, in its order."""
    whole = (f"{module}.{name}" for module in WHOLE.get(page.path, ()) for name in public_names(module))
    return page.names + tuple(name for name in whole if name not in ELSEWHERE)


def lines_of(page: Page) -> Iterator[str]:
    """A page, line by line."""
    yield f"# {page.title}\n"
    yield from (f'<span id="{name}"></span>' for name, path in ELSEWHERE.items() if path == page.path)
    yield f"\n{page.text}\n"
    short = [name.rpartition(".")[2] for name in names_of(page)]
    for name, last in zip(names_of(page), short, strict=True):
        module, _, _ = name.rpartition(".")
        if name in FOREIGN:
            yield f"## {last} {{ #{name} }}\n\n{FOREIGN[name]}\n"
            continue
        if module in GENERATED:
            yield f'<span id="{name}"></span>\n'
        yield f"::: {GENERATED.get(module, module)}.{last}"
        yield f"    options:\n      heading: {name if short.count(last) > 1 else last}\n      toc_label: {last}"
        if page.path == "reference/errors.md":
            yield "      show_bases: true\n      inherited_members: false"
        if last in {"PlatformClient", "SequenceClient"}:
            client: type[Client] = getattr(sequence_sdk, last)
            hidden = "|".join(["contract", *resources(client)])
            yield f'      filters: ["!^_", "!^({hidden})$"]\n'
            yield from described(client)
        yield ""
