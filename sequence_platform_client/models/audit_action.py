from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class AuditAction(OpenEnum):
    """What a call was for."""

    GET_ACCOUNT = "GET_ACCOUNT"
    LIST_ACCOUNTS = "LIST_ACCOUNTS"
    CREATE_ACCOUNT = "CREATE_ACCOUNT"
    LIST_BENEFICIARIES = "LIST_BENEFICIARIES"
    LIST_TRANSFERS = "LIST_TRANSFERS"
    GET_TRANSFER = "GET_TRANSFER"
    CREATE_TRANSFER = "CREATE_TRANSFER"
    TRIGGER_RULE = "TRIGGER_RULE"
    LIST_RULES = "LIST_RULES"
    GET_RULE = "GET_RULE"
    LIST_RULE_EXECUTIONS = "LIST_RULE_EXECUTIONS"
    GET_RULE_EXECUTION = "GET_RULE_EXECUTION"
    LIST_AUDIT_LOGS = "LIST_AUDIT_LOGS"
    CREATE_RULE = "CREATE_RULE"
    UPDATE_RULE = "UPDATE_RULE"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
