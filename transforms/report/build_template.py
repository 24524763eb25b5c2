"""The report's Word template from styles: layout of official documents (GB/T 9704), Jinja tags where text will stand.

`python -m transforms.report.build_template` writes contracts/report/自查自评报告模板.docx anew; the file that ships is
what this makes. A bureau edits a copy in Word (HOME/narrative/template/自查自评报告.docx), styles and wording alike.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ALIGN_VERTICAL, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from contracts.sentences import REPORT_DIR
from transforms.report import tabulate
from transforms.report.pack import save

PATH = REPORT_DIR / "自查自评报告模板.docx"
BODY, NARRATIVE = "公文正文", "叙述"
LATIN = "Times New Roman"
FANGSONG, KAI, HEI, TITLE, SONG = "仿宋_GB2312", "楷体_GB2312", "黑体", "方正小标宋简体", "宋体"
LINE = Pt(28)
GRID_TWIPS = "560"
MARGINS = {"top": 37, "bottom": 35, "left": 28, "right": 26}
ACROSS = {"top": 28, "bottom": 26, "left": 35, "right": 37}
"""Margins of a page that lies across: turned with it."""
PAGE = (210, 297)
TWO_CHARACTERS = "200"
TABLE_TITLES = {
    "schools": "学校基本情况", "primary": "小学资源配置指标逐校情况", "junior": "初中资源配置指标逐校情况",
    "coefficients": "校际差异系数", "sizes": "学校规模和班额逐校情况", "obstacles": "未达标清单与整改时限",
    "evidence": "佐证材料目录",
}  # fmt: skip
STAGES = ("primary", "junior")
OUTLINE_STYLES = {
    "#": "Heading 1",
    "##": "Heading 2",
    "题": "Title",
    "警": "警示",
    "空": "Normal",
    "文": BODY,
    "论": "自评结论",
    "落": "落款",
}
NARROWEST = 8
NOTES = {"coefficients": "平均值按学生数加权；差异系数按未取整的数与上限比较，底色为未达标。"}
INDICATOR = re.compile(r"tables\.\w+\.heads\[\d+\]")


@dataclass(frozen=True)
class Column:
    """One column of a table: head, tag of a row, width in millimetres (none: the rest), where its text stands."""

    head: str
    tag: str
    width: int
    is_left: bool


def build() -> Document:
    """Return the template as a document."""
    document = docx.Document()
    _styles(document)
    _page(document.sections[0], is_landscape=False)
    _settings(document)
    _body(document)
    document.add_section(WD_SECTION.NEW_PAGE)
    _page(document.sections[-1], is_landscape=True)
    _tables(document)
    _footers(document)
    return document


# ---------------------------------------------------------------- styles and page


def _styles(document: Document) -> None:
    """Set the styles of an official document; every one names its East Asian font and its size itself."""
    normal = document.styles["Normal"]
    _font(normal, FANGSONG, 16)
    _language(normal)
    _exact(normal, LINE)
    normal.paragraph_format.space_after = Pt(0)
    _style(document, BODY, FANGSONG, 16, indent=True)
    _style(document, NARRATIVE, FANGSONG, 16, indent=True)
    _style(document, "自评结论", FANGSONG, 16, indent=True)
    _style(document, "叙述标题", KAI, 16, indent=True)
    for level, font in ((1, HEI), (2, KAI), (3, FANGSONG)):
        heading = document.styles[f"Heading {level}"]
        _font(heading, font, 16)
        heading.font.bold, heading.font.italic = False, False
        heading.paragraph_format.space_before = heading.paragraph_format.space_after = Pt(0)
        heading.paragraph_format.keep_with_next = True
        _indent(heading)
        _exact(heading, LINE)
    title = document.styles["Title"]
    _font(title, TITLE, 22)
    for border in title.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)
    title.font.bold = False
    title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    title.paragraph_format.space_before = title.paragraph_format.space_after = Pt(0)
    _exact(title, Pt(36))
    _small_styles(document)


def _small_styles(document: Document) -> None:
    warning = _style(document, "警示", HEI, 14)
    warning.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _borders(warning)
    _style(document, "附件标题", HEI, 16)
    table_title = _style(document, "表题", TITLE, 18)
    table_title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    table_title.paragraph_format.keep_with_next = True
    for name, font, where in (
        ("表头", HEI, "CENTER"),
        ("表格文字", FANGSONG, "CENTER"),
        ("表格文字左", FANGSONG, "LEFT"),
    ):
        style = _style(document, name, font, 10.5)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH[where]
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.AT_LEAST
        style.paragraph_format.line_spacing = Pt(14)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(1)
        _off_grid(style)
    for name in ("图", "图题"):
        style = _style(document, name, HEI, 12)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        style.paragraph_format.keep_with_next = name == "图"
        _off_grid(style)
    _style(document, "页码", SONG, 14)
    note = _style(document, "表注", FANGSONG, 10.5)
    _off_grid(note)
    note.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    closing = _style(document, "落款", FANGSONG, 16)
    closing.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    indent = closing.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:rightChars"), "400")
    indent.set(qn("w:right"), "1280")


def _style(document: Document, name: str, font: str, size: float, *, indent: bool = False) -> Any:
    style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = document.styles["Normal"]
    style.quick_style = True
    _font(style, font, size)
    _exact(style, LINE)
    if indent:
        _indent(style)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    return style


def _font(style: Any, east_asian: str, size: float) -> None:
    """Name the fonts of a style; the theme's fonts would win over them, so they go."""
    style.font.size = Pt(size)
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    for name in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{name}"), LATIN)
    fonts.set(qn("w:eastAsia"), east_asian)


def _language(style: Any) -> None:
    properties = style.element.get_or_add_rPr()
    for language in properties.findall(qn("w:lang")):
        properties.remove(language)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)


def _exact(style: Any, height: Any) -> None:
    style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    style.paragraph_format.line_spacing = height


def _indent(style: Any) -> None:
    """Indent the first line by two characters, whatever the size."""
    indent = style.element.get_or_add_pPr().get_or_add_ind()
    indent.set(qn("w:firstLineChars"), TWO_CHARACTERS)
    indent.set(qn("w:firstLine"), "640")


def _off_grid(style: Any) -> None:
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(
        snap, "w:spacing", "w:ind", "w:contextualSpacing", "w:mirrorIndents", "w:jc", "w:outlineLvl", "w:rPr"
    )


def _borders(style: Any) -> None:
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "12"), ("space", "4"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    style.element.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _page(section: Any, *, is_landscape: bool) -> None:
    """Set paper and margins; a turned page turns its margins with it."""
    width, height = PAGE
    at = MARGINS
    if is_landscape:
        width, height = height, width
        at = ACROSS
        section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(width), Mm(height)
    section.top_margin, section.bottom_margin = Mm(at["top"]), Mm(at["bottom"])
    section.left_margin, section.right_margin = Mm(at["left"]), Mm(at["right"])
    section.header_distance, section.footer_distance = Mm(15), Mm(25 if not is_landscape else 15)
    for grid in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(grid)
    grid = OxmlElement("w:docGrid")
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), GRID_TWIPS)
    section._sectPr.append(grid)


def _settings(document: Document) -> None:
    settings = document.settings
    settings.odd_and_even_pages_header_footer = True
    for name in ("Normal",):
        document.styles[name].paragraph_format.widow_control = True


def _footers(document: Document) -> None:
    """Put the page number outside: right on odd pages, left on even ones; above, what must be seen on every page."""
    section = document.sections[0]
    for footer, where in ((section.footer, "RIGHT"), (section.even_page_footer, "LEFT")):
        paragraph = footer.paragraphs[0]
        paragraph.style = document.styles["页码"]
        paragraph.alignment = WD_ALIGN_PARAGRAPH[where]
        side = paragraph._p.get_or_add_pPr().get_or_add_ind()
        side.set(qn(f"w:{where.lower()}Chars"), "100")
        side.set(qn(f"w:{where.lower()}"), "280")
        paragraph.add_run("— ")
        _field(paragraph, "PAGE")
        paragraph.add_run(" —")
    for header in (section.header, section.even_page_header):
        paragraph = header.paragraphs[0]
        paragraph.style = document.styles["表注"]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.add_run("{{ page_warning }}")
    for later in document.sections[1:]:
        for part in (later.footer, later.even_page_footer, later.header, later.even_page_header):
            part.is_linked_to_previous = True


def _field(paragraph: Any, name: str) -> None:
    for kind, text in (("begin", ""), ("", f" {name} "), ("separate", ""), ("shown", "1"), ("end", "")):
        run = paragraph.add_run()
        if kind == "shown":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            code = OxmlElement("w:instrText")
            code.set(qn("xml:space"), "preserve")
            code.text = text
            run._r.append(code)


# ---------------------------------------------------------------- text


def _body(document: Document) -> None:
    """Add the text by its outline (contracts/report/outline.txt), a paragraph a line."""
    for line in (REPORT_DIR / "outline.txt").read_text("utf-8").splitlines():
        mark, _, text = line.partition(" ")
        if mark == "//":
            continue
        if mark == "%图":
            _figure(document, text)
        elif mark == "%叙述":
            _written(document, text)
        elif mark == "%附件":
            _attachments(document)
        else:
            document.add_paragraph(text, style=OUTLINE_STYLES[mark])


def _written(document: Document, name: str) -> None:
    """Add the loop over what people wrote: headings and paragraphs."""
    for style, text in (
        (BODY, f"{{%p for block in {name} %}}"),
        (BODY, "{%p if block.is_heading %}"),
        ("叙述标题", "{{ block.text }}"),
        (BODY, "{%p else %}"),
        (NARRATIVE, "{{ block.text }}"),
        (BODY, "{%p endif %}"),
        (BODY, "{%p endfor %}"),
    ):
        document.add_paragraph(text, style=style)


def _figure(document: Document, name: str) -> None:
    """Add a chart with its caption, or the slot that stands for it."""
    document.add_paragraph(f"{{{{ charts.{name}.picture }}}}", style="图")
    document.add_paragraph(f"{{{{ charts.{name}.caption }}}}", style="图题")


def _attachments(document: Document) -> None:
    """List the tables that follow."""
    for at, (name, label) in enumerate(tabulate.NAMES.items()):
        head = "附件：" if at == 0 else "　　　"
        document.add_paragraph(f"{head}{label}　{TABLE_TITLES[name]}", style=BODY)


# ---------------------------------------------------------------- tables


def columns() -> dict[str, list[Column]]:
    """Return the columns of each table, in order, from contracts/report/tables.csv."""
    found: dict[str, list[Column]] = {}
    with (REPORT_DIR / "tables.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            column = Column(row["head"], row["tag"], int(row["width_mm"]), row["align"] == "left")
            found.setdefault(row["table"], []).append(column)
    return found


def _tables(document: Document) -> None:
    for name, of_table in columns().items():
        _table(document, name, of_table)


def _table(document: Document, name: str, of_table: list[Column]) -> None:
    """Add one table on a page of its own: label, title, head that repeats, one row for all rows."""
    label = document.add_paragraph(tabulate.NAMES[name], style="附件标题")
    label.paragraph_format.page_break_before = name != next(iter(tabulate.NAMES))
    document.add_paragraph(TABLE_TITLES[name], style="表题")
    table = document.add_table(rows=0, cols=len(of_table))
    table.style = document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _padding(table)
    widths = _widths(of_table)
    plain, rows = ["表格文字"] * len(of_table), f"tables.{name}"
    heads = ["表头"] * len(of_table)
    _row(table, [column.head for column in of_table], widths, heads, repeats=True)
    if name in STAGES:
        _row(table, _limits(of_table), widths, heads, repeats=True)
        rows = f"tables.{name}.rows"
    _row(table, [f"{{%tr for row in {rows} %}}"], widths, plain)
    styles = ["表格文字左" if column.is_left else "表格文字" for column in of_table]
    _row(table, [column.tag for column in of_table], widths, styles)
    _row(table, ["{%tr endfor %}"], widths, plain)
    if name in NOTES:
        document.add_paragraph(NOTES[name], style="表注")


def _limits(of_table: list[Column]) -> list[str]:
    """Return the second row of a table of indicators: the limit under the head of each."""
    texts = []
    for column in of_table:
        found = INDICATOR.search(column.head)
        texts.append(f"≥{{{{ {found[0]}.limit }}}}" if found else "")
    texts[1] = "标准"
    return texts


def _padding(table: Any) -> None:
    """Leave a millimetre beside the text of a cell."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    look = table._tbl.tblPr.find(qn("w:tblLook"))
    look.addprevious(margins)


def _widths(of_table: list[Column]) -> list[int]:
    """Return the widths in millimetres; what has none shares the rest of the line.

    Raises ValueError for columns that are wider than the page.
    """
    line = PAGE[1] - ACROSS["left"] - ACROSS["right"]
    open_columns = sum(column.width == 0 for column in of_table)
    rest = line - sum(column.width for column in of_table)
    if rest < open_columns * NARROWEST:
        raise ValueError(f"{of_table[0].head}…: {-rest} mm too wide")
    return [column.width or rest // open_columns for column in of_table]


def _row(table: Any, texts: list[str], widths: list[int], styles: list[str], *, repeats: bool = False) -> None:
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:cantSplit"))
    if repeats:
        properties.append(OxmlElement("w:tblHeader"))
    padded = [*texts, *[""] * (len(widths) - len(texts))]
    for cell, text, width, style in zip(row.cells, padded, widths, styles, strict=True):
        cell.width = Mm(width)
        cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        cell.paragraphs[0].style = style
        cell.paragraphs[0].add_run(text)
    for grid, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        grid.set(qn("w:w"), str(Mm(width).twips))


def main(path: Path = PATH) -> Path:
    """Write the template that ships; return its path."""
    save(build(), path, title="自查自评报告模板", identifier="junheng template")
    return path


if __name__ == "__main__":
    main()
