"""The models on Spark Connect, by its quick stand-in Sail: every model as it stands, the same types, the same release."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from flows import sequence, steps
from tests.conftest import directly, order_for
from transforms import expect_process, model, model_spark
from transforms.synthesize import demo_county
from warehouse import release, store


@pytest.fixture(scope="module")
def sail() -> Iterator[str]:
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer()
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


def test_what_spark_makes_of_the_demo_county_is_the_release_that_duckdb_made(demo_copy, sail):
    before = release.latest(demo_copy)
    order = order_for(
        demo_copy,
        demo_copy / "inbox",
        *demo_county.YEARS,
        standard_ids=(),
        spark=(sail, str(demo_copy / "共享 shared")),
    )
    candidate = duckdb.connect(str(release.candidate_path(demo_copy)), read_only=True)
    types = {name: candidate.execute(f"describe {name}").fetchall() for name in model.models()}
    candidate.close()
    with expect_process.child() as asked:
        published, admission = sequence.release_all(order, directly, asked)
    assert admission.breaches == []
    assert (published.content_hash, published.is_new) == (before["content_hash"], False)
    with release.connect_candidate(demo_copy) as con:
        assert {name: con.execute(f"describe {name}").fetchall() for name in model.models()} == types
    assert list((demo_copy / "共享 shared").iterdir()) == []


def test_a_county_left_out_of_the_inputs_gives_empty_tables_on_spark_too(tmp_path, sail):
    home = tmp_path / "home"
    store.connect(home).close()
    with release.open_candidate(home) as con:
        model_spark.build(con, [], model_spark.Cluster(sail, tmp_path / "shared"))
        rows = {name: con.execute(f"select count(*) from {name}").fetchone()[0] for name in model.models()}
    assert set(rows.values()) == {0}


def test_another_type_than_duckdbs_is_refused(tmp_path):
    (tmp_path / "core_unit").mkdir()
    pl.DataFrame({"pupils": [1.0]}).write_parquet(tmp_path / "core_unit" / "part-0.parquet")
    with pytest.raises(model_spark.SparkFailed, match=r"core_unit.*DOUBLE"):
        model_spark._take_back(duckdb.connect(), "core_unit", tmp_path / "core_unit", {"pupils": "BIGINT"})


def test_a_model_that_spark_refuses_is_named(tmp_path, sail, monkeypatch):
    monkeypatch.setattr(model, "models", lambda: {"core_wrong": "select no_such_column from county_year"})
    home = tmp_path / "home"
    store.connect(home).close()
    with release.open_candidate(home) as con, pytest.raises(duckdb.BinderException):
        model_spark.build(con, [], model_spark.Cluster(sail, tmp_path / "shared"))
    monkeypatch.setattr(model, "models", lambda: {"core_wrong": "select list_sum([stat_year]) as a from county_year"})
    with release.open_candidate(home) as con, pytest.raises(model_spark.SparkFailed, match="core_wrong"):
        model_spark.build(con, [], model_spark.Cluster(sail, tmp_path / "shared"))
    assert list((tmp_path / "shared").iterdir()) == []


class HalfShared:
    """A Spark of which one worker writes to a disk of its own: half of what is written is never seen here."""

    def range(self, first: int, last: int, step: int, _tasks: int) -> "HalfShared":
        self.rows = range(first, last // 2, step)
        self.write = self
        return self

    def parquet(self, place: str) -> None:
        folder = model_spark.Path(place.removeprefix("file://"))
        folder.mkdir()
        pl.DataFrame({"id": list(self.rows)}).write_parquet(folder / "part-0.parquet")


def test_a_folder_that_not_every_worker_shares_is_found_before_anything_is_lost(tmp_path):
    with pytest.raises(model_spark.SparkFailed, match="512 / 1024"):
        model_spark._probe(duckdb.connect(), HalfShared(), tmp_path / "probe")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--engine", "spark"], "--spark-master"),
        (["--engine", "spark", "--spark-remote", "sc://a", "--spark-master", "spark://a"], "give one of"),
        (["--engine", "spark", "--spark-remote", "spark://a"], "sc://host:port"),
        (["--spark-remote", "sc://a"], "--engine spark"),
        (["--engine", "flink"], "duckdb"),
    ],
)
def test_options_that_do_not_go_together_are_named(options, said, tmp_path):
    from typer.testing import CliRunner

    from flows.cli import app

    result = CliRunner().invoke(app, ["run", "--year", "2023", "--home", str(tmp_path), *options])
    assert result.exit_code == 2
    assert said in re.sub(r"[│\s]+", " ", result.output)


def test_a_spark_that_does_not_answer_is_named_before_anything_is_read(tmp_path):
    order = order_for(tmp_path, tmp_path / "inbox", spark=("sc://127.0.0.1:1", str(tmp_path)))
    with pytest.raises(model_spark.SparkFailed, match=r"sc://127\.0\.0\.1:1"):
        steps.look_ahead(order)


def test_importing_the_contracts_neither_imports_spark_nor_ties_it_to_loopback():
    code = "import os, sys, transforms.gate; print('pyspark' in sys.modules, os.environ.get('SPARK_LOCAL_IP'))"
    clean = {name: value for name, value in os.environ.items() if name != "SPARK_LOCAL_IP"}
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=clean, check=True)
    assert said.stdout.split() == ["False", "None"]
