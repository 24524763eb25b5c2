"""What people see: a run in words, the resource part as a table, findings one by one; or all of it as JSON."""

from __future__ import annotations

import codecs
import io
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from flows.sequence import Outcome
    from flows.steps import Order, Taken
    from transforms.audit import Audit

SHOWN_FINDINGS = 20
PLAINER = {"›": ">", "㎡": "m2", "≥": ">=", "≤": "<=", "×": "x", "÷": "/", "−": "-", "—": "-", "…": "..."}


def _plainer(problem: UnicodeError) -> tuple[str, int]:
    """Return plainer signs for what a console (GBK, ASCII) has no code for: no sentence is lost over one sign."""
    if not isinstance(problem, UnicodeEncodeError):
        raise problem
    said = problem.object[problem.start : problem.end]
    return "".join(PLAINER.get(sign, "?") for sign in said), problem.end


codecs.register_error("plainer", _plainer)
for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="plainer")
SHOWN_FLIPS = 20
SEVERITIES = {"error": ("错误", "red"), "warning": ("提醒", "yellow"), "note": ("注意", "cyan")}
"""Severity of a cross-check → word and colour, worst first."""

screen = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 120)
messages = Console(stderr=True, highlight=False, soft_wrap=True)


def show_outcome(
    order: Order, outcome: Outcome, held: list[dict[str, Any]], imported: float, total: float, *, as_json: bool
) -> None:
    """Print what came of a run: rows, findings that hold, the resource part, the release, seconds by step."""
    from transforms import compare, summarise

    folder = outcome.release.folder
    rows = summarise.resource_part(folder, list(order.stat_years)) if folder.exists() else []
    verdicts = summarise.verdicts(folder, list(order.stat_years)) if folder.exists() else []
    if as_json:
        facts = outcome_facts(order, outcome, held, imported, total)
        show_json(facts | {"resource_part": rows, "verdicts": verdicts})
        return
    for one in outcome.taken:
        screen.print(f"{one.stat_year}：{one.files} 个文件，{rows_in_words(one)}")
    if held:
        screen.print(f"[red]有 {len(held)} 处错误，所涉县区被扣留 / held back by errors:[/red]")
        show_findings(held, as_json=False, limit=SHOWN_FINDINGS)
    show_resource_part(rows)
    show_verdicts(verdicts)
    if any(row["is_synthetic"] for row in rows):
        screen.print(
            "标「合成」的结果依据编造的数据，不说明任何真实学校 / rests on made-up data, says nothing of real schools"
        )
    fate = "新发布 / new" if outcome.release.is_new else "内容未变，未发布新版 / unchanged"
    screen.print(f"发布版 {outcome.release.id}（{'演练，未发布 / dry run' if order.is_dry_run else fate}）")
    if not order.is_dry_run:
        screen.print(f"  {folder}\n  {order.home / 'latest'}", markup=False)
    messages.print(f"变化：{compare.sentence(outcome.admission.difference)}", markup=False)
    for flip in outcome.admission.difference.flips[:SHOWN_FLIPS]:
        messages.print(f"  {flip.words}", markup=False)
    in_gate = "，".join(f"{name} {value:.2f}" for name, value in outcome.admission.seconds)
    by_step = "，".join(
        f"{name} {value:.2f}{f'［{in_gate}］' if name == 'pass_gate' else ''}" for name, value in outcome.seconds
    )
    own = sum(value for _, value in outcome.seconds)
    messages.print(f"用时 {total:.1f} 秒：载入程序库 {imported:.2f}，各步骤 {own:.2f}（{by_step}）", markup=False)


def show_json(content: Any) -> None:
    """Print anything as JSON, Chinese as it is."""
    speaks_all = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(json.dumps(content, ensure_ascii=not speaks_all, indent=2, default=str))


def outcome_facts(
    order: Order, outcome: Outcome, held: list[dict[str, Any]], imported: float, total: float
) -> dict[str, Any]:
    """Return what came of a run, for machines."""
    return {
        "release": outcome.release.id,
        "is_new": outcome.release.is_new,
        "is_dry_run": order.is_dry_run,
        "taken": [{"stat_year": one.stat_year, "files": one.files, **one.counts} for one in outcome.taken],
        "held": held,
        "seconds": [[name, round(value, 3)] for name, value in outcome.seconds],
        "seconds_of_gate": [[name, round(value, 3)] for name, value in outcome.admission.seconds],
        "checks": len(outcome.admission.checks),
        "compared_with": outcome.admission.difference.base,
        "flips": [asdict(flip) for flip in outcome.admission.difference.flips],
        "seconds_of_imports": round(imported, 3),
        "seconds_in_all": round(total, 3),
    }


def rows_in_words(taken: Taken) -> str:
    """Return where the rows of a year went, or that nothing was read."""
    counts = taken.counts
    if not counts:
        return "文件未变，未重读"
    return (
        f"收到 {counts['rows_in']} 行 = 接收 {counts['rows_accepted']} + 隔离 {counts['rows_quarantined']}"
        f" + 跳过 {counts['rows_skipped']}；扣留县区 {counts['held']}，暂定 {counts['provisional']}"
    )


def said(value: Any) -> str:
    """Return a figure as people read it: four decimals without trailing zeros, 是 or 否, a dash for nothing."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    is_decimal = isinstance(value, float) or hasattr(value, "normalize")
    return f"{value:,.4f}".rstrip("0").rstrip(".") if is_decimal else str(value)


def show_resource_part(rows: list[dict[str, Any]]) -> None:
    """Print the resource part: one line per county and year."""
    from rich.table import Table

    table = Table(title="资源配置：校校达标与校际均衡 / resource part")
    heads = ("年度", "县区", "学校", "校区", "单位", "学生", "单位达标", "差异系数达标", "结论", "数据")
    for head in heads:
        table.add_column(head)
    for row in rows:
        marks = [
            name for name, key in (("暂定", "is_provisional"), ("旧", "is_stale"), ("合成", "is_synthetic")) if row[key]
        ]
        table.add_row(
            str(row["stat_year"]),
            str(row["county_name"] or row["county_code"]),
            *(str(row[name]) for name in ("schools", "sites", "units")),
            "—" if row["pupils"] is None else f"{row['pupils']:,}",
            f"{row['units_met']}/{row['units']}",
            f"{row['coefficients_met']}/{row['coefficients']}",
            str(row["resource_verdict_text"]),
            "、".join(marks) or "实报",
        )
    screen.print(table)


def show_verdicts(rows: list[dict[str, Any]]) -> None:
    """Print the verdict on each county, a table per standard: the parts, all together, how it hangs on readings."""
    from rich.table import Table

    heads = ("年度", "县区", "资源配置", "政府保障", "教育质量", "认可度", "前置条件", "一票否决", "总体", "差距")
    for standard_id in dict.fromkeys(row["standard_id"] for row in rows):
        found = [row for row in rows if row["standard_id"] == standard_id]
        names = ("recognition", "precondition", "veto")
        has_parts = any(row["government_components"] for row in found)
        table = Table(title=f"总体结论 {standard_id} / verdict")
        for head in heads if has_parts else (*heads[:3], *heads[-2:]):
            table.add_column(head, overflow="fold")
        for row in found:
            parts = [_of_part(row, name) for name in ("government", "quality")]
            parts += [str(row[f"{name}_verdict_text"] or "—") for name in names]
            table.add_row(
                str(row["stat_year"]), str(row["county_name"] or row["county_code"]), str(row["resource_verdict_text"]),
                *(parts if has_parts else ()),
                f"{row['overall_verdict_text']}（{row['robustness_text'] or '—'}）", f"{row['obstacles']} 处",
            )  # fmt: skip
        screen.print(table)


def _of_part(row: dict[str, Any], part: str) -> str:
    if row[f"{part}_components"] is None:
        return "—"
    return f"{row[f'{part}_met']}/{row[f'{part}_components']} {row[f'{part}_verdict_text']}"


def show_findings(found: list[dict[str, Any]], *, as_json: bool, limit: int | None) -> None:
    """Print findings one by one: severity, place, sentence and advice, Chinese first."""
    from transforms.intake import findings

    if as_json:
        show_json(found)
        return
    for row in found[:limit]:
        word, colour = ("错误", "red") if row["severity"] == "error" else ("提醒", "yellow")
        state = {"new": "新增 ", "still": "仍在 ", "closed": "已改 "}.get(row.get("state") or "", "")
        screen.print(f"[{colour}]{state}{word}[/{colour}] {row['rule']}", end=" ")
        column = findings.column_label(row["table_name"], row["column_name"])
        screen.print(f"{findings.placed(row)}{column}：{row['message_zh']}。{row['advice_zh']}", markup=False)
        screen.print(f"    {row['message_en']}; {row['advice_en']}", markup=False)
    if limit is not None and len(found) > limit:
        screen.print(f"    … 另有 {len(found) - limit} 处，见 junheng findings / and more")
    found = [row for row in found if row.get("state") != "closed"]
    errors = sum(row["severity"] == "error" for row in found)
    screen.print(
        f"共 {errors} 处错误、{len(found) - errors} 处提醒 / {errors} error(s), {len(found) - errors} warning(s)"
    )


def show_audit(audited: Audit, *, as_json: bool) -> None:
    """Print the audit: how many figures agree and why the others do not, what differs, what does not hold."""
    counts = audited.counts
    if as_json:
        show_json({"counts": counts, "figures": audited.figures, "checks": audited.checks})
        return
    screen.print(
        f"共 {counts['figures']} 个数字：{counts['agrees']} 个一致，{counts['differs']} 个不一致，"
        f"{counts['cannot_check']} 个无法核对 / {counts['agrees']} of {counts['figures']} agree,"
        f" {counts['differs']} differ, {counts['cannot_check']} cannot be checked"
    )
    for words, number in audited.reasons:
        screen.print(f"  {number:>4}  {words['text_zh']} / {words['text_en']}", markup=False)
    for row in audited.figures:
        if row["outcome"] == "differs":
            _show_sentence("不一致", "red", f"第{row['figure_no']}个", row)
    screen.print(
        f"交叉核对 {counts['checks']} 项：{counts['checks_holds']} 项成立，{counts['checks_broken']} 项不成立，"
        f"{counts['checks_cannot_check']} 项无法核对 / of {counts['checks']} cross-checks"
        f" {counts['checks_holds']} hold,"
        f" {counts['checks_broken']} do not, {counts['checks_cannot_check']} cannot be checked"
    )
    for severity, (word, colour) in SEVERITIES.items():
        for row in audited.checks:
            if row["outcome"] == "broken" and row["severity"] == severity:
                _show_sentence(word, colour, f"{row['kind_text']} {' '.join(row['items'])}".strip(), row)


def _show_sentence(word: str, colour: str, about: str, row: dict[str, Any]) -> None:
    screen.print(f"[{colour}]{word}[/{colour}]", end=" ")
    screen.print(f"{about}：{row['sentence_zh']}", markup=False)
    screen.print(f"    {row['sentence_en']}", markup=False)
