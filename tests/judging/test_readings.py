"""What the robustness table says of all readings is what evaluating each of them one by one gives."""

import itertools
from decimal import Decimal

import pytest

from contracts import standard
from tests.judging import county as c
from tests.judging.county import JUNIOR, PRIMARY, put

STANDARD = standard.load_all(("quality-balance-2017",))[0]
VARIED = {
    "campus": ("separate", "merged"),
    "private": ("in", "out"),
    "points": ("drop", "merge"),
    "rooms": ("each", "together"),
    "relaxations": ("claimed", "off"),
}


def busy(rows):
    """A county where every reading touches something: a campus, a private school, a point, a claim, few art rooms."""
    c.add_site(rows, "2100000003", "211", is_public=False)
    c.add_stage(rows, "2100000003", "primary", 2001)
    c.add_site(rows, "2100000004", "218", parent_school_code=PRIMARY, urban_rural_code="220")
    c.add_stage(rows, "2100000004", "primary", 30)
    c.add_site(rows, PRIMARY, "211")
    rows["school"][-1] |= {"campus_no": 1, "counts_as_school": False}
    rows["premises"][-1] |= {"campus_no": 1, "multimedia_rooms": 3}
    c.add_stage(rows, PRIMARY, "primary", 300)
    moved = ("enrolment", "class_size", "teacher")
    for table in moved:
        first = {}
        for row in rows[table]:
            if row["school_code"] == PRIMARY:
                key = (row.get("stage"), row.get("class_label"))
                row["campus_no"] = 1 if key in first else 0
                first[key] = True
    for row in rows["special_room"]:
        row["area_m2"] = Decimal(60) if row["school_code"] == JUNIOR and row["room_kind"] == "art" else row["area_m2"]
    put("school", {"school_code": JUNIOR}, built_year=2009)(rows)
    put("enrolment", {"school_code": JUNIOR}, pupils=2300, catchment_pupils=2300)(rows)
    put("premises", {"school_code": JUNIOR}, multimedia_rooms=70)(rows)
    put(
        "teacher", {"school_code": JUNIOR}, backbone_teachers=50, pe_teachers=30, art_teachers=30, bachelor_teachers=150
    )(rows)
    rows["relaxation_claim"] = [
        {"school_code": JUNIOR, "campus_no": 0, "item_code": "G4", "relaxation": "built_by_2010", "evidence": "文件"}
    ]
    for school in ("2100000003", "2100000004"):
        amounts = (("public_funds_budget_yuan", 1000), ("training_budget_yuan", 60), ("funded_pupils", 3000))
        rows["finance"] += [{**c.dated(value), "school_code": school, "item_code": item} for item, value in amounts]


def verdicts(con, where=""):
    rows = con.execute(f"select component_code, verdict from fact_county_component {where}").fetchall()
    overall = con.execute(f"select part, verdict from fact_county_part {where or 'where true'} and part = 'overall'")
    return dict(rows + overall.fetchall())


@pytest.fixture(scope="module")
def one_by_one():
    """Every combination evaluated by itself: a list of component → verdict."""
    found = []
    for choices in itertools.product(*VARIED.values()):
        chosen = standard.choose(STANDARD, **dict(zip(VARIED, choices, strict=True)))
        found.append(verdicts(c.judged([busy], [chosen], "fact_county_component", "fact_county_part")))
    return found


@pytest.fixture(scope="module")
def together():
    return c.judged([busy], [STANDARD])


def test_every_combination_of_readings_gives_what_the_table_says(one_by_one, together):
    rows = together.execute(
        "select component_code, default_verdict, robustness from fact_verdict_robustness"
    ).fetchall()
    assert {row[0] for row in rows} == set(one_by_one[0])
    seen = set()
    for component, default, robustness in rows:
        found = {one[component] for one in one_by_one}
        expected = f"{default}_under_all" if len(found) == 1 else "depends"
        assert robustness == expected, (component, found)
        seen.add(robustness)
    assert {"depends", "met_under_all"} <= seen


def test_the_smallest_change_that_flips_a_verdict_is_named_and_flips_it(together):
    rows = together.execute(
        "select component_code, flip_readings_id, flip_verdict, default_verdict from fact_verdict_robustness"
        " where robustness = 'depends' and part <> 'overall'"
    ).fetchall()
    assert rows
    for component, readings_id, verdict, default in rows:
        changes = dict(pair.split("=") for pair in readings_id.split(","))
        alone = verdicts(c.judged([busy], [standard.choose(STANDARD, **changes)]))
        assert alone[component] == verdict != default


def test_a_county_that_no_reading_touches_is_evaluated_once_for_them():
    con = c.judged([c.same], [STANDARD])
    sets = con.execute("select readings_id from core_reading_set order by 1").fetchall()
    assert [one for (one,) in sets] == [
        "default", "retention=graduates_adjusted", "rooms=together", "subjects=form",
    ]  # fmt: skip
    overall = con.execute("select robustness from fact_verdict_robustness where part = 'overall'").fetchone()
    assert overall == ("met_under_all",)


def test_both_formulas_of_retention_can_agree():
    """945 / (900 + 150 - 55) = 94.97 % and (945 - 150 + 55) / 900 = 94.44 %; 951 of 1,000 by both."""
    con = c.judged(
        [
            put("cohort", graduates=945, grade7_three_years_ago=900, transferred_in=150, transferred_out=55, deaths=0),
            put("cohort", graduates=951, grade7_three_years_ago=1000, transferred_in=50, transferred_out=50, deaths=0),
        ],
        [STANDARD],
    )
    rows = con.execute(
        "select default_verdict, robustness, flip_readings_id from fact_verdict_robustness"
        " where component_code = 'Q1' order by county_code"
    ).fetchall()
    assert rows == [("not_met", "not_met_under_all", None), ("met", "met_under_all", None)]


def test_the_two_formulas_of_retention_part_at_the_limit():
    """A: 951 / (900 + 100 - 0) = 95.1 %; B: (951 - 100) / 900 = 94.56 %."""
    change = put("cohort", graduates=951, grade7_three_years_ago=900, transferred_in=100, transferred_out=0, deaths=0)
    row = c.judged([change], [STANDARD]).execute(
        "select default_verdict, robustness, flip_readings_id, flip_verdict from fact_verdict_robustness"
        " where component_code = 'Q1'"
    )
    assert row.fetchone() == ("met", "depends", "retention=graduates_adjusted", "not_met")
