"""The workbook a bureau fills in: made from the contracts, checked while typing, the same bytes each time."""

import zipfile
from decimal import Decimal

import pytest
from openpyxl import load_workbook

from contracts import dictionary
from tests.conftest import typed
from transforms import template
from transforms.intake import gather, land


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return load_workbook(template.write_workbook(tmp_path_factory.mktemp("t") / "t.xlsx", 2024))


def test_a_sheet_a_table_with_chinese_headers_and_units(empty):
    for model in dictionary.input_tables().values():
        heads = [cell.value for cell in empty[dictionary.title(model)][1]]
        assert heads == [column.header for column in dictionary.columns(model) if not column.is_optional]
    assert "教学及辅助用房面积(㎡)" in [cell.value for cell in empty["校舍装备"][1]]


def test_every_column_is_explained_on_the_first_sheet(empty):
    assert empty.sheetnames[0] == template.GUIDE_SHEET
    said = {(row[0], row[1]) for row in empty[template.GUIDE_SHEET].iter_rows(values_only=True)}
    for model in dictionary.input_tables().values():
        assert {(dictionary.title(model), column.header) for column in dictionary.columns(model)} <= said


def test_codes_and_yes_no_are_chosen_from_lists_and_counts_are_checked(empty):
    for model in dictionary.input_tables().values():
        sheet = empty[dictionary.title(model)]
        ruled = {str(rule.sqref).split(":")[0].rstrip("2"): rule.type for rule in sheet.data_validations.dataValidation}
        for cell, column in zip(sheet[1], template.shown_columns(model, with_optional=False), strict=True):
            if column.codes or column.kind == "boolean":
                assert ruled[cell.column_letter] == "list", column.name
            elif column.kind == "integer" and column.low is not None:
                assert ruled[cell.column_letter] == "whole", column.name


def test_the_stamp_is_hidden_and_names_year_and_contract(empty):
    sheet = empty[template.STAMP_SHEET]
    assert sheet.sheet_state == "veryHidden"
    said = dict(row[:2] for row in sheet.iter_rows(values_only=True))
    assert said == template.stamp(2024) and said["stat_year"] == "2024" and len(said["contract"]) == 12


def test_the_same_call_writes_the_same_bytes_and_no_clock(tmp_path):
    first = template.write_workbook(tmp_path / "a.xlsx", 2024)
    second = template.write_workbook(tmp_path / "b.xlsx", 2024)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert b"2024-09-01" in archive.read("docProps/core.xml")
    assert {path.name for path in tmp_path.iterdir()} == {"a.xlsx", "b.xlsx"}


def test_a_filled_workbook_comes_back_as_it_was_and_text_is_never_a_formula(tmp_path):
    key = {"stat_year": 2024, "county_code": "990001", "school_code": "2199000001", "campus_no": 0}
    said = {"school_name": "=1+1", "school_type_code": "211", "urban_rural_code": "111", "sponsor_code": "831"}
    flags = {"is_public": True, "is_boarding": False, "counts_as_school": True}
    frames = {
        "school": typed("school", [{**key, **said, **flags}]),
        "enrolment": typed("enrolment", [{**key, "stage": "primary", "grade": 1, "pupils": 45}]),
        "premises": typed("premises", [{**key, "teaching_rooms_m2": Decimal("1234.50"), "indoor_sports_m2": Decimal(0),
                                        "sports_ground_m2": Decimal("0.01"), "equipment_yuan": Decimal(1),
                                        "multimedia_rooms": 3}]),
    }  # fmt: skip
    path = template.write_workbook(tmp_path / "2024" / "filled.xlsx", 2024, frames)
    assert load_workbook(path)["学校"]["E2"].data_type == "s"
    assert any(template.MADE_UP in str(row[0].value) for row in load_workbook(path)[template.GUIDE_SHEET].iter_rows())
    batch = gather.assess(gather.gather([land.land(path, path.parent, None)], 2024), 2024)
    drop = ["source_sha256", "source_sheet", "source_row", "placed_county"]
    for name, rows in frames.items():
        assert batch.tables[name].drop(drop).equals(rows), name
