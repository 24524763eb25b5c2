"""Which readings bear on which items, and the sets of choices that are worth evaluating."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

DEFAULT = "default"
MOST_SETS = 512


def rows(data: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of std_reading_set, std_choice and std_affected: the default set, then every other one.

    Readings that bear on a common item form a block; each block is evaluated in all its combinations, the others at
    their defaults. What one block changes no other block can, so no verdict is missed.
    """
    readings = data.get("readings", {})
    bearing = _bearing(data)
    tables: dict[str, list[dict[str, Any]]] = {"std_reading_set": [], "std_choice": [], "std_affected": []}
    _add(tables, readings, DEFAULT, 0, {}, data["items"])
    for block_no, block in enumerate(_blocks(readings, bearing), start=1):
        for choices in itertools.product(*(readings[code]["choices"] for code in block)):
            changed = {
                code: choice for code, choice in zip(block, choices, strict=True) if choice != readings[code]["default"]
            }
            if changed:
                items = [item for item in data["items"] if bearing[item] & set(changed)]
                _add(tables, readings, name(changed), block_no, changed, items)
    return tables


def name(changed: dict[str, str]) -> str:
    """Return the id of a set of readings: what differs from the default, in order."""
    return ",".join(f"{code}={choice}" for code, choice in sorted(changed.items())) or DEFAULT


def count(data: dict[str, Any]) -> int:
    """Return how many sets a standard's readings make, so that too many can be refused before they are made."""
    readings = data.get("readings", {})
    total = 1
    for block in _blocks(readings, _bearing(data)):
        product = 1
        for code in block:
            product *= len(readings[code]["choices"])
        total += product - 1
    return total


def _add(
    tables: dict[str, list[dict[str, Any]]],
    readings: dict[str, Any],
    readings_id: str,
    block_no: int,
    changed: dict[str, str],
    items: Iterable[str],
) -> None:
    tables["std_reading_set"].append({"readings_id": readings_id, "block_no": block_no, "changes": len(changed)})
    tables["std_choice"] += [
        {"readings_id": readings_id, "reading_code": code, "choice_code": changed.get(code, reading["default"])}
        for code, reading in readings.items()
    ]
    tables["std_affected"] += [{"readings_id": readings_id, "item_code": item} for item in items]


def _bearing(data: dict[str, Any]) -> dict[str, set[str]]:
    """Return the readings that can change each item; items judged together share theirs."""
    by_scope: dict[str, set[str]] = {}
    for row in data.get("exclusions", []):
        for scope in row.get("scopes", ["unit", "class", "site", "school", "county"]):
            by_scope.setdefault(scope, set()).update(row.get("reading", {}))
    for row in data.get("merges", []):
        by_scope.setdefault("unit", set()).update(row["reading"])
    periods = {code for row in data.get("relaxation_periods", []) for code in row["reading"]}
    subjects = {code for row in data.get("subjects", []) for code in row.get("reading", {})}
    bearing = {}
    for code, item in data["items"].items():
        tests = item.get("tests", [item])
        own = {reading for test in tests for reading in test.get("reading", {})}
        relaxed = periods if any(test.get("relaxations") for test in tests) else set()
        bearing[code] = own | relaxed | by_scope.get(item["scope"], set())
        bearing[code] |= subjects if item["scope"] == "subject" else set()
    together = [set(data[rule]["items"]) for rule in ("school_rule", "coefficient") if rule in data]
    together = [set().union(*together)] if together else []
    for group in together:
        shared = set().union(*(bearing[item] for item in group), set(data.get("coefficient", {}).get("relaxed", {})))
        bearing |= dict.fromkeys(group, shared)
    return bearing


def _blocks(readings: dict[str, Any], bearing: dict[str, set[str]]) -> list[list[str]]:
    """Return the readings in groups that share no item with one another, in the order they are declared."""
    groups: list[set[str]] = []
    for found in [set(readings) & one for one in bearing.values() if one]:
        touching = [group for group in groups if group & found]
        groups = [group for group in groups if not group & found] + [found.union(*touching)]
    return sorted(([code for code in readings if code in group] for group in groups), key=str)
