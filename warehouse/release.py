"""From candidate to release: immutable folders, one pointer move, the same bytes for the same content."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from contracts import dictionary

ROW_GROUP_ROWS = 131_072
STORAGE_VERSION = "v1.0.0"
"""The .duckdb of a release opens in every DuckDB since 1.0."""


@dataclass(frozen=True)
class Release:
    """A published release: its id, folder, content hash, rows per table, and whether this run made it."""

    id: str
    folder: Path
    content_hash: str
    rows: dict[str, int]
    is_new: bool


def open_candidate(home: Path, *, threads: int | None = None, memory: str | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection to a fresh candidate database that sees the store's inputs under their plain names.

    `county_year` holds the loaded county-years; nothing of the store can be changed through it.
    """
    path = candidate_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (path, path.with_suffix(".duckdb.wal")):
        leftover.unlink(missing_ok=True)
    return connect_candidate(home, threads=threads, memory=memory)


def candidate_path(home: Path) -> Path:
    """Return where the candidate is built."""
    return home / "candidate.duckdb"


def connect_candidate(
    home: Path, *, threads: int | None = None, memory: str | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection to the candidate as it is, with the store's inputs beside it."""
    options = {"threads": threads, "memory_limit": memory, "temp_directory": str(home / "spill")}
    con = duckdb.connect(str(candidate_path(home)), config={key: value for key, value in options.items() if value})
    con.execute(f"attach '{_quoted(home / 'junheng.duckdb')}' as store (read_only)")
    for name in dictionary.input_tables():
        con.execute(f"create temp view {name} as select * from store.inputs.{name}")
    con.execute(
        "create temp view county_year as select county_code, stat_year, is_provisional, is_stale"
        " from store.county_year where is_loaded"
    )
    return con


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def publish(home: Path, facts: dict[str, Any]) -> Release:
    """Write the candidate as a release and move the pointer; identical content makes no new release.

    `facts`: what the manifest says of inputs, standards, run and code; outside the content hash.
    Raises OSError when the disk refuses; `latest` then still shows the release before.
    """
    for left_by_a_crash in (home / "releases").glob(".tmp-*"):
        shutil.rmtree(left_by_a_crash, ignore_errors=True)
    temporary = home / "releases" / f".tmp-{os.getpid()}"
    (temporary / "tables").mkdir(parents=True)
    try:
        with connect_candidate(home) as con:
            tables = {name: _export(con, name, temporary / "tables") for name in dictionary.output_tables()}
            content_hash = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()
            rows = {name: int(table["rows"]) for name, table in tables.items()}
            current = latest(home)
            if current and current["content_hash"] == content_hash:
                folder = home / "releases" / current["release_id"]
                return Release(current["release_id"], folder, content_hash, rows, is_new=False)
            _write_database(con, temporary / "junheng.duckdb")
        release_id = f"r{_next_number(home):04d}-{content_hash[:8]}"
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        manifest = {
            "release_id": release_id,
            "content_hash": content_hash,
            "created_at": now,
            "tables": tables,
            **facts,
        }
        _write_json(temporary / "manifest.json", manifest)
        folder = home / "releases" / release_id
        _settle(temporary, folder)
        point(home, release_id, content_hash)
        return Release(release_id, folder, content_hash, rows, is_new=True)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _export(con: duckdb.DuckDBPyConnection, name: str, folder: Path) -> dict[str, Any]:
    """Write one table in order of its key; return its rows and the sha256 of the file."""
    import pyarrow.parquet

    model = dictionary.output_tables()[name]
    schema = dictionary.arrow_schema(model, name)
    query = f"{dictionary.published_query(name)} order by {', '.join(dictionary.key(model))}"
    path = folder / f"{name}.parquet"
    rows = 0
    reader = con.execute(query).to_arrow_reader(ROW_GROUP_ROWS)
    with pyarrow.parquet.ParquetWriter(path, schema, compression="zstd", store_decimal_as_integer=True) as writer:
        for batch in _regrouped(reader, schema):
            writer.write_table(batch, row_group_size=ROW_GROUP_ROWS)
            rows += batch.num_rows
    return {"rows": rows, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def _regrouped(reader: Any, schema: Any) -> Any:
    """Yield tables of exactly ROW_GROUP_ROWS rows (the last one shorter): the bytes do not hang on batch sizes."""
    import pyarrow

    waiting: list[Any] = []
    count = 0
    for batch in reader:
        waiting.append(batch)
        count += batch.num_rows
        while count >= ROW_GROUP_ROWS:
            table = pyarrow.Table.from_batches(waiting)
            yield table.slice(0, ROW_GROUP_ROWS).combine_chunks().cast(schema)
            rest = table.slice(ROW_GROUP_ROWS)
            waiting, count = rest.to_batches(), rest.num_rows
    if waiting:
        yield pyarrow.Table.from_batches(waiting).combine_chunks().cast(schema)


def _write_database(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the tables with Chinese comments into a database that older clients can open."""
    con.execute(f"attach '{_quoted(path)}' as published (storage_version '{STORAGE_VERSION}')")
    for name, model in dictionary.output_tables().items():
        key = ", ".join(dictionary.key(model))
        con.execute(f"create table published.{name} as {dictionary.published_query(name)} order by {key}")
        con.execute(f"comment on table published.{name} is '{dictionary.title(model)}'")
        for column in dictionary.columns(model):
            said = f"{column.header}：{column.description}".replace("'", "''")
            con.execute(f"comment on column published.{name}.{column.name} is '{said}'")
    con.execute("detach published")


def _settle(temporary: Path, folder: Path) -> None:
    """Make what was written durable, then give it its name in one move."""
    for path in sorted(temporary.rglob("*")):
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    _sync_folder(temporary)
    os.replace(temporary, folder)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open folders; a rename there is durable by itself
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def point(home: Path, release_id: str, content_hash: str) -> None:
    """Move latest.json and latest/ to a release, each in one step."""
    link = home / f".latest-{os.getpid()}"
    try:
        link.unlink(missing_ok=True)
        link.symlink_to(Path("releases") / release_id, target_is_directory=True)
        os.replace(link, home / "latest")
    except OSError:  # no right to make links (Windows): a copy beside, then two renames
        _copy_latest(home, release_id)
    pointer = {"release_id": release_id, "content_hash": content_hash, "path": f"releases/{release_id}"}
    _write_json(home / "latest.json", pointer)


def _copy_latest(home: Path, release_id: str) -> None:
    copy, old = home / f".latest-{os.getpid()}-copy", home / f".latest-{os.getpid()}-old"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(home / "releases" / release_id, copy)
    if (home / "latest").exists():
        os.replace(home / "latest", old)
    os.replace(copy, home / "latest")
    shutil.rmtree(old, ignore_errors=True)


def latest(home: Path) -> dict[str, str] | None:
    """Return what latest.json says (release_id, content_hash, path), or None before the first release."""
    path = home / "latest.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _next_number(home: Path) -> int:
    numbers = [int(found[1]) for path in (home / "releases").iterdir() if (found := re.match(r"r(\d+)-", path.name))]
    return max(numbers, default=0) + 1


def _write_json(path: Path, content: dict[str, Any]) -> None:
    partial = path.with_name(path.name + ".part")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
