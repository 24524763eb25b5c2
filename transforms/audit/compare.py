"""Printed figures against recomputed ones: agrees, differs, or cannot be checked, and why."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from contracts.codes import read_codes
from transforms.audit.look_up import Evidence
from transforms.audit.recompute import PLACES, Recomputed, recompute, rounded, shown

FIELDS = ("figure_no", "place", "figure_text", "figure_kind", "item_code", "terms", "is_synthetic")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
AT_LEAST = re.compile(r"以上|余|多")
BY_KIND = {
    "date": "not_a_quantity",
    "document": "not_a_quantity",
    "name": "not_a_quantity",
    "plan": "not_due",
}
"""Kinds that no input can confirm, and why."""
Stated = dict[str, tuple[int, Decimal]]
"""What the document stated first: terms → figure_no, number."""


def compare(at: Evidence) -> list[dict[str, Any]]:
    """Return one row per published figure of the county and year, in order of appearance."""
    found = at.inputs.execute(
        f"select {', '.join(FIELDS)} from inputs.published_figure where county_code = ? and stat_year = ?"
        " order by figure_no",
        [at.county_code, at.stat_year],
    ).fetchall()
    stated: Stated = {}
    return [_judged(at, dict(zip(FIELDS, row, strict=True)), stated) for row in found]


def _judged(at: Evidence, figure: dict[str, Any], stated: Stated) -> dict[str, Any]:
    """Return the figure with its outcome; `stated` remembers what was stated before it."""
    again, reason = _reason(at, figure, number_of(figure["figure_text"]), stated)
    outcome = read_codes("audit_reasons")[reason]["outcome"]
    is_percent = "%" in figure["figure_text"] or "％" in figure["figure_text"]
    value = None if again is None or again.value is None else shown(again.value, PLACES if is_percent else 0)
    zh, en = _sentences(figure, reason, None if value is None else value + "%" * is_percent, again)
    return {
        **{name: figure[name] for name in FIELDS if name != "is_synthetic"},
        "recomputed": value,
        "outcome": outcome,
        "outcome_text": read_codes("audit_outcomes")[outcome]["text_zh"],
        "reason": reason,
        "sentence_zh": zh,
        "sentence_en": en,
        "cells": list(again.cells) if again else [],
    }


def _sentences(figure: dict[str, Any], reason: str, value: str | None, again: Recomputed | None) -> tuple[str, str]:
    """Return what is said of a figure, in both languages: place, print, recomputed value, reason."""
    words = read_codes("audit_reasons")[reason]
    problem = again.problem if again else ""
    zh = f"重算 {value}，" if value else ""
    en = f"recomputed {value}, " if value else ""
    return (
        f"{figure['place']}「{figure['figure_text']}」：{zh}{words['text_zh']}" + f"（{problem}）" * bool(problem),
        f"“{figure['figure_text']}”: {en}{words['text_en']}" + f" ({problem})" * bool(problem),
    )


def _reason(
    at: Evidence, figure: dict[str, Any], printed: Decimal | None, stated: Stated
) -> tuple[Recomputed | None, str]:
    """Return the recomputed value, where there is one, and the reason for the outcome."""
    kind, said = figure["figure_kind"], figure["terms"]
    if kind in BY_KIND:
        return None, BY_KIND[kind]
    if not said:
        return None, "not_in_standard" if kind == "limit" else "no_terms"
    again = recompute(at, said)
    if again.value is None or printed is None:
        return again, again.reason or "no_number"
    if figure["is_synthetic"]:
        return replace(again, value=None), "rests_on_synthetic"
    return again, _compared(figure, printed, again, stated)


def _compared(figure: dict[str, Any], printed: Decimal, again: Recomputed, stated: Stated) -> str:
    """Return the reason for a figure that has a recomputed value."""
    if figure["figure_kind"] == "limit":
        return "as_the_standard" if Fraction(printed) == again.value else "differs_from_standard"
    if figure["figure_kind"] == "stated" and again.is_stated:
        return _stated(figure, printed, again, stated)
    return "recomputed" if agrees(figure["figure_text"], again.value or Fraction(0)) else "differs_from_recomputed"


def _stated(figure: dict[str, Any], printed: Decimal, again: Recomputed, stated: Stated) -> str:
    """Return the reason for a figure that is an input itself: only a second statement can confirm or contradict it."""
    first, before = stated.setdefault(" ".join(figure["terms"].split()), (figure["figure_no"], printed))
    if before != printed:
        return "differs_from_other"
    if not agrees(figure["figure_text"], again.value or Fraction(0)):
        return "differs_from_input"
    return "is_source" if first == figure["figure_no"] else "same_as_other"


def number_of(text: str) -> Decimal | None:
    """Return the number printed in a text, or None."""
    found = NUMBER.search(text.replace(",", "").replace("，", ""))
    return Decimal(found[0]) if found else None


def agrees(text: str, value: Fraction) -> bool:
    """Return whether a value, rounded half up to the printed decimals, is what is printed, or at least that."""
    printed = number_of(text)
    if printed is None:
        return False
    exponent = printed.as_tuple().exponent
    again = rounded(value, -exponent if isinstance(exponent, int) else 0)
    return again >= printed if AT_LEAST.search(text) else again == printed
