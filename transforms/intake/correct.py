"""Apply declared corrections of known errors in a source; one that no longer fits its source stops."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from transforms.intake import findings

CORRECTIONS_PATH = Path(__file__).parents[2] / "contracts" / "corrections.csv"


def declared(home: Path | None = None) -> list[dict[str, str]]:
    """Return the corrections shipped with the contracts and those of a warehouse (HOME/corrections.csv).

    Raises ValueError when one lacks its reason, its author or its date.
    """
    own = home / CORRECTIONS_PATH.name if home else None
    return [*corrections(), *(corrections(own) if own and own.exists() else [])]


def corrections(path: Path = CORRECTIONS_PATH) -> list[dict[str, str]]:
    """Return the declared corrections: table, key, column, expected and new text, reason, who, when.

    Raises ValueError when a correction lacks its reason, its author or its date.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows, start=2):
        if not all(
            row[name] for name in ("table_name", "key", "column_name", "reason", "corrected_by", "corrected_on")
        ):
            raise ValueError(
                f"{path.name}:{number}: 更正缺少理由、更正人或日期 / a correction without reason, author or date"
            )
    return rows


def correct(table: str, rows: pl.DataFrame, declared: list[dict[str, str]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows with the corrections of their table applied, each said, and those that no longer fit.

    A correction names its row by `key` (「column=text;column=text」) and fits when the cell holds `expected`.
    """
    found = []
    for correction in declared:
        if correction["table_name"] != table:
            continue
        terms = [term.split("=", 1) for term in correction["key"].split(";")]
        chosen = pl.all_horizontal(pl.col(name).str.strip_chars() == value for name, value in terms)
        column, expected = correction["column_name"], correction["expected"]
        seen = rows.filter(chosen)
        if seen.is_empty():
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
