"""Sentence patterns filled with figures, every number marked with its source, every gap a visible slot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from contracts.sentences import BLANK, CONDITION, Clause
from transforms.report.ledger import SLOT, Ledger
from transforms.report.look_up import Facts

Lists = Mapping[str, Callable[[str | None], str]]
"""Names that are written out by a function of the stage: lists of schools, references to tables."""


def fill(clauses: Iterable[Clause], facts: Facts, ledger: Ledger, lists: Lists, item: str | None = None) -> str:
    """Return the clauses whose conditions hold as one marked text.

    Raises KeyError for a blank that no look knows.
    """
    return "".join(
        one_clause(clause.text, facts, ledger, lists, item)
        for clause in clauses
        if all(holds(condition, facts, ledger, lists, item) for condition in clause.when)
    )


def one_clause(text: str, facts: Facts, ledger: Ledger, lists: Lists, item: str | None = None) -> str:
    """Return one pattern with its blanks filled; what is missing becomes a slot named after it."""
    for written in SLOT.findall(text):
        ledger.slots.append((ledger.place, written.strip("【】").partition("：")[2]))

    def filled(found: re.Match[str]) -> str:
        name, _, stage = found[1].partition("@")
        if name in lists:
            return lists[name](stage or None)
        figure = facts.figure(found[1], item, found[2])
        if figure.value is None:
            return ledger.slot(figure.label)
        return ledger.mark(figure.text, figure.value, figure.source)

    return BLANK.sub(filled, text)


def holds(condition: str, facts: Facts, ledger: Ledger, lists: Lists, item: str | None) -> bool:
    """Return whether a condition of a clause holds: a name has a value that is not zero, or the value it is to have."""
    found = CONDITION.fullmatch(condition)
    if found is None:
        raise KeyError(condition)
    with ledger.aside():
        value = _value(found["name"], facts, lists, item)
    if found["equal"]:
        return (str(value) == found["value"]) == (found["equal"] == "=")
    return bool(value) != bool(found["no"])


def _value(name: str, facts: Facts, lists: Lists, item: str | None) -> Any:
    base, _, stage = name.partition("@")
    if base in lists:
        return lists[base](stage or None)
    return facts.figure(name, item).value
