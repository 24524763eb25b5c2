"""Where a published number comes from: formula with its numbers, split, limit, basis, and the cells behind it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

from contracts import dictionary, standard
from contracts.codes import read_codes
from warehouse import release, store

SOURCE_TABLES = ("enrolment", "class_size", "teacher", "premises")
STANDS_IN = {"gymnasium_m2": "indoor_sports_m2"}
"""Where a gymnasium is not given apart, the indoor sports rooms are it (core_site_measure)."""


def explain(home: Path, standard_id: str, item: str, unit: str, stage: str, stat_year: int) -> dict[str, Any]:
    """Return everything behind one result: the result row, terms with values and cells, split, limit, basis.

    Raises LookupError when the release has no such result, FileNotFoundError when there is no release.
    """
    current = release.latest(home)
    if current is None:
        raise FileNotFoundError(f"还没有发布版：{home} / there is no release yet")
    with release.open_release(home / current["path"]) as con:
        result = _result(con, standard_id, item, unit, stage, stat_year)
    (one,) = standard.load_all((standard_id,), standard.folders(home))
    school_code, campus_no = unit.rsplit("-", 1)
    judged = {"item_code": item, "stage": stage, "test_no": result["test_no"], "case_no": result["case_no"] or 0}
    terms = [row for row in one.tables["std_term"] if judged.items() <= row.items()]
    (named,) = [row for row in one.tables["std_item"] if row["item_code"] == item]
    limit = _limit(one, judged, result)
    with store.connect(home, read_only=True) as con:
        at = (stat_year, school_code, int(campus_no))
        told_terms = [{**term, **_measure(con, term["measure_code"], at, stage)} for term in terms]
        split = _split(con, one, at) if result["is_shared"] else []
    return {
        "release_id": current["release_id"],
        "result": result,
        "item": {name: named[name] for name in ("item_code", "name_zh", "name_en", "unit", "decimals")},
        "per": next(row["per"] for row in one.tables["std_test"] if row["item_code"] == item and row["stage"] == stage),
        "terms": told_terms,
        "split": split,
        "basis": {name: limit[name] for name in ("basis_article", "basis_quote", "basis_source", "is_confirmed")},
        "document": one.tables["std_standard"][0]["document"],
    }


def _limit(one: standard.Standard, judged: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """Return the row of the standard whose limit was used: of the case that applied, of the overlay if one binds."""
    rows = [row for row in one.tables["std_limit"] if judged.items() <= row.items()]
    return next((row for row in rows if row["overlay_id"] == result["overlay_id"]), rows[0])


def _result(
    con: duckdb.DuckDBPyConnection, standard_id: str, item: str, unit: str, stage: str, stat_year: int
) -> dict[str, Any]:
    found = con.execute(
        "select r.*, s.school_name, s.county_code, v.variance_share, v.deviation from fact_result as r"
        " inner join dim_site as s on r.standard_id = s.standard_id and r.readings_id = s.readings_id"
        " and r.stat_year = s.stat_year and r.scope_id = s.site_id"
        " left join fact_variance_share as v on r.standard_id = v.standard_id and r.readings_id = v.readings_id"
        " and r.stat_year = v.stat_year and r.scope_id = v.site_id and r.stage = v.stage and r.item_code = v.item_code"
        " where r.standard_id = ? and r.readings_id = 'default' and r.item_code = ? and r.scope_id = ? and r.stage = ?"
        " and r.stat_year = ?",
        [standard_id, item, unit, stage, stat_year],
    )
    names = [column[0] for column in found.description]
    row = found.fetchone()
    if row is None:
        raise LookupError(
            f"没有这个结果：{standard_id} {item} {unit} {stage} {stat_year} / the release has no such result"
        )
    return dict(zip(names, row, strict=True))


def _measure(con: duckdb.DuckDBPyConnection, code: str, at: tuple[int, str, int], stage: str) -> dict[str, Any]:
    """Return label and unit of a measure, and the input cells it was added up from."""
    words = read_codes("measures")[code]
    cells = _cells(con, code, at, stage)
    if code in STANDS_IN and all(cell["value"] is None for cell in cells):
        cells = _cells(con, STANDS_IN[code], at, stage)
    return {"label": words["text_zh"], "unit": words["unit"], "cells": cells}


def _cells(
    con: duckdb.DuckDBPyConnection, column: str, at: tuple[int, str, int], stage: str | None
) -> list[dict[str, Any]]:
    tables = dictionary.input_tables()
    names = {name: [one.name for one in dictionary.columns(tables[name])] for name in SOURCE_TABLES}
    table = next(name for name in SOURCE_TABLES if column in names[name])
    by_stage = "and i.stage = ?" if "stage" in names[table] else "and ? is not null"
    where = f"i.stat_year = ? and i.school_code = ? and i.campus_no = ? {by_stage}"
    return store.cells(con, table, column, where, [*at, stage or ""])


def _split(con: duckdb.DuckDBPyConnection, one: standard.Standard, at: tuple[int, str, int]) -> list[dict[str, Any]]:
    """Return the stages that share the site's resources: pupils, weight, and the cells of their pupils."""
    (school_type,) = con.execute(
        "select school_type_code from inputs.school where stat_year = ? and school_code = ? and campus_no = ?", [*at]
    ).fetchone() or (None,)
    weights = {row["stage"]: row for row in one.tables["std_split"] if row["school_type_code"] == school_type}
    stages = []
    for stage, row in weights.items():
        cells = _cells(con, "pupils", at, stage)
        if cells:
            pupils = sum(cell["value"] or 0 for cell in cells)
            said = {"stage": stage, "weight": row["weight"], "pupils": pupils, "basis": row["basis_source"]}
            stages.append({**said, "label": f"{read_codes('stages')[stage]['text_zh']}在校生数", "cells": cells})
    return stages


def sentences(told: dict[str, Any]) -> list[str]:
    """Return the explanation as lines of text, Chinese first."""
    result, item = told["result"], told["item"]
    confirmed = "已核对原文" if told["basis"]["is_confirmed"] else "转引/未核原文"
    head = f"{result['stat_year']} {result['school_name']} {result['stage_text']} {item['item_code']} {item['name_zh']}"
    marks = [word for word, key in (("合成数据", "is_synthetic"), ("暂定", "is_provisional")) if result[key]]
    lines = [f"{head}{'（' + '、'.join(marks) + '）' if marks else ''}", f"  {item['name_en']}; {told['release_id']}"]
    lines += _formula(told)
    lines += [
        f"标准：{result['operator']} {result['limit_value'].normalize():f} {item['unit']}；"
        f"比较 实有 {result['have']} {result['operator']} 应有 {result['need']}"
        f" → {result['verdict_text']}（{result['reason_text']}）",
        f"依据：{told['document']} {told['basis']['basis_article']}「{told['basis']['basis_quote']}」"
        f" 来源：{told['basis']['basis_source']}（{confirmed}）",
    ]
    if result["variance_share"] is not None:
        lines.append(f"本校占全县差异的 {result['variance_share']:.1%}，与全县平均相差 {result['deviation']:+.1%}")
    lines.append("来源单元格 / source cells：")
    lines += [line for term in told["terms"] for line in _cell_lines(term)]
    others = [part for part in told["split"] if part["stage"] != result["stage"]]
    lines += [line for part in others for line in _cell_lines(part)]
    return lines


def _formula(told: dict[str, Any]) -> list[str]:
    result, item = told["result"], told["item"]
    unit = item["unit"]
    if result["numerator"] is None:
        return ["缺少数据，无法判定 / data are missing"]
    parts = {
        side: _sum_text(term for term in told["terms"] if term["side"] == side) for side in ("numerator", "denominator")
    }
    per = told["per"].normalize()
    scale = "" if per == 1 else f" × {per:f}"
    lines = [f"公式：({parts['numerator']}) ÷ ({parts['denominator']}){scale}"]
    if told["split"]:
        terms = " + ".join(f"{part['weight'].normalize():f}×{part['pupils']}" for part in told["split"])
        lines.append(
            f"分摊：全校 {result['whole_numerator']}"
            f" × {result['weight'].normalize():f}×{result['denominator'].normalize():f}"
            f" ÷ ({terms}) = {result['numerator']}（来源：{told['split'][0]['basis']}）"
        )
    value = "—" if result["value"] is None else f"{result['value']:.{item['decimals']}f}"
    lines.append(
        f"数值：{result['numerator'].normalize():f} ÷ {result['denominator'].normalize():f}{scale} = {value} {unit}"
    )
    return lines


def _sum_text(terms: Iterable[dict[str, Any]]) -> str:
    text = ""
    for term in terms:
        values = [cell["value"] for cell in term["cells"]]
        total = "缺" if not values or any(value is None for value in values) else f"{sum(values)}"
        sign = (" + " if text else "") if term["sign"] > 0 else " − "
        text += f"{sign}{term['label']} {total}"
    return text


def _cell_lines(term: dict[str, Any]) -> list[str]:
    if not term["cells"]:
        return [f"  {term['label']}：没有填报"]
    return [
        f"  {term['label']} {cell['value'] if cell['value'] is not None else '空'} ← "
        + " › ".join(part for part in (cell["file"], cell["sheet"], cell["cell"]) if part)
        for cell in term["cells"]
    ]
