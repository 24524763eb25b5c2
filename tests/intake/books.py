"""Workbooks written by hand, part by part, so that a test can leave out, bend or add whatever it wants."""

from __future__ import annotations

import html
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MADE = (1980, 1, 1, 0, 0, 0)
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


WHOLE_STYLES = STYLES.replace("<fill/>", '<fill><patternFill patternType="none"/></fill>')
"""With these, libraries that write workbooks can open one too."""


@dataclass(frozen=True)
class Raw:
    """A cell as it stands in the file; {at} is its name, `A1`."""

    xml: str


def letter(position: int) -> str:
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell(at: str, value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return value.xml.replace("{at}", at)
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{at}"><v>{value!r}</v></c>'
    return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{html.escape(str(value), quote=False)}</t></is></c>'


def sheet_xml(rows: Iterable[Iterable[object]], extra: str = "", before: str = "") -> str:
    """`extra` stands behind the rows (merged cells …), `before` in front of them (columns …)."""
    letters = [letter(at) for at in range(300)]
    body = []
    for number, row in enumerate(rows, start=1):
        cells = "".join(cell(f"{letters[at]}{number}", value) for at, value in enumerate(row))
        body.append(f'<row r="{number}">{cells}</row>')
    return f'{HEAD}<worksheet xmlns="{MAIN}">{before}<sheetData>{"".join(body)}</sheetData>{extra}</worksheet>'


def parts(
    sheets: Mapping[str, str], states: Mapping[str, str] | None = None, workbook_extra: str = ""
) -> dict[str, bytes]:
    """The parts of a workbook, name → content; `sheets`: name → XML; `states`: name → hidden or veryHidden."""
    entries, relations, kinds = [], [], []
    found = {}
    for number, (name, xml) in enumerate(sheets.items(), start=1):
        state = f' state="{(states or {})[name]}"' if name in (states or {}) else ""
        entries.append(f'<sheet name="{html.escape(name)}" sheetId="{number}"{state} r:id="rId{number}"/>')
        relations.append(
            f'<Relationship Id="rId{number}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        )
        kinds.append(
            f'<Override PartName="/xl/worksheets/sheet{number}.xml"'
            ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        )
        found[f"xl/worksheets/sheet{number}.xml"] = xml
    relations.append(f'<Relationship Id="rIdS" Type="{RELATIONS}/styles" Target="styles.xml"/>')
    found["[Content_Types].xml"] = (
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>'
        '<Override PartName="/xl/workbook.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/styles.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'
        f"{''.join(kinds)}</Types>"
    )
    found["_rels/.rels"] = (
        f'{HEAD}<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>'
    )
    found["xl/workbook.xml"] = (
        f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>{"".join(entries)}</sheets>'
        f"{workbook_extra}</workbook>"
    )
    found["xl/_rels/workbook.xml.rels"] = f'{HEAD}<Relationships xmlns="{PACKAGE}">{"".join(relations)}</Relationships>'
    found["xl/styles.xml"] = STYLES
    return {name: text.encode() for name, text in found.items()}


def pack(path: Path, members: Mapping[str, bytes]) -> Path:
    """The same members give the same bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, MADE), content, zipfile.ZIP_DEFLATED)
    return path
