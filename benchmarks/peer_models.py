"""A page of our transfers as other libraries would model it: the same members, of the same types."""

# Annotations are not postponed here: pydantic and msgspec read them while the functions run.
import importlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, List, Literal, Optional, TypeVar, cast  # noqa: UP035 - as Stainless writes them

AccountType = Literal["income_source", "pod", "external_account"]
Direction = Literal["money_in", "money_out", "internal"]
Origin = Literal["paycheck", "check_deposit", "cashback", "user_pull", "rule", "user", "external_pull"]
Status = Literal["pending_approval", "processing", "pending", "complete", "incomplete", "error", "cancelled"]

T = TypeVar("T")


def pydantic_page() -> Any:
    """The model of a page, for pydantic."""
    import pydantic  # noqa: PLC0415 - only where it is measured

    class AccountReference(pydantic.BaseModel):
        id: str
        name: str
        type: AccountType

    class Transfer(pydantic.BaseModel):
        id: str
        amount_in_cents: int
        direction: Direction
        origin: Origin
        status: Status
        created_at: datetime
        source: AccountReference | None = None
        destination: AccountReference | None = None
        rule_id: str | None = None
        rule_execution_id: str | None = None
        error_code: str | None = None
        completed_at: datetime | None = None

    class PageInfo(pydantic.BaseModel):
        has_next_page: bool
        end_cursor: str | None = None

    class TransferList(pydantic.BaseModel):
        request_id: str
        data: list[Transfer]
        page_info: PageInfo

    return TransferList


def msgspec_page() -> Any:
    """The type of a page, as msgspec's own kind of class."""
    import msgspec  # noqa: PLC0415 - only where it is measured

    class AccountReference(msgspec.Struct):
        id: str
        name: str
        type: AccountType

    class Transfer(msgspec.Struct):
        id: str
        amount_in_cents: int
        direction: Direction
        origin: Origin
        status: Status
        created_at: datetime
        source: AccountReference | None = None
        destination: AccountReference | None = None
        rule_id: str | None = None
        rule_execution_id: str | None = None
        error_code: str | None = None
        completed_at: datetime | None = None

    class PageInfo(msgspec.Struct):
        has_next_page: bool
        end_cursor: str | None = None

    class TransferList(msgspec.Struct):
        request_id: str
        data: list[Transfer]
        page_info: PageInfo

    return TransferList


def stainless_page(package: str) -> tuple[Any, Any]:
    """The classes of a page and of a transfer as Stainless would write them, on the base classes of one of its SDKs."""
    base_client = importlib.import_module(f"{package}._base_client")
    BaseModel = importlib.import_module(f"{package}._models").BaseModel  # noqa: N806 - as it is named there

    class AccountReference(BaseModel):
        id: str
        name: str
        type: AccountType

    class Transfer(BaseModel):
        id: str
        amount_in_cents: int
        direction: Direction
        origin: Origin
        status: Status
        created_at: datetime
        source: Optional[AccountReference] = None  # noqa: UP045 - as Stainless writes it
        destination: Optional[AccountReference] = None  # noqa: UP045
        rule_id: Optional[str] = None  # noqa: UP045
        rule_execution_id: Optional[str] = None  # noqa: UP045
        error_code: Optional[str] = None  # noqa: UP045
        completed_at: Optional[datetime] = None  # noqa: UP045

    class PageInfo(BaseModel):
        has_next_page: bool
        end_cursor: Optional[str] = None  # noqa: UP045

    class TransferPage(base_client.BaseAsyncPage[T], base_client.BasePage[T], Generic[T]):
        request_id: str
        data: List[T]  # noqa: UP006
        page_info: PageInfo

        def _get_page_items(self) -> list[T]:
            return self.data

        def next_page_info(self) -> Any:
            if not self.page_info.has_next_page:
                return None
            return base_client.PageInfo(params={"after": self.page_info.end_cursor})

    return TransferPage, Transfer


def stainless_decoder(package: str, client: Any) -> Callable[[bytes], Any]:
    """What a Stainless SDK does with the bytes of a page, once HTTP is through with them."""
    import json  # noqa: PLC0415

    import httpx  # noqa: PLC0415 - only where it is measured

    page, transfer = stainless_page(package)
    response = httpx.Response(200)
    cast_to = cast("Any", page[transfer])

    def decode(body: bytes) -> Any:
        return client._process_response_data(data=json.loads(body), cast_to=cast_to, response=response)

    return decode
