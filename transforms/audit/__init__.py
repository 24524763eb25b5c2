"""The audit: what a document prints against what the inputs give, and what its figures say of each other.

`audit` is look_up → recompute → compare (figures) and cross_check (figures among themselves).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from contracts import cross_checks, standard
from contracts.codes import read_codes
from transforms.audit import compare, cross_check
from transforms.audit.look_up import Evidence
from warehouse import release, store

STANDARD_ID = "quality-balance-2017"


@dataclass(frozen=True)
class Audit:
    """One row per published figure, one row per cross-check."""

    figures: list[dict[str, Any]]
    checks: list[dict[str, Any]]

    @property
    def counts(self) -> dict[str, int]:
        """Figures by outcome and cross-checks by outcome: figures, agrees, differs, cannot_check, checks, holds …."""
        figures = Counter(row["outcome"] for row in self.figures)
        checks = Counter(row["outcome"] for row in self.checks)
        return {
            "figures": len(self.figures),
            **{outcome: figures[outcome] for outcome in ("agrees", "differs", "cannot_check")},
            "checks": len(self.checks),
            **{f"checks_{outcome}": checks[outcome] for outcome in ("holds", "broken", "cannot_check")},
        }

    @property
    def reasons(self) -> list[tuple[dict[str, str], int]]:
        """Reasons of the figures' outcomes with how many figures have each, those that occur, in order of the list."""
        counted = Counter(row["reason"] for row in self.figures)
        return [(words, counted[code]) for code, words in read_codes("audit_reasons").items() if counted[code]]

    @property
    def is_clean(self) -> bool:
        """Whether no figure differs and no cross-check is broken."""
        return not (self.counts["differs"] or self.counts["checks_broken"])


def audit(home: Path, county_code: str, stat_year: int, standard_id: str = STANDARD_ID) -> Audit:
    """Return the audit of a county and year: its published figures and the cross-checks.

    Raises FileNotFoundError when nothing was ever loaded, LookupError when this county-year was not or the standard
    is not on record, CrossCheckError and StandardError when those files are refused.
    """
    checks = cross_checks.load()
    (one,) = standard.load_all((standard_id,), standard.folders(home))
    with store.connect(home, read_only=True) as con, _released(home) as released:
        loaded = "select 1 from county_year where county_code = ? and stat_year = ? and is_loaded"
        if not con.execute(loaded, [county_code, stat_year]).fetchone():
            raise LookupError(f"没有 {county_code} {stat_year} 年的数据 / this county and year are not loaded")
        at = Evidence(con, released, one, county_code, stat_year)
        return Audit(compare.compare(at), cross_check.cross_check(at, checks))


@contextmanager
def _released(home: Path) -> Generator[duckdb.DuckDBPyConnection | None]:
    """Give the database of the latest release, or None before the first."""
    current = release.latest(home)
    if current is None:
        yield None
        return
    with release.open_release(home / current["path"]) as con:
        yield con
