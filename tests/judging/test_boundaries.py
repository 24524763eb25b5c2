"""Every item just below its limit, at it, just above it, with data missing, and where it does not apply."""

from decimal import Decimal

import pytest

from contracts import standard
from tests.judging import county as c
from tests.judging.county import EVIDENCE, JUNIOR, NINE, PRIMARY, both, drop, fact, pupils, put

MET, NOT, GAP, NONE = "met", "not_met", "not_assessable", "not_applicable"


def teachers(stage_of, **values):
    code, stage = stage_of
    return put("teacher", {"school_code": code, "stage": stage}, **values)


def premises(code, **values):
    return put("premises", {"school_code": code}, **values)


def finance(item, value, code=PRIMARY):
    value = None if value is None else Decimal(value)
    return put("finance", {"school_code": code, "item_code": item}, value=value)


def rooms(kind, *areas, code=PRIMARY):
    """The site has these rooms of a kind and no others."""

    def change(rows):
        drop("special_room", school_code=code, room_kind=kind)(rows)
        rows["special_room"] += [
            {
                "school_code": code,
                "campus_no": 0,
                "room_no": f"{kind}x{at}",
                "room_kind": kind,
                "area_m2": Decimal(str(area)),
            }
            for at, area in enumerate(areas)
        ]

    return change


def classes(*sizes, code=PRIMARY, stage="primary"):
    """The stage has these classes and no others; a text is a band."""

    def change(rows):
        drop("class_size", school_code=code, stage=stage)(rows)
        at = {"school_code": code, "campus_no": 0, "stage": stage, "classes": 1, "is_special_class": False}
        rows["class_size"] += [
            {**at, "class_label": f"{number}班", "class_pupils": size}
            if not isinstance(size, str)
            else {**at, "class_label": size, "size_band": size}
            for number, size in enumerate(sizes)
        ]

    return change


def claim(item, relaxation, code=PRIMARY):
    """The site claims a relaxation."""

    def change(rows):
        rows["relaxation_claim"].append(
            {"school_code": code, "campus_no": 0, "item_code": item, "relaxation": relaxation, "evidence": "文件"}
        )

    return change


def monitoring(subject, **values):
    return put("monitoring", {"subject": subject, "stage": "primary"}, **values)


def small_point(funded, count=99):
    """A point with so many pupils and so many counted for funds."""

    def change(rows):
        c.add_site(rows, "2100000009", "218", urban_rural_code="220")
        c.add_stage(rows, "2100000009", "primary", count)
        amounts = (("public_funds_budget_yuan", 100), ("training_budget_yuan", 6), ("funded_pupils", funded))
        rows["finance"] += [
            {**c.dated(value), "school_code": "2100000009", "item_code": item} for item, value in amounts
        ]

    return change


def evidence(item, **values):
    return put("declaration", {"item_code": item}, **values)


A, J = (PRIMARY, "primary"), (JUNIOR, "junior")
# 500 primary pupils, 1,000 junior ones; the limit is reached exactly by the middle figure of each row
RESOURCES = {
    ("R1", A): [(teachers(A, bachelor_teachers=n, college_teachers=0), v) for n, v in ((20, NOT), (21, MET), (22, MET), (None, GAP))],
    ("R1", J): [(teachers(J, bachelor_teachers=n, college_teachers=50), v) for n, v in ((52, NOT), (53, MET), (54, MET), (None, GAP))],
    ("R2", A): [(teachers(A, backbone_teachers=n), v) for n, v in ((4, NOT), (5, MET), (6, MET), (None, GAP))],
    ("R2", J): [(teachers(J, backbone_teachers=n), v) for n, v in ((9, NOT), (10, MET), (11, MET), (None, GAP))],
    ("R3", A): [(teachers(A, pe_teachers=n, art_teachers=0), v) for n, v in ((4, NOT), (5, MET), (None, GAP))],
    ("R3", J): [(teachers(J, pe_teachers=5, art_teachers=n), v) for n, v in ((3, NOT), (4, MET), (5, MET), (None, GAP))],
    ("R4", A): [(premises(PRIMARY, teaching_rooms_m2=n), v) for n, v in ((Decimal("2249.99"), NOT), (Decimal(2250), MET), (Decimal("2250.01"), MET), (None, GAP))],
    ("R4", J): [(premises(JUNIOR, teaching_rooms_m2=Decimal(6000), indoor_sports_m2=n), v) for n, v in ((Decimal("200.01"), NOT), (Decimal(200), MET), (Decimal("199.99"), MET), (None, GAP))],
    ("R5", A): [(premises(PRIMARY, sports_ground_m2=n), v) for n, v in ((Decimal("3749.99"), NOT), (Decimal(3750), MET), (Decimal("3750.01"), MET), (None, GAP))],
    ("R5", J): [(premises(JUNIOR, sports_ground_m2=Decimal(10_000), gymnasium_m2=n), v) for n, v in ((Decimal("199.99"), NOT), (Decimal(200), MET), (Decimal("200.01"), MET))],
    ("R6", A): [(premises(PRIMARY, equipment_yuan=n), v) for n, v in ((Decimal("999999.99"), NOT), (Decimal(1_000_000), MET), (Decimal("1000000.01"), MET), (None, GAP))],
    ("R6", J): [(premises(JUNIOR, equipment_yuan=n), v) for n, v in ((Decimal("2499999.99"), NOT), (Decimal(2_500_000), MET), (Decimal("2500000.01"), MET), (None, GAP))],
    ("R7", A): [(both(pupils(*A, 1000), premises(PRIMARY, multimedia_rooms=n)), v) for n, v in ((22, NOT), (23, MET), (24, MET), (None, GAP))],
    ("R7", J): [(premises(JUNIOR, multimedia_rooms=n), v) for n, v in ((23, NOT), (24, MET), (25, MET), (None, GAP))],
}  # fmt: skip
UNITS = [(item, unit, change, verdict) for (item, unit), rows in RESOURCES.items() for change, verdict in rows]
UNITS += [(f"R{number}", A, pupils(*A, 0), NONE) for number in range(1, 8)]

ITEMS = [
    # each 12 classes one music and one art room: 24 need two, 25 need three; only rooms of full size count
    ("G3", "24 classes, 2 rooms", both(classes(*[20] * 24), rooms("music", 96, 96)), MET),
    ("G3", "25 classes, 2 rooms", both(classes(*[20] * 25), rooms("music", 96, 96)), NOT),
    ("G3", "25 classes, 3 rooms", both(classes(*[20] * 25), rooms("art", 90, 90, 90)), MET),
    ("G3", "a room a little small", both(classes(*[20] * 12), rooms("music", 95.99)), NOT),
    ("G3", "an art room a little small", both(classes(*[20] * 12), rooms("art", 89.99)), NOT),
    ("G3", "no room at all", rooms("music"), NOT),
    ("G3", "no table of rooms", lambda rows: rows["special_room"].clear(), GAP),
    ("G3", "a room without its area", put("special_room", {"school_code": PRIMARY, "room_no": "music0"}, area_m2=None), GAP),
    ("G3", "no pupils anywhere", lambda rows: [row.update(pupils=0) for row in rows["enrolment"]], NONE),
    ("G4", "2000 in a primary school", pupils(*A, 2000), MET),
    ("G4", "2001 in a primary school", pupils(*A, 2001), NOT),
    ("G4", "2000 in a junior school", pupils(*J, 2000), MET),
    ("G4", "2001 in a junior school", pupils(*J, 2001), NOT),
    ("G4", "2500 in a combined school", pupils(NINE, "primary", 2300), MET),
    ("G4", "2501 in a combined school", pupils(NINE, "primary", 2301), NOT),
    ("G4", "a combined school with one stage only", both(pupils(NINE, "junior", 0), pupils(NINE, "primary", 2001)), NOT),
    ("G4", "pupils missing", pupils(*A, None), GAP),
    ("G4", "built by 2010, 2400, claimed", both(pupils(*A, 2400), put("school", {"school_code": PRIMARY}, built_year=2010), claim("G4", "built_by_2010")), MET),
    ("G4", "built by 2010, 2401, claimed", both(pupils(*A, 2401), put("school", {"school_code": PRIMARY}, built_year=2010), claim("G4", "built_by_2010")), NOT),
    ("G4", "built in 2011, claimed", both(pupils(*A, 2400), put("school", {"school_code": PRIMARY}, built_year=2011), claim("G4", "built_by_2010")), NOT),
    ("G4", "built by 2010, not claimed", both(pupils(*A, 2400), put("school", {"school_code": PRIMARY}, built_year=2010)), NOT),
    ("G4", "year of building unknown, claimed", both(pupils(*A, 2400), put("school", {"school_code": PRIMARY}, built_year=None), claim("G4", "built_by_2010")), NOT),
    ("G4", "half of the pupils migrants, claimed", both(pupils(*A, 2400), put("enrolment", {"school_code": PRIMARY}, migrant_pupils=1200), claim("G4", "migrant_majority")), NOT),
    ("G4", "more than half migrants, claimed", both(pupils(*A, 2400), put("enrolment", {"school_code": PRIMARY}, migrant_pupils=1201), claim("G4", "migrant_majority")), MET),
    ("G5", "45 in a primary class", classes(45), MET),
    ("G5", "46 in a primary class", classes(44, 46), NOT),
    ("G5", "50 in a junior class", classes(50, code=JUNIOR, stage="junior"), MET),
    ("G5", "51 in a junior class", classes(51, code=JUNIOR, stage="junior"), NOT),
    ("G5", "the band up to 45", classes("41-45"), MET),
    ("G5", "the band from 46", classes("46-50"), NOT),
    ("G5", "the band up to 50 in a junior school", classes("46-50", code=JUNIOR, stage="junior"), MET),
    ("G5", "the open band", classes("66+"), NOT),
    ("G5", "a class without its size", classes(40, None), GAP),
    ("G5", "no classes reported", drop("class_size", school_code=PRIMARY), GAP),
    ("G6", "no small school", c.same, NONE),
    ("G6", "99 pupils, funds for 100", small_point(100), MET),
    ("G6", "99 pupils, funds for 99", small_point(99), NOT),
    ("G6", "99 pupils, funds for 101", small_point(101), MET),
    ("G6", "99 pupils, funds unknown", both(small_point(100), drop("finance", school_code="2100000009", item_code="funded_pupils")), GAP),
    ("G6", "100 pupils", small_point(50, count=100), NONE),
    ("G7", "5999.99 yuan", fact(special_education_funds_yuan="599999"), NOT),
    ("G7", "6000 yuan", fact(special_education_funds_yuan="600000"), MET),
    ("G7", "a yuan more", fact(special_education_funds_yuan="600001"), MET),
    ("G7", "missing", fact(special_education_funds_yuan=None), GAP),
    ("G7", "no pupils in special schools", fact(special_education_pupils=0), NONE),
    ("G8", "a yuan less", fact(teacher_pay_yuan=99_999), NOT),
    ("G8", "as much", fact(teacher_pay_yuan=100_000), MET),
    ("G8", "missing", fact(civil_servant_pay_yuan=None), GAP),
    ("G8", "of different years", put("county_fact", {"item_code": "teacher_pay_yuan"}, period="2022"), GAP),
    ("G8", "performance pay not full", fact(performance_pay_full=0), NOT),
    ("G8", "performance pay not stated", fact(performance_pay_full=None), GAP),
    ("G9", "one teacher short of all", teachers(A, training_360h_teachers=49), NOT),
    ("G9", "99.96 %: one of 2,500", teachers(J, full_time_teachers=2500, training_360h_teachers=2499), NOT),
    ("G9", "all", teachers(A, training_360h_teachers=50), MET),
    ("G9", "missing for one school", teachers(A, training_360h_teachers=None), GAP),
    ("G11", "9.8 % rotated", fact(rotated_teachers=49, rotated_backbone_teachers=20), NOT),
    ("G11", "10 % rotated", fact(rotated_teachers=50, rotated_backbone_teachers=20), MET),
    ("G11", "19 % of them backbone", fact(rotated_backbone_teachers=19), NOT),
    ("G11", "20 % of them backbone", fact(rotated_backbone_teachers=20), MET),
    ("G11", "missing", fact(rotated_backbone_teachers=None), GAP),
    ("G11", "nobody eligible, nobody rotated", fact(rotation_eligible_teachers=0, rotated_teachers=0, rotated_backbone_teachers=0), NONE),
    ("G12", "99.96 % certified", teachers(J, full_time_teachers=2500, certified_teachers=2499), NOT),
    ("G12", "all certified", teachers(J, full_time_teachers=2500, certified_teachers=2500), MET),
    ("G12", "missing", teachers(J, certified_teachers=None), GAP),
    ("G13", "one primary pupil from outside", put("enrolment", {"school_code": PRIMARY}, catchment_pupils=499), NOT),
    ("G13", "95 % of the junior pupils", put("enrolment", {"school_code": JUNIOR}, catchment_pupils=940), MET),
    ("G13", "less than 95 % of them", put("enrolment", {"school_code": JUNIOR}, catchment_pupils=939), NOT),
    ("G13", "missing", put("enrolment", {"school_code": JUNIOR}, catchment_pupils=None), GAP),
    ("G13", "a boarding school does not count", both(put("school", {"school_code": JUNIOR}, is_boarding=True), put("enrolment", {"school_code": JUNIOR}, catchment_pupils=0)), MET),
    ("G13", "all in villages", put("school", None, urban_rural_code="220"), NONE),
    ("G14", "49.9 %", fact(quality_senior_allocated=499), NOT),
    ("G14", "50 %", fact(quality_senior_allocated=500), MET),
    ("G14", "50.1 %", fact(quality_senior_allocated=501), MET),
    ("G14", "missing", fact(quality_senior_places=None), GAP),
    ("G14", "rural schools without places", fact(rural_junior_schools=2, quality_senior_allocated_rural=0), NOT),
    ("G14", "rural schools with one place", fact(rural_junior_schools=2, quality_senior_allocated_rural=1), MET),
    ("G14", "rural schools, places unknown", fact(rural_junior_schools=2), GAP),
    ("G14", "rural schools unknown", fact(rural_junior_schools=None), GAP),
    ("G15", "84.9 %", fact(migrant_public=799), NOT),
    ("G15", "85 %", fact(migrant_public=800), MET),
    ("G15", "85.1 %", fact(migrant_public=801), MET),
    ("G15", "missing", fact(migrant_purchased=None), GAP),
    ("G15", "no care for children left behind", fact(left_behind_care=0), NOT),
    ("Q1", "949 of 1000", put("cohort", graduates=949), NOT),
    ("Q1", "950 of 1000", put("cohort", graduates=950), MET),
    ("Q1", "951 of 1000", put("cohort", graduates=951), MET),
    ("Q1", "missing", lambda rows: rows["cohort"].clear(), GAP),
    ("Q1", "no junior pupils then", put("cohort", graduates=0, grade7_three_years_ago=0), NONE),
    ("Q2", "94 of 100", fact(disabled_enrolled=94), NOT),
    ("Q2", "95 of 100", fact(disabled_enrolled=95), MET),
    ("Q2", "96 of 100", fact(disabled_enrolled=96), MET),
    ("Q2", "missing", fact(disabled_children_total=None), GAP),
    ("Q2", "no disabled children", fact(disabled_children_total=0, disabled_enrolled=0), NONE),
    ("Q4", "a yuan short in one school, plenty in the others", finance("training_budget_yuan", 49_999), NOT),
    ("Q4", "5 % in one school", finance("training_budget_yuan", 50_000), MET),
    ("Q4", "a yuan more", finance("training_budget_yuan", 50_001), MET),
    ("Q4", "missing for one school", drop("finance", school_code=PRIMARY, item_code="training_budget_yuan"), GAP),
    ("Q9", "0.1499", monitoring("english", variation_ratio=Decimal("0.1499")), MET),
    ("Q9", "0.15 is not below 0.15", monitoring("english", variation_ratio=Decimal("0.15")), NOT),
    ("Q9", "0.1501", monitoring("english", variation_ratio=Decimal("0.1501")), NOT),
    ("Q9", "level II", monitoring("english", level=2), NOT),
    ("Q9", "level IV", monitoring("english", level=4), MET),
    ("Q9", "no national result of a subject", drop("monitoring", subject="english", stage="primary"), GAP),
    ("Q9", "a result four years old", monitoring("english", monitored_year=2020), GAP),
    ("Q9", "a result of the third year", monitoring("english", monitored_year=2021), MET),
    ("Q9", "municipal only", put("monitoring", None, authority="municipal"), GAP),
    ("S1", "84.9 %", put("survey", satisfied_questionnaires=849), NOT),
    ("S1", "85 %", put("survey", satisfied_questionnaires=850), MET),
    ("S1", "85.1 %", put("survey", satisfied_questionnaires=851), MET),
    ("S1", "missing", lambda rows: rows["survey"].clear(), GAP),
    ("S1", "no valid questionnaire", put("survey", valid_questionnaires=0, satisfied_questionnaires=0), NONE),
]  # fmt: skip
for declared in EVIDENCE:
    ITEMS += [
        (declared, "met with evidence", c.same, MET),
        (declared, "met without evidence", evidence(declared, evidence=None), GAP),
        (declared, "not declared", drop("declaration", item_code=declared), GAP),
        (declared, "not met", evidence(declared, declared_verdict="not_met"), NOT),
        (declared, "basically met", evidence(declared, declared_verdict="basically_met"), NOT),
    ]


@pytest.fixture(scope="module")
def unit_counties():
    return c.judged([change for _, _, change, _ in UNITS])


@pytest.fixture(scope="module")
def item_counties():
    return c.judged([change for _, _, change, _ in ITEMS])


@pytest.mark.parametrize(
    "number", range(1, len(UNITS) + 1), ids=lambda at: f"{UNITS[at - 1][0]}-{UNITS[at - 1][1][1]}-{at}"
)
def test_a_resource_item_at_its_limit(number, unit_counties):
    item, (code, stage), _, verdict = UNITS[number - 1]
    found = unit_counties.execute(
        "select verdict from fact_result where scope = 'unit' and county_code = ? and scope_id = ? and stage = ?"
        " and item_code = ?",
        [c.county_of(number), f"{code}-0", stage, item],
    ).fetchall()
    assert found == [(verdict,)]


@pytest.mark.parametrize("number", range(1, len(ITEMS) + 1), ids=lambda at: f"{ITEMS[at - 1][0]}-{ITEMS[at - 1][1]}")
def test_a_county_item_at_its_limit(number, item_counties):
    item, _, _, verdict = ITEMS[number - 1]
    found = item_counties.execute(
        "select verdict from fact_county_item where county_code = ? and item_code = ?", [c.county_of(number), item]
    ).fetchall()
    assert found == [(verdict,)]


def test_every_item_of_the_standard_stands_at_a_boundary_above():
    """Each with met, not met, and missing."""
    (one,) = standard.load_all(("quality-balance-2017",))
    seen = {(item, verdict) for item, _, _, verdict in UNITS} | {(item, verdict) for item, _, _, verdict in ITEMS}
    for row in one.tables["std_item"]:
        assert {(row["item_code"], verdict) for verdict in (MET, NOT, GAP)} <= seen, row["item_code"]


def test_the_county_in_which_everything_is_met_is_met():
    con = c.judged([c.same])
    assert con.execute("select part, verdict from fact_county_part where verdict <> 'met'").fetchall() == []
    assert con.execute("select overall_verdict from fact_county_summary").fetchone() == (MET,)
    assert con.execute("select count(*) from fact_obstacle").fetchone() == (0,)
