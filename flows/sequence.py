"""The order of the steps, as a table of contents; `do` runs a step, as a plain call or as a Prefect task."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from flows import log, steps
from flows.steps import Order, Taken
from transforms import expect_process
from warehouse.release import Release

if TYPE_CHECKING:
    from transforms.admit import Admission
    from transforms.intake.land import Landed

Do = Callable[..., Any]


@dataclass(frozen=True)
class Outcome:
    """What came of an order: what became of each year's rows, the release that is now current, seconds by step."""

    taken: list[Taken]
    release: Release
    seconds: list[tuple[str, float]]
    admission: Admission


def run_years(order: Order, do: Do, asked: expect_process.Child | None = None) -> Outcome:
    """Take in every year of the order, then publish once.

    `asked`: the process that loads Great Expectations, where the caller started it earlier still.
    Raises FileNotFoundError for a year without files, steps.GateClosed when the candidate must not be published.
    """
    seconds: list[tuple[str, float]] = []

    def timed(step: Any, *arguments: Any) -> Any:
        begun = time.perf_counter()
        result = do(step, *arguments)
        taken_seconds = time.perf_counter() - begun
        seconds.append((step.__name__, taken_seconds))
        log.write(order.home, order.run_id, "step", name=step.__name__, seconds=round(taken_seconds, 3))
        return result

    with nullcontext(asked) if asked else expect_process.child() as ready:  # it imports while the years are taken in
        taken = [take_year(order.of_year(stat_year), timed) for stat_year in order.stat_years]
        published, admission = release_all(order, timed, ready)
    return Outcome(taken, published, seconds, admission)


def take_year(order: Order, do: Do) -> Taken:
    """Take in one year: land, then read, check, load, lot by lot where its files are many."""
    files = do(steps.land_files, order)
    lots = steps.lots_of(order, files)
    first, *others = (
        take_lot(replace(order, lot=(number, len(lots))), do, lot) for number, lot in enumerate(lots, start=1)
    )
    return sum(others, start=first)


def take_lot(order: Order, do: Do, files: list[Landed]) -> Taken:
    """Take in some files of a year that no others share a county with: read, check, load."""
    gathered = do(steps.read_files, order, files)
    batch = do(steps.check_rows, order, gathered)
    return do(steps.load_rows, order, files, gathered, batch)


def release_all(order: Order, do: Do, asked: expect_process.Child) -> tuple[Release, Admission]:
    """Rebuild the facts of all loaded years and publish them: model, gate, publish."""
    do(steps.build_candidate, order)
    admission = do(steps.pass_gate, order, asked)
    return do(steps.publish, order, admission), admission
