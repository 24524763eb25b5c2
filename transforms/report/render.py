"""The values of a report put into its Word template; every marked number becomes a run in a hidden bookmark."""

from __future__ import annotations

import copy
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docxtpl import DocxTemplate

from transforms.report.ledger import MARK, NUMBER, SLOT, Entry, Ledger, Source

TEMPLATE_PREFIX = "_jt"
WRITTEN_STYLES = ("叙述", "叙述标题")
"""Styles of what people wrote: numbers there are theirs."""
HIGHLIGHT = "yellow"
PIECE = re.compile(f"{MARK.pattern}|{SLOT.pattern}|{NUMBER.pattern}")


def render(template: DocxTemplate, values: dict[str, Any], ledger: Ledger) -> list[Entry]:
    """Fill a template in place and bookmark its numbers; return the entries of the numbers that stand in it, in order.

    Raises jinja2.TemplateError for a template that Jinja refuses.
    """
    template.render(values, autoescape=True)
    document: Any = template.docx
    body = document.element.body
    written = {style.style_id for style in document.styles if style.name in WRITTEN_STYLES}
    _settle_shades(body)
    return list(_Bookmarks(ledger, written).mark(body))


def _settle_shades(body: Any) -> None:
    """Put each cell's shading where the file format has its place; a cell that is not shaded needs none."""
    for properties in body.iter(qn("w:tcPr")):
        for shade in properties.findall(qn("w:shd")):
            properties.remove(shade)
            if shade.get(qn("w:fill")) != "auto":
                place = properties.find(qn("w:vAlign"))
                properties.append(shade) if place is None else place.addprevious(shade)


class _Bookmarks:
    """Splits runs at marks, slots and digits, and names what is found."""

    def __init__(self, ledger: Ledger, written: set[str]) -> None:
        self.ledger, self.written = ledger, written
        self.count = 0
        self.template_numbers: Counter[str] = Counter()

    def mark(self, body: Any) -> Iterator[Entry]:
        for paragraph in list(body.iter(qn("w:p"))):
            style = paragraph.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
            is_written = style is not None and style.get(qn("w:val")) in self.written
            for run in list(paragraph.findall(qn("w:r"))):
                yield from self._run(run, is_written=is_written)

    def _run(self, run: Any, *, is_written: bool) -> Iterator[Entry]:
        texts = run.findall(qn("w:t"))
        content = "".join(one.text or "" for one in texts)
        if len(texts) != 1 or not PIECE.search(content):
            return
        at = 0
        for found in PIECE.finditer(content):
            if found.start() > at:
                _before(run, _copied(run, content[at : found.start()]))
            at = found.end()
            yield from self._piece(run, found, is_written=is_written)
        if at < len(content):
            _before(run, _copied(run, content[at:]))
        run.getparent().remove(run)

    def _piece(self, run: Any, found: re.Match[str], *, is_written: bool) -> Iterator[Entry]:
        """Put one mark, slot or bare number before the run."""
        if found[1]:
            entry = self.ledger.entries[int(found[1])]
            self._bookmarked(run, entry.text, entry.id)
            yield entry
        elif found[0].startswith("【"):
            _before(run, _highlighted(_copied(run, found[0])))
        elif is_written:
            _before(run, _copied(run, found[0]))
        else:
            entry = self._of_template(found[0])
            self._bookmarked(run, entry.text, entry.id)
            yield entry

    def _of_template(self, text: str) -> Entry:
        self.template_numbers[text] += 1
        name = template_name(text, self.template_numbers[text])
        return Entry(name, "模板文字", text, text, Source("（模板）", "文字", text))

    def _bookmarked(self, run: Any, text: str, name: str) -> None:
        self.count += 1
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for mark in (start, end):
            mark.set(qn("w:id"), str(self.count))
        start.set(qn("w:name"), name)
        _before(run, start)
        _before(run, _copied(run, text))
        _before(run, end)


def template_name(text: str, count: int) -> str:
    """Return the bookmark of a number that stands in the template itself: it says what it must read."""
    return f"{TEMPLATE_PREFIX}{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}_{count}"


def _before(run: Any, element: Any) -> None:
    run.addprevious(element)


def _copied(run: Any, text: str) -> Any:
    """Return a run with the same properties and another text."""
    made = OxmlElement("w:r")
    properties = run.find(qn("w:rPr"))
    if properties is not None:
        made.append(copy.deepcopy(properties))
    holder = OxmlElement("w:t")
    holder.text = text
    holder.set(qn("xml:space"), "preserve")
    made.append(holder)
    return made


def _highlighted(run: Any) -> Any:
    properties = run.find(qn("w:rPr"))
    if properties is None:
        properties = OxmlElement("w:rPr")
        run.insert(0, properties)
    colour = OxmlElement("w:highlight")
    colour.set(qn("w:val"), HIGHLIGHT)
    properties.append(colour)
    return run


def open_template(path: Path) -> DocxTemplate:
    """Return a template ready to be filled."""
    template = DocxTemplate(str(path))
    template.init_docx()
    return template
