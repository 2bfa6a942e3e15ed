from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class AuditActionFilter(OpenEnum):
    """What the audit log can be filtered by."""

    GET_ACCOUNT = "GET_ACCOUNT"
    LIST_ACCOUNTS = "LIST_ACCOUNTS"
    LIST_BENEFICIARIES = "LIST_BENEFICIARIES"
    LIST_TRANSFERS = "LIST_TRANSFERS"
    GET_TRANSFER = "GET_TRANSFER"
    CREATE_TRANSFER = "CREATE_TRANSFER"
    TRIGGER_RULE = "TRIGGER_RULE"
    LIST_RULES = "LIST_RULES"
    GET_RULE = "GET_RULE"
    LIST_RULE_EXECUTIONS = "LIST_RULE_EXECUTIONS"
    GET_RULE_EXECUTION = "GET_RULE_EXECUTION"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
