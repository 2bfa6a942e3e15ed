"""Measures a program from its first import to its first response: CPU seconds, the interpreter's own start left out.

    python benchmarks/first_call.py httpx URL

It is a program of its own, since nothing but what a program needs may be loaded before.
"""

import time

BEGUN = time.process_time()

import sys  # noqa: E402 - it is there already

NAME, URL, ACCOUNT, KEY, GENERATED = sys.argv[1:]

if NAME == "httpx":
    import httpx

    async def call() -> None:
        async with httpx.AsyncClient(headers={"Authorization": f"ApiKey {KEY}"}) as client:
            await client.get(f"{URL}/api/v1/accounts/{ACCOUNT}")

elif NAME == "sequence_sdk":
    from sequence_sdk import Permissions, RateLimit, SequenceClient

    async def call() -> None:
        granted = Permissions.from_json([{"scope": "READ_ACCOUNTS", "resources": [ACCOUNT]}])
        limit = RateLimit(1_000_000_000, per=60)
        async with SequenceClient(KEY, base_url=f"{URL}/api/v1", permissions=granted, rate_limit=limit) as client:
            await client.accounts.get(ACCOUNT)

elif NAME == GENERATED:
    from importlib import import_module

    get_account = import_module(f"{GENERATED}.api.accounts.get_account")
    Client = import_module(f"{GENERATED}.client").AuthenticatedClient

    async def call() -> None:
        async with Client(base_url=f"{URL}/api/v1", token=KEY, prefix="ApiKey") as client:
            await get_account.asyncio(ACCOUNT, client=client)

else:
    from importlib import import_module

    Client = getattr(import_module(NAME), f"Async{NAME.capitalize()}")

    async def call() -> None:
        async with Client(api_key=KEY, base_url=URL) as client:
            await client.accounts.retrieve(ACCOUNT)


import asyncio  # noqa: E402 - a library loads it before, or a program needs it now

asyncio.run(call())
print(time.process_time() - BEGUN)
