"""Adds up what all accounts hold, and says which balances are missing or old. Needs SEQUENCE_API_KEY; it only reads.

Ends with 1 where a balance is missing: then there is no net worth, but a sum of what is known.
"""

import argparse
import asyncio
import sys
from datetime import timedelta

from sequence_sdk import PlatformClient


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--stale-after", metavar="DAYS", type=int, default=4, help="when a balance counts as old (%(default)s)"
    )
    options = parser.parse_args()
    async with PlatformClient(reason="net worth") as platform:
        balances = await platform.accounts.balances(stale_after=timedelta(days=options.stale_after))

    for one in balances.accounts:
        cents = "missing" if one.in_cents is None else one.in_cents
        reason = f": {one.error}" if one.error else ""
        age = f" (as of {one.updated_at:%Y-%m-%d})" if one.is_stale and one.updated_at else ""
        print(f"{cents:>12}  {one.account.name}{reason}{age}")
    for failure in balances.failures.values():
        print(f"\n{failure}", file=sys.stderr)  # a permission that the key lacks, with the entry to add

    if balances.stale:
        print(f"{len(balances.stale)} of the balances are older than {options.stale_after} days")
    if balances.total_in_cents is None:
        known = sum(one.in_cents for one in balances.accounts if one.in_cents is not None)
        print(f"No net worth: {len(balances.missing)} balances are missing; the others add up to {known} cents")
        return 1
    print(f"Net worth: {balances.total_in_cents} cents")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
