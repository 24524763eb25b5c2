"""What people declare: corrections of a source, what a year may lack; said, dated, and refused where it cannot mean."""

import shutil

import polars as pl
import pytest

from contracts.declared import DeclarationError
from tests.flows.test_command import junheng
from tests.intake.make_books import HERE
from transforms.intake import correct, cover, findings, gather, land

HEAD = "table_name,key,column_name,expected,replacement,reason,corrected_by,corrected_on\n"
COVER = "county_code,stat_year,what,reason,declared_by,declared_on\n"
ROW = {
    "table_name": "enrolment", "key": "stat_year=2023;school_code=2199000001;grade=1", "column_name": "pupils",
    "expected": "12.6", "replacement": "126", "reason": "小数点误入", "corrected_by": "甲", "corrected_on": "2023-10-08",
}  # fmt: skip


def text(pupils="12.6", grade="1"):
    row = {
        "stat_year": "2023", "school_code": "2199000001", "grade": grade, "pupils": pupils, "source_sha256": "0" * 64,
        "source_sheet": "", "source_row": 2,
    }  # fmt: skip
    return pl.DataFrame([row]).cast({"source_row": pl.Int32})


def test_a_correction_applies_once_is_said_and_stops_when_its_source_changed():
    mended, said = correct.correct("enrolment", text(), [ROW])
    assert mended["pupils"].to_list() == ["126"]
    assert said.select("rule", "value", "allowed").rows() == [("corrected", "12.6", "126(小数点误入，甲，2023-10-08)")]
    same, found = correct.correct("enrolment", text("127"), [ROW])
    assert same["pupils"].to_list() == ["127"]
    assert found.select("rule", "value", "allowed").rows() == [("correction_mismatch", "127", "12.6")]


def test_a_correction_whose_row_is_gone_from_its_school_stops_and_one_of_another_year_does_not():
    _, found = correct.correct("enrolment", text(grade="2"), [ROW])
    assert found["rule"].to_list() == ["correction_mismatch"] and "grade=1" in found["value"][0]
    _, none = correct.correct("enrolment", text(grade="2"), [{**ROW, "key": ROW["key"].replace("2023", "2022")}])
    assert none.is_empty()
    _, none = correct.correct("enrolment", text(grade="2"), [{**ROW, "key": ROW["key"].replace("0001", "0009")}])
    assert none.is_empty()


@pytest.mark.parametrize(
    "line",
    [
        "enrolment,grade=1,pupils,1,2,,甲,2023-10-08",
        "enrolment,grade=1,pupil,1,2,误,甲,2023-10-08",
        "enrolments,grade=1,pupils,1,2,误,甲,2023-10-08",
        "enrolment,grade,pupils;x,1,2,误,甲,2023-10-08",
        "enrolment,grade=1,pupils,1,2,误,甲,2023-10-08,多",
    ],
)
def test_a_correction_without_reason_or_of_no_column_is_refused_by_its_line(line, tmp_path):
    (tmp_path / "corrections.csv").write_text(f"{HEAD}{line}\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"corrections.csv:2"):
        correct.declared(tmp_path)


def test_declarations_saved_by_a_spreadsheet_are_read(tmp_path):
    line = ",".join(ROW.values())
    (tmp_path / "corrections.csv").write_bytes(f"\ufeff{HEAD}{line}\r\n".encode())
    assert correct.declared(tmp_path)[-1] == ROW
    (tmp_path / "corrections.csv").write_bytes(f"{HEAD}{line}\n".encode("gb18030"))
    assert correct.declared(tmp_path)[-1] == ROW


@pytest.mark.parametrize("line", ["500104,2023,finance,,甲,2023", "500104,今年,finance,决算未出,甲,2023-10-08"])
def test_a_coverage_without_a_reason_or_a_year_is_refused(line, tmp_path):
    (tmp_path / "coverage.csv").write_text(f"{COVER}{line}\n", encoding="utf-8")
    with pytest.raises(DeclarationError, match=r"coverage.csv:2"):
        cover.declared(tmp_path)


def test_a_wrong_declaration_ends_a_command_with_a_sentence(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "corrections.csv").write_text("table,key\n", encoding="utf-8")
    (tmp_path / "inbox" / "2023").mkdir(parents=True)
    shutil.copy(HERE / "base" / "school.csv", tmp_path / "inbox" / "2023")
    said = junheng("run", "--year", "2023", "--inbox", tmp_path / "inbox", "--direct", home=home)
    assert said.returncode == 1
    assert "corrections.csv:1" in said.stderr and "Traceback" not in said.stderr


def test_a_correction_that_no_longer_fits_is_named_with_its_cell(tmp_path):
    folder = tmp_path / "2023"
    shutil.copytree(HERE / "base", folder)
    line = "premises,stat_year=2023;school_code=2199000001,multimedia_rooms,4O,40,字母O误作0,甲,2023-10-08\n"
    (tmp_path / "corrections.csv").write_text(HEAD + line, encoding="utf-8")
    files = [land.land(path, folder, None) for path in land.arrived(folder)]
    found = findings.errors(gather.assess(gather.gather(files, 2023), 2023, home=tmp_path).found)
    assert found.select("rule", "source_file", "cell", "value").rows() == [
        ("correction_mismatch", "premises.csv", "K2", "40")
    ]
