"""The backfill: a range of years in, one release out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flows.orchestrate import publish_under_prefect  # first: it settles Prefect before Prefect is imported
from flows.steps import Order, new_run_id
from warehouse import store

from prefect import flow  # isort: skip


@flow(name="backfill", validate_parameters=False)
def backfill(
    first_year: int,
    last_year: int,
    home: str | Path | None = None,
    inbox: str | Path | None = None,
    run_id: str | None = None,
    standard_ids: tuple[str, ...] = (),
    counties: tuple[str, ...] = (),
    confirmation: tuple[str, str] | None = None,
    spark: tuple[str, str] | None = None,
    copies: tuple[str, ...] | None = None,
) -> Any:
    """Take in every year from the first to the last and publish once.

    Returns the outcome to the command, which gives a run_id; to Prefect the state the run ends in.
    """
    folder = store.home(Path(home) if home else None)
    files = Path(inbox) if inbox else folder / "inbox"
    years = tuple(range(first_year, last_year + 1))
    order = Order(
        years, folder, files, run_id or new_run_id(), tuple(standard_ids), tuple(counties),
        confirmation=tuple(confirmation) if confirmation else None, spark=tuple(spark) if spark else None,
        copies=None if copies is None else tuple(copies),
    )  # fmt: skip
    return publish_under_prefect(order, is_started_here=run_id is None)
