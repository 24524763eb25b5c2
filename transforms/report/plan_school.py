"""What a school lacks, exactly: to the limit, to the floor, or the enrolment at which it passes; and what it carries.

All gaps are computed on decimals: people, rooms and pupils are rounded to whole ones on the safe side.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Any

from transforms.report import fetch
from transforms.report.gather_calculation import LIMITED
from warehouse import release

AT = "standard_id = ? and readings_id = 'default' and county_code = ? and stat_year = ?"
WHOLE_UNITS = {"人", "间", "个", "台", "册", "所"}
"""Units of things that come in whole ones."""
CENT = Decimal(1).scaleb(-2)


@dataclass(frozen=True)
class Gap:
    """What is missing of one resource indicator of one unit."""

    result: fetch.Row
    item: fetch.Row
    to_limit: Decimal | None
    """How much of the resource (of the whole site where it is shared) is missing to the limit; None: not known."""
    to_floor: Decimal | None
    """The same to the floor; zero at or above it, None where there is no floor or no number."""
    enrolment: int | None
    """The largest enrolment of the stage at which the limit would be met with what there is; None: none would."""


@dataclass(frozen=True)
class Burden:
    """What a unit carries of one coefficient of the county."""

    coefficient: fetch.Row
    item: fetch.Row
    share: float | None
    deviation: float | None
    cv_without: float | None
    """The coefficient if this unit stood at the mean of the others."""
    is_enough: bool
    """Whether that would bring the coefficient within its limit."""


@dataclass(frozen=True)
class Plan:
    """One school's page."""

    site: fetch.Row
    units: list[fetch.Row]
    gaps: list[Gap]
    judged: list[tuple[fetch.Row, fetch.Row, Decimal | None, str]]
    """Results by class, site and school that apply: result, item, what is missing or too many, its unit."""
    burdens: list[Burden]
    relaxed: list[fetch.Row]
    """Results that lean on a relaxation."""

    def is_clear(self) -> bool:
        """Return whether nothing is missing: every indicator met, nothing judged as not met or not assessable."""
        return not self.gaps and all(row["verdict"] in {"met", "not_applicable"} for row, *_ in self.judged)


def plans(release_folder: Path, standard_id: str, county_code: str, stat_year: int) -> list[Plan]:
    """Return a plan for every site that is judged, primary first, in the order of all papers.

    Raises LookupError when the release does not have the county and year.
    """
    at = [standard_id, county_code, stat_year]
    with release.open_release(release_folder) as con:
        fetch.county_year(con, county_code, stat_year)
        results = fetch.rows(con, RESULTS, at)
        items = {row["item_code"]: row for row in fetch.rows(con, ITEMS, [standard_id])}
        limits = {_case(row): row for row in fetch.rows(con, LIMITED, at)}
        units = fetch.rows(con, UNITS, at)
        shares = fetch.rows(con, f"select * from fact_variance_share where {AT} order by site_id", at)
        coefficients = {
            (row["item_code"], row["stage"]): row
            for row in fetch.rows(con, f"select * from fact_county_cv where {AT}", at)
        }
        words = {row["item_code"]: row["measure_unit"] for row in fetch.rows(con, NUMERATORS, [standard_id])}
        sites = fetch.rows(con, SITES, at)
    burdens = _burdens(shares, coefficients, items)
    made = []
    for site in sites:
        own = [row for row in results if row["scope_id"] in {site["site_id"], site["school_code"]}]
        resources = [row for row in own if row["scope"] == "unit"]
        made.append(
            Plan(
                site=site,
                units=[row for row in units if row["site_id"] == site["site_id"]],
                gaps=[
                    gap(row, items[row["item_code"]], limits[_case(row)])
                    for row in resources
                    if row["verdict"] in {"not_met", "not_assessable"}
                ],
                judged=[
                    (row, items[row["item_code"]], excess(row, limits[_case(row)]), _unit(row, items, words))
                    for row in own
                    if row["scope"] != "unit" and row["verdict"] != "not_applicable"
                ],
                burdens=[one for key, one in burdens.items() if key[0] == site["site_id"]],
                relaxed=[row for row in own if row["relaxation_text"]],
            )
        )
    return made


def _case(row: fetch.Row) -> tuple[Any, ...]:
    return row["item_code"], row["test_no"], row["stage"], row["case_no"]


def _unit(row: fetch.Row, items: dict[str, fetch.Row], words: dict[str, str | None]) -> str:
    """Return the unit of what is missing: that of the numerator, which for classes is a class."""
    return words.get(row["item_code"]) or ("个班" if row["scope"] == "class" else items[row["item_code"]]["unit"])


def gap(result: fetch.Row, item: fetch.Row, limit: fetch.Row) -> Gap:
    """Return what a unit lacks of an indicator that asks for at least the limit.

    A shared resource T passes when T × weight × per ≥ limit × weighted pupils of the site, so the missing amount is one
    of the whole site; fewer pupils of this stage lower the weighted pupils by their weight each.
    """
    if result["have"] is None or result["need"] is None:
        return Gap(result, item, None, None, None)
    per = limit["per"] * (result["weight"] if result["is_shared"] else 1)
    short = [None, None]
    for at, ratio in enumerate((Decimal(1), limit["floor_ratio"])):
        if ratio is not None:
            lacking = max(Decimal(0), result["need"] * ratio - result["have"])
            short[at] = whole(lacking / per, item["unit"])
    return Gap(result, item, short[0], short[1], _enrolment(result, limit["per"]))


def _enrolment(result: fetch.Row, per: Decimal) -> int | None:
    """Return the largest number of pupils of the stage with which what there is would do."""
    pupils, limit = result["denominator"], result["limit_value"]
    if not limit or result["have"] >= result["need"]:
        return int(pupils)
    if result["is_shared"]:
        too_many = (result["need"] - result["have"]) / limit / result["weight"]
        left = int(pupils) - int(too_many.to_integral_value(ROUND_CEILING))
    else:
        left = int((result["numerator"] * per / limit).to_integral_value(ROUND_FLOOR))
    return left if left > 0 else None


def excess(result: fetch.Row, limit: fetch.Row) -> Decimal | None:
    """Return how much is missing or too many of what is judged by class, site or school; zero where it is met."""
    if result["have"] is None or result["need"] is None:
        return None
    if result["verdict"] == "met":
        return Decimal(0)
    per = 1 if limit["rounding"] == "up" else limit["per"]
    return abs(result["need"] - result["have"]) / per


def whole(amount: Decimal, unit: str) -> Decimal:
    """Return an amount rounded up: to whole people and rooms, to hundredths of metres and yuan."""
    step = Decimal(1) if unit in WHOLE_UNITS else CENT
    return amount.quantize(step, ROUND_CEILING)


def _burdens(
    shares: Sequence[fetch.Row], coefficients: dict[tuple[str, str], fetch.Row], items: dict[str, fetch.Row]
) -> dict[tuple[str, str, str], Burden]:
    """Return (site, stage, item) → what the unit carries, in the order of stages and items."""
    found: dict[tuple[str, str, str], Burden] = {}
    order = {code: at for at, code in enumerate(items)}
    for row in sorted(shares, key=lambda row: (row["stage"] != "primary", order[row["item_code"]])):
        one = coefficients[row["item_code"], row["stage"]]
        of_item = [s for s in shares if (s["item_code"], s["stage"]) == (row["item_code"], row["stage"])]
        without = at_the_mean(of_item, row["site_id"])
        limit = one["limit_value"]
        is_enough = without is not None and limit is not None and without <= float(limit)
        found[row["site_id"], row["stage"], row["item_code"]] = Burden(
            one, items[row["item_code"]], row["variance_share"], row["deviation"], without, is_enough
        )
    return found


def at_the_mean(units: Sequence[fetch.Row], site_id: str) -> float | None:
    """Return the coefficient of a stage and item if one site stood at the mean of the others.

    None where a number is missing, there is no other unit, or the others have nothing.
    """
    if not all(unit["is_known"] for unit in units):
        return None
    weighed = [(float(u["pupils"]), float(u["numerator"]), u["site_id"] == site_id) for u in units]
    others = [(pupils, amount) for pupils, amount, is_it in weighed if not is_it]
    total = math.fsum(pupils for pupils, *_ in weighed)
    amount, pupils = math.fsum(x for _, x in others), math.fsum(p for p, _ in others)
    if not others or not amount or not pupils:
        return None
    mean = amount / pupils
    return math.sqrt(math.fsum(p * (x / p - mean) ** 2 for p, x in others) / total) / mean


ITEMS = "select * from dim_item where standard_id = ? order by item_no"
RESULTS = f"""
    select r.*, i.item_no from fact_result as r inner join dim_item as i using (standard_id, item_code)
    where {AT} and r.scope in ('unit', 'class', 'site', 'school')
    order by case when r.scope = 'unit' then r.stage end desc nulls last, i.item_no, r.stage desc, r.test_no
"""
UNITS = f"select * from fact_school_summary where {AT} order by stage desc, site_id"
NUMERATORS = """
    select item_code, min(measure_unit) as measure_unit from dim_term
    where standard_id = ? and side = 'numerator' and case_no = 0 group by item_code
"""
SITES = f"""
    select d.*, min(case r.stage when 'primary' then 0 else 1 end) as stage_no,
        string_agg(r.stage_text || coalesce(cast(r.pupils as varchar) || '人', '缺报'), '、' order by r.stage desc)
            as roll
    from dim_site as d inner join fact_roll as r using (county_code, stat_year, site_id)
    where {AT} and r.stage in ('primary', 'junior') and coalesce(d.exclusion_code, '') <> 'special_education'
    group by all order by stage_no, d.site_id
"""
