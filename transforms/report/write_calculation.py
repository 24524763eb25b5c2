"""核算表: the resource indicators as live formulas, for inspectors who trust a spreadsheet more than a program."""

from __future__ import annotations

import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from contracts.codes import read_codes
from transforms.report import calculate, fetch
from transforms.report.calculate import COEFFICIENTS, FIRST_ROW, LIMITS, SPLIT, Cell, Layout
from transforms.report.gather_calculation import Basis, gather, standards

ABOUT = "说明"
FONT = "宋体"
HEAD = FIRST_ROW - 3
"""The first of the three rows of headers: block, header, unit."""
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 14, "border": 0},
    "note": {"font_size": 9, "font_color": "#595959", "border": 0, "align": "left"},
    "line": {"border": 0, "align": "left", "text_wrap": True, "valign": "top"},
    "block": {"bold": True, "bg_color": "#D9E1F2", "align": "center"},
    "head": {"text_wrap": True, "bg_color": "#EDEDED", "align": "center", "font_size": 9},
    "text": {"align": "left"},
    "no": {"align": "center"},
    "blank": {},
    "raw": {"num_format": "#,##0.####", "font_color": "#0000FF"},
    "raw_count": {"num_format": "#,##0", "font_color": "#0000FF"},
    "count": {"num_format": "#,##0"},
    "fine": {"num_format": "#,##0.######"},
    "weight": {"num_format": "0.00##"},
    "share": {"num_format": "0.000000"},
    "value": {"num_format": "#,##0.00"},
    "flag": {"num_format": "0", "align": "center"},
    "exact": {"num_format": "#,##0.000000"},
    "coefficient": {"num_format": "0.000000", "bold": True},
    "limit": {"num_format": "General", "font_color": "#0000FF"},
    "signed": {"num_format": "+#,##0.000000;-#,##0.000000;0"},
    "tiny": {"num_format": "0.0E+00"},
    "failing": {"bg_color": "#F8CBAD"},
}
LINE, LINE_CHARACTERS = 16, 66
"""Height of a line of the first sheet in points, and how many characters stand in it."""
BASE = {"font_name": "Arial", "font_size": 10}
"""The font that column widths are counted in: its digits are as wide in every office program."""
CHARACTER, GUTTER, PAGE = 7.6, 5, 1045
"""Pixels of a digit, of the margins of a column, and of the width of an A4 page within its margins."""
LARGEST_SCALE = 85
SETTLED = datetime.datetime(1980, 1, 1)
"""The date in the file's properties: the same release gives the same bytes."""


def write(release_folder: Path, county_code: str, stat_year: int, folder: Path) -> list[Path]:
    """Write the calculation sheets of a county and year into a folder and return their paths, one per standard.

    The first standard's is 核算表.xlsx, others carry their id behind. Every figure but raw counts and limits is a
    formula with its value beside; the last sheet holds the formulas against the release. Raises LookupError when the
    release does not have the county and year, FileNotFoundError when the folder is no release.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for at, standard_id in enumerate(standards(release_folder, county_code, stat_year)):
        path = folder / ("核算表.xlsx" if at == 0 else f"核算表-{standard_id}.xlsx")
        _write_book(gather(release_folder, standard_id, county_code, stat_year), path)
        paths.append(path)
    return paths


def _write_book(basis: Basis, path: Path) -> None:
    layout = calculate.lay_out(basis)
    with xlsxwriter.Workbook(str(path), {"default_format_properties": {**BASE}}) as book:
        book.set_properties({"created": SETTLED, "title": "核算表"})
        book.set_calc_mode("auto")
        plain = {"font_name": FONT, "font_size": 10, "border": 1, "valign": "vcenter"}
        styles = {name: book.add_format(plain | options) for name, options in STYLES.items()}
        about, stages = book.add_worksheet(ABOUT), [basis.stage_names[stage] for stage in basis.stages()]
        sheets = {name: book.add_worksheet(name) for name in (LIMITS, SPLIT, *stages, COEFFICIENTS, calculate.CHECK)}
        _write_about(about, styles, basis)
        _write_limits(sheets[LIMITS], styles, layout)
        _write_split(sheets[SPLIT], styles, layout)
        cells, coefficients = _calculated(layout)
        for stage in basis.stages():
            _write_stage(sheets[basis.stage_names[stage]], styles, layout, stage, cells[stage])
        _write_coefficients(sheets[COEFFICIENTS], styles, layout, coefficients)
        _write_check(sheets[calculate.CHECK], styles, layout, cells, coefficients)
        for sheet in (about, *sheets.values()):
            _set_print(sheet, basis)


Row = dict[tuple[Any, ...], Cell]


def _calculated(layout: Layout) -> tuple[dict[str, list[Row]], dict[tuple[str, str], dict[str, Cell]]]:
    """Return the cells of every school by stage, and of every coefficient by stage and item."""
    basis = layout.basis
    cells, coefficients = {}, {}
    for stage in basis.stages():
        rows = [calculate.unit_cells(layout, stage, at) for at in range(len(basis.units[stage]))]
        for item in basis.items_of(stage):
            made = calculate.coefficient_cells(layout, item, rows)
            coefficients[stage, item["item_code"]] = made
            for at, row in enumerate(rows):
                off = calculate.deviation_cell(layout, item, FIRST_ROW + at, row, made["mean"].value)
                row["off", item["item_code"]] = off
        cells[stage] = rows
    return cells, coefficients


def _put(sheet: Any, row: int, column: int, cell: Cell, styles: dict[str, Any]) -> None:
    """Write one cell: a formula with its value, a number, a text, or nothing."""
    style = styles.get(cell.style, styles["value"])
    if cell.formula:
        sheet.write_formula(row, column, cell.formula, style, cell.value)
    elif cell.value == calculate.MISSING:
        sheet.write_blank(row, column, None, style)
    elif isinstance(cell.value, str):
        sheet.write_string(row, column, cell.value, style)
    else:
        sheet.write_number(row, column, cell.value, style)


def _write_about(sheet: Any, styles: dict[str, Any], basis: Basis) -> None:
    """Write what this workbook is, where its numbers come from and how to read it."""
    county = basis.county
    name, year = county["county_name"] or county["county_code"], county["stat_year"]
    lines = [
        f"县区：{name}（{county['county_code']}）　统计年度：{year}（{year}-{year + 1}学年，9月1日）",
        f"标准：{basis.document}（{basis.standard_id}）　发布版：{basis.release_id}　口径：默认",
        *(f"注意：{mark}" for mark in fetch.marks(county)),
        "蓝色是原始数和标准值，可以改；黑色是公式，改动原始数后自动重算。空格为缺报，不作零计。",
        f"「{LIMITS}」各项标准值、底线、差异系数上限和分摊权重，公式都引用这里。",
        f"「{SPLIT}」一贯制学校和完全中学合用的资源按加权学生数分到各学段，各学段比例之和为1。",
        "各学段表：原始数 → 分摊 → 分子 → 指标值 → 学校综合评估 → 离差，一校一行，学校顺序各表一致。",
        f"「{COEFFICIENTS}」全县平均值=分子合计÷学生数合计；标准差=√(Σ学生数×离差²÷学生数合计)；差异系数=标准差÷平均值。",
        f"「{calculate.CHECK}」公式结果与发布版逐项比较；差在1E-9以内为一致（系数小于0.0001的，发布版方差项取整，可差到1E-7）。",
        "达标与否用未取整的数比较；显示的小数位不参加判断。分摊后分子四舍五入到六位小数。",
        *_relaxation_lines(basis),
        *(_unconfirmed_line(basis)),
    ]
    sheet.set_column(0, 0, 116)
    sheet.write_string(0, 0, f"{name} {year} 年义务教育资源配置核算表", styles["title"])
    for row, line in enumerate(lines, start=2):
        sheet.write_string(row, 0, line, styles["line"])
        sheet.set_row(row, LINE * -(-len(line) // LINE_CHARACTERS))


def _relaxation_lines(basis: Basis) -> list[str]:
    """Return a line for each result that leans on a relaxation: it is judged by other terms or another limit."""
    names = {unit["site_id"]: unit["school_name"] for units in basis.units.values() for unit in units}
    return [
        f"放宽：{names.get(site)} {basis.stage_names[stage]} {item} 按「{row['relaxation_text']}」判断，"
        "差异系数仍用未放宽的数。"
        for (site, stage, item), row in sorted(basis.results.items())
        if row["case_no"]
    ]


def _unconfirmed_line(basis: Basis) -> list[str]:
    is_quoted = any(not row["is_confirmed"] for row in basis.items)
    return ["标准值为转引，未核对原文。"] if is_quoted else []


def _head(sheet: Any, styles: dict[str, Any], title: str, note: str, headers: list[tuple[str, int]]) -> None:
    """Write title, note and one row of headers above the first row of a table."""
    sheet.write_string(0, 0, title, styles["title"])
    sheet.write_string(1, 0, note, styles["note"])
    for column, (header, width) in enumerate(headers):
        sheet.set_column(column, column, width)
        sheet.write_string(FIRST_ROW - 1, column, header, styles["head"])
    sheet.set_row(FIRST_ROW - 1, 30)
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.repeat_rows(FIRST_ROW - 1)


def _write_limits(sheet: Any, styles: dict[str, Any], layout: Layout) -> None:
    """Write the limits that all formulas refer to, and the weights of the split."""
    basis = layout.basis
    headers = [
        ("学段", 8),
        ("代码", 6),
        ("指标", 40),
        ("情形", 22),
        ("单位", 6),
        ("每", 8),
        ("比较", 6),
        ("标准值", 10),
    ]
    headers += [("底线比例", 9), ("底线", 10), ("差异系数比较", 10), ("差异系数上限", 10), ("应达标指标数", 10)]
    headers += [("依据", 18)]
    _head(sheet, styles, f"标准值　{basis.document}", "公式都引用本表；改标准值即改全表。", headers)
    plain = {(row["item_code"], row["stage"], 0): row for row in basis.items}
    for case, row in layout.limit_rows.items():
        one = plain.get(case) or basis.relaxed[case]
        item = plain[case[0], case[1], 0]
        has_floor = one["floor_ratio"] is not None and one["limit_value"] is not None
        floor = float(one["floor_ratio"]) * float(one["limit_value"]) if has_floor else calculate.MISSING
        limit_at, ratio_at = (xl_rowcol_to_cell(row, calculate.LIMIT_AT[key]) for key in ("limit", "floor"))
        is_plain = case[2] == 0
        cells = [
            Cell(basis.stage_names[case[1]], style="text"),
            Cell(case[0], style="text"),
            Cell(item["name_zh"], style="text"),
            Cell("" if is_plain else one["case_text"] or one["case_code"], style="text"),
            Cell(item["unit"], style="text"),
            Cell(float(one["per"]), style="limit"),
            Cell(one["operator"] or "", style="no"),
            Cell(calculate.as_float(one["limit_value"]), style="limit"),
            Cell(calculate.as_float(one["floor_ratio"]), style="limit"),
            Cell(floor, f'=IF(OR({limit_at}="",{ratio_at}=""),"",{limit_at}*{ratio_at})', "weight"),
            Cell((one["cv_operator"] or "") if is_plain else "", style="no"),
            Cell(calculate.as_float(one["cv_limit_value"]) if is_plain else "", style="limit"),
            Cell(calculate.as_float(one["met_at_least"]), style="limit"),
            Cell(f"{one['basis_article']}{'' if one['is_confirmed'] else '（转引）'}", style="text"),
        ]
        for column, cell in enumerate(cells):
            _put(sheet, row, column, cell, styles)
    _write_weights(sheet, styles, layout)


def _write_weights(sheet: Any, styles: dict[str, Any], layout: Layout) -> None:
    basis = layout.basis
    if not layout.weight_rows:
        return
    kinds = read_codes("school_types")
    top = min(layout.weight_rows.values()) - 1
    for column, header in ((0, "学段"), (2, "办学类型"), (calculate.LIMIT_AT["limit"], "分摊权重")):
        sheet.write_string(top, column, header, styles["head"])
    for (kind, stage), row in layout.weight_rows.items():
        sheet.write_string(row, 0, read_codes("stages")[stage]["text_zh"], styles["text"])
        sheet.write_string(row, 2, kinds[kind]["text_zh"], styles["text"])
        sheet.write_number(row, calculate.LIMIT_AT["limit"], float(basis.weights[kind, stage]), styles["limit"])


def _write_split(sheet: Any, styles: dict[str, Any], layout: Layout) -> None:
    """Write how the resources of each site are shared out over its stages."""
    basis, names = layout.basis, read_codes("stages")
    headers = [("序号", 5), ("学校名称", 24), ("校区编号", 13), ("办学类型", 16)]
    words = [names[stage]["text_zh"] for stage in layout.weighted_stages]
    headers += [(f"{word}{what}", 9) for word in words for what in ("在校生", "权重", "加权学生")]
    headers += [("全校加权学生", 11), *((f"{word}比例", 10) for word in words), ("比例之和", 9)]
    note = "蓝色为原始数（本标准不评的学段的在校生）；其余在校生引自各学段表。"
    _head(sheet, styles, "合用资源的分摊", note, headers)
    sheet.freeze_panes(FIRST_ROW, 2)
    units = {unit["site_id"]: unit for stage in reversed(basis.stages()) for unit in basis.units[stage]}
    for at, (site, row) in enumerate(layout.split_rows.items()):
        unit = units[site]
        said = (
            Cell(at + 1, style="no"),
            *(Cell(unit[key] or "", style="text") for key in ("school_name", "site_id", "school_type_text")),
        )
        for column, cell in enumerate((*said, *calculate.split_cells(layout, site, unit))):
            _put(sheet, row, column, cell, styles)


def _write_stage(sheet: Any, styles: dict[str, Any], layout: Layout, stage: str, rows: list[Row]) -> None:
    """Write one stage: a school a row, from raw counts to deviations, failing values shaded."""
    columns = layout.columns[stage]
    sheet.write_string(0, 0, f"{layout.basis.stage_names[stage]}　{layout.basis.document}", styles["title"])
    sheet.write_string(1, 0, "蓝色为原始数；空格为缺报。低于标准的指标值加底色。", styles["note"])
    for block, group in groupby(enumerate(columns), key=lambda pair: pair[1].block):
        places = [at for at, _ in group]
        if len(places) > 1:
            sheet.merge_range(HEAD, places[0], HEAD, places[-1], block, styles["block"])
        else:
            sheet.write_string(HEAD, places[0], block, styles["block"])
    for at, column in enumerate(columns):
        sheet.set_column(at, at, column.width)
        sheet.write_string(HEAD + 1, at, column.header, styles["head"])
        sheet.write_string(HEAD + 2, at, column.unit, styles["head"])
    sheet.set_row(HEAD + 1, 76)
    for at, row in enumerate(rows):
        for place, column in enumerate(columns):
            _put(sheet, FIRST_ROW + at, place, row[column.key], styles)
    last = FIRST_ROW + len(rows) - 1
    for item in layout.basis.items_of(stage):
        if ("met", item["item_code"]) in rows[0]:
            value, met = (layout.places[stage, (key, item["item_code"])] for key in ("value", "met"))
            flag = f"={xl_rowcol_to_cell(FIRST_ROW, met)}=0"
            rule = {"type": "formula", "criteria": flag, "format": styles["failing"]}
            for column in (value, met):
                sheet.conditional_format(FIRST_ROW, column, last, column, rule)
    sheet.freeze_panes(FIRST_ROW, 3)
    sheet.repeat_rows(HEAD, FIRST_ROW - 1)
    sheet.repeat_columns(0, 1)
    _set_pages(sheet, columns)


def _set_pages(sheet: Any, columns: list[calculate.Column]) -> None:
    """Break pages between blocks, number and name repeated, at a scale at which the widest block fits."""
    together = {"学校": 0, "原始数": 0, "分摊": 0}
    pages = [list(group) for _, group in groupby(columns, key=lambda column: together.get(column.block, column.block))]
    repeated = sum(column.width * CHARACTER + GUTTER for column in columns[:2])
    wide = [
        sum(column.width * CHARACTER + GUTTER for column in page) + repeated * (at > 0) for at, page in enumerate(pages)
    ]
    ends = [sum(map(len, pages[: at + 1])) for at in range(len(pages) - 1)]
    sheet.set_v_pagebreaks(ends)
    sheet.set_print_scale(min(LARGEST_SCALE, int(PAGE / max(wide) * 100)))


def _write_coefficients(
    sheet: Any, styles: dict[str, Any], layout: Layout, coefficients: dict[tuple[str, str], dict[str, Cell]]
) -> None:
    """Write every coefficient by stage and item, the composite where the standard has one, above the limit shaded."""
    basis = layout.basis
    headers = [("学段", 8), ("代码", 6), ("指标", 50), ("学校数", 8), ("可计算学校数", 8), ("学生数合计", 11)]
    headers += [("分子合计", 20), ("全县平均值", 15), ("标准差", 14), ("差异系数", 11), ("比较", 6), ("上限", 8)]
    headers += [("余量", 11), ("结论", 9)]
    _head(sheet, styles, f"校际差异系数　{basis.document}", "按学生数加权；差异系数=标准差÷全县平均值。", headers)
    items = {(row["stage"], row["item_code"]): row for row in basis.items}
    for key, row in layout.cv_rows.items():
        item, cells = items[key], coefficients[key]
        cv, limit = cells["cv"].value, cells["limit"].value
        margin = calculate.MISSING if isinstance(cv, str) or isinstance(limit, str) else limit - cv
        cv_at, limit_at = (xl_rowcol_to_cell(row, calculate.CV_AT[name]) for name in ("cv", "limit"))
        said = {0: basis.stage_names[key[0]], 1: key[1], 2: item["name_zh"], 10: item["cv_operator"] or ""}
        for column, text in said.items():
            sheet.write_string(row, column, text, styles["text"])
        for name, column in calculate.CV_AT.items():
            _put(sheet, row, column, cells[name], styles)
        _put(sheet, row, 12, Cell(margin, f'=IF(OR({cv_at}="",{limit_at}=""),"",{limit_at}-{cv_at})', "signed"), styles)
        rule = {"type": "formula", "criteria": f"=AND(N({limit_at})>0,{cv_at}>{limit_at})", "format": styles["failing"]}
        sheet.conditional_format(row, calculate.CV_AT["cv"], row, calculate.CV_AT["cv"], rule)
    for at, (stage, one) in enumerate(basis.composites.items()):
        _write_composite(sheet, styles, layout, coefficients, one, stage, FIRST_ROW + len(layout.cv_rows) + 1 + at)


def _write_composite(
    sheet: Any,
    styles: dict[str, Any],
    layout: Layout,
    coefficients: dict[tuple[str, str], dict[str, Cell]],
    one: fetch.Row,
    stage: str,
    row: int,
) -> None:
    """Write the composite coefficient of a stage: the plain mean of its coefficients."""
    keys = [key for key in layout.cv_rows if key[0] == stage]
    places = [xl_rowcol_to_cell(layout.cv_rows[key], calculate.CV_AT["cv"]) for key in keys]
    span = f"{places[0]}:{places[-1]}"
    value = calculate.composite(coefficients[key]["cv"].value for key in keys)
    for column, text in {
        0: layout.basis.stage_names[stage],
        2: "综合差异系数（各项平均）",
        10: one["operator"],
    }.items():
        sheet.write_string(row, column, text, styles["text"])
    formula = f'=IF(COUNT({span})<ROWS({span}),"",AVERAGE({span}))'
    _put(sheet, row, calculate.CV_AT["cv"], Cell(value, formula, "coefficient"), styles)
    _put(sheet, row, calculate.CV_AT["limit"], Cell(float(one["limit_value"]), style="limit"), styles)


def _write_check(
    sheet: Any,
    styles: dict[str, Any],
    layout: Layout,
    cells: dict[str, list[Row]],
    coefficients: dict[tuple[str, str], dict[str, Cell]],
) -> None:
    """Write what the formulas come to beside what the release says, and the difference."""
    basis = layout.basis
    headers = [
        ("学段", 8),
        ("代码／校区编号", 14),
        ("指标／学校", 50),
        ("项目", 16),
        ("公式结果", 16),
        ("发布版", 16),
        ("差", 12),
    ]
    _head(sheet, styles, f"核对　发布版 {basis.release_id}", "公式结果减发布版；文字相同为0，不同为1。", headers)
    row = FIRST_ROW
    for item in basis.items:
        key = item["stage"], item["item_code"]
        if key not in coefficients:
            continue
        said = (basis.stage_names[key[0]], key[1], item["name_zh"])
        for what, name, published in (("全县平均值", "mean", "weighted_mean"), ("差异系数", "cv", "cv")):
            there = calculate.elsewhere(COEFFICIENTS, layout.cv_rows[key], calculate.CV_AT[name])
            _compare(sheet, styles, row, (*said, what), there, coefficients[key][name].value, item[published])
            row += 1
        there = calculate.elsewhere(COEFFICIENTS, layout.cv_rows[key], calculate.CV_AT["verdict"])
        _compare(
            sheet, styles, row, (*said, "结论"), there, coefficients[key]["verdict"].value, item["cv_verdict_text"]
        )
        row += 1
    row = _compare_units(sheet, styles, layout, cells, row)
    span = f"{xl_rowcol_to_cell(FIRST_ROW, 6)}:{xl_rowcol_to_cell(row - 1, 6)}"
    rule = {"type": "cell", "criteria": "not between", "minimum": -1e-9, "maximum": 1e-9, "format": styles["failing"]}
    sheet.conditional_format(span, rule)
    sheet.autofilter(FIRST_ROW - 1, 0, row - 1, 6)
    sheet.write_string(2, 3, "超过1E-9的行数", styles["text"])
    sheet.write_formula(2, 4, f'=COUNTIF({span},">1E-9")+COUNTIF({span},"<-1E-9")', styles["count"], 0)


def _compare_units(sheet: Any, styles: dict[str, Any], layout: Layout, cells: dict[str, list[Row]], row: int) -> int:
    """Write two lines for each school under the school rule: items met, and the verdict; return the next row."""
    names = layout.basis.stage_names
    for stage in layout.basis.stages():
        for at, unit in enumerate(layout.basis.units[stage]):
            if ("verdict",) not in cells[stage][at] or unit["verdict_text"] is None:
                continue
            said = (names[stage], unit["site_id"], unit["school_name"] or "")
            for what, name, published in (("达标项数", "met_items", "met_items"), ("结论", "verdict", "verdict_text")):
                there = f"'{names[stage]}'!{layout.at(stage, (name,), FIRST_ROW + at)}"
                _compare(sheet, styles, row, (*said, what), there, cells[stage][at][(name,)].value, unit[published])
                row += 1
    return row


def _compare(
    sheet: Any, styles: dict[str, Any], row: int, said: tuple[str, ...], there: str, value: Any, published: Any
) -> None:
    """Write one line of the comparison: what, the formula's result, the release's, the difference."""
    for column, text in enumerate(said):
        sheet.write_string(row, column, text, styles["text"])
    ours, theirs = (xl_rowcol_to_cell(row, column) for column in (4, 5))
    is_text = isinstance(value, str) and value != calculate.MISSING
    style = "text" if is_text else "count" if isinstance(published, int) else "exact"
    _put(sheet, row, 4, Cell(value, f"={there}", style), styles)
    shown = published if isinstance(published, str) else calculate.as_float(published)
    _put(sheet, row, 5, Cell(shown, style=style), styles)
    if is_text or isinstance(shown, str) or isinstance(value, str):
        difference: Any = float(value != shown)
    else:
        difference = value - shown
    formula = f'=IF(AND(ISNUMBER({ours}),ISNUMBER({theirs})),{ours}-{theirs},IF({ours}&""={theirs}&"",0,1))'
    _put(sheet, row, 6, Cell(difference, formula, "tiny"), styles)


def _set_print(sheet: Any, basis: Basis) -> None:
    """Set A4 landscape, headers repeated, county and page in the footer."""
    county = basis.county
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    mark = "　合成数据" if county["is_synthetic"] else ""
    sheet.set_footer(
        f"&L{county['county_name'] or county['county_code']} {county['stat_year']}　{basis.release_id}{mark}"
        "&R&A　第 &P 页 共 &N 页"
    )
    if sheet.get_name() not in basis.stage_names.values():
        sheet.fit_to_pages(1, 0)
