"""What the page of a region shows: its counties by item, all years of a release, as plain values ready for JSON."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb

from contracts.codes import read_codes
from transforms.report.gather_scorecard import Words, plain
from warehouse import release

MAIN = """
select standard_id from fact_county_summary where starts_with(county_code, ?) group by standard_id
order by standard_id in (select standard_id from dim_limit where floor_ratio is not null) desc, standard_id desc
"""
COMPONENTS = """
select distinct p.part, p.component_code, p.component_text, d.item_no, d.unit, d.decimals
from fact_county_component as p
left join dim_item as d on p.standard_id = d.standard_id and p.component_code = d.item_code
where p.standard_id = ? and p.readings_id = 'default' and starts_with(p.county_code, ?)
"""
COUNTIES = """
select s.stat_year, s.county_code, c.county_name, s.schools, s.overall_verdict, s.robustness_text, s.is_provisional,
    c.is_stale, s.is_synthetic
from fact_county_summary as s
inner join dim_county_year as c on s.stat_year = c.stat_year and s.county_code = c.county_code
where s.standard_id = ? and s.readings_id = 'default' and starts_with(s.county_code, ?)
order by s.stat_year, s.county_code
"""
VERDICTS = """
select p.stat_year, p.county_code, p.component_code, p.part, p.verdict, i.value, i.operator, i.limit_value,
    i.declared_verdict_text, i.agrees, coalesce(i.reason_text, c.reason_text) as reason_text, p.things, p.things_met,
    c.since_year, c.has_evidence
from fact_county_component as p
left join fact_county_item as i on i.standard_id = p.standard_id and i.readings_id = p.readings_id
    and i.stat_year = p.stat_year and i.county_code = p.county_code and i.item_code = p.component_code
left join fact_county_condition as c on c.standard_id = p.standard_id and c.stat_year = p.stat_year
    and c.county_code = p.county_code and c.part = p.part and c.condition_code = p.component_code
where p.standard_id = ? and p.readings_id = 'default' and starts_with(p.county_code, ?)
"""
CVS = """
select stat_year, county_code, stage, item_code, cv, weighted_mean, operator, limit_value, verdict from fact_county_cv
where standard_id = ? and readings_id = 'default' and starts_with(county_code, ?) and limit_value is not null
"""
CV_ITEMS = """
select distinct v.stage, v.item_code, d.item_no, d.name_zh, d.unit, d.decimals, v.limit_value
from fact_county_cv as v inner join dim_item as d on v.standard_id = d.standard_id and v.item_code = d.item_code
where v.standard_id = ? and v.readings_id = 'default' and starts_with(v.county_code, ?) and v.limit_value is not null
order by v.stage desc, d.item_no
"""
REGION_ITEMS = """
select * from mart_region_item where standard_id = ? and region_code = ?
order by stat_year, part, component_code, stage
"""
COMMITMENTS = """
select stat_year, county_code, promised_year, item_code, promised_text, due_year, status, status_text
from fact_commitment where standard_id = ? and starts_with(county_code, ?)
order by stat_year, county_code, promised_year, commitment_no
"""
PARTS = ("resources", "government", "quality", "recognition", "precondition", "veto")


def gather(release_folder: Path, region_code: str, stat_year: int) -> dict[str, Any]:
    """Return the data of the page: region, release, components, coefficients, and one entry a year.

    Raises LookupError when the release has no county of the region or not this year.
    """
    folder = release_folder.resolve()
    with release.open_release(folder) as con:
        main = con.execute(MAIN, [region_code]).fetchone()
        if main is None:
            raise LookupError(f"发布版中没有 {region_code} 的县区 / the release has no county of this region")
        asked = {
            "components": COMPONENTS, "counties": COUNTIES, "verdicts": VERDICTS, "cvs": CVS, "cv_items": CV_ITEMS,
            "region_items": REGION_ITEMS, "commitments": COMMITMENTS,
        }  # fmt: skip
        told = {name: _rows(con, query, [main[0], region_code]) for name, query in asked.items()}
        document = con.execute("select min(document) from dim_item where standard_id = ?", [main[0]]).fetchone()
    components = sorted(told["components"], key=_order)
    said = Words()
    years = _years(told, components, said)
    if str(stat_year) not in years:
        raise LookupError(
            f"发布版中没有 {region_code} {stat_year}，有 {'、'.join(years)} / the release has no such year"
        )
    manifest = release.manifest_in(folder)
    level = next((row for row in read_codes("region_levels").values() if int(row["digits"]) == len(region_code)), None)
    return {
        "region": {"code": region_code, "level": level["text_zh"] if level else ""},
        "release": {name: manifest[name] for name in ("release_id", "content_hash", "created_at")},
        "standard": {"standard_id": main[0], "document": document[0] if document else ""},
        "verdicts": [[code, row["text_zh"]] for code, row in read_codes("verdicts").items()],
        "part_texts": {code: row["text_zh"] for code, row in read_codes("parts").items()},
        "stages": {code: row["text_zh"] for code, row in read_codes("result_stages").items()},
        "components": components,
        "cv_items": told["cv_items"],
        "said": said.values,
        "years": years,
        "first": stat_year,
    }


def _years(
    told: dict[str, list[dict[str, Any]]], components: list[dict[str, Any]], said: Words
) -> dict[str, dict[str, Any]]:
    """Return year → counties with their verdicts and coefficients, the region's items, promises."""
    verdicts: dict[Any, dict[Any, Any]] = defaultdict(dict)
    for row in told["verdicts"]:
        verdicts[row["stat_year"], row["county_code"]][row["part"], row["component_code"]] = row
    cvs: dict[Any, dict[Any, Any]] = defaultdict(dict)
    for row in told["cvs"]:
        cvs[row["stat_year"], row["county_code"]][row["stage"], row["item_code"]] = row
    years: dict[str, dict[str, Any]] = {}
    for row in told["counties"]:
        at = (row["stat_year"], row["county_code"])
        year = years.setdefault(str(row["stat_year"]), {"counties": [], "items": [], "commitments": []})
        of_county = [verdicts[at].get((one["part"], one["component_code"])) for one in components]
        of_stage = [cvs[at].get((one["stage"], one["item_code"])) for one in told["cv_items"]]
        year["counties"].append(
            {
                **{name: value for name, value in row.items() if name != "stat_year" and value not in (None, False)},
                "items": [one and _item(one, said) for one in of_county],
                "cvs": [one and [one["cv"], one["weighted_mean"], one["verdict"]] for one in of_stage],
            }
        )
    for name, rows in (("items", told["region_items"]), ("commitments", told["commitments"])):
        for row in rows:
            years[str(row["stat_year"])][name].append({key: value for key, value in row.items() if key != "stat_year"})
    return years


def _item(row: dict[str, Any], said: Words) -> list[Any]:
    """Return place of what is said, value, things, things met; what is none at the end is left out.

    What is said, once for all counties that have it in common: verdict, operator, limit, reason, declared, agrees,
    since, has evidence.
    """
    names = (
        "verdict", "operator", "limit_value", "reason_text", "declared_verdict_text", "agrees", "since_year",
        "has_evidence",
    )  # fmt: skip
    told = [said.at([row[name] for name in names]), row["value"]]
    told += [row["things"], row["things_met"]] if row["things"] > 1 else []
    while told[-1] is None:
        told.pop()
    return told


def _order(row: dict[str, Any]) -> tuple[Any, ...]:
    part = PARTS.index(row["part"]) if row["part"] in PARTS else len(PARTS)
    return part, row["item_no"] is None, row["item_no"] or 0, row["component_code"] != "schools", row["component_code"]


def _rows(con: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[dict[str, Any]]:
    found = con.execute(query, values)
    names = [column[0] for column in found.description]
    return [{name: plain(value) for name, value in zip(names, row, strict=True)} for row in found.fetchall()]
