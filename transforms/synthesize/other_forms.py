"""The demo county once more, in the forms that bureaus really have; what a form cannot carry goes in our template.

All of it is made up and says so: in titles, in the name of every file, and by the register (is_synthetic).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from contracts.codes import read_codes
from contracts.form import Form, Header, forms
from transforms.synthesize.demo_county import make_year
from transforms.template import write_workbook

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

Frames = Mapping[str, pl.DataFrame]
Row = dict[str, Any]
Held = Mapping[tuple[str, str], list[Row]]
"""The rows of a table that are one school's, by table and school code."""
MARK = "合成数据，仅供演示 / synthetic data for demonstration only"
STAGES = {"primary": "小学", "junior": "初中", "senior": "高中"}
NAME_WIDTH = 24
YEARS = (2021, 2022, 2023)
STATISTICS = ("enrolment", "class_size", "teacher", "premises")
VERTICAL_TABLES = ("enrolment", "class_size", "teacher", "premises", "finance", "school")


def in_bands(frames: Frames) -> dict[str, pl.DataFrame]:
    """Return the county with its classes counted by size band, as statistics forms have them."""
    low = {code: int(row["low_pupils"]) for code, row in read_codes("size_bands").items()}
    bands = sorted(low, key=low.__getitem__, reverse=True)
    band = pl.when(pl.lit(value=False)).then(pl.lit(""))
    for code in bands:
        band = band.when(pl.col("class_pupils") >= low[code]).then(pl.lit(code))
    classes = frames["class_size"]
    key = [
        "stat_year",
        "county_code",
        "school_code",
        "campus_no",
        "stage",
        "size_band",
        "is_special_class",
        "is_synthetic",
    ]
    counted = (
        classes.with_columns(band.alias("size_band")).group_by(key, maintain_order=True).agg(pl.col("classes").sum())
    )
    whole = counted.with_columns(
        pl.col("size_band").alias("class_label"),
        pl.lit(None, pl.Int32).alias("grade"),
        pl.lit(None, pl.Int32).alias("class_pupils"),
    )
    return {**frames, "class_size": whole.select(classes.columns).cast(dict(classes.schema))}


def write_csv(folder: Path, frames: Frames) -> list[Path]:
    """Write every table as csv in GB18030, as a spreadsheet of a Chinese office saves it; return the paths."""
    paths = []
    for name, rows in frames.items():
        if rows.height:
            path = folder / f"{name}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(rows.write_csv().encode("gb18030"))
            paths.append(path)
    return paths


def write_lists(folder: Path, stat_year: int, frames: Frames) -> list[Path]:
    """Write the county list of each stage, headers merged over three rows, and the rest in our template."""
    form = forms()["county_list"]
    sites, held = _sites(frames), _by_school(frames)
    paths = []
    for stage, word in STAGES.items():
        known = [one for one in form.headers_of(stat_year) if one.stage in ("", stage) and _is_written(one)]
        there = {
            (one["school_code"], one["campus_no"]) for one in frames["enrolment"].filter(stage=stage).rows(named=True)
        }
        schools = [site for site in sites if (site["school_code"], site["campus_no"]) in there]
        path = folder / f"{word}一览表_{stat_year}_合成.xlsx"
        _write_list(
            path, f"{stat_year}-{stat_year + 1}学年{word}基本情况一览表({MARK})", word, known, schools, held, stage
        )
        paths.append(path)
    rest = _rest(frames, {(one.table_name, one.column_name) for one in form.headers if one.status != "ignored"})
    return [*paths, write_workbook(folder / f"其余各表_{stat_year}.xlsx", stat_year, rest)]


def write_workbooks(folder: Path, stat_year: int, frames: Frames) -> list[Path]:
    """Write one statistics workbook a school, and the rest in our template; return the paths."""
    form = forms()["school_workbook"]
    held = _by_school(frames)
    paths = [_write_school(folder, form, stat_year, site, held) for site in _sites(frames)]
    carried = {(one.table_name, one.column_name) for one in form.headers if one.table_name}
    rest = _rest(frames, carried, keep={("teacher", "senior")})
    return [*paths, write_workbook(folder / f"其余各表_{stat_year}.xlsx", stat_year, rest)]


def write_vertical(folder: Path, stat_year: int, frames: Frames) -> list[Path]:
    """Write one form a school and one for the county, an item a row; and the register and judgements in our template.

    What the form cannot carry (classes by stage of a combined school, pupils by grade …) is left away everywhere.
    """
    held = _by_school(frames)
    paths = [_write_items(folder, stat_year, site, held) for site in _sites(frames)]
    paths.append(_write_county(folder, stat_year, frames))
    carried = {one.label for one in forms()["county_vertical"].headers if one.label}
    rest = {name: rows for name, rows in frames.items() if name not in STATISTICS}
    rest["county_fact"] = frames["county_fact"].filter(~pl.col("item_code").is_in(list(carried)))
    rest["finance"] = frames["finance"].filter(pl.col("item_code") == "funded_pupils")
    return [*paths, write_workbook(folder / f"其余各表_{stat_year}.xlsx", stat_year, rest)]


WRITERS: dict[str, Callable[[Path, int, Frames], list[Path]]] = {
    "template": lambda folder, year, frames: [write_workbook(folder / f"{year}.xlsx", year, frames)],
    "school_workbook": write_workbooks,
    "county_list": write_lists,
    "gb18030_csv": lambda folder, _, frames: write_csv(folder, frames),
    "vertical": write_vertical,
}
"""The forms the demo county can be written in; all but the last carry everything."""


def write_demo(inbox: Path, name: str) -> list[Path]:
    """Write the demo county's last three years into inbox/<year>/ in one of WRITERS; return the paths.

    Raises KeyError for a form that is not there.
    """
    years = {year: in_bands(make_year(year)) for year in YEARS}
    return [path for year, frames in years.items() for path in WRITERS[name](inbox / str(year), year, frames)]


def _is_written(one: Header) -> bool:
    """Return whether our list shows a column; of two spellings the one in the unit of the statistics."""
    return one.status != "ignored" and one.path not in ("室内体育用房", "教学仪器设备资产值(元)", "网络多媒体教室(间)")


def _sites(frames: Frames) -> list[Row]:
    return frames["school"].sort("school_code", "campus_no").rows(named=True)


def _by_school(frames: Frames) -> Held:
    held: dict[tuple[str, str], list[Row]] = {}
    for name, rows in frames.items():
        for row in rows.rows(named=True) if "school_code" in rows.columns else []:
            held.setdefault((name, row["school_code"]), []).append(row)
    return held


def _rest(
    frames: Frames, carried: set[tuple[str, str]], keep: set[tuple[str, str]] | None = None
) -> dict[str, pl.DataFrame]:
    """Return the tables without the columns that another form carries; their keys stay, so that values find home.

    `keep`: tables and stages the other form has no sheet for; they stay whole.
    """
    kept = keep or set()
    rest = {}
    for name, rows in frames.items():
        columns = [column for column in rows.columns if (name, column) in carried and name != "school"]
        whole = pl.lit(value=False)
        for table, stage in kept:
            whole = whole | (pl.col("stage") == stage) if table == name else whole
        if name == "class_size":
            continue
        rest[name] = rows.with_columns(pl.when(whole).then(pl.col(column)).alias(column) for column in columns)
    return rest


def _value(held: Held, site: Row, stage: str, one: Header) -> Any:
    """Return what a county's tables hold for a header of a form, in the form's unit; None where they hold nothing."""
    rows = held.get((one.table_name, site["school_code"]), [])
    values = [row[one.column_name] for row in rows if _is_of(row, site, stage, one)]
    values = [value for value in values if value is not None]
    if not values:
        return 0 if one.table_name == "class_size" else None
    value = values[0] if isinstance(values[0], str | bool) else sum(values[1:], start=values[0])
    factor = int(read_codes("units")[one.unit]["factor"]) if one.unit else 1
    if isinstance(value, Decimal) or factor > 1:
        return float(Decimal(value) / factor)
    return value


def _is_of(row: Row, site: Row, stage: str, one: Header) -> bool:
    """Return whether a row of the site's school is the site's, and of the stage, grade, band or item of a header."""
    wanted: Row = {"campus_no": site["campus_no"]}
    if stage:
        wanted["stage"] = one.stage if one.stage in STAGES else stage
    elif row.get("stage") == "senior":
        return False
    if one.grade and int(one.grade) in range(1, 13):
        wanted["grade"] = int(one.grade)
    if one.label and one.table_name == "class_size":
        wanted["size_band"] = one.label
    if one.label and one.table_name in ("finance", "county_fact"):
        wanted["item_code"] = one.label
    return all(row[name] == value for name, value in wanted.items() if name in row)


def _write_list(
    path: Path, title: str, word: str, known: list[Header], schools: list[Row], held: Held, stage: str
) -> None:
    """Write one list: title, three rows of merged headers, a row of numbers, the schools, their sum, a note."""
    paths = ["序号", "学校名称", *dict.fromkeys(one.path for one in known)]
    by_path = {one.path: one for one in known}
    with _open(path) as workbook:
        sheet = workbook.add_worksheet(word)
        sheet.set_column(1, 1, NAME_WIDTH)
        sheet.set_column(3, 3, NAME_WIDTH)
        sheet.merge_range(0, 0, 0, len(paths) - 1, title)
        depth = max(one.count("/") for one in paths) + 1
        _merge_headers(workbook, sheet, [one.split("/") for one in paths], 2, depth)
        first = 2 + depth
        sums: dict[int, Any] = {}
        for number, site in enumerate(schools):
            row = first + number
            sheet.write_number(row, 0, number + 1)
            sheet.write_string(row, 1, site["school_name"])
            for at, one in enumerate(paths[2:], start=2):
                value = _shown(held, site, stage, by_path[one])
                _write(sheet, row, at, value)
                if isinstance(value, int | float) and not isinstance(value, bool):
                    sums[at] = sums.get(at, 0) + Decimal(str(value))
        sheet.write_string(first + len(schools), 1, "合计")
        for at, value in sums.items():
            sheet.write_number(first + len(schools), at, float(value))
        sheet.write_string(first + len(schools) + 1, 0, "备注：合成数据，由程序生成")


def _shown(held: Held, site: Row, stage: str, one: Header) -> Any:
    if one.column_name == "counts_as_school":
        return 1 if site["counts_as_school"] else 0
    if one.column_name == "school_type_code":
        return read_codes("school_types")[site["school_type_code"]]["text_zh"]
    return _value(held, site, stage, one)


def _merge_headers(workbook: Workbook, sheet: Worksheet, paths: list[list[str]], first: int, depth: int) -> None:
    """Write header paths over some rows, equal neighbours merged sideways, the last part of each merged downwards."""
    look = workbook.add_format({"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1})

    def put(row: int, column: int, last_row: int, last_column: int, text: str) -> None:
        if (row, column) == (last_row, last_column):
            sheet.write_string(row, column, text, look)
        else:
            sheet.merge_range(row, column, last_row, last_column, text, look)

    for level in range(depth):
        column = 0
        while column < len(paths):
            here = paths[column]
            last = column
            if level < len(here) - 1:
                while (
                    last + 1 < len(paths)
                    and paths[last + 1][: level + 1] == here[: level + 1]
                    and len(paths[last + 1]) > level + 1
                ):
                    last += 1
                put(first + level, column, first + level, last, here[level])
            elif level == len(here) - 1:
                put(first + level, column, first + depth - 1, column, here[level])
            column = last + 1


def _write_school(folder: Path, form: Form, stat_year: int, site: Row, held: Held) -> Path:
    """Write the statistics workbook of one school: a sheet a table, named with the type of school or the stage."""
    kind = read_codes("school_types")[site["school_type_code"]]["text_zh"]
    path = folder / f"{site['school_name']}({kind}).xlsx"
    pupils = held.get(("enrolment", site["school_code"]), [])
    there = {row["stage"] for row in pupils if row["campus_no"] == site["campus_no"]}
    known = form.headers_of(stat_year)
    with _open(path) as workbook:
        for code in dict.fromkeys(one.sheet for one in known):
            headers = [one for one in known if one.sheet == code]
            stages = {one.stage for one in headers if one.stage}
            if len(stages) == 1 and not stages & there:
                continue
            sheet = workbook.add_worksheet(f"{code}_{STAGES[stages.pop()] if len(stages) == 1 else kind}")
            sheet.set_column(1, 2, NAME_WIDTH)
            sheet.write_string(0, 0, f"{stat_year}-{stat_year + 1}学年 {code}({MARK})")
            _write_grid(workbook, sheet, headers, site, held, kind)
    return path


def _write_grid(workbook: Workbook, sheet: Worksheet, headers: list[Header], site: Row, held: Held, kind: str) -> None:
    """Write a statistics table: its items down column B, its headers across, values where they cross."""
    paths = list(dict.fromkeys(one.path for one in headers))
    rows = list(dict.fromkeys(one.row for one in headers))
    depth = max(path.count("/") for path in paths) + 1
    _merge_headers(workbook, sheet, [["序号"], ["指标"], *(path.split("/") for path in paths)], 1, depth)
    first = 1 + depth
    for number, label in enumerate(rows):
        sheet.write_number(first + number, 0, number + 1)
        sheet.write_string(first + number, 1, label)
    own = {"学校(机构)标识码": site["school_code"], "学校(机构)名称": site["school_name"], "办学类型": kind}
    for one in headers:
        value = own.get(one.row) if not one.table_name else _value(held, site, one.stage, one)
        _write(sheet, first + rows.index(one.row), 2 + paths.index(one.path), value)


def _write_items(folder: Path, stat_year: int, site: Row, held: Held) -> Path:
    """Write the form of one school, an item a row: number, kind, item, unit, value, whether required, note."""
    form = forms()["school_vertical"]
    kind = read_codes("school_types")[site["school_type_code"]]["text_zh"]
    own = {"学校名称": site["school_name"], "学校类型": kind, "学校代码": site["school_code"]}
    values = {}
    for one in form.headers_of(stat_year):
        if one.status == "absent":
            continue
        if one.row in own or one.status == "ignored":
            values[one.row] = (own.get(one.row), "")
        elif one.column_name == "is_dense_urban_core":
            values[one.row] = ("是" if site["is_dense_urban_core"] else "否", "")
        elif one.table_name == "school":
            values[one.row] = (site[one.column_name], "")
        elif one.table_name == "cohort" or (one.table_name == "finance" and site["campus_no"]):
            values[one.row] = (None, one.unit or "人")
        else:
            values[one.row] = (_value(held, site, one.stage if one.stage in STAGES else "", one), one.unit or "个")
    path = folder / f"学校填报表_{site['school_code']}-{site['campus_no']}.xlsx"
    _write_vertical(path, f"{stat_year}-{stat_year + 1}学年学校填报表({MARK})", values)
    return path


def _write_county(folder: Path, stat_year: int, frames: Frames) -> Path:
    """Write the form of the county, an item a row."""
    facts = {row["item_code"]: row for row in frames["county_fact"].rows(named=True)}
    code = frames["school"]["county_code"][0]
    own = {"区县代码": code, "填报年度": str(stat_year)}
    values: dict[str, tuple[Any, str]] = {}
    for one in forms()["county_vertical"].headers_of(stat_year):
        row = facts.get(one.label, {})
        value = own.get(one.row, row.get("value_text") if one.column_name == "value_text" else row.get("value"))
        if isinstance(value, Decimal):
            value = float(value / int(read_codes("units")[one.unit]["factor"]))
        values[one.row] = (value, one.unit)
    path = folder / f"区县填报表_{code}_{stat_year}.xlsx"
    _write_vertical(path, f"{stat_year}-{stat_year + 1}学年区县填报表({MARK})", values)
    return path


def _write_vertical(path: Path, title: str, values: dict[str, tuple[Any, str]]) -> None:
    heads = ("序号", "类别", "填报项目", "单位", "填报值", "是否必填", "备注说明")
    with _open(path) as workbook:
        sheet = workbook.add_worksheet("填报")
        sheet.set_column(2, 2, 2 * NAME_WIDTH)
        sheet.set_column(4, 4, NAME_WIDTH)
        sheet.write_string(0, 0, title)
        for at, head in enumerate(heads):
            sheet.write_string(1, at, head)
        for number, (item, (value, unit)) in enumerate(values.items(), start=1):
            sheet.write_number(number + 1, 0, number)
            sheet.write_string(number + 1, 2, item)
            sheet.write_string(number + 1, 3, unit)
            _write(sheet, number + 1, 4, value)


def _write(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """Write a value as its kind; nothing for nothing, a text never as a formula."""
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, column, value)
    else:
        sheet.write_number(row, column, value)


def _open(path: Path) -> Workbook:
    """Return a workbook to write whose bytes do not depend on the clock."""
    import datetime

    from xlsxwriter import Workbook

    path.parent.mkdir(parents=True, exist_ok=True)
    workbook = Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    workbook.set_properties({"author": "junheng", "comments": MARK, "created": datetime.datetime(1980, 1, 1)})
    return workbook
