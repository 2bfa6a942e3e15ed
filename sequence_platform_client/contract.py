"""What all operations of the Sequence Platform API v1 have in common."""

from sequence_runtime import Contract, ErrorFormat, Idempotency, NumberedPages, Operations, Simulation

ID_PREFIXES: tuple[str, ...] = ("acc_", "card_", "ctxr_", "rex_", "rule_", "txr_")
"""What IDs begin with that are told apart by it."""

NUMBERED_PAGES = NumberedPages(
    size="pageSize",
    largest=100,
    position="page",
    window="data.window",
    more="data.pagination.has_next_page",
    length="data.pagination.page_size",
)

CONTRACT = Contract(
    name="Sequence Platform API v1",
    documentation="https://app.getsequence.io/api/platform/",
    base_url="https://api.getsequence.io/platform/v1",
    short_name="platform",
    base_url_variable="SEQUENCE_PLATFORM_BASE_URL",
    other_base_url_variables=("SEQUENCE_BASE_URL",),
    api_key_variable="SEQUENCE_API_KEY",
    auth_scheme="Bearer",
    request_id=None,
    response_id="request_id",
    rate_limit=(100, 60.0),
    errors=ErrorFormat(code=("error", "code"), message=("error", "message"), request_id=("requestId",)),
    denied={"access_denied": None, "maximum_amount_exceeded": "amount"},
    unsupported=frozenset(["invalid_rule"]),
    simulation=Simulation(
        argument="simulation", member="simulation", filter="execution_mode", simulated="SIMULATION", live="LIVE"
    ),
    idempotency=Idempotency(
        header="idempotency-key",
        kept_for=86400.0,
        mismatch=frozenset(["idempotency_key_mismatch"]),
        in_progress=("in_progress",),
    ),
    scopes={
        "READ_ACCOUNTS": "server",
        "CREATE_ACCOUNTS": "organization",
        "READ_TRANSFERS": "path",
        "READ_RULES": "server",
        "CREATE_AND_EDIT_RULES": "server",
        "TRIGGER_RULES": "path",
        "MANUAL_TRANSFER": "body",
        "READ_AUDIT_LOGS": "organization",
    },
    operations=Operations(
        __package__ or "",
        {
            "listAccounts": (".api.accounts.list_accounts", "LIST_ACCOUNTS"),
            "createAccount": (".api.accounts.create_account", "CREATE_ACCOUNT"),
            "getAccount": (".api.accounts.get_account", "GET_ACCOUNT"),
            "listAccountTransfers": (".api.accounts.list_account_transfers", "LIST_ACCOUNT_TRANSFERS"),
            "listBeneficiaries": (".api.accounts.list_beneficiaries", "LIST_BENEFICIARIES"),
            "listRules": (".api.rules.list_rules", "LIST_RULES"),
            "createRule": (".api.rules.create_rule", "CREATE_RULE"),
            "getRule": (".api.rules.get_rule", "GET_RULE"),
            "updateRule": (".api.rules.update_rule", "UPDATE_RULE"),
            "triggerRule": (".api.rules.trigger_rule", "TRIGGER_RULE"),
            "listRuleExecutions": (".api.rules.list_rule_executions", "LIST_RULE_EXECUTIONS"),
            "getRuleExecution": (".api.rules.get_rule_execution", "GET_RULE_EXECUTION"),
            "listTransfers": (".api.transfers.list_transfers", "LIST_TRANSFERS"),
            "createTransfer": (".api.transfers.create_transfer", "CREATE_TRANSFER"),
            "getTransfer": (".api.transfers.get_transfer", "GET_TRANSFER"),
            "listExternalTransactions": (
                ".api.external_transactions.list_external_transactions",
                "LIST_EXTERNAL_TRANSACTIONS",
            ),
            "getExternalTransaction": (
                ".api.external_transactions.get_external_transaction",
                "GET_EXTERNAL_TRANSACTION",
            ),
            "listCardTransactions": (".api.card_transactions.list_card_transactions", "LIST_CARD_TRANSACTIONS"),
            "getCardTransaction": (".api.card_transactions.get_card_transaction", "GET_CARD_TRANSACTION"),
            "listAuditLogs": (".api.audit_logs.list_audit_logs", "LIST_AUDIT_LOGS"),
        },
    ),
)
