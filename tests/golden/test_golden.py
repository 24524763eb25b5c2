"""Figures printed in documents, or worked out by hand from them, each from files through the whole pipeline."""

import math
import shutil
import statistics

import pytest

from contracts import standard
from tests.conftest import TESTS, golden_frames, modelled, released

GOLDEN = TESTS / "golden"
V1_PUPILS, V1_VALUES = [45, 37, 89, 76, 55], [279, 137, 935, 160, 402]


def test_v1_teaching_example_of_the_rule(run):
    """The rule's own example prints 0.52; unrounded it is 0.515257, its mean 6.334437, its deviation 3.263861."""
    with released(run(GOLDEN / "v1_teaching_example")) as con:
        row = con.execute(
            "select units, pupils, weighted_mean, weighted_sd, cv, verdict from fact_county_cv"
            " where stage = 'primary' and item_code = 'R6'"
        ).fetchone()
    assert row[:2] == (5, 302)
    assert [round(value, 6) for value in row[2:5]] == [6.334437, 3.263861, 0.515257]
    assert row[5] == "not_met"


def test_the_two_wrong_formulas_in_use_give_other_values_on_v1(run):
    """Unweighted population and sample forms are found in tools in use; ours is neither, and shows the first apart."""
    values = [x / pupils for x, pupils in zip(V1_VALUES, V1_PUPILS, strict=True)]
    population = statistics.pstdev(values) / statistics.mean(values)
    sample = statistics.stdev(values) / statistics.mean(values)
    assert (round(population, 6), round(sample, 6)) == (0.488771, 0.546462)
    with released(run(GOLDEN / "v1_teaching_example")) as con:
        cv, unweighted = con.execute(
            "select cv, unweighted_cv from fact_county_cv where stage = 'primary' and item_code = 'R6'"
        ).fetchone()
    assert abs(cv - population) > 0.02 and abs(cv - sample) > 0.02
    assert unweighted == pytest.approx(population, abs=1e-6)


def test_v2_books_of_a_nine_year_school(run, tmp_path):
    """376 pupils (166 + 210) and 23,226 books: 9,711.63 and 13,514.37, by a standard of one file in the warehouse."""
    (tmp_path / "home" / "standards").mkdir(parents=True)
    shutil.copy(GOLDEN / "books.toml", tmp_path / "home" / "standards")
    with released(run(GOLDEN / "v2_books", standard_ids=("books",))) as con:
        rows = con.execute("select stage, numerator, value from fact_result order by stage desc").fetchall()
    assert [(stage, round(float(numerator), 2)) for stage, numerator, _ in rows] == [
        ("primary", 9711.63),
        ("junior", 13514.37),
    ]
    assert sum(numerator for _, numerator, _ in rows) == 23226
    assert rows[1][2] == pytest.approx(1.1 * rows[0][2], rel=1e-12)


V3 = {
    ("2199000001-0", "primary"): 3746.938776,
    ("2199000001-0", "junior"): 3053.061224,
    ("2199000002-0", "primary"): 3322.147651,
    ("2199000002-0", "junior"): 2740.771812,
    ("2199000003-0", "junior"): 4955.056180,
}


def test_v3_rooms_shared_by_nine_year_twelve_year_and_complete_schools(run):
    """Senior pupils weigh in the split and get their share, which is no unit's: 3,837.080537 and 7,644.943820."""
    with released(run(GOLDEN / "v3_splits")) as con:
        rows = con.execute("select scope_id, stage, numerator from fact_result where item_code = 'R4'").fetchall()
    assert {(site, stage): float(numerator) for site, stage, numerator in rows} == V3
    twelve = 9900 - sum(value for (site, _), value in V3.items() if site == "2199000002-0")
    complete = 12600 - V3["2199000003-0", "junior"]
    assert (round(twelve, 6), round(complete, 6)) == (3837.080537, 7644.943820)


@pytest.mark.parametrize(
    ("stage", "mean", "deviation", "cv"),
    [("primary", 4.860983, 1.088471, 0.223920), ("junior", 6.849142, 0.654514, 0.095561)],
)
def test_v4_coefficient_over_shared_rooms(run, stage, mean, deviation, cv):
    with released(run(GOLDEN / "v4_teaching_rooms")) as con:
        row = con.execute(
            "select weighted_mean, weighted_sd, cv from fact_county_cv where item_code = 'R4' and stage = ?", [stage]
        ).fetchone()
    assert [round(value, 6) for value in row] == [mean, deviation, cv]


def test_an_exact_tie_is_met_and_one_less_is_not(run):
    """9 teachers for 1,000 pupils is exactly 0.9, though 9 / 1000 * 100 is 0.8999999999999999; so with a split."""
    with released(run(GOLDEN / "exact_ties")) as con:
        rows = con.execute(
            "select s.school_name, r.item_code, r.stage, r.verdict from fact_result as r"
            " inner join dim_site as s on r.scope_id = s.site_id where r.item_code in ('R3', 'R4')"
        ).fetchall()
    verdicts = {tuple(row[:3]): row[3] for row in rows}
    assert 9 / 1000 * 100 < 0.9
    assert verdicts["九人千生", "R3", "primary"] == "met"
    assert verdicts["差一人", "R3", "primary"] == "not_met"
    assert verdicts["分摊恰好", "R4", "primary"] == "met"
    assert verdicts["分摊差一分", "R4", "primary"] == "not_met"


READINGS = {
    (): {"2199000001-0", "2199000001-1", "2199000003-0", "2199000004-0"},
    (("private", "out"),): {"2199000001-0", "2199000001-1", "2199000004-0"},
    (("campus", "merged"),): {"2199000001-0", "2199000003-0", "2199000004-0"},
    (("points", "merge"),): {"2199000001-0", "2199000001-1", "2199000003-0", "2199000004-0"},
}


@pytest.mark.parametrize("choices", READINGS)
def test_readings_decide_who_is_a_unit(choices):
    con = modelled(
        golden_frames("readings"), [standard.choose(standard.load_all(("quality-balance-2017",))[0], **dict(choices))]
    )
    assert {row[0] for row in con.execute("select site_id from fact_school_summary").fetchall()} == READINGS[choices]


def test_a_point_that_joins_its_parent_brings_pupils_and_rooms():
    """600 pupils and 3,000 m² of the centre, 30 and 600 of its point; dropped, the point counts nowhere."""
    one = standard.load_all(("quality-balance-2017",))[0]
    seen = {}
    for choice in ("drop", "merge"):
        con = modelled(golden_frames("readings"), [standard.choose(one, points=choice)])
        seen[choice] = con.execute(
            "select denominator, numerator from fact_result where scope_id = '2199000001-0' and item_code = 'R4'"
        ).fetchone()
    assert [tuple(map(float, seen[choice])) for choice in ("drop", "merge")] == [(600, 3000), (630, 3600)]


def test_special_schools_and_small_points_are_left_out_with_their_reason(run):
    with released(run(GOLDEN / "readings")) as con:
        rows = con.execute("select site_id, exclusion_code from dim_site where is_excluded order by all").fetchall()
    assert rows == [("2199000002-0", "small_point"), ("5199000001-0", "special_education")]


def test_the_demo_county_has_the_published_totals(demo_home):
    """34 units on 30 sites of 28 schools, 43,790 pupils, all coefficients within limits, one unit 6 of 7."""
    import duckdb

    with duckdb.connect(str(demo_home / "latest" / "junheng.duckdb"), read_only=True) as con:
        summary = con.execute(
            "select schools, sites, units, pupils, units_met, coefficients_met, is_synthetic from fact_county_summary"
            " where stat_year = 2023 and standard_id = 'quality-balance-2017'"
        ).fetchone()
        six = con.execute(
            "select r.value from fact_school_summary as s inner join fact_result as r on s.site_id = r.scope_id"
            " and s.stage = r.stage and s.stat_year = r.stat_year and r.item_code = 'R4'"
            " where s.standard_id = 'quality-balance-2017' and r.standard_id = s.standard_id and s.stat_year = 2023 and s.met_items = 6 and s.below_floor_items = 0"
        ).fetchall()
        over = con.execute(
            "select stage, count(*) from fact_school_summary where stat_year = 2023 and pupils > 2000 and standard_id = 'quality-balance-2017' group by all"
        ).fetchall()
        limits = con.execute(
            "select limit_value, floor_value from dim_limit where item_code = 'R4' and stage = 'primary' and case_no = 0"
        )
        limit, floor = limits.fetchone()
    assert summary == (28, 30, 34, 43_790, 34, 14, True)
    assert len(six) == 1 and float(floor) <= six[0][0] < float(limit)
    assert dict(over) == {"primary": 4, "junior": 2}


def test_the_weighted_coefficient_of_v1_by_hand():
    """The formula once more in plain Python, so that the golden figure itself is checked."""
    mean = sum(V1_VALUES) / sum(V1_PUPILS)
    pairs = zip(V1_VALUES, V1_PUPILS, strict=True)
    variance = sum(pupils * (x / pupils - mean) ** 2 for x, pupils in pairs) / sum(V1_PUPILS)
    assert round(math.sqrt(variance) / mean, 6) == 0.515257
