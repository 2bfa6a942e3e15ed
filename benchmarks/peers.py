"""Measures one case in a process of its own, and prints what it measured as JSON. `bench.py` calls it.

    .venv-bench/bin/python benchmarks/peers.py decode

What compares is measured in turns, a slice of one and then of the other, so that a busy machine slows both. Seconds are
of this process's CPU unless they are said to be of the clock. Garbage is collected before a slice, and the collector
runs as always within it; what was there before the first one is frozen.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import importlib
import importlib.util
import json
import logging
import resource
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any, TypeAlias

import peer_responses

Call: TypeAlias = Callable[[], Awaitable[object]]
Samples: TypeAlias = dict[str, list[float]]

STAINLESS = ("lithic", "increase")
GENERATED = "untouched_client"
"""The package that openapi-python-client makes of openapi.yaml with its own templates."""

AUTHORIZATION = {"Authorization": f"ApiKey {peer_responses.KEY}"}


def installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None


def settle() -> None:
    """Let nothing that was made so far be looked at by the garbage collector again."""
    gc.collect()
    gc.freeze()


def turns(names: list[str], rounds: int) -> Iterator[str]:
    """Every name once a round, in an order that is turned around after each."""
    for number in range(rounds):
        yield from reversed(names) if number % 2 else names


# --- decoding ---------------------------------------------------------------------------------------------------------


def decoders() -> dict[str, Callable[[bytes], object]]:
    """What makes objects of the bytes of a page of transfers, as far as it is installed."""
    from sequence_api_client.api import LIST_TRANSFERS  # noqa: PLC0415 - nothing else is to be imported in other cases

    found: dict[str, Callable[[bytes], object]] = {"sequence_sdk": LIST_TRANSFERS.decode, "json.loads": json.loads}
    if installed("orjson"):
        found["orjson"] = importlib.import_module("orjson").loads
    if installed("msgspec"):
        from peer_models import msgspec_page  # noqa: PLC0415

        found["msgspec Structs"] = importlib.import_module("msgspec.json").Decoder(msgspec_page()).decode
    if installed("pydantic"):
        from peer_models import pydantic_page  # noqa: PLC0415

        found["pydantic"] = pydantic_page().model_validate_json
    if installed(GENERATED):
        transfer_list = importlib.import_module(f"{GENERATED}.models").TransferList
        found[GENERATED] = lambda body: transfer_list.from_dict(json.loads(body))
    for package in STAINLESS:
        if installed(package):
            from peer_models import stainless_decoder  # noqa: PLC0415

            found[package] = stainless_decoder(package, stainless(package, "http://127.0.0.1"))
    return found


def platform_decoders() -> dict[str, Callable[[bytes], object]]:
    """What makes objects of the bytes of a page of /platform/v1."""
    from sequence_platform_client.api import LIST_TRANSFERS  # noqa: PLC0415

    return {"sequence_sdk": LIST_TRANSFERS.decode, "json.loads": json.loads}


def decode(rounds: int, seconds: float, api: str = "v1") -> Samples:
    """Seconds that one page takes, for each decoder and round."""
    platform = api == "platform"
    body = peer_responses.platform_page() if platform else peer_responses.page()
    all_decoders = platform_decoders() if platform else decoders()
    repeats: dict[str, int] = {}
    for name, function in all_decoders.items():
        data: Any = getattr(page := function(body), "data", None) or page["data"]  # type: ignore[index]
        count = len((getattr(data, "items", None) if name == "sequence_sdk" else data["items"]) if platform else data)
        if count != peer_responses.PAGE_SIZE:
            raise SystemExit(f"{name} made {count} transfers of a page of {peer_responses.PAGE_SIZE}")
        begun = time.process_time()
        function(body)
        repeats[name] = 1 + int(seconds / (time.process_time() - begun))
    settle()
    samples: Samples = {name: [] for name in all_decoders}
    for name in turns(list(all_decoders), rounds):
        function = all_decoders[name]
        gc.collect()
        begun = time.process_time()
        for _ in range(repeats[name]):
            function(body)
        samples[name].append((time.process_time() - begun) / repeats[name])
    return samples


# --- calls ------------------------------------------------------------------------------------------------------------


def stainless(package: str, url: str, *, over_aiohttp: bool = False) -> Any:
    """A client of a Stainless SDK, with its defaults."""
    module = importlib.import_module(package)
    cls = getattr(module, f"Async{package.capitalize()}")
    http_client = module.DefaultAioHttpClient() if over_aiohttp else None
    return cls(api_key=peer_responses.KEY, base_url=url, http_client=http_client)


def sequence(url: str, **options: Any) -> Any:
    """A client of ours: permissions are declared, and there is a rate limit, too high to be waited for."""
    from sequence_sdk import Permissions, RateLimit, SequenceClient  # noqa: PLC0415

    permissions = Permissions.from_json(
        [{"scope": scope, "resources": [peer_responses.ACCOUNT_ID]} for scope in ("READ_ACCOUNTS", "READ_TRANSFERS")]
    )
    limit = RateLimit(1_000_000_000, per=60)
    return SequenceClient(
        peer_responses.KEY, base_url=f"{url}/api/v1", permissions=permissions, rate_limit=limit, **options
    )


def bare(transport: str) -> Any:
    """An HTTP client with its defaults."""
    if transport == "aiohttp":
        return importlib.import_module("aiohttp").ClientSession(headers=AUTHORIZATION)
    return importlib.import_module(transport).AsyncClient(headers=AUTHORIZATION)


async def caller(name: str, url: str, stack: AsyncExitStack) -> Call:
    """What asks for one account: its name is a library's, and after a `+` the transport's where that is another."""
    library, _, transport = name.partition("+")
    if library == "sequence_sdk":
        http = None
        if transport:
            http = await stack.enter_async_context(bare(transport))
            del http.headers["Authorization"]
        client = await stack.enter_async_context(sequence(url, http_client=http))
        return lambda: client.accounts.get(peer_responses.ACCOUNT_ID)
    if library in STAINLESS:
        identifier = peer_responses.LITHIC_ACCOUNT_ID if library == "lithic" else peer_responses.INCREASE_ACCOUNT_ID
        client = await stack.enter_async_context(stainless(library, url, over_aiohttp=bool(transport)))
        return lambda: client.accounts.retrieve(identifier)
    if library == GENERATED:
        get_account = importlib.import_module(f"{GENERATED}.api.accounts.get_account")
        cls = importlib.import_module(f"{GENERATED}.client").AuthenticatedClient
        client = cls(base_url=f"{url}/api/v1", token=peer_responses.KEY, prefix="ApiKey")
        await stack.enter_async_context(client)
        return lambda: get_account.asyncio(peer_responses.ACCOUNT_ID, client=client)
    if library == "GetSequenceIoApiClient":
        session = await stack.enter_async_context(importlib.import_module("aiohttp").ClientSession())
        client = importlib.import_module("GetSequenceIoApiClient.client").SequenceApiClient(session, peer_responses.KEY)
        client.base_url = url
        return client.async_get_accounts  # type: ignore[no-any-return]
    target = f"{url}/api/v1/accounts/{peer_responses.ACCOUNT_ID}"
    if name == "aiohttp":
        session = await stack.enter_async_context(importlib.import_module("aiohttp").ClientSession())

        async def with_aiohttp() -> object:
            async with session.get(target, headers=AUTHORIZATION) as response:
                return await response.read()

        return with_aiohttp
    client = await stack.enter_async_context(bare(transport or library))

    async def with_httpx() -> object:
        return (await client.get(target)).content

    return with_httpx


async def burst(call: Call, calls: int, at_once: int) -> None:
    async def some() -> None:
        for _ in range(calls // at_once):
            await call()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(at_once):
            tasks.create_task(some())


async def calls(names: list[str], url: str, at_once: int, count: int, rounds: int) -> dict[str, Samples]:
    """Seconds that a call takes, of the CPU and of the clock, for each way to make it and each round.

    Every slice has a client of its own: httpx's pool gets slower and faster by the second with how many connections
    have been idle for how long, and so it is in the same state for all.
    """
    cpu: Samples = {name: [] for name in names}
    clock: Samples = {name: [] for name in names}
    count = max(count // at_once, 4) * at_once
    for number, name in enumerate([*names, *turns(names, rounds)]):
        async with AsyncExitStack() as stack:
            call = await caller(name, url, stack)
            await burst(call, max(2 * at_once, 20), at_once)
            if number < len(names):  # all is imported now that will be
                continue
            if number == len(names):
                settle()
            gc.collect()
            begun, began = time.process_time(), time.perf_counter()
            await burst(call, count, at_once)
            cpu[name].append((time.process_time() - begun) / count)
            clock[name].append((time.perf_counter() - began) / count)
    return {"cpu": cpu, "clock": clock}


def one_key(url: str, http: Any, number: int = 0) -> Any:
    """A client with a key and a limit of its own, on an HTTP client that others use as well."""
    from sequence_sdk import RateLimit, SequenceClient  # noqa: PLC0415

    limit = RateLimit(100, per=60) if number else RateLimit(1_000_000_000, per=60)
    return SequenceClient(f"sk_{number}", base_url=f"{url}/api/v1", http_client=http, rate_limit=limit)


async def one_each(clients: list[Any], calls: int) -> None:
    """So many calls, at most 100 at once, by each client in turn."""
    numbers = iter(range(calls))

    async def some() -> None:
        for number in numbers:
            await clients[number % len(clients)].accounts.get(peer_responses.ACCOUNT_ID)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(100):
            tasks.create_task(some())


async def keys(transport: str, url: str, count: int, rounds: int) -> Samples:
    """CPU seconds that a call takes: all by one client, and each by another client, which makes its first."""
    cpu: Samples = {"one": [], "many": []}
    for name in turns(list(cpu), rounds):
        async with bare(transport) as http:
            del http.headers["Authorization"]
            await one_each([one_key(url, http)], 300)
            clients = [one_key(url, http, 1 + number) for number in range(count if name == "many" else 1)]
            if name == "one":
                clients = [one_key(url, http)]
            settle()
            begun = time.process_time()
            await one_each(clients, count)
            cpu[name].append((time.process_time() - begun) / count)
    return cpu


async def keys_memory(transport: str, url: str, count: int) -> int:
    """Bytes by which the peak of a process grows with so many clients that have made a call."""
    async with bare(transport) as http:
        del http.headers["Authorization"]
        await one_each([one_key(url, http)], max(300, count // 10))
        before = peak()
        await one_each([one_key(url, http, 1 + number) for number in range(count)], count)
        return peak() - before


# --- memory -----------------------------------------------------------------------------------------------------------


def peak() -> int:
    """The most memory that this process ever held, in bytes."""
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return found if sys.platform == "darwin" else found * 1024


async def iterate(url: str, count: int) -> dict[str, float]:
    """The peak of memory after reading a list of so many transfers."""
    pages, read, begun = -(-count // peer_responses.PAGE_SIZE), 0, time.process_time()
    async with sequence(f"{url}/pages/{pages}") as client:
        async for _ in client.transfers.list(account_id=peer_responses.ACCOUNT_ID):
            read += 1
    return {"read": read, "peak": peak(), "cpu": time.process_time() - begun}


async def held(url: str, pages: int) -> int:
    """How many transfers there are at most at a time while a list is read."""
    from sequence_sdk.models import Transfer  # noqa: PLC0415

    most = read = 0
    async with sequence(f"{url}/pages/{pages}") as client:
        async for _ in client.transfers.list(account_id=peer_responses.ACCOUNT_ID):
            read += 1
            if read % 37 == 0:
                await asyncio.sleep(0.001)  # time for the page ahead to come
                most = max(most, sum(type(one) is Transfer for one in gc.get_objects()))
    return most


async def clients(name: str, url: str, count: int) -> float:
    """Bytes of memory that a client takes which has made a call, connections included."""
    async with AsyncExitStack() as stack:
        for _ in range(3):
            await (await caller(name, url, stack))()
        gc.collect()
        before = peak()
        for _ in range(count):
            await (await caller(name, url, stack))()
        return (peak() - before) / count


async def construct(url: str, count: int, *, shared: bool) -> dict[str, float]:
    """CPU seconds and bytes of memory that another client of ours takes, each with a key of its own, before any call.

    The first one is made before; `shared` ones send over one HTTP client.
    """
    from sequence_sdk import SequenceClient  # noqa: PLC0415

    async with bare("httpx") as http:

        def make(number: int) -> Any:
            return SequenceClient(f"sk_{number}", base_url=f"{url}/api/v1", http_client=http if shared else None)

        made = [make(number) for number in range(2)]
        settle()
        begun = time.process_time()
        made += [make(number) for number in range(2, 2 + count)]
        seconds = (time.process_time() - begun) / count
        gc.collect()
        tracemalloc.start()
        made += [make(number) for number in range(2 + count, 2 + 2 * count)]
        allocated = tracemalloc.get_traced_memory()[0] / count
        tracemalloc.stop()
        for client in made:
            await client.aclose()
    return {"seconds": seconds, "bytes": allocated}


async def python_memory(url: str, count: int) -> float:
    """Bytes that Python has allocated for a client of ours which has made a call, without its HTTP client's."""
    async with AsyncExitStack() as stack:
        https = [await stack.enter_async_context(bare("httpx")) for _ in range(count + 1)]
        target = f"{url}/api/v1/accounts/{peer_responses.ACCOUNT_ID}"
        for http in https:
            await http.get(target)
        await sequence(url, http_client=https.pop()).accounts.get(peer_responses.ACCOUNT_ID)
        gc.collect()
        tracemalloc.start()
        made = [sequence(url, http_client=http) for http in https]
        for client in made:
            await client.accounts.get(peer_responses.ACCOUNT_ID)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / len(made)


# --- the event loop ---------------------------------------------------------------------------------------------------


async def reader(name: str, url: str, stack: AsyncExitStack) -> Callable[[], Awaitable[int]]:
    """What reads a list of transfers to its end, page by page, and counts them."""
    account = peer_responses.ACCOUNT_ID
    if name == "sequence_sdk":
        client = await stack.enter_async_context(sequence(url))

        async def ours() -> int:
            return sum([1 async for _ in client.transfers.list(account_id=account)])

        return ours
    if name in STAINLESS:
        from peer_models import stainless_page  # noqa: PLC0415

        page, transfer = stainless_page(name)
        client = await stack.enter_async_context(stainless(name, f"{url}/api/v1"))

        async def with_stainless() -> int:
            options = {"params": {"account_id": account, "first": 100}}
            listed = client.get_api_list("/transfers", model=transfer, page=page[transfer], options=options)
            return sum([1 async for _ in listed])

        return with_stainless

    if name == GENERATED:
        list_transfers = importlib.import_module(f"{GENERATED}.api.transfers.list_transfers")
        cls = importlib.import_module(f"{GENERATED}.client").AuthenticatedClient
        generated = cls(base_url=f"{url}/api/v1", token=peer_responses.KEY, prefix="ApiKey")
        await stack.enter_async_context(generated)

        async def next_page(after: str | None) -> Any:
            more = {} if after is None else {"after": after}
            return await list_transfers.asyncio(client=generated, account_id=account, first=100, **more)

    else:  # pydantic
        from peer_models import pydantic_page  # noqa: PLC0415

        model, http = pydantic_page(), await stack.enter_async_context(bare("httpx"))

        async def next_page(after: str | None) -> Any:
            more = {} if after is None else {"after": after}
            params = {"account_id": account, "first": 100, **more}
            return model.model_validate_json((await http.get(f"{url}/api/v1/transfers", params=params)).content)

    async def by_hand() -> int:
        read, after = 0, None
        while True:
            page = await next_page(after)
            read += sum([1 for _ in page.data])
            if not page.page_info.has_next_page:
                return read
            after = page.page_info.end_cursor

    return by_hand


async def stall(name: str, url: str, rounds: int, pages: int) -> Samples:
    """The longest that another task waited for its turn while a list was read, in each round."""
    cpu: list[float] = []
    clock: list[float] = []
    async with AsyncExitStack() as stack:
        read = await reader(name, f"{url}/pages/{pages}", stack)

        async def tick() -> None:
            while True:
                begun, began = time.thread_time(), time.perf_counter()
                await asyncio.sleep(0)
                cpu[-1], clock[-1] = (
                    max(cpu[-1], time.thread_time() - begun),
                    max(clock[-1], time.perf_counter() - began),
                )

        await read()
        settle()
        for _ in range(rounds):
            cpu.append(0.0)
            clock.append(0.0)
            gc.collect()
            ticking = asyncio.create_task(tick())
            count = await read()
            ticking.cancel()
            if count != pages * peer_responses.PAGE_SIZE:
                raise SystemExit(f"{name} read {count} transfers of {pages} pages")
    return {"cpu": cpu, "clock": clock}


# --- the command ------------------------------------------------------------------------------------------------------


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cases = ("decode", "calls", "iterate", "held", "clients", "construct", "python-memory", "stall")
    cases += ("keys", "keys-memory")
    parser.add_argument("case", choices=cases)
    parser.add_argument("names", nargs="*", help="what is measured, where there is a choice")
    parser.add_argument("--url", help="of peer_server.py; all but `decode` need it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.02, help="that a slice of `decode` takes")
    parser.add_argument("--at-once", type=int, default=1, help="how many calls are in flight")
    parser.add_argument("--count", type=int, default=200, help="calls in a slice, transfers, pages or clients")
    options = parser.parse_args()
    logging.basicConfig(level=logging.WARNING)
    url, names, count, rounds = options.url, options.names, options.count, options.rounds
    name = names[0] if names else "sequence_sdk"
    found: Any
    match options.case:
        case "decode":
            found = decode(rounds, options.seconds, name if names else "v1")
        case "calls":
            found = asyncio.run(calls(names, url, options.at_once, count, rounds))
        case "iterate":
            found = asyncio.run(iterate(url, count))
        case "held":
            found = asyncio.run(held(url, count))
        case "clients":
            found = asyncio.run(clients(name, url, count))
        case "construct":
            found = asyncio.run(construct(url, count, shared=name == "shared"))
        case "keys":
            found = asyncio.run(keys(name, url, count, rounds))
        case "keys-memory":
            found = asyncio.run(keys_memory(name, url, count))
        case "python-memory":
            found = asyncio.run(python_memory(url, count))
        case _:
            found = asyncio.run(stall(name, url, rounds, count))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
