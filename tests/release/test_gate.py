"""The gate stops a candidate that breaks a contract, or does not add up to its inputs."""

import pytest

from transforms import gate
from warehouse import release

FAULTS = {
    "a key that stands twice": ("insert into fact_county_cv select * from fact_county_cv limit 1", "unique_key"),
    "a verdict that is none": (
        "update fact_result set verdict = 'perhaps' where test_no = 1 and stat_year = 2020",
        "isin",
    ),
    "a value that is not finite": ("update fact_county_cv set cv = 'nan'::double where stat_year = 2021", "finite"),
    "a hole where none may be": (
        "update fact_school_summary set reason_text = null where stat_year = 2019",
        "not_nullable",
    ),
    "pupils counted twice": (
        "update fact_school_summary set pupils = pupils * 2 where stat_year = 2023",
        "pupils_as_reported",
    ),
    "a lost school": ("delete from dim_site where campus_no = 1", "every_site_in_or_out"),
    "a lost result": (
        "delete from fact_result where item_code = 'R4' and stat_year = 2022",
        "one_result_per_thing_and_test",
    ),
    "an item of which a school was forgotten": (
        "update fact_county_item set entities_met = entities_met - 1 where item_code = 'Q4'",
        "every_thing_has_one_verdict",
    ),
    "a county better than its parts": (
        "update fact_county_part set verdict = 'met' where part = 'overall'",
        "overall_is_the_least_of_the_parts",
    ),
    "evidence that nobody gave": (
        "update fact_county_item set verdict = 'met' where item_code = 'Q8' and stat_year = 2020",
        "evidence_is_never_met_unseen",
    ),
    "shares that exceed the whole": (
        "update fact_result set numerator = numerator + 1 where is_shared",
        "shares_add_up",
    ),
    "variance that is not all shared out": (
        "update fact_variance_share set variance_share = variance_share * 2 where item_code = 'R1'",
        "variance_shares_are_one",
    ),
}


def test_the_demo_passes_the_gate(demo_home):
    with release.connect_candidate(demo_home) as con:
        assert gate.inspect(con) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_stopped(demo_copy, fault):
    statement, check = FAULTS[fault]
    with release.connect_candidate(demo_copy) as con:
        con.execute(statement)
        assert check in {breach.check.split("(")[0] for breach in gate.inspect(con)}


def test_every_reconciliation_is_broken_above():
    assert set(gate.RECONCILIATIONS) <= {check for _, check in FAULTS.values()}


def test_a_closed_gate_publishes_nothing_and_says_why(demo_copy, monkeypatch):
    from flows import steps
    from tests.conftest import order_for

    monkeypatch.setitem(gate.RECONCILIATIONS, "never", "select 3")
    with pytest.raises(steps.GateClosed, match="never") as closed:
        steps.pass_gate(order_for(demo_copy, demo_copy / "inbox"))
    assert closed.value.breaches == ["never : 3 row(s) do not reconcile"]
