"""What goes back to the schools: 问题清单.xlsx, and each workbook with its wrong cells marked, beside the original."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts import dictionary
from transforms.intake import findings
from transforms.intake.guard import clean, write_text
from transforms.intake.land import Landed

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

LIST_NAME = "问题清单.xlsx"
LIST_SHEET = "问题清单"
AUTHOR = "数据质检"
COLOURS = {"error": "FF9999", "warning": "FFE699"}
SEVERITIES = {"error": "错误", "warning": "提醒"}
STATES = {"new": "新增", "still": "仍在", "closed": "已改"}
HEADS = ("状态", "类别", "文件", "工作表", "单元格", "学校标识码", "项目", "所见", "应为", "问题", "怎么改", "规则")
WIDTHS = (7, 7, 32, 16, 9, 14, 22, 20, 30, 48, 48, 24)
CELL = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")
IN_ORDER = {"error": 0, "warning": 1}
Row = dict[str, Any]


def write(folder: Path, found: Sequence[Row], files: Iterable[Landed]) -> list[Path]:
    """Write the list of findings and a marked copy of every workbook or table that has any; return their paths.

    `found`: worded findings, with `state` where a run before is known. `files`: the untouched files, by their hash.
    Raises OSError when the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = [write_list(folder / LIST_NAME, found)]
    open_rows = [row for row in found if row.get("state") != "closed"]
    by_file: dict[str, list[Row]] = {}
    for row in open_rows:
        if row["source_sha256"]:
            by_file.setdefault(row["source_sha256"], []).append(row)
    taken: set[str] = set()
    for file in files:
        if file.sha256 in by_file and file.path.exists():
            paths.append(mark(file, by_file[file.sha256], folder / _name(file, taken)))
    return paths


def write_list(path: Path, found: Sequence[Row]) -> Path:
    """Write the findings as a workbook: counts, every finding, those closed since the run before."""
    from openpyxl import Workbook

    workbook = Workbook()
    summary = workbook.active
    summary.title = "汇总"
    _summary(summary, found)
    details = workbook.create_sheet("明细")
    _rows(details, [row for row in found if row.get("state") != "closed"])
    closed = [row for row in found if row.get("state") == "closed"]
    if closed:
        _rows(workbook.create_sheet("已改"), closed)
    return _save(workbook, path)


def mark(file: Landed, found: Sequence[Row], path: Path) -> Path:
    """Write a copy of a file with its wrong cells coloured and commented, and a first sheet that lists them.

    A table without cells of its own (csv, xls, parquet) becomes a workbook with the same rows and columns.
    """
    workbook = _opened(file)
    for row in found:
        sheet = _sheet(workbook, row["source_sheet"])
        if sheet is not None and row["cell"] and CELL.fullmatch(row["cell"]):
            _mark_cell(sheet, row)
    listed = workbook.create_sheet(_free_name(workbook), 0)
    _rows(listed, found, links=workbook)
    workbook.active = 0
    for sheet in workbook.worksheets[1:]:
        sheet.sheet_view.tabSelected = False
    return _save(workbook, path)


def _name(file: Landed, taken: set[str]) -> str:
    """Return a name for the copy that no other copy of the folder has; nothing of a path stays in it."""
    stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", Path(file.name).stem).strip(". ") or "文件"
    name, number = f"{stem}_标注.xlsx", 1
    while name in taken:
        number += 1
        name = f"{stem}_标注{number}.xlsx"
    taken.add(name)
    return name


def _opened(file: Landed) -> Workbook:
    """Return a workbook to mark: the file itself, or one with its texts where it cannot be opened as such."""
    from openpyxl import Workbook, load_workbook

    if file.suffix == ".xlsx":
        try:
            return load_workbook(file.path)
        except Exception:  # whatever openpyxl cannot open is shown by its texts
            return _as_texts(file, Workbook())
    return _as_texts(file, Workbook())


def _as_texts(file: Landed, workbook: Workbook) -> Workbook:
    from transforms.intake.read import Unreadable, read

    sheets = []
    try:
        sheets = read(file)
    except Unreadable as problem:
        write_text(workbook.active.cell(1, 1), clean(str(problem)))
    for number, sheet in enumerate(sheets):
        page = workbook.active if number == 0 else workbook.create_sheet()
        page.title = (sheet.name or "数据")[:31]
        names = [list(sheet.names)] if sheet.names else []
        for at, row in enumerate([*names, *sheet.cells.head(LISTED_ROWS).rows()], start=1):
            for column, text in enumerate(row, start=1):
                if text is not None:
                    write_text(page.cell(at, column), str(text))
    return workbook


LISTED_ROWS = 20_000
"""Rows of a table without cells that its copy repeats; a longer one is told by its list."""


def _sheet(workbook: Workbook, name: str | None) -> Worksheet | None:
    if name and name in workbook.sheetnames:
        return workbook[name]
    return workbook.worksheets[0] if not name else None


def _mark_cell(sheet: Worksheet, row: Row) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell = sheet[row["cell"]]
    if isinstance(cell, MergedCell):
        return
    before = cell.comment.text + "\n" if cell.comment and cell.comment.author == AUTHOR else ""
    if not before or row["severity"] == "error":
        cell.fill = PatternFill("solid", start_color=COLOURS[row["severity"]])
    said = f"[{row['rule']}] {row['message_zh']}\n应为：{row['allowed'] or '—'}\n{row['advice_zh']}"
    cell.comment = Comment(before + clean_lines(said), AUTHOR, width=360, height=140)


def clean_lines(text: str) -> str:
    """Return a text of several lines without what a workbook cannot hold."""
    return "\n".join(clean(line) for line in text.split("\n"))


def _free_name(workbook: Workbook) -> str:
    name, number = LIST_SHEET, 1
    while name in workbook.sheetnames:
        number += 1
        name = f"{LIST_SHEET}{number}"
    return name


def _summary(sheet: Worksheet, found: Sequence[Row]) -> None:
    """Write how many findings there are by kind and by school, and what the template is to blame for."""
    open_rows = [row for row in found if row.get("state") != "closed"]
    counts = Counter(row["severity"] for row in open_rows)
    states = Counter(row.get("state") for row in found)
    lines: list[Sequence[object]] = [
        ("问题清单",),
        (f"错误 {counts['error']} 处，提醒 {counts['warning']} 处；有错误的县区年度暂不接收，改正后重新上报即可。",),
        ("　".join(f"{STATES[state]} {states[state]} 处" for state in STATES if states[state]),),
        (),
        ("规则", "类别", "处数", "学校数", "说明"),
    ]
    by_rule: dict[str, list[Row]] = {}
    for row in open_rows:
        by_rule.setdefault(row["rule"], []).append(row)
    for rule, rows in sorted(by_rule.items(), key=lambda one: (IN_ORDER[one[1][0]["severity"]], -len(one[1]), one[0])):
        schools = len({row["school_code"] for row in rows if row["school_code"]})
        lines.append((rule, SEVERITIES[rows[0]["severity"]], len(rows), schools or None, rows[0]["message_zh"]))
    lines += [(), ("学校标识码", "错误", "提醒")]
    for code in sorted({row["school_code"] for row in open_rows if row["school_code"]}):
        of_school = Counter(row["severity"] for row in open_rows if row["school_code"] == code)
        lines.append((code, of_school["error"], of_school["warning"]))
    for number, line in enumerate(lines, start=1):
        for at, value in enumerate(line, start=1):
            _put(sheet, number, at, value)
    _look(sheet, heads=(1, 5), widths=(30, 8, 8, 8, 90))


def _rows(sheet: Worksheet, found: Sequence[Row], links: Workbook | None = None) -> None:
    """Write one line per finding, worst first; with `links` each leads to its cell."""
    from openpyxl.styles import Alignment
    from openpyxl.worksheet.hyperlink import Hyperlink

    for at, head in enumerate(HEADS, start=1):
        _put(sheet, 1, at, head)
    ordered = sorted(
        found, key=lambda row: (IN_ORDER[row["severity"]], row["source_file"] or "", row["source_sheet"] or "")
    )
    for number, row in enumerate(ordered, start=2):
        column = findings.column_label(row["table_name"], row["column_name"])
        model = dictionary.input_tables().get(row["table_name"] or "")
        title = dictionary.title(model) if model else ""
        values = (
            STATES.get(row.get("state") or "", ""), SEVERITIES[row["severity"]], row["source_file"],
            row["source_sheet"], row["cell"], row["school_code"], f"{title}{column}", row["value"],
            row["allowed"], row["message_zh"], row["advice_zh"], row["rule"],
        )  # fmt: skip
        for at, value in enumerate(values, start=1):
            _put(sheet, number, at, value)
            sheet.cell(number, at).alignment = Alignment(wrap_text=True, vertical="top")
        if links is not None and row["cell"] and CELL.fullmatch(row["cell"]):
            target = _sheet(links, row["source_sheet"])
            if target is not None:
                place = sheet.cell(number, HEADS.index("单元格") + 1)
                quoted = target.title.replace("'", "''")
                place.hyperlink = Hyperlink(ref=place.coordinate, location=f"'{quoted}'!{row['cell']}")
                place.style = "Hyperlink"
    _look(sheet, heads=(1,), widths=WIDTHS)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{sheet.cell(1, len(HEADS)).column_letter}{max(sheet.max_row, 1)}"


def _put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write a value; a text stays a text, whatever it begins with."""
    if isinstance(value, str):
        write_text(sheet.cell(row, column), value)
    elif value is not None:
        sheet.cell(row, column, value)


def _look(sheet: Worksheet, heads: Sequence[int], widths: Sequence[int]) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    for number in heads:
        for cell in sheet[number]:
            cell.font = Font(bold=True)
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _save(workbook: Workbook, path: Path) -> Path:
    """Save whole or not at all."""
    partial = path.with_name(f"{path.name}.part")
    workbook.save(partial)
    partial.replace(path)
    return path
