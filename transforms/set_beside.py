"""三值对照: what several sources say of one item of one school, side by side, and whose word is used."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contracts import dictionary
from contracts.codes import read_codes
from transforms.intake.guard import write_text

if TYPE_CHECKING:
    import duckdb

FILE_NAME = "三值对照.xlsx"
HEADS = ("年度", "县区", "学校标识码", "学校", "表", "行", "项目")
WIDTHS = (7, 9, 13, 24, 12, 18, 24)
SOURCE_WIDTH, PLACE_WIDTH = 14, 34
WHOSE = ("stat_year", "county_code", "school_code")
DIFFERS = "FF9999"
Row = dict[str, Any]


def sources() -> dict[str, str]:
    """Return the sources by precedence, code → Chinese name."""
    rows = sorted(read_codes("sources").items(), key=lambda one: int(one[1]["precedence"]))
    return {code: row["text_zh"] for code, row in rows}


def rows(con: duckdb.DuckDBPyConnection, county: str | None, stat_year: int | None) -> list[Row]:
    """Return one row per school (or county), year and item that at least two sources speak of, as last taken in.

    Each has `values` (source → what it says, several words of one source joined), `places` (source → file › cell),
    `used` (the source whose word is taken) and `agrees`. Those that differ come first.
    """
    said = con.execute(
        "with names as (select school_code, arg_max(school_name, stat_year) as school_name from inputs.school"
        " where campus_no = 0 group by school_code)"
        " select v.stat_year, v.county_code, v.school_code, n.school_name, v.table_name, v.row_key, v.column_name,"
        " v.source_code, v.value, concat_ws(' › ', v.source_file, v.source_sheet, v.cell) as place, v.is_used"
        " from source_value as v left join names as n on v.school_code = n.school_code"
        " where v.column_name <> 'is_synthetic' and (? is null or v.county_code = ?) and (? is null or v.stat_year = ?)"
        " order by v.stat_year, v.county_code, v.school_code, v.table_name, v.row_key, v.column_name, v.source_code,"
        " v.source_file, v.source_sheet, v.cell",
        [county, county, stat_year, stat_year],
    ).fetchall()
    found: dict[tuple[Any, ...], Row] = {}
    for *item, source, value, place, is_used in said:
        year, code, school, name, table, row_key, column = item
        row = found.setdefault(
            tuple(item),
            {
                "stat_year": year, "county_code": code, "school_code": school, "school_name": name,
                "table_name": table, "row_key": _row_in_words(table, row_key), "column_name": column,
                "values": {}, "places": {}, "used": None,
            },
        )  # fmt: skip
        row["values"].setdefault(source, {})[_worded(table, column, value)] = None
        row["places"].setdefault(source, []).append(place)
        row["used"] = source if is_used else row["used"]
    for row in found.values():
        row["agrees"] = len({value for values in row["values"].values() for value in values}) == 1
        row["values"] = {source: "、".join(values) for source, values in row["values"].items()}
        row["places"] = {source: "、".join(places) for source, places in row["places"].items()}
    return sorted(found.values(), key=lambda row: row["agrees"])


def _worded(table: str, column: str, value: str) -> str:
    """Return a value as people write it: codes by their text, truths as 是 and 否."""
    (said,) = [one for one in dictionary.columns(dictionary.input_tables()[table]) if one.name == column]
    if said.kind == "boolean":
        return {"true": "是", "false": "否"}.get(value, value)
    return read_codes(said.codes).get(value, {}).get("text_zh", value) if said.codes else value


def _row_in_words(table: str, row_key: str) -> str:
    """Return which row of a school's it is: campus, stage, grade; a key with blanks of its own stays as it is."""
    names = [name for name in dictionary.key(dictionary.input_tables()[table]) if name not in WHOSE]
    parts = row_key.split(" ")
    if len(parts) != len(names):
        return row_key
    said = {"campus_no": "校区{}", "grade": "{}年级"}
    words = [said.get(name, "{}").format(_worded(table, name, part)) for name, part in zip(names, parts, strict=True)]
    return " ".join(word for word in words if word != "校区0")


def labels(row: Row) -> tuple[str, str]:
    """Return the Chinese names of the table and of the item of a row."""
    model = dictionary.input_tables()[row["table_name"]]
    named = {one.name: one.header for one in dictionary.columns(model)}
    return dictionary.title(model), named[row["column_name"]]


def write(path: Path, listed: Sequence[Row]) -> Path:
    """Write the rows as a workbook, a column a source, what differs coloured, the cells they come from at the end.

    Raises OSError when the file cannot be written.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "三值对照"
    spoken = {code: name for code, name in sources().items() if any(code in row["values"] for row in listed)}
    heads = [*HEADS, *spoken.values(), "采用", "是否一致", *(f"{name}·出处" for name in spoken.values())]
    lines = [heads, *(_line(row, spoken) for row in listed)]
    for number, line in enumerate(lines, start=1):
        for at, text in enumerate(line, start=1):
            write_text(sheet.cell(number, at), text)
            sheet.cell(number, at).alignment = Alignment(wrap_text=True, vertical="top")
            if number == 1:
                sheet.cell(number, at).font = Font(bold=True)
            elif not listed[number - 2]["agrees"] and len(HEADS) < at <= len(HEADS) + len(spoken):
                sheet.cell(number, at).fill = PatternFill("solid", start_color=DIFFERS)
    widths = [*WIDTHS, *[SOURCE_WIDTH] * len(spoken), SOURCE_WIDTH, 9, *[PLACE_WIDTH] * len(spoken)]
    for at, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.freeze_panes = sheet.cell(2, len(HEADS) + 1).coordinate
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{len(lines)}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook.save(path)
    return path


def _line(row: Row, spoken: dict[str, str]) -> list[str]:
    """Return the texts of one line of the table."""
    table, item = labels(row)
    return [
        str(row["stat_year"]), row["county_code"], row["school_code"] or "", row["school_name"] or "", table,
        row["row_key"], item, *(row["values"].get(code, "") for code in spoken), spoken.get(row["used"], ""),
        "一致" if row["agrees"] else "不一致", *(row["places"].get(code, "") for code in spoken),
    ]  # fmt: skip
