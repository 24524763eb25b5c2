"""Bind a list of schools, one row a school, headers merged over several rows, one sheet a stage."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.form import NO_GRADE, Form, Header
from transforms.intake import findings, unfold
from transforms.intake.read import Sheet, column_letter
from transforms.intake.rename import NAMED, Bound, at, is_filled, numbered, places
from transforms.intake.unfold import path_key, plain

PLAIN_NUMBER = r"^\s*[+-]?[\d,]+(\.\d+)?\s*$"
CELLS_OF_A_NOTE = 2
WHOLE_COUNTY = frozenset({"合计", "总计", "全县合计", "全区合计"})

Groups = dict[tuple[str, str, str, str], list[tuple[Header, int]]]
"""Columns that make one row of a table together: table, stage, grade, label → headers with their positions."""


def bind(form: Form, sheet: Sheet, stat_year: int | None) -> tuple[list[Bound], pl.DataFrame]:
    """Return the rows of a list, a table at a time, schools by their names; and what is wrong with the sheet."""
    known = form.headers_of(stat_year)
    top = unfold.headers(sheet, [form.name, *(one.path for one in known)], [form.name])
    if top is None:
        said = "、".join(path for path in unfold.headers_seen(sheet) if path)
        return [], findings.frame([{**at(sheet), "rule": "missing_header", "value": said, "allowed": form.name}])
    stage, found = _stage(form, sheet, top.first)
    year = stated_year(form, [sheet.name, unfold.said_above(sheet, top.first)])
    if stat_year is not None and year not in (None, stat_year):
        found.append({**at(sheet), "rule": "wrong_year", "value": str(year), "allowed": str(stat_year)})
    if stage is None:
        return [], findings.frame(found)
    bound_to, of_form, wrong = _positions(form, sheet, top, known, stage)
    found += wrong
    if form.name not in of_form:
        return [], findings.frame(found)
    schools, totals, skipped = _rows(form, sheet, top, of_form)
    found += _totals_differ(sheet, schools, totals, bound_to)
    found += _parts_differ(sheet, schools, bound_to)
    named = _named(sheet, of_form, form)
    grouped = _groups(bound_to, stage)
    bounds = [
        _table(form, sheet, schools, named, table, {key: of for key, of in grouped.items() if key[0] == table}, top)
        for table in sorted({key[0] for key in grouped})
    ]
    bounds = [replace(one, stated_year=year, skipped_rows=0 if at_ else skipped) for at_, one in enumerate(bounds)]
    return bounds, findings.frame(found)


def stage_of(form: Form, texts: Iterable[str]) -> set[str]:
    """Return the stages named in some texts."""
    said = " ".join(texts)
    return {stage for stage, words in form.stage_words.items() if any(word in said for word in words)}


def scaled(text: str, factor: int) -> str:
    """Return a number as text times a factor, exact; what is no number as it is."""
    said = plain(text).replace(",", "")
    if factor == 1 or not re.fullmatch(PLAIN_NUMBER, said):
        return text
    number = Decimal(said) * factor
    return format(number.quantize(Decimal(1)) if number == number.to_integral_value() else number.normalize(), "f")


def _stage(form: Form, sheet: Sheet, first: int) -> tuple[str | None, list[dict[str, object]]]:
    """Return the stage a list is of, from its sheet's name or its title; the file's name is never asked."""
    by_name = stage_of(form, [sheet.name])
    by_title = stage_of(form, [unfold.said_above(sheet, first)])
    told = by_name & by_title if by_name and by_title else by_name or by_title
    if len(told) == 1:
        return told.pop(), []
    allowed = "、".join(words[0] for words in form.stage_words.values())
    seen = f"{sheet.name} {unfold.said_above(sheet, first)}".strip()
    return None, [{**at(sheet), "rule": "unknown_stage", "value": seen, "allowed": allowed}]


def stated_year(form: Form, texts: Iterable[str]) -> int | None:
    """Return the school year that a title states, None where it states none."""
    for text in texts:
        if form.year_pattern and (match := re.search(form.year_pattern, text)):
            return int(next(group for group in match.groups() if group))
    return None


def _positions(
    form: Form, sheet: Sheet, top: unfold.Headers, known: tuple[Header, ...], stage: str
) -> tuple[dict[int, Header], dict[str, int], list[dict[str, object]]]:
    """Return position → header, the columns of name and type, and headers that are unknown, doubled or missing.

    A header of another stage than the list's (县级以上骨干教师(初中) in the list of primary schools) is not read.
    """
    by_path: dict[str, Header] = {}
    for one in known:
        if path_key(one.path) not in by_path or by_path[path_key(one.path)].stage != stage:
            by_path[path_key(one.path)] = one
    bound_to: dict[int, Header] = {}
    of_form: dict[str, int] = {}
    found: list[dict[str, object]] = []
    seen: dict[str, str] = {}
    for position, path in enumerate(top.paths):
        if path is None:
            continue
        key, place = path_key(path), f"{column_letter(position)}{top.last + 1}"
        said = {**at(sheet), "cell": place, "value": path}
        if key in seen:
            found.append({**said, "rule": "duplicate_header"})
            continue
        seen[key] = place
        for name in (form.name, form.type):
            if key == path_key(name):
                of_form[name] = position
        if key in by_path and by_path[key].status != "ignored" and by_path[key].stage in ("", stage):
            meant = by_path[key]
            twins = [(two.table_name, two.column_name, two.grade, two.label) for two in bound_to.values()]
            if meant.status != "total" and (meant.table_name, meant.column_name, meant.grade, meant.label) in twins:
                found.append({**said, "rule": "duplicate_header"})
                continue
            bound_to[position] = meant
        elif key not in by_path and key != path_key(form.name) and form.unknown_headers == "error":
            found.append({**said, "rule": "unknown_header"})
    return bound_to, of_form, [*found, *_missing(sheet, known, bound_to, stage)]


def _missing(
    sheet: Sheet, known: tuple[Header, ...], bound_to: dict[int, Header], stage: str
) -> list[dict[str, object]]:
    """Return the required columns for which no header stands; one of several spellings is enough."""
    there = {(one.table_name, one.column_name) for one in bound_to.values()}
    lacking = {
        (one.table_name, one.column_name): one.path
        for one in reversed(known)
        if one.status == "required" and one.stage in ("", stage) and (one.table_name, one.column_name) not in there
    }
    return [
        {**at(sheet), "rule": "missing_header", "table_name": table, "column_name": column, "allowed": path}
        for (table, column), path in lacking.items()
    ]


def _rows(
    form: Form, sheet: Sheet, top: unfold.Headers, of_form: dict[str, int]
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Return the rows of schools, the rows of sums, and how many rows were passed over (blank, notes, sums)."""
    body = numbered(sheet).slice(top.last + 1)
    filled = body.filter(is_filled(body))
    text = pl.coalesce(pl.col(name) for name in sheet.cells.columns).str.replace_all(r"\s", "")
    first = text.str.replace_all(":|：", "")
    name = pl.col(f"c{of_form[form.name]}").str.replace_all(r"\s", "")
    is_total = (name.is_in(form.total_names) | (name.is_null() & first.is_in(form.total_names))).fill_null(value=False)
    notes = "|".join(map(re.escape, form.note_names))
    is_note = text.str.contains(rf"^({notes})(\d*[:：、.．]|\d*$)").fill_null(value=False)
    totals = filled.filter(is_total)
    texts = pl.sum_horizontal(pl.col(one).is_not_null() for one in sheet.cells.columns)
    schools = filled.filter(~is_total & ~(is_note & (texts <= CELLS_OF_A_NOTE)))
    return schools, totals, body.height - schools.height


def _numbers(rows: pl.DataFrame, position: int) -> pl.Series:
    """Return a column as exact numbers, None where a cell is no number."""
    texts = rows[f"c{position}"].str.replace_all(r"[,\s]", "")
    return texts.cast(pl.Decimal(38, 6), strict=False)


def _totals_differ(
    sheet: Sheet, schools: pl.DataFrame, totals: pl.DataFrame, bound_to: dict[int, Header]
) -> list[dict[str, object]]:
    """Return the sums in rows of 合计 that are neither those of all schools nor those of the schools that count."""
    counted = next((at for at, one in bound_to.items() if one.column_name == "counts_as_school"), None)
    is_counted = schools[f"c{counted}"].is_in(["1", "是"]) if counted is not None else None
    whole = totals.filter(pl.any_horizontal(pl.col(one).is_in(WHOLE_COUNTY) for one in sheet.cells.columns))
    found: list[dict[str, object]] = []
    kinds = {
        (name, one.name): one.kind
        for name, model in dictionary.input_tables().items()
        for one in dictionary.columns(model)
    }
    for position, one in bound_to.items():
        if kinds[one.table_name, one.column_name] not in ("integer", "decimal"):
            continue
        numbers = _numbers(schools, position)
        sums = [numbers.sum()] + ([numbers.filter(is_counted).sum()] if is_counted is not None else [])
        for row in whole.with_columns(_numbers(whole, position).alias("said")).rows(named=True):
            if row["said"] is not None and row["said"] not in sums:
                found.append(
                    {
                        **at(sheet),
                        "rule": "total_row_differs",
                        "cell": f"{column_letter(position)}{row['source_row']}",
                        "value": str(row["said"].normalize()),
                        "allowed": format(Decimal(str(sums[0])).normalize(), "f"),
                    }
                )
    return found


def _parts_differ(sheet: Sheet, schools: pl.DataFrame, bound_to: dict[int, Header]) -> list[dict[str, object]]:
    """Return the totals of a row that are not the sum of the parts that stand beside them."""
    found: list[dict[str, object]] = []
    for position, total in bound_to.items():
        if total.status != "total":
            continue
        parts = [
            at_ for at_, one in bound_to.items()
            if one.status != "total" and (one.table_name, one.column_name) == (total.table_name, total.column_name)
        ]  # fmt: skip
        if not parts:
            continue
        summed = pl.DataFrame({str(one): _numbers(schools, one) for one in parts})
        compared = schools.select("source_row").with_columns(
            _numbers(schools, position).alias("said"),
            summed.select(pl.sum_horizontal(pl.all()).alias("parts"))["parts"],
            summed.select(pl.any_horizontal(pl.all().is_not_null()).alias("any"))["any"],
        )
        for row in compared.filter(pl.col("any") & (pl.col("said") != pl.col("parts"))).rows(named=True):
            found.append(
                {
                    **at(sheet),
                    "rule": "parts_not_total",
                    "table_name": total.table_name,
                    "column_name": total.column_name,
                    "cell": f"{column_letter(position)}{row['source_row']}",
                    "value": str(row["said"].normalize()),
                    "allowed": str(row["parts"].normalize()),
                }
            )
    return found


def _named(sheet: Sheet, of_form: dict[str, int], form: Form) -> list[pl.Expr]:
    """Return the columns that say which school a row is of."""
    place = of_form[form.name]
    kind = pl.col(f"c{of_form[form.type]}") if form.type in of_form else pl.lit(None, dtype=pl.String)
    values = (
        pl.col(f"c{place}"), kind, pl.lit(None, dtype=pl.String), pl.lit(sheet.name),
        pl.format("{}{}", pl.lit(column_letter(place)), "source_row"),
    )  # fmt: skip
    return [value.alias(name) for name, value in zip(NAMED, values, strict=True)]


def _groups(bound_to: dict[int, Header], stage: str) -> Groups:
    """Return the columns by the table row they make; a total is a row of its own where no parts stand beside it."""
    parted = {(one.table_name, one.column_name) for one in bound_to.values() if one.grade or one.label}
    grouped: Groups = {}
    for position, one in bound_to.items():
        if one.status == "total" and ((one.table_name, one.column_name) in parted or one.table_name != "enrolment"):
            continue
        by_stage = "stage" in [column.name for column in dictionary.columns(dictionary.input_tables()[one.table_name])]
        grade = NO_GRADE if one.status == "total" else one.grade
        key = (one.table_name, stage if by_stage else "", grade, one.label)
        grouped.setdefault(key, []).append((one, position))
    return grouped


def _table(
    form: Form,
    sheet: Sheet,
    schools: pl.DataFrame,
    named: list[pl.Expr],
    table: str,
    groups: Groups,
    top: unfold.Headers,
) -> Bound:
    """Return the rows of one table: those of each group of columns in which a row holds anything."""
    columns = [one.name for one in dictionary.columns(dictionary.input_tables()[table])]
    parts, told = [], []
    for (_, stage, grade, label), members in groups.items():
        group = sheet.name + "".join(f":{part}" for part in (stage, grade, label) if part and (grade or label))
        values = {one.column_name: _value(schools, position, one) for one, position in members}
        values |= constants(table, stage, grade, label)
        rows = schools.select(
            *((values.get(name, pl.lit(None, dtype=pl.String))).alias(name) for name in columns),
            pl.lit(sheet.file.sha256).alias("source_sha256"),
            pl.lit(group).alias("source_sheet"),
            pl.col("source_row"),
            *named,
        )
        parts.append(
            rows.filter(says_anything(table, [one.column_name for one, _ in members], is_part=bool(grade or label)))
        )
        told += [
            (group, one.column_name, sheet.name, column_letter(position), top.paths[position] or "")
            for one, position in members
        ]
    rows = pl.concat(parts)
    return Bound(sheet.file, table, rows, places(told), 0, form.id, form.source, is_named=True, sheet=sheet.name)


def _value(rows: pl.DataFrame, position: int, one: Header) -> pl.Expr:
    """Return a column in the unit of our tables."""
    factor = int(read_codes("units")[one.unit]["factor"]) if one.unit else 1
    if factor == 1:
        return pl.col(f"c{position}")
    texts = rows[f"c{position}"].unique().drop_nulls().to_list()
    return pl.col(f"c{position}").replace({text: scaled(text, factor) for text in texts})


def constants(table: str, stage: str, grade: str, label: str) -> dict[str, pl.Expr]:
    """Return what a row of a table holds that the form says by its place only: stage, grade, size band."""
    said = {"stage": stage, "grade": grade}
    if table == "class_size":
        said |= {"class_label": label, "size_band": label, "is_special_class": "否"}
    if table in ("finance", "county_fact"):
        said |= {"item_code": label}
    return {name: pl.lit(value) for name, value in said.items() if value}


def says_anything(table: str, columns: list[str], *, is_part: bool) -> pl.Expr:
    """Return where a row holds a value; no class in a size band is no row."""
    texts = [pl.col(name).str.strip_chars().fill_null("") for name in columns]
    empty = ["", "0"] if table == "class_size" else [""]
    return pl.any_horizontal(~text.is_in(empty) for text in texts) if is_part else pl.lit(value=True)
