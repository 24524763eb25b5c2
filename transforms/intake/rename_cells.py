"""Bind forms whose values stand at scattered places: by the text beside a value and the text above it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.form import WHOLE, Form, Header
from transforms.intake import findings, unfold
from transforms.intake.read import Sheet, column_letter
from transforms.intake.rename import NAMED, SOURCE, Bound, at, places
from transforms.intake.rename_list import scaled, stated_year
from transforms.intake.unfold import path_key, plain, segment

CELL = re.compile(r"([A-Z]{1,3})(\d+)")


@dataclass(frozen=True)
class Grid:
    """One sheet as lists of text, its value columns by path, its rows by label."""

    sheet: Sheet
    rows: list[list[str | None]]
    columns: dict[str, list[int]]
    labels: dict[str, list[int]]
    units: dict[int, str]

    def text(self, row: int, column: int) -> str | None:
        """Return the text of a cell, None where the sheet has none."""
        inside = row < len(self.rows) and column < len(self.rows[row])
        return self.rows[row][column] if inside else None


@dataclass(frozen=True)
class Value:
    """A value found in a sheet: what it is, its text, and where it stands."""

    header: Header
    text: str | None
    sheet: str
    cell: str
    said: str


def bind(form: Form, sheets: list[Sheet], stat_year: int | None) -> tuple[list[Bound], pl.DataFrame]:
    """Return the rows put together from the sheets of one file, and what is wrong with texts and places.

    The sheets of a statistics workbook are one school's; of a form with an item a row each sheet is a whole form.
    """
    together = [sheets] if form.sheet_pattern else [[sheet] for sheet in sheets]
    parts = [_bind_one(form, one, stat_year) for one in together]
    return [bound for bounds, _ in parts for bound in bounds], findings.frame(
        [row for _, found in parts for row in found]
    )


def _bind_one(form: Form, sheets: list[Sheet], stat_year: int | None) -> tuple[list[Bound], list[dict[str, object]]]:
    """Return the rows of one school or county, which names itself once, and what is wrong with its sheets."""
    found: list[dict[str, object]] = []
    values: list[Value] = []
    titles: list[str] = []
    by_code: dict[str, list[Sheet]] = {}
    for sheet in sheets:
        by_code.setdefault(_code(form, sheet), []).append(sheet)
    for code, of_code in by_code.items():
        known = [one for one in form.headers_of(stat_year) if one.sheet == code and one.status != "absent"]
        if not known:
            continue
        grids = [_grid(form, sheet, known) for sheet in of_code]
        for grid in grids:
            titles += [grid.sheet.name, unfold.said_above(grid.sheet, _first(grid))]
            found += _unknown(form, grid, known)
        of_sheets, wrong = _values(grids, known)
        values += of_sheets
        found += wrong
    found += _parts(values, sheets)
    items = {segment(one.header.row): one for one in values}
    year, place = _year(form, titles, items)
    if stat_year is not None and year not in (None, stat_year):
        found.append({**at(sheets[0]), **place, "rule": "wrong_year", "value": str(year), "allowed": str(stat_year)})
    return [replace(bound, stated_year=year) for bound in _bounds(form, sheets[0], values, items)], found


def _code(form: Form, sheet: Sheet) -> str:
    """Return the key of a sheet in headers.csv: 教基4155 of 教基4155_小学, nothing where a form has one sheet."""
    match = re.match(form.sheet_pattern, sheet.name) if form.sheet_pattern else None
    return match[1] if match else ""


def _grid(form: Form, sheet: Sheet, known: list[Header]) -> Grid:
    """Return a sheet with its value columns and row labels found by their texts."""
    rows = [list(row) for row in sheet.cells.rows()]
    filled = _filled(sheet, rows)
    wanted = {segment(one.row) for one in known}
    firsts = [at_ for at_, row in enumerate(filled) if any(segment(text) in wanted for text in row if text)]
    first = firsts[0] if firsts else len(rows)
    if form.value_header:
        head = next((n for n, row in enumerate(filled) if {plain(x) for x in row if x} >= _marks(form)), 0)
        keys = [plain(text) if text else "" for text in filled[head]] if filled else []
        columns = {"": [n for n, key in enumerate(keys) if key == plain(form.value_header)]}
        label_columns = [n for n, key in enumerate(keys) if key == plain(form.item_header)]
        unit_at = keys.index(plain(form.unit_header)) if plain(form.unit_header) in keys else None
        labels = _labels(filled, label_columns, head + 1)
        units = {n: row[unit_at] or "" for n, row in enumerate(filled) if unit_at is not None and unit_at < len(row)}
        return Grid(sheet, rows, columns, labels, units)
    columns = _columns(filled, {path_key(one.path) for one in known}, first)
    leftmost = min((places_[0] for places_ in columns.values()), default=1)
    return Grid(sheet, rows, columns, _labels(filled, range(max(leftmost, 1)), first), {})


def _marks(form: Form) -> set[str]:
    return {plain(form.item_header), plain(form.value_header)}


def _filled(sheet: Sheet, rows: list[list[str | None]]) -> list[list[str | None]]:
    """Return the rows with merged cells filled with the text of their first."""
    filled = [list(row) for row in rows]
    for (first_row, first_column), (last_row, last_column) in sheet.merged:
        if first_row >= len(rows) or first_column >= len(rows[first_row]):
            continue
        for at_ in range(first_row, min(last_row + 1, len(rows))):
            for column in range(first_column, min(last_column + 1, len(rows[at_]))):
                filled[at_][column] = rows[first_row][first_column]
    return filled


def _columns(filled: list[list[str | None]], wanted: set[str], first: int) -> dict[str, list[int]]:
    """Return path → positions, a path being some texts that follow each other above a column."""
    found: dict[str, list[int]] = {}
    width = max((len(row) for row in filled), default=0)
    for column in range(width):
        parts: list[str] = []
        for row in filled[:first]:
            text = segment(row[column] or "") if column < len(row) else ""
            if text and (not parts or parts[-1] != text):
                parts.append(text)
        ends = range(1, len(parts) + 1)
        paths = {"/".join(parts[start:end]) for end in ends for start in range(end)}
        for path in paths & wanted:
            found.setdefault(path, []).append(column)
    return found


def _labels(filled: list[list[str | None]], columns: Iterable[int], first: int) -> dict[str, list[int]]:
    """Return label → rows, a label being the last text in the label columns of a row."""
    found: dict[str, list[int]] = {}
    for number, row in enumerate(filled[first:], start=first):
        texts = [row[column] for column in columns if column < len(row) and row[column]]
        if texts:
            found.setdefault(segment(texts[-1] or ""), []).append(number)
    return found


def _first(grid: Grid) -> int:
    return min((rows[0] for rows in grid.labels.values()), default=0)


def _values(grids: list[Grid], known: list[Header]) -> tuple[list[Value], list[dict[str, object]]]:
    """Return the values of a table (one sheet, or one and its continuation) and what stands nowhere or twice."""
    values: list[Value] = []
    found: list[dict[str, object]] = []
    taken: set[tuple[str, ...]] = set()
    at_place = _stands_as_declared(grids, known)
    for one in known:
        said: dict[str, object] = {"value": "/".join(part for part in (one.row, one.path) if part)}
        places = [(grid, row, column) for grid in grids for row, column in _places(grid, one)]
        meant = (one.table_name, one.column_name, one.stage, one.grade, one.label)
        if len(places) > 1 or (places and one.table_name and meant in taken):
            grid, row, column = places[-1]
            cell = f"{column_letter(column)}{row + 1}"
            found.append({**at(grid.sheet), **said, "rule": "duplicate_header", "cell": cell})
        elif places:
            taken.add(meant)
            values.append(_value(one, *places[0]))
        elif at_place and one.cell and (match := CELL.fullmatch(one.cell)):
            values.append(_value(one, grids[0], int(match[2]) - 1, _position(match[1])))
            if one.status != "ignored" and values[-1].text is not None:
                place = {**at(grids[0].sheet), "cell": one.cell}
                found.append({**place, **said, "rule": "bound_by_position", "allowed": said["value"]})
        elif one.status == "required":
            lacking = {"table_name": one.table_name, "column_name": one.column_name, "value": None}
            found.append({**at(grids[0].sheet), **lacking, "rule": "missing_header", "allowed": said["value"]})
    return values, found


def _stands_as_declared(grids: list[Grid], known: list[Header]) -> bool:
    """Return whether the texts that are found stand at their declared cells; else a position would be a guess."""
    if len(grids) > 1:
        return False
    found = [(one.cell, places) for one in known if one.cell and len(places := _places(grids[0], one)) == 1]
    return all(f"{column_letter(column)}{row + 1}" == cell for cell, ((row, column),) in found)


def _places(grid: Grid, one: Header) -> list[tuple[int, int]]:
    """Return the rows and columns where the texts of a header cross."""
    rows, columns = grid.labels.get(segment(one.row), []), grid.columns.get(path_key(one.path), [])
    return [(row, column) for row in rows for column in columns]


def _value(one: Header, grid: Grid, row: int, column: int) -> Value:
    """Return a value in the unit of our tables; a sheet that states its own unit is taken at its word."""
    text = grid.text(row, column)
    stated = grid.units.get(row, "")
    units = read_codes("units")
    unit = stated if one.unit and stated in units and units[stated]["base"] == units[one.unit]["base"] else one.unit
    if text is not None and unit:
        text = scaled(text, int(units[unit]["factor"]))
    header = "/".join(part for part in (one.row, one.path) if part)
    return Value(one, text, grid.sheet.name, f"{column_letter(column)}{row + 1}", header)


def _position(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _unknown(form: Form, grid: Grid, known: list[Header]) -> list[dict[str, object]]:
    """Return the items of a form that nobody knows, where the form says that this is an error."""
    if form.unknown_headers != "error" or not form.value_header:
        return []
    names = {segment(one.row) for one in known}
    return [
        {**at(grid.sheet), "rule": "unknown_header", "cell": f"A{rows[0] + 1}", "value": label}
        for label, rows in grid.labels.items()
        if label not in names
    ]


def _parts(values: list[Value], sheets: list[Sheet]) -> list[dict[str, object]]:
    """Return the totals that are not the sum of their parts in the same table and stage."""
    found = []
    for total in (one for one in values if one.header.status == "total"):
        kind = (total.header.sheet, total.header.table_name, total.header.column_name, total.header.stage)
        parts = [
            one for one in values
            if one.header.status != "total"
            and (one.header.sheet, one.header.table_name, one.header.column_name, one.header.stage) == kind
        ]  # fmt: skip
        numbers = [_number(one.text) for one in parts]
        said = _number(total.text)
        if said is None or not any(one is not None for one in numbers):
            continue
        summed = sum(one or 0 for one in numbers)
        if summed != said:
            sheet = next(one for one in sheets if one.name == total.sheet)
            place = {"table_name": kind[1], "column_name": kind[2], "cell": total.cell}
            found.append({**at(sheet), **place, "rule": "parts_not_total", "value": str(said), "allowed": str(summed)})
    return found


def _number(text: str | None) -> int | None:
    said = plain(text or "").replace(",", "")
    return int(said) if said.isdigit() else None


def _year(form: Form, titles: list[str], items: dict[str, Value]) -> tuple[int | None, dict[str, object]]:
    """Return the year a file states, by its own item or else by its titles, and the place of that item."""
    item = items.get(segment(form.year_item)) if form.year_item else None
    if item is None or not item.text:
        return stated_year(form, titles), {}
    place: dict[str, object] = {"source_sheet": item.sheet or None, "cell": item.cell}
    return stated_year(form, [f"{item.text}年"]) or _number(item.text[:4]), place


def _bounds(form: Form, sheet: Sheet, values: list[Value], items: dict[str, Value]) -> list[Bound]:
    """Return the rows of each table: one for each stage, grade and label of which a value was found."""
    named = _named(form, items)
    groups = _groups(values)
    bounds = []
    for table in sorted({key[0] for key in groups}):
        names = [column.name for column in dictionary.columns(dictionary.input_tables()[table])]
        rows, told = [], []
        for number, (key, members) in enumerate((one for one in groups.items() if one[0][0] == table), start=1):
            if not _says_anything(table, members, key):
                continue
            group = ":".join([members[0].sheet, *(part for part in key if part), str(number)])
            row = dict.fromkeys([*names, *SOURCE, *NAMED])
            row |= {one.header.column_name: one.text for one in members} | _said(table, key, sheet)
            rows.append(row | named | {"source_sha256": sheet.file.sha256, "source_sheet": group, "source_row": 1})
            told += [(group, one.header.column_name, one.sheet, one.cell, one.said) for one in members]
        if rows:
            schema = {**dict.fromkeys(names, pl.String), **SOURCE, **dict.fromkeys(NAMED, pl.String)}
            frame = pl.DataFrame([{name: row[name] for name in schema} for row in rows], schema=schema)
            is_named = bool(form.name_item)
            bounds.append(Bound(sheet.file, table, frame, places(told), 0, form.id, form.source, is_named, sheet.name))
    return bounds


def _named(form: Form, items: dict[str, Value]) -> dict[str, str | None]:
    """Return what a file says of whom it is: a school by name, type and code, or a county by its code."""
    wanted = (form.name_item, form.type_item, form.code_item)
    name, kind, code = (items.get(segment(item)) if item else None for item in wanted)
    said: dict[str, str | None] = {}
    if name is not None:
        texts = (name.text, kind.text if kind else None, code.text if code else None, name.sheet, name.cell)
        said |= dict(zip(NAMED, texts, strict=True))
    if form.county_item and segment(form.county_item) in items:
        said["county_code"] = items[segment(form.county_item)].text
    return said


def _groups(values: list[Value]) -> dict[tuple[str, str, str, str], list[Value]]:
    """Return the values by the row they make: table, stage, grade, label; a sum with parts beside it makes none."""
    parted = {(one.header.table_name, one.header.stage) for one in values if one.header.grade or one.header.label}
    groups: dict[tuple[str, str, str, str], list[Value]] = {}
    for one in values:
        header = one.header
        is_sum = header.status == "total" and (header.table_name, header.stage) in parted
        if header.status != "ignored" and not is_sum:
            key = (header.table_name, header.stage, header.grade, header.label)
            groups.setdefault(key, []).append(one)
    return groups


def _says_anything(table: str, members: list[Value], key: tuple[str, str, str, str]) -> bool:
    """Return whether a row holds a value; no class in a size band is no row, a stage without any figure neither."""
    empty = {"", "0"} if table == "class_size" or (key[1] and key[1] != WHOLE) else {""}
    return any((one.text or "").strip() not in empty for one in members)


def _said(table: str, key: tuple[str, str, str, str], sheet: Sheet) -> dict[str, str | None]:
    """Return what a row holds that the form says by its place only."""
    _, stage, grade, label = key
    said: dict[str, str | None] = {"stage": stage or None, "grade": grade or None}
    if table == "class_size":
        said |= {"class_label": label, "size_band": label, "is_special_class": "否"}
    if table in ("finance", "county_fact"):
        items = read_codes("finance_items" if table == "finance" else "county_items")
        said |= {"item_code": label, "value_unit": items[label]["unit"] or None, "period_kind": "undated"}
        said |= {"period": "未注明", "source": sheet.file.name}
    if table == "cohort":
        said |= {"cohort_label": None}
    names = {column.name for column in dictionary.columns(dictionary.input_tables()[table])}
    return {name: value for name, value in said.items() if name in names}
