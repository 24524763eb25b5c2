"""What people see of one county or school: its verdict part by part, what is in its way, its years side by side."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from flows.show import said, screen

SHOWN_OBSTACLES = 30
NAMED_BY = ("obstacle_no", "part_text", "component_code", "name", "stage_text", "label")
FOLLOWED_BY = ("standard_id", "school_name", "item_code", "figure", "stage", "stat_year")


def show_county(told: dict[str, list[dict[str, Any]]], limit: int | None = SHOWN_OBSTACLES) -> None:
    """Print the verdict on a county: sentence, components with robustness and declaration, obstacles, promises."""
    for row in told["summary"]:
        marks = [word for word, key in (("暂定", "is_provisional"), ("合成", "is_synthetic")) if row[key]]
        screen.print(f"{row['standard_id']} {row['county_name'] or ''} {'、'.join(marks)}", style="bold", markup=False)
        screen.print(f"  {row['sentence_zh']}\n  {row['sentence_en']}", markup=False)
    _show_components(told["components"])
    _show_obstacles(told["obstacles"], limit)
    if told["commitments"]:
        table = _table(
            "承诺 / commitments", ("标准", "承诺年度", "指标", "内容", "期限", "当年结论", "未达标对象", "状态")
        )
        for row in told["commitments"]:
            table.add_row(*(said(value) for value in row.values()))
        screen.print(table)
    if told["highlights"]:
        table = _table("工作亮点的数字 / highlights", ("指标", "数字", "学段", "分子", "分母", "值", "时期", "数据"))
        for row in told["highlights"]:
            *figures, synthetic = row.values()
            table.add_row(*(said(value) for value in figures), "合成" if synthetic else "实报")
        screen.print(table)


def _show_components(rows: list[dict[str, Any]]) -> None:
    heads = ("部分", "组成", "名称", "达标", "未达标", "无法判定", "结论", "自评", "口径", "备注")
    for standard_id in dict.fromkeys(row["standard_id"] for row in rows):
        table = _table(f"{standard_id} 各项结论 / components", heads)
        for row in (one for one in rows if one["standard_id"] == standard_id):
            declared = row["declared_verdict_text"] or "—"
            table.add_row(
                str(row["part_text"]), str(row["component_code"]), str(row["component_text"]),
                *(str(row[f"things_{name}"]) for name in ("met", "not_met", "not_assessable")),
                str(row["verdict_text"]), f"{declared}（不一致）" if row["agrees"] is False else declared,
                str(row["robustness_text"] or "—"), _remarks(row),
            )  # fmt: skip
        screen.print(table)


def _remarks(row: dict[str, Any]) -> str:
    said = []
    if row["relaxed_entities"]:
        said.append(f"{row['relaxed_entities']} 个依靠放宽条款")
    if row["aside_verdict"] == "not_met":
        said.append(f"按其他来源的数字有 {row['aside_not_met']} 个未达标")
    if row["flip_readings_id"]:
        said.append(f"口径 {row['flip_readings_id']} 时不同")
    return "；".join(said)


def _show_obstacles(rows: list[dict[str, Any]], limit: int | None) -> None:
    """Print what stands between the county and each standard, nearest first."""
    heads = ("序", "部分", "指标", "对象", "学段", "要求", "结论", "现值", "标准", "差额", "相对差距")
    for standard_id in dict.fromkeys(row["standard_id"] for row in rows):
        found = [row for row in rows if row["standard_id"] == standard_id]
        table = _table(f"{standard_id} 差距清单，由近到远 / what is in the way, nearest first", heads)
        for row in found[:limit]:
            bound = "—" if row["limit_value"] is None else f"{row['operator']} {row['limit_value']:g}"
            table.add_row(
                *(str(row[name]) for name in NAMED_BY),
                f"{row['verdict_text']}（{row['reason_text']}）",
                said(row["value"]), bound, said(row["gap_quantity"]),
                "—" if row["distance"] is None else f"{row['distance']:.1%}",
            )  # fmt: skip
        screen.print(table)
        if limit is not None and len(found) > limit:
            screen.print(f"    … 另有 {len(found) - limit} 处，见 fact_obstacle 或 --all / and more")


def show_history(rows: list[dict[str, Any]]) -> None:
    """Print figures over the years: a line per standard, item, stage and year, with what a change comes from."""
    heads = ("标准", "名称", "指标", "数字", "学段", "年度", "值", "变化", "位次", "上年位次", "结论", "来由", "去向")
    table = _table("历年 / history", heads)
    for row in rows:
        gone = f"{row['left_year']} 并入 {row['successor_site_id']}" if row["successor_site_id"] else ""
        decimals = 4 if row["figure"] == "cv" else int(row["decimals"])
        table.add_row(
            *(str(row[name] or "") for name in FOLLOWED_BY),
            "—" if row["value"] is None else f"{row['value']:.{decimals}f}",
            "—" if row["change"] is None else f"{row['change']:+.{decimals}f}",
            said(row["rank_in_county"]), said(row["prev_rank"]),
            str(row["verdict_text"]), str(row["cause_text"]), gone,
        )  # fmt: skip
    screen.print(table)


def _table(title: str, heads: tuple[str, ...]) -> Table:
    table = Table(title=title)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table
