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
from contracts.codes import CODES_DIR, read_codes
from contracts.dictionary import Column, Table

if TYPE_CHECKING:
    import polars as pl
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

STAMP_SHEET = "_版本"
GUIDE_SHEET = "填报说明"
CODES_SHEET = "代码"
LAST_ROW = 5000
"""Validations reach down to this row; more rows are read all the same."""
MADE_UP = "本文件含合成数据，仅供演示，不反映任何真实学校 / synthetic data for demonstration only"
FIXED_TIME = (1980, 1, 1, 0, 0, 0)
HEAD_COLOUR, REQUIRED_COLOUR = "D9E2F3", "FCE4D6"


def stamp(stat_year: int) -> dict[str, str]:
    """Return what the hidden sheet says: product, form, year, and a hash of the contracts the headers come from."""
    digest = hashlib.sha256()
    for name, model in dictionary.input_tables().items():
        for column in dictionary.columns(model):
            digest.update(f"{name}.{column.name}:{column.header}:{column.kind}\n".encode())
    return {
        "product": "junheng",
        "form": "template",
        "stat_year": str(stat_year),
        "contract": digest.hexdigest()[:12],
    }


def write_workbook(path: Path, stat_year: int, frames: Mapping[str, pl.DataFrame] | None = None) -> Path:
    """Write the template of a year, with the rows of `frames` (table → typed rows) filled in; return the path.

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
        _write_table(sheet, model, lists, None if frames is None else frames.get(name))
    _write_guide(guide, stat_year, is_synthetic=_holds_synthetic(frames))
    for name in (CODES_SHEET, STAMP_SHEET):
        hidden = workbook[name] if name in workbook.sheetnames else workbook.create_sheet(name)
        hidden.sheet_state = "hidden" if name == CODES_SHEET else "veryHidden"
    for row in stamp(stat_year).items():
        workbook[STAMP_SHEET].append(row)
    workbook.move_sheet(CODES_SHEET, offset=len(workbook.sheetnames))
    return _save(workbook, path, made)


def _holds_synthetic(frames: Mapping[str, pl.DataFrame] | None) -> bool:
    return any(bool(rows["is_synthetic"].any()) for rows in (frames or {}).values())


def _write_codes(workbook: Workbook) -> dict[str, str]:
    """Write every code list into a column of a hidden sheet; return list → range for validations."""
    sheet = workbook.create_sheet(CODES_SHEET)
    ranges = {}
    for at, path in enumerate(sorted(CODES_DIR.glob("*.csv")), start=1):
        texts = [row["text_zh"] for row in read_codes(path.stem).values()]
        sheet.cell(1, at, path.stem)
        for number, text in enumerate(texts, start=2):
            sheet.cell(number, at, text)
        letter = sheet.cell(1, at).column_letter
        ranges[path.stem] = f"={CODES_SHEET}!${letter}$2:${letter}${len(texts) + 1}"
    return ranges


def shown_columns(model: type[Table], *, with_optional: bool) -> list[Column]:
    """Return the columns of a sheet; those a file may leave out stand only in filled workbooks."""
    return [column for column in dictionary.columns(model) if with_optional or not column.is_optional]


def _write_table(sheet: Worksheet, model: type[Table], lists: dict[str, str], rows: pl.DataFrame | None) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    columns = shown_columns(model, with_optional=rows is not None)
    for at, column in enumerate(columns, start=1):
        cell = sheet.cell(1, at, column.header)
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        colour = HEAD_COLOUR if column.is_nullable or column.is_optional else REQUIRED_COLOUR
        cell.fill = PatternFill("solid", start_color=colour)
        sheet.column_dimensions[cell.column_letter].width = max(11, min(30, 2 * len(column.header) + 2))
        _validate(sheet, column, cell.column_letter, lists)
        if column.kind == "text":
            sheet.column_dimensions[cell.column_letter].number_format = "@"
    sheet.freeze_panes = "A2"
    sheet.row_dimensions[1].height = 32
    if rows is not None:
        _fill(sheet, columns, rows)


def _fill(sheet: Worksheet, columns: list[Column], rows: pl.DataFrame) -> None:
    """Write typed rows as a clerk would: codes as their Chinese text, yes and no as 是 and 否, texts as texts."""
    texts = {column.name: read_codes(column.codes) for column in columns if column.codes}
    for number, row in enumerate(rows.select(column.name for column in columns).rows(), start=2):
        for at, (column, value) in enumerate(zip(columns, row, strict=True), start=1):
            if value is None:
                continue
            shown: Any = value
            if column.kind == "boolean":
                shown = "是" if value else "否"
            elif column.codes:
                shown = texts[column.name][value]["text_zh"]
            cell = sheet.cell(number, at, shown)
            if column.kind == "text":
                cell.number_format = "@"
                cell.data_type = "s"  # a text that begins with = is a text


def _validate(sheet: Worksheet, column: Column, letter: str, lists: dict[str, str]) -> None:
    from openpyxl.worksheet.datavalidation import DataValidation

    options: dict[str, Any] = {"allow_blank": column.is_nullable, "showErrorMessage": True}
    if column.codes:
        rule = DataValidation(type="list", formula1=lists[column.codes], **options)
    elif column.kind == "boolean":
        rule = DataValidation(type="list", formula1='"是,否"', **options)
    elif column.kind in {"integer", "decimal"} and column.low is not None:
        kind = "whole" if column.kind == "integer" else "decimal"
        bounds = {"operator": "greaterThanOrEqual", "formula1": str(column.low)}
        if column.high is not None:
            bounds = {"operator": "between", "formula1": str(column.low), "formula2": str(column.high)}
        rule = DataValidation(type=kind, **bounds, **options)
    elif column.pattern in {dictionary.SCHOOL_CODE, dictionary.COUNTY_CODE}:
        length = "10" if column.pattern == dictionary.SCHOOL_CODE else "6"
        rule = DataValidation(type="textLength", operator="equal", formula1=length, **options)
    else:
        return
    rule.errorTitle = column.label
    rule.error = f"应为{column.allowed_text}"[:220]
    rule.add(f"{letter}2:{letter}{LAST_ROW}")
    sheet.add_data_validation(rule)


def _write_guide(sheet: Worksheet, stat_year: int, *, is_synthetic: bool) -> None:
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
    sheet.append([])
    sheet.append(["工作表", "列", "单位", "必填", "说明", "可填内容"])
    head = sheet.max_row
    for model in dictionary.input_tables().values():
        for column in shown_columns(model, with_optional=True):
            needed = "选填" if column.is_nullable or column.is_optional else "必填"
            said = [column.header, column.unit, needed, column.description, column.allowed_text]
            sheet.append([dictionary.title(model), *said])
    for cell in sheet[head]:
        cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", (16, 26, 8, 8, 56, 60), strict=True):
        sheet.column_dimensions[letter].width = width


def _save(workbook: Workbook, path: Path, made: datetime.datetime) -> Path:
    """Save without the clock: openpyxl stamps properties and zip entries with the time of writing."""
    partial = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(partial)
    fixed = path.with_name(path.name + ".fixed")
    with zipfile.ZipFile(partial) as source, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _with_time(content, made)
            info = zipfile.ZipInfo(entry.filename, date_time=FIXED_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, content)
    partial.unlink()
    os.replace(fixed, path)
    return path


def _with_time(content: bytes, made: datetime.datetime) -> bytes:
    stamped = made.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamped, content)
