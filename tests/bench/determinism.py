"""The same facts whatever the way: threads, memory, order of rows and files, years together or one by one, lots.

python -m tests.bench.determinism [county|city|province]: prints a table of hashes; exit code 1 if they are not one.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts import standard
from flows import sequence, steps
from transforms import model
from transforms.intake import share_out
from transforms.synthesize import nation
from warehouse import release

YEARS = (2022, 2023)
FEW_SITES = 12
"""So few sites at once make many lots of the smallest size."""


@dataclass(frozen=True)
class Way:
    """One way to the facts: how the inputs are taken in, and with what the models run."""

    name: str
    threads: int = 2
    memory: str | None = None
    is_shuffled: bool = False
    is_year_by_year: bool = False
    lot_bytes: int = share_out.LOT_BYTES
    sites_at_once: int = model.SITES_AT_ONCE


WAYS = (
    Way("2 threads"),
    Way("1 thread", threads=1),
    Way("4 threads", threads=4),
    Way("500 MB of memory", memory="500MB"),
    Way("rows and files shuffled", is_shuffled=True),
    Way("year by year, last year first", is_year_by_year=True),
    Way("files in lots", lot_bytes=1),
    Way("counties in lots", sites_at_once=FEW_SITES),
    Way("all of it", threads=4, memory="500MB", is_shuffled=True, lot_bytes=1, sites_at_once=FEW_SITES),
)


def matrix(
    size: nation.Size, scratch: Path, note: Callable[[str, str], None] | None = None, ways: tuple[Way, ...] = WAYS
) -> dict[str, str]:
    """Return way → content hash of the published tables; `note` is called with each."""
    inbox = scratch / "inbox"
    nation.write(inbox, size, YEARS)
    found = {}
    for number, way in enumerate(ways):
        home = scratch / f"home-{number}"
        take_in(home, _shuffled(inbox, scratch / f"inbox-{number}") if way.is_shuffled else inbox, way)
        found[way.name] = facts(home, way)
        if note:
            note(way.name, found[way.name])
    return found


def take_in(home: Path, inbox: Path, way: Way) -> None:
    """Take all years into a new warehouse, without publishing."""
    order = steps.Order(YEARS, home, inbox, steps.new_run_id())
    steps.open_run(order, "determinism")
    years = sorted(YEARS, reverse=way.is_year_by_year)

    def do(step: Callable, *arguments: object) -> object:
        return step(*arguments)

    whole = share_out.lots
    share_out.lots = lambda files, last_year: whole(files, last_year, way.lot_bytes)
    try:
        for year in years:
            sequence.take_year(order.of_year(year), do)
            if way.is_year_by_year:
                facts(home, way)
    finally:
        share_out.lots = whole


def facts(home: Path, way: Way) -> str:
    """Build the candidate of a warehouse and return the hash of all that it would publish."""
    with release.open_candidate(home, threads=way.threads, memory=way.memory) as con:
        model.build(con, standard.load_all(), sites_at_once=way.sites_at_once)
    with (
        release.connect_candidate(home, threads=way.threads, memory=way.memory) as con,
        tempfile.TemporaryDirectory() as at,
    ):
        return release.hash_of(release.write_tables(con, Path(at)))


def _shuffled(inbox: Path, to: Path) -> Path:
    """Return a copy of an inbox with the rows of every file in another order, and files and folders of other names."""
    dice = random.Random(7)
    for path in sorted(inbox.glob("*/*/*.csv")):
        year, folder = path.parts[-3:-1]
        moved = to / year / f"{dice.randrange(10)}-{folder}" / path.name
        moved.parent.mkdir(parents=True, exist_ok=True)
        rows = pl.read_csv(path, infer_schema=False)
        rows.sample(fraction=1, shuffle=True, seed=dice.randrange(99)).write_csv(moved)
    return to


def main() -> None:
    """Print the table of hashes."""
    size = nation.SIZES[sys.argv[1] if len(sys.argv) > 1 else "county"]
    print("| way | hash of all published tables |\n|---|---|")
    with tempfile.TemporaryDirectory(prefix="junheng-ways-") as folder:
        found = matrix(size, Path(folder), lambda way, said: print(f"| {way} | {said} |", flush=True))
    sys.exit(len(set(found.values())) > 1)


if __name__ == "__main__":
    main()
