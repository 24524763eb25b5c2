"""What is missing stays visible: no unit and no number is dropped without a trace."""

import polars as pl
import pytest

from contracts import standard
from tests.conftest import golden_frames, modelled

STANDARD = standard.load_all(("quality-balance-2017",))[0]
CENTRE = "2199000001-0"


def without(frames, table, **where):
    chosen = pl.all_horizontal(pl.col(name) == value for name, value in where.items())
    return {**frames, table: frames[table].filter(~chosen)}


@pytest.mark.parametrize(("table", "items"), [("premises", {"R4", "R5", "R6", "R7"}), ("teacher", {"R1", "R2", "R3"})])
def test_merged_campuses_need_the_reports_of_all_of_them(table, items):
    """A campus without its report must not make the merged school look smaller than it is."""
    frames = without(golden_frames("readings"), table, school_code="2199000001", campus_no=1)
    con = modelled(frames, [standard.choose(STANDARD, campus="merged")])
    rows = con.execute(
        "select item_code, verdict from fact_result where scope = 'unit' and scope_id = ?", [CENTRE]
    ).fetchall()
    assert {item for item, verdict in rows if verdict == "not_assessable"} == items


def test_a_school_whose_type_is_unknown_stays_a_unit_and_its_shared_resources_cannot_be_judged():
    frames = golden_frames("v4_teaching_rooms")
    unknown = pl.when(pl.col("school_code") == "2199000004").then(None).otherwise(pl.col("school_type_code"))
    frames["school"] = frames["school"].with_columns(unknown.alias("school_type_code"))
    con = modelled(frames)
    rows = con.execute(
        "select stage, item_code, verdict from fact_result where scope_id = '2199000004-0' and item_code in ('R2', 'R4')"
    ).fetchall()
    assert sorted(rows) == [
        ("junior", "R2", "met"),
        ("junior", "R4", "not_assessable"),
        ("primary", "R2", "met"),
        ("primary", "R4", "not_assessable"),
    ]


def test_pupils_in_a_stage_the_type_has_no_weight_for_leave_the_split_open():
    """A complete school with primary pupils: no published weight says how its rooms are shared."""
    frames = golden_frames("v4_teaching_rooms")
    complete = frames["enrolment"].filter((pl.col("school_code") == "2199000007") & (pl.col("stage") == "junior"))
    primary = complete.with_columns(pl.lit("primary").alias("stage"), pl.lit(1, pl.Int32).alias("grade"))
    frames["enrolment"] = pl.concat([frames["enrolment"], primary])
    con = modelled(frames)
    rows = con.execute(
        "select stage, verdict from fact_result where scope_id = '2199000007-0' and item_code = 'R4' order by stage"
    ).fetchall()
    assert rows == [("junior", "not_assessable"), ("primary", "not_assessable")]


def test_a_stage_whose_pupils_are_missing_is_not_assessable_as_a_whole():
    frames = golden_frames("v4_teaching_rooms")
    gap = pl.when((pl.col("school_code") == "2199000004") & (pl.col("stage") == "primary")).then(None)
    frames["enrolment"] = frames["enrolment"].with_columns(gap.otherwise(pl.col("pupils")).alias("pupils"))
    con = modelled(frames)
    rows = con.execute("select stage, verdict from fact_school_summary where site_id = '2199000004-0' order by 1")
    assert rows.fetchall() == [("junior", "not_assessable"), ("primary", "not_assessable")]
    cvs = con.execute("select stage, verdict from fact_county_cv where item_code = 'R4' order by 1").fetchall()
    assert cvs == [("junior", "not_assessable"), ("primary", "not_assessable")]


def test_a_stage_without_pupils_is_not_applicable_and_outside_the_coefficient():
    frames = golden_frames("v4_teaching_rooms")
    none = pl.when((pl.col("school_code") == "2199000004") & (pl.col("stage") == "junior")).then(0)
    frames["enrolment"] = frames["enrolment"].with_columns(
        none.otherwise(pl.col("pupils")).cast(pl.Int32).alias("pupils")
    )
    con = modelled(frames)
    verdict = con.execute("select stage, verdict, reason_code from fact_school_summary where site_id = '2199000004-0'")
    assert sorted(verdict.fetchall())[0] == ("junior", "not_applicable", "no_pupils")
    assert con.execute("select units from fact_county_cv where stage = 'junior' and item_code = 'R4'").fetchone() == (
        3,
    )
    # the primary stage has the whole of the rooms now: 6,800 m²
    whole = con.execute(
        "select numerator from fact_result where scope_id = '2199000004-0' and stage = 'primary' and item_code = 'R4'"
    ).fetchone()
    assert float(whole[0]) == 6800
