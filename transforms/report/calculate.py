"""The calculation of the resource indicators as spreadsheet cells: a formula each, and what it comes to.

The formulas say again, in a language inspectors read, what the models say in SQL; beside each stands its value,
computed here from the same raw counts, for viewers that do not recalculate. An empty text is a missing number.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from xlsxwriter.utility import xl_range_abs, xl_rowcol_to_cell

from contracts.codes import read_codes
from transforms.report import fetch
from transforms.report.gather_calculation import Basis

Number = float | str
MISSING = ""
FIRST_ROW = 5
"""Where the first school of a table stands; above are title, note and three rows of headers."""
LIMITS, SPLIT, COEFFICIENTS, CHECK = "标准", "分摊", "差异系数", "核对"
EXACT, FINE = 6, 9
"""Decimals at which two sides are compared, so that binary fractions do not decide an exact tie."""
SPLIT_STAGE_COLUMNS = 3
SPLIT_LEFT = 4


@dataclass(frozen=True)
class Cell:
    """A cell: a formula with its value, or a value that is put in (raw or text)."""

    value: Any
    formula: str = ""
    style: str = "number"


@dataclass(frozen=True)
class Column:
    """A column of a stage's sheet: its key, the block it belongs to, header, unit, style."""

    key: tuple[Any, ...]
    block: str
    header: str
    unit: str = ""
    width: int = 9


@dataclass(frozen=True)
class Layout:
    """Where everything stands: columns of each stage's sheet, rows of sites and limits on theirs."""

    basis: Basis
    columns: dict[str, list[Column]]
    split_rows: dict[str, int]
    weighted_stages: list[str]
    limit_rows: dict[tuple[str, str, int], int]
    weight_rows: dict[tuple[str, str], int]
    cv_rows: dict[tuple[str, str], int]
    places: dict[tuple[str, tuple[Any, ...]], int] = field(default_factory=dict)

    def at(self, stage: str, key: tuple[Any, ...], row: int) -> str:
        """Return the address of a cell within the sheet of a stage."""
        return xl_rowcol_to_cell(row, self.places[stage, key], col_abs=True)

    def down(self, stage: str, key: tuple[Any, ...]) -> str:
        """Return the range of all schools of a stage in a column, as other sheets name it."""
        column = self.places[stage, key]
        last = FIRST_ROW + len(self.basis.units[stage]) - 1
        return f"'{self.basis.stage_names[stage]}'!{xl_range_abs(FIRST_ROW, column, last, column)}"


def elsewhere(sheet: str, row: int, column: int) -> str:
    """Return the absolute address of a cell on another sheet."""
    return f"'{sheet}'!{xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)}"


LIMIT_COLUMNS = ("每", "标准值", "底线比例", "差异系数上限", "应达标指标数")
LIMIT_AT = {"per": 5, "limit": 7, "floor": 8, "cv": 11, "met_at_least": 12}
CV_AT = {"units": 3, "known": 4, "pupils": 5, "sum": 6, "mean": 7, "sd": 8, "cv": 9, "limit": 11, "verdict": 13}


def lay_out(basis: Basis) -> Layout:
    """Return where every figure of a county stands."""
    stages = basis.stages()
    sites = sorted({unit["site_id"] for stage in stages for unit in basis.units[stage]})
    types = sorted({unit["school_type_code"] or "" for stage in stages for unit in basis.units[stage]})
    named = [stage for stage in read_codes("stages") if any((kind, stage) in basis.weights for kind in types)]
    weighted = [stage for stage in named if any(basis.roll.get((site, stage)) is not None for site in sites)]
    cases = [(row["item_code"], row["stage"], 0) for row in basis.items] + sorted(basis.relaxed)
    held = {
        (unit["school_type_code"] or "", stage)
        for units in basis.units.values()
        for unit in units
        for stage in weighted
        if (unit["site_id"], stage) in basis.roll
    }
    weights = [(kind, stage) for kind in types for stage in weighted if (kind, stage) in held & set(basis.weights)]
    keys = [(row["stage"], row["item_code"]) for stage in stages for row in basis.items_of(stage)]
    columns = {stage: _columns(basis, stage) for stage in stages}
    return Layout(
        basis=basis,
        columns=columns,
        split_rows={site: FIRST_ROW + at for at, site in enumerate(sites)},
        weighted_stages=weighted,
        limit_rows={case: FIRST_ROW + at for at, case in enumerate(cases)},
        weight_rows={key: FIRST_ROW + len(cases) + 3 + at for at, key in enumerate(weights)},
        cv_rows={key: FIRST_ROW + at for at, key in enumerate(keys)},
        places={(stage, column.key): at for stage in stages for at, column in enumerate(columns[stage])},
    )


def _columns(basis: Basis, stage: str) -> list[Column]:
    """Return the columns of a stage's sheet, block by block."""
    items = basis.items_of(stage)
    is_judged = any(row["met_at_least"] is not None for row in items)
    columns = [
        Column(("no",), "学校", "序号", width=5),
        Column(("name",), "学校", "学校名称", width=24),
        Column(("site",), "学校", "校区编号", width=13),
        Column(("pupils",), "原始数", "在校生数", "人"),
    ]
    columns += [Column(("raw", *key), "原始数", *_measure_words(row)) for key, row in _measures(basis, stage).items()]
    if any(row["is_split"] for row in items):
        said = (("weight", "本学段权重"), ("weighted", "全校加权学生数"), ("share", "本学段分摊比例"))
        columns += [Column((key,), "分摊", words) for key, words in said]
    for row in items:
        code = row["item_code"]
        columns.append(
            Column(("whole", code), "分子", f"{code} {'全校' if row['is_split'] else ''}分子", row["unit"], 12)
        )
        if row["is_split"]:
            columns.append(Column(("own", code), "分子", f"{code} 分摊后分子", row["unit"], 17))
    columns += [
        Column(("value", row["item_code"]), "指标值", f"{row['item_code']} {row['name_zh']}", row["unit"], 13)
        for row in items
    ]
    if is_judged:
        columns += [
            Column(("met", row["item_code"]), "学校综合评估", f"{row['item_code']} 达标", "1是0否", 6) for row in items
        ]
        columns += [
            Column(("floor", row["item_code"]), "学校综合评估", f"{row['item_code']} 达底线", "1是0否", 6)
            for row in items
        ]
        said = (("met_items", "达标项数"), ("not_met_items", "未达标项数"), ("below_floor_items", "低于底线项数"))
        columns += [
            Column((key,), "学校综合评估", words, "项", 7) for key, words in (*said, ("missing_items", "缺数据项数"))
        ]
        columns.append(Column(("verdict",), "学校综合评估", "结论", width=9))
    columns += [
        Column(("off", row["item_code"]), "离差", f"{row['item_code']} 指标值 − 平均值", row["unit"], 14)
        for row in items
    ]
    return columns


def _measures(basis: Basis, stage: str) -> dict[tuple[str, int], fetch.Row]:
    """Return the measures that a stage's items are computed from, pupils apart, each once, in the items' order."""
    found: dict[tuple[str, int], fetch.Row] = {}
    for item in basis.items_of(stage):
        cases = sorted(key for key in basis.terms if key[:2] == (item["item_code"], stage))
        for term in (term for case in cases for term in basis.terms[case]):
            if not _is_pupils(term):
                found.setdefault((term["measure_code"], term["year_offset"]), term)
    return found


def _is_pupils(term: fetch.Row) -> bool:
    return term["measure_code"] == "pupils" and term["year_offset"] == 0


def _measure_words(term: fetch.Row) -> tuple[str, str]:
    when = "" if term["year_offset"] == 0 else f"（{term['year_offset']}年）"
    return f"{term['measure_text'] or term['measure_code']}{when}", term["measure_unit"] or ""


def as_float(value: Any) -> Number:
    """Return a number, or the sign of a missing one."""
    return MISSING if value is None else float(value)


def _is_missing(*values: Number) -> bool:
    return any(isinstance(value, str) for value in values)


def split_cells(layout: Layout, site: str, unit: fetch.Row) -> list[Cell]:
    """Return how a site's shared resources are split: pupils, weight and product of each stage, and the shares."""
    basis, row = layout.basis, layout.split_rows[site]
    cells: list[Cell] = []
    products: list[tuple[str, Number]] = []
    for at, stage in enumerate(layout.weighted_stages):
        left = SPLIT_LEFT + at * SPLIT_STAGE_COLUMNS
        here, weight_at = (xl_rowcol_to_cell(row, left + step) for step in (0, 1))
        has_stage = (site, stage) in basis.roll
        pupils = as_float(basis.roll.get((site, stage)))
        rows = {one["site_id"]: FIRST_ROW + n for n, one in enumerate(basis.units.get(stage, []))}
        linked = f"'{basis.stage_names[stage]}'!{layout.at(stage, ('pupils',), rows[site])}" if site in rows else ""
        weight_row = layout.weight_rows.get((unit["school_type_code"] or "", stage))
        weight = as_float(basis.weights.get((unit["school_type_code"] or "", stage)))
        if not has_stage:
            cells += [Cell("", style="blank")] * SPLIT_STAGE_COLUMNS
            continue
        product = MISSING if _is_missing(pupils, weight) else float(pupils) * float(weight)
        cells.append(
            Cell(pupils, f'=IF({linked}="","",{linked})', "count") if linked else Cell(pupils, style="raw_count")
        )
        cells.append(
            Cell(weight, f"={elsewhere(LIMITS, weight_row, LIMIT_AT['limit'])}" if weight_row else "", "weight")
        )
        cells.append(Cell(product, f'=IF(OR({here}="",{weight_at}=""),"",{here}*{weight_at})', "fine"))
        products.append((xl_rowcol_to_cell(row, left + 2), product))
    return [*cells, *_shares(layout, row, products)]


def _shares(layout: Layout, row: int, products: list[tuple[str, Number]]) -> list[Cell]:
    """Return the sum of the weighted pupils of a site, the share of each stage, and the sum of the shares."""
    total_at = xl_rowcol_to_cell(row, total_column(layout))
    addresses = ",".join(address for address, _ in products)
    values = [value for _, value in products]
    total: Number = MISSING if _is_missing(*values) else sum(map(float, values))
    cells = [Cell(total, f'=IF(COUNT({addresses})<{len(products)},"",SUM({addresses}))', "fine")]
    shares: list[Number] = []
    for at in range(len(layout.weighted_stages)):
        product_at = xl_rowcol_to_cell(row, SPLIT_LEFT + at * SPLIT_STAGE_COLUMNS + 2)
        product = dict(products).get(product_at)
        if product is None:
            cells.append(Cell("", style="blank"))
            continue
        share = MISSING if _is_missing(total) or not total else float(product) / float(total)
        shares.append(share)
        cells.append(Cell(share, f'=IF(N({total_at})=0,"",{product_at}/{total_at})', "share"))
    first, last = total_column(layout) + 1, total_column(layout) + len(layout.weighted_stages)
    span = f"{xl_rowcol_to_cell(row, first)}:{xl_rowcol_to_cell(row, last)}"
    known = [float(share) for share in shares if not isinstance(share, str)]
    return [*cells, Cell(sum(known) if known else MISSING, f'=IF(COUNT({span})=0,"",SUM({span}))', "share")]


def total_column(layout: Layout) -> int:
    """Return the column of the weighted pupils of a whole site on the sheet of the split."""
    return SPLIT_LEFT + SPLIT_STAGE_COLUMNS * len(layout.weighted_stages)


def unit_cells(layout: Layout, stage: str, number: int) -> dict[tuple[Any, ...], Cell]:
    """Return the cells of one school in a stage, all but the deviations (which need the means of all)."""
    basis, row = layout.basis, FIRST_ROW + number
    unit = basis.units[stage][number]
    site = unit["site_id"]
    cells = {
        ("no",): Cell(number + 1, style="no"),
        ("name",): Cell(unit["school_name"] or "", style="text"),
        ("site",): Cell(site, style="text"),
        ("pupils",): Cell(as_float(basis.roll.get((site, stage))), style="raw_count"),
    }
    for code, offset in _measures(basis, stage):
        cells["raw", code, offset] = Cell(as_float(basis.raw.get((site, stage, code, offset))), style="raw")
    if ("weight",) in {column.key for column in layout.columns[stage]}:
        cells |= _weight_cells(layout, stage, site, unit)
    for item in basis.items_of(stage):
        cells |= _item_cells(layout, item, row, cells, basis.results.get((site, stage, item["item_code"])))
    if ("verdict",) in {column.key for column in layout.columns[stage]}:
        cells |= _rule_cells(layout, stage, row, cells)
    return cells


def _weight_cells(layout: Layout, stage: str, site: str, unit: fetch.Row) -> dict[tuple[Any, ...], Cell]:
    """Return weight, weighted pupils of the whole site and share of one school, taken from the sheet of the split."""
    split_row = layout.split_rows[site]
    left = SPLIT_LEFT + layout.weighted_stages.index(stage) * SPLIT_STAGE_COLUMNS
    shown = split_cells(layout, site, unit)
    weight, total = shown[left - SPLIT_LEFT + 1], shown[total_column(layout) - SPLIT_LEFT]
    share = shown[total_column(layout) - SPLIT_LEFT + 1 + layout.weighted_stages.index(stage)]
    places = {"weight": (weight, left + 1), "weighted": (total, total_column(layout))}
    places["share"] = (share, total_column(layout) + 1 + layout.weighted_stages.index(stage))
    cells = {}
    for key, (cell, column) in places.items():
        there = elsewhere(SPLIT, split_row, column)
        cells[(key,)] = Cell(cell.value, f'=IF({there}="","",{there})', cell.style)
    return cells


@dataclass(frozen=True)
class Sides:
    """An amount, scaled by its weight where it is shared, and what it is divided by: as formulas and as numbers."""

    scaled: str
    below: str
    amount: Number
    size: Number


def _item_cells(
    layout: Layout, item: fetch.Row, row: int, cells: dict[tuple[Any, ...], Cell], result: fetch.Row | None
) -> dict[tuple[Any, ...], Cell]:
    """Return numerator, value and verdict of one item for one school."""
    stage, code = item["stage"], item["item_code"]
    case = (code, stage, result["case_no"] if result else 0)
    whole = _sum(layout, stage, row, cells, (code, stage, 0), "numerator")
    made = {("whole", code): Cell(whole.value, f"={whole.formula}", "fine")}
    whole_at = layout.at(stage, ("whole", code), row)
    judged = _sum(layout, stage, row, cells, case, "numerator") if case[2] else Cell(whole.value, whole_at)
    weight, weighted = cells.get(("weight",)), cells.get(("weighted",))
    if item["is_split"] and weight and weighted:
        made["own", code] = _own(layout, stage, row, code, {**cells, **made})
        weight_at, weighted_at = (layout.at(stage, (key,), row) for key in ("weight", "weighted"))
        amount = MISSING if _is_missing(judged.value, weight.value) else float(judged.value) * float(weight.value)
        sides = Sides(f"{judged.formula}*{weight_at}", weighted_at, amount, weighted.value)
    else:
        base = _sum(layout, stage, row, cells, case, "denominator")
        sides = Sides(judged.formula, base.formula, judged.value, base.value)
    limits = layout.basis.relaxed[case] if case[2] else item
    per_at = elsewhere(LIMITS, layout.limit_rows[case], LIMIT_AT["per"])
    is_known = not _is_missing(sides.amount, sides.size) and bool(sides.size)
    value = float(sides.amount) * float(limits["per"]) / float(sides.size) if is_known else MISSING
    formula = f'=IF(OR({judged.formula}="",N({sides.below})=0),"",{sides.scaled}*{per_at}/{sides.below})'
    made["value", code] = Cell(value, formula, "value")
    if item["met_at_least"] is not None:
        made |= _flag_cells(layout, case, row, limits, sides, {**cells, **made})
    return made


def _flag_cells(
    layout: Layout,
    case: tuple[str, str, int],
    row: int,
    limits: fetch.Row,
    sides: Sides,
    cells: dict[tuple[Any, ...], Cell],
) -> dict[tuple[Any, ...], Cell]:
    """Return whether one item of one school meets its limit, and whether it is not below its floor."""
    code, stage, _ = case
    value_at, pupils_at = layout.at(stage, ("value", code), row), layout.at(stage, ("pupils",), row)
    pupils = cells[("pupils",)].value
    is_known = not _is_missing(cells["value", code].value, pupils) and bool(pupils)
    limit_row = layout.limit_rows[case]
    per_at, limit_at, floor_at = (elsewhere(LIMITS, limit_row, LIMIT_AT[key]) for key in ("per", "limit", "floor"))
    made = {}
    for key, floor, more, operator in (
        ("met", 1.0, "", limits["operator"]),
        ("floor", float(limits["floor_ratio"]), f"*{floor_at}", ">="),
    ):
        gap = 0.0
        if is_known:
            need = float(limits["limit_value"]) * float(sides.size) * floor
            gap = round(float(sides.amount) * float(limits["per"]) - need, EXACT)
        left = f"ROUND({sides.scaled}*{per_at}-{limit_at}*{sides.below}{more},{EXACT})"
        formula = f'=IF(OR({value_at}="",N({pupils_at})=0),"",IF({left}{operator}0,1,0))'
        made[key, code] = Cell(float(holds(gap, operator)) if is_known else MISSING, formula, "flag")
    return made


def _own(layout: Layout, stage: str, row: int, code: str, cells: dict[tuple[Any, ...], Cell]) -> Cell:
    """Return the stage's part of a shared resource, rounded to the sixth decimal as the models do."""
    keys = (("whole", code), ("weight",), ("pupils",), ("weighted",))
    whole_at, weight_at, pupils_at, weighted_at = (layout.at(stage, key, row) for key in keys)
    whole, weight, pupils, weighted = (cells[key].value for key in keys)
    part = f"ROUND({whole_at}*{weight_at}*{pupils_at}/{weighted_at},{EXACT})"
    formula = f'=IF(OR({whole_at}="",N({weighted_at})=0),"",{part})'
    if _is_missing(whole, pupils, weight, weighted) or not weighted:
        return Cell(MISSING, formula, "fine")
    share = float(whole) * float(weight) * float(pupils) / float(weighted)
    return Cell(math.floor(share * 10**EXACT + 1 / 2) / 10**EXACT, formula, "fine")


def _sum(
    layout: Layout,
    stage: str,
    row: int,
    cells: dict[tuple[Any, ...], Cell],
    case: tuple[str, str, int],
    side: str,
) -> Cell:
    """Return a signed sum of raw counts as a formula without `=`; missing when one of them is."""
    terms = [term for term in layout.basis.terms[case] if term["side"] == side]
    keys = [("pupils",) if _is_pupils(term) else ("raw", term["measure_code"], term["year_offset"]) for term in terms]
    addresses = [layout.at(stage, key, row) for key in keys]
    signs = ["+" if term["sign"] > 0 else "-" for term in terms]
    if not terms:
        return Cell(1.0, "1")
    values = [cells[key].value for key in keys]
    if len(terms) == 1 and signs == ["+"]:
        return Cell(values[0], f'IF({addresses[0]}="","",{addresses[0]})' if side == "numerator" else addresses[0])
    text = "".join(sign + address for sign, address in zip(signs, addresses, strict=True)).removeprefix("+")
    total = (
        MISSING
        if _is_missing(*values)
        else sum(term["sign"] * float(value) for term, value in zip(terms, values, strict=True))
    )
    return Cell(total, f'IF(COUNT({",".join(addresses)})<{len(terms)},"",{text})')


def holds(gap: float, operator: str) -> bool:
    """Return whether a gap (have minus need) stands the comparison."""
    return {">=": gap >= 0, ">": gap > 0, "<=": gap <= 0, "<": gap < 0, "=": gap == 0}[operator]


def _rule_cells(
    layout: Layout, stage: str, row: int, cells: dict[tuple[Any, ...], Cell]
) -> dict[tuple[Any, ...], Cell]:
    """Return the school rule: how many items are met, not met, below the floor, missing, and the verdict."""
    items = layout.basis.items_of(stage)
    first, last = items[0]["item_code"], items[-1]["item_code"]
    met, floor = (
        f"{layout.at(stage, (key, first), row)}:{layout.at(stage, (key, last), row)}" for key in ("met", "floor")
    )
    pupils_at = layout.at(stage, ("pupils",), row)
    none = f"AND(ISNUMBER({pupils_at}),{pupils_at}=0)"
    flags = [(cells["met", row_["item_code"]].value, cells["floor", row_["item_code"]].value) for row_ in items]
    counts = {
        "met_items": sum(is_met == 1 for is_met, _ in flags),
        "not_met_items": sum(is_met == 0 for is_met, _ in flags),
        "below_floor_items": sum(is_met == 0 and is_above == 0 for is_met, is_above in flags),
        "missing_items": 0 if cells[("pupils",)].value == 0 else sum(is_met == MISSING for is_met, _ in flags),
    }
    formulas = {
        "met_items": f"=SUM({met})",
        "not_met_items": f"=COUNTIF({met},0)",
        "below_floor_items": f"=COUNTIFS({met},0,{floor},0)",
        "missing_items": f"=IF({none},0,{len(items)}-COUNT({met}))",
    }
    made = {(key,): Cell(float(counts[key]), formulas[key], "count") for key in counts}
    at_least = elsewhere(LIMITS, layout.limit_rows[first, stage, 0], LIMIT_AT["met_at_least"])
    words = {code: text["text_zh"] for code, text in read_codes("verdicts").items()}
    below, fail, gone = (
        layout.at(stage, (key,), row) for key in ("below_floor_items", "not_met_items", "missing_items")
    )
    formula = (
        f'=IF({none},"{words["not_applicable"]}",IF(OR({below}>0,{fail}>{len(items)}-{at_least}),'
        f'"{words["not_met"]}",IF({gone}>0,"{words["not_assessable"]}","{words["met"]}")))'
    )
    fails = counts["below_floor_items"] > 0 or counts["not_met_items"] > len(items) - items[0]["met_at_least"]
    verdict = "not_met" if fails else "not_assessable" if counts["missing_items"] else "met"
    verdict = "not_applicable" if cells[("pupils",)].value == 0 else verdict
    return {**made, ("verdict",): Cell(words[verdict], formula, "text")}


def coefficient_cells(layout: Layout, item: fetch.Row, units: list[dict[tuple[Any, ...], Cell]]) -> dict[str, Cell]:
    """Return the row of one coefficient: units, sums, mean, standard deviation, coefficient, limit, verdict."""
    stage, code = item["stage"], item["item_code"]
    key = ("own", code) if (stage, ("own", code)) in layout.places else ("whole", code)
    row = layout.cv_rows[stage, code]
    here = {name: xl_rowcol_to_cell(row, column, col_abs=True) for name, column in CV_AT.items()}
    pupils, own, off = (layout.down(stage, one) for one in (("pupils",), key, ("off", code)))
    limits = layout.limit_rows[code, stage, 0]
    per_at, limit_at = (elsewhere(LIMITS, limits, LIMIT_AT[name]) for name in ("per", "cv"))
    weighed = [(float(one[("pupils",)].value), float(one[key].value)) for one in units if _counts(one, key)]
    total, amount = sum(p for p, _ in weighed), sum(x for _, x in weighed)
    mean: Number = float(item["per"]) * amount / total if total else MISSING
    offs = [(p, float(item["per"]) * x / p - float(mean)) for p, x in weighed] if total else []
    sd: Number = math.sqrt(math.fsum(p * d * d for p, d in offs) / total) if total else MISSING
    cv: Number = float(sd) / float(mean) if total and mean else MISSING
    taking = [one for one in units if one[("pupils",)].value != 0]
    verdict = _cv_verdict(item, len(taking), len(weighed), cv)
    words = {name: text["text_zh"] for name, text in read_codes("verdicts").items()}
    operator = item["cv_operator"] or "<="
    return {
        "units": Cell(len(taking), f"=ROWS({pupils})-COUNTIF({pupils},0)", "count"),
        "known": Cell(len(weighed), f"=SUMPRODUCT(({pupils}>0)*ISNUMBER({pupils})*ISNUMBER({own}))", "count"),
        "pupils": Cell(total, f"=SUMPRODUCT({pupils}*ISNUMBER({own}))", "count"),
        "sum": Cell(amount, f'=SUMIF({pupils},">0",{own})', "fine"),
        "mean": Cell(mean, f'=IF({here["pupils"]}=0,"",{per_at}*{here["sum"]}/{here["pupils"]})', "exact"),
        "sd": Cell(sd, f'=IF({here["pupils"]}=0,"",SQRT(SUMPRODUCT({pupils},{off},{off})/{here["pupils"]}))', "exact"),
        "cv": Cell(cv, f'=IF(N({here["mean"]})=0,"",{here["sd"]}/{here["mean"]})', "coefficient"),
        "limit": Cell(as_float(item["cv_limit_value"]), f'=IF({limit_at}="","",{limit_at})', "limit"),
        "verdict": Cell(
            words[verdict],
            f'=IF({here["units"]}=0,"{words["not_applicable"]}",IF(OR({here["known"]}<{here["units"]},{here["cv"]}=""),'
            f'"{words["not_assessable"]}",IF({here["limit"]}="","{words["not_applicable"]}",'
            f'IF(ROUND({here["cv"]}-{here["limit"]},{FINE}){operator}0,"{words["met"]}","{words["not_met"]}"))))',
            "text",
        ),
    }


def _counts(cells: dict[tuple[Any, ...], Cell], key: tuple[Any, ...]) -> bool:
    pupils, own = cells[("pupils",)].value, cells[key].value
    return not _is_missing(pupils, own) and pupils > 0


def _cv_verdict(item: fetch.Row, units: int, known: int, cv: Number) -> str:
    if units == 0:
        return "not_applicable"
    if known < units or isinstance(cv, str):
        return "not_assessable"
    if item["cv_limit_value"] is None:
        return "not_applicable"
    gap = round(cv - float(item["cv_limit_value"]), FINE)
    return "met" if holds(gap, item["cv_operator"]) else "not_met"


def deviation_cell(layout: Layout, item: fetch.Row, row: int, cells: dict[tuple[Any, ...], Cell], mean: Number) -> Cell:
    """Return how far a school's value, before any relaxation, lies from the county's mean."""
    stage, code = item["stage"], item["item_code"]
    key = ("own", code) if ("own", code) in cells else ("whole", code)
    own, pupils = layout.at(stage, key, row), layout.at(stage, ("pupils",), row)
    limits = layout.limit_rows[code, stage, 0]
    mean_at = elsewhere(COEFFICIENTS, layout.cv_rows[stage, code], CV_AT["mean"])
    formula = (
        f'=IF(OR({own}="",N({pupils})=0),"",{elsewhere(LIMITS, limits, LIMIT_AT["per"])}*{own}/{pupils}-{mean_at})'
    )
    known = _counts(cells, key) and not isinstance(mean, str)
    value = (
        float(item["per"]) * float(cells[key].value) / float(cells[("pupils",)].value) - float(mean)
        if known
        else MISSING
    )
    return Cell(value, formula, "signed")


def composite(values: Iterable[Number]) -> Number:
    """Return the plain mean of coefficients; missing when one of them is."""
    known = list(values)
    return MISSING if not known or _is_missing(*known) else sum(map(float, known)) / len(known)
