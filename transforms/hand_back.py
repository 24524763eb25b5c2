"""What goes back to the schools: 问题清单.xlsx, and each workbook with its wrong cells marked, beside the original."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts import dictionary
from transforms.intake import findings
from transforms.intake.guard import clean, look, write_text
from transforms.intake.land import Landed
from transforms.intake.rename import RETURNED_SHEET

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

LIST_NAME = "问题清单.xlsx"
AUTHOR = "数据质检"
COLOURS = {"error": "FF9999", "warning": "FFE699"}
SEVERITIES = {"error": "错误", "warning": "提醒"}
STATES = {"new": "新增", "still": "仍在", "closed": "已改"}
COLUMNS = {
    "类别": 6, "文件": 26, "工作表": 15, "单元格": 8, "学校标识码": 13, "项目": 22, "所见": 16, "应为": 20,
    "问题": 40, "怎么改": 36, "状态": 6, "规则": 20,
}  # fmt: skip
"""Columns of a list of findings with their widths."""
HEAD_COLOUR, LINE_COLOUR = "D9E2F3", "BFBFBF"
LINE_HEIGHT = 15
SUMMARY_WIDTHS = (30, 8, 8, 8, 100)
CELL = re.compile(r"[A-Z]{1,3}[1-9]\d{0,6}")
LISTED_ROWS = 20_000
"""Rows of a table without cells that its copy repeats; a longer one is told by its list."""
WHOLE_BYTES = 8 << 20
"""A larger workbook is not copied cell by cell (openpyxl takes fifty times its size), but by its first rows."""
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
    _clear(workbook)
    sheets = {one.title: one for one in workbook.worksheets}
    pages: dict[str | None, Worksheet] = {None: workbook.worksheets[0], **sheets}
    for row in found:
        if row["source_sheet"] in pages and row["cell"] and CELL.fullmatch(row["cell"]):
            _mark_cell(pages[row["source_sheet"]], row)
    counts = Counter(row["severity"] for row in found)
    title = f"错误 {counts['error']} 处，提醒 {counts['warning']} 处。请按「怎么改」改正标色的格子后再报送。"
    _rows(workbook.create_sheet(RETURNED_SHEET, 0), found, pages, title)
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

    if file.suffix == ".xlsx" and file.path.stat().st_size <= WHOLE_BYTES:
        try:
            look(file.path)
            return load_workbook(file.path)
        except Exception:  # whatever openpyxl cannot open is shown by its texts
            return _as_texts(file, Workbook())
    return _as_texts(file, Workbook())


def _clear(workbook: Workbook) -> None:
    """Take away what an earlier copy said: a school may have corrected the copy itself and sent that."""
    from openpyxl.styles import PatternFill

    if RETURNED_SHEET in workbook.sheetnames and len(workbook.sheetnames) > 1:
        del workbook[RETURNED_SHEET]
    for sheet in workbook.worksheets:
        for cell in (one for row in sheet.iter_rows() for one in row if one.comment and one.comment.author == AUTHOR):
            cell.comment = None
            cell.fill = PatternFill()


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


def _mark_cell(sheet: Worksheet, row: Row) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell = sheet[row["cell"]]
    if isinstance(cell, MergedCell):
        return
    is_marked = cell.comment is not None and cell.comment.author == AUTHOR
    before = f"{cell.comment.text}\n" if cell.comment else ""
    if not is_marked or row["severity"] == "error":
        cell.fill = PatternFill("solid", start_color=COLOURS[row["severity"]])
    said = f"[{row['rule']}] {row['message_zh']}\n应为：{row['allowed'] or '—'}\n{row['advice_zh']}"
    cell.comment = Comment(before + clean_lines(said), AUTHOR, width=360, height=140)


def clean_lines(text: str) -> str:
    """Return a text of several lines without what a workbook cannot hold."""
    return "\n".join(clean(line) for line in text.split("\n"))


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
        ("规则", "类别", "处数", "学校数", "例如"),
    ]
    by_rule: dict[str, list[Row]] = {}
    of_school: dict[str, Counter[str]] = {}
    for row in open_rows:
        by_rule.setdefault(row["rule"], []).append(row)
        if row["school_code"]:
            of_school.setdefault(row["school_code"], Counter())[row["severity"]] += 1
    for rule, rows in sorted(by_rule.items(), key=lambda one: (IN_ORDER[one[1][0]["severity"]], -len(one[1]), one[0])):
        schools = len({row["school_code"] for row in rows if row["school_code"]})
        lines.append((rule, SEVERITIES[rows[0]["severity"]], len(rows), schools or None, rows[0]["message_zh"]))
    heads = [len(lines) - len(by_rule)]
    if of_school:
        lines += [(), ("学校标识码", "错误", "提醒")]
        heads.append(len(lines))
        lines += [(code, counted["error"], counted["warning"]) for code, counted in sorted(of_school.items())]
    for number, line in enumerate(lines, start=1):
        _line(sheet, number, line, SUMMARY_WIDTHS if number > heads[0] else ())
    for number in heads:
        _head(sheet, number)
    _look(sheet, SUMMARY_WIDTHS)


def _rows(
    sheet: Worksheet, found: Sequence[Row], pages: Mapping[str | None, Worksheet] | None = None, title: str = ""
) -> None:
    """Write one line per finding, worst first; with `pages` (name → sheet) each leads to its cell of one file."""
    from openpyxl.styles import PatternFill
    from openpyxl.utils import get_column_letter

    columns = {name: width for name, width in COLUMNS.items() if pages is None or name != "文件"}
    names, widths = list(columns), list(columns.values())
    top = 1 if not title else 2
    if title:
        _line(sheet, 1, (title,), ())
    _line(sheet, top, names, widths)
    ordered = sorted(
        found, key=lambda row: (IN_ORDER[row["severity"]], row["source_file"] or "", row["source_sheet"] or "")
    )
    for number, row in enumerate(ordered, start=top + 1):
        said = _said(row)
        _line(sheet, number, [said[name] for name in names], widths)
        sheet.cell(number, 1).fill = PatternFill("solid", start_color=COLOURS[row["severity"]])
        if pages and row["source_sheet"] in pages and row["cell"] and CELL.fullmatch(row["cell"]):
            _link(sheet.cell(number, names.index("单元格") + 1), pages[row["source_sheet"]], row["cell"])
    _head(sheet, top)
    _look(sheet, widths)
    sheet.freeze_panes = f"A{top + 1}"
    sheet.print_title_rows = f"{top}:{top}"
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(names))}{max(top + len(found), top)}"


def _said(row: Row) -> dict[str, str | None]:
    """Return what the line of a finding says, by column."""
    model = dictionary.input_tables().get(row["table_name"] or "")
    title = dictionary.title(model) if model else ""
    return {
        "类别": SEVERITIES[row["severity"]], "文件": row["source_file"], "工作表": row["source_sheet"],
        "单元格": row["cell"], "学校标识码": row["school_code"],
        "项目": f"{title}{findings.column_label(row['table_name'], row['column_name'])}", "所见": row["value"],
        "应为": row["allowed"], "问题": row["message_zh"], "怎么改": row["advice_zh"],
        "状态": STATES.get(row.get("state") or "", ""), "规则": row["rule"],
    }  # fmt: skip


def _link(place: Cell, target: Worksheet, cell: str) -> None:
    from openpyxl.styles import Font
    from openpyxl.worksheet.hyperlink import Hyperlink

    quoted = target.title.replace("'", "''")
    place.hyperlink = Hyperlink(ref=place.coordinate, location=f"'{quoted}'!{cell}")
    place.font = Font(color="0563C1", underline="single")


def _line(sheet: Worksheet, number: int, values: Sequence[object], widths: Sequence[int]) -> None:
    """Write a line of a table, lined and wrapped within its widths; without widths a line of plain text."""
    from openpyxl.styles import Alignment, Border, Side

    side = Side(style="thin", color=LINE_COLOUR)
    for at, value in enumerate(values, start=1):
        _put(sheet, number, at, value)
        if widths:
            sheet.cell(number, at).alignment = Alignment(wrap_text=True, vertical="top", horizontal="left")
            sheet.cell(number, at).border = Border(left=side, right=side, top=side, bottom=side)
    needed = [-(-_width(str(value or "")) // (width - 2)) for value, width in zip(values, widths, strict=False)]
    sheet.row_dimensions[number].height = LINE_HEIGHT * max([1, *needed])


def _width(text: str) -> int:
    """Return how many letters wide a text is shown; Chinese ones count twice."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WFA" else 1 for letter in text)


def _head(sheet: Worksheet, number: int) -> None:
    from openpyxl.styles import Font, PatternFill

    for cell in sheet[number]:
        if cell.value is not None:
            cell.font = Font(bold=True)
            cell.fill = PatternFill("solid", start_color=HEAD_COLOUR)


def _put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write a value; a text stays a text, whatever it begins with."""
    if isinstance(value, str):
        write_text(sheet.cell(row, column), value)
    elif value is not None:
        sheet.cell(row, column, value)


def _look(sheet: Worksheet, widths: Sequence[int]) -> None:
    """Set the widths of the columns and the page: A4 across, as wide as the table, the first line in bold."""
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.properties import PageSetupProperties

    sheet.cell(1, 1).font = Font(bold=True)
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.page_margins.left = sheet.page_margins.right = 0.4
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _save(workbook: Workbook, path: Path) -> Path:
    """Save whole or not at all."""
    partial = path.with_name(f"{path.name}.part")
    workbook.save(partial)
    partial.replace(path)
    return path
