"""How the steps run under Prefect: settings of the project's own, steps as tasks of one flow, artifacts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows.sequence import Outcome, run_years
from flows.show import said
from flows.steps import Order, held_findings, logged
from transforms import summarise
from warehouse import release, store

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

DISK_STEPS = {"land_files", "read_files", "check_rows", "load_rows", "build_candidate", "publish"}
"""Steps that the world can make fail (a share that is away, a disk that is full, a store somebody reads): tried again;
wrong data are not. The gate is not among them: the process it asks answers once."""
WAITED_SECONDS = [1.0, 5.0, 20.0]
COEFFICIENTS = {
    "stat_year": "年度",
    "county_code": "县区",
    "stage_text": "学段",
    "item_code": "指标",
    "cv": "差异系数",
    "limit_value": "标准值",
    "verdict_text": "结论",
    "weighted_mean": "均值",
    "units": "单位数",
    "name_zh": "指标名称",
    "is_provisional": "暂定",
    "is_synthetic": "合成",
}
"""Column of a coefficient → its header in the table that Prefect shows, what matters first."""
RELEASE_FILES = {
    "release": "",
    "quality": "quality.html",
    "changes": "CHANGES.md",
    "workbook": "数据包.xlsx",
    "workbooks": "数据包",
    "database": "junheng.duckdb",
    "manifest": "manifest.json",
}
"""Key of an artifact → what of a release it leads to, where it is there."""


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


settle(store.home())  # before Prefect is imported, which reads its settings then: below it is imported where it is used

SHOWN_FINDINGS = 200


def is_of_the_world(_task: Any, _run: Any, state: Any) -> bool:
    """Return whether a failed task failed by files or disk, and may be tried again."""
    import duckdb

    problem = state.result(raise_on_failure=False)
    is_final = isinstance(problem, FileNotFoundError | release.Damaged)
    return isinstance(problem, OSError | duckdb.IOException) and not is_final


def as_task(step: Any, *arguments: Any) -> Any:
    """Run a step as a task of the flow that is running; our own ledger, not a cache, decides what is done already."""
    from prefect import task
    from prefect.cache_policies import NO_CACHE

    retried = step.__name__ in DISK_STEPS
    made = task(
        step,
        name=step.__name__,
        retries=len(WAITED_SECONDS) if retried else 0,
        retry_delay_seconds=WAITED_SECONDS if retried else None,
        retry_condition_fn=is_of_the_world if retried else None,
        cache_policy=NO_CACHE,
        persist_result=False,
    )
    return made(*arguments)


def publish_under_prefect(order: Order, *, is_started_here: bool = False) -> Outcome | State:
    """Run the order with each step as a task of the flow that is running, and leave its artifacts.

    A flow that Prefect started (schedule, deployment) takes the warehouse's lock and writes the run log itself, and
    ends as Completed, as Held (completed, but county-years are held back) or as Failed; the command does the first two.
    """
    from prefect.states import Completed

    if not is_started_here:
        outcome = run_years(order, as_task)
        leave_artifacts(order, outcome)
        return outcome
    with store.lock(order.home, "prefect"):
        outcome, held = logged(order, " ".join(("prefect", *map(str, order.stat_years))), _run_and_show)
    if held:
        places = sorted({f"{row['county_code'] or '?'} {row['stat_year']}" for row in held})
        return Completed(name="Held", message=f"扣留 / held: {'、'.join(places)}，{len(held)} 处错误 / errors")
    return Completed(message=f"{outcome.release.id}{'' if outcome.release.is_new else ' (内容未变 / unchanged)'}")


def _run_and_show(order: Order) -> Outcome:
    outcome = run_years(order, as_task)
    leave_artifacts(order, outcome)
    return outcome


def leave_artifacts(order: Order, outcome: Outcome) -> None:
    """Leave coefficients, summary, findings and links to the release's files, each under a key that stays the same."""
    from prefect.artifacts import create_link_artifact, create_markdown_artifact, create_table_artifact

    rows = summarise.coefficients(outcome.release.folder, list(order.stat_years))
    create_table_artifact(
        key="coefficients",
        table=[{header: said(row[name]) for name, header in COEFFICIENTS.items()} for row in rows],
        description="校际差异系数 / inter-school difference coefficients",
    )
    create_markdown_artifact(key="summary", markdown=summary(order, outcome), description="各县区结论")
    held = held_findings(order)
    shown = (
        "severity",
        "rule",
        "source_file",
        "source_sheet",
        "cell",
        "county_code",
        "value",
        "message_zh",
        "advice_zh",
    )
    create_table_artifact(
        key="findings",
        table=[{name: str(row[name] or "") for name in shown} for row in held[:SHOWN_FINDINGS]],
        description=f"扣留数据的问题，共 {len(held)} 处 / findings that hold something back",
    )
    for key, name in RELEASE_FILES.items():
        if (path := outcome.release.folder / name).exists():
            create_link_artifact(key=key, link=path.as_uri(), link_text=name or outcome.release.id)


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
    lines += ["", "| 标准 | 年度 | 县区 | 总体 | 口径 | 差距 |", "|---|---|---|---|---|---|"]
    for row in summarise.verdicts(outcome.release.folder, list(order.stat_years)):
        lines.append(
            f"| {row['standard_id']} | {row['stat_year']} | {row['county_name'] or row['county_code']}"
            f" | {row['overall_verdict_text']} | {row['robustness_text'] or '—'} | {row['obstacles']} 处 |"
        )
    lines.append("")
    with store.connect(order.home, read_only=True) as con:
        held = store.held(con, list(order.stat_years))
    lines += [f"- 扣留 {county} {year}{'(仍为上次数据)' if stale else ''}" for county, year, stale in held]
    return "\n".join(lines)
