"""Made-up counties: the same arguments give the same files; sound ones pass intake; spoilt ones are held, whole."""

import duckdb
import pytest

from contracts import dictionary
from flows import sequence, steps
from tests.bench import determinism
from transforms.intake import share_out
from transforms.synthesize import nation
from warehouse import store

SMALL = nation.Size(6, 9, ("41", "42", "43"))
"""Six counties of about nine sites in three provinces."""


def taken(home, inbox, *, lot_bytes=share_out.LOT_BYTES, years=(2022, 2023)):
    """What became of all rows, in a warehouse of its own."""
    order = steps.Order(years, home, inbox, "20240101-000000-test")
    steps.open_run(order, "test")
    with pytest.MonkeyPatch.context() as patch:
        whole = share_out.lots
        patch.setattr(share_out, "lots", lambda files, last_year: whole(files, last_year, lot_bytes))
        return [sequence.take_year(order.of_year(year), lambda step, *given: step(*given)) for year in years]


def contents(home):
    """Everything of the store that does not say when it was written."""
    with store.connect(home, read_only=True) as con:
        names = [f"inputs.{name}" for name in dictionary.input_tables()]
        return {
            name: con.execute(f"select * from {name} order by all").fetchall()
            for name in (*names, "finding", "county_year", "file_county_year", "source_map", "attempt")
        }


def test_the_same_arguments_give_the_same_files(tmp_path):
    for name in ("one", "other"):
        nation.write(tmp_path / name, SMALL, [2023], seed=5, defects=0.5)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.csv"))
    assert len(files) > 30
    assert all((tmp_path / "one" / path).read_bytes() == (tmp_path / "other" / path).read_bytes() for path in files)


def test_sound_counties_are_accepted_whole_and_every_row_is_marked(tmp_path):
    written = nation.write(tmp_path / "in", SMALL, [2022, 2023])
    counts = [one.counts for one in taken(tmp_path / "home", tmp_path / "in")]
    assert sum(one["rows_accepted"] for one in counts) == sum(written.values())
    assert {one["held"] for one in counts} == {0}
    with store.connect(tmp_path / "home", read_only=True) as con:
        for name in written:
            (unmarked,) = con.execute(f"select count(*) from inputs.{name} where not is_synthetic").fetchone()
            assert unmarked == 0, name


def test_ten_years_are_sound_too_though_schools_open_and_close(tmp_path):
    nation.write(tmp_path / "in", SMALL, range(2014, 2024))
    counts = [one.counts for one in taken(tmp_path / "home", tmp_path / "in", years=tuple(range(2014, 2024)))]
    assert {one["held"] for one in counts} == {0}


def test_parquet_and_csv_give_the_same_rows(tmp_path):
    for form in ("csv", "parquet"):
        nation.write(tmp_path / form, SMALL, [2023], form=form)
        taken(tmp_path / f"home-{form}", tmp_path / form, years=(2023,))
    for name, model in dictionary.input_tables().items():
        fields = ", ".join(column.name for column in dictionary.columns(model))
        rows = []
        for form in ("csv", "parquet"):
            with store.connect(tmp_path / f"home-{form}", read_only=True) as con:
                rows.append(con.execute(f"select {fields} from inputs.{name} order by all").fetchall())
        assert rows[0] == rows[1], name


def test_lots_find_and_hold_what_one_lot_finds_and_holds(tmp_path):
    nation.write(tmp_path / "in", SMALL, [2022, 2023], defects=0.5)
    for name, lot_bytes in (("whole", share_out.LOT_BYTES), ("lots", 1)):
        taken(tmp_path / name, tmp_path / "in", lot_bytes=lot_bytes)
    whole, lots = contents(tmp_path / "whole"), contents(tmp_path / "lots")
    assert len(whole["finding"]) > 30
    assert {state[3] for state in whole["county_year"]} == {True, False}
    for name in whole:
        assert lots[name] == whole[name], name


def test_what_shares_a_county_a_folder_or_a_misplaced_school_stays_in_one_lot(tmp_path):
    nation.write(tmp_path / "in", SMALL, [2023])
    folder = tmp_path / "in" / "2023"
    empty = duckdb.execute("select '' as school_code, '' as county_code where false").pl()
    files = [share_out.Landed(path.stem + path.parent.name, path, path.relative_to(folder).as_posix(), path.parent.name)
             for path in sorted(folder.rglob("*.csv"))]  # fmt: skip
    parted = share_out.lots(files, empty, 1)
    assert [{file.folder for file in lot} for lot in parted] == [{"41"}, {"42"}, {"43"}]
    moved = duckdb.execute(
        f"select min(school_code) as school_code, (select min(county_code) from read_csv('{folder}/43/school.csv',"
        f" all_varchar = true)) as county_code from read_csv('{folder}/41/school.csv', all_varchar = true)"
    ).pl()
    assert [{file.folder for file in lot} for lot in share_out.lots(files, moved, 1)] == [{"41", "43"}, {"42"}]
    school = (folder / "42" / "school.csv").read_text("utf-8").splitlines()[1].split(",")[2]
    lost = (folder / "43" / "premises.csv").read_text("utf-8").splitlines()
    cells = lost[1].split(",")
    lost[1] = ",".join([cells[0], "??", school, *cells[3:]])
    (folder / "43" / "premises.csv").write_text("\n".join(lost), "utf-8")
    assert [{file.folder for file in lot} for lot in share_out.lots(files, empty, 1)] == [{"41"}, {"42", "43"}]


def test_facts_are_the_same_plainly_and_by_all_ways_at_once(tmp_path):
    found = determinism.matrix(SMALL, tmp_path, ways=(determinism.WAYS[0], determinism.WAYS[-1]))
    assert len(found) == 2
    assert len(set(found.values())) == 1, found


@pytest.mark.slow
def test_facts_are_the_same_by_every_way(tmp_path):
    found = determinism.matrix(SMALL, tmp_path)
    assert len(found) == len(determinism.WAYS)
    assert len(set(found.values())) == 1, found
