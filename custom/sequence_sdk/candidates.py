"""Lists what a write whose outcome is unknown may have made."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sequence_api_client import api

from .errors import ConfigurationError, OutcomeUnknownError
from .paths import disagreement

if TYPE_CHECKING:
    from sequence_api_client.models import RuleExecutionSummary, Transfer

    from .client import SequenceClient

CLOCKS_DIFFER_BY = timedelta(days=1)
"""How much earlier than the call, by this machine's clock, its result may be dated by the server's."""


async def candidates(error: OutcomeUnknownError, client: SequenceClient) -> list[Transfer] | list[RuleExecutionSummary]:
    """What `error.candidates(client)` gives, and documents."""
    if error.base_url != client.base_url:
        raise ConfigurationError(f"{error.operation} was sent to {error.base_url}: look there, with a client of that")
    since = min(filter(None, (error.first_sent.wall, error.key_first_used))) - CLOCKS_DIFFER_BY
    if error.operation == "triggerRule":
        return await client.rule_executions.list(rule_id=str(error.arguments["id"]), from_=since).collect()
    echoes = [(argument, path.removeprefix("data.")) for argument, path in api.CREATE_TRANSFER.echoes]
    source = str(error.arguments["source_account_id"])
    transfers = client.transfers.list(account_id=source, account_role="source", from_=since)
    return [one async for one in transfers if disagreement(echoes, error.arguments, one) is None]
