"""Missing values in the school rule, the coefficient and the roll-up; and the edges: none, one, nothing, zero."""

from decimal import Decimal

import pytest

from tests.judging import county as c
from tests.judging.county import JUNIOR, PRIMARY, drop, pupils, put

MET, NOT, GAP, NONE = "met", "not_met", "not_assessable", "not_applicable"
GOOD, LOW, FLOOR, GONE = "good", "low", "below the floor", "missing"
# 500 pupils: R2 5 is the limit, 4.25 its floor; R7 11.5 and 9.775; R6 1,000,000 and 850,000
VALUES = {
    "R2": ("teacher", "backbone_teachers", {GOOD: 5, LOW: None, FLOOR: 4, GONE: None}),
    "R7": ("premises", "multimedia_rooms", {GOOD: 12, LOW: 10, FLOOR: 9, GONE: None}),
    "R6": ("premises", "equipment_yuan", {GOOD: Decimal(1_000_000), LOW: Decimal(850_000), FLOOR: Decimal("849999.99"), GONE: None}),
}  # fmt: skip
SCHOOL_RULE = [
    ((GOOD, GOOD), MET, "met"),
    ((LOW, GOOD), MET, "met"),
    ((GOOD, LOW), MET, "met"),
    ((LOW, LOW), NOT, "too_few_met"),
    ((FLOOR, GOOD), NOT, "below_floor"),
    ((GOOD, FLOOR), NOT, "below_floor"),
    ((GOOD, GONE), GAP, "missing_input"),
    ((LOW, GONE), GAP, "missing_input"),
    ((FLOOR, GONE), NOT, "below_floor"),
    ((GONE, GONE), GAP, "missing_input"),
]


def set_pair(pair):
    """R7 and R6 of the primary school as the pair says; all else is good."""

    def change(rows):
        for item, state in zip(("R7", "R6"), pair, strict=True):
            table, column, values = VALUES[item]
            put(table, {"school_code": PRIMARY}, **{column: values[state]})(rows)

    return change


@pytest.fixture(scope="module")
def rule_counties():
    return c.judged([set_pair(pair) for pair, _, _ in SCHOOL_RULE])


@pytest.mark.parametrize("number", range(1, len(SCHOOL_RULE) + 1), ids=lambda at: "-".join(SCHOOL_RULE[at - 1][0]))
def test_the_school_rule_with_missing_values(number, rule_counties):
    _, verdict, reason = SCHOOL_RULE[number - 1]
    found = rule_counties.execute(
        "select verdict, reason_code from fact_school_summary where county_code = ? and site_id = ?",
        [c.county_of(number), f"{PRIMARY}-0"],
    ).fetchall()
    assert found == [(verdict, reason)]


def test_two_low_and_one_missing_fail_whatever_the_missing_one_is():
    change = c.both(set_pair((LOW, LOW)), put("teacher", {"school_code": PRIMARY}, backbone_teachers=None))
    con = c.judged([change])
    row = con.execute(
        "select verdict, missing_items from fact_school_summary where site_id = ?", [f"{PRIMARY}-0"]
    ).fetchone()
    assert row == (NOT, 1)


def no_stage(stage):
    def change(rows):
        for table in ("enrolment", "class_size", "teacher"):
            rows[table] = [row for row in rows[table] if row["stage"] != stage]

    return change


def one_unit(rows):
    rows["enrolment"] = [row for row in rows["enrolment"] if row["stage"] == "junior" or row["school_code"] == PRIMARY]


EDGES = [
    ("as it is", c.same, (2, 2, MET, "met")),
    ("a numerator missing", put("premises", {"school_code": PRIMARY}, equipment_yuan=None), (2, 1, GAP, "missing_input")),
    ("pupils missing", pupils(PRIMARY, "primary", None), (2, 1, GAP, "missing_input")),
    ("no pupils in one unit", pupils(PRIMARY, "primary", 0), (1, 1, MET, "single_unit")),
    ("one unit", one_unit, (1, 1, MET, "single_unit")),
    ("no unit of the stage", no_stage("primary"), (0, 0, NONE, "no_unit")),
    ("a mean of zero", put("premises", None, equipment_yuan=Decimal(0)), (2, 2, GAP, "mean_zero")),
]  # fmt: skip


@pytest.fixture(scope="module")
def edge_counties():
    return c.judged([change for _, change, _ in EDGES])


@pytest.mark.parametrize("number", range(1, len(EDGES) + 1), ids=lambda at: EDGES[at - 1][0])
def test_the_coefficient_with_gaps_and_edges(number, edge_counties):
    found = edge_counties.execute(
        "select units, known_units, verdict, reason_code from fact_county_cv"
        " where county_code = ? and stage = 'primary' and item_code = 'R6'",
        [c.county_of(number)],
    ).fetchall()
    assert found == [EDGES[number - 1][2]]


def test_a_coefficient_over_the_known_units_is_shown_but_judges_nothing():
    con = c.judged([put("premises", {"school_code": PRIMARY}, equipment_yuan=None)])
    cv, margin = con.execute(
        "select cv, margin from fact_county_cv where stage = 'primary' and item_code = 'R6'"
    ).fetchone()
    assert cv == 0 and margin == 0.5


def test_all_equal_gives_a_coefficient_of_zero():
    """1,000 yuan a pupil in both; the nine-year school has 400 primary and 200 junior pupils that weigh 1.1."""
    equal = {PRIMARY: 500_000, c.NINE: 620_000}
    con = c.judged(
        [
            c.both(
                *(put("premises", {"school_code": code}, equipment_yuan=Decimal(yuan)) for code, yuan in equal.items())
            )
        ]
    )
    row = con.execute("select units, cv, verdict from fact_county_cv where stage = 'primary' and item_code = 'R6'")
    assert row.fetchone() == (2, 0, MET)


def of_state(state):
    """Q1, an item of the quality part, as the state says."""
    return {
        MET: c.same,
        NOT: put("cohort", graduates=900),
        GAP: lambda rows: rows["cohort"].clear(),
        NONE: put("cohort", graduates=0, grade7_three_years_ago=0),
    }[state]


def second_state(state):
    """Q4, another one."""
    where = {"school_code": PRIMARY, "item_code": "training_budget_yuan"}
    return {
        MET: c.same,
        NOT: put("finance", where, value=Decimal(1)),
        GAP: drop("finance", **where),
        NONE: put("finance", {"item_code": "public_funds_budget_yuan"}, value=Decimal(0)),
    }[state]


WORSE = {(MET, MET): MET, (NONE, MET): MET, (MET, NONE): MET, (NONE, NONE): MET}
ROLL_UP = [(one, two) for one in (MET, NOT, GAP, NONE) for two in (MET, NOT, GAP, NONE)]


@pytest.fixture(scope="module")
def rolled_counties():
    return c.judged([c.both(of_state(one), second_state(two)) for one, two in ROLL_UP])


@pytest.mark.parametrize("number", range(1, len(ROLL_UP) + 1), ids=lambda at: "-".join(ROLL_UP[at - 1]))
def test_the_roll_up(number, rolled_counties):
    """Any not met, then any not assessable, else met; the other items of the part are met."""
    pair = ROLL_UP[number - 1]
    expected = NOT if NOT in pair else GAP if GAP in pair else WORSE[pair]
    found = rolled_counties.execute(
        "select verdict from fact_county_part where county_code = ? and part in ('quality', 'overall')",
        [c.county_of(number)],
    ).fetchall()
    assert found == [(expected,)] * 2


def test_a_county_without_any_school_is_not_called_met():
    def nothing(rows):
        for table in ("enrolment", "class_size", "teacher", "premises", "special_room"):
            rows[table].clear()

    con = c.judged([nothing])
    parts = dict(con.execute("select part, verdict from fact_county_part").fetchall())
    assert parts["resources"] == NONE
    summary = con.execute("select schools_verdict, coefficients_verdict, units from fact_county_summary").fetchone()
    assert summary == (NONE, NONE, 0)


def test_a_precondition_too_recent_and_a_veto_stop_the_whole():
    con = c.judged(
        [
            put("precondition", {"precondition_code": "basic_balance_recognised"}, since_year=2021),
            put("precondition", {"precondition_code": "basic_balance_recognised"}, since_year=2020),
            put("veto", {"veto_code": "key_schools"}, has_occurred=True),
            lambda rows: rows["veto"].clear(),
            put("precondition", None, evidence=None),
        ]
    )
    rows = con.execute("select overall_verdict from fact_county_summary order by county_code").fetchall()
    assert [row[0] for row in rows] == [NOT, MET, NOT, GAP, GAP]


def test_a_declaration_stands_beside_the_result_and_says_whether_it_agrees():
    def declared(verdict, *changes):
        return c.both(
            lambda rows: rows["declaration"].append({"item_code": "Q1", "declared_verdict": verdict}), *changes
        )

    con = c.judged(
        [
            declared("met"),
            declared("met", of_state(NOT)),
            declared("basically_met", of_state(NOT)),
            declared("not_met", of_state(NOT)),
            declared("met", of_state(GAP)),
        ]
    )
    rows = con.execute(
        "select verdict, declared_verdict, agrees from fact_county_item where item_code = 'Q1' order by county_code"
    ).fetchall()
    assert rows == [
        (MET, "met", True), (NOT, "met", False), (NOT, "basically_met", False), (NOT, "not_met", True),
        (GAP, "met", None),
    ]  # fmt: skip


def test_municipal_results_are_said_aside_and_judge_nothing():
    con = c.judged(
        [
            put("monitoring", None, authority="municipal", variation_ratio=Decimal("0.1")),
            c.both(
                put("monitoring", None, authority="municipal"),
                put("monitoring", {"subject": "english"}, variation_ratio=Decimal("0.18")),
            ),
        ]
    )
    rows = con.execute(
        "select verdict, aside_verdict, aside_not_met from fact_county_item where item_code = 'Q9' order by county_code"
    ).fetchall()
    assert rows == [(GAP, MET, 0), (GAP, NOT, 2)]


def small_rural(rows):
    c.add_site(rows, "2100000009", "218", urban_rural_code="220", built_year=2012)
    c.add_stage(rows, "2100000009", "primary", 60)
    amounts = (("public_funds_budget_yuan", 100), ("training_budget_yuan", 6), ("funded_pupils", 100))
    rows["finance"] += [{**c.dated(value), "school_code": "2100000009", "item_code": item} for item, value in amounts]
    where = {"school_code": "2100000009"}
    put("teacher", where, pe_teachers=0, art_teachers=0, visiting_pe_teachers=1, visiting_art_teachers=0)(rows)


def claims(item, relaxation):
    def change(rows):
        rows["relaxation_claim"].append(
            {
                "school_code": "2100000009",
                "campus_no": 0,
                "item_code": item,
                "relaxation": relaxation,
                "evidence": "文件",
            }
        )

    return change


def test_a_relaxed_numerator_judges_the_item_but_not_the_coefficient():
    con = c.judged([small_rural, c.both(small_rural, claims("R3", "small_rural"))])
    rows = con.execute(
        "select verdict, relaxation_code, commitment is not null, cast(numerator as double), cast(plain_numerator as double)"
        " from fact_result where scope = 'unit' and scope_id = '2100000009-0' and item_code = 'R3' order by county_code"
    ).fetchall()
    assert rows == [(NOT, None, False, 0, 0), (MET, "small_rural", True, 1, 0)]
    cvs = con.execute("select cv from fact_county_cv where stage = 'primary' and item_code = 'R3'").fetchall()
    assert cvs[0] == cvs[1]


def test_rooms_of_a_small_rural_site_count_by_what_the_relaxation_says():
    rooms = [
        c.both(small_rural, put("special_room", {"school_code": "2100000009"}, area_m2=Decimal(area)))
        for area in (54, 53)
    ]
    con = c.judged(
        [rooms[0], *(c.both(one, c.put("class_size", {"school_code": "2100000009"}, class_pupils=29), claims("G3", "small_rural_rooms")) for one in rooms),
         c.both(rooms[0], c.put("class_size", {"school_code": "2100000009"}, class_pupils=30), claims("G3", "small_rural_rooms"))]
    )  # fmt: skip
    rows = con.execute(
        "select min(verdict), max(verdict), max(relaxation_code) from fact_result"
        " where scope = 'site' and scope_id = '2100000009-0' and item_code = 'G3' group by county_code order by county_code"
    ).fetchall()
    assert rows == [(NOT, NOT, None), (MET, MET, "small_rural_rooms"), (NOT, NOT, None), (NOT, NOT, None)]


def test_the_list_of_what_is_in_the_way_is_nearest_first():
    con = c.judged(
        [
            c.both(
                c.fact(special_education_funds_yuan=599_999, migrant_public=100),
                lambda rows: rows["survey"].clear(),
                pupils(JUNIOR, "junior", 2001),
            )
        ]
    )
    rows = con.execute("select component_code, distance from fact_obstacle order by obstacle_no").fetchall()
    distances = [distance for _, distance in rows if distance is not None]
    assert distances == sorted(distances) and rows[0][0] == "G7"
    assert {component for component, distance in rows if distance is None} == {"S1"}
    assert {"G4", "G15"} <= {component for component, _ in rows}
