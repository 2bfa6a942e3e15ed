"""What all operations of the Sequence API v1 have in common."""

from sequence_runtime import Contract, CursorPages, ErrorFormat, Idempotency, Operations

ID_PREFIXES: tuple[str, ...] = ("acc_", "card_", "ctxr_", "req_", "rex_", "rule_", "txr_")
"""What IDs begin with that are told apart by it."""

CURSOR_PAGES = CursorPages(
    size="first", largest=100, position="after", more="page_info.has_next_page", cursor="page_info.end_cursor"
)

CONTRACT = Contract(
    name="Sequence API v1",
    documentation="https://cartesio.getsequence.io/docs",
    base_url="https://api.getsequence.io/api/v1",
    short_name="v1",
    base_url_variable="SEQUENCE_BASE_URL",
    other_base_url_variables=("SEQUENCE_PLATFORM_BASE_URL",),
    api_key_variable="SEQUENCE_API_KEY",
    auth_scheme="ApiKey",
    request_id="X-Request-ID",
    rate_limit=(100, 60.0),
    errors=ErrorFormat(code=("error", "code"), message=("error", "message"), request_id=()),
    denied={"forbidden": None, "maximum_amount_exceeded": "amount"},
    idempotency=Idempotency(
        header="Idempotency-Key",
        kept_for=86400.0,
        mismatch=frozenset(["idempotency_key_mismatch"]),
        in_progress=("in_progress",),
    ),
    scopes={
        "LIST_ACCOUNTS": "none",
        "READ_ACCOUNTS": "path",
        "READ_CARDS": "query",
        "READ_TRANSFERS": "query",
        "MANUAL_TRANSFER": "body",
        "LIST_RULES": "none",
        "READ_RULES": "path",
        "TRIGGER_RULES": "path",
        "READ_RULE_EXECUTIONS": "query",
    },
    operations=Operations(
        __package__ or "",
        {
            "listAccounts": (".api.accounts.list_accounts", "LIST_ACCOUNTS"),
            "getAccount": (".api.accounts.get_account", "GET_ACCOUNT"),
            "listCards": (".api.cards.list_cards", "LIST_CARDS"),
            "getCard": (".api.cards.get_card", "GET_CARD"),
            "listCardTransactions": (".api.cards.list_card_transactions", "LIST_CARD_TRANSACTIONS"),
            "listTransfers": (".api.transfers.list_transfers", "LIST_TRANSFERS"),
            "createTransfer": (".api.transfers.create_transfer", "CREATE_TRANSFER"),
            "getTransfer": (".api.transfers.get_transfer", "GET_TRANSFER"),
            "listRules": (".api.rules.list_rules", "LIST_RULES"),
            "getRule": (".api.rules.get_rule", "GET_RULE"),
            "triggerRule": (".api.rules.trigger_rule", "TRIGGER_RULE"),
            "listRuleExecutions": (".api.rule_executions.list_rule_executions", "LIST_RULE_EXECUTIONS"),
            "getRuleExecution": (".api.rule_executions.get_rule_execution", "GET_RULE_EXECUTION"),
        },
    ),
)
