"""No number of a standard stands in Python: limits, floors, weights, coefficient limits are rows of TOML alone."""

import ast
import re
from decimal import Decimal
from pathlib import Path

from contracts import standard

ROOT = Path(__file__).parents[2]
SQL = re.compile(r"\s*(select|with|insert|update|delete|create|copy)\b", re.IGNORECASE)
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.])")
EVERYWHERE = {Decimal(0), Decimal(1), Decimal(2)}
MOST_COMMON = 100
"""Whole numbers up to here mean too many other things; the models hold no number at all (test_sql)."""
READ_BY_HAND: dict[str, dict[Decimal, str]] = {
    "contracts/fields.py": {},
}
"""File → number → why it is no number of the standard. transforms/synthesize aims at the standard on purpose."""


def standard_numbers() -> set[Decimal]:
    numbers = set()
    for one in standard.load_all():
        limits = ("std_limit", "std_coefficient", "std_composite", "std_count")
        numbers |= {row["limit_value"] for name in limits for row in one.tables[name] if row["limit_value"] is not None}
        numbers |= {row["factor"] for row in one.tables["std_condition"]}
        rules = {(row["item_code"], row["stage"]): row["floor_ratio"] for row in one.tables["std_school_rule"]}
        numbers |= set(rules.values())
        ruled = [row for row in one.tables["std_limit"] if (row["item_code"], row["stage"]) in rules]
        numbers |= {rules[row["item_code"], row["stage"]] * row["limit_value"] for row in ruled}
        numbers |= {row["weight"] for row in one.tables["std_split"]}
        numbers |= {Decimal(row["met_at_least"]) for row in one.tables["std_school_rule"]}
        bounds = one.tables["std_exclusion"] + one.tables["std_merge"]
        numbers |= {Decimal(row["below_pupils"]) for row in bounds if row["below_pupils"]}
    telling = {number for number in numbers if number != number.to_integral_value() or number > MOST_COMMON}
    return {number.normalize() for number in telling} - EVERYWHERE


def literals(text: str) -> set[Decimal]:
    """The numbers of a module: plain ones, those made of a text (Decimal("4.5")), and those in a piece of SQL."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
            found.add(str(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value):
            found |= set(NUMBER.findall(node.value))
        elif isinstance(node, ast.JoinedStr):
            said = "".join(str(part.value) if isinstance(part, ast.Constant) else "?" for part in node.values)
            found |= set(NUMBER.findall(said)) if SQL.match(said) else set()
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"Decimal", "float", "int"}:
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            found |= {one for one in texts if NUMBER.fullmatch(one)}
    return {Decimal(number).normalize() for number in found}


def breaches(name: str, text: str) -> set[Decimal]:
    return literals(text) & standard_numbers() - set(READ_BY_HAND.get(name, {}))


def test_no_number_of_the_standard_stands_in_the_code():
    wrong = {}
    for room in ("contracts", "flows", "transforms", "warehouse"):
        for path in (ROOT / room).rglob("*.py"):
            name = path.relative_to(ROOT).as_posix()
            if not name.startswith("transforms/synthesize/") and (found := breaches(name, path.read_text("utf-8"))):
                wrong[name] = found
    assert wrong == {}


def test_the_lint_sees_a_planted_limit():
    assert breaches("transforms/model.py", "LIMIT = 4.5\n") == {Decimal("4.5")}
    assert breaches("transforms/model.py", "FLOOR = 3.57\nWEIGHT = 1.1\n") == {Decimal("3.57"), Decimal("1.1")}
    assert breaches("transforms/model.py", 'LIMIT = Decimal("4.50")\n') == {Decimal("4.5")}
    assert breaches("transforms/model.py", 'con.execute("select a from t where b < 0.85 * c")\n') == {Decimal("0.85")}
    assert breaches("transforms/model.py", 'con.execute(f"select a from {t} where b < 10.2")\n') == {Decimal("10.2")}
    assert breaches("transforms/model.py", 'CODE = "50"\nTYPE = "decimal(6,2)"\n') == set()
