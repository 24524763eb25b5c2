"""Tell the codes of schools that a form only names, by the register: exactly after normalising, never by guess."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from contracts import dictionary
from contracts.codes import read_codes
from contracts.form import NO_GRADE, WHOLE, forms
from transforms.intake import findings
from transforms.intake.land import Landed
from transforms.intake.rename import NAMED, SOURCE, Bound, places
from transforms.intake.unfold import plain

REGISTER = (
    "stat_year", "county_code", "school_code", "campus_no", "school_name", "school_type_code", "is_synthetic",
)  # fmt: skip
"""What the register must tell of a site; all as text, as the school table of a file has it."""
NOWHERE = "000000"
"""County of schools that nobody has registered (made_up)."""
COMPULSORY = ("primary", "junior")
CANDIDATES = 5
SUGGESTED = 100
"""Unknown names of a table for which alike ones are looked for; each is held against the whole register."""


@dataclass(frozen=True)
class Site:
    """A site of the register: its codes, its type, whether it is made up."""

    county_code: str
    school_code: str
    campus_no: str
    school_name: str
    type_code: str
    is_synthetic: str | None

    @property
    def stages(self) -> list[str]:
        """The compulsory stages of the site's type."""
        known = read_codes("school_types").get(self.type_code, {}).get("stages", "").split()
        return [stage for stage in COMPULSORY if stage in known]


Sites = dict[str, list[Site]]


def is_needed(bounds: Iterable[Bound]) -> bool:
    """Return whether any rows wait for the register."""
    return any(bound.is_named for bound in bounds)


def register(bounds: Iterable[Bound], stored: pl.DataFrame | None) -> Sites:
    """Return the sites by name: those of the school tables at hand, else those on record for the latest year.

    `stored`: the school rows of the store as text, the latest year first. A site at hand hides its older rows.
    """
    rows: list[dict[str, Any]] = [
        row
        for bound in bounds
        if bound.table == "school" and not bound.is_named
        for row in bound.rows.select(REGISTER).rows(named=True)
    ]
    rows += stored.select(REGISTER).rows(named=True) if stored is not None else []
    types = {words["text_zh"]: code for code, words in read_codes("school_types").items()}
    found: Sites = {}
    seen = set()
    for row in rows:
        said = {name: str(value).strip() if value is not None else "" for name, value in row.items()}
        key = (said["school_code"], said["campus_no"])
        if key in seen or not said["school_name"]:
            continue
        seen.add(key)
        kind = types.get(said["school_type_code"], said["school_type_code"])
        site = Site(said["county_code"], *key, said["school_name"], kind, said["is_synthetic"] or None)
        found.setdefault(plain(said["school_name"]), []).append(site)
    return found


def identify(bounds: list[Bound], known: Sites, stat_year: int | None) -> tuple[list[Bound], pl.DataFrame]:
    """Return the bound rows with the codes of their schools, and the names that are unknown or ambiguous.

    Figures given once for both stages go to the stage of a school that has one; of a combined school they are left
    out, or refused, as the form says.
    """
    result, found = [], []
    for bound in bounds:
        if not bound.is_named:
            result.append(_of_county(bound, known, stat_year))
            continue
        coded, unknown = _coded(bound, known, stat_year)
        staged, left_out = _staged(coded, known)
        result.append(_with_absent_stages(staged, known, stat_year))
        found += unknown + left_out
    return result, findings.frame(_once(found))


def _of_county(bound: Bound, known: Sites, stat_year: int | None) -> Bound:
    """Return the rows of a form that states its county only, with the year that is taken in.

    A county whose schools are all made up is made up: such a form has no place to say so.
    """
    if forms()[bound.form].layout == "tables":
        return bound
    sites = [one for several in known.values() for one in several]
    counties = {one.county_code for one in sites}
    made_up = counties - {one.county_code for one in sites if one.is_synthetic not in ("true", "是")}
    mark = pl.when(pl.col("county_code").is_in(sorted(made_up))).then(pl.lit("是")).otherwise(pl.col("is_synthetic"))
    rows = bound.rows.drop(NAMED, strict=False).with_columns(mark.alias("is_synthetic"))
    year = pl.col("stat_year").fill_null(str(stat_year)) if stat_year else pl.col("stat_year")
    return replace(bound, rows=rows.with_columns(year))


def _once(found: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return each finding once: several tables of one file name the same school in the same cell."""
    return list({tuple(sorted((name, str(value)) for name, value in one.items())): one for one in found}.values())


def resolve(
    name: str | None, kind: str | None, code: str | None, known: Sites, by_code: Sites
) -> tuple[Site | None, list[Site]]:
    """Return the one site of a name, or None and the sites that could be meant.

    A code tells schools of one name apart; the code of a school of another name makes the name doubtful.
    """
    sites = known.get(plain(name or ""), [])
    coded = by_code.get(plain(code or ""), [])
    if sites and coded:
        by_both = [one for one in sites if one in coded]
        if not by_both:
            return None, [*sites, *coded]
        sites = by_both
    if len(sites) > 1 and kind:
        said = plain(kind)
        words = read_codes("school_types")
        by_kind = [
            one for one in sites
            if said in (one.type_code, plain(words.get(one.type_code, {}).get("text_zh", "")))
        ]  # fmt: skip
        sites = by_kind or sites
    return (sites[0], sites) if len(sites) == 1 else (None, sites)


def _coded(bound: Bound, known: Sites, stat_year: int | None) -> tuple[Bound, list[dict[str, object]]]:
    """Return the rows with codes, year and mark of their site; those of no known site are passed over, and named."""
    said = bound.rows.select(NAMED).unique(subset=NAMED[:3], keep="first", maintain_order=True)
    by_code: Sites = {}
    for site in (one for several in known.values() for one in several):
        by_code.setdefault(site.school_code, []).append(site)
    told, found = [], []
    for name, kind, code, sheet, cell in said.rows():
        one, candidates = resolve(name, kind, code, known, by_code)
        if one:
            told.append((name, kind, code, one.county_code, one.school_code, one.campus_no, one.is_synthetic))
            continue
        shown = candidates or (_alike(name or "", known) if len(found) < SUGGESTED else [])
        found.append(
            {
                "source_sha256": bound.file.sha256, "source_file": bound.file.name, "source_sheet": sheet or None,
                "cell": cell, "rule": "ambiguous_school" if candidates else "unknown_school", "value": name,
                "allowed": "、".join(f"{one.school_name}({one.school_code}-{one.campus_no})" for one in shown) or "无",
            }
        )  # fmt: skip
    names = [*NAMED[:3], "county_code", "school_code", "campus_no", "is_synthetic"]
    codes = pl.DataFrame(told, schema=dict.fromkeys(names, pl.String), orient="row")
    has = [name for name in names[3:] if name in bound.rows.columns]
    joined = bound.rows.drop(has).join(codes, on=NAMED[:3], how="left", nulls_equal=True, maintain_order="left")
    rows = joined.with_columns(pl.lit(str(stat_year)).alias("stat_year")) if stat_year else joined
    if bound.table == "cohort":
        rows = rows.with_columns(pl.col("school_code").alias("cohort_label"))
    kept = rows.select(bound.rows.columns).filter(pl.col("school_code").is_not_null())
    lost = bound.rows.height - kept.height
    return replace(bound, rows=kept, is_named=False, skipped_rows=bound.skipped_rows + lost), found


def _alike(name: str, known: Sites) -> list[Site]:
    """Return some sites whose names look like it, for a person to choose from."""
    keys = difflib.get_close_matches(plain(name), list(known), n=CANDIDATES)
    return [site for key in keys for site in known[key]]


def _staged(bound: Bound, known: Sites) -> tuple[Bound, list[dict[str, object]]]:
    """Return rows given for both stages together under the one stage of their school; those of two are taken out."""
    plain_rows = bound.rows.drop(NAMED)
    if "stage" not in plain_rows.columns or WHOLE not in plain_rows["stage"]:
        return replace(bound, rows=plain_rows), []
    sites = {(one.school_code, one.campus_no): one for several in known.values() for one in several}
    stages = [
        sites[code, campus].stages if (code, campus) in sites else []
        for code, campus in bound.rows.select("school_code", "campus_no").rows()
    ]
    only = pl.Series([of[0] if len(of) == 1 else None for of in stages], dtype=pl.String)
    is_whole = (plain_rows["stage"] == WHOLE).fill_null(value=False)
    is_combined = is_whole & only.is_null()
    renamed = plain_rows.with_columns(pl.when(is_whole).then(only).otherwise(pl.col("stage")).alias("stage"))
    left_out = plain_rows.filter(is_combined)
    rule = "not_by_stage" if forms()[bound.form].combined == "leave_out" else "not_by_stage_refused"
    found = _not_by_stage(rule, bound, left_out)
    kept = replace(bound, rows=renamed.filter(~is_combined), skipped_rows=bound.skipped_rows + left_out.height)
    return kept, found


def _with_absent_stages(bound: Bound, known: Sites, stat_year: int | None) -> Bound:
    """Return enrolment with a row without a number for each stage that a school has and its form cannot carry.

    Without it the other stages would take the whole school's premises for their own.
    """
    absent = {
        one.stage
        for one in forms()[bound.form].headers_of(stat_year)
        if one.status == "absent" and one.table_name == bound.table == "enrolment" and one.stage
    }
    types = {(one.school_code, one.campus_no): one.type_code for several in known.values() for one in several}
    words = read_codes("school_types")
    parts = [bound.rows]
    for stage in sorted(absent):
        sites = bound.rows.unique(subset=["school_code", "campus_no"], keep="first", maintain_order=True)
        has = [
            stage in words.get(types.get(site, ""), {}).get("stages", "").split()
            for site in sites.select("school_code", "campus_no").rows()
        ]
        kept = ("stat_year", "county_code", "school_code", "campus_no", "is_synthetic", *SOURCE)
        blank = [pl.lit(None, dtype=pl.String).alias(name) for name in sites.columns if name not in kept]
        rows = sites.filter(pl.Series(has, dtype=pl.Boolean)).with_columns(*blank).with_columns(
            pl.lit(stage).alias("stage"), pl.lit(NO_GRADE).alias("grade"),
            pl.format("{}:{}", "source_sheet", pl.lit(stage)).alias("source_sheet"),
        )  # fmt: skip
        parts.append(rows.select(bound.rows.columns))
    return replace(bound, rows=pl.concat(parts))


def _not_by_stage(rule: str, bound: Bound, left_out: pl.DataFrame) -> list[dict[str, object]]:
    """Return one finding per school and table that names the figures which no stage can be told for."""
    found = []
    title = dictionary.title(dictionary.input_tables()[bound.table])
    for (code,), rows in left_out.group_by("school_code", maintain_order=True):
        places = bound.places.filter(pl.col("source_sheet").is_in(rows["source_sheet"].to_list()))
        said = "、".join(places["header"].to_list())
        found.append(
            {
                "source_sha256": bound.file.sha256, "source_file": bound.file.name, "rule": rule,
                "source_sheet": places["ref_sheet"][0] or None, "cell": places["ref"][0],
                "table_name": bound.table, "school_code": code, "value": said, "allowed": title,
            }
        )  # fmt: skip
    return found


def made_up(bounds: Iterable[Bound], stat_year: int) -> pl.DataFrame:
    """Return a register of the schools that forms name, with codes of nobody: a form is looked at on its own.

    What it cannot know (sponsor, urban or rural, years …) is null; `school_code` counts from 1 in county NOWHERE.
    """
    said = pl.concat([bound.rows.select(NAMED[:2]).unique(maintain_order=True) for bound in bounds if bound.is_named])
    said = said.drop_nulls("said_name")
    said = said.with_columns(pl.Series("plain", [plain(name) for name in said["said_name"]], dtype=pl.String))
    names = said.unique(subset="plain", keep="first", maintain_order=True)
    columns = [one.name for one in dictionary.columns(dictionary.input_tables()["school"])]
    told = {
        "stat_year": pl.lit(str(stat_year)), "county_code": pl.lit(NOWHERE), "campus_no": pl.lit("0"),
        "school_code": pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(10),
        "school_name": pl.col("said_name"), "school_type_code": pl.col("said_type"),
        "source_sha256": pl.lit(""), "source_sheet": pl.lit(""),
        "source_row": pl.int_range(1, pl.len() + 1).cast(pl.Int32),
    }  # fmt: skip
    blank = pl.lit(None, dtype=pl.String)
    return names.select(told.get(name, blank).alias(name) for name in [*columns, *SOURCE])


def as_bound(earlier: pl.DataFrame) -> Bound:
    """Return school rows of an earlier year as the rows of a file that is not read again."""
    file = Landed("", Path(), "", "")
    return Bound(file, "school", earlier, places([]), 0, "canonical", forms()["canonical"].source)


def carried(bounds: list[Bound], stored: pl.DataFrame | None, stat_year: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the school rows of an earlier year for sites that this year's forms name but no school table gives.

    Returns the rows as text with the place they came from, and one finding per county that says so.
    """
    given = {
        tuple(row)
        for bound in bounds
        if bound.table == "school" and forms()[bound.form].layout == "tables"
        for row in bound.rows.select("school_code", "campus_no").rows()
    }
    named = {
        tuple(row)
        for bound in bounds
        if forms()[bound.form].layout != "tables" and {"school_code", "campus_no"} <= set(bound.rows.columns)
        for row in bound.rows.select("school_code", "campus_no").rows()
        if row[0]
    }
    missing = named - given
    if stored is None or not missing:
        return pl.DataFrame(), findings.none()
    wanted = pl.DataFrame(list(missing), schema=["school_code", "campus_no"], orient="row")
    rows = stored.join(wanted, on=["school_code", "campus_no"], how="semi", maintain_order="left")
    rows = rows.unique(subset=["school_code", "campus_no"], keep="first", maintain_order=True)
    found = [
        {"rule": "register_of_earlier_year", "county_code": county, "table_name": "school", "value": str(years.max())}
        for county, years in (
            (code[0], group["stat_year"].cast(pl.Int32)) for code, group in rows.group_by("county_code")
        )
    ]
    named_columns = [one.name for one in dictionary.columns(dictionary.input_tables()["school"])]
    earlier = rows.with_columns(pl.lit(str(stat_year)).alias("stat_year")).select(*named_columns, *SOURCE)
    return earlier, findings.frame(found)
