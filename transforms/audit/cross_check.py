"""Cross-checks: what the document's own figures say of each other."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from contracts.codes import read_codes
from contracts.cross_checks import CrossCheck
from transforms.audit.look_up import Evidence
from transforms.audit.recompute import Recomputed, recompute, shown

COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
UNKNOWN_NUMBER = "—"


def cross_check(at: Evidence, checks: Iterable[CrossCheck]) -> list[dict[str, Any]]:
    """Return one row per cross-check, in order."""
    return [_checked(at, check) for check in checks]


def _checked(at: Evidence, check: CrossCheck) -> dict[str, Any]:
    """Return a check with its outcome and the sentence that fits it, numbers filled in."""
    left, right = recompute(at, check.left), recompute(at, check.right)
    others = {name: recompute(at, said) for name, said in check.shown.items()}
    missing = next((side for side in (left, right) if side.value is None), None)
    if missing is not None:
        return _row(check, "cannot_check", missing.reason, *_why_not(check, missing), left, right)
    numbers = {name: _number(one) for name, one in {"left": left, "right": right, **others}.items()}
    holds = COMPARE[check.operator](left.value or Fraction(0), right.value or Fraction(0))
    if holds:
        return _row(check, "holds", "", check.claim_zh.format(**numbers), check.claim_en.format(**numbers), left, right)
    return _row(check, "broken", "", check.broken_zh.format(**numbers), check.broken_en.format(**numbers), left, right)


def _number(one: Recomputed) -> str:
    return UNKNOWN_NUMBER if one.value is None else shown(one.value)


def _why_not(check: CrossCheck, missing: Recomputed) -> tuple[str, str]:
    """Return why a check is not possible, in both languages."""
    words = read_codes("audit_reasons")[missing.reason]
    named = f"（{missing.problem}）" if missing.problem else ""
    named_en = f" ({missing.problem})" if missing.problem else ""
    return f"{check.id}：{words['text_zh']}{named}", f"{check.id}: {words['text_en']}{named_en}"


def _row(
    check: CrossCheck, outcome: str, reason: str, zh: str, en: str, left: Recomputed, right: Recomputed
) -> dict[str, Any]:
    return {
        "id": check.id,
        "kind": check.kind,
        "kind_text": read_codes("cross_check_kinds")[check.kind]["text_zh"],
        "severity": check.severity,
        "outcome": outcome,
        "outcome_text": read_codes("audit_outcomes")[outcome]["text_zh"],
        "reason": reason,
        "items": list(check.items),
        "left": _number(left),
        "operator": check.operator,
        "right": _number(right),
        "sentence_zh": zh,
        "sentence_en": en,
        "cells": [*left.cells, *right.cells],
    }
