"""The working store: inputs with their cells, findings, ledger, county-year states, run log; one writer at a time."""

from __future__ import annotations

import contextlib
import datetime
import getpass
import json
import os
import socket
from collections.abc import Generator, Sequence
from pathlib import Path

import duckdb
import polars as pl

from contracts import dictionary

DATA_DIR = Path(__file__).parent / "data"
MEMORY = "800MB"
"""What a database takes of the memory unless JUNHENG_MEMORY says otherwise; the rest goes to the disk."""
SOURCE_COLUMNS = "source_sha256 varchar, source_sheet varchar, source_row integer"


class Busy(Exception):
    """Somebody else holds the warehouse; the message names who."""


def home(chosen: Path | None = None) -> Path:
    """Return the folder of the warehouse: the chosen one, else JUNHENG_HOME, else warehouse/data."""
    return Path(chosen or os.environ.get("JUNHENG_HOME") or DATA_DIR).resolve()


def memory() -> str:
    """Return what a database, the working store or a candidate, takes of the memory: JUNHENG_MEMORY, else MEMORY."""
    return os.environ.get("JUNHENG_MEMORY") or MEMORY


@contextlib.contextmanager
def lock(at: Path, purpose: str) -> Generator[None]:
    """Hold the warehouse for writing.

    Raises Busy, naming holder, purpose and start, when another process holds it. The lock dies with its process.
    """
    at.mkdir(parents=True, exist_ok=True)
    with (at / "junheng.lock").open("a+b") as file:
        file.seek(0)
        if not _try_lock(file.fileno()):
            holder = file.read().decode("utf-8", errors="replace").strip()
            raise Busy(f"数据仓库正被占用：{holder} / the warehouse is held by: {holder}")
        file.truncate(0)
        now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        who = {
            "user": getpass.getuser(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "for": purpose,
            "since": now,
        }
        file.write(json.dumps(who, ensure_ascii=False).encode())
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def _try_lock(descriptor: int) -> bool:
    """Return whether the operating system gave this process the file's lock."""
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        try:
            os.lseek(descriptor, 1 << 30, os.SEEK_SET)  # a byte far behind the text, which others may read
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # ty: ignore[missing-attribute]
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def connect(at: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Return a connection to the working store, made on first use.

    Raises FileNotFoundError when it is to be read and was never written.
    """
    path = at / "junheng.duckdb"
    if read_only:
        if not path.exists():
            raise FileNotFoundError(f"还没有数据：{path} / nothing has been loaded yet")
        return duckdb.connect(str(path), read_only=True, config={"memory_limit": memory()})
    at.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(str(path), config={"memory_limit": memory()})
    if not con.execute("select 1 from duckdb_schemas() where schema_name = 'inputs'").fetchone():
        _create(con)
    return con


def _create(con: duckdb.DuckDBPyConnection) -> None:
    """Create every table of the store in one transaction."""
    con.execute("begin")
    con.execute("create schema inputs")
    for name, model in dictionary.input_tables().items():
        fields = [f"{column.name} {dictionary.duckdb_type(model, column.name)}" for column in dictionary.columns(model)]
        con.execute(f"create table inputs.{name} ({', '.join(fields)}, {SOURCE_COLUMNS})")
        con.execute(f"comment on table inputs.{name} is '{dictionary.title(model)}'")
        for column in dictionary.columns(model):
            con.execute(f"comment on column inputs.{name}.{column.name} is '{column.header}'")
    con.execute(
        "create table county_year (county_code varchar, stat_year integer, is_loaded boolean, is_held boolean,"
        " is_provisional boolean, is_stale boolean, run_id varchar, primary key (county_code, stat_year))"
    )
    con.execute("create table file_county_year (source_sha256 varchar, county_code varchar, stat_year integer)")
    con.execute(
        "create table source_map (source_sha256 varchar, source_file varchar, source_sheet varchar, table_name varchar,"
        " column_name varchar, ref_sheet varchar, ref varchar, header varchar)"
    )
    con.execute(
        "create table source_value (county_code varchar, stat_year integer, table_name varchar, school_code varchar,"
        " row_key varchar, column_name varchar, source_code varchar, value varchar, source_sha256 varchar,"
        " source_file varchar, source_sheet varchar, cell varchar, is_used boolean)"
    )
    con.execute(
        "create table ledger (source_sha256 varchar, stat_year integer, source_file varchar, form_id varchar,"
        " fingerprint varchar, run_id varchar, landed_at timestamp, primary key (source_sha256, stat_year))"
    )
    con.execute(
        "create table finding (run_id varchar, severity varchar, rule varchar, table_name varchar, column_name varchar,"
        " source_sha256 varchar, source_file varchar, source_sheet varchar, source_row integer, cell varchar,"
        " stat_year integer, county_code varchar, school_code varchar, value varchar, allowed varchar,"
        " message_zh varchar, message_en varchar, advice_zh varchar, advice_en varchar)"
    )
    con.execute("create table attempt (county_code varchar, stat_year integer, run_id varchar)")
    con.execute(
        "create table acceptance (county_code varchar, stat_year integer, accepted_by varchar, reason varchar,"
        " accepted_at timestamp, run_id varchar)"
    )
    con.execute(
        "create table run_log (run_id varchar primary key, command varchar, started_at timestamp, ended_at timestamp,"
        " status varchar, release_id varchar, details varchar)"
    )
    con.execute("commit")


def replace_county_years(
    con: duckdb.DuckDBPyConnection,
    tables: dict[str, pl.DataFrame],
    states: pl.DataFrame,
    files: pl.DataFrame,
    refs: pl.DataFrame,
    found: pl.DataFrame,
    compared: pl.DataFrame,
    run_id: str,
) -> None:
    """Replace all rows of the accepted county-years, mark the held ones, keep findings: all or nothing.

    `states`: county_code, stat_year, is_held, is_provisional. A held county-year keeps its last accepted rows and
    is marked stale. `found`: worded findings. `compared`: what several sources say of one item, side by side. On any
    error the store stays as it was.
    """
    registered = {"new_states": states, "new_files": files, "new_refs": refs, "new_findings": found}
    registered["new_compared"] = compared
    for name, rows in registered.items():
        con.register(name, rows.to_arrow())
    con.execute("begin")
    try:
        for name in dictionary.input_tables():  # a table that is not sent any more is gone too
            con.execute(
                f"delete from inputs.{name} using new_states as s where not s.is_held"
                f" and {name}.county_code = s.county_code and {name}.stat_year = s.stat_year"
            )
        for name, rows in tables.items():
            con.register("new_rows", rows.to_arrow())
            fields = ", ".join(rows.columns)
            con.execute(f"insert into inputs.{name} ({fields}) select {fields} from new_rows")
            con.unregister("new_rows")
        _write_states(con, run_id)
        _write_attempts(con, run_id)
        _write_sources(con)
        fields = ", ".join(found.columns)
        con.execute(f"insert into finding (run_id, {fields}) select '{run_id}', {fields} from new_findings")
        con.execute("commit")
    except BaseException:
        con.execute("rollback")
        raise
    finally:
        for name in registered:
            con.unregister(name)


def _write_states(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    """Write the states; a held county-year that was loaded before stays loaded, provisional or not, and turns stale."""
    con.execute(
        """
        insert or replace into county_year
        select
            s.county_code, s.stat_year,
            not s.is_held or coalesce(o.is_loaded, false),
            s.is_held,
            case when s.is_held then coalesce(o.is_provisional, false) else s.is_provisional end,
            s.is_held and coalesce(o.is_loaded, false),
            ?
        from new_states as s
        left join county_year as o on s.county_code = o.county_code and s.stat_year = o.stat_year
        """,
        [run_id],
    )


def _write_attempts(con: duckdb.DuckDBPyConnection, run_id: str) -> None:
    con.execute("insert into attempt select county_code, stat_year, ? from new_states", [run_id])


def _write_sources(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "delete from file_county_year using new_states as s"
        " where file_county_year.county_code = s.county_code and file_county_year.stat_year = s.stat_year"
    )
    con.execute("insert into file_county_year select source_sha256, county_code, stat_year from new_files")
    con.execute(
        "delete from source_value using new_states as s"
        " where source_value.county_code = s.county_code and source_value.stat_year = s.stat_year"
    )
    con.execute("insert into source_value by name select * from new_compared")
    con.execute("delete from source_map where source_sha256 in (select source_sha256 from new_refs)")
    con.execute("insert into source_map by name select * from new_refs")


def record_files(con: duckdb.DuckDBPyConnection, files: list[tuple[str, int, str, str, str, str]]) -> None:
    """Write files that were read into the ledger: sha256, year, name, form, intake fingerprint, run."""
    if files:
        con.executemany("insert or replace into ledger select ?, ?, ?, ?, ?, ?, now()::timestamp", files)


def known_files(con: duckdb.DuckDBPyConnection, stat_year: int, fingerprint: str) -> dict[str, set[str]]:
    """Return the files of a year read by this very intake, sha256 → counties they touch."""
    rows = con.execute(
        "select l.source_sha256, f.county_code from ledger as l left join file_county_year as f"
        " on l.source_sha256 = f.source_sha256 and l.stat_year = f.stat_year where l.stat_year = ?"
        " and l.fingerprint = ?",
        [stat_year, fingerprint],
    ).fetchall()
    known: dict[str, set[str]] = {}
    for sha256, county in rows:
        known.setdefault(sha256, set()).update({county} if county else set())
    return known


def county_files(con: duckdb.DuckDBPyConnection, stat_year: int) -> dict[str, set[str]]:
    """Return the files each county of a year was last read from, county_code → sha256s."""
    files: dict[str, set[str]] = {}
    for county, sha256 in con.execute(
        "select county_code, source_sha256 from file_county_year where stat_year = ?", [stat_year]
    ).fetchall():
        files.setdefault(county, set()).add(sha256)
    return files


def unplaced_files(con: duckdb.DuckDBPyConnection, stat_year: int) -> dict[str, str]:
    """Return the files with an error that no county can be told for, in the last attempts at held county-years.

    sha256 → name.
    """
    rows = con.execute(
        "select distinct f.source_sha256, f.source_file from finding as f inner join county_year as c"
        " on f.run_id = c.run_id and f.stat_year = c.stat_year"
        " where c.is_held and c.stat_year = ? and f.county_code is null and f.severity = 'error'"
        " and f.source_sha256 is not null order by all",
        [stat_year],
    ).fetchall()
    return dict(rows)


def loaded_files(con: duckdb.DuckDBPyConnection) -> list[dict[str, object]]:
    """Return the files on record: sha256, name, year, form, in order of year and name."""
    names = ("source_sha256", "source_file", "stat_year", "form_id")
    rows = con.execute(
        f"select {', '.join(names)} from ledger order by stat_year, source_file, source_sha256"
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def register_rows(con: duckdb.DuckDBPyConnection, stat_year: int) -> pl.DataFrame:
    """Return the school rows up to a year as text, the latest year first: the register for forms without codes."""
    columns = [column.name for column in dictionary.columns(dictionary.input_tables()["school"])]
    texts = ", ".join(f"cast({name} as varchar) as {name}" for name in columns)
    return con.execute(
        f"select {texts}, source_sha256, source_sheet, source_row from inputs.school where inputs.school.stat_year <= ?"
        " order by inputs.school.stat_year desc, county_code, school_code, campus_no",
        [stat_year],
    ).pl()


def cells(
    con: duckdb.DuckDBPyConnection, table: str, column: str, where: str, values: list[object]
) -> list[dict[str, object]]:
    """Return one row per row of an input table that fits `where` (i is the table): value, mark, and its cell.

    Each has value, is_synthetic, file, sheet (None for files without sheets) and cell (D17, or name#row).
    """
    rows = con.execute(
        f"select i.{column}, i.is_synthetic, m.source_file, coalesce(m.ref_sheet, split_part(i.source_sheet, ':', 1)),"
        " case when regexp_full_match(m.ref, '[A-Z]{1,3}[0-9]+') then m.ref"
        " when regexp_full_match(m.ref, '[A-Z]{1,3}') then m.ref || i.source_row else m.ref || '#' || i.source_row end"
        f" from inputs.{table} as i left join source_map as m"
        " on i.source_sha256 = m.source_sha256 and i.source_sheet = m.source_sheet"
        f" and m.table_name = '{table}' and m.column_name = '{column}'"
        f" where {where} order by i.source_sheet, i.source_row",
        values,
    ).fetchall()
    return [
        {"value": value, "is_synthetic": bool(made_up), "file": file, "sheet": sheet or None, "cell": cell}
        for value, made_up, file, sheet, cell in rows
    ]


def landed_path(at: Path, file: dict[str, object]) -> Path:
    """Return where the untouched copy of a file on record lies."""
    return at / "landing" / f"{file['source_sha256']}{Path(str(file['source_file'])).suffix.lower()}"


def latest_runs(at: Path) -> list[tuple[str]]:
    """Return the ids of the runs that made the last attempt at each county-year."""
    with connect(at, read_only=True) as con:
        return con.execute("select distinct run_id from county_year order by all").fetchall()


def register_codes(con: duckdb.DuckDBPyConnection, stat_year: int) -> pl.DataFrame:
    """Return which county each school of a year is on record in: one row per school_code and county_code."""
    return con.execute(
        "select distinct school_code, county_code from inputs.school where stat_year = ? order by all", [stat_year]
    ).pl()


def last_year_tables(
    con: duckdb.DuckDBPyConnection, stat_year: int, counties: list[str], schools: list[str]
) -> dict[str, pl.DataFrame]:
    """Return the school tables of the year before, as far as they were accepted: what a year is compared with.

    Only rows of these counties or of these schools: nothing else is compared.
    """
    wanted = "(county_code in (select unnest(?)) or school_code in (select unnest(?)))"
    tables = {
        name: con.execute(
            f"select * from inputs.{name} where stat_year = ? and {wanted}", [stat_year - 1, counties, schools]
        ).pl()
        for name in ("school", "enrolment", "teacher", "premises", "finance")
    }
    counts = " union all ".join(
        f"select stat_year, county_code, '{name}' as table_name, '{dictionary.title(model)}' as title,"
        f" count(*) as table_rows from inputs.{name} where stat_year = {stat_year - 1} group by all"
        for name, model in dictionary.input_tables().items()
        if dictionary.table_metadata(model).get("every_year")
    )
    return {**tables, "table_count": con.execute(f"{counts} order by all").pl()}


def held(con: duckdb.DuckDBPyConnection, stat_years: list[int]) -> list[tuple[str, int, bool]]:
    """Return the held county-years of some years: county_code, stat_year, is_stale."""
    return con.execute(
        "select county_code, stat_year, is_stale from county_year where is_held and stat_year in (select unnest(?))"
        " order by stat_year, county_code",
        [stat_years],
    ).fetchall()


OPEN_FINDINGS = """
select f.* exclude (run_id) from finding as f inner join county_year as c
    on f.run_id = c.run_id and f.stat_year = c.stat_year
    and (f.county_code = c.county_code or (f.county_code is null and exists (
        select 1 from file_county_year as t where t.source_sha256 = f.source_sha256
        and t.county_code = c.county_code and t.stat_year = c.stat_year)))
where (? is null or c.county_code = ?) and (? is null or c.stat_year = ?)
order by all
"""


FINDING_STATES = """
with
scope as (
    select county_code, stat_year, run_id from county_year
    where (? is null or county_code = ?) and (? is null or stat_year = ?)
),
before as (
    select a.county_code, a.stat_year, max(a.run_id) as run_id
    from attempt as a inner join scope as s
        on a.county_code = s.county_code and a.stat_year = s.stat_year and a.run_id < s.run_id
    group by all
),
now_rows as (
    select f.*, {whose} as whose from finding as f inner join scope as s
        on f.run_id = s.run_id and f.stat_year = s.stat_year
        and (f.county_code = s.county_code or (f.county_code is null and (
            exists (
                select 1 from file_county_year as t where t.source_sha256 = f.source_sha256
                and t.county_code = s.county_code and t.stat_year = s.stat_year)
            or not exists (
                select 1 from file_county_year as t where t.source_sha256 = f.source_sha256
                and t.stat_year = s.stat_year))))
),
before_rows as (
    select f.*, {whose} as whose from finding as f inner join before as b
        on f.run_id = b.run_id and f.stat_year = b.stat_year
        and (f.county_code = b.county_code or f.county_code is null)
)
select distinct n.* exclude (run_id, whose), case when b.rule is null then 'new' else 'still' end as state
from now_rows as n left join (select distinct {identity} from before_rows) as b on {same}
union all
select distinct b.* exclude (run_id, whose), 'closed' as state
from before_rows as b left join (select distinct {identity} from now_rows) as n on {same}
where n.rule is null
order by all
"""
IDENTITY = ("rule", "table_name", "column_name", "stat_year", "county_code", "whose", "source_sheet", "cell")
"""What makes a finding the same in a corrected file: everything but its value."""
WHOSE = r"coalesce(f.school_code, regexp_replace(f.source_file, '(_标注\d*)?\.[^.]+$', ''))"
"""The school of a finding; the name of its file where no school can be told, be it the marked copy sent back."""


def finding_states(con: duckdb.DuckDBPyConnection, county: str | None, stat_year: int | None) -> pl.DataFrame:
    """Return the findings of the last attempt of each county-year as new or still there, and those since closed."""
    same = " and ".join(f"n.{name} is not distinct from b.{name}" for name in IDENTITY)
    query = FINDING_STATES.format(identity=", ".join(IDENTITY), same=same, whose=WHOSE)
    return con.execute(query, [county, county, stat_year, stat_year]).pl()


def has_loaded(con: duckdb.DuckDBPyConnection) -> bool:
    """Return whether any county-year was ever accepted."""
    return con.execute("select 1 from county_year where is_loaded limit 1").fetchone() is not None


def open_findings(con: duckdb.DuckDBPyConnection, county: str | None, stat_year: int | None) -> pl.DataFrame:
    """Return the findings of the last attempt of each county-year."""
    rows = con.execute(OPEN_FINDINGS, [county, county, stat_year, stat_year]).pl()
    return rows.unique(maintain_order=True)


def holding_findings(con: duckdb.DuckDBPyConnection, stat_years: list[int], run_id: str) -> pl.DataFrame:
    """Return the errors of held county-years, and this run's errors that no county-year can be told for."""
    of_held = OPEN_FINDINGS.replace("order by all", "and c.is_held order by all")
    found = [con.execute(of_held, [None, None, year, year]).pl() for year in sorted(set(stat_years))]
    unplaced = con.execute(
        "select f.* exclude (run_id) from finding as f where f.run_id = ? and f.county_code is null order by all",
        [run_id],
    ).pl()
    return pl.concat([*found, unplaced]).filter(pl.col("severity") == "error").unique(maintain_order=True)


def record_acceptance(
    con: duckdb.DuckDBPyConnection, county: str, stat_year: int, by: str, reason: str, run_id: str
) -> None:
    """Write down who took on the errors of a held county-year, and why."""
    con.execute(
        "insert into acceptance values (?, ?, ?, ?, now()::timestamp, ?)", [county, stat_year, by, reason, run_id]
    )


def start_run(con: duckdb.DuckDBPyConnection, run_id: str, command: str) -> None:
    """Open a line of the run log."""
    con.execute(
        "insert or replace into run_log values (?, ?, now()::timestamp, null, 'running', null, null)", [run_id, command]
    )


def end_run(con: duckdb.DuckDBPyConnection, run_id: str, status: str, release_id: str | None, details: str) -> None:
    """Close a line of the run log."""
    con.execute(
        "update run_log set ended_at = now()::timestamp, status = ?, release_id = ?, details = ? where run_id = ?",
        [status, release_id, details, run_id],
    )


def unfinished_years(con: duckdb.DuckDBPyConnection, ended: Sequence[str]) -> list[int]:
    """Return the years of county-years loaded by runs after the last one whose status is one of `ended`."""
    found = con.execute(
        "select distinct c.stat_year from county_year as c inner join run_log as r on c.run_id = r.run_id"
        " where c.is_loaded and r.started_at > coalesce((select max(started_at) from run_log"
        " where list_contains(?, status)), timestamp '1970-01-01') order by all",
        [list(ended)],
    )
    return [row[0] for row in found.fetchall()]


def runs(con: duckdb.DuckDBPyConnection, limit: int) -> list[dict[str, object]]:
    """Return the latest lines of the run log, newest first: run, command, start, end, status, release."""
    names = ("run_id", "command", "started_at", "ended_at", "status", "release_id")
    found = con.execute(
        f"select {', '.join(names)} from run_log order by started_at desc, run_id desc limit ?", [limit]
    )
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
