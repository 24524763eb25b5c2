"""From candidate to release: immutable folders, one pointer move, the same bytes for the same content."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from contracts import dictionary
from warehouse import cite, package, store

ROW_GROUP_ROWS = 131_072
TABLES_AT_ONCE = 2
"""Tables written at once: while one is sorted, another is compressed."""
EVENTS = "release-events.jsonl"


@dataclass(frozen=True)
class Release:
    """A published release: its id, folder, content hash, rows per table, and whether this run made it."""

    id: str
    folder: Path
    content_hash: str
    rows: dict[str, int]
    is_new: bool


class Damaged(OSError):
    """A release whose files are not those of its manifest any more."""


class Withdrawn(LookupError):
    """The content is that of a release which somebody rolled back; it is not shown again without a word."""

    def __init__(self, release_id: str, event: dict[str, Any]) -> None:
        """Say which release, who rolled it back, when and why."""
        why = f"，理由：{event['reason']}" if event.get("reason") else ""
        super().__init__(
            f"结果与 {release_id} 相同，而它已由 {event.get('by')} 于 {event['at']} 回退{why}。请先更正数据；"
            "确要再次发布，用 --confirm 理由 --by 姓名 再运行"
            f" / the content is that of {release_id}, which was rolled back: correct the inputs, or run again with"
            " --confirm REASON --by NAME"
        )


def open_candidate(home: Path, *, threads: int | None = None, memory: str | None = None) -> duckdb.DuckDBPyConnection:
    """Return a connection to a fresh candidate database that sees the store's inputs under their plain names.

    `county_year` holds the loaded county-years; nothing of the store can be changed through it.
    """
    path = candidate_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    for leftover in (path, path.with_suffix(".duckdb.wal")):
        leftover.unlink(missing_ok=True)
    shutil.rmtree(extra_folder(home), ignore_errors=True)
    return connect_candidate(home, threads=threads, memory=memory)


def candidate_path(home: Path) -> Path:
    """Return where the candidate is built."""
    return home / "candidate.duckdb"


def extra_folder(home: Path) -> Path:
    """Return the folder of files that go into the release beside its tables, outside the content hash."""
    return home / "candidate_extra"


def connect_candidate(
    home: Path, *, threads: int | None = None, memory: str | None = None
) -> duckdb.DuckDBPyConnection:
    """Return a connection to the candidate as it is, with the store's inputs beside it."""
    options = {
        "threads": threads,
        "memory_limit": memory or store.memory(),
        "temp_directory": str(home / "spill"),
        "preserve_insertion_order": False,
    }
    con = duckdb.connect(
        str(candidate_path(home)), config={key: value for key, value in options.items() if value is not None}
    )
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


def publish(
    home: Path,
    facts: dict[str, Any],
    confirmation: Mapping[str, str] | None = None,
    copies: Collection[str] | None = None,
) -> Release:
    """Write the candidate as a release and move the pointer; content that a whole release has already makes no new one.

    `facts`: what the manifest says of inputs, standards, run and code; outside the content hash. `confirmation`: reason
    and name (by) of who answers for it that content which was rolled back is shown again. `copies`: what the release
    holds beside its Parquet tables (package.COPIES), by default what the current one holds, all before the first; the
    content and its hash are the same without them.
    Raises Withdrawn for such content without that, OSError when the disk refuses; `latest` then still shows the
    release before.
    """
    for left_by_a_crash in (home / "releases").glob(".tmp-*"):
        shutil.rmtree(left_by_a_crash, ignore_errors=True)
    temporary = home / "releases" / f".tmp-{os.getpid()}"
    (temporary / "tables").mkdir(parents=True)
    try:
        with connect_candidate(home) as con:
            tables = write_tables(con, temporary / "tables")
        content_hash = hash_of(tables)
        wanted = _held_by_latest(home) if copies is None else copies
        release_id = _whole_release_of(home, content_hash, wanted)
        if release_id is None:
            release_id = f"r{_next_number(home):04d}-{content_hash[:8]}"
            named = {"release_id": release_id, "content_hash": content_hash, "tables": tables}
            _complete(home, temporary, named, facts, wanted)
            _settle(temporary, home / "releases" / release_id)
        elif not confirmation and (event := withdrawn(home).get(release_id)):
            raise Withdrawn(release_id, event)
        is_new = _show(home, release_id, content_hash, confirmation or {})
        rows = {name: int(table["rows"]) for name, table in tables.items()}
        return Release(release_id, home / "releases" / release_id, content_hash, rows, is_new)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _held_by_latest(home: Path) -> list[str]:
    """Return what the current release holds beside its Parquet tables; everything before the first."""
    current = latest(home)
    is_there = current and (home / current["path"] / "manifest.json").exists()  # not where a run is rehearsed
    return _copies_in(home / current["path"]) if current and is_there else list(package.COPIES)


def _copies_in(folder: Path) -> list[str]:
    return manifest_in(folder).get("formats", {}).get("copies", list(package.COPIES))


def _whole_release_of(home: Path, content_hash: str, copies: Collection[str]) -> str | None:
    """Return the release with this content, and these copies of it, whose files are all there.

    The current one comes before the newest.
    """
    current = (latest(home) or {}).get("release_id")
    named = [name for name in ids(home) if name.endswith(f"-{content_hash[:8]}")]
    for name in sorted(named, key=lambda one: one != current):
        folder = home / "releases" / name
        if damages(folder) or manifest_in(folder)["content_hash"] != content_hash:
            continue
        if set(copies) <= set(_copies_in(folder)):
            return name
    return None


def _complete(
    home: Path, temporary: Path, named: dict[str, Any], facts: dict[str, Any], copies: Collection[str]
) -> None:
    """Write everything of a release beside its tables; the manifest comes last."""
    rows = {name: int(table["rows"]) for name, table in named["tables"].items()}
    formats = package.write(temporary, rows, named["content_hash"], copies)
    cite.write(home, temporary)
    for path in sorted(extra_folder(home).glob("*")):
        shutil.copyfile(path, temporary / path.name)
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    said = {**named, "created_at": now, "files": files_of(temporary), "formats": formats, **facts}
    write_json(temporary / "manifest.json", said)


def _show(home: Path, release_id: str, content_hash: str, confirmation: Mapping[str, str]) -> bool:
    """Let latest show a release; return whether it showed another one. The log is written before the pointer moves."""
    is_new = (latest(home) or {}).get("release_id") != release_id
    if is_new:
        record(home, "published", release_id, **confirmation)
    if is_new or not _is_shown(home, release_id):
        point(home, release_id, content_hash)
    return is_new


def _is_shown(home: Path, release_id: str) -> bool:
    """Return whether the folder latest/ is this release, whole."""
    shown = home / "latest"
    if shown.is_symlink():
        return shown.readlink() == Path("releases") / release_id
    return not damages(shown) and manifest_in(shown)["release_id"] == release_id


def write_tables(con: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, dict[str, Any]]:
    """Write every published table of a candidate as Parquet, some at once; return rows and sha256 of each."""

    def write(name: str) -> dict[str, Any]:
        with con.cursor() as own:
            return _export(own, name, folder)

    names = list(dictionary.output_tables())
    with ThreadPoolExecutor(TABLES_AT_ONCE) as writers:
        return dict(zip(names, writers.map(write, names), strict=True))


def hash_of(tables: dict[str, dict[str, Any]]) -> str:
    """Return the content hash of a release from rows and sha256 of each of its tables."""
    return hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()


def files_of(folder: Path) -> dict[str, dict[str, Any]]:
    """Return path → bytes and sha256 of every file of a release but its manifest."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != "manifest.json":
            found[name] = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
    return found


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file, whatever its size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damages(folder: Path) -> list[str]:
    """Return what is wrong with the files of a release, a line each: missing, another one, or nobody's."""
    if not (folder / "manifest.json").exists():
        return ["缺 / missing: manifest.json"]
    try:
        said = manifest_in(folder)
    except Damaged as damaged:
        return [str(damaged)]
    tables = {f"tables/{name}.parquet": table["sha256"] for name, table in said["tables"].items()}
    expected = tables | {name: file["sha256"] for name, file in said.get("files", {}).items()}
    found = {name: file["sha256"] for name, file in files_of(folder).items()}
    if "files" not in said:  # a release from before the manifest named every file
        found = {name: sha256 for name, sha256 in found.items() if name in expected}
    lines = [f"缺 / missing: {name}" for name in expected if name not in found]
    lines += [f"被改动 / changed: {name}" for name in expected if name in found and found[name] != expected[name]]
    lines += [f"多出 / unknown: {name}" for name in found if name not in expected]
    if hash_of(said["tables"]) != said["content_hash"]:
        lines.append("被改动 / changed: manifest.json")
    return lines


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
    return {"rows": rows, "sha256": sha256_of(path)}


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


def _settle(temporary: Path, folder: Path) -> None:
    """Make what was written durable, each folder after what is in it, then give it its name in one move."""
    for path in (*sorted(temporary.rglob("*"), reverse=True), temporary):
        _sync(path)
    os.replace(temporary, folder)
    _sync(folder.parent)


def _sync(path: Path) -> None:
    """Wait until the disk has a file, or a folder's list of names."""
    if path.is_dir() and os.name == "nt":  # Windows cannot open folders; a rename there is durable by itself
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def point(home: Path, release_id: str, content_hash: str) -> None:
    """Move latest.json and latest/ to a release, each in one step."""
    for left_by_a_crash in home.glob(".latest-*"):
        _discard(left_by_a_crash)
    link = home / f".latest-{os.getpid()}"
    try:
        link.symlink_to(Path("releases") / release_id, target_is_directory=True)
        os.replace(link, home / "latest")
    except OSError:  # no right to make links (Windows): a copy beside, then two renames
        _copy_latest(home, release_id)
    pointer = {"release_id": release_id, "content_hash": content_hash, "path": f"releases/{release_id}"}
    write_json(home / "latest.json", pointer)


def _copy_latest(home: Path, release_id: str) -> None:
    copy, old = home / f".latest-{os.getpid()}-copy", home / f".latest-{os.getpid()}-old"
    shutil.copytree(home / "releases" / release_id, copy)
    if (home / "latest").exists():
        os.replace(home / "latest", old)
    os.replace(copy, home / "latest")
    shutil.rmtree(old, ignore_errors=True)


def _discard(path: Path) -> None:
    """Remove a link, a file or a folder, whatever it is."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def open_release(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection that knows the tables of a release: its database, or its Parquet files.

    Raises FileNotFoundError when the folder is no release.
    """
    if (folder / "junheng.duckdb").exists():
        return duckdb.connect(str(folder / "junheng.duckdb"), read_only=True)
    if not (folder / "tables").is_dir():
        raise FileNotFoundError(f"不是发布版文件夹：{folder} / not the folder of a release")
    con = duckdb.connect()
    for path in sorted((folder / "tables").glob("*.parquet")):
        con.execute(f"create view {path.stem} as select * from read_parquet('{_quoted(path)}')")
    return con


def latest(home: Path) -> dict[str, str] | None:
    """Return what latest.json says (release_id, content_hash, path), or None before the first release."""
    path = home / "latest.json"
    return _read_json(path) if path.exists() else None


def manifest_in(folder: Path) -> dict[str, Any]:
    """Return what the release in a folder says of itself.

    Raises Damaged when its manifest is no JSON any more.
    """
    return _read_json(folder / "manifest.json")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise Damaged(f"被改动 / changed: {path.name}") from problem


def ids(home: Path) -> list[str]:
    """Return the ids of the releases, newest first."""
    folder = home / "releases"
    found = [path.name for path in folder.iterdir() if (path / "manifest.json").exists()] if folder.is_dir() else []
    return sorted((name for name in found if _number_of(name)), key=lambda name: (_number_of(name), name), reverse=True)


def _number_of(release_id: str) -> int:
    """Return the number in a release's id, 0 for what is none."""
    found = re.match(r"r(\d+)-", release_id)
    return int(found[1]) if found else 0


def _next_number(home: Path) -> int:
    """Return a number that no release has or had: what was removed still stands in the log."""
    there = [path.name for path in (home / "releases").iterdir()]
    return max((_number_of(name) for name in [*there, *(one["release_id"] for one in events(home))]), default=0) + 1


def record(home: Path, event: str, release_id: str, **more: str) -> None:
    """Add a line to the log of what was done to releases: when, what, which, by whom and why."""
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    line = json.dumps({"at": now, "event": event, "release_id": release_id, **more}, ensure_ascii=False)
    with (home / EVENTS).open("a+b") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 1, 0))
        is_torn = file.read(1) not in {b"", b"\n"}  # what a full disk or a power cut left of a line
        file.write((b"\n" if is_torn else b"") + line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def events(home: Path) -> list[dict[str, Any]]:
    """Return what was done to releases, oldest first; a torn line was never done."""
    path = home / EVENTS
    found = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []:
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def withdrawn(home: Path) -> dict[str, dict[str, Any]]:
    """Return the releases that were rolled back and not shown since, each with the event that did it."""
    found: dict[str, dict[str, Any]] = {}
    for event in events(home):
        if event["event"] == "rollback" and event.get("from"):
            found[event["from"]] = event
        if event["event"] in {"rollback", "published"}:
            found.pop(event["release_id"], None)
    return found


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write JSON in one step: a reader sees the old file or the new one.

    Raises OSError when the disk refuses.
    """
    partial = path.with_name(path.name + ".part")
    with partial.open("w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    _sync(path.parent)
