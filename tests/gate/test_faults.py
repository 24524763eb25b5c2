"""Each planted fault closes the whole gate, and is named by every check that should see it."""

import json
from pathlib import Path

import pandera.errors
import polars as pl
import pytest

from contracts import dictionary
from transforms import admit, expect, gate

YEARS = [name for name, model in dictionary.output_tables().items() if "stat_year" in dictionary.key(model)]
OF_2021 = [f"delete from {name} where stat_year = 2021" for name in YEARS]
"""A year that was published and is in the inputs, and that no table has any more."""

FAULTS = {
    "a key that stands twice": (
        ["insert into fact_county_cv select * from fact_county_cv where readings_id = 'default' limit 1"],
        {"unique_key fact_county_cv", "fact_county_cv.key fact_county_cv", "fact_county_cv.rows fact_county_cv"},
    ),
    "a site that stands twice": (
        ["insert into dim_site select * from dim_site where stat_year = 2022 and readings_id = 'default' limit 1"],
        {"unique_key dim_site", "dim_site.key dim_site", "totals.sites_published ", "dim_site.rows dim_site"},
    ),
    "an error that nobody answered for": (
        [
            "store: insert into finding by name select run_id, 'error' as severity, 'school_missing' as rule, stat_year,"
            " county_code, '3450990003-0' as value from county_year where stat_year = 2022"
        ],
        {"errors_are_answered_for "},
    ),
    "a lost school": (
        ["delete from dim_site where school_code = '3450990003' and stat_year = 2023"],
        {"every_site_in_or_out ", "totals.sites_published ", "sites_in_are_sites_out_and_left_out "},
    ),
    "a school left out without a reason": (
        ["update dim_site set is_excluded = true where school_code = '3450990003' and stat_year = 2023"],
        {"sites_in_are_sites_out_and_left_out ", "totals.sites_in_and_out "},
    ),
    "a unit that another set of readings lost": (
        ["update fact_county_cv set units = units - 1 where readings_id <> 'default'"],
        {"every_set_counts_every_unit "},
    ),
    "a value that is no number": (
        ["update fact_county_cv set cv = 'nan'::double where stat_year = 2021"],
        {"finite fact_county_cv", "fact_county_cv.finite fact_county_cv"},
    ),
    "a value without end": (
        ["update fact_result set value = 'infinity'::double where item_code = 'R4' and stage = 'junior'"],
        {"finite fact_result", "fact_result.finite fact_result"},
    ),
    "pupils counted twice": (
        ["update fact_school_summary set pupils = pupils * 2 where stat_year = 2023"],
        {"pupils_as_reported ", "county_pupils_add_up ", "totals.pupils_units "},
    ),
    "a county's pupils that are not those of its schools": (
        ["update fact_county_summary set pupils = pupils + 1 where stat_year = 2020"],
        {"county_pupils_add_up ", "totals.pupils_summary "},
    ),
    "teachers that got lost": (
        [
            "delete from fact_measure where measure_code = 'full_time_teachers' and stat_year = 2023 and stage = 'junior'"
        ],
        {"teachers_as_reported ", "totals.teachers_units "},
    ),
    "a verdict that is none": (
        ["update fact_county_part set verdict = 'perhaps' where part = 'government' and stat_year = 2023"],
        {"isin fact_county_part", "fact_county_part.verdict fact_county_part"},
    ),
    "an item that no standard has": (
        ["update fact_county_item set item_code = 'G99' where item_code = 'G9' and stat_year = 2023"],
        {"fact_county_item.item_code.standard fact_county_item"},
    ),
    "a broken unit: yuan in place of ten thousand yuan": (
        ["update fact_result set value = value * 10000 where item_code = 'R6' and stat_year = 2023"],
        {"values_are_their_fractions "},
    ),
    "a unit that is none: a site without its campus": (
        ["update fact_school_summary set site_id = left(site_id, 10) where stat_year = 2023"],
        {"str_matches fact_school_summary"},
    ),
    "shares that leave something over": (
        ["update fact_result set numerator = numerator * 0.9 where is_shared"],
        {"shares_add_up "},
    ),
    "weights that are not one": (
        ["update fact_result set weighted_pupils = weighted_pupils + 1 where is_shared"],
        {"weights_are_one "},
    ),
    "a year that is gone": (
        OF_2021,
        {"missing_year", "every_county_year_judged ", "totals.years fact_county_summary", "dim_county_year.rows dim_county_year"},
    ),
    "a year that nobody reported": (
        ["insert into dim_county_year select * replace (1999 as stat_year) from dim_county_year limit 1"],
        {"dim_county_year.rows dim_county_year"},
    ),
    "a hole where none may be": (
        ["update fact_school_summary set reason_text = null where stat_year = 2019"],
        {"not_nullable fact_school_summary"},
    ),
    "a lost result": (
        ["delete from fact_result where item_code = 'R4' and stat_year = 2022"],
        {"one_result_per_thing_and_test "},
    ),
    "an item of which a school was forgotten": (
        ["update fact_county_item set entities_met = entities_met - 1 where item_code = 'Q4'"],
        {"every_thing_has_one_verdict "},
    ),
    "a county better than its parts": (
        ["update fact_county_part set verdict = 'met' where part = 'overall'"],
        {"overall_is_the_least_of_the_parts ", "past_verdict"},
    ),
    "evidence that nobody gave": (
        ["update fact_county_item set verdict = 'met' where item_code = 'Q8' and stat_year = 2020"],
        {"evidence_is_never_met_unseen ", "past_verdict"},
    ),
    "shares that exceed the whole": (
        ["update fact_result set numerator = numerator + 1 where is_shared"],
        {"shares_add_up "},
    ),
    "variance that is not all shared out": (
        ["update fact_variance_share set variance_share = variance_share * 2 where item_code = 'R1'"],
        {"variance_shares_are_one ", "totals.variance_most "},
    ),
    "a verdict of a past year that flips": (
        ["update fact_county_item set verdict = 'not_met' where item_code = 'Q4' and stat_year = 2020"],
        {"past_verdict"},
    ),
    "a school of a past year that lost its verdict": (
        ["delete from fact_school_summary where stat_year = 2019 and site_id = '3450990003-0'"],
        {"past_verdict", "pupils_as_reported ", "fact_school_summary.rows fact_school_summary"},
    ),
}  # fmt: skip
"""What is planted → statements on the candidate, and the checks (with their table) that must name it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_closes_the_gate(planted, gate_of, fault):
    statements, checks = FAULTS[fault]
    admission, breaches = gate_of(planted(*statements))
    assert admission is None
    assert checks <= {breach.split(":")[0] for breach in breaches}, breaches
    assert not (planted() / "releases").joinpath("r0002").exists()


def test_every_reconciliation_is_broken_above():
    named = {check.strip() for _, checks in FAULTS.values() for check in checks}
    assert set(gate.RECONCILIATIONS) <= named


def test_the_demo_passes_with_every_check(demo_copy, gate_of):
    admission, breaches = gate_of(demo_copy)
    assert breaches == []
    kinds = {check.kind for check in admission.checks}
    assert kinds == {"column", "key", "finite", "reconciliation", "expectation"}
    assert {check.name for check in admission.checks if check.kind == "reconciliation"} == set(gate.RECONCILIATIONS)
    assert sum(check.kind == "expectation" for check in admission.checks) >= 60
    assert all(check.seen or check.looked_at for check in admission.checks if check.kind == "reconciliation")


def test_every_table_has_its_key_expected_and_every_verdict_its_set(demo_copy):
    from warehouse import release

    with release.connect_candidate(demo_copy) as con:
        wanted = expect.expectations(con)
    names = {one.name for one in wanted}
    assert len(names) == len(wanted)
    assert {f"{name}.key" for name in dictionary.output_tables()} <= names
    for name, model in dictionary.output_tables().items():
        columns = dictionary.columns(model)
        assert {f"{name}.{one.name}" for one in columns if one.codes == "verdicts" and not one.is_nullable} <= names
        assert (f"{name}.finite" in names) == any(one.kind == "real" for one in columns)


def test_failing_rows_are_kept_and_capped(planted, gate_of, demo_copy):
    gate_of(planted("update fact_result set verdict = 'perhaps'"))
    with admit.release.connect_candidate(demo_copy) as con:
        (found,) = [one for one in gate.look(con) if one.failed and one.name == "isin" and one.table == "fact_result"]
    assert found.failed > gate.SHOWN_ROWS == len(found.rows)
    assert {"standard_id", "scope_id", "item_code", "seen"} <= set(found.rows[0])


def test_the_gate_finds_in_sql_what_the_contracts_find_themselves(planted, demo_copy):
    planted(
        "update fact_result set verdict = 'perhaps' where item_code = 'R7'",
        "update fact_result set county_code = '50' where item_code = 'R1' and stage = 'junior'",
        "update fact_result set verdict_text = null where item_code = 'R2'",
    )
    model = dictionary.output_tables()["fact_result"]
    with admit.release.connect_candidate(demo_copy) as con:
        rows = con.execute(dictionary.published_query("fact_result")).pl()
        found = {(one.column, one.name): one.failed for one in gate.look(con) if one.table == "fact_result"}
    with pytest.raises(pandera.errors.SchemaErrors) as raised:
        model.validate(rows, lazy=True)
    cases = raised.value.failure_cases.with_columns(pl.col("check").str.extract(r"^(\w+)"))
    said = {(column, check): count for column, check, count in cases.group_by("column", "check").len().rows()}
    assert len(said) >= 3
    assert {place: count for place, count in found.items() if count and place[0]} == said


def test_an_expectation_that_cannot_run_is_a_failure(demo_copy, gate_of, monkeypatch):
    whole = expect.expectations
    broken = expect.Expectation(
        "no_such_column", "fact_result", "expect_column_values_to_be_between",
        {"column": "nowhere", "min_value": 0}, "fact_result", "nowhere", "没有这一列",
    )  # fmt: skip
    monkeypatch.setattr(expect, "expectations", lambda con: [*whole(con), broken])
    admission, breaches = gate_of(demo_copy)
    assert admission is None
    (breach,) = breaches
    assert breach.startswith("no_such_column fact_result") and "could not run" in breach and "does not exist" in breach


def test_an_expectation_of_a_kind_that_does_not_exist_fails_them_all(demo_copy, here, monkeypatch):
    unknown = expect.Expectation("unknown", "fact_result", "expect_the_unknown", {}, "fact_result", "", "没有这种期望")
    monkeypatch.setattr(expect, "expectations", lambda _: [unknown])
    with admit.release.connect_candidate(demo_copy) as con, pytest.raises(Exception, match="expect_the_unknown"):
        expect.ask(con, here, demo_copy / "rows")


def test_an_expectation_without_an_answer_is_a_failure(demo_copy, gate_of, here, monkeypatch):
    def forgets(message: Path) -> None:
        type(here).send(here, message)
        file = Path(json.loads(message.read_text("utf-8"))["answers"])
        answers = json.loads(file.read_text("utf-8"))
        del answers["fact_result.key"]
        file.write_text(json.dumps(answers), encoding="utf-8")

    monkeypatch.setattr(here, "send", forgets)
    assert [breach.split(":")[0] for breach in gate_of(demo_copy)[1]] == ["fact_result.key fact_result"]


def test_years_reconciled_one_after_the_other_give_what_all_give_together(demo_copy, monkeypatch):
    def reconciled(con):
        return [(one.name, one.failed, one.seen) for one in gate._all_reconciled(con)]

    with admit.release.connect_candidate(demo_copy) as con:
        together = reconciled(con)
        con.execute("update fact_county_cv set units = units + 1 where stat_year = 2023 and item_code = 'R1'")
        broken = reconciled(con)
        monkeypatch.setattr(gate, "ROWS_AT_ONCE", 0)
        assert reconciled(con) == broken != together
        stray = "select * replace (1999 as stat_year) from fact_county_summary where stat_year = 2023"
        con.execute(f"insert into fact_county_summary {stray}")
        assert {name: failed for name, failed, _ in reconciled(con)}["every_county_year_judged"], "of no year read"
        con.execute("delete from fact_county_summary where stat_year = 1999")
        con.execute("update fact_county_cv set units = units - 1 where stat_year = 2023 and item_code = 'R1'")
        assert reconciled(con) == together
