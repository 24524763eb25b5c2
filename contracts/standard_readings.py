"""Which readings bear on which items, and the sets of choices that are worth evaluating."""

from __future__ import annotations

import itertools
from typing import Any

DEFAULT = "default"
MOST_SETS = 512


def rows(data: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of std_reading_set, std_choice and std_subset: the default set, then every other one.

    Readings that bear on a common item form a block; each block has all its combinations, the others at their
    defaults. A subset of a set changes some of its readings: an item that the rest does not touch is judged as there.
    The base of a set leaves out the changes that only say who takes part: what is judged of the same sites and stages
    under both has the same results. A set with a change that says both, who takes part and how, is its own base.
    """
    readings = data.get("readings", {})
    tables: dict[str, list[dict[str, Any]]] = {"std_reading_set": [], "std_choice": [], "std_subset": []}
    joining, judging = _joining(data), _judging(data)
    roles = joining - judging, joining & judging
    _add(tables, readings, 0, {}, roles)
    for block_no, block in enumerate(_blocks(readings, _bearing(data)), start=1):
        for choices in itertools.product(*(readings[code]["choices"] for code in block)):
            pairs = zip(block, choices, strict=True)
            changed = {code: choice for code, choice in pairs if choice != readings[code]["default"]}
            if changed:
                _add(tables, readings, block_no, changed, roles)
    return tables


def groups(data: dict[str, Any]) -> dict[str, str]:
    """Return each item's group: items judged together (school rule, coefficients) are one, every other stands alone."""
    together = [item for rule in ("school_rule", "coefficient") for item in data.get(rule, {}).get("items", [])]
    return {item: together[0] if item in together else item for item in data["items"]}


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
    block_no: int,
    changed: dict[str, str],
    roles: tuple[set[str], set[str]],
) -> None:
    only_joining, both = roles
    readings_id = name(changed)
    base_id = name({code: choice for code, choice in changed.items() if code not in only_joining})
    base_id = readings_id if both & set(changed) else base_id
    tables["std_reading_set"].append(
        {"readings_id": readings_id, "base_readings_id": base_id, "block_no": block_no, "changes": len(changed)}
    )
    tables["std_choice"] += [
        {"readings_id": readings_id, "reading_code": code, "choice_code": changed.get(code, reading["default"])}
        for code, reading in readings.items()
    ]
    tables["std_subset"] += [
        {"readings_id": readings_id, "subset_id": name(dict(some)), "changes": size}
        for size in range(len(changed) + 1)
        for some in itertools.combinations(sorted(changed.items()), size)
    ]


def _joining(data: dict[str, Any]) -> set[str]:
    """Return the readings that say which sites take part, or in which unit."""
    joining = {code for row in data.get("exclusions", []) for code in row.get("reading", {})}
    return joining | {code for row in data.get("merges", []) for code in row["reading"]}


def _judging(data: dict[str, Any]) -> set[str]:
    """Return the readings that say how something is judged."""
    tests = [test for item in data["items"].values() for test in item.get("tests", [item])]
    judging = [*tests, *data.get("relaxation_periods", []), *data.get("subjects", [])]
    return {code for row in judging for code in row.get("reading", {})}


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
    of_group = groups(data)
    for group in set(of_group.values()):
        items = [item for item in bearing if of_group[item] == group]
        shared = set().union(*(bearing[item] for item in items))
        if len(items) > 1:
            shared |= set(data.get("coefficient", {}).get("relaxed", {}))
        bearing |= dict.fromkeys(items, shared)
    return bearing


def _blocks(readings: dict[str, Any], bearing: dict[str, set[str]]) -> list[list[str]]:
    """Return the readings in groups that share no item with one another, in the order they are declared."""
    groups: list[set[str]] = []
    for found in [set(readings) & one for one in bearing.values() if one]:
        touching = [group for group in groups if group & found]
        groups = [group for group in groups if not group & found] + [found.union(*touching)]
    return sorted(([code for code in readings if code in group] for group in groups), key=str)
