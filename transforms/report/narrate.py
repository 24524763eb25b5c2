"""What people write for the report: Markdown files of a county and year, else those of the latest year before."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

HEADING = re.compile(r"#+\s*(.+)")
BULLET = re.compile(r"(?:[-*+]|\d+[.)])\s+")
EMPHASIS = re.compile(r"(\*\*|__|\*|`)(.+?)\1")


@dataclass(frozen=True)
class Block:
    """One paragraph that people wrote; a heading or plain."""

    text: str
    is_heading: bool = False


@dataclass(frozen=True)
class Narrative:
    """What people wrote for one slot, and from which year it was carried over (None for this year's own)."""

    name: str
    blocks: tuple[Block, ...]
    carried_from: int | None = None


def folder(home: Path, county_code: str, stat_year: int) -> Path:
    """Return where the Markdown files of a county and year lie."""
    return home / "narrative" / county_code / str(stat_year)


def read(home: Path, county_code: str, stat_year: int, name: str) -> Narrative:
    """Return what people wrote under a name; without blocks where no year up to this one has anything.

    Raises UnicodeDecodeError's sentence as ValueError for a file that is not UTF-8.
    """
    of_county = home / "narrative" / county_code
    years = [int(path.name) for path in of_county.iterdir() if path.name.isdigit()] if of_county.is_dir() else []
    for year in sorted((one for one in years if one <= stat_year), reverse=True):
        path = folder(home, county_code, year) / f"{name}.md"
        if path.exists() and (blocks := parse(_text(path))):
            return Narrative(name, blocks, None if year == stat_year else year)
    return Narrative(name, ())


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise ValueError(f"{path} 不是 UTF-8 编码，请另存为 UTF-8 / is not UTF-8") from problem


def parse(text: str) -> tuple[Block, ...]:
    """Return the paragraphs of a Markdown text: lines up to an empty one run together, bullets stand by themselves."""
    blocks: list[Block] = []
    open_lines: list[str] = []

    def close() -> None:
        if open_lines:
            blocks.append(Block("".join(open_lines)))
            open_lines.clear()

    for line in re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).splitlines():
        said = EMPHASIS.sub(r"\2", line.strip())
        if heading := HEADING.fullmatch(said):
            close()
            blocks.append(Block(heading[1].strip(), is_heading=True))
        elif not said:
            close()
        elif bullet := BULLET.match(said):
            close()
            open_lines.append(said[bullet.end() :])
        else:
            open_lines.append(said)
    close()
    return tuple(blocks)
