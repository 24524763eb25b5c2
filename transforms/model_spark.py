"""The same models on Spark: inputs out as Parquet, sql/core, facts and marts as they are, results back as Parquet.

Standards, checks, gate and release stay where they are: the candidate database ends up with the tables that
`transforms.model` would have made in it, row for row and type for type.
"""

from __future__ import annotations

import secrets
import shutil
import socket
import warnings
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from contracts import standard
from contracts.lean import everything
from transforms import model

SETTINGS = {
    "spark.sql.ansi.enabled": "true",  # what overflows or cannot be cast stops, and is never null
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.caseSensitive": "false",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",  # a product keeps its scale or stops
    "spark.sql.storeAssignmentPolicy": "ANSI",
}
"""What is set for the session, whatever the cluster has by default."""
TYPES = {"INTEGER": "int", "BIGINT": "bigint", "DOUBLE": "double", "BOOLEAN": "boolean", "VARCHAR": "string"}
"""Type of DuckDB → type of Spark; a decimal is called the same in both."""
OF_SOURCES = {"source_sha256", "source_sheet", "source_row"}
"""Where a row of an input was read: no model asks."""
PORTS = {"sc": 15002, "spark": 7077}
SECONDS_TO_ANSWER = 10
PARTS = "*.parquet"
SHOWN_LETTERS = 1800
PROBE_ROWS, PROBE_TASKS = 1024, 32
UNSHARED = "共享文件夹并非各计算节点共用 / the folder is not one that this machine and every worker share: "


@dataclass(frozen=True)
class Cluster:
    """Where Spark is: sc://… (Spark Connect), spark://… or local[…] (a master); and a folder all its workers see."""

    address: str
    shared: Path

    @property
    def is_remote(self) -> bool:
        """Whether it is spoken to by Spark Connect, without a JVM of our own."""
        return self.address.startswith("sc://")


class SparkFailed(OSError):
    """Spark is not there, does not answer, refuses a model, or gives other types than DuckDB."""


def reach(cluster: Cluster) -> None:
    """Look whether Spark can be used at all, before anything is started.

    Raises SparkFailed when the package is missing or nobody answers at the address within seconds.
    """
    _library()
    places = [urlsplit(one if "://" in one else f"//{one}") for one in cluster.address.split(",")]
    port = PORTS.get(places[0].scheme)
    if port is None:
        return  # local[2]: there is nobody to ask
    refused: OSError | None = None
    for place in places:
        try:
            socket.create_connection((place.hostname or "", place.port or port), SECONDS_TO_ANSWER).close()
        except OSError as error:
            refused = error
        else:
            return
    raise SparkFailed(f"Spark 没有应答：{cluster.address} / nobody answers there: {refused}")


def build(
    con: duckdb.DuckDBPyConnection,
    standards: Iterable[standard.Standard],
    cluster: Cluster,
    note: Callable[[str], None] | None = None,
) -> None:
    """Make every model on Spark and as a table of the connection's database; `note` is called with each name.

    The connection must know the input tables and county_year, as for `model.build`. What goes between the two lies in
    a folder of its own below the shared one and is removed at the end. Raises SparkFailed when Spark does.
    """
    model.add_given(con, standards)
    with _folder(cluster.shared) as folder, _session(cluster) as spark:
        _probe(con, spark, folder / "probe")
        for name in _given(con):
            path = folder / f"{name}.parquet"
            columns = _columns(con, f"select * from {name}")
            con.execute(f"copy (select {', '.join(columns)} from {name}) to '{_quoted(path)}' (format parquet)")
            _offer(spark, name, path, columns)
        for name, text in model.models().items():
            path = folder / name
            columns = _columns(con, text)
            with _said(name):
                spark.sql(text).write.parquet(f"file://{path}")
                if not list(path.glob(PARTS)) and spark.sql(text).limit(1).count():
                    raise SparkFailed(f"{name}: {UNSHARED}{path}")
            _take_back(con, name, path, columns)
            with _said(name):
                _offer(spark, name, path, columns)
            if note:
                note(name)
    model.add_dictionary(con)


def _library() -> Any:
    """Return pyspark.sql. Raises SparkFailed when it is not installed."""
    try:
        with warnings.catch_warnings(), everything():
            warnings.simplefilter("ignore", FutureWarning)  # of its own pandas layer, which nothing here uses
            import pyspark.sql
    except ImportError as missing:
        raise SparkFailed(f"没有安装 Spark：pip install 'junheng[spark]' / Spark is not installed: {missing}") from None
    return pyspark.sql


@contextmanager
def _folder(shared: Path) -> Generator[Path]:
    """Yield a new folder below the shared one; it is gone afterwards."""
    folder = shared.resolve() / f"junheng-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _session(cluster: Cluster) -> Generator[Any]:
    """Yield a session of its own with every setting that bears on results."""
    builder = _library().SparkSession.builder.appName("junheng")
    with warnings.catch_warnings(), everything(), _said("—"):
        warnings.simplefilter("ignore", FutureWarning)
        if cluster.is_remote:
            spark = builder.remote(cluster.address).create()
        else:
            spark = builder.master(cluster.address).config("spark.ui.showConsoleProgress", "false").getOrCreate()
    try:
        with _said("—"):
            for name, value in SETTINGS.items():
                spark.conf.set(name, value)
        yield spark
    finally:
        spark.stop()


@contextmanager
def _said(name: str) -> Generator[None]:
    """Turn what Spark says of a model into one sentence."""
    from pyspark.errors import PySparkException

    try:
        yield
    except SparkFailed:
        raise
    except Exception as problem:
        is_of_java = type(problem).__module__.startswith("py4j.")
        if not is_of_java and not isinstance(problem, PySparkException | OSError):
            raise
        raise SparkFailed(f"Spark 上的计算失败：{name} / failed on Spark: {str(problem)[:SHOWN_LETTERS]}") from problem


def _probe(con: duckdb.DuckDBPyConnection, spark: Any, path: Path) -> None:
    """Have many tasks write to the shared folder and count what is seen here.

    Raises SparkFailed where a worker writes to a disk of its own: its rows would be missing without a word.
    """
    with _said("probe"):
        spark.range(0, PROBE_ROWS, 1, PROBE_TASKS).write.parquet(f"file://{path}")
    seen = 0
    if list(path.glob(PARTS)):
        row = con.execute(f"select count(*) from read_parquet('{_quoted(path)}/{PARTS}')").fetchone()
        seen = row[0] if row else 0
    if seen != PROBE_ROWS:
        raise SparkFailed(f"{UNSHARED}{path}: {seen} / {PROBE_ROWS}")


def _given(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the tables that the models read and none of them makes: inputs, standards, codes."""
    read = set().union(*(model.reads(text) for text in model.models().values()))
    there = con.execute("select table_name from duckdb_tables() union select view_name from duckdb_views()").fetchall()
    return sorted(read & {name for (name,) in there} - set(model.models()))


def _columns(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, str]:
    """Return the columns a query gives, name → type of DuckDB, without running it; where it was read stays here."""
    return {row[0]: row[1] for row in con.execute(f"describe {query}").fetchall() if row[0] not in OF_SOURCES}


def _offer(spark: Any, name: str, path: Path, columns: dict[str, str]) -> None:
    """Let Spark know Parquet under a table's name, with the types it has in DuckDB."""
    fields = ", ".join(f"{column} {TYPES.get(kind, kind.lower())}" for column, kind in columns.items())
    spark.read.schema(fields).parquet(f"file://{path}").createOrReplaceTempView(name)


def _take_back(con: duckdb.DuckDBPyConnection, name: str, path: Path, columns: dict[str, str]) -> None:
    """Create a table from what Spark wrote. Raises SparkFailed when a column has not the type DuckDB would give it."""
    if not list(path.glob(PARTS)):  # Sail writes no file where there is no row
        con.execute(f"create table {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
        path.mkdir(exist_ok=True)
        con.execute(f"copy {name} to '{_quoted(path)}/empty.parquet' (format parquet)")
        return
    files = f"read_parquet('{_quoted(path)}/{PARTS}')"
    found = _columns(con, f"select * from {files}")
    if found != columns:
        differing = sorted(set(found.items()) ^ set(columns.items()))
        raise SparkFailed(f"{name}: 类型与 DuckDB 不同 / types differ from DuckDB's: {differing}")
    con.execute(f"create table {name} as select * from {files}")


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
