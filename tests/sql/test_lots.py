"""Counties that go through the models in lots, some at once: what is kept, and what an error in one lot does."""

import duckdb
import pytest

from contracts import dictionary
from transforms import model

LOTS = [[f"{number:06d}"] for number in range(24)]
ROWS = "select county_code, range, repeat(county_code, 20) as said from lot_county, range(15000)"
FIRST = f"(select county_code from lot_county where county_code = '{LOTS[0][0]}')"
NEVER_ENDS = (
    f"select sum(hash(r.range + o.range)) from range(1000000) as r, range(10000000) as o anti join {FIRST} as f on true"
)


@pytest.fixture
def con(tmp_path):
    """A database with empty inputs behind views, as a candidate has them."""
    con = duckdb.connect(str(tmp_path / "candidate.duckdb"), config={"threads": 2})
    for name in ("county_year", *dictionary.input_tables()):
        con.execute(f"create temp view {name} as select 'x' as county_code")
    return con


@pytest.fixture
def made_by(monkeypatch):
    """Let the models of counties be some others, all of them of counties; what is published or looked at is `thing`."""

    def made_by(**texts: str) -> None:
        monkeypatch.setattr(model, "models", lambda: texts)
        monkeypatch.setattr(model, "_looked_at", lambda: frozenset({"thing"}))

    return made_by


def build(con, note=None):
    model._build_in_lots(con, LOTS, frozenset(model.models()), note)


def test_every_lot_is_kept_once_and_nothing_else(con, made_by):
    made_by(first=ROWS, aside="select * from first", thing="select * from first")
    told = []
    build(con, told.append)
    kept = con.execute("select county_code, count(*) from thing group by all order by all").fetchall()
    assert kept == [(county, 15000) for (county,) in LOTS]
    assert con.execute("select table_name from duckdb_tables()").fetchall() == [("thing",)]
    assert [one.split("，")[0] for one in told] == [f"{number}/{len(LOTS)}" for number in range(1, len(LOTS) + 1)]
    assert ["约剩" in one for one in told] == [True] * (len(LOTS) - 1) + [False]


def test_what_is_kept_goes_to_the_disk_while_lots_are_made(con, made_by, tmp_path):
    made_by(thing=ROWS)
    sizes = [(tmp_path / "candidate.duckdb").stat().st_size]
    build(con, lambda _: sizes.append((tmp_path / "candidate.duckdb").stat().st_size))
    assert sizes[-1] > 10 * sizes[0], "all of it waited for the end of a transaction"


def test_an_error_in_a_lot_stops_the_lot_beside_it_and_begins_no_other(con, made_by):
    made_by(thing=ROWS, fails=f"select error('no such thing') from {FIRST}", goes_on=NEVER_ENDS)
    with pytest.raises(duckdb.InvalidInputException, match="no such thing"):
        build(con)
    (begun,) = con.execute("select count(distinct county_code) from thing").fetchone()
    assert begun <= model.LOTS_AT_ONCE


def test_an_interruption_stops_the_lots_that_run(con, made_by):
    made_by(thing=ROWS, goes_on=NEVER_ENDS)

    def interrupt(_) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(con, interrupt)


def test_inputs_that_are_no_views_are_refused_with_their_name(con):
    con.execute("drop view school")
    with pytest.raises(LookupError, match="school"):
        model._build_in_lots(con, LOTS, frozenset(), None)
