"""Brings a warehouse up to date: a DuckDB database, or a folder of Parquet files. Run it every night; it only reads.

    SEQUENCE_API_KEY=… python examples/warehouse/load.py --duckdb warehouse.duckdb
    python examples/warehouse/load.py --parquet lake --key main=MAIN_KEY --key payroll=PAYROLL_KEY

A run that fails, or is killed, loses and doubles nothing: the next one goes on from the last that was whole.
"""

import argparse
import logging
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")  # dlt reports its use to its makers otherwise
# A command has few failures that a person should see as more than a sentence; dlt's own log would repeat them.
os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")

import dlt
from dlt.pipeline.exceptions import PipelineStepFailed

from sequence_sdk import APIError, AuthenticationError, PlatformClient, SequenceError
from sequence_source import COLUMNS, make_client, never_skip, sequence, skip_refused, utc_now

logger = logging.getLogger("load")

DATASET = "sequence"


def options_of(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    to = parser.add_mutually_exclusive_group(required=True)
    to.add_argument("--duckdb", metavar="FILE", type=Path, help="the database; it is made if it is not there")
    to.add_argument("--parquet", metavar="FOLDER", type=Path, help="the folder; each run adds files to it")
    key = "an API key: a label that stays the same, and the environment variable that holds the key; may be repeated"
    key = f"{key} (main=SEQUENCE_API_KEY)"
    parser.add_argument("--key", metavar="LABEL=VARIABLE", action="append", type=labelled, help=key)
    begin = "from when on transfers are loaded the first time, UTC (%(default)s)"
    parser.add_argument("--begin", metavar="DATE", type=moment, default="2024-01-01", help=begin)
    again = "read everything from then on once more, such as once a month for what changed late"
    parser.add_argument("--again", metavar="DATE", type=moment, help=again)
    overlap = "for how many days any change of a status is found, 0 to 14 (%(default)s)"
    parser.add_argument("--overlap", metavar="DAYS", type=days, default=14.0, help=overlap)
    parser.add_argument("--only", metavar="TABLE", nargs="+", choices=COLUMNS, help=f"some of {', '.join(COLUMNS)}")
    parser.add_argument("--strict", action="store_true", help="load nothing if the key may not read something")
    options = parser.parse_args(arguments)
    labels = [label for label, _ in options.key or ()]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        parser.error(f"--key gives {', '.join(twice)} twice: each key needs a label of its own")
    if options.duckdb and options.duckdb.stem == DATASET:
        parser.error(f"give the database another name: in DuckDB, {DATASET!r} would be both it and the schema in it")
    return options


def moment(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def labelled(text: str) -> tuple[str, str]:
    label, _, variable = text.partition("=")
    if not (label and variable):
        raise argparse.ArgumentTypeError(f"{text!r} is not LABEL=VARIABLE, such as main=SEQUENCE_API_KEY")
    return label, variable


def days(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 14:  # nan is not, either
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to 14")
    return number


def keys_of(options: argparse.Namespace) -> dict[str, str]:
    """The API keys by their labels."""
    named = dict(options.key or [("main", "SEQUENCE_API_KEY")])
    if missing := [variable for variable in named.values() if not os.environ.get(variable)]:
        sys.exit(f"not set: {', '.join(missing)}")
    return {label: os.environ[variable] for label, variable in named.items()}


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a lock that the system gives up when this process ends, however it does."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "lock.db", timeout=0)) as lock:
        try:
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError:
            sys.exit(f"another run is loading: it holds {folder}")
        yield


def remove_torn(folder: Path) -> None:
    """Remove the files that a run was writing when it was killed: nothing can read them."""
    for pattern, end in (("*.parquet", b"PAR1"), ("*.jsonl", b"}")):
        for path in folder.glob(f"*/{pattern}"):
            with path.open("rb") as file:
                file.seek(max(0, path.stat().st_size - 8))
                is_whole = file.read().rstrip().endswith(end)
            if not is_whole:
                path.unlink()


def run(
    options: argparse.Namespace, connect: Callable[[str], PlatformClient], now: Callable[[], datetime]
) -> tuple[dict[str, int], bool]:
    """Load what is new, and give the number of rows of each table, and whether every key was valid.

    Raises:
        PipelineStepFailed: Something could not be read, or not be loaded; the next run begins where this one did.
    """
    to: Path = (options.duckdb or options.parquet).resolve()
    work = to.with_name(f"{to.name}.work")
    invalid = []

    def skip(what: str, error: APIError) -> None:
        """Go on with the other keys where one is not valid any more."""
        if not isinstance(error, AuthenticationError):
            skip_refused(what, error)
            return
        invalid.append(what)
        logger.error("%s: %s", what, error)

    source = sequence(
        keys_of(options),
        begin=options.begin,
        again=options.again,
        overlap=timedelta(days=options.overlap),
        on_failure=never_skip if options.strict else skip,
        connect=connect,
        now=now,
    )
    if options.only:
        source = source.with_resources(*options.only)
    into: dict[str, Any] = {"destination": dlt.destinations.duckdb(str(to))}
    how: dict[str, Any] = {}
    if options.parquet:
        into = {"destination": dlt.destinations.filesystem(to.as_uri())}
        how = {"loader_file_format": "parquet", "write_disposition": "append"}
    with alone(work):
        if options.parquet:
            remove_torn(to / DATASET)
        # What a run left half done is read again, and not loaded: it may be older than what is there by now. dlt then
        # takes its state, and with it the tokens, from the destination, where they are of the last whole load.
        shutil.rmtree(work / DATASET, ignore_errors=True)
        pipeline = dlt.pipeline(DATASET, dataset_name=DATASET, pipelines_dir=str(work), **into)
        pipeline.run(source, **how)
        counts = pipeline.last_trace.last_normalize_info.row_counts
        shutil.rmtree(work / DATASET, ignore_errors=True)
    return {table: counts.get(table, 0) for table in options.only or COLUMNS}, not invalid


def main(
    arguments: Sequence[str] | None = None,
    connect: Callable[[str], PlatformClient] = make_client,
    now: Callable[[], datetime] = utc_now,
) -> int:
    options = options_of(arguments)
    logging.basicConfig(format="%(message)s", stream=sys.stderr)
    # Where one thing fails, dlt ends the reading of all others in the middle, of which asyncio tells that it did.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        counts, is_whole = run(options, connect, now)
    except PipelineStepFailed as error:
        cause: BaseException = error
        while not isinstance(cause, SequenceError) and cause.__cause__:
            cause = cause.__cause__
        print(f"this run failed, and the next one begins where it did: {cause}", file=sys.stderr)
        return 1
    print(", ".join(f"{number} {table}" for table, number in counts.items()))
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
