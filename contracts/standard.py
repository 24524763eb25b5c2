"""Load standards from contracts/standards/*.toml into rows, and refuse what a statistician could not stand behind.

A standard becomes a few tables (`SCHEMAS`); SQL joins them and knows no item by name. Every row carries its basis.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from contracts.codes import read_codes

STANDARDS_DIR = Path(__file__).parent / "standards"
JUDGED_SCOPES = ("unit",)
JUDGED_ROUNDINGS = ("none",)
OPERATORS = (">=", "<=", ">", "<", "=")
LIMIT_PLACES = 4
WEIGHT_PLACES = 2
LIMIT_DIGITS = 8
"""Places and whole digits that the columns of `SCHEMAS` hold; more would be rounded in silence, so it is refused."""

_BASIS = {"basis_article": "varchar", "basis_quote": "varchar", "basis_source": "varchar", "is_confirmed": "boolean"}
_ID = {"standard_id": "varchar"}
_TEST = {**_ID, "item_code": "varchar", "test_no": "integer", "stage": "varchar"}
SCHEMAS: dict[str, dict[str, str]] = {
    "std_standard": {**_ID, "title": "varchar", "title_en": "varchar", "document": "varchar", **_BASIS},
    "std_item": {
        **_ID,
        "item_no": "integer",
        "item_code": "varchar",
        "part": "varchar",
        "scope": "varchar",
        "name_zh": "varchar",
        "name_en": "varchar",
        "unit": "varchar",
        "decimals": "integer",
        **_BASIS,
    },
    "std_test": {
        **_TEST,
        "per": "decimal(12,4)",
        "operator": "varchar",
        "rounding": "varchar",
        "is_split": "boolean",
        **_BASIS,
    },
    "std_term": {**_TEST, "side": "varchar", "measure_code": "varchar", "sign": "integer"},
    "std_limit": {**_TEST, "case_no": "integer", "limit_value": "decimal(12,4)", **_BASIS},
    "std_coefficient": {
        **_ID,
        "item_code": "varchar",
        "stage": "varchar",
        "operator": "varchar",
        "limit_value": "decimal(12,4)",
        **_BASIS,
    },
    "std_school_rule": {
        **_ID,
        "stage": "varchar",
        "item_code": "varchar",
        "met_at_least": "integer",
        "floor_ratio": "decimal(6,4)",
        **_BASIS,
    },
    "std_split": {**_ID, "school_type_code": "varchar", "stage": "varchar", "weight": "decimal(6,2)", **_BASIS},
    "std_exclusion": {
        **_ID,
        "exclusion_no": "integer",
        "exclusion_code": "varchar",
        "school_type_code": "varchar",
        "is_public": "boolean",
        "stage": "varchar",
        "below_pupils": "integer",
        "reading_code": "varchar",
        "choice_code": "varchar",
        **_BASIS,
    },
    "std_merge": {
        **_ID,
        "merge_no": "integer",
        "merge_code": "varchar",
        "school_type_code": "varchar",
        "stage": "varchar",
        "below_pupils": "integer",
        "target": "varchar",
        "reading_code": "varchar",
        "choice_code": "varchar",
        **_BASIS,
    },
    "std_reading": {
        **_ID,
        "reading_code": "varchar",
        "choice_code": "varchar",
        "title": "varchar",
        "is_default": "boolean",
        **_BASIS,
    },
    "std_choice": {**_ID, "readings_id": "varchar", "reading_code": "varchar", "choice_code": "varchar"},
}

BASIS_KEYS = {"article": str, "quote": str, "source": str, "confirmed": bool}
REQUIRED = {
    "": ("id", "title", "title_en", "document", "basis", "items", "split", "readings"),
    "items": (
        "part", "scope", "name_zh", "name_en", "unit", "decimals",
        "numerator", "denominator", "operator", "limit", "basis",
    ),
    "school_rule": ("items", "stages", "met_at_least", "floor_ratio", "basis"),
    "coefficient": ("items", "operator", "limit", "basis"),
    "split": ("school_type_codes", "weights", "basis"),
    "exclusions": ("id", "basis"),
    "merges": ("id", "target", "reading", "basis"),
    "readings": ("title", "default", "choices", "basis"),
}  # fmt: skip
OPTIONAL = {
    "": ("school_rule", "coefficient", "exclusions", "merges"),
    "items": ("per", "split", "round"),
    "school_rule": (),
    "coefficient": (),
    "split": (),
    "exclusions": ("school_type_codes", "is_public", "stage", "below_pupils", "reading"),
    "merges": ("school_type_codes", "stage", "below_pupils"),
    "readings": (),
}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_whole(value) or (isinstance(value, Decimal) and value.is_finite())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _is_by_stage(value: Any, each: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(each, value.values()))


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) for row in value)


_TEXT = (_is_text, "应为文字 / must be a text")
_FLAG = (lambda value: isinstance(value, bool), "应为 true 或 false / must be true or false")
_COUNT = (lambda value: _is_whole(value) and value > 0, "应为大于0的整数 / must be a whole number above 0")
_NUMBER = (_is_number, "应为数 / must be a number")
_TEXTS = (_is_texts, "应为一列文字，至少一个，不重复 / must be a list of texts, at least one, none twice")
_TERMS = (
    lambda value: _is_texts(value) or _is_by_stage(value, _is_texts),
    "应为一列测算量，或按学段各一列，至少一个，不重复 / must be a list of measures, none twice, or one a stage",
)
_NUMBERS = (
    lambda value: _is_by_stage(value, _is_number),
    "应按学段各给一个数 / must be a number for each stage",
)
_SECTIONS = (lambda value: _is_by_stage(value, lambda one: isinstance(one, dict)), "应为各节 / must be tables")
_ROWS = (_is_tables, "应为一行一节 [[…]] / must be rows [[…]]")
SHAPES = {
    **dict.fromkeys(("id", "title", "title_en", "document", "part", "scope", "name_zh", "name_en"), _TEXT),
    **dict.fromkeys(("operator", "round", "stage", "target", "default"), _TEXT),
    **dict.fromkeys(("items", "stages", "school_type_codes", "choices"), _TEXTS),
    **dict.fromkeys(("limit", "weights"), _NUMBERS),
    **dict.fromkeys(("numerator", "denominator"), _TERMS),
    **dict.fromkeys(("per", "met_at_least", "below_pupils"), _COUNT),
    **dict.fromkeys(("split", "is_public"), _FLAG),
    "unit": (lambda value: isinstance(value, str), _TEXT[1]),
    "decimals": (lambda value: _is_whole(value) and value >= 0, "应为整数 / must be a whole number"),
    "floor_ratio": _NUMBER,
    "reading": (
        lambda value: _is_by_stage(value, _is_text) and len(value) == 1,
        "应为一个口径的一个取值 / must be one choice of one reading",
    ),
}
"""Key → what its value may be, and the words for what it may not."""
ROOT_SHAPES = {
    **SHAPES,
    **dict.fromkeys(("items", "readings"), _SECTIONS),
    **dict.fromkeys(("split", "exclusions", "merges"), _ROWS),
    **dict.fromkeys(
        ("school_rule", "coefficient"), (lambda value: isinstance(value, dict), "应为一节 / must be a table")
    ),
}
"""The same for the keys at the top of the file, where some names mean whole sections."""


class StandardError(Exception):
    """A standard is refused; one line a problem: file:line: reason."""


@dataclass(frozen=True)
class Standard:
    """One standard as tables of rows (see `SCHEMAS`)."""

    id: str
    tables: dict[str, list[dict[str, Any]]]


@dataclass
class _Source:
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


def load_all(ids: Sequence[str] | None = None, directories: Sequence[Path] = (STANDARDS_DIR,)) -> list[Standard]:
    """Return the standards of the folders, in order of id; with `ids` these only.

    Raises StandardError with the problems of all refused ones, LookupError for an id that no file has.
    """
    paths: dict[str, Path] = {}
    for path in (path for directory in directories for path in sorted(directory.glob("*.toml"))):
        if path.stem in paths:
            raise StandardError(f"{path}:1: 已有同名的标准 {paths[path.stem]} / a standard of this name exists already")
        paths[path.stem] = path
    missing = [one for one in ids or () if one not in paths]
    if missing:
        known = "、".join(paths)
        raise LookupError(f"没有这个标准：{'、'.join(missing)}；现有 {known} / no such standard")
    loaded, problems = [], []
    for one in sorted(set(ids or paths)):
        try:
            loaded.append(load(paths[one]))
        except StandardError as error:
            problems.append(str(error))
    if problems:
        raise StandardError("\n".join(problems))
    return loaded


def folders(home: Path) -> list[Path]:
    """Return where standards lie: the project's own, and those a warehouse adds in its folder standards/."""
    return [STANDARDS_DIR, home / "standards"]


def load(path: Path) -> Standard:
    """Return the standard of a file.

    Raises StandardError naming every problem with file, line and reason.
    """
    source = _read(path)
    data = source.data
    _check_root(source)
    _check_keys(source)
    _check_shapes(source)
    _check_values(source)
    if source.problems:
        raise StandardError("\n".join(f"{path.name}:{line}: {reason}" for line, reason in sorted(set(source.problems))))
    return Standard(data["id"], _tables(data))


def _read(path: Path) -> _Source:
    """Return the text and the data of a file.

    Raises StandardError with the line where the text is not UTF-8 or not TOML.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StandardError(f"{path.name}:{line}: 不是 UTF-8 编码 / not encoded in UTF-8") from error
    lines = text.split("\n")
    try:
        return _Source(path, lines, tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = found[1] if found else len(text.rstrip().split("\n"))  # "at end of document"
        raise StandardError(f"{path.name}:{line}: 不是有效的 TOML / not valid TOML: {error}") from error


def choose(one: Standard, **choices: str) -> Standard:
    """Return the standard with other default choices of its readings (reading=choice).

    Raises LookupError for a reading or choice that the standard does not declare.
    """
    known = {(row["reading_code"], row["choice_code"]) for row in one.tables["std_reading"]}
    for reading, choice in choices.items():
        if (reading, choice) not in known:
            raise LookupError(f"{one.id}: 没有口径 {reading}={choice} / no such reading")
    changed = [
        {**row, "choice_code": choices.get(row["reading_code"], row["choice_code"])} for row in one.tables["std_choice"]
    ]
    return replace(one, tables={**one.tables, "std_choice": changed})


def fingerprint(standards: Iterable[Standard]) -> str:
    """Return a hash of everything the standards say."""
    content = [[one.id, one.tables] for one in standards]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


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


def _sections(source: _Source) -> Iterable[tuple[str, tuple[str | int, ...], dict[str, Any]]]:
    """Yield every section of the file that is one: kind, key path, content."""
    data = source.data
    yield "", (), data
    for kind in ("items", "readings"):
        for name, content in data.get(kind, {}).items():
            yield kind, (kind, name), content
    for kind in ("school_rule", "coefficient"):
        if kind in data:
            yield kind, (kind,), data[kind]
    for kind in ("split", "exclusions", "merges"):
        for index, content in enumerate(data.get(kind, [])):
            yield kind, (kind, index), content


def _check_root(source: _Source) -> None:
    """Refuse sections that are not written as sections, and leave them out of what is looked at next."""
    for name, (is_good, reason) in ROOT_SHAPES.items():
        if name in source.data and not is_good(source.data[name]):
            source.refuse_section((name,), (name,), f"{name} {reason}")
            del source.data[name]


def _check_shapes(source: _Source) -> None:
    """Refuse values of the wrong kind: a text for a number, an empty list, a name twice, nan."""
    for kind, keys, content in _sections(source):
        if kind == "":
            continue
        for name, value in content.items():
            is_good, reason = SHAPES.get(name, (None, ""))
            if is_good is not None and not is_good(value):
                missing = "缺少标准值 / missing limit: " if name == "limit" and value in ({}, []) else ""
                source.refuse_section(keys, (*keys, name), f"{missing}{name} {reason}")


def _check_keys(source: _Source) -> None:
    """Refuse unknown and missing keys, and rows without a whole basis."""
    for kind, keys, content in _sections(source):
        for name in content:
            if name not in (*REQUIRED[kind], *OPTIONAL[kind]):
                source.refuse((*keys, name), f"不认识的键 {name} / unknown key")
        for name in REQUIRED[kind]:
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


def _check_values(source: _Source) -> None:
    """Refuse values that are not what their place allows, in every section whose keys and kinds are in order."""
    sound = [section for section in _sections(source) if section[1] not in source.broken]
    items = {str(keys[1]): content for kind, keys, content in sound if kind == "items"}
    readings = {str(keys[1]): content for kind, keys, content in sound if kind == "readings"}
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
        elif kind in {"exclusions", "merges"}:
            _check_condition(source, keys, content, readings)


def _check_split(source: _Source, keys: tuple[str | int, ...], split: dict[str, Any], named: dict[str, None]) -> None:
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
        elif _places(weight) > WEIGHT_PLACES:
            source.refuse((*keys, "weights"), f"权重最多{WEIGHT_PLACES}位小数 / too many decimals: {stage} = {weight}")


def _places(number: int | Decimal) -> int:
    """Return how many decimals a number has."""
    return -int(Decimal(number).normalize().as_tuple().exponent)


def _check_item(source: _Source, keys: tuple[str | int, ...], item: dict[str, Any]) -> None:
    _check_known(source, (*keys, "scope"), item["scope"], "scopes")
    if item["operator"] not in OPERATORS:
        source.refuse((*keys, "operator"), f"不认识的比较 {item['operator']} / unknown operator")
    # what no model judges yet is refused: an item that loads and is never judged would look met by silence
    if item["scope"] not in JUDGED_SCOPES:
        source.refuse((*keys, "scope"), f"尚不能判断的评估对象 {item['scope']} / a scope no model judges")
    if item.get("round", "none") not in JUDGED_ROUNDINGS:
        source.refuse((*keys, "round"), f"尚不能判断的取整 {item['round']} / a rounding no model judges")
    if item.get("split") and item["denominator"] != ["pupils"]:
        source.refuse((*keys, "denominator"), "分摊的指标以在校生数为分母 / a split item is per pupil")
    _check_limits(source, keys, item["limit"])
    for side in ("numerator", "denominator"):
        by_stage = item[side] if isinstance(item[side], dict) else dict.fromkeys(item["limit"], item[side])
        if set(by_stage) != set(item["limit"]):
            source.refuse((*keys, side), f"学段与标准值不一致 / stages differ from the limits: {sorted(by_stage)}")
        for measure in {measure.removeprefix("-") for terms in by_stage.values() for measure in terms}:
            _check_known(source, (*keys, side), measure, "measures")
        for terms in by_stage.values():
            names = {term.removeprefix("-") for term in terms}
            if len(names) < len(terms) or all(term.startswith("-") for term in terms):
                source.refuse((*keys, side), f"各测算量一次，至少一个为加 / each once, one at least added: {terms}")


def _check_limits(source: _Source, keys: tuple[str | int, ...], limits: dict[str, int | Decimal]) -> None:
    for stage, limit in limits.items():
        _check_known(source, (*keys, "limit"), stage, "stages")
        if not 0 <= limit < Decimal(10) ** LIMIT_DIGITS:
            source.refuse((*keys, "limit"), f"标准值超出范围 / the limit is out of range: {stage} = {limit}")
        elif _places(limit) > LIMIT_PLACES:
            source.refuse((*keys, "limit"), f"标准值最多{LIMIT_PLACES}位小数 / too many decimals: {stage} = {limit}")


def _check_rule_items(source: _Source, kind: str, rule: dict[str, Any], where: str, items: dict[str, Any]) -> set[str]:
    """Refuse items that do not exist or have no limit for a stage of the rule; return the stages they are tested in."""
    for name in rule["items"]:
        if name not in source.data.get("items", rule["items"]):
            source.refuse((kind, "items"), f"没有这项指标 {name} / no such item")
    named = [name for name in rule["items"] if name in items]
    for stage in rule[where]:
        if lacking := [name for name in named if stage not in items[name]["limit"]]:
            source.refuse((kind, where), f"{stage} 缺少标准值 / missing limit: {'、'.join(lacking)}")
    return {stage for name in named for stage in items[name]["limit"]}


def _check_coefficient(source: _Source, rule: dict[str, Any], items: dict[str, Any]) -> None:
    _check_limits(source, ("coefficient",), rule["limit"])
    if rule["operator"] not in {"<=", "<"}:
        reason = f"差异系数只能有上限 / a coefficient has an upper limit: {rule['operator']}"
        source.refuse(("coefficient", "operator"), reason)
    if missing := _check_rule_items(source, "coefficient", rule, "limit", items) - set(rule["limit"]):
        source.refuse(("coefficient", "limit"), f"缺少标准值 / missing limit: {'、'.join(sorted(missing))}")


def _check_school_rule(source: _Source, rule: dict[str, Any], items: dict[str, Any]) -> None:
    _check_rule_items(source, "school_rule", rule, "stages", items)
    for stage in rule["stages"]:
        _check_known(source, ("school_rule", "stages"), stage, "stages")
    ratio = rule["floor_ratio"]
    if not 0 < ratio <= 1:
        source.refuse(("school_rule", "floor_ratio"), f"底线比例应在0与1之间 / must be in (0, 1]: {ratio}")
    elif _places(ratio) > LIMIT_PLACES:
        source.refuse(("school_rule", "floor_ratio"), f"底线比例最多{LIMIT_PLACES}位小数 / too many decimals: {ratio}")
    if rule["met_at_least"] > len(rule["items"]):
        source.refuse(("school_rule", "met_at_least"), f"应达标数超出指标数 / out of range: {rule['met_at_least']}")


def _check_condition(
    source: _Source, keys: tuple[str | int, ...], row: dict[str, Any], readings: dict[str, Any]
) -> None:
    """Refuse an exclusion or a merge that names what is not there, stands twice or has no bounds."""
    earlier = source.data[str(keys[0])][: keys[1]]
    if any(row["id"] == other.get("id") for other in earlier):
        source.refuse((*keys, "id"), f"重复的 id {row['id']} / the id stands twice")
    if keys[0] == "exclusions" and row["id"] not in read_codes("reasons"):
        source.refuse((*keys, "id"), f"不认识的理由 {row['id']} / unknown reason code")
    _check_types(source, (*keys, "school_type_codes"), row.get("school_type_codes", []), star=False)
    if "stage" in row:
        _check_known(source, (*keys, "stage"), row["stage"], "stages")
    if row.get("target", "parent") not in {"parent", "main_campus"}:
        source.refuse((*keys, "target"), f"不认识的去向 {row['target']} / unknown target")
    if keys[0] == "exclusions" and not {"school_type_codes", "is_public", "below_pupils"} & set(row):
        source.refuse(keys, "没有条件，会不计全部学校 / no condition: it would leave out every school")
    if ("stage" in row) != ("below_pupils" in row):
        source.refuse(keys, "stage 与 below_pupils 须同时给出 / stage and below_pupils go together")
    for reading, choice in row.get("reading", {}).items():
        known = reading in source.data.get("readings", row["reading"])
        if not known or (reading in readings and choice not in readings[reading]["choices"]):
            source.refuse((*keys, "reading"), f"没有口径 {reading}={choice} / no such reading")


def _check_types(source: _Source, keys: tuple[str | int, ...], types: list[str], *, star: bool) -> None:
    for school_type in types:
        if not (star and school_type == "*"):
            _check_known(source, keys, school_type, "school_types")


def _check_known(source: _Source, keys: tuple[str | int, ...], value: str, codes: str) -> None:
    if value not in read_codes(codes):
        source.refuse(keys, f"{codes}.csv 中没有 {value} / not in the code list")


def _basis(row: dict[str, Any]) -> dict[str, Any]:
    basis = row["basis"]
    return {
        "basis_article": basis["article"],
        "basis_quote": basis["quote"],
        "basis_source": basis["source"],
        "is_confirmed": basis["confirmed"],
    }


def _tables(data: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every table, standard_id first."""
    tables: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    tables["std_standard"].append(
        {"title": data["title"], "title_en": data["title_en"], "document": data["document"], **_basis(data)}
    )
    for item_no, (code, item) in enumerate(data["items"].items(), start=1):
        _add_item(tables, item_no, code, item)
    if "school_rule" in data:
        rule = data["school_rule"]
        common = {"met_at_least": rule["met_at_least"], "floor_ratio": Decimal(rule["floor_ratio"]), **_basis(rule)}
        tables["std_school_rule"] += [
            {"stage": stage, "item_code": code, **common} for stage in rule["stages"] for code in rule["items"]
        ]
    if "coefficient" in data:
        rule = data["coefficient"]
        tables["std_coefficient"] += [
            {
                "item_code": code,
                "stage": stage,
                "operator": rule["operator"],
                "limit_value": Decimal(limit),
                **_basis(rule),
            }
            for code in rule["items"]
            for stage, limit in rule["limit"].items()
        ]
    tables["std_split"] = _split_rows(data["split"])
    _add_conditions(tables, data)
    for code, reading in data["readings"].items():
        tables["std_choice"].append({"readings_id": "default", "reading_code": code, "choice_code": reading["default"]})
        for choice in reading["choices"]:
            said = {"reading_code": code, "choice_code": choice, "title": reading["title"]}
            tables["std_reading"].append({**said, "is_default": choice == reading["default"], **_basis(reading)})
    return {name: [{"standard_id": data["id"], **row} for row in rows] for name, rows in tables.items()}


def _add_item(tables: dict[str, list[dict[str, Any]]], item_no: int, code: str, item: dict[str, Any]) -> None:
    names = ("part", "scope", "name_zh", "name_en", "unit", "decimals")
    said = {name: item[name] for name in names}
    tables["std_item"].append({"item_no": item_no, "item_code": code, **said, **_basis(item)})
    for stage, limit in item["limit"].items():
        test = {"item_code": code, "test_no": 1, "stage": stage}
        tables["std_test"].append(
            {
                **test,
                "per": Decimal(item.get("per", 1)),
                "operator": item["operator"],
                "rounding": item.get("round", "none"),
                "is_split": item.get("split", False),
                **_basis(item),
            }
        )
        tables["std_limit"].append({**test, "case_no": 0, "limit_value": Decimal(limit), **_basis(item)})
        for side in ("numerator", "denominator"):
            terms = item[side][stage] if isinstance(item[side], dict) else item[side]
            tables["std_term"] += [
                {
                    **test,
                    "side": side,
                    "measure_code": term.removeprefix("-"),
                    "sign": -1 if term.startswith("-") else 1,
                }
                for term in terms
            ]


def _split_rows(splits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one row per school type and stage; "*" stands for every type that no other row names."""
    named = {code for split in splits for code in split["school_type_codes"]}
    rows = []
    for split in splits:
        codes = split["school_type_codes"]
        if codes == ["*"]:
            codes = [code for code in read_codes("school_types") if code not in named]
        rows += [
            {"school_type_code": code, "stage": stage, "weight": Decimal(weight), **_basis(split)}
            for code in codes
            for stage, weight in split["weights"].items()
        ]
    return rows


def _add_conditions(tables: dict[str, list[dict[str, Any]]], data: dict[str, Any]) -> None:
    for table, kind, number in (("std_exclusion", "exclusions", "exclusion"), ("std_merge", "merges", "merge")):
        for at, row in enumerate(data.get(kind, []), start=1):
            reading, choice = next(iter(row.get("reading", {}).items()), (None, None))
            said = {f"{number}_no": at, f"{number}_code": row["id"]}
            extra = {"is_public": row.get("is_public")} if kind == "exclusions" else {"target": row["target"]}
            tables[table] += [
                {
                    **said,
                    "school_type_code": school_type,
                    **extra,
                    "stage": row.get("stage"),
                    "below_pupils": row.get("below_pupils"),
                    "reading_code": reading,
                    "choice_code": choice,
                    **_basis(row),
                }
                for school_type in row.get("school_type_codes", [None])
            ]
