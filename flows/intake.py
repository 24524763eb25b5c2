"""What arrived: each year with a file not read yet, or left by a run that a crash stopped, is taken in; one release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flows.orchestrate import publish_under_prefect  # first: it settles Prefect before Prefect is imported
from flows.steps import Order, new_run_id, years_unfinished, years_with_news
from warehouse import store

from prefect import flow  # isort: skip
from prefect.states import Completed  # isort: skip


@flow(name="intake", validate_parameters=False)
def intake(home: str | Path | None = None, inbox: str | Path | None = None) -> Any:
    """Take in the years that have news or were left unfinished and publish; without any nothing is touched.

    Returns the state the run ends in.
    """
    folder = store.home(Path(home) if home else None)
    files = Path(inbox) if inbox else folder / "inbox"
    try:
        with store.lock(folder, "intake"):
            years = tuple(sorted({*years_with_news(folder, files), *years_unfinished(folder)}))
        if not years:
            return Completed(name="Nothing new", message="收件夹没有新文件 / nothing new in the inbox")
        return publish_under_prefect(Order(years, folder, files, new_run_id()), is_started_here=True)
    except store.Busy as busy:  # whoever holds it publishes; what is new then waits for the next hour
        return Completed(name="Busy", message=str(busy))
