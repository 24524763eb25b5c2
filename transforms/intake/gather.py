"""Read many files into one table of text rows per input table, then type, place and check them."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from transforms.intake import check, correct, findings, load, parse, rename
from transforms.intake.land import Landed
from transforms.intake.read import Sheet, Unreadable, read
from transforms.intake.rename import Bound

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Gathered:
    """Text rows of many files: the bound sheets, what is wrong with files and headers, file → form."""

    bounds: list[Bound]
    found: pl.DataFrame
    forms: dict[str, str]


@functools.cache
def fingerprint() -> str:
    """Return a hash of everything that decides how a file is read: contracts, rules, checks, this package."""
    paths = [*ROOT.glob("contracts/**/*"), *ROOT.glob("transforms/intake/*.py"), *ROOT.glob("sql/checks/*.sql")]
    digest = hashlib.sha256()
    for path in sorted(path for path in paths if path.suffix in {".py", ".csv", ".sql"} or path.name == "form.toml"):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def gather(files: Iterable[Landed], stat_year: int | None, note: Callable[[Landed], None] | None = None) -> Gathered:
    """Return the rows of all files under the names of their contracts; `note` is called after each file.

    A file that cannot be read, or is of no known form, is a finding; the others go on.
    """
    bounds: list[Bound] = []
    found: list[pl.DataFrame] = []
    forms: dict[str, str] = {}
    seen: dict[str, str] = {}
    for file in files:
        if file.sha256 in seen:
            said = {"source_sha256": file.sha256, "source_file": file.name, "value": seen[file.sha256]}
            found.append(findings.frame([{**said, "rule": "duplicate_file"}]))
            continue
        seen[file.sha256] = file.name
        form_id, file_bounds, file_found = _gather_file(file, stat_year)
        if form_id:
            forms[file.sha256] = form_id
        bounds += file_bounds
        found.append(file_found)
        if note:
            note(file)
    return Gathered(bounds, findings.joined(found), forms)


def added(first: Gathered, second: Gathered) -> Gathered:
    """Return two gatherings as one."""
    found = findings.joined([first.found, second.found])
    return Gathered([*first.bounds, *second.bounds], found, {**first.forms, **second.forms})


def counties_of(gathered: Gathered) -> set[str]:
    """Return the county codes that stand in the gathered rows."""
    codes: set[str] = set()
    for bound in gathered.bounds:
        codes |= set(bound.rows["county_code"].str.strip_chars().drop_nulls().unique())
    return codes


def stated_year(gathered: Gathered) -> int:
    """Return the year that most of the gathered rows state; the first year a contract allows when none does."""
    years = [bound.rows.select(pl.col("stat_year").str.to_integer(strict=False)) for bound in gathered.bounds]
    counts = pl.concat([pl.DataFrame(schema={"stat_year": pl.Int64}), *years]).drop_nulls()["stat_year"].value_counts()
    counts = counts.sort(["count", "stat_year"], descending=True)
    return int(counts["stat_year"][0]) if counts.height else 1990


def _gather_file(file: Landed, stat_year: int | None) -> tuple[str | None, list[Bound], pl.DataFrame]:
    at: dict[str, object] = {"source_sha256": file.sha256, "source_file": file.name}
    if not any(file.suffix in form.suffixes for form in rename.forms().values()):
        return None, [], findings.frame([{**at, "rule": "unknown_file", "value": file.name}])
    try:
        sheets = read(file)
    except Unreadable as problem:
        return None, [], findings.frame([{**at, "rule": "unreadable_file", "value": str(problem)}])
    form = rename.recognise(file, sheets)
    if form is None:
        known = "、".join(f"{form.title}({'/'.join(form.suffixes)})" for form in rename.forms().values())
        seen = "、".join(sheet.name for sheet in sheets)
        return None, [], findings.frame([{**at, "rule": "unknown_form", "value": seen, "allowed": known}])
    parts = [_wrong_stamp(form, sheets, stat_year, at)]
    bounds = []
    for sheet in sheets:
        bound, found = rename.bind(form, sheet)
        parts.append(found)
        if bound:
            bounds.append(bound)
    if form.tables == "sheet" and not any(bound.rows.height for bound in bounds):
        parts.append(findings.frame([{**at, "rule": "no_rows"}]))
    return form.id, bounds, findings.joined(parts)


def _wrong_stamp(form: rename.Form, sheets: list[Sheet], stat_year: int | None, at: dict[str, object]) -> pl.DataFrame:
    stamped = rename.stamp(form, sheets).get("stat_year")
    if stat_year is None or stamped is None or stamped == str(stat_year):
        return findings.none()
    return findings.frame([{**at, "rule": "wrong_year", "value": stamped, "allowed": str(stat_year)}])


def assess(
    gathered: Gathered, stat_year: int, last_year: pl.DataFrame | None = None, counties: Collection[str] = ()
) -> load.Batch:
    """Return the typed rows with all their findings: corrections, cells, rows, keys, rules across tables.

    With `counties` the rows of all others are skipped (and counted).
    """
    declared = correct.corrections()
    found = [gathered.found]
    tables = {}
    for table, text in _by_table(gathered.bounds).items():
        corrected, misfits = correct.correct(table, text, declared)
        typed, failed = parse.parse(table, corrected)
        found += [misfits, failed, check.check_table(table, typed, failed), _wrong_years(table, typed, stat_year)]
        tables[table] = typed
    found.append(check.check_across(tables, last_year))
    refs = load.references(gathered.bounds)
    placed = load.place(tables)
    skipped = sum(bound.skipped_rows for bound in gathered.bounds)
    located = load.locate(findings.joined(found), placed, refs, stat_year)
    if counties:
        chosen = pl.col("county_code").is_null() | pl.col("county_code").is_in(list(counties))
        located = located.filter(chosen)
        wanted = {name: rows.filter(pl.col("placed_county").is_in(list(counties))) for name, rows in placed.items()}
        skipped += sum(placed[name].height - rows.height for name, rows in wanted.items())
        placed = wanted
    county_years, files = load.touched(placed, stat_year)
    return load.Batch(stat_year, placed, located, county_years, refs, files, skipped)


def _by_table(bounds: list[Bound]) -> dict[str, pl.DataFrame]:
    """Return the text rows per table, in order of file name, sheet and row, so that the order of files is no matter."""
    parts: dict[str, list[Bound]] = {}
    for bound in bounds:
        if bound.rows.height:
            parts.setdefault(bound.table, []).append(bound)
    ordered = {table: sorted(parts[table], key=lambda bound: (bound.file.name, bound.sheet)) for table in sorted(parts)}
    return {table: pl.concat([bound.rows for bound in group]) for table, group in ordered.items()}


def _wrong_years(table: str, typed: pl.DataFrame, stat_year: int) -> pl.DataFrame:
    """Return the rows of another year than the one that is taken in."""
    wrong = typed.filter(pl.col("stat_year") != stat_year)
    return findings.of_rows("wrong_year", table, "stat_year", wrong, pl.col("stat_year"), str(stat_year))
