"""Apply declared corrections of known errors in a source; one that no longer fits its source stops."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from contracts import declared as declarations
from contracts import dictionary
from contracts.declared import DeclarationError
from transforms.intake import findings

CORRECTIONS_PATH = Path(__file__).parents[2] / "contracts" / "corrections.csv"
COLUMNS = (
    "table_name", "key", "column_name", "expected", "replacement", "reason", "corrected_by", "corrected_on",
)  # fmt: skip
WHOSE = frozenset({"county_code", "school_code"})
"""Columns of a key that say whose row it is; where other rows of theirs are at hand, one that is not is missed."""


def declared(home: Path | None = None) -> list[dict[str, str]]:
    """Return the corrections shipped with the contracts and those of a warehouse (HOME/corrections.csv).

    Raises DeclarationError when one lacks its reason, its author or its date, or names no column of a table.
    """
    own = home / CORRECTIONS_PATH.name if home else None
    return [*corrections(), *(corrections(own) if own and own.exists() else [])]


def corrections(path: Path = CORRECTIONS_PATH) -> list[dict[str, str]]:
    """Return the declared corrections: table, key, column, expected and new text, reason, who, when.

    Raises DeclarationError when one lacks its reason, its author or its date, or names no column of a table.
    """
    rows = declarations.read(path, COLUMNS, may_be_blank=("expected", "replacement"))
    tables = dictionary.input_tables()
    for number, row in enumerate(rows, start=2):
        known = (
            {one.name for one in dictionary.columns(tables[row["table_name"]])} if row["table_name"] in tables else ()
        )
        named = [row["column_name"], *terms(row)]
        if not all(name in known for name in named):
            said = f"{row['table_name']} {'、'.join(named)}"
            raise DeclarationError(f"{path.name}:{number}: 没有这个表或列 / no such table or column: {said}")
    return rows


def terms(correction: dict[str, str]) -> dict[str, str]:
    """Return the key of a correction (「column=text;column=text」) as column → text."""
    pairs = [term.partition("=") for term in correction["key"].split(";")]
    return {name.strip(): value.strip() for name, _, value in pairs}


def correct(table: str, rows: pl.DataFrame, declared: list[dict[str, str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows with the corrections of their table applied, each said, and those that no longer fit.

    A correction names its row by `key` and fits when the cell holds `expected`. Where its school (or county) is at
    hand and the row is not, it no longer fits either.
    """
    found = []
    for correction in declared:
        if correction["table_name"] != table:
            continue
        key = {name: pl.col(name).str.strip_chars() == value for name, value in terms(correction).items()}
        chosen = pl.all_horizontal(key.values())
        column, expected = correction["column_name"], correction["expected"]
        seen = rows.filter(chosen)
        if seen.is_empty():
            of_whom = [term for name, term in key.items() if name in WHOSE or name == "stat_year"]
            beside = rows.filter(pl.all_horizontal(of_whom)).head(1) if WHOSE & key.keys() else rows.clear()
            said = pl.lit(f"没有这一行 / no such row: {correction['key']}")
            found.append(findings.of_rows("correction_mismatch", table, column, beside, said, expected))
            continue
        misfits = seen.filter(pl.col(column).fill_null("").str.strip_chars() != expected)
        if misfits.is_empty():
            new = pl.lit(correction["replacement"] or None, dtype=pl.String)
            said = "{replacement}({reason}，{corrected_by}，{corrected_on})".format(**correction)
            found.append(findings.of_rows("corrected", table, column, seen, pl.col(column), said))
            rows = rows.with_columns(pl.when(chosen).then(new).otherwise(pl.col(column)).alias(column))
        else:
            found.append(findings.of_rows("correction_mismatch", table, column, misfits, pl.col(column), expected))
    return rows, findings.joined(found)
