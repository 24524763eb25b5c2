"""What a year may lack against the year before: declared with reason, name and date, or it is a finding."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from contracts import declared as declarations
from contracts.declared import DeclarationError

COVERAGE_PATH = Path(__file__).parents[2] / "contracts" / "coverage.csv"
COLUMNS = ("county_code", "stat_year", "what", "reason", "declared_by", "declared_on")
DECLARED = {"county_code": pl.String, "stat_year": pl.Int32, "what": pl.String}
"""One row per school (code-campus) or table that a county declares to lack in a year."""


def declared(home: Path | None = None) -> pl.DataFrame:
    """Return what is declared to be lacking, by the contracts and by a warehouse (HOME/coverage.csv).

    Raises DeclarationError when a row lacks its reason, its author or its date, or its year is no number.
    """
    paths = [COVERAGE_PATH, *([home / COVERAGE_PATH.name] if home and (home / COVERAGE_PATH.name).exists() else [])]
    rows = []
    for path in paths:
        for number, row in enumerate(declarations.read(path, COLUMNS), start=2):
            if not row["stat_year"].isdigit():
                raise DeclarationError(
                    f"{path.name}:{number}: 年度不是数字 / the year is no number: {row['stat_year']}"
                )
            rows.append({**{name: row[name] for name in DECLARED}, "stat_year": int(row["stat_year"])})
    return pl.DataFrame(rows, schema=DECLARED)
