"""Cross-checks from cross_checks.toml: two terms and how they should compare, with the sentences that say so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

from contracts import terms
from contracts.codes import read_codes
from contracts.fields import ITEM_CODE

CROSS_CHECKS = Path(__file__).with_name("cross_checks.toml")
OPERATORS = ("=", "!=", "<", "<=", ">", ">=")
SEVERITIES = ("error", "warning", "note")
SENTENCES = ("claim_zh", "claim_en", "broken_zh", "broken_en")
TEXTS = (*SENTENCES, "id", "kind", "severity", "left", "operator", "right", "basis")
OPTIONAL = {"items": list, "shown": dict, "each": list}
PLACE = re.compile(r"<(\w+)>")
NAMED_IN = ("county_items", "stages", "subjects", "authorities")
"""Code lists in which what stands in `each` has its words."""


class CrossCheckError(Exception):
    """The file of cross-checks is refused; one line a problem."""


@dataclass(frozen=True)
class CrossCheck:
    """One cross-check: `left operator right` should hold; sentences with {left}, {right} and the names of `shown`."""

    id: str
    kind: str
    severity: str
    items: tuple[str, ...]
    left: str
    operator: str
    right: str
    shown: dict[str, str]
    claim_zh: str
    claim_en: str
    broken_zh: str
    broken_en: str
    basis: str


def load(path: Path = CROSS_CHECKS) -> tuple[CrossCheck, ...]:
    """Return the cross-checks of a file, in order, those with `each` once for each.

    Raises CrossCheckError naming every problem.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CrossCheckError(f"{path.name}: 不是有效的 TOML / not valid TOML: {error}") from error
    entries = content.get("checks")
    if set(content) != {"checks"} or not isinstance(entries, list):
        raise CrossCheckError(f"{path.name}: 只应有 [[checks]] / holds [[checks]] and nothing else")
    found, wrong = [], []
    for number, entry in enumerate(entries, start=1):
        at = f"{path.name}: [[checks]] {number} {entry.get('id', '')}"
        problems = list(_shape_problems(entry))
        expanded = [] if problems else list(_expanded(entry))
        problems += [problem for check in expanded for problem in _problems(check)]
        found += expanded
        wrong += [f"{at}: {problem}" for problem in dict.fromkeys(problems)]
    ids = [check.id for check in found]
    wrong += [f"{path.name}: {one}: 重复 / stands twice" for one in dict.fromkeys(ids) if ids.count(one) > 1]
    if wrong:
        raise CrossCheckError("\n".join(wrong))
    return tuple(found)


def _shape_problems(entry: dict[str, Any]) -> Iterator[str]:
    """Yield what is missing, unknown or of a wrong kind in an entry."""
    for key in sorted(set(entry) - {*TEXTS, *OPTIONAL}):
        yield f"{key}: 没有这个键 / unknown key"
    for key in TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key]:
            yield f"{key}: 缺少或不是文字 / missing or no text"
    for key, kind in OPTIONAL.items():
        if key in entry and not isinstance(entry[key], kind):
            yield f"{key}: 类型不对 / of a wrong kind"
    each = entry.get("each", [{}])
    if not each or any(not isinstance(one, dict) or set(one) != set(each[0]) for one in each):
        yield "each: 各行的名称应相同 / its rows must have the same names"
        return
    axes = set(each[0])
    for key in TEXTS:
        if unknown := set(PLACE.findall(str(entry.get(key, "")))) - axes:
            yield f"{key}: each 中没有 <{'>, <'.join(sorted(unknown))}> / not in each"


def _expanded(entry: dict[str, Any]) -> Iterator[CrossCheck]:
    """Yield the check of an entry, once for each row of `each`; codes in terms, their words in sentences."""
    for axes in entry.get("each", [{}]):
        said = {key: PLACE.sub(lambda found, axes=axes: axes[found[1]], entry[key]) for key in TEXTS}
        for key in SENTENCES:
            words = {name: _words(code, "text_zh" if key.endswith("zh") else "text_en") for name, code in axes.items()}
            said[key] = PLACE.sub(lambda found, words=words: words[found[1]], entry[key])
        shown = {
            name: PLACE.sub(lambda found, axes=axes: axes[found[1]], str(value))
            for name, value in entry.get("shown", {}).items()
        }
        yield CrossCheck(items=tuple(entry.get("items", ())), shown=shown, **said)


def _words(code: str, column: str) -> str:
    return next((rows[code][column] for rows in map(read_codes, NAMED_IN) if code in rows), code)


def _problems(check: CrossCheck) -> Iterator[str]:
    """Yield what is wrong with the words and terms of a check."""
    closed = (
        ("kind", check.kind, list(read_codes("cross_check_kinds"))),
        ("severity", check.severity, SEVERITIES),
        ("operator", check.operator, OPERATORS),
    )
    for key, value, allowed in closed:
        if value not in allowed:
            yield f"{key}: {value} 不在 {'、'.join(allowed)} 之中 / not one of them"
    for item in check.items:
        if not re.fullmatch(ITEM_CODE, str(item)):
            yield f"items: {item} 不是指标代码 / no item code"
    for key, text in {"left": check.left, "right": check.right, **check.shown}.items():
        try:
            terms.names(text)
        except terms.TermsError as error:
            yield f"{key}: {error}"
    for key in SENTENCES:
        yield from _sentence_problems(key, getattr(check, key), {"left", "right", *check.shown})


def _sentence_problems(key: str, sentence: str, known: set[str]) -> Iterator[str]:
    try:
        used = {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
    except ValueError as error:
        yield f"{key}: {error}"
        return
    for name in sorted(used - known):
        yield f"{key}: 没有 {{{name}}} 这个数 / no such number"
