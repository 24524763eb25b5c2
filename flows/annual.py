"""The annual run: one year in, one release out."""

from __future__ import annotations

from pathlib import Path

from flows.orchestrate import publish_under_prefect  # first: it settles Prefect before Prefect is imported
from flows.sequence import Outcome
from flows.steps import Order, new_run_id

from prefect import flow  # isort: skip


@flow(name="annual", validate_parameters=False)
def annual(
    stat_year: int,
    home: Path,
    inbox: Path,
    run_id: str | None = None,
    standard_ids: tuple[str, ...] = (),
    counties: tuple[str, ...] = (),
) -> Outcome:
    """Take in one year and publish; return what became of the rows, and the release."""
    order = Order((stat_year,), Path(home), Path(inbox), run_id or new_run_id(), tuple(standard_ids), tuple(counties))
    return publish_under_prefect(order)
