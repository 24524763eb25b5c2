"""Read many files into one table of text rows per input table, then type, place and check them."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.form import Form, forms
from transforms.intake import check, correct, cover, findings, identify, load, merge, parse, rename, suggest
from transforms.intake.land import Landed
from transforms.intake.read import Note, Sheet, Unreadable, read
from transforms.intake.rename import Bound

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Gathered:
    """Text rows of many files: the bound sheets, what is wrong with files and headers, file → form."""

    bounds: list[Bound]
    found: pl.DataFrame
    forms: dict[str, str]


def fingerprint(home: Path) -> str:
    """Return a hash of everything that decides how a file is read: contracts, rules, checks, this package.

    What a warehouse declares itself (HOME/corrections.csv, HOME/coverage.csv) is part of it: a row added there counts
    for files that were read before.
    """
    digest = hashlib.sha256(_of_code().encode())
    for path in (home / correct.CORRECTIONS_PATH.name, home / cover.COVERAGE_PATH.name):
        if path.exists():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@functools.cache
def _of_code() -> str:
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


def counties_by_file(gathered: Gathered) -> dict[str, set[str]]:
    """Return the county codes that stand in the gathered rows of each file, sha256 → codes."""
    found: dict[str, set[str]] = {}
    for bound in gathered.bounds:
        codes = bound.rows["county_code"].str.strip_chars().drop_nulls().unique()
        found.setdefault(bound.file.sha256, set()).update(codes)
    return found


def named_in(gathered: Gathered) -> tuple[list[str], list[str]]:
    """Return the counties and the schools that stand in the gathered rows, as their cells have them."""
    schools: set[str] = set()
    for bound in gathered.bounds:
        if "school_code" in bound.rows.columns:
            texts = bound.rows["school_code"].str.normalize("NFKC").str.strip_chars()
            schools |= set(texts.str.replace(r"\.0+$", "").drop_nulls().unique())
    return sorted(set().union(*counties_by_file(gathered).values())), sorted(schools)


def stated_year(gathered: Gathered) -> int:
    """Return the year that most of the gathered rows state; the first year a contract allows when none does."""
    years = [
        bound.rows.select(
            pl.col("stat_year").str.to_integer(strict=False).fill_null(pl.lit(bound.stated_year, dtype=pl.Int64))
        )
        for bound in gathered.bounds
    ]
    counts = pl.concat([pl.DataFrame(schema={"stat_year": pl.Int64}), *years]).drop_nulls()["stat_year"].value_counts()
    counts = counts.sort(["count", "stat_year"], descending=True)
    return int(counts["stat_year"][0]) if counts.height else 1990


def _gather_file(file: Landed, stat_year: int | None) -> tuple[str | None, list[Bound], pl.DataFrame]:
    at: dict[str, object] = {"source_sha256": file.sha256, "source_file": file.name}
    if not any(file.suffix in form.suffixes for form in forms().values()):
        return None, [], findings.frame([{**at, "rule": "unknown_file", "value": file.name}])
    try:
        sheets = [sheet for sheet in read(file) if sheet.name != rename.RETURNED_SHEET]
    except Unreadable as problem:
        said = {"rule": problem.rule, "value": str(problem), "cell": problem.cell, "allowed": problem.allowed}
        return None, [], findings.frame([{**at, **said}])
    fitting = rename.recognise(file, sheets)
    if len(fitting) != 1:
        known = "、".join(f"{form.title}({'/'.join(form.suffixes)})" for form in fitting or forms().values())
        seen = "、".join(sheet.name or file.name for sheet in sheets)
        rule = "ambiguous_form" if fitting else "unknown_form"
        return None, [], findings.frame([{**at, "rule": rule, "value": seen, "allowed": known}])
    (form,) = fitting
    bounds, found = rename.bind(form, sheets, stat_year)
    parts = [
        _wrong_stamp(form, sheets, stat_year, at),
        _noted([sheet for sheet in sheets if _is_read(form, sheet)], at),
        found,
    ]
    if form.layout != "tables" or form.tables == "sheet":
        is_told = form.layout != "tables" and findings.errors(found).height > 0
        parts.append(findings.none() if is_told else _no_rows(bounds, at))
    return form.id, bounds, findings.joined(parts)


def _no_rows(bounds: list[Bound], at: dict[str, object]) -> pl.DataFrame:
    if any(bound.rows.height for bound in bounds):
        return findings.none()
    return findings.frame([{**at, "rule": "no_rows"}])


def _is_read(form: Form, sheet: Sheet) -> bool:
    return sheet.name not in form.ignored_sheets


def _noted(sheets: list[Sheet], at: dict[str, object]) -> pl.DataFrame:
    """Return what the reader noted of the sheets that are read; what concerns the whole file once."""
    rows: dict[tuple[str | None, Note], dict[str, object]] = {}
    for sheet in sheets:
        for note in sheet.notes:
            place: dict[str, object] = {"source_sheet": sheet.name or None, "cell": note.cell} if note.cell else {}
            said = {"rule": note.rule, "value": note.value, "allowed": note.allowed}
            rows[sheet.name if note.cell else None, note] = {**at, **place, **said}
    return findings.frame(list(rows.values()))


def _wrong_stamp(form: Form, sheets: list[Sheet], stat_year: int | None, at: dict[str, object]) -> pl.DataFrame:
    said = rename.stamp(form, sheets)
    stamped, source = said.get("stat_year"), said.get("source", form.source)
    found = []
    if stat_year is not None and stamped not in (None, str(stat_year)):
        found.append({**at, "rule": "wrong_year", "value": stamped, "allowed": str(stat_year)})
    if source not in read_codes("sources"):
        allowed = "、".join(read_codes("sources"))
        found.append(
            {**at, "rule": "unknown_code", "source_sheet": form.stamp_sheet, "value": source, "allowed": allowed}
        )
    return findings.frame(found)


def assess(
    gathered: Gathered,
    stat_year: int,
    last_year: Mapping[str, pl.DataFrame] | None = None,
    counties: Collection[str] = (),
    home: Path | None = None,
) -> load.Batch:
    """Return the typed rows with all their findings: corrections, cells, rows, keys, rules across tables.

    With `counties` the rows of all others are skipped (and counted). `home`: the warehouse whose corrections.csv and
    coverage.csv hold beside those of the contracts.
    """
    gathered = identified(gathered, stat_year)
    declared = correct.declared(home)
    found = [gathered.found, _untried(gathered, stat_year)]
    refs = load.references(gathered.bounds)
    skipped = sum(bound.skipped_rows for bound in gathered.bounds)
    tables, merged = {}, []
    for table, (text, of_file) in _by_table(gathered.bounds).items():
        one, said = _read_table(table, text, of_file, declared, refs)
        found += [*_without_absent(table, said, one, stat_year), _wrong_years(table, one.rows, stat_year)]
        tables[table] = one.rows.with_columns(pl.col("is_synthetic").fill_null(value=False))
        merged.append(one)
        skipped += text.height - one.rows.height
    refs = pl.concat([refs, *(one.refs for one in merged)])
    found.append(check.check_across(tables, last_year, cover.declared(home)))
    placed = load.place(tables)
    away = load.place({table: one.originals for table, one in zip(tables, merged, strict=True)})
    located = _said_once(load.locate(findings.joined(found), [placed, away], refs, stat_year))
    located = suggest.suggested(located, tables)
    located = findings.joined(
        [
            located,
            findings.shared(located, _schools(placed)),
            findings.shared_by_files(located, _a_file_a_school(gathered)),
        ]
    )
    if counties:
        located = located.filter(pl.col("county_code").is_null() | pl.col("county_code").is_in(list(counties)))
        every = sum(rows.height for rows in placed.values())
        placed, away = _only(placed, counties), _only(away, counties)
        skipped += every - sum(rows.height for rows in placed.values())
    county_years, files = load.touched([*placed.values(), *away.values()], refs, stat_year)
    compared = pl.concat([pl.DataFrame(schema=merge.COMPARED), *(one.compared for one in merged)])
    if counties:
        compared = compared.filter(pl.col("county_code").is_in(list(counties)))
    return load.Batch(stat_year, placed, located, county_years, refs, files, skipped, compared)


def _only(placed: dict[str, pl.DataFrame], counties: Collection[str]) -> dict[str, pl.DataFrame]:
    """Return the rows of some counties: what is not taken in must not count as touched either."""
    return {name: rows.filter(pl.col("placed_county").is_in(list(counties))) for name, rows in placed.items()}


def _read_table(
    table: str, text: pl.DataFrame, of_file: pl.DataFrame, declared: list[dict[str, str]], refs: pl.DataFrame
) -> tuple[merge.Merged, pl.DataFrame]:
    """Return the rows of a table corrected, typed and merged, and what is wrong with its cells, rows and keys."""
    corrected, misfits = correct.correct(table, text, declared)
    typed, failed = parse.parse(table, corrected)
    again = findings.none()
    if table == "enrolment":
        typed, of_file, again = merge.without_stage_totals(typed, of_file)
    one = merge.merge(table, typed, of_file, refs)
    checked = check.check_table(table, one.rows, failed)
    return one, findings.joined([again, misfits, failed, one.found, checked])


def _a_file_a_school(gathered: Gathered) -> dict[str, str]:
    """Return the form of every file that is one school's own; files of no known form count as one form."""
    layouts = {form.id: form.layout for form in forms().values()}
    said = set(gathered.found["source_sha256"].drop_nulls())
    own = {sha256: form for sha256, form in gathered.forms.items() if layouts[form] == "cells"}
    return own | {sha256: "" for sha256 in said if sha256 not in gathered.forms}


def _schools(placed: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return how many schools each county has in its register."""
    empty = pl.DataFrame(schema={"county_code": pl.String, "school_code": pl.String})
    rows = placed.get("school", empty)
    return rows.group_by("county_code").agg(pl.col("school_code").n_unique().alias("schools"))


def identified(gathered: Gathered, stat_year: int | None, stored: pl.DataFrame | None = None) -> Gathered:
    """Return the rows with the codes of the schools they name, by the school tables at hand and those on record.

    `stored`: school rows of the store as text, latest year first. Sites that only an earlier year's register gives
    come with its row, and a finding says so.
    """
    if not identify.is_needed(gathered.bounds):
        return gathered
    known = identify.register(gathered.bounds, stored)
    bounds, found = identify.identify(gathered.bounds, known, stat_year)
    parts = [gathered.found, found]
    if stat_year is not None:
        earlier, said = identify.carried(bounds, stored, stat_year)
        parts.append(said)
        if earlier.height:
            bounds.append(identify.as_bound(earlier))
    return Gathered(bounds, findings.joined(parts), gathered.forms)


def preview(
    gathered: Gathered,
    stat_year: int,
    stored: pl.DataFrame | None = None,
    last_year: Mapping[str, pl.DataFrame] | None = None,
    home: Path | None = None,
) -> pl.DataFrame:
    """Return the findings of files looked at before they are sent; as `assess`, with a register or without any.

    Where no register is at hand and none is `stored`, the schools' names stay unchecked, which is said once.
    """
    if not identify.is_needed(gathered.bounds) or identify.register(gathered.bounds, stored):
        return assess(identified(gathered, stat_year, stored), stat_year, last_year, home=home).found
    nobody = identify.made_up(gathered.bounds, stat_year)
    found = assess(identified(gathered, stat_year, nobody), stat_year, home=home).found
    of_school = pl.col("table_name") == "school"
    is_nobodys = (
        (pl.col("source_sha256") == "").fill_null(value=False)
        | (pl.col("rule") == "register_of_earlier_year")
        | (of_school & (pl.col("rule") == "missing_value") & pl.col("cell").is_null())
        | (of_school & (pl.col("rule") == "shared_fault") & pl.col("allowed").str.starts_with("missing_value"))
    ).fill_null(value=False)
    codes = ("county_code", "school_code")
    kept = found.filter(~is_nobodys).with_columns(
        pl.when(pl.col("county_code") != identify.NOWHERE).then(pl.col(name)).alias(name) for name in codes
    )
    said = findings.frame([{"rule": "no_register", "value": str(nobody.height), "stat_year": stat_year}])
    return findings.joined([said, kept])


def _untried(gathered: Gathered, stat_year: int) -> pl.DataFrame:
    """Return one finding for each form that is used for a later year than any it was tried with."""
    names = {bound.form: bound.file for bound in reversed(gathered.bounds)}
    rows: list[dict[str, object]] = [
        {
            "rule": "form_of_new_year",
            "source_sha256": file.sha256,
            "source_file": file.name,
            "value": forms()[form].title,
        }
        for form, file in names.items()
        if form in forms() and forms()[form].is_untried(stat_year)
    ]
    return findings.frame(rows)


def _said_once(located: pl.DataFrame) -> pl.DataFrame:
    """Return the findings without those of cells in a column the file lacks: its header says it once, if it must."""
    column = ["source_sha256", "table_name", "column_name"]
    lacking = located.filter(pl.col("rule") == "missing_header").select(column).unique()
    optional = [
        (table, one.name)
        for table, model in dictionary.input_tables().items()
        for one in dictionary.columns(model)
        if one.is_optional
    ]
    may_lack = pl.DataFrame(optional, schema=column[1:], orient="row")
    row = ["source_sha256", "source_group", "source_row", "table_name", "column_name"]
    missing = located.filter((pl.col("rule") == "missing_value") & pl.col("cell").is_null())
    again = [missing.join(lacking, on=column, how="semi"), missing.join(may_lack, on=column[1:], how="semi")]
    said = pl.concat(again).select("rule", *row).unique()
    return located.join(said, on=["rule", *row], how="anti", nulls_equal=True, maintain_order="left")


def _without_absent(table: str, found: pl.DataFrame, of: merge.Merged, stat_year: int) -> list[pl.DataFrame]:
    """Return the findings without required values a form cannot carry in a year; for each such column one saying so."""
    absent = pl.DataFrame(
        [
            (form.id, one.column_name, stage)
            for form in forms().values()
            for one in form.headers_of(stat_year)
            if one.status == "absent" and one.table_name == table
            for stage in ([one.stage] if one.stage else ["", *read_codes("stages")])
        ],
        schema={"form_id": pl.String, "column_name": pl.String, "of_stage": pl.String},
        orient="row",
    )
    missing = found.filter(pl.col("rule") == "missing_value")
    if absent.is_empty() or missing.is_empty():
        return [found]
    stage = (pl.col("stage") if "stage" in of.rows.columns else pl.lit("")).fill_null("").alias("of_stage")
    group = pl.col("source_sheet").alias("source_group")
    here = of.rows.select("source_sha256", group, "source_row", stage).hstack(of.origin)
    row = ["source_sha256", "source_group", "source_row"]
    excused = missing.join(here, on=row, how="inner").join(absent, on=absent.columns, how="semi")
    if excused.is_empty():
        return [found]
    rest = found.join(excused.select("rule", "column_name", *row), on=["rule", "column_name", *row], how="anti")
    titles = {form.id: form.title for form in forms().values()}
    labels = {one.name: one.label for one in dictionary.columns(dictionary.input_tables()[table])}
    said = (
        excused.group_by("form_id", "column_name", maintain_order=True)
        .first()
        .with_columns(
            pl.lit("not_in_form").alias("rule"),
            pl.col("column_name").replace_strict(labels, return_dtype=pl.String).alias("value"),
            pl.col("form_id").replace_strict(titles, return_dtype=pl.String).alias("allowed"),
        )
    )
    return [rest, said.select(*findings.SCHEMA)]


def _by_table(bounds: list[Bound]) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """Return per table the text rows, and beside each whose word it is, in order of file name, sheet and row.

    So the order in which files come does not matter.
    """
    parts: dict[str, list[Bound]] = {}
    for bound in bounds:
        if bound.rows.height:
            parts.setdefault(bound.table, []).append(bound)
    ordered = {table: sorted(parts[table], key=lambda bound: (bound.file.name, bound.sheet)) for table in sorted(parts)}
    return {
        table: (pl.concat([bound.rows for bound in group]), pl.concat([_origin(bound) for bound in group]))
        for table, group in ordered.items()
    }


def _origin(bound: Bound) -> pl.DataFrame:
    form = forms()[bound.form]
    may_repeat = form.layout == "cells" or bound.table in form.repeated_tables
    said = (bound.source, bound.form, may_repeat)
    return pl.select(
        pl.repeat(value, bound.rows.height, dtype=dtype).alias(name)
        for value, (name, dtype) in zip(said, merge.ORIGIN.items(), strict=True)
    )


def _wrong_years(table: str, typed: pl.DataFrame, stat_year: int) -> pl.DataFrame:
    """Return the rows of another year than the one that is taken in."""
    wrong = typed.filter(pl.col("stat_year") != stat_year)
    return findings.of_rows("wrong_year", table, "stat_year", wrong, pl.col("stat_year"), str(stat_year))
