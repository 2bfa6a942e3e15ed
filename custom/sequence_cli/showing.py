"""Prints records: as a table that fits the terminal, as JSON, or as CSV."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from io import StringIO
from typing import Literal, TypeAlias

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from .records import Kind, Row, cells, plain

Form: TypeAlias = Literal["table", "json", "csv"]


def show(kind: Kind, rows: Sequence[Row], form: Form, *, last: Sequence[str] = ()) -> None:
    """Print records.

    Args:
        kind: Of which kind they are.
        rows: The records.
        form: As what.
        last: What stands below the columns of a table, such as a sum.
    """
    if form == "json":
        _write(json.dumps(rows, indent=2, ensure_ascii=sys.stdout.encoding.lower() != "utf-8"))
    elif form == "csv":
        text = StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(kind.headings)
        lines.writerows(cells(kind, row) for row in rows)
        _write(text.getvalue().removesuffix("\n"))
    else:
        Console(soft_wrap=False, highlight=False).print(table(kind, rows, last))


def table(kind: Kind, rows: Sequence[Row], last: Sequence[str] = ()) -> Table:
    """Records as a table."""
    drawn = Table(box=SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0), show_footer=bool(last))
    footer = dict(enumerate(last))
    for number, column in enumerate(kind.columns):
        drawn.add_column(
            column.title,
            footer.get(number, ""),
            justify="right" if column.to_the_right else "left",
            no_wrap=column.whole,
            overflow="fold",
        )
    for row in rows:
        drawn.add_row(*(Text(column.text(row)) for column in kind.columns))
    return drawn


def note(text: str) -> None:
    """Say something beside the output."""
    print(_harmless(text), file=sys.stderr, flush=True)


def _write(text: str) -> None:
    print(_harmless(text) if sys.stdout.isatty() else text)


def _harmless(text: str) -> str:
    return "\n".join(map(plain, text.split("\n")))
