"""编者页.docx: what whoever edits the report must know first, and nobody hands in."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from transforms import audit
from transforms.report.build_template import BODY, PATH
from transforms.report.compose import Report, numeral
from transforms.report.keep_edits import replace
from transforms.report.pack import packed
from warehouse import release

NAME = "编者页.docx"
SHOWN = 40
DECLARED = {"指标": 14, "自评": 20, "数据": 20, "理由": 38, "自评说明": 64}
NOTE = "本页供编写人使用，不随文上报。报告中有底色的【待补充：…】须补齐；改完后用 junheng report check 核对。"


def write_page(report: Report, folder: Path) -> Path:
    """Write the editor's page of a report into a folder and return its path.

    Raises OSError when the disk refuses.
    """
    document = _empty()
    add = _Adder(document)
    add.text("编者页", "Title")
    add.text("（不随文上报）", "Title")
    for warning in report.values["warnings"]:
        add.text(warning, "警示")
    add.text(
        f"{report.values['county']} {report.facts.stat_year}年，依据发布版 {report.facts.folder.name}。{NOTE}", BODY
    )
    for at, (title, write) in enumerate(SECTIONS):
        add.text(f"{numeral(at + 1)}、{title}", "Heading 1")
        write(report, add)
    path = folder / NAME
    title = f"{report.values['county']}编者页"
    replace(path, packed(document, title, f"junheng cover {report.facts.folder.name}"))
    return path


def _empty() -> Any:
    """Return a document with the report's styles and pages and nothing on them."""
    document = docx.Document(str(PATH))
    body = document.element.body
    first = document.sections[0]._sectPr
    for element in list(body):
        body.remove(element)
    body.append(first)
    for header in (document.sections[0].header, document.sections[0].even_page_header):
        for run in header.paragraphs[0].runs:
            run.text = "编者页，不随文上报"
    return document


class _Adder:
    """Adds paragraphs and tables to the page."""

    def __init__(self, document: Any) -> None:
        self.document = document
        self.styles = {style.name: style.style_id for style in document.styles}

    def text(self, text: str, style: str = BODY) -> None:
        self.document.add_paragraph(text, style=style)

    def table(self, heads: dict[str, int], rows: list[list[str]], nothing: str) -> None:
        """Add a table of columns with their widths in mm, or what is said where there is nothing; of many the first."""
        if not rows:
            self.text(nothing)
            return
        table = self.document.add_table(rows=1, cols=len(heads))
        table.style = self.document.styles["Table Grid"]
        table.autofit = False
        for grid, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), heads.values(), strict=True):
            grid.set(qn("w:w"), str(Mm(width).twips))
        self._row(table.rows[0], list(heads), heads, "表头")
        table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row in rows[:SHOWN]:
            self._row(table.add_row(), row, heads, "表格文字左")
        if len(rows) > SHOWN:
            self.text(f"另有{len(rows) - SHOWN}条，见发布版。")

    def _row(self, row: Any, texts: list[str], heads: dict[str, int], style: str) -> None:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, said, width in zip(row.cells, texts, heads.values(), strict=True):
            cell.width = Mm(width)
            cell.paragraphs[0]._p.style = self.styles[style]  # by id: by name every style is looked at for each cell
            cell.paragraphs[0].add_run(said)


def _verdict(report: Report, add: _Adder) -> None:
    """Write the verdict, and the components whose verdict depends on how the standard is read."""
    facts = report.facts
    add.text(facts.summary["sentence_zh"])
    names = {row["component_code"]: row["component_text"] for row in facts.tables["components"]}
    rows = [
        [
            row["component_code"],
            names.get(row["component_code"]) or "总体",
            row["default_verdict_text"],
            f"{row['sets_met']}/{row['sets']}组达标",
            row["flip_readings_id"] or "",
        ]
        for row in facts.tables["robustness"]
        if row["robustness"] == "depends"
    ]
    add.table(
        {"组成": 16, "名称": 60, "默认口径": 20, "各口径": 24, "改变结论的口径": 36},
        rows,
        "没有哪一项的结论取决于标准的读法。",
    )
    unread = [code for code, row in facts.items.items() if not row["is_confirmed"] and code in report.sentences.items]
    if unread:
        add.text(f"以下指标的依据为转引、未核原文，引用前请核对：{_runs(unread)}。")


def _runs(codes: list[str]) -> str:
    """Return item codes as people write them: G1 to G15, Q1 to Q9."""
    groups: dict[str, list[str]] = defaultdict(list)
    for code in codes:
        groups[code[0]].append(code)
    return "，".join(of[0] if len(of) == 1 else f"{of[0]}至{of[-1]}共{len(of)}项" for of in groups.values())


def _disagreements(report: Report, add: _Adder) -> None:
    """Write where the data say otherwise than the county declared, and where they say nothing yet."""
    items, names = report.facts.tables["items"], report.facts.items
    against = [row for row in items if row["agrees"] is False]
    add.table(DECLARED, [_declared(row) for row in against], "自评结论与数据没有不一致。")
    unknown = [row for row in items if row["declared_verdict"] and row["verdict"] == "not_assessable"]
    add.text("自评已下结论、而数据或佐证还不能支持的：")
    add.table(DECLARED, [_declared(row) for row in unknown], "没有。")
    relaxed = [
        [row["item_code"], names[row["item_code"]]["name_zh"], str(row["relaxed_entities"])]
        for row in items
        if row["relaxed_entities"]
    ]
    add.text("结论依靠放宽条款的（须附计划和承诺）：")
    add.table({"指标": 16, "名称": 105, "依靠放宽的对象数": 35}, relaxed, "没有。")


def _declared(row: dict[str, Any]) -> list[str]:
    return [
        row["item_code"],
        row["declared_verdict_text"] or "—",
        row["verdict_text"],
        row["reason_text"],
        row["declared_text"] or "",
    ]


def _audit(report: Report, add: _Adder) -> None:
    """Write the audit of published figures; it holds the inputs against the current release, so only that has one."""
    facts = report.facts
    current = release.latest(facts.home)
    if current is None or current["release_id"] != facts.folder.name:
        add.text("只有当前发布版才核对已公布的数字，本稿依据的不是当前发布版。")
        return
    try:
        audited = audit.audit(facts.home, facts.county_code, facts.stat_year, facts.standard_id)
    except (FileNotFoundError, LookupError) as problem:
        add.text(f"没有核对已公布的数字：{problem}")
        return
    count = audited.counts
    if not count["figures"]:
        add.text("没有填报已公布的数字（「已公布数字」表），无从核对。")
        return
    add.text(
        f"已公布的数字{count['figures']}个：一致{count['agrees']}个，不一致{count['differs']}个，无法核对{count['cannot_check']}个；"
        f"相互核对{count['checks']}项：成立{count['checks_holds']}项，不成立{count['checks_broken']}项。"
    )
    rows = [
        [str(row["figure_no"]), row["place"], row["figure_text"], row["recomputed"] or "—", row["sentence_zh"]]
        for row in audited.figures
        if row["outcome"] == "differs"
    ]
    add.table({"序号": 12, "位置": 46, "印出": 20, "重算": 20, "说明": 58}, rows, "没有与重算不一致的数字。")
    add.text("数字相互核对，不成立的：")
    broken = [[row["sentence_zh"]] for row in audited.checks if row["outcome"] == "broken"]
    add.table({"说明": 156}, broken, "数字之间没有不成立的关系。")


def _open(report: Report, add: _Adder) -> None:
    """Write every open slot by place, and which Markdown files would fill those that people write."""
    places: dict[str, list[str]] = defaultdict(list)
    for place, label in report.ledger.slots:
        places[place].append(label)
    rows = [
        [place, f"{label}（{labels.count(label)}处）" if labels.count(label) > 1 else label]
        for place, labels in places.items()
        for label in dict.fromkeys(labels)
    ]
    add.table({"位置": 46, "待补充": 110}, rows, "没有未填的空。")
    if report.missing_narratives:
        files = "、".join(f"{name}.md" for name in dict.fromkeys(report.missing_narratives))
        add.text("由人撰写、还没有的文字（每项一个 Markdown 文件）：")
        where = f"narrative/{report.facts.county_code}/{report.facts.stat_year}/"
        add.table({"文件夹": 46, "文件": 110}, [[where, files]], "")
    carried = [f"{one.name}（{one.carried_from}年）" for one in report.narratives if one.carried_from]
    add.text(f"沿用往年、须核对的文字：{'、'.join(carried)}。" if carried else "没有沿用往年的文字。")


SECTIONS = [
    ("结论与稳健性", _verdict),
    ("数据与自评的不一致", _disagreements),
    ("已公布数字的核对", _audit),
    ("未填的空", _open),
]
