"""What a year may lack against the year before: declared with reason, name and date, or it is a finding."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

COVERAGE_PATH = Path(__file__).parents[2] / "contracts" / "coverage.csv"
DECLARED = {"county_code": pl.String, "stat_year": pl.Int32, "what": pl.String}
"""One row per school (code-campus) or table that a county declares to lack in a year."""


def declared(home: Path | None = None) -> pl.DataFrame:
    """Return what is declared to be lacking, by the contracts and by a warehouse (HOME/coverage.csv).

    Raises ValueError when a row lacks its reason, its author or its date.
    """
    paths = [COVERAGE_PATH, *([home / COVERAGE_PATH.name] if home and (home / COVERAGE_PATH.name).exists() else [])]
    rows = []
    for path in paths:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                if not all(row.values()):
                    raise ValueError(f"{path.name}:{number}: 缺少理由、登记人或日期 / without reason, author or date")
                rows.append({**{name: row[name] for name in DECLARED}, "stat_year": int(row["stat_year"])})
    return pl.DataFrame(rows, schema=DECLARED)
