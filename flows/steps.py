"""Each step once: a Prefect task or, with --direct, a plain call. Steps pass paths and tables, no connection."""

from __future__ import annotations

import datetime
import importlib
import json
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flows import log
from flows.notify import notify
from transforms import model_spark
from transforms.intake.land import Landed, arrived, land
from warehouse import release, store

if TYPE_CHECKING:
    from flows.sequence import Outcome
    from transforms.admit import Admission
    from transforms.expect_process import Child
    from transforms.intake.gather import Gathered
    from transforms.intake.load import Batch

ROOT = Path(__file__).parents[1]
ENDED = ("published", "held", *(f"failed: {name}" for name in ("GateClosed", "NothingLoaded", "Withdrawn")))
"""How a run ends that will not end otherwise when it is only run again."""
LIBRARIES = (
    "duckdb", "contracts.fields", "pyarrow.dataset", "pyarrow.parquet",
    "contracts.dictionary", "contracts.standard", "transforms.admit", "transforms.intake.gather", "transforms.model",
)  # fmt: skip
"""What the steps import where they use it, so that the command starts at once."""


@dataclass(frozen=True)
class Order:
    """What is to be done: years, where from, where to, by which standards, for which counties.

    `confirmation`: reason and name of who answers for verdicts of past years that change. `compared_home`: the
    warehouse whose release the candidate is compared with, where it is not `home` (a dry run). `spark`: address and
    shared folder of the Spark that runs the models; without it DuckDB does, here. `copies`: what the release holds
    beside its Parquet tables (None: as the current one). `lot`: which lot of a year's files this is, of how many;
    `tell`: called with how far a long step has come.
    """

    stat_years: tuple[int, ...]
    home: Path
    inbox: Path
    run_id: str
    standard_ids: tuple[str, ...] = ()
    counties: tuple[str, ...] = ()
    accepted_counties: tuple[str, ...] = ()
    is_dry_run: bool = False
    from_landing: bool = False
    threads: int | None = None
    lot: tuple[int, int] = (1, 1)
    tell: Callable[[str], None] | None = field(default=None, compare=False)
    confirmation: tuple[str, str] | None = None
    compared_home: Path | None = None
    spark: tuple[str, str] | None = None
    copies: tuple[str, ...] | None = None

    def of_year(self, stat_year: int) -> Order:
        """Return the same order for one of its years."""
        return replace(self, stat_years=(stat_year,))

    @property
    def cluster(self) -> model_spark.Cluster | None:
        """Where the models run, if not here."""
        return model_spark.Cluster(self.spark[0], Path(self.spark[1])) if self.spark else None

    @property
    def stat_year(self) -> int:
        """The one year of an order for one year."""
        (year,) = self.stat_years
        return year


@dataclass(frozen=True)
class Taken:
    """What became of one year's files: counts of rows and county-years, and the files read or known already."""

    stat_year: int
    files: int
    files_read: int
    counts: dict[str, int]

    def __add__(self, other: Taken) -> Taken:
        """Return what became of two lots of one year's files."""
        names = {**self.counts, **other.counts}
        counts = {name: self.counts.get(name, 0) + other.counts.get(name, 0) for name in names}
        return Taken(self.stat_year, self.files + other.files, self.files_read + other.files_read, counts)


class GateClosed(Exception):
    """The candidate must not be published; `breaches` says why."""

    def __init__(self, breaches: list[str]) -> None:
        """Keep the breaches, one line each."""
        super().__init__("\n".join(breaches))
        self.breaches = breaches


class NothingLoaded(Exception):
    """No county-year was ever accepted, so there is nothing to publish; `held` says what holds them back."""

    def __init__(self, held: list[dict[str, object]]) -> None:
        """Keep the errors that hold everything back."""
        super().__init__("没有一个县区年度被接收，未发布 / no county-year was accepted, nothing is published")
        self.held = held


def new_run_id() -> str:
    """Return a run id that sorts by time."""
    return f"{datetime.datetime.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def look_ahead(order: Order) -> None:
    """Look at what can be wrong with an order before anything is started.

    Raises FileNotFoundError for a year without files, LookupError or StandardError for its standards,
    model_spark.SparkFailed when the models are to run on a Spark that is not there.
    """
    from contracts import standard

    if order.cluster:
        model_spark.reach(order.cluster)
    standard.load_all(order.standard_ids, standard.folders(order.home))
    if not order.from_landing:
        for stat_year in order.stat_years:
            files_of(order.of_year(stat_year))


def files_of(order: Order) -> list[Path]:
    """Return the files of the order's year in the inbox.

    Raises FileNotFoundError when the year has no folder or no file there.
    """
    folder = order.inbox / str(order.stat_year)
    paths = arrived(folder) if folder.is_dir() else []
    if not paths:
        raise FileNotFoundError(
            f"收件夹中没有{order.stat_year}年的文件：{folder} / no file of {order.stat_year} in the inbox"
        )
    return paths


def land_files(order: Order) -> list[Landed]:
    """Return the files of the year, each kept untouched in landing/ by its hash.

    Raises FileNotFoundError when the year has no folder or no file in the inbox.
    """
    landing = order.home / "landing"
    if order.from_landing:
        return _landed_before(order, landing)
    folder = order.inbox / str(order.stat_year)
    return [land(path, folder, landing) for path in files_of(order)]


def lots_of(order: Order, files: list[Landed]) -> list[list[Landed]]:
    """Return the files in lots that can be taken in one after the other; mostly they are one."""
    from transforms.intake import share_out

    with store.connect(order.home) as con:
        last_year = store.register_codes(con, order.stat_year - 1)
    return share_out.lots(files, last_year)


def _landed_before(order: Order, landing: Path) -> list[Landed]:
    """Return the files that touched the accepted counties the last time they were read."""
    with store.connect(order.home, read_only=True) as con:
        rows = con.execute(
            "select distinct l.source_sha256, l.source_file from ledger as l"
            " inner join file_county_year as f on l.source_sha256 = f.source_sha256 and l.stat_year = f.stat_year"
            " where l.stat_year = ? and f.county_code in (select unnest(?)) order by l.source_file",
            [order.stat_year, list(order.accepted_counties)],
        ).fetchall()
    files = []
    for sha256, name in rows:
        path = landing / f"{sha256}{Path(name).suffix.lower()}"
        files.append(Landed(sha256, path, name, Path(name).parent.name))
    return files


def read_files(order: Order, files: list[Landed]) -> Gathered | None:
    """Return the rows of all files that are new, or share a county with a new one; None when nothing is new.

    A file that no county can be told for, and one that was such and is gone, bring the files of their folder along.
    """
    from transforms.intake import gather

    if order.accepted_counties:
        return _identified(order, gather.gather(files, order.stat_year))
    with store.connect(order.home) as con:
        known = store.known_files(con, order.stat_year, gather.fingerprint(order.home))
        loaded = store.county_files(con, order.stat_year)
        unplaced = store.unplaced_files(con, order.stat_year)
    more = [file for file in files if file.sha256 not in known]
    present = {file.sha256 for file in files}
    folders = {_folder(name) for sha256, name in unplaced.items() if sha256 not in present}
    changed = _changed_counties(files, known, loaded)
    gathered, read = gather.gather([], order.stat_year), set()
    while more or not read:
        gathered = gather.added(gathered, gather.gather(more, order.stat_year))
        read |= {file.sha256 for file in more}
        identified = _identified(order, gathered)
        counties = gather.counties_by_file(identified)
        changed |= {county for found in counties.values() for county in found}
        folders |= {_folder(file.name) for file in more if not counties.get(file.sha256)}
        rest = [file for file in files if file.sha256 not in read]
        more = [one for one in rest if _belongs(known[one.sha256], changed) or _folder(one.name) in folders]
        if not read and not more:
            return None
    return identified


def _folder(name: str) -> str:
    """Return the folder of a file below the inbox; what lies in one folder was sent together."""
    return Path(name).parent.as_posix()


def _belongs(counties: set[str], changed: set[str]) -> bool:
    """Return whether a file is to be read again with changed counties; one of no known county may be of any of them."""
    return bool(changed) and (not counties or bool(counties & changed))


def _identified(order: Order, gathered: Gathered) -> Gathered:
    """Return the rows with the codes of schools that their forms only name; the register on record stands in."""
    from transforms.intake import gather, identify

    if not identify.is_needed(gathered.bounds):
        return gathered
    with store.connect(order.home) as con:
        stored = store.register_rows(con, order.stat_year)
    return gather.identified(gathered, order.stat_year, stored)


def _changed_counties(files: list[Landed], known: dict[str, set[str]], loaded: dict[str, set[str]]) -> set[str]:
    """Return the counties whose files on record are no longer those in the inbox, while some of them are."""
    present: dict[str, set[str]] = {}
    for file in files:
        for county in known.get(file.sha256, set()):
            present.setdefault(county, set()).add(file.sha256)
    return {county for county, hashes in present.items() if loaded.get(county) != hashes}


def check_rows(order: Order, gathered: Gathered | None) -> Batch | None:
    """Return the typed rows with all findings of cells, rows, keys and rules across tables."""
    from transforms.intake import gather

    if gathered is None:
        return None
    with store.connect(order.home, read_only=True) as con:
        last_year = store.last_year_tables(con, order.stat_year, *gather.named_in(gathered))
    return gather.assess(gathered, order.stat_year, last_year, order.counties, order.home)


def load_rows(order: Order, files: list[Landed], gathered: Gathered | None, batch: Batch | None) -> Taken:
    """Put accepted county-years into the store, hold the others, write the ledger; return what became of the rows."""
    from transforms.intake import gather, load

    if gathered is None or batch is None:
        return Taken(order.stat_year, len(files), 0, {})
    names = {bound.file.sha256: bound.file.name for bound in gathered.bounds}
    with store.connect(order.home) as con:
        counts = load.load(con, batch, order.run_id, order.accepted_counties)
        if not order.accepted_counties:
            # files of which only some counties were taken in do not count as read
            fingerprint = "" if order.counties else gather.fingerprint(order.home)
            store.record_files(
                con,
                [
                    (sha256, order.stat_year, names.get(sha256, ""), form, fingerprint, order.run_id)
                    for sha256, form in gathered.forms.items()
                ],
            )
    return Taken(order.stat_year, len(files), len(gathered.forms), counts)


def build_candidate(order: Order) -> list[str]:
    """Build all models over all loaded years into a fresh candidate; return what was said on the way (order.tell).

    Raises NothingLoaded when the store has no accepted county-year, model_spark.SparkFailed when Spark fails.
    """
    from contracts import standard
    from transforms import model

    with store.connect(order.home, read_only=True) as con:
        is_empty = not store.has_loaded(con)
    if is_empty:
        raise NothingLoaded(held_findings(order))
    names: list[str] = []
    standards = standard.load_all(order.standard_ids, standard.folders(order.home))
    with release.open_candidate(order.home, threads=order.threads) as con:
        if order.cluster:
            model_spark.build(con, standards, order.cluster, names.append)
        else:
            model.build(con, standards, order.tell or names.append)
    return names


def pass_gate(order: Order, asked: Child | None = None) -> Admission:
    """Check the candidate, compare it with the current release and write quality.html; return what was found.

    `asked`: the process that has Great Expectations loaded; without one it is started here.
    Raises GateClosed with every breach.
    """
    from transforms import admit, expect_process

    with nullcontext(asked) if asked else expect_process.child() as ready:
        admission = admit.admit(
            order.home,
            order.stat_years,
            _facts(order),
            ready,
            base=_current(order.compared_home or order.home),
            confirmation=_confirmed(order),
            accepted_counties=order.accepted_counties,
        )
    if admission.breaches:
        raise GateClosed(admission.breaches)
    return admission


def _current(home: Path) -> Path | None:
    """Return the folder of the current release, None before the first."""
    current = release.latest(home)
    return home / current["path"] if current else None


def _confirmed(order: Order) -> dict[str, str]:
    return dict(zip(("reason", "by"), order.confirmation, strict=True)) if order.confirmation else {}


def publish(order: Order, admission: Admission | None = None) -> release.Release:
    """Publish the candidate as a release unless a release has its content already.

    Raises release.Withdrawn when that one was rolled back and nobody confirms that it is shown again.
    """
    facts = _facts(order)
    if admission and admission.waiting:
        facts["confirmation"] = {**_confirmed(order), "verdicts": [flip.words for flip in admission.waiting]}
    return release.publish(order.home, facts, _confirmed(order), order.copies)


def _facts(order: Order) -> dict[str, Any]:
    """Return what a manifest says of inputs, standards, run and code."""
    from contracts import standard

    with store.connect(order.home, read_only=True) as con:
        inputs = store.loaded_files(con)
    standards = standard.load_all(order.standard_ids, standard.folders(order.home))
    return {
        "inputs": inputs,
        "standards": {one.id: standard.fingerprint([one]) for one in standards},
        "readings": {one.id: standard.default_readings(one) for one in standards},
        "run_id": order.run_id,
        "engine": "spark" if order.spark else "duckdb",
        "code": {"version": version("junheng"), "commit": _commit()},
    }


def _commit() -> str | None:
    """Return the commit of the code, where it runs from a checkout with git at hand."""
    try:
        said = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return said.stdout.strip() or None


@contextmanager
def rehearsal(order: Order) -> Generator[Order]:
    """Yield the order itself or, for a dry run, the same order on a throw-away copy of the store.

    Raises OSError when there is no room for the copy.
    """
    if not order.is_dry_run:
        yield order
        return
    with tempfile.TemporaryDirectory(prefix="junheng-dry-") as scratch:
        home = Path(scratch)
        for name in ("junheng.duckdb", "junheng.duckdb.wal", "latest.json", "corrections.csv", "coverage.csv"):
            if (order.home / name).exists():
                shutil.copy2(order.home / name, home / name)
        if (order.home / "standards").is_dir():
            shutil.copytree(order.home / "standards", home / "standards")
        (home / "releases").mkdir()
        yield replace(order, home=home, compared_home=order.home)


def import_libraries() -> None:
    """Import what the steps need, so that its seconds can be told from theirs."""
    for name in LIBRARIES:
        importlib.import_module(name)


def held_findings(order: Order) -> list[dict[str, object]]:
    """Return the errors that hold a county-year of the order back, and those of files that could not be read."""
    with store.connect(order.home, read_only=True) as con:
        found = store.holding_findings(con, list(order.stat_years), order.run_id)
    return found.to_dicts()


def years_with_news(home: Path, inbox: Path) -> tuple[int, ...]:
    """Return the years of the inbox that hold a file which no run of this code has read yet."""
    from transforms.intake import gather

    folders = [path for path in sorted(inbox.glob("*")) if path.is_dir() and path.name.isdigit()]
    news = []
    with store.connect(home) as con:
        for folder in folders:
            known = store.known_files(con, int(folder.name), gather.fingerprint(home))
            if any(land(path, folder, None).sha256 not in known for path in arrived(folder)):
                news.append(int(folder.name))
    return tuple(news)


def years_unfinished(home: Path) -> tuple[int, ...]:
    """Return the years that were loaded by a run which a crash or the disk stopped before it published."""
    with store.connect(home) as con:
        return tuple(store.unfinished_years(con, ENDED))


def logged(order: Order, command: str, do: Callable[[Order], Outcome]) -> tuple[Outcome, list[dict[str, object]]]:
    """Run an order between the lines of the run log and tell whoever is to be told; return outcome and what is held.

    What the run raises goes on to the caller, after it is written down.
    """
    open_run(order, command)
    log.write(order.home, order.run_id, "started", command=command, years=order.stat_years)
    try:
        outcome = do(order)
    except BaseException as problem:
        _close_failed(order, problem)
        log.write(order.home, order.run_id, "failed", kind=type(problem).__name__, said=str(problem))
        _tell(order, "failed", None, str(problem))
        raise
    held = held_findings(order)
    event = "held" if held else "published"
    close_run(order, event, outcome.release, outcome.taken)
    log.write(
        order.home, order.run_id, event, release=outcome.release.id, is_new=outcome.release.is_new, errors=len(held)
    )
    if held or outcome.release.is_new:
        _tell(order, event, outcome.release.id, f"{len(held)} 处错误 / errors" if held else "")
    return outcome, held


def _close_failed(order: Order, problem: BaseException) -> None:
    """Close the line of a run that failed; a store that cannot be written must not hide why it failed."""
    import duckdb

    try:
        close_run(order, f"failed: {type(problem).__name__}", None, [])
    except (OSError, duckdb.Error) as another:
        log.write(order.home, order.run_id, "not_closed", said=str(another))


def _tell(order: Order, event: str, release_id: str | None, detail: str) -> None:
    """Send the message of an event, and write down when it does not get through."""
    if not order.is_dry_run and (problem := notify(event, order.stat_years, order.run_id, release_id, detail)):
        log.write(order.home, order.run_id, "not_notified", said=problem)


def open_run(order: Order, command: str) -> None:
    """Open a line of the run log."""
    with store.connect(order.home) as con:
        store.start_run(con, order.run_id, command)


def close_run(order: Order, status: str, published: release.Release | None, taken: list[Taken]) -> None:
    """Close the line of the run log: status, release, counts."""
    rows: list[dict[str, Any]] = [{"stat_year": one.stat_year, "files": one.files, **one.counts} for one in taken]
    details = json.dumps(
        [*rows, *([{"confirmed": _confirmed(order)}] if order.confirmation else [])], ensure_ascii=False
    )
    with store.connect(order.home) as con:
        store.end_run(con, order.run_id, status, published.id if published else None, details)
