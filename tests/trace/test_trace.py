"""From a cell to what it feeds, and the exact value at which a verdict flips."""

import json

import duckdb
import pytest

from tests.flows.test_command import junheng
from transforms import model, trace

STANDARD = "quality-balance-2017"


@pytest.fixture(scope="module", autouse=True)
def traced_once():
    """A cell that several tests trace is modelled with its other values once."""
    trace_anew, told = trace.trace, {}

    def remembered(home, cell, standard_id):
        asked = (home, cell.file, cell.sheet, cell.place, standard_id)
        if asked not in told:
            told[asked] = trace_anew(home, cell, standard_id)
        return told[asked]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trace, "trace", remembered)
        yield


def cell_of(home, table, column, **where):
    """The file, sheet and place of one loaded value of 2023, and the value."""
    with duckdb.connect(str(home / "junheng.duckdb"), read_only=True) as con:
        conditions = " and ".join(f"i.{name} = ?" for name in where)
        return con.execute(
            f"select m.source_file, m.source_sheet, m.ref || i.source_row, i.{column} from inputs.{table} as i"
            " inner join source_map as m using (source_sha256, source_sheet)"
            f" where m.table_name = '{table}' and m.column_name = '{column}' and i.stat_year = 2023 and {conditions}"
            " order by i.source_row limit 1",
            list(where.values()),
        ).fetchone()


def traced(home, table, column, **where):
    file, sheet, place, value = cell_of(home, table, column, **where)
    found = trace.find(home, file, sheet, place)
    assert (found.table, found.column, found.value) == (table, column, value)
    return trace.trace(home, found, STANDARD)


def flips_of(told, *names):
    return {one["at"]: (one["from"], one["to"]) for one in told["flips"] if (one["table"], *one["names"]) == names}


def test_teachers_flip_their_unit_exactly_where_the_arithmetic_says(demo_home):
    site = "2150990001"
    with duckdb.connect(str(demo_home / "latest" / "junheng.duckdb"), read_only=True) as con:
        pupils, arts = con.execute(
            "select s.pupils, (select cast(quantity as integer) from fact_measure as m where m.standard_id = s.standard_id"
            " and m.stat_year = s.stat_year and m.scope_id = s.site_id and m.stage = s.stage and measure_code = 'art_teachers')"
            " from fact_school_summary as s where standard_id = ? and stat_year = 2023 and site_id = ? and stage = 'primary'",
            [STANDARD, f"{site}-0"],
        ).fetchone()
    told = traced(demo_home, "teacher", "pe_teachers", school_code=site, campus_no=0, stage="primary")
    least = -(-9 * pupils // 1000) - arts
    assert flips_of(told, "fact_result", "unit", f"{site}-0", "primary", "R3", 1) == {least - 1: ("met", "not_met")}
    fed = {(one["table"], *one["names"]) for one in told["feeds"]}
    assert ("fact_county_cv", "primary", "R3") in fed
    assert not any("R2" in name for name in fed)


def test_a_county_fact_flips_at_its_tenth_and_its_fifth(demo_home):
    """174 of 598 rotated, 47 of them backbone: 60 is the tenth of 598, and 47 of 236 is less than a fifth."""
    told = traced(demo_home, "county_fact", "value", item_code="rotated_teachers")
    assert flips_of(told, "fact_county_item", "G11") == {59: ("met", "not_met"), 236: ("met", "not_met")}


def test_a_class_over_the_cap_stays_over_it_until_it_is_not(demo_home):
    with duckdb.connect(str(demo_home / "latest" / "junheng.duckdb"), read_only=True) as con:
        site, stage = con.execute(
            "select scope_id, stage from fact_result where standard_id = ? and stat_year = 2023 and item_code = 'G5'"
            " and verdict = 'met' and stage = 'primary' order by 1 limit 1",
            [STANDARD],
        ).fetchone()
    code, campus = site.split("-")
    told = traced(demo_home, "class_size", "class_pupils", school_code=code, campus_no=int(campus), stage=stage)
    assert flips_of(told, "fact_result", "class", site, "primary", "G5", 1) == {46: ("met", "not_met")}


def test_a_year_of_building_carries_a_relaxation(demo_home):
    told = traced(demo_home, "school", "built_year", school_code="2150990002", campus_no=1)
    assert flips_of(told, "fact_result", "site", "2150990002-1", "primary", "G3", 1) == {2017: ("met", "not_met")}


def test_a_flag_is_tried_the_other_way(demo_home):
    told = traced(demo_home, "school", "is_public", school_code="2150990001", campus_no=0)
    assert all(one["at"] is False for one in told["flips"])
    told = traced(demo_home, "declaration", "declared_verdict", item_code="G1")
    assert {(one["at"], one["to"]) for one in told["flips"]} >= {("not_met", "not_met")}


def test_a_name_feeds_nothing(demo_home):
    told = traced(demo_home, "school", "school_name", school_code="2150990001", campus_no=0)
    assert told["feeds"] == [] and told["flips"] == []
    assert "feeds no result" in trace.sentences(told)[-1]


def test_a_county_that_fills_a_lot_by_itself_is_traced_too(demo_home, monkeypatch):
    monkeypatch.setattr(model.build, "__defaults__", (None, 1))
    told = traced(demo_home, "teacher", "full_time_teachers", school_code="2150990002", campus_no=0)
    assert told["feeds"]


@pytest.mark.parametrize(
    "place", ["500104_2023.xlsx!专任教师!M9999", "nothing.xlsx!专任教师!M2", "500104_2023.xlsx!专任教师!ZZ2"]
)
def test_an_unknown_cell_is_said(demo_home, place):
    said = junheng("explain", "--cell", place, home=demo_home)
    assert said.returncode == 1 and "no loaded row" in said.stderr and "Traceback" not in said.stderr


def test_the_command_tells_it_in_words_and_for_machines(demo_home):
    file, sheet, place, _ = cell_of(demo_home, "county_fact", "value", item_code="rotated_teachers")
    said = junheng("explain", "--cell", f"{file}!{sheet}!{place}", home=demo_home)
    assert said.returncode == 0 and "G11" in said.stdout and "59" in said.stdout, said.stderr
    told = json.loads(junheng("explain", "--cell", f"{file}!{sheet}!{place}", "--json", home=demo_home).stdout)
    assert told["cell"]["column"] == "value" and told["flips"]
    assert junheng("explain", "--cell", "only-a-file", home=demo_home).returncode == 2
    assert junheng("explain", home=demo_home).returncode == 2
