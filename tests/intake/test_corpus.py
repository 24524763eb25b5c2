"""Defective files, one defect each: the folder is named for its rule, expect.csv says what fires in which cells."""

import csv
import functools
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import typed
from transforms.intake import findings, gather, land

HERE = Path(__file__).parent
CASES = {kind: sorted(path for path in (HERE / kind).iterdir()) for kind in ("fail", "warn", "pass")}
BY_HAND = {"pupils_jump", "figures_jump", "cohort_jump", "same_as_last_year"}
ELSEWHERE = {
    **dict.fromkeys([*sorted(BY_HAND), "school_missing", "table_missing"], "test_two_years.py"),
    **dict.fromkeys(["correction_mismatch", "corrected"], "test_declarations.py"),
    **dict.fromkeys(["form_of_new_year", "register_of_earlier_year", "not_in_form"], "test_forms.py"),
    **dict.fromkeys(["not_by_stage_refused", "no_register"], "test_forms.py"),
}
"""Rules that need another year, a declaration, or no register: no file alone breaks them. Where each is broken."""


@functools.cache
def assessed(case: Path):
    """The findings and rows of a case, made once for all tests that look at it."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "2023"
        shutil.copytree(HERE / "base", folder)
        shutil.copytree(case, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expect.csv"))
        gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], 2023)
        return gather.assess(gathered, 2023)


def expected(case: Path) -> set[tuple[str, str, str]]:
    with (case / "expect.csv").open(encoding="utf-8", newline="") as file:
        return {(row["rule"], row["file"], row["cell"]) for row in csv.DictReader(file)}


def seen(found: pl.DataFrame) -> set[tuple[str, str, str]]:
    return {(row["rule"], row["source_file"] or "", row["cell"] or "") for row in found.to_dicts()}


@pytest.mark.parametrize("case", [case for kind in CASES.values() for case in kind], ids=lambda case: case.name)
def test_each_file_breaks_its_own_rule_in_its_own_cell(case):
    batch = assessed(case)
    assert seen(batch.found) == expected(case)
    rows = sum(table.height for table in batch.tables.values()) + batch.skipped_rows
    assert rows > 0


@pytest.mark.parametrize(("kind", "severity"), [("fail", "error"), ("warn", "warning")])
def test_folders_hold_what_they_say(kind, severity):
    for case in CASES[kind]:
        rule = case.name.split("-")[0]
        assert findings.rules()[rule]["severity"] == severity, case.name
        assert rule in {row[0] for row in expected(case)}, case.name


def test_no_rule_is_without_a_file_that_breaks_it():
    broken = {case.name.split("-")[0] for kind in ("fail", "warn") for case in CASES[kind]}
    assert set(findings.rules()) - broken == set(ELSEWHERE)
    for rule, module in ELSEWHERE.items():
        assert f'"{rule}"' in (HERE / module).read_text(encoding="utf-8"), rule


def test_workbooks_are_those_their_script_writes(tmp_path):
    from tests.intake import make_books

    make_books.write(tmp_path)
    for name in make_books.FAULTS:
        assert (tmp_path / name).read_bytes() == (HERE / name).read_bytes(), name


def test_no_file_repeats_another():
    contents = [
        tuple(
            sorted(
                (path.suffix, path.read_bytes())
                for path in case.rglob("*")
                if path.is_file() and path.name != "expect.csv"
            )
        )
        for kind in CASES.values()
        for case in kind
    ]
    assert len(set(contents)) == len(contents) > 200


def test_every_rule_speaks_chinese_and_english_and_says_what_to_do():
    for rule, row in findings.rules().items():
        assert row["severity"] in {"error", "warning"}, rule
        assert all(row[name] for name in ("message_zh", "message_en", "advice_zh", "advice_en")), rule
    batch = assessed(HERE / "fail" / "out_of_range-enrolment-pupils")
    (row,) = findings.worded(batch.found).to_dicts()
    assert findings.placed(row) == "enrolment.csv › G3"
    assert row["message_zh"] == "-3 超出范围，应为整数 whole number ≥ 0"
    assert "{" not in row["message_en"] + row["advice_zh"]


def test_many_findings_of_one_rule_each_say_their_own_value():
    rows = [{"rule": "out_of_range", "value": value, "allowed": "≥ 0"} for value in ("-1", "$1 {x}", None)]
    said = findings.worded(findings.frame(rows))["message_en"].to_list()
    assert sorted(said) == [
        " is out of range, allowed: ≥ 0",
        "$1 {x} is out of range, allowed: ≥ 0",
        "-1 is out of range, allowed: ≥ 0",
    ]


def test_a_rule_that_is_not_on_record_is_our_own_mistake():
    with pytest.raises(KeyError, match="no_such_rule"):
        findings.worded(findings.frame([{"rule": "no_such_rule"}]))


def test_values_read_right_though_odd_are_the_same_as_the_plain_ones():
    plain = assessed(HERE / "pass" / "gb18030").tables
    keys = ["school_code", "stage", "grade"]
    for case in CASES["pass"]:
        odd = assessed(case).tables
        drop = ["source_sha256", "source_sheet", "source_row"]
        assert odd["enrolment"].drop(drop).sort(keys).equals(plain["enrolment"].drop(drop).sort(keys)), case.name
        assert odd["premises"].drop(drop).equals(plain["premises"].drop(drop)), case.name
        assert odd["school"].drop(drop).equals(plain["school"].drop(drop)), case.name


KEY = {"stat_year": 2023, "county_code": "990001", "school_code": "2199000001", "campus_no": 0, "stage": "primary"}
TEACHERS = {
    "full_time_teachers": 40,
    "bachelor_teachers": 31,
    "master_teachers": 9,
    "pe_teachers": 4,
    "art_teachers": 4,
}


def against(last_year: dict[str, list[dict]], this_year: dict[str, list[dict]]) -> set[tuple[str, str, str, str]]:
    """Rule, column, value and what it was last year, of the rules that compare two years."""
    from transforms.intake import check

    def frames(tables):
        source = [
            pl.lit("0" * 64).alias("source_sha256"),
            pl.lit("").alias("source_sheet"),
            pl.lit(2, pl.Int32).alias("source_row"),
        ]
        return {name: typed(name, rows).with_columns(source) for name, rows in tables.items()}

    found = check.check_across(frames(this_year), frames(last_year)).filter(pl.col("rule").is_in(BY_HAND))
    return set(found.select("rule", "column_name", "value", "allowed").rows())


def grades(stat_year, *pupils):
    return [
        {**KEY, "stat_year": stat_year, "grade": grade, "pupils": count} for grade, count in enumerate(pupils, start=1)
    ]


def test_a_jump_against_last_year_asks_for_a_reason():
    last_year = {"enrolment": grades(2022, 100)}
    assert against(last_year, {"enrolment": grades(2023, 131)}) == {("pupils_jump", "pupils", "131", "100")}
    assert against(last_year, {"enrolment": grades(2023, 130)}) == set()
    assert against({"enrolment": grades(2021, 100)}, {"enrolment": grades(2023, 131)}) == set()


def upper(stat_year, *pupils):
    return [{**row, "grade": row["grade"] + 2} for row in grades(stat_year, *pupils)]


def test_a_grade_that_did_not_move_up_asks_for_a_reason():
    last_year = {"enrolment": upper(2022, 40, 50, 60, 44)}
    moved = upper(2023, 45, 41, 52, 58)
    assert against(last_year, {"enrolment": moved}) == set()
    crowded = [{**row, "pupils": 68} if row["grade"] == 5 else row for row in moved]
    assert against(last_year, {"enrolment": crowded}) == {("cohort_jump", "pupils", "5: 68", "4: 50")}
    lost = [row for row in moved if row["grade"] != 6]
    assert against(last_year, {"enrolment": lost}) == {("cohort_jump", "pupils", "6: 0", "5: 60")}


def test_premises_that_became_0_are_named_and_ground_may_not_double():
    last = {"premises": [{**KEY, "stat_year": 2022, "sports_ground_m2": 3_000, "multimedia_rooms": 4}]}
    now = {"premises": [{**KEY, "sports_ground_m2": 4_600, "multimedia_rooms": 0}]}
    for rows in (*last.values(), *now.values()):
        rows[0].pop("stage")
    found = {row[1:] for row in against(last, now)}
    assert found == {("sports_ground_m2", "4600", "3000"), ("multimedia_rooms", "0", "4")}


def test_a_figure_that_doubled_asks_for_a_reason_and_a_blank_is_no_zero():
    last = {"premises": [{**KEY, "stat_year": 2022, "equipment_yuan": 300_000, "computers": 50, "multimedia_rooms": 4}]}
    now = {"premises": [{**KEY, "equipment_yuan": 600_001, "computers": None, "multimedia_rooms": 9}]}
    for rows in (*last.values(), *now.values()):
        rows[0].pop("stage")
    assert against(last, now) == {("figures_jump", "equipment_yuan", "600001", "300000")}


def test_last_year_s_figures_sent_again_are_seen_and_one_that_moved_is_enough_to_be_new():
    last = {"teacher": [{**KEY, "stat_year": 2022, **TEACHERS}], "enrolment": grades(2022, 41, 43, 47)}
    found = against(last, {"teacher": [{**KEY, **TEACHERS}], "enrolment": grades(2023, 41, 43, 47)})
    again = {row[1] for row in found if row[0] == "same_as_last_year"}
    assert again == {"full_time_teachers", "pupils"}
    new = {"teacher": [{**KEY, **TEACHERS, "art_teachers": 5}], "enrolment": grades(2023, 41, 43, 48)}
    assert "same_as_last_year" not in {row[0] for row in against(last, new)}
