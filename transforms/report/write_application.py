"""申报表.xlsx and 学校自评表.xlsx: the official form, filled from a release; what that lacks is a visible slot."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import xlsxwriter

from contracts.codes import read_codes
from contracts.papers import application
from transforms.report import fetch
from transforms.report.gather_application import Application, gather

FONT = "宋体"
BASE = {"font_name": "Arial", "font_size": 10}
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "align": "center", "border": 0},
    "county": {"border": 0, "align": "left"},
    "note": {"font_size": 9, "border": 0, "align": "left", "text_wrap": True, "valign": "top"},
    "head": {"text_wrap": True, "align": "center", "bg_color": "#EDEDED"},
    "code": {"align": "center", "font_size": 9, "font_color": "#595959"},
    "text": {"align": "left", "text_wrap": True},
    "word": {"align": "center", "text_wrap": True},
    "slot": {"align": "center", "text_wrap": True, "bg_color": "#FFF2CC", "font_size": 9},
    "section": {"bold": True, "bg_color": "#D9E1F2", "align": "left"},
}
FAILING = {"bg_color": "#F8CBAD"}
SETTLED = datetime.datetime(1980, 1, 1)
"""The date in the files' properties: the same release gives the same bytes."""
PLACE = re.compile(r"\{([^{}|]+)\|([^{}|]+)(?:\|(\d))?\}")
"""A blank in a sentence: {name|what it is|decimals}."""
LINE = 14
"""Height of a line of text in points."""
SLOT_LINES = 4
"""Lines that a slot takes in a narrow column."""
STAGES = ("primary", "junior")


def write(release_folder: Path, county_code: str, stat_year: int, folder: Path) -> list[Path]:
    """Write the application form and the schools' forms of a county and year into a folder; return the two paths.

    The layout is contracts/papers/application; numbers show the decimals that the form asks for and are never compared
    by them. Raises LookupError when the release does not have the county and year, FileNotFoundError when the folder is
    no release.
    """
    told = gather(release_folder, application.form()["standard"], county_code, stat_year)
    folder.mkdir(parents=True, exist_ok=True)
    forms, schools = folder / "申报表.xlsx", folder / "学校自评表.xlsx"
    with _book(forms, application.form()["title"]) as book:
        _write_forms(Sheets(book), told)
    with _book(schools, application.form()["school"]["title"]) as book:
        _write_schools(Sheets(book), told)
    return [forms, schools]


def _book(path: Path, title: str) -> xlsxwriter.Workbook:
    book = xlsxwriter.Workbook(str(path), {"default_format_properties": {**BASE}})
    book.set_properties({"created": SETTLED, "title": title})
    return book


class Sheets:
    """A workbook with the styles of the form: cells are put by what they are."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self._made: dict[tuple[str, int, bool], Any] = {}

    def style(self, name: str, decimals: int = 0, *, is_failing: bool = False) -> Any:
        """Return a style; a number's is named `number` and has decimals."""
        key = (name, decimals, is_failing)
        if key not in self._made:
            number = {"num_format": "#,##0" + ("." + "0" * decimals if decimals else ""), "align": "right"}
            plain = {"font_name": FONT, "font_size": 10, "border": 1, "valign": "vcenter"}
            looks = plain | (number if name == "number" else STYLES[name]) | (FAILING if is_failing else {})
            self._made[key] = self.book.add_format(looks)
        return self._made[key]

    def put(
        self, sheet: Any, row: int, column: int, value: Any, label: str, decimals: int = 0, *, is_failing: bool = False
    ) -> None:
        """Write a number, a text, or the slot for what is missing."""
        if value is None:
            sheet.write_string(row, column, slot(label), self.style("slot"))
        elif isinstance(value, str):
            sheet.write_string(row, column, value, self.style("word", is_failing=is_failing))
        else:
            sheet.write_number(
                row, column, rounded(value, decimals), self.style("number", decimals, is_failing=is_failing)
            )


def slot(label: str) -> str:
    """Return the mark of what people must still fill in."""
    return f"【待补充：{label}】"


def rounded(value: Any, decimals: int) -> float:
    """Return a number at the decimals that the form asks for, half up."""
    return float(Decimal(str(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))


def filled(sentence: str, facts: dict[str, Any]) -> str:
    """Return a sentence of the form with its blanks filled; what is missing is a slot."""

    def fill(found: re.Match[str]) -> str:
        name, label, decimals = found.groups()
        value = facts.get(name)
        if value is None:
            return slot(label)
        return value if isinstance(value, str) else f"{rounded(value, int(decimals or 0)):.{int(decimals or 0)}f}"

    return PLACE.sub(fill, sentence)


def _write_forms(sheets: Sheets, told: Application) -> None:
    """Write cover and tables Ⅰ to Ⅵ."""
    _write_cover(sheets, told)
    writers: dict[str, Callable[[Any, int], int]] = {
        "I": lambda sheet, row: _write_basics(sheets, sheet, row, told),
        "II-1": lambda sheet, row: _write_met(sheets, sheet, row, told),
        "II-2": lambda sheet, row: _write_units(sheets, sheet, row, told),
        "III": lambda sheet, row: _write_balance(sheets, sheet, row, told),
        "IV": lambda sheet, row: _write_sentences(sheets, sheet, row, told, "IV"),
        "V": lambda sheet, row: _write_quality(sheets, sheet, row, told),
        "VI": lambda sheet, row: _write_survey(sheets, sheet, row, told),
    }
    for table, said in application.form()["tables"].items():
        sheet = sheets.book.add_worksheet(said["sheet"])
        columns = application.columns(table)
        row = _write_head(sheets, sheet, told, said["title"], columns)
        row = writers[table](sheet, row)
        for note in (*said["notes"], *_warnings(told, table)):
            sheet.merge_range(row, 0, row, len(columns) - 1, note, sheets.style("note"))
            width = sum(int(column["width"]) for column in columns)
            sheet.set_row(row, LINE * -(-2 * len(note) // width))
            row += 1
        _set_print(sheet, told)


def _write_cover(sheets: Sheets, told: Application) -> None:
    form = application.form()
    sheet = sheets.book.add_worksheet("封面")
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 50)
    sheet.set_row(3, 60)
    sheet.merge_range(3, 0, 3, 1, form["title"], sheets.style("title"))
    year = told.county["stat_year"]
    known = {"申报县（市、区）": told.county["county_name"], "统计年度": f"{year}（{year}-{year + 1}学年，9月1日）"}
    for row, label in enumerate(form["cover"], start=6):
        sheet.set_row(row, 28)
        sheet.write_string(row, 0, label, sheets.style("head"))
        sheets.put(sheet, row, 1, known.get(label), label)
    row = 6 + len(form["cover"]) + 1
    lines = [f"发布版 {told.release_id}；表样：{form['source']}", *fetch.marks(told.county)]
    for at, line in enumerate(lines):
        sheet.merge_range(row + at, 0, row + at, 1, line, sheets.style("note"))
    _set_print(sheet, told)
    sheet.set_portrait()


def _write_head(sheets: Sheets, sheet: Any, told: Application, title: str, columns: list[dict[str, str]]) -> int:
    """Write title, county and headers (groups, headers, L numbers, units); return the first row below."""
    last = len(columns) - 1
    sheet.merge_range(0, 0, 0, last, title, sheets.style("title"))
    sheet.set_row(0, 30)
    name = told.county["county_name"] or told.county["county_code"]
    sheet.merge_range(1, 0, 1, last, f"{name}　{told.county['stat_year']}年", sheets.style("county"))
    at = 0
    for group, members in groupby(columns, key=lambda column: column["group"]):
        places = list(range(at, at + len(list(members))))
        at = places[-1] + 1
        if group and len(places) > 1:
            sheet.merge_range(2, places[0], 2, places[-1], group, sheets.style("head"))
        elif group:
            sheet.write_string(2, places[0], group, sheets.style("head"))
        for place in places:
            header = columns[place]["header"] + (f"\n（{columns[place]['unit']}）" if columns[place]["unit"] else "")
            if group:
                sheet.write_string(3, place, header, sheets.style("head"))
            else:
                sheet.merge_range(2, place, 3, place, header, sheets.style("head"))
    for place, column in enumerate(columns):
        sheet.set_column(place, place, int(column["width"]))
    lines = max(
        -(-2 * len(column["header"]) // (int(column["width"]) - 1)) + bool(column["unit"]) for column in columns
    )
    sheet.set_row(3, LINE * lines + 4)
    has_codes = any(column["code"] for column in columns)
    for place, column in enumerate(columns if has_codes else []):
        sheet.write_string(4, place, column["code"], sheets.style("code"))
    first = 5 if has_codes else 4
    sheet.freeze_panes(first, 0)
    sheet.repeat_rows(2, first - 1)
    return first


def _write_basics(sheets: Sheets, sheet: Any, row: int, told: Application) -> int:
    """Write the one row of table Ⅰ."""
    sheet.set_row(row, 8 * LINE)
    for place, column in enumerate(application.columns("I")):
        value = told.facts.get(column["key"])
        value = value if value is None or isinstance(value, str) else value / int(column["divide_by"])
        sheets.put(sheet, row, place, value, column["header"], int(column["decimals"]))
    return row + 1


def _resources(told: Application) -> list[fetch.Row]:
    return [item for item in told.items if (item["item_code"], "primary") in told.coefficients]


def _write_met(sheets: Sheets, sheet: Any, row: int, told: Application) -> int:
    """Write how many units meet each indicator and the school rule."""
    lines: list[tuple[str, dict[str, list[str]]]] = []
    for item in _resources(told):
        code = item["item_code"]
        by_stage = {
            stage: [r["verdict"] for (_, at, one), r in told.results.items() if (at, one) == (stage, code)]
            for stage in STAGES
        }
        lines.append((f"{code}　{item['name_zh']}", by_stage))
    lines.append(("综合评估", {stage: [u["verdict"] for u in told.units if u["stage"] == stage] for stage in STAGES}))
    for name, by_stage in lines:
        sheet.write_string(row, 0, name, sheets.style("text"))
        for place, stage in enumerate(STAGES):
            judged = [verdict for verdict in by_stage[stage] if verdict != "not_applicable"]
            met = judged.count("met")
            is_failing = "not_met" in judged
            for step, (value, decimals) in enumerate(((met, 0), (100 * met / len(judged) if judged else "不涉及", 1))):
                sheets.put(sheet, row, 1 + 2 * place + step, value, name, decimals, is_failing=is_failing)
        row += 1
    return row


def _write_units(sheets: Sheets, sheet: Any, row: int, told: Application) -> int:
    """Write every unit, primary first: sponsor, roll, values, verdict, what is met and what is above the floor."""
    columns = application.columns("II-2")
    codes = {one["sponsor_code"]: one["form_code"] for one in application.rows("sponsors")}
    number = 0
    for stage in STAGES:
        units = [unit for unit in told.units if unit["stage"] == stage]
        sheet.merge_range(row, 0, row, len(columns) - 1, _counted(told, stage, units), sheets.style("section"))
        row += 1
        for unit in units:
            number += 1
            said = {
                "no": number,
                "school_name": unit["school_name"],
                "sponsor": int(codes[unit["sponsor_code"]]) if unit["sponsor_code"] in codes else None,
                "verdict": _word(unit["verdict"]),
                "remark": _remark(told, unit),
                **{name: unit[name] for name in ("pupils", "grades", "classes")},
            }
            for place, column in enumerate(columns):
                _put_unit(sheets, sheet, row, place, column, said, told, unit)
            has_slot = None in said.values() or any(
                told.results.get((unit["site_id"], stage, item["item_code"]), {}).get("value") is None
                for item in _resources(told)
            )
            lines = max(SLOT_LINES if has_slot else 1, -(-2 * len(said["remark"]) // int(columns[-1]["width"])))
            sheet.set_row(row, LINE * lines + 3)
            row += 1
    return row


def _put_unit(
    sheets: Sheets,
    sheet: Any,
    row: int,
    place: int,
    column: dict[str, str],
    said: dict[str, Any],
    told: Application,
    unit: fetch.Row,
) -> None:
    kind, _, code = column["key"].partition(".")
    if kind in {"school_name", "remark"} and said[kind]:
        sheet.write_string(row, place, said[kind], sheets.style("text"))
        return
    if kind != "value":
        is_failing = kind == "verdict" and unit["verdict"] == "not_met"
        sheets.put(sheet, row, place, said[kind], column["header"], int(column["decimals"] or 0), is_failing=is_failing)
        return
    result = told.results.get((unit["site_id"], unit["stage"], code))
    value = result["value"] if result else None
    if result and result["verdict"] == "not_applicable":
        value = "不涉及"
    is_failing = bool(result) and result is not None and result["verdict"] == "not_met"
    sheets.put(sheet, row, place, value, code, int(column["decimals"]), is_failing=is_failing)


def _counted(told: Application, stage: str, units: list[fetch.Row]) -> str:
    """Return the line of counts above the units of a stage."""
    kinds = read_codes("school_types")
    stages = {kind: set(row["stages"].split()) & {"primary", "junior", "senior"} for kind, row in kinds.items()}
    of_types = [stages.get(unit["school_type_code"] or "", set()) for unit in units]
    counted = {
        "units": len(units),
        "combined": sum({"primary", "junior"} <= of_type for of_type in of_types),
        "complete": sum(of_type == {"junior", "senior"} for of_type in of_types),
    }
    return filled(application.form()["tables"]["II-2"]["counts"][stage], {**told.facts, **counted})


def _remark(told: Application, unit: fetch.Row) -> str:
    """Return how many items a unit meets, which of the rest are above the floor, and on what it leans."""
    results = [
        (item, told.results.get((unit["site_id"], unit["stage"], item["item_code"]))) for item in _resources(told)
    ]
    parts = [f"{unit['met_items']}项达标"]
    for item, result in results:
        if result and result["verdict"] == "not_met":
            where = "达到底线" if result["is_above_floor"] else "低于底线"
            parts.append(f"{item['item_code']} {item['name_zh']}未达标、{where}")
        if not result or result["verdict"] == "not_assessable":
            parts.append(f"{item['item_code']} 缺数据")
        if result and result["relaxation_text"]:
            parts.append(f"{item['item_code']} 按放宽条款：{result['relaxation_text']}")
    return "；".join(parts)


def _word(verdict: str) -> str:
    return read_codes("verdicts")[verdict]["text_zh"]


def _write_balance(sheets: Sheets, sheet: Any, row: int, told: Application) -> int:
    """Write mean and coefficient of every indicator, and the plain mean of the coefficients for information."""
    for number, item in enumerate(_resources(told), start=1):
        sheet.write_string(row, 0, f"L{number}　{item['name_zh']}（{item['unit']}）", sheets.style("text"))
        sheet.set_row(row, 2 * LINE)
        for place, stage in enumerate(STAGES):
            one = told.coefficients.get((item["item_code"], stage))
            if not one or not one["units"]:
                for step in (0, 1):
                    sheets.put(sheet, row, 1 + 2 * place + step, "不涉及", item["item_code"])
                continue
            is_whole = one["known_units"] == one["units"]
            mean, cv = (one["weighted_mean"], one["cv"]) if is_whole else (None, None)
            is_failing = one["verdict"] == "not_met"
            sheets.put(sheet, row, 1 + 2 * place, mean, f"{item['item_code']} 全县平均值", 2)
            sheets.put(sheet, row, 2 + 2 * place, cv, f"{item['item_code']} 差异系数", 3, is_failing=is_failing)
        row += 1
    sheet.write_string(row, 0, f"L{len(_resources(told)) + 1}　综合", sheets.style("text"))
    sheet.set_row(row, 2 * LINE)
    for place, stage in enumerate(STAGES):
        ones = [told.coefficients.get((item["item_code"], stage)) for item in _resources(told)]
        known = [one["cv"] for one in ones if one and one["cv"] is not None and one["known_units"] == one["units"]]
        sheets.put(sheet, row, 1 + 2 * place, "——", "综合")
        whole = sum(known) / len(known) if known and len(known) == len(ones) else None
        whole = whole if any(one and one["units"] for one in ones) else "不涉及"
        sheets.put(sheet, row, 2 + 2 * place, whole, "综合差异系数", 3)
    return row + 1


def _write_sentences(sheets: Sheets, sheet: Any, row: int, told: Application, table: str) -> int:
    """Write the items of a part, a sentence each with its blanks filled, and the verdict."""
    names = {item["item_code"]: item["name_zh"] for item in told.items}
    for number, line in enumerate((one for one in application.rows("sentences") if one["table"] == table), start=1):
        code = line["item_code"]
        row = _write_item(
            sheets,
            sheet,
            row,
            number,
            f"{code}　{names[code]}",
            filled(line["sentence"], told.facts),
            told.verdicts.get(code),
        )
    return row


def _write_item(
    sheets: Sheets, sheet: Any, row: int, number: int, name: str, sentence: str, verdict: fetch.Row | None
) -> int:
    sheet.write_number(row, 0, number, sheets.style("word"))
    sheet.write_string(row, 1, name, sheets.style("text"))
    style = "slot" if sentence.startswith("【待补充") and sentence.endswith("】") else "text"
    sheet.write_string(row, 2, sentence, sheets.style(style))
    word = verdict["verdict_text"] if verdict else None
    is_failing = verdict is not None and verdict["verdict"] == "not_met"
    sheets.put(sheet, row, 3, word, "是否达标", is_failing=is_failing)
    lines = max(-(-2 * len(sentence) // 68), -(-2 * len(name) // 38))
    sheet.set_row(row, LINE * max(lines, 2) + 6)
    return row + 1


def _write_quality(sheets: Sheets, sheet: Any, row: int, told: Application) -> int:
    """Write table Ⅴ: eight sentences, then level and ratio of every subject of the national monitoring."""
    first = row
    row = _write_sentences(sheets, sheet, row, told, "V")
    code = application.form()["tables"]["V"]["monitored"]
    (item,) = [one for one in told.items if one["item_code"] == code]
    parts = []
    for stage in STAGES:
        said = [
            filled(
                f"{one['header']}{{subject.{one['subject_code']}.{stage}.1|等级|0}}级、{{subject.{one['subject_code']}.{stage}.2|差异率|3}}",
                told.facts,
            )
            for one in application.rows("subjects")
        ]
        parts.append(f"{read_codes('stages')[stage]['text_zh']}（级、校际差异率）：" + "，".join(said))
    return _write_item(
        sheets, sheet, row, row - first + 1, f"{code}　{item['name_zh']}", "\n".join(parts), told.verdicts.get(code)
    )


def _write_survey(sheets: Sheets, sheet: Any, row: int, told: Application) -> int:
    """Write the survey: all respondents, and the parents among them."""
    verdict = told.verdicts.get(application.form()["tables"]["VI"]["surveyed"])
    for line in application.rows("survey_rows"):
        sheet.set_row(row, 34)
        sheet.write_string(row, 0, line["header"], sheets.style("word"))
        for place, column in enumerate(application.columns("VI")[1:], start=1):
            value = told.facts.get(f"survey.{line['group']}.{column['key']}")
            is_failing = (
                verdict is not None
                and verdict["verdict"] == "not_met"
                and (line["group"], column["key"]) == ("total", "rate")
            )
            sheets.put(sheet, row, place, value, column["header"], int(column["decimals"]), is_failing=is_failing)
        row += 1
    return row


def _warnings(told: Application, table: str) -> list[str]:
    """Return a line for each figure whose shown decimals say otherwise than its verdict, and for half-known tables."""
    lines = []
    names = {(unit["site_id"], unit["stage"]): f"{unit['school_name']}（{unit['stage_text']}）" for unit in told.units}
    if table == "II-2":
        for (site, stage, code), row in sorted(told.results.items()):
            if row["verdict"] == "not_met" and rounded(row["value"], 2) >= float(row["limit_value"]):
                lines.append(
                    f"{names[site, stage]} {code} 未取整为{row['value']:.6f}，"
                    f"低于标准{row['limit_value'].normalize():f}。"
                )
    if table == "III":
        for (code, _), row in sorted(told.coefficients.items()):
            if row["verdict"] == "not_met" and rounded(row["cv"], 3) <= float(row["limit_value"]):
                lines.append(
                    f"{row['stage_text']} {code} 差异系数未取整为{row['cv']:.6f}，"
                    f"高于上限{row['limit_value'].normalize():f}。"
                )
            if row["units"] and row["known_units"] < row["units"]:
                lines.append(
                    f"{row['stage_text']} {code}：{row['units']}所中{row['known_units']}所有数据，差异系数不填。"
                )
    if table == "II-1":
        missing = sum(unit["verdict"] == "not_assessable" for unit in told.units)
        lines += [f"有{missing}所学校（学段）缺数据，无法判定，未计入达标。"] if missing else []
    return lines


def _set_print(sheet: Any, told: Application) -> None:
    """Set A4 landscape on one page's width, with the release and the page in the footer."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(left=0.6, right=0.6, top=0.6, bottom=0.6)
    sheet.center_horizontally()
    sheet.fit_to_pages(1, 0)
    mark = "　合成数据" if told.county["is_synthetic"] else ""
    sheet.set_footer(f"&L&9发布版 {told.release_id}{mark}&R&9&A　第 &P 页 共 &N 页")


SCHOOL_WIDTHS = (8, 34, 38, 12, 10, 10, 9, 10)


def _write_schools(sheets: Sheets, told: Application) -> None:
    """Write a sheet for every school: seven indicators with raw counts, rooms, size, classes, funds."""
    taken: set[str] = set()
    if not told.sites:
        sheet = sheets.book.add_worksheet("无学校")
        sheets.put(sheet, 0, 0, None, "学校名单")
    for number, site in enumerate(told.sites, start=1):
        sheet = sheets.book.add_worksheet(_sheet_name(number, site, taken))
        for column, width in enumerate(SCHOOL_WIDTHS):
            sheet.set_column(column, column, width)
        row = _write_school_head(sheets, sheet, told, site)
        row = _write_school_resources(sheets, sheet, row, told, site)
        row = _write_school_judged(sheets, sheet, row, told, site)
        row = _write_school_rooms(sheets, sheet, row, told, site)
        for label in application.form()["school"]["slots"]:
            sheet.merge_range(row, 0, row, 1, label, sheets.style("head"))
            sheet.merge_range(row, 2, row, 7, slot(label), sheets.style("slot"))
            row += 1
        for note in application.form()["school"]["notes"]:
            sheet.merge_range(row, 0, row, 7, note, sheets.style("note"))
            row += 1
        _set_print(sheet, told)
        sheet.set_portrait()
        sheet.fit_to_pages(1, 1)


def _sheet_name(number: int, site: fetch.Row, taken: set[str]) -> str:
    """Return the name of a school's sheet: its number and name, what a sheet's name may hold."""
    name = re.sub(r"[\[\]:*?/\\']", "", f"{number:02d}{site['school_name'] or site['site_id']}")[:31]
    name = name if name not in taken else f"{name[:27]}{number}"
    taken.add(name)
    return name


def _write_school_head(sheets: Sheets, sheet: Any, told: Application, site: fetch.Row) -> int:
    sheet.merge_range(
        0, 0, 0, 7, f"{application.form()['school']['title']}　{told.county['stat_year']}年", sheets.style("title")
    )
    sheet.set_row(0, 30)
    pairs = [
        ("学校名称", site["school_name"]),
        ("学校标识码", f"{site['school_code']}（校区{site['campus_no']}）"),
        ("办学类型", site["school_type_text"]),
        ("学段", site["stages"]),
        ("举办者", site["sponsor_text"]),
        ("城乡分类", site["urban_rural_text"]),
        ("建成年份", None if site["built_year"] is None else str(site["built_year"])),
        ("是否计入七项指标", f"否（{site['exclusion_text']}）" if site["is_excluded"] else "是"),
    ]
    row = 1
    for at in range(0, len(pairs), 2):
        (left, said), (right, told_too) = pairs[at : at + 2]
        sheet.write_string(row, 0, left, sheets.style("head"))
        sheet.set_row(row, 28)
        sheets.put(sheet, row, 1, said, left)
        sheet.write_string(row, 2, right, sheets.style("head"))
        sheet.merge_range(row, 3, row, 7, told_too or slot(right), sheets.style("word" if told_too else "slot"))
        row += 1
    return row


def _line(sheets: Sheets, sheet: Any, row: int, texts: tuple[str, ...]) -> int:
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, sheets.style("head"))
    sheet.set_row(row, 30)
    return row + 1


def _write_school_resources(sheets: Sheets, sheet: Any, row: int, told: Application, site: fetch.Row) -> int:
    """Write the indicators of a school stage by stage: raw counts, numerator, pupils, value, limit, verdict."""
    sheet.merge_range(row, 0, row, 7, application.form()["school"]["first"], sheets.style("section"))
    headers = ("学段", "指标", "原始数", "分子（分摊后）", "在校生数", "指标值", "标准", "是否达标")
    row = _line(sheets, sheet, row + 1, headers)
    stages = [unit["stage"] for unit in told.units if unit["site_id"] == site["site_id"]]
    for stage in stages:
        for item in _resources(told):
            code = item["item_code"]
            result = told.results.get((site["site_id"], stage, code))
            is_failing = result is not None and result["verdict"] == "not_met"
            counts = _counts(told, site["site_id"], stage, code, result)
            sheet.write_string(row, 0, read_codes("stages")[stage]["text_zh"], sheets.style("word"))
            sheet.write_string(row, 1, f"{code}　{item['name_zh']}（{item['unit']}）", sheets.style("text"))
            sheet.write_string(row, 2, counts, sheets.style("text"))
            columns = (("numerator", 2), ("denominator", 0), ("value", item["decimals"]), ("limit_value", 2))
            for at, (name, decimals) in enumerate(columns, start=3):
                shade = is_failing and name == "value"
                sheets.put(sheet, row, at, result[name] if result else None, f"{code}", decimals, is_failing=shade)
            sheets.put(sheet, row, 7, result["verdict_text"] if result else None, code, is_failing=is_failing)
            sheet.set_row(row, LINE * max(2, -(-2 * len(counts) // SCHOOL_WIDTHS[2])) + 2)
            row += 1
    if not stages:
        sheet.merge_range(row, 0, row, 7, "不计入七项指标", sheets.style("word"))
        row += 1
    return row


def _counts(told: Application, site: str, stage: str, code: str, result: fetch.Row | None) -> str:
    """Return the raw counts of an indicator, one behind the other with their signs."""
    parts = []
    for term in told.terms.get((code, stage, result["case_no"] if result else 0), []):
        measure = told.measures.get((site, stage, term["measure_code"]))
        known = measure is not None and measure["quantity"] is not None
        shown = f"{measure['quantity'].normalize():f}" if known and measure is not None else slot("缺报")
        sign = ("" if not parts else "＋") if term["sign"] > 0 else "－"
        wide = "（全校）" if result and result["is_shared"] else ""
        parts.append(f"{sign}{term['measure_text']}{wide}{shown}")
    return "".join(parts)


def _write_school_judged(sheets: Sheets, sheet: Any, row: int, told: Application, site: fetch.Row) -> int:
    """Write what is judged by class, site and school: rooms, size, classes, funds, training, certificates."""
    sheet.merge_range(row, 0, row, 7, application.form()["school"]["second"], sheets.style("section"))
    headers = ("学段", "指标", "要求／依靠的放宽", "分子", "分母", "现状", "标准", "是否达标")
    row = _line(sheets, sheet, row + 1, headers)
    names = {item["item_code"]: (item["name_zh"], item["unit"]) for item in told.items}
    for result in (*told.judged.get(site["site_id"], []), *told.judged.get(site["school_code"], [])):
        name, unit = names[result["item_code"]]
        leans = f"；放宽：{result['relaxation_text']}" if result["relaxation_text"] else ""
        said = result["test_label"] if result["test_label"] != name else "——"
        is_failing = result["verdict"] == "not_met"
        sheet.write_string(row, 0, result["stage_text"], sheets.style("word"))
        sheet.write_string(row, 1, f"{result['item_code']}　{name}", sheets.style("text"))
        sheet.write_string(row, 2, f"{said}{leans}", sheets.style("text"))
        is_idle = result["verdict"] == "not_applicable"
        columns = (("numerator", 0), ("denominator", 0), ("value", 1 if unit == "%" else 0), ("limit_value", 0))
        if (result["item_code"], result["test_no"]) in told.whole_lots:
            columns = (*columns[:2], ("have", 0), ("need", 0))
        is_bare = result["denominator"] == 1 and result["value"] == float(result["numerator"] or 0)
        for at, (column, decimals) in enumerate(columns, start=3):
            value = "——" if is_idle or (is_bare and column == "denominator") else result[column]
            sheets.put(sheet, row, at, value, result["item_code"], decimals, is_failing=is_failing and at == 5)
        sheets.put(sheet, row, 7, result["verdict_text"], "是否达标", is_failing=is_failing)
        lines = max(-(-2 * len(f"{said}{leans}") // SCHOOL_WIDTHS[2]), -(-2 * (len(name) + 4) // SCHOOL_WIDTHS[1]))
        sheet.set_row(row, LINE * max(lines, 1) + 2)
        row += 1
    return row


def _write_school_rooms(sheets: Sheets, sheet: Any, row: int, told: Application, site: fetch.Row) -> int:
    """Write every music and art room with its area, kind by kind."""
    sheet.merge_range(row, 0, row, 7, application.form()["school"]["rooms"], sheets.style("section"))
    row += 1
    rooms = told.rooms.get(site["site_id"], [])
    for kind, words in read_codes("room_kinds").items():
        of_kind = [room for room in rooms if room["room_kind"] == kind]
        areas = "、".join(
            f"{room['room_no']} " + (slot("面积") if room["area_m2"] is None else f"{room['area_m2'].normalize():f}㎡")
            for room in of_kind
        )
        said = f"共{len(of_kind)}间：{areas}" if of_kind else "没有" if told.rooms else slot(f"{words['text_zh']}教室")
        sheet.merge_range(row, 0, row, 1, f"{words['text_zh']}专用教室", sheets.style("head"))
        sheet.merge_range(row, 2, row, 7, said, sheets.style("text" if of_kind or told.rooms else "slot"))
        sheet.set_row(row, LINE * max(1, -(-2 * len(said) // sum(SCHOOL_WIDTHS[2:]))) + 4)
        row += 1
    return row
