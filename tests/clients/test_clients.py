"""The published files, opened by what people have: every client reads the same rows and the same totals."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from contracts import dictionary
from tests.clients import clients
from warehouse import release

OLD_DUCKDB = "1.1.3"


@pytest.fixture(scope="module")
def folder(demo_home) -> Path:
    return (demo_home / "latest").resolve()


@pytest.fixture(scope="module")
def read(folder) -> dict:
    return clients.clients(folder)


def test_every_client_reads_the_same_rows_and_totals(read, folder):
    (_, expected), *others = read.items()
    assert len(others) == 6
    assert {name: one["rows"] for name, one in expected.items()} == {
        name: table["rows"] for name, table in release.manifest_in(folder)["tables"].items()
    }
    assert {client[0]: wrong for client, totals in others if (wrong := clients.unequal(expected, totals))} == {}


def test_totals_that_differ_are_seen(read):
    first, *_ = read.values()
    other = {name: dict(one) for name, one in first.items()}
    other["fact_school_summary"]["pupils"] += 1
    other["fact_county_cv"]["cv"] = None
    assert [line.split(":")[0] for line in clients.unequal(first, other)] == [
        "fact_school_summary.pupils",
        "fact_county_cv.cv",
    ]


def test_what_a_bi_tool_reflects_has_a_type_it_knows(folder):
    import sqlalchemy

    engine = sqlalchemy.create_engine(f"duckdb:///{folder / 'junheng.duckdb'}", connect_args={"read_only": True})
    looked = sqlalchemy.inspect(engine)
    assert set(looked.get_table_names()) == set(dictionary.output_tables())
    for name in dictionary.output_tables():
        for column in looked.get_columns(name):
            assert not isinstance(column["type"], sqlalchemy.types.NullType), (name, column["name"])
    engine.dispose()


def test_a_reader_that_stays_open_does_not_stop_the_next_publication(demo_copy):
    path = demo_copy / "latest" / "junheng.duckdb"
    with duckdb.connect(str(path.resolve()), read_only=True) as reader:
        before = reader.execute("select count(*) from rpt_scorecard").fetchone()
        with duckdb.connect(str(demo_copy / "candidate.duckdb")) as con:
            con.execute("delete from rpt_scorecard where stat_year = 2019")
        assert release.publish(demo_copy, {}).is_new
        assert reader.execute("select count(*) from rpt_scorecard").fetchone() == before
    with duckdb.connect(str(path.resolve()), read_only=True) as anew:
        assert anew.execute("select count(*) from rpt_scorecard").fetchone() < before


@pytest.fixture(scope="module")
def older(tmp_path_factory) -> Path:
    """The Python of an environment of its own with an older DuckDB, which pip fetches."""
    place = tmp_path_factory.mktemp("older")
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = place / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"duckdb=={OLD_DUCKDB}"]
    said = subprocess.run(install, capture_output=True, text=True, check=False, timeout=300)
    assert said.returncode == 0, said.stderr
    return python


@pytest.mark.slow
@pytest.mark.parametrize("from_parquet", [False, True])
def test_an_older_duckdb_reads_the_same(older, read, folder, from_parquet):
    version, totals = clients.by_another_duckdb(older, folder, from_parquet=from_parquet)
    assert version == OLD_DUCKDB
    assert clients.unequal(next(iter(read.values())), totals) == []


@pytest.mark.slow
def test_an_older_duckdb_opens_the_views_with_chinese_names(older, folder):
    code = (
        "import sys, duckdb; con = duckdb.connect(sys.argv[1], read_only=True);"
        "print([con.execute(f'select count(*) from \"{name}\"').fetchone()[0] for (name,) in"
        " con.execute('select view_name from duckdb_views() where not internal').fetchall()])"
    )
    said = subprocess.run([older, "-c", code, folder / "junheng.duckdb"], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr
    assert len(said.stdout.split(",")) == len(dictionary.output_tables())
