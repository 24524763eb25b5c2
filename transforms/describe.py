"""The data dictionary as pages for people: every table and column, every code, every limit with formula and basis."""

from __future__ import annotations

import html
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from contracts import dictionary
from contracts.codes import CODES_DIR, read_codes
from contracts.standard import Standard

NAME = "数据字典"
INTRODUCTION = (
    "由程序的数据约定和评估标准生成：表和列、代码、指标的算式与标准值。空格为没有数据，不是 0。"
    " / Made from the contracts and the standards. A blank is missing, never 0."
)
TITLES = ("表名", "标准名称")
"""Columns that say the same in every row of a group: on the page they stand above it."""
Rows = list[dict[str, str]]


def write(folder: Path, standards: list[Standard]) -> list[Path]:
    """Write the dictionary as Markdown, as a workbook and as an offline page; return the three paths."""
    told = sections(standards)
    paths = [folder / f"{NAME}{suffix}" for suffix in (".md", ".xlsx", ".html")]
    paths[0].write_text(markdown(told), encoding="utf-8")
    _workbook(told, paths[1])
    paths[2].write_text(page(told), encoding="utf-8")
    return paths


def sections(standards: list[Standard]) -> dict[str, Rows]:
    """Return title → rows: tables and columns that are published and that are handed in, codes, what is asked."""
    return {
        "输出表": _columns(dictionary.output_tables()),
        "输入表": _columns(dictionary.input_tables()),
        "代码": _codes(),
        "指标与标准值": [row for one in standards for row in _items(one)],
    }


def _columns(tables: dict[str, Any]) -> Rows:
    """Return one row per table and column: names, label, unit, type, key, what is allowed, meaning."""
    return [
        {
            "表": name,
            "表名": f"{dictionary.title(model)}，{dictionary.table_metadata(model)['grain']}",
            "列": column.name,
            "列名称": column.label,
            "单位": column.unit,
            "类型": dictionary.duckdb_type(model, column.name),
            "主键": "是" if column.is_key else "",
            "可空": "是" if column.is_nullable else "",
            "取值": f"代码表 {column.codes}" if column.codes else _allowed(column),
            "说明": column.description,
        }
        for name, model in tables.items()
        for column in dictionary.columns(model)
    ]


def _allowed(column: dictionary.Column) -> str:
    bounded = column.pattern or column.kind == "boolean" or column.low is not None or column.high is not None
    return column.allowed_text if bounded else ""


def _codes() -> Rows:
    """Return one row per code list and code."""
    return [
        {"代码表": path.stem, "代码": code, "中文": row["text_zh"], "英文": row["text_en"]}
        for path in sorted(CODES_DIR.glob("*.csv"))
        for code, row in read_codes(path.stem).items()
    ]


def _items(one: Standard) -> Rows:
    """Return one row per item, test, stage, case and region of a standard: formula, limit, basis."""
    stages = read_codes("result_stages")
    items = {row["item_code"]: row for row in one.tables["std_item"]}
    tests = {(row["item_code"], row["test_no"], row["stage"]): row for row in one.tables["std_test"]}
    cases = {_at(row): row for row in one.tables["std_case"]}
    bounds = {(row["item_code"], row["stage"]): row for row in one.tables["std_coefficient"]}
    rows = []
    for limit in one.tables["std_limit"]:
        item, case = items[limit["item_code"]], cases[_at(limit)]
        test = tests[limit["item_code"], limit["test_no"], limit["stage"]]
        bound = bounds.get((limit["item_code"], limit["stage"]), {"limit_value": None})
        rows.append(
            {
                "标准": one.id,
                "标准名称": one.tables["std_standard"][0]["title"],
                "指标": limit["item_code"],
                "名称": item["name_zh"],
                "要求": test["label_zh"],
                "学段": stages[limit["stage"]]["text_zh"],
                "情形": case["title"] or "",
                "地区": limit["region_code"],
                "算式": _formula(one.tables["std_term"], _at(limit), test["per"]),
                "标准值": _bound(test["operator"], limit["limit_value"], item["unit"]),
                "差异系数": _bound(bound.get("operator"), bound["limit_value"], ""),
                "依据": f"{limit['basis_article']}「{limit['basis_quote']}」",
                "来源": f"{limit['basis_source']}{'' if limit['is_confirmed'] else '（未核原文）'}",
            }
        )
    return rows


def _at(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["item_code"], row["test_no"], row["stage"], row["case_no"]


def _bound(operator: str | None, value: Any, unit: str) -> str:
    return f"{operator or ''} {value.normalize():f} {unit}".strip() if value is not None else ""


def _formula(terms: Iterable[dict[str, Any]], at: tuple[Any, ...], per: Any) -> str:
    """Return what is divided by what, in the words of the measures; empty where a person judges."""
    own = [row for row in terms if _at(row) == at]
    sides = [_sum([row for row in own if row["side"] == side]) for side in ("numerator", "denominator")]
    quotient = " ÷ ".join(side for side in sides if side)
    return f"{quotient} × {per.normalize():f}" if quotient and per != 1 else quotient


def _sum(terms: list[dict[str, Any]]) -> str:
    names = {**read_codes("county_items"), **read_codes("measures")}
    said = ""
    for row in terms:
        sign = "－" if row["sign"] < 0 else "＋" if said else ""
        year = "（上年）" if row["year_offset"] else ""
        known = names.get(row["measure_code"])
        said += f"{sign}{known['text_zh'] if known else row['measure_code']}{year}"
    return f"（{said}）" if len(terms) > 1 else said


def markdown(told: dict[str, Rows]) -> str:
    """Return the dictionary in Markdown, a table a section."""
    parts = [f"# {NAME} / Data dictionary", INTRODUCTION]
    for title, rows in told.items():
        heads = list(rows[0])
        lines = [" | ".join(heads), "|".join("---" for _ in heads)]
        lines += [" | ".join(_cell(row[head]) for head in heads) for row in rows]
        parts.append(f"## {title}\n\n" + "\n".join(f"| {line} |" for line in lines))
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")


def _workbook(told: dict[str, Rows], path: Path) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1, "valign": "top"})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        for title, rows in told.items():
            sheet = book.add_worksheet(title)
            heads = list(rows[0])
            sheet.freeze_panes(1, 0)
            sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
            for at, name in enumerate(heads):
                longest = max(len(row[name]) for row in rows)
                sheet.set_column(at, at, min(max(2 * len(name), 2 * longest, 6), 50), wrapped)
            sheet.write_row(0, 0, heads, head)
            for number, row in enumerate(rows, start=1):
                for at, name in enumerate(heads):
                    sheet.write_string(number, at, row[name])
            sheet.autofilter(0, 0, len(rows), len(heads) - 1)


STYLE = """
:root{color-scheme:light dark}
body{font:15px/1.6 "Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif}
body{margin:0 auto;max-width:1500px;padding:1rem}
nav{position:sticky;top:0;z-index:2;background:Canvas;padding:.5rem 0;border-bottom:1px solid #999}
nav{display:flex;gap:1rem;flex-wrap:wrap}
nav input{font:inherit;padding:.1rem .5rem;min-width:16rem}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{border:1px solid #bbb;padding:.2rem .45rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#dde8f4;color:#123;white-space:nowrap}
tr:target,tr:hover{background:#8881}
h3{margin:1.4rem 0 .3rem}h3 code{font-weight:normal}
code{font-family:Consolas,"Noto Sans Mono CJK SC",monospace;white-space:nowrap}
@media print{nav{display:none}body{font-size:10px;max-width:none}table{font-size:9px}}
"""
SCRIPT = """
const wanted=document.getElementById('wanted');
wanted.addEventListener('input',()=>{const words=wanted.value.trim().toLowerCase();
for(const group of document.querySelectorAll('.group')){let shown=0;
for(const row of group.querySelectorAll('tbody tr')){
const hit=row.textContent.toLowerCase().includes(words);row.hidden=!hit;shown+=hit;}
group.hidden=!shown;}});
"""


def page(told: dict[str, Rows]) -> str:
    """Return the dictionary as one page that needs nothing from outside: a table a group, a box that filters."""
    links = "".join(f'<a href="#{title}">{title}（{len(rows)}）</a>' for title, rows in told.items())
    body = "".join(_section(title, rows) for title, rows in told.items())
    return (
        f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{NAME}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{NAME}</h1><p>{INTRODUCTION}</p>"
        f'<nav>{links}<input id="wanted" type="search" placeholder="查找表、列、代码、说明 / find"></nav>'
        f"{body}<script>{SCRIPT}</script></body></html>\n"
    )


def _section(title: str, rows: Rows) -> str:
    """Return one section; rows of the same table, code list or standard stand together under its name."""
    group_by = next(iter(rows[0]))
    groups: dict[str, Rows] = {}
    for row in rows:
        groups.setdefault(row[group_by], []).append(row)
    return f'<h2 id="{title}">{title}</h2>' + "".join(_group(name, own) for name, own in groups.items())


def _group(name: str, rows: Rows) -> str:
    named = [head for head in TITLES if head in rows[0]]
    title = " ".join(html.escape(rows[0][head]) for head in named)
    heads = [head for head in list(rows[0])[1:] if head not in named]
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{html.escape(row[one])}</td>' for one in heads)}</tr>" for row in rows)
    return (
        f'<div class="group"><h3>{title} <code>{html.escape(name)}</code></h3><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
