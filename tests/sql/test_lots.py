"""Counties that go through the models in lots, some at once: what is kept, and what an error in one lot does."""

import threading

import duckdb
import pytest

from contracts import dictionary
from transforms import model

LOTS = [[f"{number:06d}"] for number in range(24)]
ROWS = "create temp table thing as select county_code, range, repeat(county_code, 20) as said from lot_county, range(15000)"
NEVER_ENDS = "create temp table thing as select count(*) from range(100000000000) where hash(range) = 1"


@pytest.fixture
def con(tmp_path):
    """A database with empty inputs behind views, as a candidate has them."""
    con = duckdb.connect(str(tmp_path / "candidate.duckdb"), config={"threads": 2})
    for name in ("county_year", *dictionary.input_tables()):
        con.execute(f"create temp view {name} as select 'x' as county_code")
    return con


@pytest.fixture
def made_by(monkeypatch):
    """Let each lot in turn be made by one of some statements; the last one goes on."""

    def made_by(*statements: str) -> list[str]:
        left, taken, taking = list(statements), [], threading.Lock()

        def of_lot(_views, _of_counties):
            with taking:
                taken.append(left.pop(0) if len(left) > 1 else left[0])
                return [model.LOT, taken[-1]]

        monkeypatch.setattr(model, "_of_lot", of_lot)
        monkeypatch.setattr(model, "_looked_at", lambda: frozenset({"thing"}))
        return taken

    return made_by


def build(con, note=None):
    model._build_in_lots(con, LOTS, frozenset({"thing", "aside"}), note)


def test_every_lot_is_kept_once_and_nothing_else(con, made_by):
    made_by(ROWS)
    told = []
    build(con, told.append)
    kept = con.execute("select county_code, count(*) from thing group by all order by all").fetchall()
    assert kept == [(county, 15000) for (county,) in LOTS]
    assert con.execute("select table_name from duckdb_tables()").fetchall() == [("thing",)]
    assert told == [f"{number}/{len(LOTS)}" for number in range(1, len(LOTS) + 1)]


def test_what_is_kept_goes_to_the_disk_while_lots_are_made(con, made_by, tmp_path):
    made_by(ROWS)
    sizes = [(tmp_path / "candidate.duckdb").stat().st_size]
    build(con, lambda _: sizes.append((tmp_path / "candidate.duckdb").stat().st_size))
    assert sizes[-1] > 10 * sizes[0], "all of it waited for the end of a transaction"


def test_an_error_in_a_lot_stops_the_lot_beside_it_and_begins_no_other(con, made_by):
    taken = made_by("select error('no such thing')", NEVER_ENDS)
    with pytest.raises(duckdb.InvalidInputException, match="no such thing"):
        build(con)
    assert len(taken) <= 1 + model.LOTS_AT_ONCE
    assert con.execute("select 1").fetchone() == (1,)


def test_an_interruption_stops_the_lots_that_run(con, made_by):
    made_by(ROWS, NEVER_ENDS)

    def interrupt(_) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(con, interrupt)


def test_inputs_that_are_no_views_are_refused_with_their_name(con):
    con.execute("drop view school")
    with pytest.raises(LookupError, match="school"):
        model._build_in_lots(con, LOTS, frozenset(), None)
