"""An edited report read back: numbers that no longer agree with the release, numbers without a source, open slots."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from docx.oxml.ns import qn

from transforms.report.ledger import NUMBER, PREFIX, SLOT, Entry
from transforms.report.render import TEMPLATE_PREFIX, WRITTEN_STYLES, template_name

KINDS = {
    "changed": "与发布版不符",
    "removed": "文中已删去",
    "unsourced": "没有来源",
    "slot": "未填",
}
"""Kinds of findings, in the order they are listed."""
NAMED = re.compile(r"junheng (r\S+) (\d{6}) (\d{4})")
EXCERPT = 18
HEADING = re.compile(r"Heading|标题|表题")


class NotOurs(LookupError):
    """A file that is no report of ours, or not a Word file."""


@dataclass(frozen=True)
class Finding:
    """One thing that is not in order: kind, where, what stands there, what should, and its source."""

    kind: str
    place: str
    seen: str
    expected: str = ""
    source: str = ""
    excerpt: str = ""


@dataclass
class Read:
    """What a report holds: release, county, year; text of each bookmark; bare numbers; slots; each with its place."""

    release_id: str
    county_code: str
    stat_year: int
    marked: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    bare: list[tuple[str, str, str]] = field(default_factory=list)
    slots: list[tuple[str, str, str]] = field(default_factory=list)


def read(path: Path) -> Read:
    """Return what stands in a report, deletions that are tracked left out.

    Raises NotOurs for a file that is not Word's or does not say which release it was made from.
    """
    import docx

    try:
        document = docx.Document(str(path))
    except (KeyError, ValueError, zipfile.BadZipFile) as problem:
        raise NotOurs(f"{path} 不是 Word 文档(docx) / is not a docx file") from problem
    named = NAMED.fullmatch(document.core_properties.identifier or "")
    if named is None:
        raise NotOurs(f"{path} 没有注明依据哪个发布版，不是 junheng report 写出的报告 / says of no release")
    found = Read(named[1], named[2], int(named[3]))
    names = {style.style_id: style.name for style in document.styles}
    heading = ""
    for paragraph in document.element.body.iter(qn("w:p")):
        style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        name = names.get(style.get(qn("w:val")), "") if style is not None else ""
        text = "".join(one.text or "" for one in paragraph.iter(qn("w:t")))
        if HEADING.search(name or "") and text:
            heading = text
        _paragraph(found, paragraph, heading, text, is_written=name in WRITTEN_STYLES)
    return found


def _paragraph(found: Read, paragraph: Any, heading: str, text: str, *, is_written: bool) -> None:
    """Take the numbers of a paragraph: those in bookmarks under their names, the others as bare ones."""
    outside, at, spans = "", 0, []
    for piece, name in _pieces(paragraph):
        if name:
            before, place, excerpt = found.marked.get(name, ("", heading, _around(text, at)))
            found.marked[name] = (before + piece, place, excerpt)
            outside += "\ue000" * len(piece)
        else:
            outside += piece
        at += len(piece)
    found.slots += [(slot[0], heading, _around(text, slot.start())) for slot in SLOT.finditer(outside)]
    spans = [slot.span() for slot in SLOT.finditer(outside)]
    if not is_written:
        found.bare += [
            (number[0], heading, _around(text, number.start()))
            for number in NUMBER.finditer(outside)
            if not any(start <= number.start() < end for start, end in spans)
        ]


def _pieces(paragraph: Any) -> Iterator[tuple[str, str | None]]:
    """Yield the texts of a paragraph with the bookmark of ours they stand in, if any."""
    open_names: dict[str, str] = {}
    for element in paragraph.iter():
        if element.tag == qn("w:bookmarkStart") and (element.get(qn("w:name")) or "").startswith(
            (PREFIX, TEMPLATE_PREFIX)
        ):
            open_names[element.get(qn("w:id"))] = element.get(qn("w:name"))
        elif element.tag == qn("w:bookmarkEnd"):
            open_names.pop(element.get(qn("w:id")), None)
        elif element.tag == qn("w:t") and element.text:
            yield element.text, next(iter(open_names.values()), None)


def _around(text: str, at: int) -> str:
    return text[max(at - EXCERPT, 0) : at + EXCERPT]


def check(found: Read, release_folder: Path) -> list[Finding]:
    """Return what is not in order in a report, held against a release composed anew.

    Raises LookupError when the release does not have the county and year.
    """
    from transforms.report import write_report
    from transforms.report.compose import Report

    report = Report(release_folder, found.county_code, found.stat_year)
    _, entries = write_report.built(report, with_charts=False)
    expected = {entry.id: entry for entry in entries}
    findings = list(_marked(found, expected))
    findings += [Finding("unsourced", place, seen, excerpt=text) for seen, place, text in found.bare]
    findings += [Finding("slot", place, seen, excerpt=text) for seen, place, text in found.slots]
    order = list(KINDS)
    return sorted(findings, key=lambda one: order.index(one.kind))


def _marked(found: Read, expected: dict[str, Entry]) -> Iterator[Finding]:
    """Yield the numbers whose text is not what the release gives, those that are gone, those it does not know."""
    for name, (text, place, around) in found.marked.items():
        entry = expected.get(name)
        if entry is None and not name.startswith(TEMPLATE_PREFIX):
            yield Finding("unsourced", place, text, excerpt=around)
        elif entry is not None and entry.text != text:
            yield Finding("changed", entry.place, text, entry.text, _said(entry), around)
        elif entry is None and not _is_itself(name, text):
            yield Finding("changed", place, text, "", "（模板）", around)
    for name, entry in expected.items():
        if name not in found.marked and not name.startswith(TEMPLATE_PREFIX):
            yield Finding("removed", entry.place, "", entry.text, _said(entry))


def _is_itself(name: str, text: str) -> bool:
    """Return whether a number of the template still reads as its bookmark says."""
    return template_name(text, 0).rpartition("_")[0] == name.rpartition("_")[0]


def _said(entry: Entry) -> str:
    told = entry.source
    return f"{told.table}.{told.column}（{told.key}）" + (f" ← {told.cells}" if told.cells else "")


def sentences(found: list[Finding]) -> list[str]:
    """Return the findings as lines of text, a summary last."""
    lines = []
    for one in found:
        said = {
            "changed": f"文中 {one.seen or '（空）'}，发布版 {one.expected or '（模板原文不同）'}",
            "removed": f"发布版 {one.expected}",
            "unsourced": one.seen,
            "slot": one.seen,
        }[one.kind]
        source = f"；{one.source}" if one.source else ""
        around = f"；…{one.excerpt}…" if one.excerpt and one.kind != "slot" else ""
        lines.append(f"{KINDS[one.kind]} / {one.kind}　{one.place}：{said}{around}{source}")
    counted = Counter(one.kind for one in found)
    return [*lines, "，".join(f"{words}{counted[kind]}处" for kind, words in KINDS.items())]
