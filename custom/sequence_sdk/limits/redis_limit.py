"""Decides when a request may be sent, for all processes and machines that use one API key: Redis keeps the count."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import uuid
from collections import deque
from importlib import resources
from typing import Literal

import anyio
import anyio.lowlevel
import anyio.to_thread
from attrs import define, field, frozen

from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, RateLimiterError
from ..rate_limit import Bucket, Limiter, LocalLimiter, RateLimit
from ..settings import check_seconds

logger = logging.getLogger("sequence_sdk")

Command = Literal["take", "forget", "pause", "settle"]

CLOCK, BUCKET = (
    resources.files("sequence_sdk.limits").joinpath(name).read_text(encoding="utf-8")
    for name in ("clock.lua", "bucket.lua")
)
"""The script that Redis runs: the time by its own clock, and what `Bucket` does. To run a command again, because its
response was lost, changes nothing."""

ASK_AGAIN_AFTER = 5.0
"""Seconds for which a process that can do without Redis does not ask it again after it failed."""


@frozen
class RedisRateLimit(RateLimit):
    """A limit that is shared by all processes and machines that use one API key, through a Redis (5 or newer).

    `RedisRateLimit(100, per=60, url="redis://localhost:6379/0", name="payments")`: all who share it give the same
    numbers and the same name. It needs the extra `sequence-sdk[redis]`.

    If Redis loses what it knows, as it may when it is restarted, the limit begins anew.

    Raises:
        ConfigurationError: A number is not above zero, or an argument is not what it has to be.
    """

    url: str = field(kw_only=True, repr=False)  # it may hold a password
    """Where Redis is: `redis://`, `rediss://` or `unix://`, as redis-py has it."""
    name: str = field(kw_only=True)
    """What all who share the API key call their limit. It is part of the names of the two keys in Redis."""
    on_failure: Literal["raise", "local"] = field(default="raise", kw_only=True)
    """What calls do while Redis cannot be asked: "raise" a `RateLimiterError`, or keep to a limit of the same numbers
    that is "local", each process to its own. Together they may send more than is allowed then; the server says so."""
    timeout: float = field(default=1.0, kw_only=True)
    """Seconds that Redis may take to respond, connecting included."""
    lease: float = field(default=300.0, kw_only=True)
    """Seconds after which a request counts as finished if the process that sent it died. No attempt may take longer:
    give more than the client's `timeout`."""

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        check_seconds("RedisRateLimit: timeout", self.timeout)
        check_seconds("RedisRateLimit: lease", self.lease)
        if not isinstance(self.url, str) or not self.url.startswith(("redis://", "rediss://", "unix://")):
            raise ConfigurationError(_NO_URL)
        if not isinstance(self.name, str) or not self.name.strip():
            raise ConfigurationError('RedisRateLimit: name must be a string that is not blank, such as "payments"')
        if self.on_failure not in ("raise", "local"):
            raise ConfigurationError(f'RedisRateLimit: on_failure is {self.on_failure!r}: give "raise" or "local"')

    def limiter(self, clock: Clock = SYSTEM_CLOCK) -> Limiter:
        """What keeps the limit for one client.

        Raises:
            ConfigurationError: The extra is not installed, or `url` is none that redis-py understands.
        """
        return RedisLimiter(self, clock)


_NO_URL = "RedisRateLimit: url is not the URL of a Redis: give one such as redis://localhost:6379/0"


@define
class _Question:
    """A command for Redis, on its way through a worker thread."""

    arguments: list[str | float]
    dropped: bool = False
    """Whether nobody waits for its response any longer."""


class _Redis:
    """Puts questions to Redis, one after the other. It blocks: worker threads use it.

    The asynchronous client of redis-py knows asyncio alone, and belongs to an event loop.
    """

    def __init__(self, limit: RedisRateLimit) -> None:
        try:
            import redis  # noqa: PLC0415 - most programs never need it
            from redis.backoff import NoBackoff  # noqa: PLC0415
            from redis.retry import Retry  # noqa: PLC0415
        except ImportError as error:
            raise ConfigurationError(
                "RedisRateLimit needs redis-py: install the extra, `pip install sequence-sdk[redis]`"
            ) from error
        client: redis.Redis | None = None
        try:
            client = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
                limit.url,
                socket_timeout=limit.timeout,
                socket_connect_timeout=limit.timeout,
                retry=Retry(NoBackoff(), 0),
            )
            self._script = client.register_script(CLOCK + BUCKET)
        except (TypeError, ValueError, redis.RedisError):
            client = None
        if client is None:  # raised here, because what redis-py raises may quote the password
            raise ConfigurationError(_NO_URL)
        self._client = client
        self._password = str(client.connection_pool.connection_kwargs.get("password") or "")
        self._keys = [f"sequence_sdk:{{{limit.name}}}", f"sequence_sdk:{{{limit.name}}}:in_flight"]  # in one slot
        self._timeout = limit.timeout
        self._broken: type[Exception] = redis.ConnectionError
        self._failures = (redis.RedisError, OSError, ValueError)
        self._turn = threading.Lock()

    def response(self, question: _Question) -> float | Exception:
        """What the script responses, or why it does not."""
        if not self._turn.acquire(timeout=self._timeout):
            return TimeoutError("an earlier command has not ended yet")
        try:
            # What was dropped and has not begun must not begin any more: what is asked after it would come before it.
            return 0.0 if question.dropped else self._run(question)
        except self._failures as error:
            return self._without_secrets(error)
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close the connection; the next question would open another."""
        self._client.close()

    def _run(self, question: _Question) -> float:
        try:
            return self._once(question)
        except self._broken:  # as when Redis was restarted since: a new connection may do
            if question.dropped:
                raise
            return self._once(question)

    def _once(self, question: _Question) -> float:
        response = self._script(keys=self._keys, args=question.arguments)
        return float(response)

    def _without_secrets(self, error: Exception) -> Exception:
        """The error without what may show the password: the frames of redis-py, and what Redis repeats of it."""
        error.__traceback__ = error.__cause__ = error.__context__ = None
        if self._password and self._password in str(error):
            error.args = (str(error).replace(self._password, "…"),)
        return error


class _Unavailable(Exception):
    """Redis could not be asked."""


class RedisLimiter:
    """Lets the tasks of one client pass, as it is their turn among all who share the limit.

    The tasks of a process stand in line, and only the first of them asks Redis.
    """

    def __init__(self, limit: RedisRateLimit, clock: Clock = SYSTEM_CLOCK) -> None:
        self._limit = limit
        self._clock = clock
        self._rate = limit.requests / limit.per
        self._redis = _Redis(limit)
        self._local = LocalLimiter(Bucket(limit.requests, self._rate), clock)
        self._slot = uuid.uuid4().hex
        """What the next slot is taken as. Where it is unknown whether it was taken, it is taken again."""
        self._held: deque[str | None] = deque()
        """The slots taken, None for a local one. They are alike: given back is the one that was taken first."""
        self._owed: dict[str, None] = {}
        """The slots given back that Redis has not heard of yet: whatever is asked next tells it."""
        self._paused = -math.inf
        """Until when nobody may pass as far as this process knows, on the client's clock as all times here."""
        self._failure: Exception | None = None
        """Why Redis could not be asked, the last time; None where it could."""
        self._failed = -math.inf
        self._ask_again = -math.inf
        # These belong to an event loop, and are made in it.
        self._turn: anyio.Lock | None = None
        self._settling: anyio.Lock | None = None
        self._threads: anyio.CapacityLimiter | None = None

    async def acquire(self) -> float:
        """Wait for a turn, in the order of asking, and give the seconds that it took.

        Cancelled meanwhile, it has taken nothing.

        Raises:
            RateLimiterError: Redis cannot be asked, and nothing is to be done without it.
        """
        if self._turn is None:
            self._turn = anyio.Lock()
        began = self._clock.monotonic()
        if self._may_ask(began):
            async with self._turn:
                try:
                    await self._take(began)
                except _Unavailable:
                    if self._limit.on_failure == "raise":
                        raise self._error() from self._failure
                else:
                    return self._clock.monotonic() - began
        await self._local.acquire()
        self._held.append(None)
        return self._clock.monotonic() - began

    async def release(self) -> None:
        """Say that a request that had its turn has ended. Redis hears of it as soon as it can."""
        slot = self._held.popleft()
        if slot is None:
            await self._local.release()
            return
        self._owed[slot] = None
        if self._settling is None:
            self._settling = anyio.Lock()
        began = self._clock.monotonic()
        if not self._may_ask(began):
            return
        with anyio.CancelScope(shield=True):
            async with self._settling:
                if slot in self._owed and not self._failed_since(began):  # or others have told it, or failed to
                    await self._tell("settle")

    async def pause(self, seconds: float) -> None:
        """Let nobody pass for as long as the server asks, and only one at a time then."""
        now = self._clock.monotonic()
        self._paused = max(self._paused, now + seconds)
        await self._local.pause(seconds)
        if self._may_ask(now):
            await self._tell("pause", seconds=seconds)

    async def aclose(self) -> None:
        """Close the connection to Redis."""
        await anyio.to_thread.run_sync(self._redis.close)

    async def _take(self, began: float) -> None:
        """Take a slot from Redis.

        Raises:
            _Unavailable: Redis cannot be asked, or could not be by those who were before in the line.
        """
        if self._failed_since(began):
            raise _Unavailable
        while True:
            wait = self._paused - self._clock.monotonic()
            if wait <= 0:
                wait = await self._ask_for_slot()
                if not wait:
                    return
            await self._clock.sleep(wait)

    async def _ask_for_slot(self) -> float:
        """Take a slot and give 0, or give the seconds to wait. Cancelled meanwhile, it has taken nothing.

        Raises:
            _Unavailable: Redis cannot be asked.
        """
        try:
            wait = await self._ask("take", self._slot, self._limit.lease)
            if not wait:
                await anyio.lowlevel.checkpoint_if_cancelled()
        except _Unavailable:
            raise
        except BaseException:  # cancelled, and nothing will be sent
            with anyio.CancelScope(shield=True):
                await self._tell("forget", self._slot)
            raise
        if not wait:
            self._held.append(self._slot)
            self._slot = uuid.uuid4().hex
        return wait

    async def _tell(self, command: Command, slot: str = "", seconds: float = 0.0) -> None:
        """Ask Redis for something. If it cannot be asked, the next question makes up for it, or the end of a lease."""
        with contextlib.suppress(_Unavailable):
            await self._ask(command, slot, seconds)

    async def _ask(self, command: Command, slot: str, seconds: float) -> float:
        """Let Redis do something, and give the seconds to wait. It ends in time, and is not cancelled meanwhile.

        Raises:
            _Unavailable: Redis cannot be asked.
        """
        if self._threads is None:
            self._threads = anyio.CapacityLimiter(1)
        owed = list(self._owed)
        question = _Question([command, self._limit.requests, self._rate, slot, seconds, *owed])
        timeout = self._limit.timeout
        response: float | Exception = TimeoutError(f"no response within {timeout:g} seconds")
        try:
            with anyio.move_on_after(timeout, shield=True):
                response = await anyio.to_thread.run_sync(
                    self._redis.response, question, abandon_on_cancel=True, limiter=self._threads
                )
        except RuntimeError as error:  # no thread can be started
            response = error
        finally:
            question.dropped = True  # by asyncio's own way of cancelling, which no shield stops, too
        if isinstance(response, Exception):
            self._fail(response)
            raise _Unavailable
        for told in owed:
            self._owed.pop(told, None)
        self._succeed()
        return response

    def _may_ask(self, now: float) -> bool:
        """Whether Redis is to be asked: where the process can do without it, not too often while it fails."""
        if self._failure is None or self._limit.on_failure == "raise":
            return True
        if now < self._ask_again:
            return False
        self._ask_again = now + ASK_AGAIN_AFTER  # the others need not wait for what comes of it
        return True

    def _failed_since(self, moment: float) -> bool:
        return self._failure is not None and self._failed >= moment

    def _fail(self, failure: Exception) -> None:
        first = self._failure is None
        self._failure, self._failed = failure, self._clock.monotonic()
        self._ask_again = self._failed + ASK_AGAIN_AFTER
        if first:
            text = "rate limit %r: Redis cannot be asked (%s); until it can, %s"
            alone = self._limit.on_failure == "local"
            meanwhile = "this process keeps to a limit of its own" if alone else "calls fail"
            logger.warning(text, self._limit.name, _reason(failure), meanwhile)

    def _succeed(self) -> None:
        if self._failure is not None:
            self._failure = None
            logger.info("rate limit %r: Redis can be asked again", self._limit.name)

    def _error(self) -> RateLimiterError:
        reason = "" if self._failure is None else f" ({_reason(self._failure)})"
        return RateLimiterError(
            f"the rate limit {self._limit.name!r}: Redis cannot be asked{reason}, and this attempt was not sent. Give "
            'RedisRateLimit on_failure="local" to go on without it'
        )


def _reason(failure: Exception) -> str:
    return f"{type(failure).__name__}: {failure}"
