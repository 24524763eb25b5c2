"""The annual run: one year in, one release out."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

from flows.orchestrate import publish_under_prefect  # first: it settles Prefect before Prefect is imported
from flows.steps import Order, new_run_id
from warehouse import store

from prefect import flow  # isort: skip

FIRST_MONTH = 9


def this_school_year() -> int:
    """Return the year in which the current school year began; statistics are as of 1 September."""
    today = datetime.date.today()
    return today.year if today.month >= FIRST_MONTH else today.year - 1


@flow(name="annual", validate_parameters=False)
def annual(
    stat_year: int | None = None,
    home: str | Path | None = None,
    inbox: str | Path | None = None,
    run_id: str | None = None,
    standard_ids: tuple[str, ...] = (),
    counties: tuple[str, ...] = (),
    confirmation: tuple[str, str] | None = None,
    spark: tuple[str, str] | None = None,
    copies: tuple[str, ...] | None = None,
) -> Any:
    """Take in one year (by default the current school year) and publish.

    Returns the outcome to the command, which gives a run_id; to Prefect the state the run ends in.
    """
    folder = store.home(Path(home) if home else None)
    files = Path(inbox) if inbox else folder / "inbox"
    year = stat_year or this_school_year()
    order = Order(
        (year,), folder, files, run_id or new_run_id(), tuple(standard_ids), tuple(counties),
        confirmation=tuple(confirmation) if confirmation else None, spark=tuple(spark) if spark else None,
        copies=None if copies is None else tuple(copies),
    )  # fmt: skip
    return publish_under_prefect(order, is_started_here=run_id is None)
