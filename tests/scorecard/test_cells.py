"""The cells a release names are the cells: read again from the files, they add up to what the release says."""

import re

import openpyxl
import pytest

from tests.scorecard import scaled
from warehouse import cite

FIGURES = {
    "teacher": ("bachelor_teachers", "backbone_teachers"),
    "enrolment": ("pupils",),
    "premises": ("equipment_yuan",),
}


@pytest.mark.parametrize(
    ("ref", "rows", "said"),
    [
        ("G", "4-9", "G4:G9"),
        ("G", "4-4", "G4"),
        ("AB", "4,7", "AB4、AB7"),
        ("D17", "1-1", "D17"),
        ("pupils", "4-6", "pupils#4-6"),
        ("pupils", "4", "pupils#4"),
    ],
)
def test_cells_are_said_as_people_write_them(ref, rows, said):
    assert cite.cells(ref, rows) == said


def test_the_named_cells_of_every_school_add_up_to_its_measures(demo_home):
    folder = (demo_home / "latest").resolve()
    rows, columns = cite.read(folder, scaled.COUNTY)
    refs = {(one["source_sha256"], one["source_sheet"], one["table_name"], one["column_name"]): one for one in columns}
    book = openpyxl.load_workbook(demo_home / "inbox" / "2023" / "500104_2023.xlsx", data_only=True)
    query = (
        "select scope_id, stage, measure_code, cast(quantity as double) from fact_measure"
        " where standard_id = 'quality-balance-2017' and scope = 'unit' and stat_year = 2023"
    )
    told = {(site, stage, code): quantity for site, stage, code, quantity in scaled.rows_of(folder, query)}
    compared = 0
    for row in (row for row in rows if row["stat_year"] == 2023 and row["table_name"] in FIGURES):
        for column in FIGURES[row["table_name"]]:
            one = refs[row["source_sha256"], row["source_sheet"], row["table_name"], column]
            total = sum(value or 0 for value in _values(book[one["ref_sheet"]], cite.cells(one["ref"], row["rows"])))
            stages = [row["stage"]] if row["stage"] else ["primary", "junior"]
            for stage in stages:
                if (row["scope_id"], stage, column) in told:
                    assert told[row["scope_id"], stage, column] == pytest.approx(float(total)), (row, column)
                    compared += 1
    assert compared > 100


def _values(sheet, cells: str) -> list:
    found = []
    for part in cells.split("、"):
        first, _, last = part.partition(":")
        column, start = re.fullmatch(r"([A-Z]+)(\d+)", first).groups()
        end = re.fullmatch(r"[A-Z]+(\d+)", last or first)[1]
        found += [sheet[f"{column}{row}"].value for row in range(int(start), int(end) + 1)]
    return found


def test_cells_stay_outside_the_content_of_a_release(demo_home):
    folder = (demo_home / "latest").resolve()
    from warehouse import release

    manifest = release.manifest_in(folder)
    names = {cite.ROWS, cite.COLUMNS}
    assert names <= set(manifest["files"])
    assert not names & {f"{name}.parquet" for name in manifest["tables"]}
    assert release.damages(folder) == []


def test_rows_with_others_between_them_are_listed_one_by_one(demo_copy, tmp_path):
    from warehouse import store

    with store.connect(demo_copy) as con:
        con.execute(
            "update inputs.enrolment set source_row = 900 where source_row = 3 and stat_year = 2023 and"
            " school_code = '2150990001' and campus_no = 0"
        )
    cite.write(demo_copy, tmp_path)
    rows, _ = cite.read(tmp_path, scaled.COUNTY)
    wanted = ("enrolment", 2023, "2150990001-0")
    (row,) = [row for row in rows if (row["table_name"], row["stat_year"], row["scope_id"]) == wanted]
    assert row["rows"] == "2,4,5,6,7,900"


def test_a_release_without_the_files_gives_nothing(tmp_path):
    assert cite.read(tmp_path, "500104") == ([], [])
