"""Defective files, one defect each: the folder is named for its rule, expect.csv says what fires in which cells."""

import csv
import shutil
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import typed
from transforms.intake import findings, gather, land

HERE = Path(__file__).parent
CASES = {kind: sorted(path for path in (HERE / kind).iterdir()) for kind in ("fail", "warn", "pass")}
BY_HAND = {"correction_mismatch", "pupils_jump"}
"""Rules that need more than one county's files: they are broken in tests of their own below."""


def assessed(case: Path, tmp_path: Path):
    folder = tmp_path / "2023"
    shutil.copytree(HERE / "base", folder)
    shutil.copytree(case, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("expect.csv"))
    gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], 2023)
    return gather.assess(gathered, 2023)


def expected(case: Path) -> set[tuple[str, str, str]]:
    with (case / "expect.csv").open(encoding="utf-8", newline="") as file:
        return {(row["rule"], row["file"], row["cell"]) for row in csv.DictReader(file)}


def seen(found: pl.DataFrame) -> set[tuple[str, str, str]]:
    return {(row["rule"], row["source_file"], row["cell"] or "") for row in found.to_dicts()}


@pytest.mark.parametrize("case", [case for kind in CASES.values() for case in kind], ids=lambda case: case.name)
def test_each_file_breaks_its_own_rule_in_its_own_cell(case, tmp_path):
    batch = assessed(case, tmp_path)
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
    assert set(findings.rules()) - broken == BY_HAND


def test_every_rule_speaks_chinese_and_english_and_says_what_to_do(tmp_path):
    for rule, row in findings.rules().items():
        assert row["severity"] in {"error", "warning"}, rule
        assert all(row[name] for name in ("message_zh", "message_en", "advice_zh", "advice_en")), rule
    batch = assessed(HERE / "fail" / "out_of_range-enrolment-pupils", tmp_path)
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


def test_values_read_right_though_odd_are_the_same_as_the_plain_ones(tmp_path):
    plain = assessed(HERE / "pass" / "gb18030", tmp_path / "plain").tables
    keys = ["school_code", "stage", "grade"]
    for case in CASES["pass"]:
        odd = assessed(case, tmp_path / case.name).tables
        drop = ["source_sha256", "source_row"]
        assert odd["enrolment"].drop(drop).sort(keys).equals(plain["enrolment"].drop(drop).sort(keys)), case.name
        assert odd["premises"].drop(drop).equals(plain["premises"].drop(drop)), case.name
        assert odd["school"].drop(drop).equals(plain["school"].drop(drop)), case.name


def test_a_jump_against_last_year_asks_for_a_reason():
    from transforms.intake import check

    key = {"stat_year": 2023, "county_code": "990001", "school_code": "2199000001", "campus_no": 0}
    source = {"source_sha256": "0" * 64, "source_sheet": "", "source_row": 2}
    rows = typed("enrolment", [{**key, "stage": "primary", "grade": 1, "pupils": 131}])
    rows = rows.with_columns(pl.lit(value).alias(name) for name, value in source.items())
    last_year = pl.DataFrame(
        [{"stat_year": 2022, "school_code": "2199000001", "campus_no": 0, "stage": "primary", "pupils": 100}],
        schema_overrides={"stat_year": pl.Int32, "campus_no": pl.Int32},
    )
    jumps = check.check_across({"enrolment": rows}, last_year).filter(pl.col("rule") == "pupils_jump")
    assert jumps.select("value", "allowed").rows() == [("131", "100")]
    within = check.check_across({"enrolment": rows.with_columns(pl.lit(130, pl.Int32).alias("pupils"))}, last_year)
    assert within.filter(pl.col("rule") == "pupils_jump").is_empty()


def test_a_declared_correction_applies_once_and_stops_when_its_source_changed():
    from transforms.intake import correct

    declared = [
        {
            "table_name": "enrolment", "key": "school_code=2199000001;grade=1", "column_name": "pupils",
            "expected": "12.6", "replacement": "126",
            "reason": "小数点误入", "corrected_by": "甲", "corrected_on": "2023-10-08",
        }
    ]  # fmt: skip
    text = pl.DataFrame({"school_code": ["2199000001"], "grade": ["1"], "pupils": ["12.6"], "source_sha256": ["0" * 64],
                         "source_sheet": [""], "source_row": [2]}).cast({"source_row": pl.Int32})  # fmt: skip
    mended, none = correct.correct("enrolment", text, declared)
    assert mended["pupils"].to_list() == ["126"] and none.is_empty()
    same, found = correct.correct("enrolment", text.with_columns(pl.lit("127").alias("pupils")), declared)
    assert same["pupils"].to_list() == ["127"]
    assert found.select("rule", "value", "allowed").rows() == [("correction_mismatch", "127", "12.6")]


def test_a_correction_without_reason_is_refused(tmp_path):
    from transforms.intake import correct

    path = tmp_path / "corrections.csv"
    path.write_text(
        "table_name,key,column_name,expected,replacement,reason,corrected_by,corrected_on\n"
        "enrolment,grade=1,pupils,1,2,,甲,2023-10-08\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match=r"corrections.csv:2"):
        correct.corrections(path)
