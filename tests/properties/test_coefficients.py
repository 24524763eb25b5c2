"""Random counties: an independent numpy implementation agrees, and what must not change a coefficient does not."""

from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts import standard
from tests.conftest import modelled, typed

STANDARD = standard.load_all(("quality-balance-2017",))[0]
LIMITS = {(row["item_code"], row["stage"]): row["limit_value"] for row in STANDARD.tables["std_limit"]}
QUICK = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
BOUND = 1e-6
"""The recipe rounds variance terms to 1e-10 and shares to 1e-6: on sites of 50 pupils cv² moves by less than this."""

types = st.sampled_from(["211", "311", "312", "341", "345"])
STAGES = {"211": "P", "311": "J", "312": "PJ", "341": "JS", "345": "PJS"}


@st.composite
def sites(draw):
    school_type = draw(types)
    pupils = {stage: draw(st.integers(50, 3000)) for stage in STAGES[school_type]}
    return {
        "type": school_type,
        "pupils": pupils,
        "teachers": {stage: draw(st.integers(0, 60)) for stage in pupils},
        "rooms_cents": draw(st.integers(100_000, 3_000_000)),
    }


counties = st.lists(st.lists(sites(), min_size=2, max_size=12), min_size=1, max_size=6)
STAGE = {"P": "primary", "J": "junior", "S": "senior"}


def frames(drawn, *, shuffled=False):
    """Input tables of several counties, one after another."""
    school, enrolment, teacher, premises = [], [], [], []
    for number, county in enumerate(drawn):
        for at, site in enumerate(county):
            key = {
                "stat_year": 2023,
                "county_code": f"{990000 + number}",
                "school_code": f"{2_000_000_000 + number * 1000 + at}",
                "campus_no": 0,
            }
            said = {"school_name": f"校{at}", "school_type_code": site["type"], "urban_rural_code": "111"}
            flags = {"sponsor_code": "831", "is_public": True, "is_boarding": False, "counts_as_school": True}
            school.append({**key, **said, **flags})
            for stage, pupils in site["pupils"].items():
                enrolment.append({**key, "stage": STAGE[stage], "grade": 1, "pupils": pupils})
                counts = {"backbone_teachers": site["teachers"][stage]}
                teacher.append({**key, "stage": STAGE[stage], **counts})
            area = Decimal(site["rooms_cents"]) / 100
            premises.append({**key, "teaching_rooms_m2": area, "indoor_sports_m2": Decimal(0)})
    made = {"school": school, "enrolment": enrolment, "teacher": teacher, "premises": premises}
    result = {name: typed(name, rows) for name, rows in made.items()}
    return (
        {name: rows.sample(fraction=1, shuffle=True, seed=7) for name, rows in result.items()} if shuffled else result
    )


def by_numpy(county, stage, item):
    """The coefficient by the published formula, floats all the way: weighted, population form."""
    weights = {"P": 1.0, "J": 1.1, "S": 1.32}
    pupils, values = [], []
    for site in county:
        if stage not in site["pupils"]:
            continue
        count = site["pupils"][stage]
        whole = site["teachers"][stage] if item == "R2" else site["rooms_cents"] / 100
        weighted = sum(weights[one] * number for one, number in site["pupils"].items())
        share = 1.0 if item == "R2" else weights[stage] * count / weighted
        pupils.append(count)
        values.append(whole * share / count)
    if not pupils:
        return None
    mean = np.average(values, weights=pupils)
    if mean == 0:
        return None
    return float(np.sqrt(np.average((np.array(values) - mean) ** 2, weights=pupils)) / mean)


def recipe_bound(county, stage, item):
    """How far cv² may move: half a unit of the tenth decimal per unit, and a rounding of 1e-6 in a shared value."""
    pupils = [site["pupils"][stage] for site in county if stage in site["pupils"]]
    rounding = 0.5e-10 * len(pupils) / sum(pupils)
    if item == "R2":
        return rounding + 1e-12
    least = min(site["rooms_cents"] / 100 * 0.01 for site in county)  # no stage's share is below a hundredth
    return rounding + 40 * 0.5e-6 / least


def coefficients(frames):
    con = modelled(frames, None, "fact_county_cv")
    rows = con.execute("select county_code, stage, item_code, cv from fact_county_cv order by all").fetchall()
    return {tuple(row[:3]): row[3] for row in rows}


@QUICK
@given(counties)
def test_numpy_agrees_on_random_counties(drawn):
    found = coefficients(frames(drawn))
    for number, county in enumerate(drawn):
        for letter, item in ((letter, item) for letter in "PJ" for item in ("R2", "R4")):
            ours, theirs = found[f"{990000 + number}", STAGE[letter], item], by_numpy(county, letter, item)
            assert (ours is None) == (theirs is None)
            if theirs is not None:
                assert ours**2 == pytest.approx(theirs**2, abs=recipe_bound(county, letter, item))


@QUICK
@given(counties)
def test_the_order_of_rows_changes_no_bit(drawn):
    assert coefficients(frames(drawn)) == coefficients(frames(drawn, shuffled=True))


@QUICK
@given(counties, st.integers(2, 9))
def test_scaling_every_value_leaves_the_coefficient(drawn, factor):
    scaled = [
        [
            {
                **site,
                "rooms_cents": site["rooms_cents"] * factor,
                "teachers": {stage: count * factor for stage, count in site["teachers"].items()},
            }
            for site in county
        ]
        for county in drawn
    ]  # fmt: skip
    before, after = coefficients(frames(drawn)), coefficients(frames(scaled))
    for key, value in before.items():
        assert (value is None) == (after[key] is None)
        if value is not None:
            assert value**2 == pytest.approx(after[key] ** 2, abs=BOUND)


@QUICK
@given(counties)
def test_splitting_a_school_into_two_equal_halves_leaves_the_coefficient(drawn):
    doubled = [
        [
            {
                **site,
                "pupils": {stage: 2 * count for stage, count in site["pupils"].items()},
                "teachers": {stage: 2 * count for stage, count in site["teachers"].items()},
                "rooms_cents": 2 * site["rooms_cents"],
            }
            for site in county
        ]
        for county in drawn
    ]
    halves = [
        [county[0], *doubled_county] for county, doubled_county in zip(drawn, (c[1:] for c in doubled), strict=True)
    ]
    halves = [[county[0], *rest] for county, rest in zip(drawn, halves, strict=True)]
    whole, split = coefficients(frames(doubled)), coefficients(frames(halves))
    for key, value in whole.items():
        assert (value is None) == (split[key] is None)
        if value is not None:
            assert value**2 == pytest.approx(split[key] ** 2, abs=BOUND)


@QUICK
@given(counties)
def test_shares_of_a_site_add_up_and_junior_is_eleven_tenths_of_primary(drawn):
    con = modelled(frames(drawn), None, "fact_result")
    rows = con.execute(
        "select county_code, scope_id, stage, numerator, whole_numerator, value from fact_result where item_code = 'R4'"
    ).fetchall()
    found = {(county, site, stage): (numerator, whole, value) for county, site, stage, numerator, whole, value in rows}
    for number, county in enumerate(drawn):
        for at, site in enumerate(county):
            if site["type"] != "312":
                continue
            key = f"{990000 + number}", f"{2_000_000_000 + number * 1000 + at}-0"
            primary, junior = found[*key, "primary"], found[*key, "junior"]
            assert abs(primary[0] + junior[0] - primary[1]) <= Decimal("0.000002")
            assert junior[2] == pytest.approx(1.1 * primary[2], rel=1e-12)


def test_all_equal_is_zero_and_one_unit_is_zero_and_flagged():
    same = {"type": "211", "pupils": {"P": 700}, "teachers": {"P": 11}, "rooms_cents": 333_333}
    con = modelled(frames([[same, same, same], [same]]))
    rows = con.execute(
        "select county_code, cv, verdict, reason_code from fact_county_cv"
        " where stage = 'primary' and item_code in ('R2', 'R4') order by all"
    ).fetchall()
    assert {row[1] for row in rows} == {0.0}
    assert {(row[0], row[2], row[3]) for row in rows} == {
        ("990000", "met", "met"),
        ("990001", "met", "single_unit"),
    }


def test_no_unit_and_mean_zero_and_missing_are_three_different_things():
    none = {"type": "211", "pupils": {"P": 700}, "teachers": {"P": 0}, "rooms_cents": 333_333}
    con = modelled(frames([[none, none]]))
    rows = con.execute("select stage, item_code, units, known_units, verdict, reason_code, cv from fact_county_cv")
    found = {(stage, item): rest for stage, item, *rest in rows.fetchall()}
    assert found["junior", "R2"] == [0, 0, "not_applicable", "no_unit", None]
    assert found["primary", "R2"] == [2, 2, "not_assessable", "mean_zero", None]
    assert found["primary", "R6"] == [2, 0, "not_assessable", "missing_input", None]


@pytest.mark.parametrize("item", ["R2", "R3", "R4", "R7"])
def test_every_exact_tie_from_50_to_3000_pupils_is_met(item):
    """Where limit x pupils is a whole quantity, having exactly that is met and one step less is not."""
    limit = LIMITS[item, "primary"]
    per = 1 if item == "R4" else 100
    step = Decimal("0.01") if item == "R4" else Decimal(1)
    pupils = [count for count in range(50, 3001) if (limit * count / per) % step == 0]
    assert pupils
    rows = [(count, limit * count / per - less * step) for count in pupils for less in (0, 1)]
    con = modelled(_ties(item, rows), None, "fact_result")
    found = con.execute("select verdict from fact_result where item_code = ? order by scope_id", [item]).fetchall()
    assert [verdict for (verdict,) in found] == ["met", "not_met"] * len(pupils)


def _ties(item, rows):
    """One county with a school per row: pupils, and the exact quantity it has."""
    column = {"R2": "backbone_teachers", "R3": "pe_teachers", "R4": "teaching_rooms_m2", "R7": "multimedia_rooms"}[item]
    keys = [
        {"stat_year": 2023, "county_code": "990000", "school_code": f"{2_000_000_000 + at}", "campus_no": 0}
        for at in range(len(rows))
    ]
    said = {"school_name": "校", "school_type_code": "211", "urban_rural_code": "111", "sponsor_code": "831"}
    flags = {"is_public": True, "is_boarding": False, "counts_as_school": True}
    pupils = [
        {**key, "stage": "primary", "grade": 1, "pupils": count} for key, (count, _) in zip(keys, rows, strict=True)
    ]
    if item in {"R2", "R3"}:
        have = [
            {**key, "stage": "primary", "art_teachers": 0, column: int(quantity)}
            for key, (_, quantity) in zip(keys, rows, strict=True)
        ]
        return {
            "school": typed("school", [{**key, **said, **flags} for key in keys]),
            "enrolment": typed("enrolment", pupils),
            "teacher": typed("teacher", have),
        }
    zero = {"indoor_sports_m2": Decimal(0)} if item == "R4" else {}
    have = [
        {**key, **zero, column: quantity if item == "R4" else int(quantity)}
        for key, (_, quantity) in zip(keys, rows, strict=True)
    ]
    return {
        "school": typed("school", [{**key, **said, **flags} for key in keys]),
        "enrolment": typed("enrolment", pupils),
        "premises": typed("premises", have),
    }


def test_a_coefficient_exactly_at_its_limit_is_met():
    """Values of half and one and a half times the mean give exactly 0.50, the limit of the primary stage."""
    low = {"type": "211", "pupils": {"P": 1000}, "teachers": {"P": 10}, "rooms_cents": 100_000}
    high = {**low, "teachers": {"P": 30}, "rooms_cents": 300_100}
    con = modelled(frames([[low, high]]))
    rows = con.execute("select item_code, cv, verdict from fact_county_cv where stage = 'primary'").fetchall()
    found = {item: (cv, verdict) for item, cv, verdict in rows}
    assert found["R2"] == (0.5, "met")
    assert found["R4"][0] > 0.5 and found["R4"][1] == "not_met"


def test_the_unit_is_never_dropped_when_its_number_is_missing():
    """Known units show their coefficient as information, n of N; the verdict is that it cannot be assessed."""
    site = {"type": "211", "pupils": {"P": 1000}, "teachers": {"P": 10}, "rooms_cents": 100_000}
    made = frames([[site, site, site]])
    gap = pl.when(pl.col("school_code") == "2000000002").then(None).otherwise(pl.col("backbone_teachers"))
    made["teacher"] = made["teacher"].with_columns(gap.alias("backbone_teachers"))
    row = (
        modelled(made)
        .execute(
            "select units, known_units, cv, verdict, reason_code from fact_county_cv"
            " where stage = 'primary' and item_code = 'R2'"
        )
        .fetchone()
    )
    assert row == (3, 2, 0.0, "not_assessable", "missing_input")
