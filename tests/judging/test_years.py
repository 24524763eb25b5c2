"""What changes over the years, what a change comes from, and whether promises were kept."""

from contracts import standard
from tests.judging import county as c
from tests.judging.county import NINE, PRIMARY, both, pupils, put


def promise(item, due):
    def change(rows):
        rows["commitment"].append(
            {"commitment_no": 1, "item_code": item, "promised_text": "达标", "due_year": due, "document": "报告"}
        )

    return change


TOO_LARGE = pupils(PRIMARY, "primary", 2001)


def test_a_promise_is_open_until_it_is_due_then_broken_and_kept_when_the_item_is_met():
    con = c.over_years({2023: both(TOO_LARGE, promise("G4", 2025)), 2024: TOO_LARGE, 2025: TOO_LARGE, 2026: c.same})
    rows = con.execute(
        "select stat_year, item_verdict, entities_not_met, status from fact_commitment order by stat_year"
    ).fetchall()
    assert rows == [
        (2023, "not_met", 1, "open"), (2024, "not_met", 1, "open"), (2025, "not_met", 1, "broken"), (2026, "met", 0, "kept"),
    ]  # fmt: skip


def test_a_promise_whose_item_cannot_be_judged_when_due_is_unknown():
    con = c.over_years({2023: promise("Q1", 2023), 2024: lambda rows: rows["cohort"].clear()})
    rows = con.execute("select stat_year, status from fact_commitment order by stat_year").fetchall()
    assert rows == [(2023, "kept"), (2024, "unknown")]


def merged_into(code):
    def change(rows):
        rows["school_link"].append(
            {"from_school_code": NINE, "from_campus_no": 0, "to_school_code": code, "to_campus_no": 0,
             "link_kind": "merge", "effective_date": "2024-09-01"}
        )  # fmt: skip
        for table in ("school", "enrolment", "class_size", "teacher", "premises", "special_room"):
            rows[table] = [row for row in rows[table] if row["school_code"] != NINE]

    return change


def test_a_merged_school_ends_with_its_successor_and_the_successor_s_change_is_the_merger_s():
    con = c.over_years({2023: c.same, 2024: both(merged_into(PRIMARY), pupils(PRIMARY, "primary", 900))})
    gone = con.execute(
        "select max(stat_year), max(successor_site_id), max(left_year) from fact_history"
        " where scope_id = ? and stage = 'primary'",
        [f"{NINE}-0"],
    ).fetchone()
    assert gone == (2023, f"{PRIMARY}-0", 2024)
    causes = con.execute(
        "select distinct cause from fact_history where scope_id = ? and stat_year = 2024 and value is not null",
        [f"{PRIMARY}-0"],
    ).fetchall()
    assert causes == [("merged",)]


def test_a_change_of_the_world_and_one_of_a_relaxation_are_told_apart():
    def claim(rows):
        rows["relaxation_claim"].append(
            {
                "school_code": PRIMARY,
                "campus_no": 0,
                "item_code": "R5",
                "relaxation": "dense_urban_core",
                "evidence": "文件",
            }
        )

    dense = put("school", {"school_code": PRIMARY}, is_dense_urban_core=True)
    ground = put("premises", {"school_code": PRIMARY}, sports_ground_m2=3000, extra_sports_m2=1000)
    con = c.over_years({2022: c.same, 2023: both(dense, ground), 2024: both(dense, ground, claim)})
    rows = con.execute(
        "select stat_year, cause, verdict, prev_verdict from fact_history"
        " where scope_id = ? and item_code = 'R5' and figure = 'value' order by stat_year",
        [f"{PRIMARY}-0"],
    ).fetchall()
    assert rows == [
        (2022, "opened", "met", None), (2023, "world", "not_met", "met"), (2024, "definition", "met", "not_met"),
    ]  # fmt: skip


def test_ranks_and_changes_follow_the_values():
    con = c.over_years({2023: c.same, 2024: put("premises", {"school_code": PRIMARY}, multimedia_rooms=50)})
    rows = con.execute(
        "select stat_year, value, change, rank_in_county, prev_rank from fact_history"
        " where scope_id = ? and item_code = 'R7' and stage = 'primary' order by stat_year",
        [f"{PRIMARY}-0"],
    ).fetchall()
    assert rows == [(2023, 20.0, None, 1, None), (2024, 10.0, -10.0, 2, 1)]


def test_highlights_take_the_year_before_from_the_year_before():
    (one,) = standard.load_all(("report-highlights",))
    money = {2022: c.fact(public_education_budget_yuan=1_000_000), 2023: c.fact(public_education_budget_yuan=1_030_000)}
    con = c.over_years(money, [one])
    rows = con.execute(
        "select stat_year, test_no, value, verdict from fact_result where item_code = 'H1' and stat_year = 2023 order by test_no"
    ).fetchall()
    assert [(round(value, 6), verdict) for _, _, value, verdict in rows] == [
        (103.0, "not_applicable"), (round(1_030_000 / 2100, 6), "not_applicable"), (round(1_000_000 / 2100, 6), "not_applicable"),
    ]  # fmt: skip
