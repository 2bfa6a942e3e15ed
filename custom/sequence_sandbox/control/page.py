"""The page to look at a sandbox: its files, and what browsers are told of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PAGE = Path(__file__).parents[1] / "page"
MEDIA_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HEADERS = {
    # What callers send is shown as text; should a mistake make it more than that, a browser runs and loads none of it.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


def routes(guard: Callable[[Request], None]) -> list[Route]:
    """A route for each file; `guard` raises where one must not be given away."""
    files = [path for path in sorted(PAGE.iterdir()) if path.suffix in MEDIA_TYPES]
    return [Route("/" if path.name == "index.html" else f"/page/{path.name}", _give(path, guard)) for path in files]


def _give(path: Path, guard: Callable[[Request], None]) -> Callable[[Request], Awaitable[Response]]:
    content, media_type = path.read_bytes(), MEDIA_TYPES[path.suffix]

    async def give(request: Request) -> Response:
        guard(request)
        return Response(content, media_type=media_type, headers=HEADERS)

    return give
