"""Closed code lists, one CSV each: code, text_zh, text_en, and what else the list holds."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

CODES_DIR = Path(__file__).parent


@functools.cache
def read_codes(name: str) -> dict[str, dict[str, str]]:
    """Return a code list, code → its row, in file order.

    Raises ValueError when a code or a Chinese text stands twice or is empty.
    """
    path = CODES_DIR / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    result = {row["code"]: row for row in rows}
    texts = {row["text_zh"] for row in rows}
    if len(result) != len(rows) or len(texts) != len(rows) or "" in texts or "" in result:
        raise ValueError(f"{path.name}: a code or its Chinese text stands twice or is empty")
    return result
