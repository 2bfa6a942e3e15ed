"""Prints records: as a table that fits the terminal, as JSON, or as CSV."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO
from typing import Literal, TextIO, TypeAlias

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
        encoding = str(getattr(sys.stdout, "encoding", ""))
        _write(json.dumps(rows, indent=2, ensure_ascii=encoding.lower() != "utf-8"))
    elif form == "csv":
        text = StringIO()
        lines = csv.writer(text, lineterminator="\n")
        lines.writerow(kind.headings)
        lines.writerows(cells(kind, row) for row in rows)
        _write(text.getvalue().removesuffix("\n"))
    else:
        _write_table(kind, rows, last)


def _write_table(kind: Kind, rows: Sequence[Row], last: Sequence[str]) -> None:
    console, drawn = Console(soft_wrap=False, highlight=False), table(kind, rows, last)
    lines = console.render_lines(drawn, pad=False)
    shown = {word for line in lines for word in "".join(segment.text for segment in line).split()}
    if not all(shown.issuperset(column.text(row).split()) for row in rows for column in kind.columns):
        _write("\n\n".join([*(block(kind, row) for row in rows), *([": ".join(filter(None, last))] if last else [])]))
        return
    with console.capture() as captured:
        console.print(drawn)
    _write(captured.get().removesuffix("\n"), is_safe=True)


def block(kind: Kind, row: Row) -> str:
    """A record in lines, for where its table has no room: nothing of it is left out or broken."""
    texts = ((column.title, column.text(row).replace("\n", ", ")) for column in kind.columns)
    return "\n".join(f"{title or 'Remark'}: {text}" for title, text in texts if text)


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
    """Say something beside the output. Where nobody can hear it, nothing else changes."""
    if sys.stderr is None:  # it was closed, and print would take the output instead
        return
    try:
        print(_harmless(text), file=sys.stderr, flush=True)
    except (OSError, ValueError):
        silence(sys.stderr)


def silence(stream: TextIO | None) -> None:
    """Let what a stream still holds go nowhere: Python would fail on it at its end, and change the exit code."""
    if stream is None:
        return
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _write(text: str, *, is_safe: bool = False) -> None:
    if sys.stdout is None:
        raise OSError("the output is closed")
    try:
        print(_harmless(text) if sys.stdout.isatty() and not is_safe else text, flush=True)
    except BaseException:
        silence(sys.stdout)
        raise


def _harmless(text: str) -> str:
    return "\n".join(map(plain, text.split("\n")))
