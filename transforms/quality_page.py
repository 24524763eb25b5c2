"""The quality page of a release: every check with its figure and failing rows, one file that needs no network."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from contracts import dictionary
from transforms import compare
from transforms.gate import Check

if TYPE_CHECKING:
    from transforms.admit import Admission

SHOWN = 200
"""Rows of a list of changes that the page shows; the heading counts all."""
GROUPS = {
    "column": ("列检查", "column checks"),
    "key": ("主键", "keys"),
    "finite": ("数值有限", "finite numbers"),
    "reconciliation": ("与上报数据核对", "reconciliation"),
    "expectation": ("期望", "expectations"),
}
"""Kind of check → its name in Chinese and English."""
STYLE = """
:root{--ink:#1b2430;--soft:#4a5768;--line:#c9d2dc;--band:#f2f5f8;--good:#11653a;--bad:#a3161c;--paper:#fff}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1180px;padding:24px;color:var(--ink);background:var(--paper);line-height:1.55;
font-family:"Microsoft YaHei","PingFang SC","Noto Sans CJK SC","Source Han Sans SC",sans-serif;font-size:15px}
h1{font-size:26px;margin:0 0 4px}
h2{font-size:19px;margin:32px 0 8px;border-bottom:2px solid var(--ink);padding-bottom:4px}
h3{font-size:16px;margin:18px 0 6px}.en,.soft{color:var(--soft);font-weight:400;font-size:.86em}
.banner{padding:12px 16px;border-left:6px solid var(--good);background:#eaf5ee;margin:16px 0;font-size:17px}
.banner.bad{border-color:var(--bad);background:#fbeceb}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:12px 0}dt{color:var(--soft)}dd{margin:0}
.tiles{display:flex;flex-wrap:wrap;gap:10px;list-style:none;margin:16px 0;padding:0}
.tiles li{border:1px solid var(--line);border-radius:6px;padding:8px 14px;min-width:148px}
.tiles b{display:block;font-size:21px;font-variant-numeric:tabular-nums}
.wrap{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:6px 0 12px;font-size:14px}
caption{text-align:left;color:var(--soft);padding:2px 0}
th,td{border:1px solid var(--line);padding:4px 8px;text-align:left;vertical-align:top;overflow-wrap:break-word}
thead th{background:var(--band)}tbody th{font-weight:600}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.s,th.s{white-space:nowrap}
.ok{color:var(--good);font-weight:600}.no{color:var(--bad);font-weight:700}
td.id,code{font-family:Consolas,Menlo,"DejaVu Sans Mono",monospace;font-size:13px}
details{border:1px solid var(--line);border-radius:6px;margin:6px 0;padding:0 10px}
summary{cursor:pointer;padding:7px 0;font-weight:600}
summary:focus-visible,button:focus-visible{outline:3px solid #1c5fb0}
button{font:inherit;padding:4px 12px;border:1px solid var(--ink);border-radius:5px;
background:var(--paper);cursor:pointer}
nav a{margin-right:16px;color:#124a8c}
@media print{@page{size:A4;margin:14mm}body{max-width:none;padding:0;font-size:10pt}button,nav{display:none}
details{border:0;padding:0}tr{break-inside:avoid}thead{display:table-header-group}table{font-size:8.5pt}}
"""
SCRIPT = """
const all=[...document.querySelectorAll('details')],open=on=>all.forEach(d=>{d.open=on});
const button=document.getElementById('unfold');
button.hidden=false;
button.addEventListener('click',()=>{const on=!all.every(d=>d.open);open(on);button.setAttribute('aria-pressed',on)});
let kept=[];
addEventListener('beforeprint',()=>{kept=all.map(d=>d.open);open(true)});
addEventListener('afterprint',()=>all.forEach((d,i)=>{d.open=kept[i]}));
"""


def page(admission: Admission, stat_years: Sequence[int], facts: Mapping[str, Any]) -> str:
    """Return the page as HTML, complete in itself."""
    checks = admission.checks
    failed = [check for check in checks if check.failed]
    body = [
        _head(admission, stat_years, facts),
        _failures(failed, admission.breaches[len(failed) :]),
        _changes(admission),
        _listed(checks, "reconciliation"),
        _listed(checks, "expectation"),
        _tables([check for check in checks if check.kind in {"column", "key", "finite"}]),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f"<title>发布检查 Quality</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(body)
        + f"\n<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )


def _text(value: Any) -> str:
    return html.escape("—" if value is None else str(value))


def _title(zh: str, en: str) -> str:
    return f'{_text(zh)} <span class="en" lang="en">{_text(en)}</span>'


def _head(admission: Admission, stat_years: Sequence[int], facts: Mapping[str, Any]) -> str:
    """Return title, verdict of the gate, what was looked at, and counts by kind of check."""
    breaches = admission.breaches
    is_open = "通过，可以发布 / passed" if not breaches else f"未通过：{len(breaches)} 处 / closed"
    confirmed = admission.confirmation if admission.waiting else {}
    said = {
        "运行 run": facts.get("run_id"),
        "本次年度 years": "、".join(map(str, stat_years)),
        "标准 standards": "、".join(facts.get("standards", {})),
        "比较对象 compared with": admission.difference.base or "首次发布 first release",
        "程序 code": " ".join(str(one) for one in (facts.get("code") or {}).values() if one),
    }
    if confirmed:
        said["往年结论的确认 confirmed"] = f"{confirmed['by']}：{confirmed['reason']}"
    facts_list = "".join(f"<dt>{_text(name)}</dt><dd>{_text(value)}</dd>" for name, value in said.items())
    tiles = []
    for kind, (zh, en) in GROUPS.items():
        of_kind = [check for check in admission.checks if check.kind == kind]
        held = sum(not check.failed for check in of_kind)
        mark = "ok" if held == len(of_kind) else "no"
        tiles.append(f'<li><b class="{mark}">{held} / {len(of_kind)}</b>{_title(zh, en)}</li>')
    flips, past = len(admission.difference.flips), len(admission.waiting)
    tiles.append(f"<li><b>{flips}</b>{_title('结论改变', 'verdicts flipped')}<br>其中待确认的往年结论 {past}</li>")
    return (
        f"<header><h1>{_title('发布检查', 'Quality of the release')}</h1>"
        f'<p class="banner{" bad" if breaches else ""}">{_text(is_open)}</p><dl class="facts">{facts_list}</dl>'
        f'<ul class="tiles">{"".join(tiles)}</ul><nav aria-label="目录"><a href="#changes">与上一版的差别</a>'
        '<a href="#reconciliation">核对</a><a href="#expectation">期望</a><a href="#tables">各表各列</a></nav>'
        '<p><button id="unfold" type="button" hidden aria-pressed="false">展开或收起全部</button></p></header><main>'
    )


def _failures(failed: list[Check], others: Sequence[str]) -> str:
    """Return the checks that do not hold with their first failing rows, and what else closes the gate."""
    if not failed and not others:
        return (
            f'<section id="failures"><h2>{_title("未通过的检查", "failed checks")}</h2><p class="ok">没有</p></section>'
        )
    parts = [
        f'<section id="failures"><h2>{_title("未通过的检查", "failed checks")}（{len(failed) + len(others)}）</h2>'
    ]
    for line in others:
        name, said = line.split(":", 1)
        parts.append(f'<h3><span class="no">✗</span> {_text(name)}</h3><p>{_text(said)}</p>')
    for check in failed:
        place = ".".join(one for one in (check.table, check.column) if one)
        parts.append(f'<h3><span class="no">✗</span> {_text(check.name)} <code>{_text(place)}</code></h3>')
        parts.append(f"<p>{_text(check.said)}<br>{_text(check.seen)}</p>{_rows(check.rows, check.failed)}")
    return "".join(parts) + "</section>"


def _rows(rows: Sequence[Mapping[str, Any]], total: int) -> str:
    """Return failing rows as a table; nothing for none."""
    if not rows:
        return ""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return _table(
        names, [[row.get(name) for name in names] for row in rows], f"前 {len(rows)} 行，共 {total} / first rows of all"
    )


def _table(names: Sequence[str], rows: Iterable[Sequence[Any]], caption: str = "") -> str:
    heads = "".join(f'<th scope="col">{_text(name)}</th>' for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td{_class(cell)}>{_text(_figure(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    said = f"<caption>{_text(caption)}</caption>" if caption else ""
    return f'<div class="wrap"><table>{said}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'


def _class(cell: Any) -> str:
    return ' class="n"' if isinstance(cell, int | float) and not isinstance(cell, bool) else ""


def _figure(cell: Any) -> Any:
    return f"{cell:.6g}" if isinstance(cell, float) else cell


def _moved(row: Mapping[str, Any]) -> list[Any]:
    year = str(row["stat_year"])
    return [row["table_name"], row["standard_id"], row.get("item_code"), year, row["values_moved"], row["largest"]]


def _flip(flip: compare.Flip) -> list[str]:
    """Return a flipped verdict as a row: kind, standard, year, county, what, verdict before and after, past or not."""
    what = " ".join(one for one in (flip.subject, flip.name, flip.stage, flip.code) if one)
    before, after = flip.words.rsplit("：", 1)[1].split(" → ")
    named = [compare.KINDS[flip.kind], flip.standard_id, str(flip.stat_year), flip.county_code, what]
    return [*named, before, after, "是" if flip.is_past else "否"]


def _changes(admission: Admission) -> str:
    """Return what changed against the release before: flips first, then units, values, tables."""
    found = admission.difference
    flips = [_flip(flip) for flip in found.flips]
    units = [
        [word, row["standard_id"], str(row["stat_year"]), row["site_id"], row["stage"], row["school_name"]]
        for word, rows in (("新增 new", found.units_new), ("消失 gone", found.units_gone))
        for row in rows
    ]
    years = [
        [word, str(year), county]
        for word, rows in (("新增 new", found.county_years_new), ("消失 gone", found.county_years_gone))
        for year, county in rows
    ]
    moved = [_moved(row) for row in found.moved]
    tables = [[row[name] for name in ("table", "before", "after", "new", "gone", "changed")] for row in found.tables]
    parts = (
        ("结论改变", "verdicts flipped", ("种类", "标准", "年度", "县区", "对象", "原结论", "现结论", "往年"), flips),
        ("县区年度", "county-years", ("变化", "年度", "县区"), years),
        ("标准、口径、程序、文件", "standards, readings, code, files", ("变化",), [[line] for line in found.changed]),
        ("单位", "units", ("变化", "标准", "年度", "校区", "学段", "学校"), units),
        ("变动的数值", "values moved", ("表", "标准", "指标", "年度", "个数", "最大变动"), moved),
        ("各表行数", "rows of the tables", ("表", "原有", "现有", "新增", "消失", "改变"), tables),
    )
    told = "".join(
        f"<h3>{_title(zh, en)}（{len(rows)}）</h3>"
        + _table(names, rows[:SHOWN], f"前 {SHOWN} 行" if len(rows) > SHOWN else "")
        for zh, en, names, rows in parts
        if rows
    )
    heading = _title("与上一版的差别", "what changes")
    return f'<section id="changes"><h2>{heading}</h2><p>{_text(compare.sentence(found))}</p>{told}</section>'


def _listed(checks: list[Check], kind: str) -> str:
    """Return the checks of a kind as one table: what must hold, of what, the figure, whether it holds."""
    found = [check for check in checks if check.kind == kind]
    rows = "".join(
        f'<tr data-check="{_text(_id(check))}"><td class="id">{_name(check.name)}</td><td>{_text(check.said)}</td>'
        f"<td>{_text(_seen(check))}</td>"
        f'<td class="n">{check.failed:,}</td><td class="s">{_mark(check)}</td></tr>'
        for check in found
    )
    heads = '<th scope="col">检查</th><th scope="col">必须成立的事</th><th scope="col">所见</th>'
    heads += '<th scope="col" class="n">不符</th><th scope="col" class="s">结果</th>'
    return (
        f'<section id="{kind}"><h2>{_title(*GROUPS[kind])}（{len(found)}）</h2>'
        f'<div class="wrap"><table><thead><tr>{heads}'
        f"</tr></thead><tbody>{rows}</tbody></table></div></section>"
    )


def _seen(check: Check) -> str:
    """Return the figure of a check: what was seen, else how many rows were looked at."""
    return check.seen or (f"{check.looked_at:,} 行" if check.looked_at else "—")


def _name(name: str) -> str:
    """Return a technical name that may break where its words end."""
    return _text(name).replace("_", "_<wbr>").replace(".", ".<wbr>")


def _id(check: Check) -> str:
    return ":".join((check.kind, check.table, check.column, check.name))


def _mark(check: Check) -> str:
    return '<span class="no">✗ 不成立</span>' if check.failed else '<span class="ok">✓ 成立</span>'


def _tables(checks: list[Check]) -> str:
    """Return the checks of tables and columns, folded by table, one row per column."""
    parts = [f'<section id="tables"><h2>{_title("各表各列", "tables and columns")}</h2>']
    for table, group in groupby(sorted(checks, key=lambda check: check.table), key=lambda check: check.table):
        of_table = list(group)
        bad = sum(bool(check.failed) for check in of_table)
        mark = f'<span class="no">{bad} 项不成立</span>' if bad else '<span class="ok">✓</span>'
        total = max(check.looked_at for check in of_table)
        title = dictionary.title(dictionary.output_tables()[table])
        parts.append(
            f"<details{' open' if bad else ''}><summary>{_text(title)} <code>{_text(table)}</code>"
            f' <span class="soft">{total:,} 行，{len(of_table)} 项检查</span> {mark}</summary>'
            f"{_of_columns(table, of_table)}</details>"
        )
    return "".join(parts) + "</section></main>"


def _of_columns(table: str, checks: list[Check]) -> str:
    """Return the checks of one table: the key first, then a row per column."""
    labels = {column.name: column.header for column in dictionary.columns(dictionary.output_tables()[table])}
    rows = []
    for column in dict.fromkeys(check.column for check in sorted(checks, key=lambda check: check.column != "")):
        of_column = [check for check in checks if check.column == column]
        said = "；".join(f'<span data-check="{_text(_id(check))}">{_text(check.said)}</span>' for check in of_column)
        failed = sum(check.failed for check in of_column)
        mark = _mark(next((check for check in of_column if check.failed), of_column[0]))
        rows.append(
            f'<tr><th scope="row">{_text(labels.get(column, "整表"))}</th><td class="id">{_name(column)}</td>'
            f'<td>{said}</td><td class="n">{failed:,}</td><td class="s">{mark}</td></tr>'
        )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("列", "列名", "检查"))
    heads += '<th scope="col" class="n">不符</th><th scope="col" class="s">结果</th>'
    return f'<div class="wrap"><table><thead><tr>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
