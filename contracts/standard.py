"""Load standards from contracts/standards/*.toml into rows, and refuse what a statistician could not stand behind.

A standard becomes a few tables (`SCHEMAS`); SQL joins them and knows no item by name. Every row carries its basis.
An overlay (overlays/*.toml) puts a region's limits over those of a standard from a year on.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from contracts import standard_readings, standard_rows
from contracts.standard_refuse import Source, overlay_problems, problems
from contracts.standard_shape import SCHEMAS

__all__ = [
    "SCHEMAS",
    "STANDARDS_DIR",
    "Standard",
    "StandardError",
    "choose",
    "fingerprint",
    "folders",
    "load",
    "load_all",
]
STANDARDS_DIR = Path(__file__).parent / "standards"


class StandardError(Exception):
    """A standard is refused; one line a problem: file:line: reason."""


@dataclass(frozen=True)
class Standard:
    """One standard as tables of rows (see `SCHEMAS`)."""

    id: str
    tables: dict[str, list[dict[str, Any]]]


def load_all(ids: Sequence[str] | None = None, directories: Sequence[Path] = (STANDARDS_DIR,)) -> list[Standard]:
    """Return the standards of the folders with their overlays, in order of id; with `ids` these only.

    Raises StandardError with the problems of all refused ones, LookupError for an id that no file has.
    """
    paths: dict[str, Path] = {}
    for path in (path for directory in directories for path in sorted(directory.glob("*.toml"))):
        if path.stem in paths:
            raise StandardError(f"{path}:1: 已有同名的标准 {paths[path.stem]} / a standard of this name exists already")
        paths[path.stem] = path
    missing = [one for one in ids or () if one not in paths]
    if missing:
        known = "、".join(paths)
        raise LookupError(f"没有这个标准：{'、'.join(missing)}；现有 {known} / no such standard")
    loaded, refused = [], []
    for one in sorted(set(ids or paths)):
        try:
            loaded.append(load(paths[one]))
        except StandardError as error:
            refused.append(str(error))
    overlays = [path for directory in directories for path in sorted(directory.glob("overlays/*.toml"))]
    for path in overlays:
        try:
            loaded = _overlaid(loaded, path, set(paths))
        except StandardError as error:
            refused.append(str(error))
    if refused:
        raise StandardError("\n".join(refused))
    return loaded


def folders(home: Path) -> list[Path]:
    """Return where standards lie: the project's own, and those a warehouse adds in its folder standards/."""
    return [STANDARDS_DIR, home / "standards"]


def load(path: Path) -> Standard:
    """Return the standard of a file.

    Raises StandardError naming every problem with file, line and reason.
    """
    return _made(path, path.read_bytes())


@functools.cache
def _made(path: Path, content: bytes) -> Standard:
    """Return the standard of a file's content; several steps ask for the same one, and nobody changes its rows."""
    source = _source(path, content)
    _stop_at(path, problems(source))
    return Standard(source.data["id"], standard_rows.tables(source.data))


def _overlaid(loaded: list[Standard], path: Path, known: set[str]) -> list[Standard]:
    """Return the standards with an overlay's limits added to the one it extends.

    Raises StandardError when the overlay is refused; one whose standard is not loaded changes nothing.
    """
    source = _source(path, path.read_bytes())
    extended = source.data.get("extends")
    base = next((one for one in loaded if one.id == extended), None)
    if base is None and extended in known:
        return loaded
    _stop_at(path, overlay_problems(source, base.tables if base else None))
    if base is None:
        return loaded
    limits = base.tables["std_limit"] + standard_rows.overlay_limits(base.tables, source.data)
    extended_base = replace(base, tables={**base.tables, "std_limit": limits})
    return [extended_base if one is base else one for one in loaded]


def _stop_at(path: Path, found: list[tuple[int, str]]) -> None:
    if found:
        raise StandardError("\n".join(f"{path.name}:{line}: {reason}" for line, reason in found))


def _source(path: Path, content: bytes) -> Source:
    """Return the text and the data of a file's content.

    Raises StandardError with the line where the text is not UTF-8 or not TOML.
    """
    try:
        text = content.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise StandardError(f"{path.name}:{line}: 不是 UTF-8 编码 / not encoded in UTF-8") from error
    lines = text.split("\n")
    try:
        return Source(path, lines, tomllib.loads(text, parse_float=Decimal))
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = found[1] if found else len(text.rstrip().split("\n"))  # "at end of document"
        raise StandardError(f"{path.name}:{line}: 不是有效的 TOML / not valid TOML: {error}") from error


def choose(one: Standard, **choices: str) -> Standard:
    """Return the standard with other default choices of its readings (reading=choice), evaluated for them alone.

    Raises LookupError for a reading or choice that the standard does not declare.
    """
    known = {(row["reading_code"], row["choice_code"]) for row in one.tables["std_reading"]}
    for reading, choice in choices.items():
        if (reading, choice) not in known:
            raise LookupError(f"{one.id}: 没有口径 {reading}={choice} / no such reading")
    tables = {
        name: [row for row in rows if row.get("readings_id", standard_readings.DEFAULT) == standard_readings.DEFAULT]
        for name, rows in one.tables.items()
    }
    tables["std_choice"] = [
        {**row, "choice_code": choices.get(row["reading_code"], row["choice_code"])} for row in tables["std_choice"]
    ]
    tables["std_reading"] = [
        {**row, "is_default": row["choice_code"] == choices[row["reading_code"]]}
        if row["reading_code"] in choices
        else row
        for row in tables["std_reading"]
    ]
    return replace(one, tables=tables)


def default_readings(one: Standard) -> dict[str, str]:
    """Return reading → the choice that the results of the default readings rest on."""
    return {row["reading_code"]: row["choice_code"] for row in one.tables["std_reading"] if row["is_default"]}


def fingerprint(standards: Iterable[Standard]) -> str:
    """Return a hash of everything the standards say."""
    content = [[one.id, one.tables] for one in standards]
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
