"""The tables of a release once more, for tools and people without Parquet: a database, CSV, workbooks, a data package.

Everything here is made from the Parquet files that are written already, so it says what they say and no more.
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from contracts import dictionary
from contracts.codes import read_codes
from contracts.fields import Table

COPIES = ("duckdb", "csv", "xlsx")
"""What a release can hold beside its Parquet tables; the data package describes the CSV and comes with it."""
STORAGE_VERSION = "v1.0.0"
"""The .duckdb of a release opens in every DuckDB since 1.0."""
BOM = b"\xef\xbb\xbf"
MOST_ROWS = 100_000
"""Above so many rows no workbook is written: it would be slow to open, and Parquet and CSV are there."""
FOR_TOOLS = ("fact_measure", "fact_variance_share", "fact_history", "mart_region_item", "dim_data_dictionary")
"""Not in a county's workbook, which says where they are: long tables, other counties' figures, the sheet 字段说明."""
RUNS_IN_A_SHEET = "^[=+@\t\r-]."
"""A text that begins so would be run as a formula by a spreadsheet; in CSV an apostrophe is set before it."""
WORKBOOK, WORKBOOKS, NOTE = "数据包.xlsx", "数据包", "数据包说明.txt"
EPOCH = datetime.datetime(2020, 1, 1)
"""The date inside every workbook: the same content gives the same bytes."""
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
HEAD = {"bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "valign": "top", "border": 1}
MOST_LETTERS_OF_A_SHEET = 31
FETCHED_ROWS = 5000
A4 = 9
"""The number that a workbook has for this size of paper."""
FIELD_TYPES = {
    "integer": "integer",
    "bigint": "integer",
    "double": "number",
    "boolean": "boolean",
    "varchar": "string",
}
"""Type of DuckDB → type of a data package; a decimal is a number."""
FOREIGN_KEYS = {"dim_item": ("standard_id", "item_code"), "dim_county_year": ("stat_year", "county_code")}
"""Table → its key, by which the others refer to it."""


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its name, headers, rows, and the widths of its columns in letters."""

    title: str
    headers: list[str]
    rows: Iterable[tuple[Any, ...]]
    widths: list[int]


def write(folder: Path, rows: dict[str, int], content_hash: str, copies: Collection[str] = COPIES) -> dict[str, Any]:
    """Write database, CSV with datapackage.json, and workbooks beside the tables/ of a release; return what there is.

    `rows`: rows of each table; `copies`: which of COPIES. Raises LookupError for one that there is not, OSError or
    duckdb.Error when the disk refuses.
    """
    if unknown := sorted(set(copies) - set(COPIES)):
        raise LookupError(f"没有这种格式：{'、'.join(unknown)}；有 {'、'.join(COPIES)} / no such format")
    made: dict[str, Any] = {"copies": [name for name in COPIES if name in copies]}
    spill = folder.with_name(f"{folder.name}-spill")  # beside it, not where the command happens to run
    with duckdb.connect(config={"temp_directory": str(spill)}) as con:
        for name in dictionary.output_tables():
            path = _quoted(folder / "tables" / f"{name}.parquet")
            con.execute(f"create view {name} as select * from read_parquet('{path}')")
        if "duckdb" in copies:
            write_database(con, folder / "junheng.duckdb")
            made["storage_version"] = STORAGE_VERSION
        if "csv" in copies:
            (folder / "csv").mkdir()
            for name in dictionary.output_tables():
                write_csv(con, name, folder / "csv" / f"{name}.csv")
            described = json.dumps(describe(rows, content_hash), ensure_ascii=False, indent=2)
            (folder / "datapackage.json").write_text(described + "\n", encoding="utf-8")
        if "xlsx" in copies:
            made["workbook"] = _write_workbooks(con, folder, content_hash)
    return made


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def write_database(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the tables with Chinese comments, and a view with Chinese names of each, for clients since DuckDB 1.0."""
    con.execute(f"attach '{_quoted(path)}' as published (storage_version '{STORAGE_VERSION}')")
    con.execute("begin")  # one write to the disk, not one a comment
    for name, model in dictionary.output_tables().items():
        con.execute(f"create table published.{name} as select * from {name}")
        con.execute(f"comment on table published.{name} is '{dictionary.title(model)}'")
        for column in dictionary.columns(model):
            said = f"{column.header}：{column.description}".replace("'", "''")
            con.execute(f"comment on column published.{name}.{column.name} is '{said}'")
    con.execute("use published")  # a view that named its database would not open under the name of another
    for name, model in dictionary.output_tables().items():
        fields = ", ".join(f'{column} as "{header}"' for column, header in headers(model).items())
        con.execute(f'create view "v_{dictionary.title(model)}" as select {fields} from {name}')
    con.execute("commit")
    con.execute("use memory")
    con.execute("detach published")


def headers(model: type[Table]) -> dict[str, str]:
    """Return column → Chinese header with unit; a header that stands twice takes the column's name with it."""
    said = {column.name: column.header for column in dictionary.columns(model)}
    often = list(said.values())
    return {name: header if often.count(header) == 1 else f"{header} {name}" for name, header in said.items()}


def write_csv(con: duckdb.DuckDBPyConnection, name: str, path: Path) -> None:
    """Write one table as CSV that Excel opens as it is: UTF-8 with its mark, codes as they are, no text that runs."""
    fields = [
        f"case when regexp_matches({one.name}, '{RUNS_IN_A_SHEET}') then '''' || {one.name} else {one.name} end"
        f" as {one.name}"
        if one.kind == "text" and not one.codes
        else one.name
        for one in dictionary.columns(dictionary.output_tables()[name])
    ]
    bare = path.with_suffix(".part")
    con.execute(f"copy (select {', '.join(fields)} from {name}) to '{_quoted(bare)}' (format csv, header)")
    with path.open("wb") as marked, bare.open("rb") as file:
        marked.write(BOM)
        shutil.copyfileobj(file, marked)
    bare.unlink()


def _write_workbooks(con: duckdb.DuckDBPyConnection, folder: Path, content_hash: str) -> str:
    """Write one workbook, or one a county, or the note why there is none; return what was done."""
    total = _number(con, " + ".join(f"(select count(*) from ({_of(name, None)}))" for name in _for_people()))
    if total > MOST_ROWS:
        said = (
            f"未生成 {WORKBOOK}：各表共 {total:,} 行，超过 {MOST_ROWS:,} 行。请用 csv/、tables/ 或 junheng.duckdb。\n"
            f"No workbook was written: {total:,} rows are more than {MOST_ROWS:,}. Use csv/, tables/ or junheng.duckdb."
        )
        (folder / NOTE).write_text(said + "\n", encoding="utf-8")
        return said
    counties = [row[0] for row in con.execute("select distinct county_code from dim_county_year order by 1").fetchall()]
    if len(counties) == 1:
        write_workbook(con, folder / WORKBOOK, counties[0], content_hash)
        return WORKBOOK
    (folder / WORKBOOKS).mkdir()
    for county in counties:
        write_workbook(con, folder / WORKBOOKS / f"{county}.xlsx", county, content_hash)
    return f"{WORKBOOKS}/*.xlsx ({len(counties)})"


def _for_people() -> list[str]:
    return [name for name in dictionary.output_tables() if name not in FOR_TOOLS]


def _number(con: duckdb.DuckDBPyConnection, expression: str) -> int:
    row = con.execute(f"select {expression}").fetchone()
    return int(row[0]) if row else 0


def _of(name: str, county: str | None) -> str:
    """Return the select of what a workbook holds of a table: the default readings, one county's rows."""
    names = {column.name for column in dictionary.columns(dictionary.output_tables()[name])}
    wanted = ["readings_id = 'default'"] if "readings_id" in names else []
    wanted += [f"county_code = '{county}'"] if county and "county_code" in names else []
    return f"select * from {name}{' where ' if wanted else ''}{' and '.join(wanted)}"


def write_workbook(con: duckdb.DuckDBPyConnection, path: Path, county: str, content_hash: str) -> None:
    """Write the tables that people read as one county's workbook: what it is, what columns mean, a sheet a table.

    Raises OSError when the disk refuses.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    try:
        with xlsxwriter.Workbook(str(path), {**OPTIONS, "tmpdir": str(path.parent)}) as book:
            book.set_properties({"title": f"均衡数据包 {county}", "created": EPOCH})
            _fill(con, book, county, content_hash)
    except FileCreateError as refused:  # what it makes of a disk that is full
        raise OSError(str(refused)) from refused


def _fill(con: duckdb.DuckDBPyConnection, book: Any, county: str, content_hash: str) -> None:
    """Add the sheets of a county to a workbook."""
    head = book.add_format(HEAD)
    _add(book, Sheet("说明", ["项目", "内容"], _about(con, county, content_hash), [24, 90]), head)
    meant = ["表名", "表", "列名称", "列", "单位", "类型", "取值", "说明"]
    _add(book, Sheet("字段说明", meant, _meanings(), [22, 24, 20, 26, 10, 14, 40, 60]), head)
    for name in _for_people():
        model = dictionary.output_tables()[name]
        widths = [_width(column) for column in dictionary.columns(model)]
        rows = _fetched(con.execute(_of(name, county)))
        _add(book, Sheet(dictionary.title(model), list(headers(model).values()), rows, widths), head)


def _about(con: duckdb.DuckDBPyConnection, county: str, content_hash: str) -> Iterator[tuple[str, str]]:
    """Yield what the workbook is: county, years, standards, whether anything in it is made up, where the rest is."""
    years = con.execute(
        "select string_agg(distinct county_name, '、'), string_agg(stat_year, '、' order by stat_year),"
        f" bool_or(is_provisional), bool_or(is_stale) from dim_county_year where county_code = '{county}'"
    ).fetchone()
    standards = con.execute(
        "select standard_id, any_value(document) from dim_item group by standard_id order by all"
    ).fetchall()
    made_up = _number(con, f"count(*) from dim_site where is_synthetic and county_code = '{county}'")
    assert years
    yield "县区", f"{years[0] or ''} {county}"
    yield "统计年度", f"{years[1]}（学年开始的年份，9月1日时点）"
    yield "数据性质", "含合成（编造）数据，仅供演示 / synthetic data" if made_up else "上报数据"
    if years[2]:
        yield "暂定", "有的年度带错误接收，见“县区年度”表的“是否暂定”"
    if years[3]:
        yield "旧数据", "有的年度的新数据被扣留，仍为上次接收的数据，见“县区年度”表的“是否旧数据”"
    for standard_id, document in standards:
        yield "标准", f"{standard_id} {document}"
    yield "口径", "本表只列默认口径 default；各口径组的结果在 tables/ 和 csv/ 中"
    yield "空格", "没有数据，不是 0；结论为“无法判定”或“不涉及”时另有理由列"
    model = dictionary.output_tables()
    yield "不在此工作簿的表", "、".join(f"{dictionary.title(model[name])} {name}" for name in FOR_TOOLS)
    yield "内容指纹", content_hash


def _meanings() -> Iterator[tuple[str, ...]]:
    """Yield one row per table and column: names, unit, type, allowed values, meaning."""
    for name, model in dictionary.output_tables().items():
        for column in dictionary.columns(model):
            allowed = column.allowed_text if column.codes or column.kind == "boolean" else ""
            kind = dictionary.duckdb_type(model, column.name)
            label = headers(model)[column.name]
            yield dictionary.title(model), name, label, column.name, column.unit, kind, allowed, column.description


def _width(column: dictionary.Column) -> int:
    return 20 if column.kind == "text" else 13


def _fetched(found: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while some := found.fetchmany(FETCHED_ROWS):
        yield from some


def _add(book: Any, sheet: Sheet, head: Any) -> None:
    """Add a sheet with a frozen header and a filter; numbers as numbers, texts as texts, nothing as nothing."""
    page = book.add_worksheet(sheet.title[:MOST_LETTERS_OF_A_SHEET])
    page.freeze_panes(1, 0)
    page.repeat_rows(0)
    page.set_landscape()
    page.set_paper(A4)
    page.fit_to_pages(1, 0)
    page.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})  # codes are texts on purpose
    for at, width in enumerate(sheet.widths):
        page.set_column(at, at, width)
    page.write_row(0, 0, sheet.headers, head)
    last = 0
    for last, row in enumerate(sheet.rows, start=1):
        for at, value in enumerate(row):
            _write_cell(page, last, at, value)
    page.autofilter(0, 0, max(last, 1), len(sheet.headers) - 1)


def _write_cell(page: Any, row: int, at: int, value: Any) -> None:
    if isinstance(value, bool):
        page.write_string(row, at, "是" if value else "否")
    elif isinstance(value, str):
        page.write_string(row, at, value)
    elif value is not None:
        page.write_number(row, at, float(value) if isinstance(value, Decimal) else value)


def describe(rows: dict[str, int], content_hash: str) -> dict[str, Any]:
    """Return the data package (Frictionless) of a release: each CSV with titles, units, constraints and keys."""
    return {
        "name": "junheng",
        "profile": "data-package",
        "title": "县域义务教育优质均衡 / balanced compulsory education",
        "version": content_hash,
        "resources": [_resource(name, model, rows[name]) for name, model in dictionary.output_tables().items()],
    }


def _resource(name: str, model: type[Table], rows: int) -> dict[str, Any]:
    columns = dictionary.columns(model)
    names = {column.name for column in columns}
    keys = [
        {"fields": list(key), "reference": {"resource": other, "fields": list(key)}}
        for other, key in FOREIGN_KEYS.items()
        if other != name and set(key) <= names
    ]
    described = dictionary.table_metadata(model)
    return {
        "name": name,
        "title": described["title"],
        "description": ". ".join(described[one] for one in ("grain", "usage") if one in described),
        "path": f"csv/{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8-sig",
        "rows": rows,
        "schema": {
            "fields": [_field(model, column) for column in columns],
            "primaryKey": dictionary.key(model),
            "foreignKeys": keys,
            "missingValues": [""],
        },
    }


def _field(model: type[Table], column: dictionary.Column) -> dict[str, Any]:
    """Return one field; a free text is never 「required」, because CSV cannot tell an empty one from none."""
    kind = dictionary.duckdb_type(model, column.name)
    field: dict[str, Any] = {
        "name": column.name,
        "type": FIELD_TYPES.get(kind, "number"),
        "title": column.label,
        "description": column.description,
    }
    if column.unit:
        field["unit"] = column.unit
    if column.kind == "boolean":
        field |= {"trueValues": ["true"], "falseValues": ["false"]}
    constraints: dict[str, Any] = {}
    if not column.is_nullable and (column.kind != "text" or column.codes or column.pattern):
        constraints["required"] = True
    if column.codes:
        constraints["enum"] = list(read_codes(column.codes))
    if column.pattern:
        constraints["pattern"] = column.pattern
    return field | ({"constraints": constraints} if constraints else {})
