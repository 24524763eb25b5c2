"""The source cells of figures: what a measure, an item, an input column of a county and year was read from."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from contracts import dictionary, standard
from contracts.codes import read_codes
from warehouse import cite

HIGHLIGHTS = "report-highlights"
SHOWN_CELLS = 4
COUNTED = {
    "class": "class_size",
    "room": "special_room",
    "site": "enrolment",
    "enrolment": "enrolment",
    "monitoring": "monitoring",
    "project": "project",
}
"""Input table of what a standard counts first."""
COUNTED_COLUMNS = {"site": "pupils", "class": "class_pupils", "room": "area_m2"}


class Cells:
    """The source cells of a county and year, as the release cites them."""

    def __init__(self, release_folder: Path, county_code: str, stat_year: int, standard_id: str) -> None:
        self.home, self.standard_id = release_folder.parents[1], standard_id
        rows, columns = cite.read(release_folder, county_code)
        self.columns = {
            (row["source_sha256"], row["source_sheet"], row["table_name"], row["column_name"]): row for row in columns
        }
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            if row["stat_year"] == stat_year:
                self.rows[row["table_name"]].append(row)
        self.known: dict[tuple[Any, ...], str] = {}

    def of(
        self, table: str, column: str, *, scope: str | None = None, stage: str | None = None, code: str | None = None
    ) -> str:
        """Return the cells of a column as text: file › sheet › cells, the first few where there are many."""
        asked = (table, column, scope, stage, code)
        if asked not in self.known:
            self.known[asked] = self._look(*asked)
        return self.known[asked]

    def _look(self, table: str, column: str, scope: str | None, stage: str | None, code: str | None) -> str:
        places: dict[str, list[str]] = defaultdict(list)
        for row in self.rows[table]:
            fits = scope is None or row["scope_id"] == scope or row["scope_id"].partition("-")[0] == scope
            fits = fits and (stage is None or row["stage"] in ("", stage)) and code in (None, row["code"])
            at = self.columns.get((row["source_sha256"], row["source_sheet"], table, column))
            if fits and at:
                named = " › ".join(part for part in (at["source_file"], at["ref_sheet"]) if part)
                places[named].append(cite.cells(at["ref"], row["rows"]))
        return "；".join(f"{named} › {few(found)}" for named, found in sorted(places.items()))

    def of_measure(self, code: str, *, scope: str | None = None, stage: str | None = None) -> str:
        """Return the cells a measure was counted or added up from."""
        if code in read_codes("county_items"):
            return self.of("county_fact", "value", code=code)
        if code in read_codes("finance_items"):
            return self.of("finance", "value", scope=scope and scope.partition("-")[0], code=code)
        if code in counted_measures(self.home, self.standard_id):
            table, column = counted_measures(self.home, self.standard_id)[code]
            return self.of(table, column, scope=scope, stage=stage)
        at = input_columns().get(code)
        return self.of(at, code, scope=scope, stage=stage) if at else ""

    def of_item(self, item: str, *, scope: str | None = None, stage: str | None = None) -> str:
        """Return the cells of everything an item is computed from."""
        codes = terms_of(self.home, self.standard_id).get(item) or terms_of(self.home, HIGHLIGHTS).get(item, ())
        found = dict.fromkeys(self.of_measure(code, scope=scope, stage=stage) for code in codes)
        return "；".join(one for one in found if one)


def few(cells: list[str]) -> str:
    """Return cells as text, the first few and how many there are."""
    some = "、".join(cells[:SHOWN_CELLS])
    return some if len(cells) <= SHOWN_CELLS else f"{some}…共{len(cells)}处"


@functools.cache
def terms_of(home: Path, standard_id: str) -> dict[str, dict[str, str]]:
    """Return the measures each item of a standard is computed from, with their side; this year's only."""
    (one,) = standard.load_all((standard_id,), standard.folders(home))
    codes: dict[str, dict[str, str]] = defaultdict(dict)
    for row in one.tables["std_term"]:
        if row["year_offset"] == 0:
            codes[row["item_code"]].setdefault(row["measure_code"], row["side"])
    return dict(codes)


@functools.cache
def counted_measures(home: Path, standard_id: str) -> dict[str, tuple[str, str]]:
    """Return the input table and column that each measure a standard counts first is counted from."""
    loaded = standard.load_all((standard_id, HIGHLIGHTS), standard.folders(home))
    return {
        row["measure_code"]: (COUNTED[row["source"]], row["column_name"] or COUNTED_COLUMNS[row["source"]])
        for one in loaded
        for row in one.tables["std_count"]
    }


@functools.cache
def input_columns() -> dict[str, str]:
    """Return the input table that has each measure as a column; classes are counted from the rows of theirs."""
    found = {
        column.name: name
        for name in ("survey", "cohort", "premises", "teacher", "enrolment", "class_size")
        for column in dictionary.columns(dictionary.input_tables()[name])
    }
    return found | {"classes": "class_size"}


def column_label(table: str, column: str) -> str:
    """Return the Chinese name of an input column."""
    contract = dictionary.input_tables()[table]
    return next(one.label for one in dictionary.columns(contract) if one.name == column)


def measure_label(code: str) -> str:
    """Return the Chinese name of a measure."""
    lists: Iterable[str] = ("measures", "county_items", "finance_items")
    return next((read_codes(name)[code]["text_zh"] for name in lists if code in read_codes(name)), code)
