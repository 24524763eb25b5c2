"""What a set of readings leaves as it is is judged once: the same is published as if everything were judged anew."""

from types import MappingProxyType

import pytest

from contracts import dictionary
from flows import sequence, steps
from transforms import model
from transforms.synthesize import nation
from warehouse import release

PLACES = nation.Size(3, 30, ("41", "42"))
ANEW = MappingProxyType({
    "core_changed_entity": ("where sides = 1", ""),
    "core_entity": ("when changed_entities.scope_id is null and not all_entities.is_chosen then", "when 1 = 0 then"),
})  # fmt: skip
"""What makes the models judge and measure every thing under every set of readings that could touch it."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two years of three counties with points, campuses and private schools."""
    folder = tmp_path_factory.mktemp("reuse")
    nation.write(folder / "in", PLACES, [2022, 2023])
    order = steps.Order((2022, 2023), folder / "home", folder / "in", "20240101-000000-test")
    steps.open_run(order, "test")
    for year in order.stat_years:
        sequence.take_year(order.of_year(year), lambda step, *given: step(*given))
    return folder / "home"


def published(home):
    """The rows of every published table, how many results were judged, how many measures made."""
    order = steps.Order((2022, 2023), home, home, "20240101-000000-test")
    steps.build_candidate(order)
    with release.connect_candidate(home) as con:
        tables = {
            name: con.execute(f"{dictionary.published_query(name)} order by all").fetchall()
            for name in dictionary.output_tables()
        }
        made = [con.execute(f"select count(*) from {name}").fetchone()[0] for name in ("fact_result", "fact_measure")]
    return tables, made


def test_what_is_judged_once_is_published_as_if_judged_anew(home, monkeypatch):
    once, made_once = published(home)
    texts = dict(model.models())
    for name, (rule, other) in ANEW.items():
        assert texts[name].count(rule) == 1
        texts[name] = texts[name].replace(rule, other)
    monkeypatch.setattr(model, "models", lambda: texts)
    anew, made_anew = published(home)
    assert all(few < many for few, many in zip(made_once, made_anew, strict=True))
    for name, rows in anew.items():
        assert once[name] == rows, name
    sets = {value for row in anew["fact_county_cv"] for value in row}
    assert {"points=merge", "private=out", "points=merge,private=out", "campus=merged"} <= sets
