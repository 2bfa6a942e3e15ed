"""Lets clients of the SDK record to a cassette and replay from it. With `in_process`, what knows the SDK here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

import anyio
from anyio.lowlevel import checkpoint

from sequence_runtime import Response
from sequence_sdk import Clock, Moment
from sequence_sdk.client import Client
from sequence_sdk.transport import Adapter, Attempt, TransportError

from .cassette import Cassette, Recorded
from .sanitizing import RedactError, Sanitizer, without_key

if TYPE_CHECKING:
    from sequence_sdk.session import Session

RESOLUTION = 0.01
"""Seconds: more than a timer of an event loop may go off early."""

ClientT = TypeVar("ClientT", bound=Client)


def connect(cassette: Cassette, client: ClientT) -> ClientT:
    """Put a cassette between a client and its HTTP library."""
    session = client._session  # pyright: ignore[reportPrivateUsage]
    session.connection.transport = CassetteAdapter(cassette, session)
    return client


class CassetteAdapter(Adapter):
    """Stands before the adapter of any HTTP library.

    There it is known whether a request may have left, which a replay has to tell the SDK as the recording did; bodies
    are decompressed; and the API key is not among the headers yet.
    """

    def __init__(self, cassette: Cassette, session: Session) -> None:
        inner = session.connection.transport
        self._inner: Adapter = inner._inner if isinstance(inner, CassetteAdapter) else inner
        self._cassette, self._contract, self._base_url = cassette, session.contract, session.base_url
        self.http, self.scrub, self.authorize = self._inner.http, self._inner.scrub, self._inner.authorize
        authorized = dict[str, str]()
        self.authorize(authorized)
        self._without_key = without_key(authorized["Authorization"].partition(" ")[2], self.scrub)

    @property
    def headers(self) -> Mapping[str, str]:
        return self._inner.headers

    def unusable(self, event_loop: object, /) -> str | None:
        return self._inner.unusable(event_loop) if self._cassette.records else None

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def exchange(self, attempt: Attempt) -> Response:
        headers = {name.decode().lower(): value.decode() for name, value in attempt.headers}
        known = {"request_id": headers.get((self._contract.request_id or "").lower(), "")}
        sanitizer = Sanitizer(self._without_key, self._cassette.redact, **known)
        try:
            request = self._request(attempt, headers, sanitizer)
            found = self._cassette.find(request)
            content = b"" if found is None else _content(found.outcome.get("response", {}), sanitizer)
        except (RedactError, RecursionError, UnicodeError) as error:
            attempt.sent = False
            raise TransportError(self.scrub(f"not sent, since {error}"), final=True) from None
        if found is not None:
            return await self._replay(found, content, attempt, sanitizer)
        if not self._cassette.records:
            attempt.sent = False
            raise TransportError(self._cassette.refuse(request), final=True)
        return await self._record(self._cassette.begin(request), attempt, sanitizer)

    def no_response(self, error: BaseException) -> TransportError:
        return TransportError(f"{type(error).__name__}: {error}", final=not isinstance(error, OSError))

    def _request(self, attempt: Attempt, headers: Mapping[str, str], sanitizer: Sanitizer) -> dict[str, Any]:
        """A request as it is written down. Of its headers nothing is: the key, a caller's own, what is random."""
        url, contract = urlsplit(attempt.url.removeprefix(self._base_url)), self._contract
        found: dict[str, Any] = {
            "api": contract.short_name or contract.name,
            "method": attempt.method,
            "path": sanitizer.text(unquote(url.path)),
        }
        if url.query:
            found["query"] = sanitizer.query(parse_qsl(url.query, keep_blank_values=True))
        if attempt.content is not None:
            found["body"] = sanitizer.request(json.loads(attempt.content))
        if contract.idempotency is not None and contract.idempotency.header.lower() in headers:
            found["idempotency_key"] = self._cassette.name_of(headers[contract.idempotency.header.lower()])
        return found

    async def _record(self, place: Recorded, attempt: Attempt, sanitizer: Sanitizer) -> Response:
        try:
            response = await self._inner.send(attempt)
        except TransportError as error:
            place.outcome["no_response"] = {
                "reason": sanitizer.text(str(error)),
                "timed_out": error.timed_out,
                "final": error.final,
                "sent": attempt.sent,
            }
            raise
        except anyio.get_cancelled_exc_class():
            # The SDK ends attempts that are late by cancelling them, and it may be the test that does, before that.
            late = anyio.current_time() > attempt.until - RESOLUTION
            reason = "it took too long" if late else "cancelled"
            place.outcome["no_response"] = {"reason": reason, "timed_out": late, "final": False, "sent": attempt.sent}
            raise
        try:
            body = sanitizer.body(response.content)
        except RedactError as error:
            raise TransportError(self.scrub(f"there was a response, but {error}"), final=True) from None
        place.outcome["response"] = {
            "status": response.status_code,
            "headers": sanitizer.headers(response.headers),
            **body,
            **({} if attempt.problem is None else {"problem": sanitizer.text(attempt.problem)}),
            **({} if not attempt.for_another else {"for_another": True}),
        }
        return response

    async def _replay(self, recorded: Recorded, content: bytes, attempt: Attempt, sanitizer: Sanitizer) -> Response:
        await checkpoint()
        attempt.waiting()
        attempt.leaving()
        failed = recorded.outcome.get("no_response")
        if failed is not None:
            attempt.sent = failed["sent"]
            if failed["reason"] == "cancelled":
                await anyio.sleep_forever()
            raise TransportError(failed["reason"], timed_out=failed["timed_out"], final=failed["final"])
        kept = recorded.outcome["response"]
        headers = [(name.encode(), value.encode()) for name, value in sanitizer.restore(kept["headers"]).items()]
        response = await self.read(attempt, kept["status"], headers, content)
        attempt.for_another = kept.get("for_another", False)
        attempt.problem = attempt.problem or kept.get("problem")
        return response


def _content(response: Mapping[str, Any], sanitizer: Sanitizer) -> bytes:
    """The body of a recorded response."""
    restored = sanitizer.restore(response.get("body", response.get("text")))
    return (json.dumps(restored) if "body" in response else str(restored)).encode()


class CassetteClock(Clock):
    """A clock that moves on by what is waited only."""

    def __init__(self, start: datetime, *, waits: bool) -> None:
        self._now, self._waits = start, waits
        self._due: list[datetime] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    def moment(self) -> Moment:
        return Moment(wall=self._now, monotonic=self.monotonic(), boottime=None, machine="sequence_cassette")

    async def sleep(self, seconds: float) -> None:
        step = timedelta(seconds=seconds)
        due = self._now + (
            max(step, timedelta.resolution) if seconds > 0 else step
        )  # or who waits for less would forever
        self._due.append(due)
        try:
            await (anyio.sleep(seconds) if self._waits else checkpoint())
            while self._now < due and not self._waits and due != min(self._due):
                await checkpoint()
            self._now = max(self._now, due)
        finally:
            self._due.remove(due)
