"""How the steps run under Prefect: settings of the project's own, steps as tasks of one flow, artifacts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flows.sequence import Outcome, run_years
from flows.steps import Order
from transforms import summarise
from warehouse import store

DISK_STEPS = {"land_files", "read_files", "publish"}
"""Steps that the world can make fail (a share that is away, a full disk): tried again; wrong data are not."""


def settle(home: Path) -> None:
    """Set Prefect's home, analytics and start-up time-out for this process, unless the user has set them."""
    defaults = {
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_UI_ENABLED": "false",
    }
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


settle(store.home())

from prefect import task  # noqa: E402  (Prefect reads its settings when it is imported)
from prefect.artifacts import create_markdown_artifact, create_table_artifact  # noqa: E402
from prefect.cache_policies import NO_CACHE  # noqa: E402


def is_of_the_world(_task: Any, _run: Any, state: Any) -> bool:
    """Return whether a failed task failed by files or disk, and may be tried again."""
    return isinstance(state.result(raise_on_failure=False), OSError) and not isinstance(
        state.result(raise_on_failure=False), FileNotFoundError
    )


def as_task(step: Any, *arguments: Any) -> Any:
    """Run a step as a task of the flow that is running; our own ledger, not a cache, decides what is done already."""
    retried = step.__name__ in DISK_STEPS
    made = task(
        step,
        name=step.__name__,
        retries=3 if retried else 0,
        retry_delay_seconds=[1, 5, 20] if retried else None,
        retry_condition_fn=is_of_the_world if retried else None,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    return made(*arguments)


def publish_under_prefect(order: Order) -> Outcome:
    """Run the order with each step as a task of the flow that is running, and leave its artifacts."""
    outcome = run_years(order, as_task)
    leave_artifacts(order, outcome)
    return outcome


def leave_artifacts(order: Order, outcome: Outcome) -> None:
    """Leave the coefficients as a table and a summary as Markdown, under stable keys."""
    rows = summarise.coefficients(outcome.release.folder, list(order.stat_years))
    create_table_artifact(
        key="coefficients",
        table=[{name: str(value) for name, value in row.items()} for row in rows],
        description="校际差异系数 / inter-school difference coefficients",
    )
    create_markdown_artifact(key="summary", markdown=summary(order, outcome), description="资源配置汇总")


def summary(order: Order, outcome: Outcome) -> str:
    """Return the run in Markdown: release, rows taken in, the resource part of each county-year, what is held."""
    lines = [f"# {outcome.release.id}{'' if outcome.release.is_new else '(内容未变,未发布新版)'}", ""]
    lines += [f"- {one.stat_year}: {one.files} 个文件, {one.counts or '内容未变'}" for one in outcome.taken]
    lines += ["", "| 年度 | 县区 | 单位达标 | 差异系数达标 | 资源配置 |", "|---|---|---|---|---|"]
    for row in summarise.resource_part(outcome.release.folder, list(order.stat_years)):
        lines.append(
            f"| {row['stat_year']} | {row['county_name'] or row['county_code']} | {row['units_met']}/{row['units']}"
            f" | {row['coefficients_met']}/{row['coefficients']} | {row['resource_verdict_text']} |"
        )
    with store.connect(order.home, read_only=True) as con:
        held = store.held(con, list(order.stat_years))
    lines += [f"- 扣留 {county} {year}{'(仍为上次数据)' if stale else ''}" for county, year, stale in held]
    return "\n".join(lines)
