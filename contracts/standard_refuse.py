"""Refuse what a statistician could not stand behind: every problem of a file at once, with its line and reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from contracts import standard_readings
from contracts.codes import read_codes
from contracts.standard_shape import (
    BASIS_KEYS,
    LIMIT_DIGITS,
    LIMIT_PLACES,
    OPERATORS,
    OPTIONAL,
    REQUIRED,
    ROOT_SHAPES,
    ROUNDINGS,
    SHAPES,
    SOURCES,
    TERM,
    TEST_KEYS,
    WEIGHT_PLACES,
    WHERE_KEYS,
)


@dataclass
class Source:
    """The text of one standard, its data, the problems found in it, and the sections whose values cannot be read."""

    path: Path
    lines: list[str]
    data: dict[str, Any]
    problems: list[tuple[int, str]] = field(default_factory=list)
    broken: set[tuple[str | int, ...]] = field(default_factory=set)

    def refuse(self, keys: Sequence[str | int], reason: str) -> None:
        """Note a problem with its line."""
        self.problems.append((_line_of(self.lines, keys), reason))

    def refuse_section(self, section: tuple[str | int, ...], keys: Sequence[str | int], reason: str) -> None:
        """Note a problem after which the values of its section cannot be looked at."""
        self.refuse(keys, reason)
        self.broken.add(section)


def problems(source: Source) -> list[tuple[int, str]]:
    """Return everything that is wrong with a standard, line and reason, in order of line."""
    _check_root(source)
    _check_keys(source)
    _check_shapes(source)
    _check_values(source)
    return sorted(set(source.problems))


def _line_of(lines: list[str], keys: Sequence[str | int]) -> int:
    """Return the line a key path stands in: its table's header, or the key inside it; 1 when neither is found."""
    names = [str(key) for key in keys if isinstance(key, str)]
    index = next((key for key in keys if isinstance(key, int)), 0)
    found, seen, inside = 1, 0, True
    for number, line in enumerate(lines, start=1):
        header = re.match(r"\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}\s*(#.*)?$", line)
        if header:
            path = header[1].strip().split(".")
            inside = path == names[: len(path)] and (not line.lstrip().startswith("[[") or seen == index)
            seen += line.lstrip().startswith("[[") and path == names[: len(path)]
            if inside:
                found = number
                names_left = names[len(path) :]
                if not names_left:
                    return number
        elif inside:
            left = names if found == 1 else names_left
            if left and re.match(rf"\s*{re.escape(left[0])}\s*=", line):
                return number
    return found


def _sections(source: Source) -> Iterable[tuple[str, tuple[str | int, ...], dict[str, Any]]]:
    """Yield every section of the file that is one: kind, key path, content."""
    data = source.data
    yield "", (), data
    for name, item in data.get("items", {}).items():
        yield "items", ("items", name), item
        for keys, test in tests_of(("items", name), item):
            if test is not item:
                yield "tests", keys, test
            for at, relaxation in enumerate(test.get("relaxations", [])):
                yield "relaxations", (*keys, "relaxations", at), relaxation
            if isinstance(test.get("aside"), dict):
                yield "aside", (*keys, "aside"), test["aside"]
    for kind in ("readings", "counts"):
        for name, content in data.get(kind, {}).items():
            yield kind, (kind, name), content
    for kind in ("school_rule", "coefficient", "composite", "combined"):
        if kind in data:
            yield kind, (kind,), data[kind]
    for kind in ("split", "exclusions", "merges", "subjects", "relaxation_periods", "preconditions", "vetoes"):
        for index, content in enumerate(data.get(kind, [])):
            yield kind, (kind, index), content


def tests_of(
    keys: tuple[str | int, ...], item: dict[str, Any]
) -> Iterable[tuple[tuple[str | int, ...], dict[str, Any]]]:
    """Yield the tests of an item with their key paths: those it lists, or the item itself; none for evidence alone."""
    tests = item.get("tests")
    if isinstance(tests, list):
        yield from (((*keys, "tests", at), test) for at, test in enumerate(tests) if isinstance(test, dict))
    elif "numerator" in item or not item.get("evidence"):
        yield keys, item


def _check_root(source: Source) -> None:
    """Refuse sections that are not written as sections, and leave them out of what is looked at next."""
    for name, (is_good, reason) in ROOT_SHAPES.items():
        if name in source.data and not is_good(source.data[name]):
            source.refuse_section((name,), (name,), f"{name} {reason}")
            del source.data[name]


def _check_shapes(source: Source) -> None:
    """Refuse values of the wrong kind: a text for a number, an empty list, a name twice, nan."""
    for kind, keys, content in _sections(source):
        if kind == "":
            continue
        for name, value in content.items():
            is_good, reason = SHAPES.get(name, (None, ""))
            if is_good is not None and not is_good(value):
                missing = "缺少标准值 / missing limit: " if name == "limit" and value in ({}, []) else ""
                source.refuse_section(keys, (*keys, name), f"{missing}{name} {reason}")


def _check_keys(source: Source) -> None:
    """Refuse unknown and missing keys, and rows without a whole basis."""
    for kind, keys, content in _sections(source):
        for name in content:
            if name not in (*REQUIRED[kind], *OPTIONAL[kind]):
                source.refuse((*keys, name), f"不认识的键 {name} / unknown key")
        for name in (*REQUIRED[kind], *_needed(source, kind, content)):
            if name not in content and (*keys, name) not in source.broken:
                if name == "basis":
                    source.refuse(keys, "没有依据 / a row without basis")
                else:
                    source.refuse_section(keys, keys, f"缺少 {name} / missing key")
        basis = content.get("basis")
        if basis is not None and (
            not isinstance(basis, dict)
            or set(basis) != set(BASIS_KEYS)
            or any(
                not isinstance(basis[name], kind_) or not str(basis[name]).strip() for name, kind_ in BASIS_KEYS.items()
            )
        ):
            source.refuse((*keys, "basis"), "依据不全，应有 article、quote、source、confirmed / the basis is not whole")


def _needed(source: Source, kind: str, content: dict[str, Any]) -> tuple[str, ...]:
    """Return the keys that a section needs because of what else it holds."""
    if kind == "tests" or (kind == "items" and "tests" not in content and not content.get("evidence")):
        without_limit = source.data.get("informational") or "stages" in content
        return ("numerator",) if without_limit else ("numerator", "operator", "limit")
    if kind == "coefficient" and "composite" not in source.data:
        return ("operator", "limit")
    if kind == "":
        return ("split",) if any(_is_split(item) for item in _tables_in(source.data.get("items"))) else ()
    return ()


def _tables_in(value: Any) -> list[dict[str, Any]]:
    return [one for one in value.values() if isinstance(one, dict)] if isinstance(value, dict) else []


def _is_split(item: dict[str, Any]) -> bool:
    return any(test.get("split") is True for _, test in tests_of((), item))


def _check_values(source: Source) -> None:
    """Refuse values that are not what their place allows, in every section whose keys and kinds are in order."""
    sound = [section for section in _sections(source) if section[1] not in source.broken]
    items = {str(keys[1]): content for kind, keys, content in sound if kind == "items"}
    splits: dict[str, None] = {}
    for kind, keys, content in sound:
        if kind == "" and content.get("id", source.path.stem) != source.path.stem:
            source.refuse(("id",), f"id 应与文件名相同：{source.path.stem} / the id must be the file's name")
        elif kind == "items":
            _check_item(source, keys, content)
        elif kind == "readings" and content["default"] not in content["choices"]:
            source.refuse((*keys, "default"), "口径应有且只有一个默认值 / a reading has exactly one default")
        elif kind == "coefficient":
            _check_coefficient(source, content, items)
        elif kind == "school_rule":
            _check_school_rule(source, content, items)
        elif kind == "split":
            _check_split(source, keys, content, splits)
        elif kind in CHECKS:
            CHECKS[kind](source, keys, content)
    if not source.problems and standard_readings.count(source.data) > standard_readings.MOST_SETS:
        source.refuse(("readings",), "口径的组合太多 / the readings make too many combinations")


def _check_split(source: Source, keys: tuple[str | int, ...], split: dict[str, Any], named: dict[str, None]) -> None:
    """Refuse types and weights that cannot stand; the types go into `named`, where each may stand once."""
    codes = split["school_type_codes"]
    _check_types(source, (*keys, "school_type_codes"), codes, star=True)
    if "*" in codes and len(codes) > 1:
        source.refuse((*keys, "school_type_codes"), '"*" 须单独写 / "*" stands alone')
    if twice := [code for code in codes if code in named]:
        reason = f"学校类型已有权重 {'、'.join(twice)} / the school type has weights already"
        source.refuse((*keys, "school_type_codes"), reason)
    named.update(dict.fromkeys(codes))
    for stage, weight in split["weights"].items():
        _check_known(source, (*keys, "weights"), stage, "stages")
        if weight <= 0:
            source.refuse((*keys, "weights"), f"权重应大于0 / a weight must be positive: {stage} = {weight}")
        elif places(weight) > WEIGHT_PLACES:
            source.refuse((*keys, "weights"), f"权重最多{WEIGHT_PLACES}位小数 / too many decimals: {stage} = {weight}")


def _check_item(source: Source, keys: tuple[str | int, ...], item: dict[str, Any]) -> None:
    _check_known(source, (*keys, "part"), item["part"], "parts")
    _check_known(source, (*keys, "scope"), item["scope"], "scopes")
    if "tests" in item and (doubled := [name for name in TEST_KEYS if name in item]):
        source.refuse((*keys, doubled[0]), f"有 tests 时不另写 {doubled[0]} / written beside tests")
    for test_keys, test in tests_of(keys, item):
        if test_keys not in source.broken:
            _check_test(source, test_keys, test, item["scope"])


def _check_test(source: Source, keys: tuple[str | int, ...], test: dict[str, Any], scope: str) -> None:
    if test.get("operator", OPERATORS[0]) not in OPERATORS:
        source.refuse((*keys, "operator"), f"不认识的比较 {test['operator']} / unknown operator")
    if test.get("round", "none") not in ROUNDINGS:
        source.refuse((*keys, "round"), f"不认识的取整 {test['round']} / unknown rounding")
    if test.get("split") and (test.get("denominator") != ["pupils"] or scope != "unit"):
        source.refuse((*keys, "denominator"), "分摊的指标以在校生数为分母 / a split item is per pupil")
    if "limit" in test:
        _check_limits(source, keys, test["limit"], scope)
    for stage in test.get("stages", []):
        _check_known(source, (*keys, "stages"), stage, "result_stages")
    stages = stages_of(test, scope)
    for side in ("numerator", "denominator"):
        if side in test:
            _check_terms(source, (*keys, side), test[side], stages)
    _check_reading(source, keys, test.get("reading", {}))
    for condition in test.get("applies", []):
        _check_measures(source, (*keys, "applies"), condition)
    for at, relaxation in enumerate(test.get("relaxations", [])):
        _check_relaxation(source, (*keys, "relaxations", at), relaxation, scope, stages)
    if test.get("relaxations") and not source.data.get("relaxation_periods"):
        source.refuse(
            (*keys, "relaxations"), "没有 [[relaxation_periods]]，放宽不会生效 / relaxations without a period"
        )
    if "aside" in test and (*keys, "aside") not in source.broken:
        _check_terms(source, (*keys, "aside", "numerator"), test["aside"]["numerator"], stages)


def _check_relaxation(
    source: Source, keys: tuple[str | int, ...], relaxation: dict[str, Any], scope: str, stages: Sequence[str]
) -> None:
    if keys in source.broken:
        return
    if "limit" in relaxation:
        _check_limits(source, keys, relaxation["limit"], scope)
        if isinstance(relaxation["limit"], dict) and set(relaxation["limit"]) - set(stages):
            source.refuse(
                (*keys, "limit"), f"学段与标准值不一致 / stages differ from the limits: {relaxation['limit']}"
            )
    if "numerator" in relaxation:
        _check_terms(source, (*keys, "numerator"), relaxation["numerator"], stages, is_whole=False)
    if not {"limit", "numerator"} & set(relaxation):
        source.refuse(keys, "放宽条款没有放宽什么 / a relaxation that relaxes nothing")
    for condition in relaxation.get("when", []):
        _check_measures(source, (*keys, "when"), condition)


def stages_of(test: dict[str, Any], scope: str) -> list[str]:
    """Return the stages of results a test is made for: those of its limit, those it names, or all of its scope."""
    if isinstance(test.get("limit"), dict):
        return list(test["limit"])
    if "stages" in test:
        return list(test["stages"])
    return read_codes("scopes").get(scope, {"stages": ""})["stages"].split()


def _check_terms(
    source: Source, keys: tuple[str | int, ...], terms: Any, stages: Sequence[str], *, is_whole: bool = True
) -> None:
    by_stage = terms if isinstance(terms, dict) else dict.fromkeys(stages, terms)
    if set(by_stage) - set(stages) or (is_whole and set(by_stage) != set(stages)):
        source.refuse(keys, f"学段与标准值不一致 / stages differ from the limits: {sorted(by_stage)}")
    known = measures(source.data)
    for one in by_stage.values():
        found = [TERM.fullmatch(term) for term in one]
        for term, match in zip(one, found, strict=True):
            if match is None or match["measure"] not in known:
                source.refuse(keys, f"measures.csv 中没有 {term.removeprefix('-')} / not in the code list")
        names = {match["measure"] + (match["offset"] or "") for match in found if match}
        if len(names) < len(one) or all(term.startswith("-") for term in one):
            source.refuse(keys, f"各测算量一次，至少一个为加 / each once, one at least added: {one}")


def measures(data: dict[str, Any]) -> set[str]:
    """Return every measure a standard may name: those core counts, county and finance items, and its own counts."""
    lists = ("measures", "county_items", "finance_items")
    return {code for name in lists for code in read_codes(name)} | set(data.get("counts", {}))


def _check_measures(source: Source, keys: tuple[str | int, ...], condition: list[Any]) -> None:
    known = measures(source.data)
    for name in (condition[0], *condition[3:]):
        if name not in known:
            source.refuse(keys, f"measures.csv 中没有 {name} / not in the code list")
    if places(condition[2]) > LIMIT_PLACES:
        source.refuse(keys, f"最多{LIMIT_PLACES}位小数 / too many decimals: {condition[2]}")


def places(number: int | Decimal) -> int:
    """Return how many decimals a number has."""
    return -int(Decimal(number).normalize().as_tuple().exponent)


def _check_limits(source: Source, keys: tuple[str | int, ...], limits: Any, scope: str) -> None:
    if not isinstance(limits, dict) and scope == "unit":
        source.refuse((*keys, "limit"), f"应按学段各给一个数 / must be a number for each stage: {limits}")
        return
    for stage, limit in limits.items() if isinstance(limits, dict) else [("", limits)]:
        if stage:
            _check_known(source, (*keys, "limit"), stage, "result_stages")
        if not 0 <= limit < Decimal(10) ** LIMIT_DIGITS:
            source.refuse((*keys, "limit"), f"标准值超出范围 / the limit is out of range: {stage} = {limit}")
        elif places(limit) > LIMIT_PLACES:
            source.refuse((*keys, "limit"), f"标准值最多{LIMIT_PLACES}位小数 / too many decimals: {stage} = {limit}")


def _check_rule_items(source: Source, kind: str, rule: dict[str, Any], where: str, items: dict[str, Any]) -> set[str]:
    """Refuse items that do not exist or have no limit for a stage of the rule; return the stages they are tested in."""
    for name in rule["items"]:
        if name not in source.data.get("items", rule["items"]):
            source.refuse((kind, "items"), f"没有这项指标 {name} / no such item")
    named = [name for name in rule["items"] if name in items]
    tested = {name: stages_of(items[name], items[name]["scope"]) for name in named}
    for stage in rule.get(where, ()):
        if lacking := [name for name in named if stage not in tested[name]]:
            source.refuse((kind, where), f"{stage} 缺少标准值 / missing limit: {'、'.join(lacking)}")
    return {stage for name in named for stage in tested[name]}


def _check_coefficient(source: Source, rule: dict[str, Any], items: dict[str, Any]) -> None:
    stages = _check_rule_items(source, "coefficient", rule, "limit", items)
    for kind in ("coefficient", "composite"):
        found = source.data.get(kind, {})
        if (kind,) in source.broken or "limit" not in found:
            continue
        _check_limits(source, (kind,), found["limit"], "unit")
        if found.get("operator") not in {"<=", "<"}:
            reason = f"差异系数只能有上限 / a coefficient has an upper limit: {found.get('operator')}"
            source.refuse((kind, "operator"), reason)
        if isinstance(found["limit"], dict) and (missing := stages - set(found["limit"])):
            source.refuse((kind, "limit"), f"缺少标准值 / missing limit: {'、'.join(sorted(missing))}")
    _check_reading(source, ("coefficient",), rule.get("relaxed", {}), "relaxed")


def _check_school_rule(source: Source, rule: dict[str, Any], items: dict[str, Any]) -> None:
    _check_rule_items(source, "school_rule", rule, "stages", items)
    for stage in rule["stages"]:
        _check_known(source, ("school_rule", "stages"), stage, "stages")
    ratio = rule["floor_ratio"]
    if not 0 < ratio <= 1:
        source.refuse(("school_rule", "floor_ratio"), f"底线比例应在0与1之间 / must be in (0, 1]: {ratio}")
    elif places(ratio) > LIMIT_PLACES:
        source.refuse(("school_rule", "floor_ratio"), f"底线比例最多{LIMIT_PLACES}位小数 / too many decimals: {ratio}")
    if rule["met_at_least"] > len(rule["items"]):
        source.refuse(("school_rule", "met_at_least"), f"应达标数超出指标数 / out of range: {rule['met_at_least']}")


def _check_condition(source: Source, keys: tuple[str | int, ...], row: dict[str, Any]) -> None:
    """Refuse an exclusion or a merge that names what is not there, stands twice or has no bounds."""
    earlier = source.data[str(keys[0])][: keys[1]]
    if any(row["id"] == other.get("id") for other in earlier):
        source.refuse((*keys, "id"), f"重复的 id {row['id']} / the id stands twice")
    if keys[0] == "exclusions" and row["id"] not in read_codes("reasons"):
        source.refuse((*keys, "id"), f"不认识的理由 {row['id']} / unknown reason code")
    for scope in row.get("scopes", []):
        _check_known(source, (*keys, "scopes"), scope, "scopes")
    _check_types(source, (*keys, "school_type_codes"), row.get("school_type_codes", []), star=False)
    if "stage" in row:
        _check_known(source, (*keys, "stage"), row["stage"], "stages")
    if row.get("target", "parent") not in {"parent", "main_campus"}:
        source.refuse((*keys, "target"), f"不认识的去向 {row['target']} / unknown target")
    if keys[0] == "exclusions" and not {"school_type_codes", "is_public", "below_pupils"} & set(row):
        source.refuse(keys, "没有条件，会不计全部学校 / no condition: it would leave out every school")
    if ("stage" in row) != ("below_pupils" in row):
        source.refuse(keys, "stage 与 below_pupils 须同时给出 / stage and below_pupils go together")
    _check_reading(source, keys, row.get("reading", {}))


def _check_reading(source: Source, keys: tuple[str | int, ...], chosen: dict[str, str], key: str = "reading") -> None:
    """Refuse a choice of a reading that the standard does not declare."""
    readings = source.data.get("readings", {})
    for reading, choice in chosen.items():
        broken = ("readings", reading) in source.broken or ("readings",) in source.broken
        if not broken and choice not in readings.get(reading, {}).get("choices", []):
            source.refuse((*keys, key), f"没有口径 {reading}={choice} / no such reading")


def _check_count(source: Source, keys: tuple[str | int, ...], row: dict[str, Any]) -> None:
    """Refuse a counted measure that names what cannot be counted."""
    if keys[-1] in {code for name in ("measures", "county_items", "finance_items") for code in read_codes(name)}:
        source.refuse(keys, f"测算量已有此名 {keys[-1]} / a measure of this name exists")
    if row["of"] not in SOURCES:
        source.refuse((*keys, "of"), f"不能计数的来源 {row['of']} / cannot be counted: {'、'.join(SOURCES)}")
        return
    if row.get("take", "count") not in {"count", "sum"}:
        source.refuse((*keys, "take"), "take 应为 count 或 sum / must be count or sum")
    if row.get("column", SOURCES[row["of"]][1].split()[0]) not in SOURCES[row["of"]][1].split():
        source.refuse((*keys, "column"), f"没有这一列 {row['column']} / no such column: {SOURCES[row['of']][1]}")
    if row["of"] in {"class", "room", "site"} and not {"operator", "limit"} <= set(row):
        source.refuse(keys, "缺少 operator 或 limit / missing operator or limit")
    if row.get("operator", OPERATORS[0]) not in OPERATORS:
        source.refuse((*keys, "operator"), f"不认识的比较 {row['operator']} / unknown operator")
    if "limit" in row:
        _check_limits(source, keys, row["limit"], "site")
    if row["of"] == "room":
        _check_known(source, (*keys, "kind"), row.get("kind", ""), "room_kinds")
    for name, value in row.get("where", {}).items():
        if name not in WHERE_KEYS:
            source.refuse((*keys, "where"), f"不认识的条件 {name} / unknown condition")
        for code in value if name == "authorities" else []:
            _check_known(source, (*keys, "where"), code, "authorities")


def _check_period(source: Source, keys: tuple[str | int, ...], row: dict[str, Any]) -> None:
    _check_reading(source, keys, row["reading"])
    if row.get("from_year", 0) > row.get("to_year", row.get("from_year", 0)):
        source.refuse((*keys, "to_year"), "止年早于起年 / the last year is before the first")


def _check_subjects(source: Source, keys: tuple[str | int, ...], row: dict[str, Any]) -> None:
    for subject in row["codes"]:
        _check_known(source, (*keys, "codes"), subject, "subjects")
    _check_reading(source, keys, row.get("reading", {}))


def _check_combined(source: Source, keys: tuple[str | int, ...], row: dict[str, Any]) -> None:
    _check_types(source, (*keys, "school_type_codes"), row["school_type_codes"], star=False)


def _check_precondition(source: Source, keys: tuple[str | int, ...], row: dict[str, Any]) -> None:
    _check_known(source, (*keys, "id"), row["id"], "preconditions")


def _check_vetoes(source: Source, keys: tuple[str | int, ...], row: dict[str, Any]) -> None:
    for code in row["ids"]:
        _check_known(source, (*keys, "ids"), code, "vetoes")


CHECKS = {
    "exclusions": _check_condition,
    "merges": _check_condition,
    "counts": _check_count,
    "relaxation_periods": _check_period,
    "subjects": _check_subjects,
    "combined": _check_combined,
    "preconditions": _check_precondition,
    "vetoes": _check_vetoes,
}


def _check_types(source: Source, keys: tuple[str | int, ...], types: list[str], *, star: bool) -> None:
    for school_type in types:
        if not (star and school_type == "*"):
            _check_known(source, keys, school_type, "school_types")


def _check_known(source: Source, keys: tuple[str | int, ...], value: str, codes: str) -> None:
    if value not in read_codes(codes):
        source.refuse(keys, f"{codes}.csv 中没有 {value} / not in the code list")


OVERLAY_KEYS = {"id", "extends", "title", "document", "regions", "from_year", "limits"}
OVERLAY_LIMIT_KEYS = ({"item", "limit", "basis"}, {"test_no"})


def overlay_problems(source: Source, base: dict[str, list[dict[str, Any]]] | None) -> list[tuple[int, str]]:
    """Return everything that is wrong with an overlay of a standard, line and reason.

    `base`: the tables of the standard it extends, None where no such standard exists.
    """
    data = source.data
    if wrong := OVERLAY_KEYS ^ set(data):
        source.refuse((sorted(wrong)[0],), f"叠加文件的键应为 {'、'.join(sorted(OVERLAY_KEYS))} / keys of an overlay")
        return source.problems
    if data["id"] != source.path.stem:
        source.refuse(("id",), f"id 应与文件名相同：{source.path.stem} / the id must be the file's name")
    if base is None:
        source.refuse(("extends",), f"没有这个标准 {data['extends']} / no such standard")
        return source.problems
    for name, is_good in (
        (
            "regions",
            isinstance(data["regions"], list) and all(re.fullmatch(r"\d{2,6}", str(one)) for one in data["regions"]),
        ),
        ("from_year", SHAPES["from_year"][0](data["from_year"])),
        ("limits", bool(data["limits"]) and ROOT_SHAPES["split"][0](data["limits"])),
    ):
        if not is_good:
            source.refuse(
                (name,), f"{name} 不对：应为区划代码、年份、[[limits]] / region codes, a year, rows of limits"
            )
            return source.problems
    for at, row in enumerate(data["limits"]):
        _check_overlay_limit(source, ("limits", at), row, base)
    return sorted(set(source.problems))


def _check_overlay_limit(
    source: Source, keys: tuple[str | int, ...], row: dict[str, Any], base: dict[str, list[dict[str, Any]]]
) -> None:
    needed, possible = OVERLAY_LIMIT_KEYS
    if not needed <= set(row) <= needed | possible or set(row.get("basis", ())) != set(BASIS_KEYS):
        source.refuse(
            keys, "应有 item、limit、basis（article、quote、source、confirmed） / item, limit and whole basis"
        )
        return
    known = [
        one for one in base["std_limit"] if (one["item_code"], one["test_no"]) == (row["item"], row.get("test_no", 1))
    ]
    if not known:
        source.refuse((*keys, "item"), f"没有这项指标或检验 {row['item']} / no such item or test")
    if not SHAPES["limit"][0](row["limit"]):
        source.refuse((*keys, "limit"), f"limit {SHAPES['limit'][1]}")
        return
    _check_limits(source, keys, row["limit"], "county")
    stages = {one["stage"] for one in known}
    if isinstance(row["limit"], dict) and set(row["limit"]) - stages:
        source.refuse((*keys, "limit"), f"学段与标准值不一致 / stages differ from the limits: {sorted(row['limit'])}")
