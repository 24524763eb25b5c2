"""The report's Word template from styles: layout of official documents (GB/T 9704), Jinja tags where text will stand.

`python -m transforms.report.build_template` writes contracts/report/自查自评报告模板.docx anew; the file that ships is
what this makes. A bureau edits a copy in Word (HOME/narrative/template/自查自评报告.docx), styles and wording alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
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
PAGE = (210, 297)
TWO_CHARACTERS = "200"
TABLE_TITLES = {
    "schools": "学校基本情况", "primary": "小学资源配置指标逐校情况", "junior": "初中资源配置指标逐校情况",
    "coefficients": "校际差异系数", "sizes": "学校规模和班额逐校情况", "obstacles": "未达标清单与整改时限",
    "evidence": "佐证材料目录",
}  # fmt: skip
STAGES = {"primary": "小学", "junior": "初中"}
INDICATORS = 7
NARROWEST = 8
Columns = Sequence[tuple[str, str, int]]
"""Heads, tags and widths (in millimetres) of a table's columns."""


def build() -> docx.document.Document:
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


def _styles(document: docx.document.Document) -> None:
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


def _small_styles(document: docx.document.Document) -> None:
    warning = _style(document, "警示", HEI, 14)
    warning.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _borders(warning)
    _style(document, "附件标题", HEI, 16)
    table_title = _style(document, "表题", TITLE, 18)
    table_title.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    table_title.paragraph_format.keep_with_next = True
    for name, font, where in (("表头", HEI, "CENTER"), ("表格文字", FANGSONG, "CENTER"), ("表格文字左", FANGSONG, "LEFT")):
        style = _style(document, name, font, 10.5)
        style.paragraph_format.alignment = WD_ALIGN_PARAGRAPH[where]
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(1.5)
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


def _style(document: docx.document.Document, name: str, font: str, size: float, *, indent: bool = False) -> Any:
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
        at = {"top": 28, "bottom": 26, "left": 35, "right": 37}
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


def _settings(document: docx.document.Document) -> None:
    settings = document.settings
    settings.odd_and_even_pages_header_footer = True
    for name in ("Normal",):
        document.styles[name].paragraph_format.widow_control = True


def _footers(document: docx.document.Document) -> None:
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


def _body(document: docx.document.Document) -> None:
    def add(text: str, style: str = BODY) -> None:
        document.add_paragraph(text, style=style)

    def written(name: str) -> None:
        """Add the loop over what people wrote: headings and paragraphs."""
        add(f"{{%p for block in {name} %}}")
        add("{%p if block.is_heading %}")
        add("{{ block.text }}", "叙述标题")
        add("{%p else %}")
        add("{{ block.text }}", NARRATIVE)
        add("{%p endif %}")
        add("{%p endfor %}")

    add("{%p for warning in warnings %}")
    add("{{ warning }}", "警示")
    add("{%p endfor %}")
    for _ in range(2):
        add("", "Normal")
    add("{%p for line in title %}")
    add("{{ line }}", "Title")
    add("{%p endfor %}")
    add("", "Normal")
    written("opening_text")
    add("{{ opening }}")
    add("一、基本情况", "Heading 1")
    add("{{ basic }}")
    written("basic_text")
    add("二、主要指标完成情况", "Heading 1")
    add("（一）区域内义务教育资源配置情况", "Heading 2")
    add("{{ resources }}")
    _figure(document, "schools")
    add("（二）区域内小学、初中校际均衡情况", "Heading 2")
    add("{{ coefficients }}")
    _figure(document, "coefficients")
    for numeral, part, head in (("三", "government", "政府保障义务教育优质均衡发展情况"), ("四", "quality", "县域内义务教育教育质量情况")):
        add(f"（{numeral}）{head}", "Heading 2")
        add(f"{{{{ {part}.intro }}}}")
        _items(add, written, part)
    add("（五）社会认可度、前置条件和一票否决情况", "Heading 2")
    _items(add, written, "recognition", head="社会认可度：")
    for name, head in (("preconditions", "前置条件。"), ("vetoes", "一票否决事项。")):
        add(f"{{%p if {name} %}}")
        add(head)
        add(f"{{%p for line in {name} %}}")
        add("{{ line }}")
        add("{%p endfor %}")
        add("{%p endif %}")
    add("三、主要工作亮点", "Heading 1")
    add("{%p for one in highlights %}")
    add("（{{ one.no }}）{{ one.title }}", "Heading 2")
    add("{%p if one.said %}")
    add("{{ one.said }}")
    add("{%p endif %}")
    written("one.text")
    add("{%p endfor %}")
    add("四、存在的问题和对策", "Heading 1")
    add("{{ problems }}")
    written("problems_text")
    add("{%p for line in commitments %}")
    add("{{ line }}")
    add("{%p endfor %}")
    written("measures_text")
    _closing(add)


def _items(add: Any, written: Any, part: str, head: str = "指标{{ item.no }}：") -> None:
    add(f"{{%p for item in {part}.points %}}")
    add(f"{head}{{{{ item.rule }}}}。{{{{ item.said }}}}")
    written("item.text")
    add("自评结论：{{ item.conclusion }}。", "自评结论")
    add("{%p endfor %}")


def _figure(document: docx.document.Document, name: str) -> None:
    """Add a chart with its caption, or the slot that stands for it."""
    document.add_paragraph(f"{{{{ charts.{name}.picture }}}}", style="图")
    document.add_paragraph(f"{{{{ charts.{name}.caption }}}}", style="图题")


def _closing(add: Any) -> None:
    add("", "Normal")
    labels = list(tabulate.NAMES)
    for at, name in enumerate(labels):
        head = "附件：" if at == 0 else "　　　"
        add(f"{head}{tabulate.NAMES[name]}　{TABLE_TITLES[name]}")
    add("", "Normal")
    add("{{ closing.name }}", "落款")
    add("{{ closing.date }}", "落款")


# ---------------------------------------------------------------- tables


def _tables(document: docx.document.Document) -> None:
    indicators = [
        (f"{{{{ tables.STAGE.heads[{at}].name }}}}", f"{{% cellbg row.cells[{at}].shade %}}{{{{ row.cells[{at}].text }}}}", 17)
        for at in range(INDICATORS)
    ]  # fmt: skip
    by_school: list[tuple[str, str, int]] = [
        ("序号", "{{ row.no }}", 10), ("学校名称", "<{{ row.name }}", 42), ("在校生数", "{{ row.pupils }}", 14), *indicators,
        ("达标项数", "{{ row.met }}", 11), ("综合评估", "{% cellbg row.shade %}{{ row.verdict }}", 15), ("备注", "<{{ row.note }}", 0),
    ]  # fmt: skip
    _table(document, "schools", [
        ("序号", "{{ row.no }}", 10), ("学校名称", "<{{ row.name }}", 42), ("标识码—校区号", "{{ row.code }}", 27),
        ("办学类型", "{{ row.kind }}", 31), ("城乡分类", "{{ row.area }}", 16), ("举办者", "{{ row.sponsor }}", 25),
        ("建成年份", "{{ row.built }}", 14), ("小学在校生", "{{ row.primary }}", 16), ("初中在校生", "{{ row.junior }}", 16),
        ("班级数", "{{ row.classes }}", 13), ("备注", "<{{ row.note }}", 0),
    ])  # fmt: skip
    for stage in STAGES:
        columns = [(head.replace("STAGE", stage), tag, width) for head, tag, width in by_school]
        _table(document, stage, columns, rows=f"tables.{stage}.rows", limits=f"tables.{stage}.heads")
    pair = [(f"{text}{what}", f"{{% cellbg row.{stage}.shade %}}{{{{ row.{stage}.{field} }}}}", 20)
            for stage, text in STAGES.items()
            for what, field in (("全县平均值", "mean"), ("差异系数", "cv"), ("上限", "limit"), ("结论", "verdict"))]  # fmt: skip
    _table(document, "coefficients", [
        ("序号", "{{ row.no }}", 10), ("指标", "<{{ row.name }}", 0), ("单位", "{{ row.unit }}", 12), *pair,
    ], note="平均值按学生数加权；差异系数按未取整的数与上限比较，底色为未达标。")  # fmt: skip
    of_stage = [(f"{text}{what}", f"{{% cellbg row.{stage}.shade %}}{{{{ row.{stage}.{field} }}}}", 20)
                for stage, text in STAGES.items() for what, field in (("班级数", "classes"), ("超额班数", "over"))]  # fmt: skip
    _table(document, "sizes", [
        ("序号", "{{ row.no }}", 10), ("学校名称", "<{{ row.name }}", 46), ("在校生数", "{{ row.pupils }}", 18),
        ("规模上限", "{{ row.limit }}", 18), ("规模结论", "{% cellbg row.shade %}{{ row.verdict }}", 20),
        *of_stage, ("最大班额", "{{ row.largest }}", 18),
    ])  # fmt: skip
    _table(document, "obstacles", [
        ("序号", "{{ row.no }}", 10), ("部分", "{{ row.part }}", 24), ("学校", "<{{ row.name }}", 40), ("学段", "{{ row.stage }}", 14),
        ("要求", "<{{ row.label }}", 0), ("现值", "{{ row.value }}", 18), ("标准", "{{ row.limit }}", 18), ("差额", "{{ row.gap }}", 16),
        ("整改时限", "{{ row.due }}", 22),
    ])  # fmt: skip
    _table(document, "evidence", [
        ("序号", "{{ row.no }}", 10), ("指标", "{{ row.code }}", 14), ("内容", "<{{ row.name }}", 90), ("类别", "{{ row.kind }}", 18),
        ("数据结论", "{% cellbg row.shade %}{{ row.verdict }}", 20), ("自评结论", "{{ row.declared }}", 20), ("佐证材料", "<{{ row.material }}", 0),
    ])  # fmt: skip


def _table(document: docx.document.Document, name: str, columns: Columns, *, rows: str = "", limits: str = "",
           note: str = "") -> None:  # fmt: skip
    """Add one table on a page of its own: label, title, head that repeats, one row for all rows."""
    label = document.add_paragraph(tabulate.NAMES[name], style="附件标题")
    label.paragraph_format.page_break_before = name != "schools"
    document.add_paragraph(TABLE_TITLES[name], style="表题")
    table = document.add_table(rows=0, cols=len(columns))
    table.style = document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    _padding(table)
    widths = _widths(columns)
    _row(table, [head for head, _, _ in columns], widths, "表头", repeats=True)
    if limits:
        said = ["", "标准", "", *(f"≥{{{{ {limits}[{at}].limit }}}}" for at in range(INDICATORS)), "", "", ""]
        _row(table, said, widths, "表头", repeats=True)
    _row(table, [f"{{%tr for row in {rows or f'tables.{name}'} %}}"], widths, "表格文字")
    _row(table, [tag for _, tag, _ in columns], widths, "表格文字")
    _row(table, ["{%tr endfor %}"], widths, "表格文字")
    if note:
        document.add_paragraph(note, style="表注")


def _padding(table: Any) -> None:
    """Leave a millimetre beside the text of a cell."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "57")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def _widths(columns: Columns) -> list[int]:
    """Return the widths in millimetres; what has none shares the rest of the line."""
    line = PAGE[1] - 35 - 37
    open_columns = sum(width == 0 for _, _, width in columns)
    rest = line - sum(width for _, _, width in columns)
    if rest < 0 or (open_columns and rest < open_columns * NARROWEST):
        raise ValueError(f"{columns[0][0]}…: {-rest} mm too wide")
    return [width or rest // max(open_columns, 1) for _, _, width in columns]


def _row(table: Any, texts: list[str], widths: list[int], style: str, *, repeats: bool = False) -> None:
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    whole = OxmlElement("w:cantSplit")
    properties.append(whole)
    if repeats:
        properties.append(OxmlElement("w:tblHeader"))
    for at, cell in enumerate(row.cells):
        cell.width = Mm(widths[at])
        cell.vertical_alignment = WD_ALIGN_VERTICAL.CENTER
        text = texts[at] if at < len(texts) else ""
        paragraph = cell.paragraphs[0]
        is_left = text.startswith("<")
        paragraph.style = "表格文字左" if is_left else style
        paragraph.add_run(text.removeprefix("<"))
    for grid, width in zip(table._tbl.tblGrid.findall(qn("w:gridCol")), widths, strict=True):
        grid.set(qn("w:w"), str(Mm(width).twips))


def main(path: Path = PATH) -> Path:
    """Write the template that ships; return its path."""
    save(build(), path, title="自查自评报告模板", identifier="junheng template")
    return path


if __name__ == "__main__":
    main()
