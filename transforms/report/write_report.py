"""自查自评报告.docx of a county and year, with its trace table and the editor's page beside it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from docx.shared import Mm
from docxtpl import InlineImage

from transforms.report import draw
from transforms.report.build_template import PATH
from transforms.report.compose import Report
from transforms.report.keep_edits import replace
from transforms.report.ledger import Entry
from transforms.report.pack import packed
from transforms.report.render import open_template, render

NAME = "自查自评报告.docx"
TRACE = "数据来源表.csv"
OWN_TEMPLATE = Path("narrative") / "template" / NAME
TRACE_HEADS = {
    "id": "书签",
    "place": "位置",
    "text": "文中",
    "value": "数值（未取整）",
    "table": "数据表",
    "column": "列",
    "key": "行",
    "cells": "来源单元格",
}
CAPTIONS = {
    "schools": "图　各校指标值与标准值之比",
    "coefficients": "图　校际差异系数与上限",
}
CHART_WIDTH = Mm(150)


def write(release_folder: Path, county_code: str, stat_year: int, folder: Path) -> list[Path]:
    """Write the report, the trace of its numbers and the editor's page into a folder; return their paths.

    A report that somebody edited since is kept under another name. Raises LookupError when the release has no such
    county and year, TemplateError for a template that is refused, OSError when the disk refuses.
    """
    from transforms.report import write_cover

    report = Report(release_folder, county_code, stat_year)
    content, entries = built(report)
    paths = [folder / NAME, folder / TRACE]
    replace(paths[0], content)
    replace(paths[1], trace_table(entries))
    return [*paths, write_cover.write_page(report, folder)]


def built(report: Report, *, with_charts: bool = True) -> tuple[bytes, list[Entry]]:
    """Return the report as the bytes of its file, and the entries of every number in it."""
    from transforms.report.lint_template import refuse

    path = template_path(report.facts.home)
    template = open_template(path)
    refuse(template, path)
    charts = {name: _chart(template, report, name, drawn=with_charts) for name in CAPTIONS}
    values = {**report.values, "charts": charts, "page_warning": "；".join(report.values["warnings"])}
    entries = render(template, values, report.ledger)
    title = "".join(report.values["title"])
    return packed(template.docx, title, identifier(report)), entries


def template_path(home: Path) -> Path:
    """Return the template that is used: the bureau's own where there is one."""
    own = home / OWN_TEMPLATE
    return own if own.exists() else PATH


def identifier(report: Report) -> str:
    """Return what a report says of itself: release, county, year."""
    facts = report.facts
    return f"junheng {facts.folder.name} {facts.county_code} {facts.stat_year}"


def _chart(template: Any, report: Report, name: str, *, drawn: bool) -> dict[str, Any]:
    """Return a chart and its caption, or the slot that says why there is none."""
    picture = getattr(draw, name)(report.facts) if drawn else None
    if picture:
        return {"picture": InlineImage(template, io.BytesIO(picture), width=CHART_WIDTH), "caption": CAPTIONS[name]}
    report.ledger.place = "图"
    why = f"{CAPTIONS[name]}，没有可画的数据" if draw.font() else draw.NO_FONT
    return {"picture": report.ledger.slot(why) if drawn else "", "caption": CAPTIONS[name] if not drawn else ""}


def trace_table(entries: list[Entry]) -> bytes:
    """Return the trace as a CSV that spreadsheets open: one row per number in the report, in reading order."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(TRACE_HEADS), lineterminator="\r\n")
    writer.writerow(TRACE_HEADS)
    writer.writerows(entry.row() for entry in entries)
    return text.getvalue().encode("utf-8-sig")
