"""The audit of the demo county's printed figures: what agrees, what differs, what cannot be checked, and why."""

import json
import re
import shutil
import tomllib
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from contracts import cross_checks, dictionary, standard, terms
from contracts.codes import read_codes
from flows.cli import app
from transforms import audit as auditing
from transforms.audit import compare, cross_check
from transforms.audit.look_up import Evidence, Operand
from transforms.audit.recompute import recompute, rounded, shown
from transforms.intake import gather, land, load
from transforms.synthesize import demo_county
from transforms.template import write_workbook
from warehouse import store

COUNTY = demo_county.COUNTY_CODE
CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text("utf-8"))
CHECKS = {check.id: check for check in cross_checks.load()}
CONFIRMED = {
    "rotated_teachers / rotation_eligible_teachers * 100": ("29 %", "29.10"),
    "rotated_backbone_teachers / rotated_teachers * 100": ("27%", "27.01"),
    "quality_senior_allocated / quality_senior_places * 100": ("70.33%", "70.33"),
    "training_spent_yuan / public_funds_arranged_yuan * 100": ("8.8%", "8.80"),
    "special_education_pupils * special_education_quota_yuan / 10000": ("115.8万元", "115.8"),
    "migrant_eligible / pupils_declared * 100": ("28%", "28.20"),
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> Path:
    """A store with the demo county of 2022 and 2023, taken in from its workbooks; nothing evaluated."""
    home = tmp_path_factory.mktemp("audit") / "home"
    for stat_year in (2022, 2023):
        folder = home / "inbox" / str(stat_year)
        path = write_workbook(folder / f"{COUNTY}.xlsx", stat_year, demo_county.make_year(stat_year))
        batch = gather.assess(gather.gather([land.land(path, folder, None)], stat_year), stat_year)
        with store.connect(home) as con:
            load.load(con, batch, f"run-{stat_year}")
    return home


@pytest.fixture(scope="module")
def audited(loaded) -> auditing.Audit:
    return auditing.audit(loaded, COUNTY, 2023)


@pytest.fixture
def changed(loaded, tmp_path):
    """Audit a copy of the store after some SQL."""

    def changed(*statements: str) -> auditing.Audit:
        home = tmp_path / "changed"
        shutil.copytree(loaded, home, dirs_exist_ok=True)
        with store.connect(home) as con:
            for statement in statements:
                con.execute(statement)
        return auditing.audit(home, COUNTY, 2023)

    return changed


def figures(audited: auditing.Audit, **wanted) -> list[dict]:
    return [row for row in audited.figures if all(row[name] == value for name, value in wanted.items())]


def check_of(audited: auditing.Audit, check_id: str) -> dict:
    (row,) = [row for row in audited.checks if row["id"] == check_id]
    return row


# the figures


def test_every_figure_has_an_outcome_a_reason_and_sentences(audited):
    assert [row["figure_no"] for row in audited.figures] == list(range(1, 245))
    reasons = read_codes("audit_reasons")
    for row in audited.figures:
        assert row["outcome"] == reasons[row["reason"]]["outcome"]
        assert row["figure_text"] in row["sentence_zh"] and row["figure_text"] in row["sentence_en"]
    counts = audited.counts
    assert counts["figures"] == counts["agrees"] + counts["differs"] + counts["cannot_check"] == 244
    assert not figures(audited, reason="bad_terms") + figures(audited, reason="unknown_name")


def test_retention_is_not_what_its_own_terms_give(audited):
    (row,) = figures(audited, figure_text="101.3%")
    assert (row["outcome"], row["recomputed"], row["item_code"]) == ("differs", "100.00", "Q1")
    assert "101.34%" in check_of(audited, "retention_over_100")["sentence_zh"]


def test_only_retention_and_the_two_headings_differ(audited):
    differing = [(row["figure_text"], row["recomputed"]) for row in figures(audited, outcome="differs")]
    assert differing == [("15项", "13"), ("9项", "8"), ("101.3%", "100.00")]


@pytest.mark.parametrize("said", CONFIRMED)
def test_a_ratio_is_confirmed_from_real_facts(audited, said):
    found = figures(audited, terms=said)
    assert found and all((row["figure_text"].replace(" ", ""), row["recomputed"], row["reason"]) ==
                         (CONFIRMED[said][0].replace(" ", ""), CONFIRMED[said][1], "recomputed") for row in found)  # fmt: skip


def test_nothing_confirmed_or_contradicted_rests_on_synthetic_rows(audited, loaded):
    with store.connect(loaded, read_only=True) as con:
        (one,) = standard.load_all((auditing.STANDARD_ID,))
        at = Evidence(con, None, one, COUNTY, 2023)
        judged = [row for row in audited.figures if row["outcome"] in ("agrees", "differs")]
        sides = [row["terms"] for row in judged]
        sides += [side for row in audited.checks if row["outcome"] != "cannot_check"
                  for side in (CHECKS[row["id"]].left, CHECKS[row["id"]].right)]  # fmt: skip
        made_up = [said for said in sides if any(at.operand(name).is_synthetic for name in terms.names(said))]
    assert len(judged) > 60 and made_up == []


def test_figures_of_school_rows_cannot_be_checked_as_those_are_made_up(audited):
    for text in ("43790人", "698人", "226人", "253人", "697个", "260个", "8205个"):
        (row,) = figures(audited, figure_text=text)
        assert (row["outcome"], row["reason"], row["recomputed"]) == ("cannot_check", "rests_on_synthetic", None), text


def test_with_real_school_rows_the_same_figures_agree(changed):
    audited = changed(*(f"update inputs.{table} set is_synthetic = false" for table in dictionary.input_tables()))
    for text in ("43790人", "698人", "226人", "253人", "697个", "260个", "8205个", "13.4万平方米", "10亿元"):
        (row,) = figures(audited, figure_text=text)
        assert (row["outcome"], row["reason"]) == ("agrees", "recomputed"), row["sentence_zh"]


def test_with_synthetic_facts_nothing_is_confirmed_but_limits(changed):
    audited = changed(*(f"update inputs.{table} set is_synthetic = true" for table in dictionary.input_tables()))
    assert {row["reason"] for row in figures(audited, outcome="agrees")} == set()
    assert figures(audited, outcome="differs") == []
    assert figures(audited, figure_text="101.3%")[0]["reason"] == "rests_on_synthetic"
    left = [row["id"] for row in audited.checks if row["outcome"] == "holds"]
    assert left == []


def test_a_printed_number_that_is_an_input_confirms_nothing_unless_said_twice(audited):
    assert {row["reason"] for row in figures(audited, figure_text="598名")} == {"is_source"}
    assert [row["reason"] for row in figures(audited, terms="full_time_teachers_declared")] == [
        "is_source",
        "same_as_other",
    ]
    assert {
        row["outcome"] for row in audited.figures if row["figure_kind"] in ("date", "document", "name", "plan")
    } == {"cannot_check"}


def test_an_input_that_is_not_what_is_printed_differs(changed):
    audited = changed("update inputs.county_fact set value = 599 where item_code = 'rotation_eligible_teachers'",
                      "update inputs.published_figure set figure_text = '2153人' where figure_no = 115")  # fmt: skip
    (row,) = figures(audited, figure_text="598名")
    assert row["reason"] == "differs_from_input"
    (row,) = figures(audited, figure_text="2153人")
    assert row["reason"] == "differs_from_other"


def test_quoted_limits_are_those_of_the_standard(audited, changed):
    quoted = figures(audited, figure_kind="limit")
    assert {row["reason"] for row in quoted} == {"as_the_standard", "not_in_standard"}
    assert sum(row["reason"] == "as_the_standard" for row in quoted) == 46
    other = changed("update inputs.published_figure set figure_text = '0.55' where figure_text = '0.50'")
    assert {row["reason"] for row in figures(other, figure_text="0.55")} == {"differs_from_standard"}


def test_missing_inputs_and_missing_evaluation_are_told_apart(audited):
    (row,) = figures(audited, figure_text="92%")
    assert (row["reason"], "group_schools" in row["sentence_zh"]) == ("no_input", True)
    (row,) = figures(audited, figure_text="0.01%")
    assert row["reason"] == "no_input"
    (row,) = figures(audited, figure_text="3.69%")
    assert row["reason"] == "rests_on_synthetic"
    for said in ("result.G4.not_met_primary", "primary_units_declared - result.G5.not_met_primary"):
        (row,) = figures(audited, terms=said)
        assert row["reason"] == "no_evaluation"


def test_a_made_up_evaluation_confirms_nothing(demo_home):
    audited = auditing.audit(demo_home, COUNTY, 2023)
    evaluated = [
        row for row in audited.figures if {"result", "coefficients_met"} & set(re.split(r"\W", row["terms"] or ""))
    ]
    assert [row["figure_text"] for row in evaluated] == ["7项", "7项", "4所", "2所", "5所", "7所"]
    assert {row["reason"] for row in evaluated} == {"rests_on_synthetic"}


def test_a_real_evaluation_would_confirm_what_is_printed(demo_copy):
    path = demo_copy / "latest" / "junheng.duckdb"
    path.chmod(0o644)
    with duckdb.connect(str(path)) as con:
        con.execute("update fact_county_item set is_synthetic = false")
        con.execute("update fact_county_cv set is_synthetic = false")
    audited = auditing.audit(demo_copy, COUNTY, 2023)
    evaluated = [
        row for row in audited.figures if {"result", "coefficients_met"} & set(re.split(r"\W", row["terms"] or ""))
    ]
    assert {(row["figure_text"], row["outcome"]) for row in evaluated} == {
        ("7项", "agrees"), ("4所", "agrees"), ("2所", "agrees"), ("5所", "agrees"), ("7所", "agrees"),
    }  # fmt: skip


def test_each_recomputed_figure_names_its_cells(audited):
    (row,) = figures(audited, figure_text="70.33%")
    assert [(cell["value"], cell["sheet"]) for cell in row["cells"]] == [(685, "县区事实"), (974, "县区事实")]
    assert all(cell["file"].endswith(f"{COUNTY}.xlsx") and cell["cell"][0].isalpha() for cell in row["cells"])


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("rotated_teachers ** 2", "bad_terms"),
        ("__import__('os')", "bad_terms"),
        ("rotated_teachers / ", "bad_terms"),
        ("no_such_thing * 2", "unknown_name"),
        ("monitoring.municipal", "unknown_name"),
        ("total.pupils.primary.more", "unknown_name"),
        ("rotated_teachers / rural_junior_schools", "division_by_zero"),
        ("rotated_teachers / (rotated_teachers - 174)", "division_by_zero"),
    ],
)
def test_terms_that_cannot_be_computed_cannot_be_checked(changed, said, reason):
    quoted = said.replace("'", "''")
    audited = changed(f"update inputs.published_figure set terms = '{quoted}' where figure_text = '101.3%'")
    (row,) = figures(audited, figure_text="101.3%")
    assert (row["outcome"], row["reason"], row["recomputed"]) == ("cannot_check", reason, None)


# terms and rounding


def test_terms_are_exact():
    values = {"a": Fraction(1), "b.c": Fraction(3)}
    assert terms.evaluate("a / b.c * 3 - 0.1", values) == Fraction(9, 10)
    assert terms.evaluate("-(a - 2.50) / 2", values) == Fraction(3, 4)
    assert terms.names("b.c + a * b.c") == ("b.c", "a")


@pytest.mark.parametrize(
    "said",
    ["", "a b", "a ** 2", "a // b", "a % b", "a < b", "a if b else c", "f(a)", "a[0]", "'a'", "1e9", "1_0", "0x1f",
     "a.__class__", "_a", "True", "lambda: a", "a, b", "甲 + 1", "(" * 600 + "a" + ")" * 600],
)  # fmt: skip
def test_what_is_no_term_is_refused(said):
    with pytest.raises(terms.TermsError):
        terms.names(said)


@pytest.mark.parametrize(
    ("text", "value", "is_same"),
    [
        ("29%", Fraction(2949, 100), True),
        ("29%", Fraction(295, 10), False),
        ("29%", Fraction(285, 10), True),
        ("8.80%", Fraction(8805, 1000), False),
        ("8.80%", Fraction(88049, 10000), True),
        ("100%", Fraction(9996, 100), True),
        ("230余人", Fraction(238), True),
        ("230余人", Fraction(229), False),
        ("95%以上", Fraction(97), True),
        ("1,234.5", Fraction(12345, 10), True),
        ("无", Fraction(0), False),
    ],
)
def test_a_number_agrees_when_it_rounds_half_up_to_what_is_printed(text, value, is_same):
    assert compare.agrees(text, value) is is_same


def test_values_are_shown_as_they_are_or_in_two_decimals():
    assert [shown(Fraction(*one)) for one in ((34, 1), (1158, 10), (1, 3), (-1, 3))] == ["34", "115.8", "0.33", "-0.33"]
    assert shown(Fraction(100), 2) == "100.00"
    assert rounded(Fraction(5, 1000), 2) == Decimal("0.01")


# the cross-checks


@pytest.mark.parametrize(
    ("check_id", "says"),
    [
        ("units_are_no_schools", ("34", "28", "30")),
        ("special_pupils_twice", ("193", "194")),
        ("special_school_pupils", ("193", "25")),
        ("retention_over_100", ("101.3", "100", "101.34")),
        ("heading_resources", ("7", "1")),
        ("heading_government", ("15", "13", "2")),
        ("heading_quality", ("9", "8", "1")),
        ("verdict_words", ("3",)),
        ("sites_over_size", ("2000", "4", "2", "2400")),
        ("classes_over_cap", ("697", "342", "49.07", "260", "56", "21.54", "45.76")),
        ("units_over_cap", ("25", "5", "9", "7")),
        ("monitoring.municipal.primary.english", ("0.179", "0.15", "英语")),
        ("monitoring.municipal.junior.english", ("0.168", "0.15", "英语")),
        ("national_monitoring", ("8",)),
        ("survey_given", ()),
        ("vetoes_given", ()),
        ("preconditions_given", ()),
        ("resource_values_printed", ()),
        ("disabled_total_given", ()),
        ("group_base_given", ("92",)),
        ("budget_per_pupil_given", ()),
        ("pay_year", ("2022", "2023")),
        ("monitoring_year", ("2022", "2023")),
        ("rooms_against_classes", ("43790", "1007.17", "957", "2.19", "2.3")),
        ("rooms_against_coverage", ("85", "813.45", "1.86", "2.3")),
        ("interactive_against_coverage", ("95", "85")),
        ("funds_against_quotas", ("5998", "1369.72", "1100", "1250", "4816.9", "5473.75")),
        ("migrants_two_bases", ("28",)),
        ("schools_two_windows", ("7", "6", "14.65", "13.4", "8205")),
        ("new_schools_named", ("5", "6")),
        ("units_are_no_buildings", ("34", "30")),
        ("unit_printed.resident_population", ()),
    ],
)
def test_what_the_document_does_not_hold_together(audited, check_id, says):
    row = check_of(audited, check_id)
    assert row["outcome"] == "broken"
    assert all(number in row["sentence_zh"] for number in says), row["sentence_zh"]
    assert "{" not in row["sentence_en"] and "—" not in row["sentence_zh"]


def test_what_does_hold_together(audited):
    holding = {row["id"] for row in audited.checks if row["outcome"] == "holds"}
    assert {"primary_units_sum", "junior_units_sum", "disabled_sum", "pay_years_equal", "part.built_seats",
            "teachers_above_required", "backbone_teachers_enough", "pe_and_arts_teachers_enough"} <= holding  # fmt: skip
    over = [row["id"] for row in audited.checks if row["id"].startswith("monitoring.") and row["outcome"] == "broken"]
    assert over == ["monitoring.municipal.primary.english", "monitoring.municipal.junior.english"]


def test_a_check_on_synthetic_rows_is_neither_held_nor_broken(audited):
    row = check_of(audited, "training_by_school")
    assert (row["outcome"], row["reason"]) == ("cannot_check", "rests_on_synthetic")


def test_a_survey_that_is_given_is_no_longer_missing(changed):
    audited = changed(
        "insert into inputs.survey (stat_year, county_code, respondent_group, questionnaires, valid_questionnaires,"
        f" satisfied_questionnaires, is_synthetic) values (2023, '{COUNTY}', 'parents', 100, 90, 80, false)"
    )
    assert check_of(audited, "survey_given")["outcome"] == "holds"


def stem(check_id: str) -> str:
    return check_id if check_id in CASES else check_id.split(".", maxsplit=1)[0]


class Small:
    """Evidence made of a few values."""

    def __init__(self, values: dict, check: cross_checks.CrossCheck):
        sides = {"it": check.left, "other": check.right}
        self.values = {sides.get(name, name): value for name, value in values.items()}

    def operand(self, name: str) -> Operand:
        return Operand(Fraction(self.values[name])) if name in self.values else Operand(reason="no_input")


@pytest.mark.parametrize("check_id", CHECKS)
@pytest.mark.parametrize("outcome", ["holds", "broken"])
def test_every_cross_check_holds_once_and_is_broken_once(check_id, outcome):
    check = CHECKS[check_id]
    (row,) = cross_check.cross_check(Small(CASES[stem(check_id)][outcome], check), [check])
    assert row["outcome"] == outcome
    assert "{" not in row["sentence_zh"] + row["sentence_en"] and "<" not in row["sentence_zh"] + row["sentence_en"]


def test_every_case_belongs_to_a_cross_check():
    assert set(CASES) == {stem(check_id) for check_id in CHECKS}


@pytest.mark.parametrize("check_id", CHECKS)
def test_a_cross_check_without_its_inputs_cannot_be_made(check_id):
    (row,) = cross_check.cross_check(Small({}, CHECKS[check_id]), [CHECKS[check_id]])
    assert (row["outcome"], row["reason"]) == ("cannot_check", "no_input")


def test_every_name_of_the_cross_checks_is_known(loaded):
    with store.connect(loaded, read_only=True) as con:
        (one,) = standard.load_all((auditing.STANDARD_ID,))
        at = Evidence(con, None, one, COUNTY, 2023)
        sides = [said for check in CHECKS.values() for said in (check.left, check.right, *check.shown.values())]
        wrong = [
            said for said in sides if recompute(at, said).reason in ("unknown_name", "bad_terms", "not_in_standard")
        ]
    assert wrong == []


GOOD = {
    "id": "a", "kind": "absent", "severity": "error", "left": "rows.survey", "operator": ">", "right": "0",
    "claim_zh": "有", "claim_en": "is", "broken_zh": "没有{left}", "broken_en": "is not", "basis": "规定",
}  # fmt: skip


def written(path: Path, *entries: dict) -> Path:
    lines = []
    for entry in entries:
        lines += ["[[checks]]", *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in entry.items())]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kind": "guess"}, "kind"),
        ({"severity": "fatal"}, "severity"),
        ({"operator": "~"}, "operator"),
        ({"left": "f(a)"}, "left"),
        ({"right": ""}, "right"),
        ({"broken_zh": "没有{centre}"}, "centre"),
        ({"broken_zh": "没有{"}, "broken_zh"),
        ({"broken_en": "no <fact>"}, "fact"),
        ({"items": ["quality"]}, "items"),
        ({"colour": "red"}, "colour"),
        ({"basis": 3}, "basis"),
        ({"items": "G4"}, "items"),
    ],
)
def test_a_malformed_cross_check_is_refused(tmp_path, change, says):
    assert cross_checks.load(written(tmp_path / "good.toml", GOOD))[0].id == "a"
    with pytest.raises(cross_checks.CrossCheckError, match=says):
        cross_checks.load(written(tmp_path / "c.toml", {**GOOD, **change}))


def test_a_cross_check_that_stands_twice_and_a_broken_file_are_refused(tmp_path):
    with pytest.raises(cross_checks.CrossCheckError, match="twice"):
        cross_checks.load(written(tmp_path / "c.toml", GOOD, GOOD))
    (tmp_path / "d.toml").write_text("[[checks]\n", encoding="utf-8")
    with pytest.raises(cross_checks.CrossCheckError, match=r"d\.toml"):
        cross_checks.load(tmp_path / "d.toml")


# the command


def test_the_command_says_how_many_agree_what_differs_and_what_does_not_hold(loaded, audited):
    counts = audited.counts
    called = CliRunner().invoke(app, ["audit", "--county", COUNTY, "--year", "2023", "--home", str(loaded)])
    assert called.exit_code == 0, called.output
    assert f"{counts['agrees']} of 244 agree, 3 differ, {counts['cannot_check']} cannot be checked" in called.output
    assert "101.3%" in called.output and "193" in called.output


def test_the_command_speaks_json_and_is_strict_when_asked(loaded, audited):
    called = CliRunner().invoke(
        app, ["audit", "--county", COUNTY, "--year", "2023", "--home", str(loaded), "--json", "--strict"]
    )
    assert called.exit_code == 3
    said = json.loads(called.stdout)
    assert said["counts"] == audited.counts
    assert len(said["figures"]) == 244 and len(said["checks"]) == len(CHECKS)


def test_a_county_year_that_is_not_loaded_is_refused(loaded):
    with pytest.raises(LookupError, match="500199"):
        auditing.audit(loaded, "500199", 2023)
