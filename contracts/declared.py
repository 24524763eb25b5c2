"""What people declare in csv files: corrections of a source, what a year may lack. No reason, no effect."""

from __future__ import annotations

import csv
import io
from pathlib import Path


class DeclarationError(ValueError):
    """A declaration cannot be read or names what is not on record; the message says file and line, for a person."""


def read(path: Path, columns: tuple[str, ...], may_be_blank: tuple[str, ...] = ()) -> list[dict[str, str]]:
    """Return the rows of a file of declarations, blanks cut off; it may be UTF-8 (with BOM) or GB18030.

    Raises DeclarationError when its columns are others, or a cell that must be filled is blank.
    """
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) != columns:
        raise DeclarationError(f"{path.name}:1: 列应为 / columns must be {','.join(columns)}")
    rows = []
    for number, said in enumerate(reader, start=2):
        row = {name: (said[name] or "").strip() for name in columns}
        blank = [name for name in columns if not row[name] and name not in may_be_blank]
        if None in said or blank:
            wrong = f"缺少 / lacks {'、'.join(blank)}" if blank else "格数多于列数 / more cells than columns"
            raise DeclarationError(f"{path.name}:{number}: {wrong}")
        rows.append(row)
    return rows
