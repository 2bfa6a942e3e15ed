"""Decides when a request may be sent, for all processes and machines that use one API key: Redis keeps the count."""

from __future__ import annotations

import contextlib
import logging
import math
import uuid
from collections import deque
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from typing import Literal

import anyio
import anyio.lowlevel
import anyio.to_thread
from attrs import field, frozen

from ..background import in_this_loop
from ..clock import SYSTEM_CLOCK, Clock
from ..errors import ConfigurationError, RateLimiterError
from ..rate_limit import Bucket, Limiter, RateLimit
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


class _Redis:
    """Runs commands in Redis, one after the other, in a thread of its own.

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
        lost = redis.ConnectionError  # as where Redis was restarted since: a new connection may do
        client: redis.Redis | None = None
        with contextlib.suppress(TypeError, ValueError, redis.RedisError):
            made = redis.Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
                limit.url,
                socket_timeout=limit.timeout,
                socket_connect_timeout=limit.timeout,
                retry=Retry(NoBackoff(), 1, (lost,)),
                retry_on_error=[lost],
            )
            self._script = made.register_script(CLOCK + BUCKET)
            client = made
        if client is None:  # raised here, because what redis-py raises may quote the password
            raise ConfigurationError(_NO_URL)
        self.client = client
        self._password = str(client.connection_pool.connection_kwargs.get("password") or "")
        self._keys = [f"sequence_sdk:{{{limit.name}}}", f"sequence_sdk:{{{limit.name}}}:in_flight"]  # in one slot
        self._timeout = limit.timeout
        self._thread = ThreadPoolExecutor(1, "sequence_sdk")
        self.failures = (redis.RedisError, OSError, ValueError, RuntimeError)  # the last where no thread can be started

    async def ask(self, *arguments: str | float) -> float:
        """Run the script as soon as all that was asked before has ended, and give the seconds to wait. It ends in time.

        Cancelled meanwhile, the script may run all the same, and before whatever is asked next.
        """
        ended = anyio.Event()
        running = self._thread.submit(self.run, arguments)
        running.add_done_callback(in_this_loop(ended.set))
        with anyio.move_on_after(self._timeout, shield=True):
            await ended.wait()
        if not running.done():
            running.cancel()  # or it would run when an earlier one ends that Redis does not respond to
            raise TimeoutError(f"no response within {self._timeout:g} seconds")
        return running.result()

    def run(self, arguments: tuple[str | float, ...]) -> float:
        """Run the script now. If its response is lost, it is run once more."""
        return float(self._script(keys=self._keys, args=arguments))

    def without_secrets(self, error: Exception) -> Exception:
        """The error without what may show the password: the frames of redis-py, and what Redis repeats of it."""
        error.__traceback__ = error.__cause__ = error.__context__ = None
        if self._password and self._password in str(error):
            error.args = (str(error).replace(self._password, "…"),)
        return error


class RedisLimiter(Limiter):
    """Lets the tasks of one client pass, as it is their turn among all who share the limit.

    The tasks of a process stand in line, and only the first of them asks Redis. Where it cannot be asked, they may keep
    to the limit that every `Limiter` has of its own.
    """

    def __init__(self, limit: RedisRateLimit, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(Bucket(limit.requests, limit.requests / limit.per), clock)
        self._limit = limit
        self._redis = _Redis(limit)
        self._slot = uuid.uuid4().hex
        """What the next slot is taken as. Where it is unknown whether it was taken, it is taken again."""
        self._held: deque[str | None] = deque()
        """The slots taken, None for a local one. They are alike: given back is the one that was taken first."""
        self._owed: dict[str, None] = {}
        """The slots given back that Redis has not heard of yet: whatever is asked next tells it."""
        self._failure: Exception | None = None
        """Why Redis could not be asked, the last time; None where it could."""
        self._ask_again = -math.inf
        """When a process that can do without Redis asks it again."""
        self._line = anyio.Lock()
        self._telling = anyio.Lock()

    def acquire_now(self) -> bool:
        """Never: Redis has to be asked."""
        return False

    async def acquire(self) -> float:
        """Wait for a turn, in the order of asking, and give the seconds that it took.

        Cancelled meanwhile, it has taken nothing.

        Raises:
            RateLimiterError: Redis cannot be asked, and nothing is to be done without it.
        """
        began = self._clock.monotonic()
        try:
            async with self._turn_to_ask(self._line):
                while wait := await self._take():
                    await self._clock.sleep(wait)
        except RateLimiterError:
            if self._limit.on_failure == "raise":
                raise
            await super().acquire()
            self._held.append(None)
        return self._clock.monotonic() - began

    async def release(self) -> None:
        """Say that a request that had its turn has ended. Redis hears of it as soon as it can."""
        slot = self._held.popleft()
        if slot is None:
            await super().release()
        else:
            self._owed[slot] = None
            await self._tell("settle")

    async def pause(self, seconds: float) -> None:
        """Let nobody pass for as long as the server asks, and only one at a time then."""
        await super().pause(seconds)
        await self._tell("pause", seconds)

    async def aclose(self) -> None:
        """Close the connection to Redis; the next command would open another."""
        await anyio.to_thread.run_sync(self._redis.client.close)

    async def _take(self) -> float:
        """Take a slot and give 0, or give the seconds to wait. Cancelled meanwhile, it has taken nothing.

        Raises:
            RateLimiterError: Redis cannot be asked.
        """
        wait = self._bucket.paused - self._clock.monotonic()
        if wait > 0:
            return wait
        try:
            wait = await self._ask("take", self._slot, self._limit.lease)
            if not wait:
                await anyio.lowlevel.checkpoint_if_cancelled()
        except RateLimiterError:
            raise
        except BaseException:  # cancelled, and nothing will be sent
            with anyio.CancelScope(shield=True), contextlib.suppress(RateLimiterError):
                await self._ask("forget", self._slot)
            raise
        if not wait:
            self._held.append(self._slot)
            self._slot = uuid.uuid4().hex
        return wait

    async def _tell(self, command: Command, seconds: float = 0.0) -> None:
        """Let Redis know of something. If it cannot be asked, the next command tells it, or the end of a lease does."""
        with anyio.CancelScope(shield=True), contextlib.suppress(RateLimiterError):
            async with self._turn_to_ask(self._telling):
                if self._owed or command != "settle":  # or others have told it
                    await self._ask(command, seconds=seconds)

    async def _ask(self, command: Command, slot: str = "", seconds: float = 0.0) -> float:
        """Run a command in Redis, and give the seconds to wait.

        Raises:
            RateLimiterError: Redis cannot be asked.
        """
        owed = list(self._owed)
        try:
            wait = await self._redis.ask(command, self._bucket.capacity, self._bucket.rate, slot, seconds, *owed)
        except self._redis.failures as failure:
            raise self._fail(failure) from self._failure
        for told in owed:
            self._owed.pop(told, None)
        if self._failure is not None:
            self._failure = None
            logger.info("rate limit %r: Redis can be asked again", self._limit.name)
        return wait

    @contextlib.asynccontextmanager
    async def _turn_to_ask(self, line: anyio.Lock) -> AsyncGenerator[None]:
        """Be the one of a line who asks Redis.

        Raises:
            RateLimiterError: Redis failed while others had their turn, and another try would take as long; or it failed
                a short time ago, and this process can do without it.
        """
        known, now = self._failure, self._clock.monotonic()
        if known is not None and self._limit.on_failure == "local":
            if now < self._ask_again:
                raise self._error() from known
            self._ask_again = now + ASK_AGAIN_AFTER  # the others need not wait for what comes of it
        async with line:
            if self._failure not in (None, known):
                raise self._error() from self._failure
            yield

    def _fail(self, failure: Exception) -> RateLimiterError:
        first = self._failure is None
        self._failure = self._redis.without_secrets(failure)
        self._ask_again = self._clock.monotonic() + ASK_AGAIN_AFTER
        if first:
            text = "rate limit %r: Redis cannot be asked (%s); until it can, %s"
            alone = "this process keeps to a limit of its own"
            meanwhile = "calls fail" if self._limit.on_failure == "raise" else alone
            logger.warning(text, self._limit.name, self._reason(), meanwhile)
        return self._error()

    def _error(self) -> RateLimiterError:
        return RateLimiterError(
            f"the rate limit {self._limit.name!r}: Redis cannot be asked ({self._reason()}), and this attempt was not "
            'sent. Give RedisRateLimit on_failure="local" to go on without it'
        )

    def _reason(self) -> str:
        return f"{type(self._failure).__name__}: {self._failure}"
