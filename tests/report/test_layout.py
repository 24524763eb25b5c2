"""The paper itself: page, fonts, sizes, numbering, tables; by the XML of the file."""

import re
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt

from tests.report.conftest import COUNTY, YEAR
from transforms.report import build_template, draw, pack, write_report

FONTS = {
    "Normal": ("仿宋_GB2312", 16), "公文正文": ("仿宋_GB2312", 16), "叙述": ("仿宋_GB2312", 16), "自评结论": ("仿宋_GB2312", 16),
    "Title": ("方正小标宋简体", 22), "Heading 1": ("黑体", 16), "Heading 2": ("楷体_GB2312", 16), "附件标题": ("黑体", 16),
    "页码": ("宋体", 14), "表头": ("黑体", 10.5), "表格文字": ("仿宋_GB2312", 10.5),
}  # fmt: skip


@pytest.fixture(scope="module")
def document(demo_report):
    return docx.Document(str(demo_report))


@pytest.mark.parametrize("style", FONTS)
def test_every_style_names_its_own_font_and_size(document, style):
    font, size = FONTS[style]
    found = document.styles[style]
    fonts = found.element.rPr.find(qn("w:rFonts"))
    assert (fonts.get(qn("w:eastAsia")), found.font.size) == (font, Pt(size))
    assert not [name for name in fonts.attrib if name.endswith("Theme")]


def test_no_run_of_the_report_sets_another_font_or_size(document):
    for run in document.element.body.iter(qn("w:r")):
        properties = run.find(qn("w:rPr"))
        assert properties is None or (properties.find(qn("w:rFonts")) is None and properties.find(qn("w:sz")) is None)


def test_pages_are_a4_with_the_margins_of_an_official_document_and_tables_lie_across(document):
    upright, across = document.sections
    assert [round(one.mm) for one in (upright.page_width, upright.page_height)] == [210, 297]
    margins = (upright.top_margin, upright.bottom_margin, upright.left_margin, upright.right_margin)
    assert [round(one.mm) for one in margins] == [37, 35, 28, 26]
    assert [round(one.mm) for one in (across.page_width, across.page_height)] == [297, 210]
    assert across._sectPr.find(qn("w:pgSz")).get(qn("w:orient")) == "landscape"
    grid = upright._sectPr.find(qn("w:docGrid"))
    assert (grid.get(qn("w:type")), grid.get(qn("w:linePitch"))) == ("lines", "560")


def test_body_lines_are_exactly_28_points_and_begin_two_characters_in(document):
    spacing = document.styles["公文正文"].element.pPr.find(qn("w:spacing"))
    assert (spacing.get(qn("w:line")), spacing.get(qn("w:lineRule"))) == ("560", "exact")
    assert document.styles["公文正文"].element.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"


def test_charts_stand_in_paragraphs_that_grow_with_them(document):
    pictures = [p for p in document.paragraphs if p._p.findall(f".//{qn('w:drawing')}")]
    assert len(pictures) == 2
    for paragraph in pictures:
        assert paragraph.style.element.pPr.find(qn("w:spacing")).get(qn("w:lineRule")) == "auto"


def test_page_numbers_stand_outside_between_dashes(document):
    section = document.sections[0]
    for footer, where in ((section.footer, "right"), (section.even_page_footer, "left")):
        paragraph = footer.paragraphs[0]
        assert paragraph._p.pPr.find(qn("w:jc")).get(qn("w:val")) == where
        assert "".join(one.text for one in paragraph._p.iter(qn("w:t"))) == "— 1 —"
        assert [one.text for one in paragraph._p.iter(qn("w:instrText"))] == [" PAGE "]
    assert document.settings.odd_and_even_pages_header_footer


def test_the_skeleton_is_the_published_report_s(document):
    heads = [p.text for p in document.paragraphs if p.style.name in {"Heading 1", "Heading 2"}]
    assert heads[:2] == ["一、基本情况", "二、主要指标完成情况"]
    assert [re.match(r"（(.)）", head)[1] for head in heads[2:7]] == list("一二三四五")
    assert heads[7] == "三、主要工作亮点" and heads[-1] == "四、存在的问题和对策"
    items = [p.text.partition("：")[0] for p in document.paragraphs if p.text.startswith("指标")]
    numerals = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五"]
    assert items == [f"指标{one}" for one in numerals] + [f"指标{one}" for one in numerals[:9]]
    conclusions = [p.text for p in document.paragraphs if p.text.startswith("自评结论：")]
    assert len(conclusions) == 15 + 9 + 1


def test_the_number_of_the_document_keeps_its_six_corner_brackets(document):
    assert "教督〔2017〕6号" in document.paragraphs[[p.style.name for p in document.paragraphs].index("公文正文")].text


def test_made_up_data_are_named_on_the_first_page_and_on_top_of_every_page(document):
    assert "合成" in document.paragraphs[0].text and document.paragraphs[0].style.name == "警示"
    assert "合成" in document.sections[0].header.paragraphs[0].text
    assert "合成" in document.sections[0].even_page_header.paragraphs[0].text


def test_every_table_repeats_its_head_and_keeps_schools_in_one_order(document):
    orders = []
    for table in document.tables:
        assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        heads = [cell.text for cell in table.rows[0].cells]
        if "学校名称" in heads:
            orders.append([row.cells[heads.index("学校名称")].text for row in table.rows[1:] if row.cells[0].text])
    listed = orders[0]
    assert len(document.tables) == 7 and len(listed) == 30 and len(orders) == 4
    for order in orders:
        assert order == [name for name in listed if name in order]


def test_the_cell_of_a_failing_value_is_shaded_and_no_other(document):
    table = document.tables[1]
    shaded = [
        (row.cells[1].text, at)
        for row in table.rows[2:]
        for at, cell in enumerate(row.cells)
        if cell._tc.tcPr.find(qn("w:shd")) is not None
    ]
    assert shaded == [("演示老街小学", 6)]


def test_the_template_that_ships_is_what_the_styles_make():
    made = pack.packed(build_template.build(), "自查自评报告模板", "junheng template")
    assert build_template.PATH.read_bytes() == made


def test_the_same_release_gives_the_same_bytes_without_a_time(demo_release, demo_report, tmp_path):
    for path in write_report.write(demo_release, COUNTY, YEAR, tmp_path):
        assert path.read_bytes() == (demo_report.parent / path.name).read_bytes()
    with zipfile.ZipFile(demo_report) as packed:
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not re.search(rb"created|modified", packed.read("docProps/core.xml").replace(b"lastModifiedBy", b""))


def test_without_a_chinese_font_the_charts_are_slots(demo_release, tmp_path, monkeypatch):
    monkeypatch.setattr(draw, "font", lambda: None)
    write_report.write(demo_release, COUNTY, YEAR, tmp_path)
    text = "\n".join(p.text for p in docx.Document(str(tmp_path / write_report.NAME)).paragraphs)
    assert text.count("【待补充：图，本机没有中文字体，安装后重新生成】") == 2
