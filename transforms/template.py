"""The workbook a bureau fills in, made from the input contracts: a sheet a table, checked while typing."""

from __future__ import annotations

import datetime
import hashlib
import os
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts import dictionary
from contracts.codes import read_codes
from contracts.dictionary import Column
from contracts.fields import COUNTY_CODE, SCHOOL_CODE, Table

if TYPE_CHECKING:
    import polars as pl
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

STAMP_SHEET = "_版本"
DECLARED = "declaration"
"""Whose word a workbook is unless it says otherwise."""
GUIDE_SHEET = "填报说明"
CODES_SHEET = "代码"
LAST_ROW = 5000
"""Validations reach down to this row; more rows are read all the same."""
MADE_UP = "本文件含合成数据，仅供演示，不反映任何真实学校 / synthetic data for demonstration only"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
HEAD_COLOUR, REQUIRED_COLOUR = "D9E2F3", "FCE4D6"
LONG_LIST = 20
"""A longer code list, or one with units, has its own table on the first sheet."""
ANY_NUMBER = 10**14
"""Bound of a decimal that may be below 0: wider than any value, it only keeps words out."""


def stamp(stat_year: int, source: str = DECLARED) -> dict[str, str]:
    """Return what the hidden sheet says: product, form, year, and a hash of the contracts the headers come from.

    `source`: whose word the workbook is (codes/sources.csv), where it is not a declaration.
    """
    digest = hashlib.sha256()
    for name, model in dictionary.input_tables().items():
        for column in dictionary.columns(model):
            digest.update(f"{name}.{column.name}:{column.header}:{column.kind}\n".encode())
    return {
        "product": "junheng",
        "form": "template",
        "stat_year": str(stat_year),
        "contract": digest.hexdigest()[:12],
        **({"source": source} if source != DECLARED else {}),
    }


def write_workbook(
    path: Path, stat_year: int, frames: Mapping[str, pl.DataFrame] | None = None, source: str = DECLARED
) -> Path:
    """Write the template of a year, with the rows of `frames` (table → typed rows) filled in; return the path.

    `source`: whose word it will be (codes/sources.csv): each value keeps it, and the nearer source is used.
    The same call writes the same bytes. Raises OSError when the file cannot be written (open in Excel, disk full).
    """
    from openpyxl import Workbook

    workbook = Workbook()
    made = datetime.datetime(stat_year, 9, 1)
    workbook.properties.creator = "junheng"
    workbook.properties.created = workbook.properties.modified = made
    guide = workbook.active
    guide.title = GUIDE_SHEET
    lists = _write_codes(workbook)
    for name, model in dictionary.input_tables().items():
        sheet = workbook.create_sheet(dictionary.title(model))
        columns = shown_columns(model, with_optional=frames is not None)
        _write_head(sheet, model, columns)
        for at, column in enumerate(columns, start=1):
            _validate(sheet, column, sheet.cell(1, at).column_letter, lists, stat_year)
        if frames is not None and name in frames:
            _fill(sheet, model, columns, frames[name])
    _fit_to_page(guide)
    _write_guide(guide, stat_year, is_synthetic=_holds_synthetic(frames))
    for name in (CODES_SHEET, STAMP_SHEET):
        hidden = workbook[name] if name in workbook.sheetnames else workbook.create_sheet(name)
        hidden.sheet_state = "hidden" if name == CODES_SHEET else "veryHidden"
    for row in stamp(stat_year, source).items():
        workbook[STAMP_SHEET].append(row)
    workbook.move_sheet(CODES_SHEET, offset=len(workbook.sheetnames))
    return _save(workbook, path, made)


def _holds_synthetic(frames: Mapping[str, pl.DataFrame] | None) -> bool:
    return any(bool(rows["is_synthetic"].any()) for rows in (frames or {}).values())


def _write_codes(workbook: Workbook) -> dict[str, str]:
    """Write the code lists of the input tables into columns of a hidden sheet; return list → range for validations."""
    sheet = workbook.create_sheet(CODES_SHEET)
    ranges = {}
    models = dictionary.input_tables().values()
    names = {column.codes for model in models for column in dictionary.columns(model) if column.codes}
    for at, name in enumerate(sorted(names), start=1):
        texts = [row["text_zh"] for row in read_codes(name).values()]
        sheet.cell(1, at, name)
        for number, text in enumerate(texts, start=2):
            sheet.cell(number, at, text)
        letter = sheet.cell(1, at).column_letter
        ranges[name] = f"'{CODES_SHEET}'!${letter}$2:${letter}${len(texts) + 1}"
    return ranges


def shown_columns(model: type[Table], *, with_optional: bool) -> list[Column]:
    """Return the columns of a sheet; those a file may leave out stand only in filled workbooks."""
    return [column for column in dictionary.columns(model) if with_optional or not column.is_optional]


def number_format(model: type[Table], column: Column) -> str:
    """Return the cell format of a column: texts keep leading zeros and are no dates, numbers show their decimals."""
    if column.kind == "decimal":
        return "0." + "0" * dictionary.polars_type(model, column.name).scale
    return {"integer": "0", "text": "@"}.get(column.kind, "General")


def _is_required(column: Column) -> bool:
    return not (column.is_nullable or column.is_optional)


def _width(column: Column) -> int:
    """Return a width that shows most contents: of a code its longest text, of a free text a name."""
    shown = [row["text_zh"] for row in read_codes(column.codes).values()] if column.codes else []
    is_free = column.kind == "text" and not column.codes and not column.pattern
    least = 24 if is_free else 13
    return max(least, min(36, 2 * max(len(text) for text in [column.header, *shown]) + 2))


def _write_head(sheet: Worksheet, model: type[Table], columns: list[Column]) -> None:
    """Write the header row, required columns coloured; format whole columns, so that empty cells have it too."""
    from openpyxl.styles import Alignment, Font, PatternFill

    for at, column in enumerate(columns, start=1):
        cell = sheet.cell(1, at, column.header)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        cell.fill = PatternFill("solid", start_color=REQUIRED_COLOUR if _is_required(column) else HEAD_COLOUR)
        below = sheet.column_dimensions[cell.column_letter]
        below.width = _width(column)
        below.number_format = number_format(model, column)
    sheet.freeze_panes = "A2"
    _fit_to_page(sheet)
    sheet.row_dimensions[1].height = 32


def _fit_to_page(sheet: Worksheet) -> None:
    """Let the sheet print across one landscape page, headers on each."""
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"


def _fill(sheet: Worksheet, model: type[Table], columns: list[Column], rows: pl.DataFrame) -> None:
    """Write typed rows as a clerk would: codes as their Chinese text, yes and no as 是 and 否, texts as texts."""
    texts = {column.name: read_codes(column.codes) for column in columns if column.codes}
    formats = [number_format(model, column) for column in columns]
    for number, row in enumerate(rows.select(column.name for column in columns).rows(), start=2):
        for at, (column, value) in enumerate(zip(columns, row, strict=True)):
            if value is None:
                continue
            shown: Any = value
            if column.kind == "boolean":
                shown = "是" if value else "否"
            elif column.codes:
                shown = texts[column.name][value]["text_zh"]
            cell = sheet.cell(number, at + 1, shown)
            cell.number_format = formats[at]
            if isinstance(shown, str):
                cell.data_type = "s"  # a text that begins with = is a text


def _validate(sheet: Worksheet, column: Column, letter: str, lists: dict[str, str], stat_year: int) -> None:
    """Let a column take only what its contract allows; free text is not checked while typing."""
    from openpyxl.worksheet.datavalidation import DataValidation

    low, high = column.low, column.high
    if column.codes:
        kind, bounds, said = "list", {"formula1": lists[column.codes]}, "请从下拉列表中选择"
    elif column.kind == "boolean":
        kind, bounds, said = "list", {"formula1": '"是,否"'}, "请填「是」或「否」"
    elif column.pattern in {SCHOOL_CODE, COUNTY_CODE}:
        length = "10" if column.pattern == SCHOOL_CODE else "6"
        kind, bounds, said = "textLength", {"operator": "equal", "formula1": length}, f"请填{length}位数字"
    elif column.name == "stat_year":
        kind, bounds = "whole", {"operator": "equal", "formula1": str(stat_year)}
        said = f"本模板只填{stat_year}年度，请填{stat_year}"
    elif column.kind in {"integer", "decimal"}:
        kind, what = ("whole", "整数") if column.kind == "integer" else ("decimal", "数字")
        if low is not None and high is None:
            bounds, said = {"operator": "greaterThanOrEqual", "formula1": str(low)}, f"请填{what}，不小于{low}"
        else:
            least, most = (-ANY_NUMBER if low is None else low), (ANY_NUMBER if high is None else high)
            bounds = {"operator": "between", "formula1": str(least), "formula2": str(most)}
            said = f"请填{what}" if low is None else f"请填{low}至{high}的{what}"
    else:
        return
    more = "；没有数据请留空" if column.is_nullable else ""
    rule = DataValidation(type=kind, allow_blank=column.is_nullable, showErrorMessage=True, **bounds)
    rule.errorTitle, rule.error = column.label, said + more
    rule.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(rule)


def _write_guide(sheet: Worksheet, stat_year: int, *, is_synthetic: bool) -> None:
    """Write the first sheet: how to fill, what a row of each sheet is, every column, the longer code lists."""
    from openpyxl.styles import Font

    sheet.append([f"义务教育均衡数据填报模板　{stat_year}-{stat_year + 1}学年"])
    sheet["A1"].font = Font(bold=True, size=16)
    if is_synthetic:
        sheet.append([MADE_UP])
        sheet.cell(sheet.max_row, 1).font = Font(bold=True, color="FF0000")
    for line in (
        f"统计年度填{stat_year}；除另有说明外，数据以{stat_year}年9月1日为准。",
        "橙色列必填。没有数据请留空，不要填0、「暂无」或「—」；0表示确实没有。",
        "不要改工作表名称和列名，不要合并单元格；行数不限。",
        "一贯制学校的学生、班级、教师按学段分行填；校舍装备按校区填全校合计，由系统分摊。",
        "填好后用 junheng check 检查，没有错误再上报。",
    ):
        sheet.append([line])
    models = dictionary.input_tables().values()
    _write_list(sheet, ("工作表", "每行填什么"), [_named(model) for model in models])
    described = [_described(model, column) for model in models for column in shown_columns(model, with_optional=True)]
    _write_list(sheet, ("工作表", "列", "单位", "必填", "说明", "可填内容"), described)
    listed = [row for model in models for row in _long_lists(model)]
    _write_list(sheet, ("工作表", "列", "单位", "", "下拉列表中的选项", "代码"), listed)
    for letter, width in zip("ABCDEF", (16, 26, 10, 8, 56, 60), strict=True):
        sheet.column_dimensions[letter].width = width


def _named(model: type[Table]) -> list[str]:
    return [dictionary.title(model), dictionary.table_metadata(model)["grain_zh"]]


def _described(model: type[Table], column: Column) -> list[str]:
    needed = "必填" if _is_required(column) else "选填"
    allowed = column.allowed_text
    if _has_own_list(column):
        allowed = f"从下拉列表选择，共{len(read_codes(column.codes or ''))}项，见本页下方"
    return [dictionary.title(model), column.header, column.unit, needed, column.description, allowed]


def _has_own_list(column: Column) -> bool:
    rows = read_codes(column.codes) if column.codes else {}
    return len(rows) > LONG_LIST or any(row.get("unit") for row in rows.values())


def _long_lists(model: type[Table]) -> list[list[str]]:
    return [
        [dictionary.title(model), column.header, row.get("unit", ""), "", row["text_zh"], row["code"]]
        for column in dictionary.columns(model)
        if _has_own_list(column)
        for row in read_codes(column.codes or "").values()
    ]


def _write_list(sheet: Worksheet, heads: tuple[str, ...], rows: list[list[str]]) -> None:
    """Write a blank line, a header and rows; descriptions wrap."""
    from openpyxl.styles import Alignment, Font, PatternFill

    start = sheet.max_row + 2
    for at, head in enumerate(heads, start=1):
        cell = sheet.cell(start, at, head)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", start_color=HEAD_COLOUR)
    wrapped = Alignment(wrap_text=True, vertical="top")
    for number, row in enumerate(rows, start=start + 1):
        for at, value in enumerate(row, start=1):
            if value:
                cell = sheet.cell(number, at, value)
                cell.number_format = "@"
                cell.alignment = wrapped if len(row) > 2 else Alignment(vertical="top")


def _save(workbook: Workbook, path: Path, made: datetime.datetime) -> Path:
    """Save without the clock: openpyxl stamps properties and zip entries with the time of writing.

    The file appears whole under its name or not at all; no half-written one is left behind.
    """
    partial, fixed = path.with_name(path.name + ".part"), path.with_name(path.name + ".fixed")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        workbook.save(partial)
        with zipfile.ZipFile(partial) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in source.infolist():
                content = source.read(entry)
                if entry.filename == "docProps/core.xml":
                    content = _with_time(content, made)
                info = zipfile.ZipInfo(entry.filename, date_time=FIXED_TIME)
                info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3  # 3: as on Unix, wherever it runs
                target.writestr(info, content)
        os.replace(fixed, path)
    finally:
        partial.unlink(missing_ok=True)
        fixed.unlink(missing_ok=True)
    return path


def _with_time(content: bytes, made: datetime.datetime) -> bytes:
    stamped = made.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamped, content)
