"""The backfill: a range of years in, one release out."""

from __future__ import annotations

from pathlib import Path

from flows.orchestrate import publish_under_prefect  # first: it settles Prefect before Prefect is imported
from flows.sequence import Outcome
from flows.steps import Order, new_run_id

from prefect import flow  # isort: skip


@flow(name="backfill", validate_parameters=False)
def backfill(
    first_year: int,
    last_year: int,
    home: Path,
    inbox: Path,
    run_id: str | None = None,
    standard_ids: tuple[str, ...] = (),
    counties: tuple[str, ...] = (),
) -> Outcome:
    """Take in every year from the first to the last and publish once; return what became of them, and the release."""
    years = tuple(range(first_year, last_year + 1))
    order = Order(years, Path(home), Path(inbox), run_id or new_run_id(), tuple(standard_ids), tuple(counties))
    return publish_under_prefect(order)
