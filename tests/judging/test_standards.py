"""Other standards by the same SQL: the composite of 2012, a region's overlay, a new item and a changed limit."""

import csv
import shutil

import duckdb
import pytest

from contracts import standard
from tests.conftest import STANDARD, TESTS
from tests.judging import county as c
from tests.judging.county import fact
from transforms import model

PRINTED = TESTS / "judging" / "coefficients_2012.csv"
ROWS = list(csv.DictReader(PRINTED.open(encoding="utf-8")))


@pytest.fixture(scope="module")
def composites():
    """fact_county_composite over the printed coefficients, each county under a code of its own."""
    con = duckdb.connect()
    model.add_standards(con, standard.load_all(("basic-balance-2012",)))
    model.add_codes(con)
    con.execute(
        "create table fact_county_cv (standard_id varchar, readings_id varchar, stat_year integer, county_code varchar,"
        " stage varchar, item_code varchar, cv double, reason_code varchar, is_provisional boolean, is_synthetic boolean)"
    )
    con.execute("create table county_year (county_code varchar, stat_year integer, is_provisional boolean)")
    for row in ROWS:
        con.execute("insert into county_year values (?, 2012, false)", [row["county"]])
        for number in range(1, 9):
            values = [row["county"], row["stage"], f"B{number}", float(row[f"B{number}"])]
            con.execute(
                "insert into fact_county_cv values ('basic-balance-2012', 'default', 2012, ?, ?, ?, ?, 'informational',"
                " false, false)",
                values,
            )
    text = model.models()["fact_county_composite"]
    con.execute(f"create table fact_county_composite as {text}")
    return con


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['county']}-{row['stage']}")
def test_the_composites_that_were_printed(row, composites):
    """Plain mean of eight coefficients, printed to three decimals."""
    composite, verdict = composites.execute(
        "select composite, verdict from fact_county_composite where county_code = ? and stage = ?",
        [row["county"], row["stage"]],
    ).fetchone()
    assert f"{composite:.3f}" == row["printed"]
    assert verdict == "met"


def test_one_coefficient_unknown_leaves_the_composite_open():
    (one,) = standard.load_all(("basic-balance-2012",))
    con = c.judged([c.same, lambda rows: [row.update(books=100, computers=50) for row in rows["premises"]]], [one])
    rows = con.execute(
        "select verdict, reason_code, known_items from fact_county_composite order by county_code, stage"
    )
    assert rows.fetchall()[:2] == [("not_assessable", "missing_input", 5)] * 2


def test_two_standards_stand_side_by_side_with_their_own_verdicts():
    def whole(rows):
        for row in rows["premises"]:
            row.update(books=100, computers=50)
        for row in rows["teacher"]:
            row.update(middle_or_senior_title_teachers=5)

    con = c.judged([whole], standard.load_all((STANDARD, "basic-balance-2012")))
    rows = con.execute("select standard_id, overall_verdict from fact_county_summary order by 1").fetchall()
    assert rows == [("basic-balance-2012", "met"), ("quality-balance-2017", "met")]
    assert con.execute("select count(distinct standard_id) from fact_county_cv").fetchone() == (2,)


OVERLAY = """
id = "region"
extends = "quality-balance-2017"
title = "地方标准"
document = "地方文件"
regions = ["990002"]
from_year = 2023

[[limits]]
item = "G7"
limit = 8000
basis = { article = "一", quote = "不低于8000元", source = "地方文件", confirmed = true }
"""


def test_an_overlay_binds_its_region_from_its_year_and_no_other(tmp_path):
    shutil.copy(standard.STANDARDS_DIR / f"{STANDARD}.toml", tmp_path)
    (tmp_path / "overlays").mkdir()
    seen = {}
    for year in (2023, 2024):
        (tmp_path / "overlays" / "region.toml").write_text(
            OVERLAY.replace("from_year = 2023", f"from_year = {year}"), "utf-8"
        )
        (one,) = standard.load_all(directories=(tmp_path,))
        con = c.judged([fact(special_education_funds_yuan=700_000)] * 2, [standard.choose(one)])
        seen[year] = con.execute(
            "select verdict, limit_value, overlay_id from fact_result where item_code = 'G7' order by county_code"
        ).fetchall()
    assert [(verdict, int(limit), overlay) for verdict, limit, overlay in seen[2023]] == [
        ("met", 6000, None), ("not_met", 8000, "region"),
    ]  # fmt: skip
    assert [(verdict, int(limit)) for verdict, limit, _ in seen[2024]] == [("met", 6000)] * 2


NEW_ITEM = """
[items.G16]
part = "government"
scope = "school"
name_zh = "每百名学生拥有高级职称教师数"
name_en = "teachers with a senior title per 100 pupils"
unit = "人"
decimals = 2
per = 100
numerator = ["senior_title_teachers"]
denominator = ["pupils"]
operator = ">="
limit = 1
basis = { article = "算例", quote = "算例", source = "算例", confirmed = true }

[items.S1]
"""


def changed(tmp_path, old, new):
    text = (standard.STANDARDS_DIR / f"{STANDARD}.toml").read_text("utf-8")
    assert text.count(old) == 1
    path = tmp_path / f"{STANDARD}.toml"
    path.write_text(text.replace(old, new), "utf-8")
    return standard.choose(standard.load(path))


def test_a_new_item_costs_one_section_of_one_file(tmp_path):
    one = changed(tmp_path, "\n[items.S1]\n", NEW_ITEM)
    con = c.judged([c.put("teacher", None, senior_title_teachers=n) for n in (10, 0)], [one])
    rows = con.execute("select verdict, entities from fact_county_item where item_code = 'G16' order by county_code")
    assert rows.fetchall() == [("met", 3), ("not_met", 3)]
    parts = con.execute(
        "select components, verdict from fact_county_part where part = 'government' order by county_code"
    )
    assert parts.fetchall() == [(16, "met"), (16, "not_met")]


def test_a_changed_limit_costs_one_number(tmp_path):
    one = changed(
        tmp_path,
        "limit = { primary = 2000, junior = 2000, combined = 2500 }",
        "limit = { primary = 499, junior = 2000, combined = 2500 }",
    )
    con = c.judged([c.same], [one])
    assert con.execute("select verdict, not_met_primary from fact_county_item where item_code = 'G4'").fetchone() == (
        "not_met",
        1,
    )
