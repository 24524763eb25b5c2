"""The official application form: its tables, columns, sentences and codes (contracts/papers/application)."""

from __future__ import annotations

import csv
import functools
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@functools.cache
def form() -> dict[str, Any]:
    """Return titles, notes and slots of the form as form.toml has them."""
    return tomllib.loads((HERE / "form.toml").read_text(encoding="utf-8"))


@functools.cache
def rows(name: str) -> list[dict[str, str]]:
    """Return a list of the form (columns, sentences, sponsors, subjects, survey_rows), one dictionary per row."""
    with (HERE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns(table: str) -> list[dict[str, str]]:
    """Return the columns of a table of the form, in order."""
    return [row for row in rows("columns") if row["table"] == table]
