"""一校一策.docx: a page for every school: what it lacks, what would do, what it carries of the coefficients."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from contracts.papers import application
from transforms.report import fetch, pack
from transforms.report.plan_school import Burden, Gap, Plan, plans
from warehouse import release

TITLE_FONT, HEAD_FONT, BODY_FONT, DIGITS = "方正小标宋简体", "黑体", "仿宋_GB2312", "Times New Roman"
MARGINS = {"top_margin": 17, "bottom_margin": 14, "left_margin": 18, "right_margin": 18}
"""Millimetres; narrower than a letter's, so that a school fits a page."""
MOST_LINES = 14
"""Lines of the first and last table together that a page takes."""
SHADE, SLOT = "F8CBAD", "FFF2CC"
STYLES: dict[str, tuple[str, float, int, int, str]] = {
    "Normal": (BODY_FONT, 12, 0, 0, "LEFT"),
    "Heading 1": (TITLE_FONT, 20, 0, 6, "CENTER"),
    "Heading 2": (HEAD_FONT, 12, 6, 3, "LEFT"),
    "说明": (BODY_FONT, 10.5, 0, 3, "LEFT"),
    "结语": (HEAD_FONT, 12, 3, 3, "LEFT"),
    "附注": (BODY_FONT, 9, 1, 1, "LEFT"),
    "表头": (HEAD_FONT, 9, 1, 1, "CENTER"),
    "表格": (BODY_FONT, 9, 1, 1, "CENTER"),
    "表格左": (BODY_FONT, 9, 1, 1, "LEFT"),
    "表后": (BODY_FONT, 4, 0, 0, "LEFT"),
}
"""Style → font, size in points, space before and after, alignment."""
GAP_HEADERS = ("学段", "指标", "现值", "标准", "差到标准", "差到底线", "或在校生不超过（现）")
GAP_WIDTHS = (11, 55, 19, 14, 25, 23, 27)
JUDGED_HEADERS = ("学段", "指标", "现状", "标准", "结论", "差额")
JUDGED_WIDTHS = (18, 76, 20, 18, 18, 20)
BURDEN_HEADERS = (
    "学段",
    "指标",
    "全县差异系数",
    "上限",
    "本校占全县差异",
    "本校与平均相差",
    "若本校与其余学校平均相同",
)
BURDEN_WIDTHS = (11, 64, 20, 13, 20, 20, 26)


def write(release_folder: Path, county_code: str, stat_year: int, folder: Path) -> list[Path]:
    """Write 一校一策.docx of a county and year into a folder and return its path: one file, a page for every school.

    One file, because the bureau prints and hands out the pages; each school's name is a heading, found in the
    navigation pane. Raises LookupError when the release does not have the county and year, FileNotFoundError when the
    folder is no release.
    """
    import docx

    with release.open_release(release_folder) as con:
        county = fetch.county_year(con, county_code, stat_year)
    made = plans(release_folder, application.form()["standard"], county_code, stat_year)
    paper = docx.Document()
    release_id = fetch.release_name(release_folder)
    _set_page(paper, county, release_id)
    for number, plan in enumerate(made):
        _write_page(paper, plan, county, is_first=number == 0)
    if not made:
        _paragraph(paper, "【待补充：学校名单】")
    path = folder / "一校一策.docx"
    pack.save(paper, path, title="一校一策", identifier=f"{release_id}/{county_code}/{stat_year}")
    return [path]


def _set_page(paper: Any, county: fetch.Row, release_id: str) -> None:
    """Set A4, margins, fonts of text and headings, and the footer with release and page."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm, Pt

    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    for name, millimetres in MARGINS.items():
        setattr(section, name, Mm(millimetres))
    for name, (font, size, before, after, alignment) in STYLES.items():
        is_there = name in {style.name for style in paper.styles}
        style = paper.styles[name] if is_there else paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        _set_font(style, font, size)
        layout = style.paragraph_format
        layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), 1.0
        layout.alignment = getattr(WD_ALIGN_PARAGRAPH, alignment)
    paper.styles["Heading 1"].paragraph_format.keep_with_next = True
    mark = "　合成数据，不说明任何真实学校" if county["is_synthetic"] else ""
    footer = section.footer.paragraphs[0]
    footer.style = paper.styles["表格"]
    footer.add_run(
        f"{county['county_name'] or county['county_code']} {county['stat_year']}年　发布版 {release_id}{mark}　第"
    )
    _add_page_number(footer)
    footer.add_run("页")


def _set_font(style: Any, font: str, size: float) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    style.font.name, style.font.size, style.font.bold = DIGITS, Pt(size), False
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)


def _add_page_number(paragraph: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._element.append(field)


def _paragraph(paper: Any, text: str, style: str = "说明") -> None:
    paper.add_paragraph(text, style=paper.styles[style])


def _write_page(paper: Any, plan: Plan, county: fetch.Row, *, is_first: bool) -> None:
    """Write one school: who it is, its verdicts, gaps, what is judged as a whole, what it carries, what it leans on."""
    site = plan.site
    heading = paper.add_heading(f"{site['school_name'] or site['site_id']}", level=1)
    heading.paragraph_format.page_break_before = not is_first
    where = "、".join(text for text in (site["school_type_text"], site["urban_rural_text"]) if text)
    _paragraph(
        paper,
        f"标识码{site['school_code']}，校区{site['campus_no']}；{where}；{county['stat_year']}年9月1日在校生：{site['roll']}。",
    )
    for unit in plan.units:
        _paragraph(paper, _unit_sentence(unit))
    if site["is_excluded"]:
        _paragraph(paper, f"七项指标：不计入（{site['exclusion_text']}）。")
    elif site["target_site_id"] != site["site_id"]:
        _paragraph(paper, f"七项指标：按口径并入{site['target_site_id']}。")
    if plan.is_clear():
        _paragraph(paper, "本校各项都达到标准，没有要补的缺口。", "结语")
    _write_gaps(paper, plan)
    _write_judged(paper, plan)
    _write_burdens(paper, plan)
    for row in plan.relaxed:
        promise = f"；承诺：{row['commitment']}" if row["commitment"] else ""
        _paragraph(
            paper, f"依靠放宽条款：{row['item_code']}（{row['test_label']}）{row['relaxation_text']}{promise}。", "附注"
        )


def _unit_sentence(unit: fetch.Row) -> str:
    missing = f"，缺数据{unit['missing_items']}项" if unit["missing_items"] else ""
    below = f"，其中低于底线{unit['below_floor_items']}项" if unit["below_floor_items"] else ""
    return (
        f"{unit['stage_text']}综合评估：{unit['verdict_text']}（{unit['items']}项中达标{unit['met_items']}项，"
        f"未达标{unit['not_met_items']}项{below}{missing}；要求至少{unit['met_at_least']}项达标，余项不低于底线）。"
    )


def _write_gaps(paper: Any, plan: Plan) -> None:
    paper.add_heading("一、资源配置的缺口", level=2)
    if not plan.gaps:
        _paragraph(paper, "参与评估的资源配置指标都达到标准。" if plan.units else "不参与资源配置评估。")
        return
    _table(paper, GAP_HEADERS, GAP_WIDTHS, [_gap_row(gap) for gap in plan.gaps])
    if any(gap.result["is_shared"] for gap in plan.gaps):
        _paragraph(paper, "带※的资源各学段合用，差额为全校应增加的数量。", "附注")


def _gap_row(gap: Gap) -> list[str]:
    result, item = gap.result, gap.item
    unit = item["unit"]
    wide = "※" if result["is_shared"] else ""
    if gap.to_limit is None:
        said = ["【待补充：缺数】", "—", "—", "—", "—"]
        said[1] = _plain(result["limit_value"])
    else:
        enrolment = (
            "只减学生不行" if gap.enrolment is None else f"{gap.enrolment}人（{_plain(result['denominator'])}人）"
        )
        floor = (
            "—" if gap.to_floor is None else "已达底线" if not gap.to_floor else f"{_plain(gap.to_floor)}{unit}{wide}"
        )
        value = telling(result["value"], item["decimals"], result["limit_value"])
        said = [value, _plain(result["limit_value"]), f"{_plain(gap.to_limit)}{unit}{wide}", floor, enrolment]
    return [result["stage_text"], f"{item['item_code']} {item['name_zh']}（{unit}）", *said]


def telling(value: float, decimals: int, limit: Decimal) -> str:
    """Return a value with its decimals, and with more where they would hide that it is not the limit."""
    text = f"{value:.{decimals}f}"
    while Decimal(text) == limit and value != float(limit) and decimals < 12:
        decimals += 1
        text = f"{value:.{decimals}f}"
    return text


def _plain(number: Decimal | float | None) -> str:
    if number is None:
        return "【待补充】"
    return f"{Decimal(str(number)).normalize():f}"


def _write_judged(paper: Any, plan: Plan) -> None:
    paper.add_heading("二、专用教室、规模、班额和学校经费", level=2)
    if not plan.judged:
        _paragraph(paper, "没有要判断的项目。")
        return
    lines = []
    for result, item, missing, unit in plan.judged:
        label = "" if result["test_label"] == item["name_zh"] else f"：{result['test_label']}"
        is_counted = unit in {"间"} and item["unit"] == "间"
        value = result["have"] if is_counted else result["value"]
        shown = "【待补充：缺数】" if value is None else f"{value:.{item['decimals']}f}{item['unit']}"
        limit = result["need"] if is_counted else result["limit_value"]
        said = "【待补充】" if missing is None else "—" if not missing else f"{_plain(missing)}{unit}"
        mark = result["operator"] if result["operator"] in {"<=", "<"} else ""
        lines.append(
            [
                result["stage_text"],
                f"{item['item_code']} {item['name_zh']}{label}",
                shown,
                "【待补充】" if limit is None else f"{mark.replace('<=', '≤')}{_plain(limit)}{item['unit']}",
                result["verdict_text"],
                said,
            ]
        )
    failing = {at for at, (result, *_) in enumerate(plan.judged) if result["verdict"] == "not_met"}
    _table(paper, JUDGED_HEADERS, JUDGED_WIDTHS, lines, shaded={(at, 4) for at in failing})


def _write_burdens(paper: Any, plan: Plan) -> None:
    paper.add_heading("三、对全县校际均衡的影响", level=2)
    if not plan.burdens:
        _paragraph(paper, "不参与校际差异系数的计算。")
        return
    shown = _telling_burdens(plan)
    failing = {at for at, one in enumerate(shown) if one.coefficient["verdict"] == "not_met"}
    _table(
        paper,
        BURDEN_HEADERS,
        BURDEN_WIDTHS,
        [_burden_row(one) for one in shown],
        shaded={(at, 2) for at in failing},
    )
    helping = [
        f"{one.coefficient['stage_text']} {one.item['item_code']} 由{one.coefficient['cv']:.3f}降到{one.cv_without:.3f}"
        f"（上限{_plain(one.coefficient['limit_value'])}）"
        for one in plan.burdens
        if one.coefficient["verdict"] == "not_met" and one.is_enough
    ]
    if helping:
        _paragraph(paper, f"只要本校达到其余学校的平均水平，全县差异系数即不超过上限：{'；'.join(helping)}。", "附注")


def _telling_burdens(plan: Plan) -> list[Burden]:
    """Return the burdens that fit the page: all, or those above a limit, lacking here, or among the largest shares."""
    if len(plan.gaps) + len(plan.burdens) <= MOST_LINES:
        return plan.burdens
    lacking = {(gap.result["stage"], gap.item["item_code"]) for gap in plan.gaps}
    largest = sorted((one.share or 0 for one in plan.burdens), reverse=True)[:3]
    return [
        one
        for one in plan.burdens
        if one.coefficient["verdict"] == "not_met"
        or (one.coefficient["stage"], one.item["item_code"]) in lacking
        or (one.share or 0) >= largest[-1]
    ]


def _burden_row(one: Burden) -> list[str]:
    coefficient = one.coefficient
    cv, limit = coefficient["cv"], coefficient["limit_value"]
    is_whole = coefficient["known_units"] == coefficient["units"]
    shown = (
        "【待补充：缺数】"
        if cv is None or not is_whole
        else telling(cv, 3, limit)
        if limit is not None
        else f"{cv:.3f}"
    )
    without = "—" if one.cv_without is None else f"{one.cv_without:.3f}"
    if coefficient["verdict"] == "not_met" and one.cv_without is not None:
        without += "（达标）" if one.is_enough else "（仍超）"
    return [
        coefficient["stage_text"],
        f"{one.item['item_code']} {one.item['name_zh']}",
        shown,
        "—" if limit is None else _plain(limit),
        "—" if one.share is None or not is_whole else f"{one.share * 100:.1f}%",
        "—" if one.deviation is None or not is_whole else f"{one.deviation * 100:+.1f}%",
        without,
    ]


def _table(
    paper: Any,
    headers: tuple[str, ...],
    widths: tuple[int, ...],
    lines: list[list[str]],
    shaded: set[tuple[int, int]] | None = None,
) -> None:
    """Add a table with a repeated header row, widths in millimetres, some cells shaded.

    The table is written as XML in one piece: cell by cell it takes twenty times as long.
    """
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    ids = {name: paper.styles[name].style_id for name in ("表头", "表格", "表格左", "Table Grid")}
    rows = [_row(headers, widths, ["表头"] * len(headers), ids, set(), is_head=True)]
    looks = ["表格左" if column == 1 else "表格" for column in range(len(headers))]
    for at, line in enumerate(lines):
        rows.append(_row(line, widths, looks, ids, {column for row, column in shaded or set() if row == at}))
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
    look = f'<w:tblStyle w:val="{ids["Table Grid"]}"/><w:tblW w:w="{_twips(sum(widths))}" w:type="dxa"/>'
    table = f'<w:tbl {nsdecls("w")}><w:tblPr>{look}<w:jc w:val="center"/><w:tblLayout w:type="fixed"/></w:tblPr>'
    made = parse_xml(f"{table}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>")
    paper.element.body.insert(len(paper.element.body) - 1, made)
    _paragraph(paper, "", "表后")


def _twips(millimetres: int) -> int:
    return round(millimetres * 1440 / 25.4)


def _row(
    texts: Sequence[str],
    widths: tuple[int, ...],
    styles: list[str],
    ids: dict[str, str],
    shaded: set[int],
    *,
    is_head: bool = False,
) -> str:
    """Return a row of a table as XML: slots and failing cells shaded."""
    cells = []
    for column, text in enumerate(texts):
        fill = SLOT if "待补充" in text else SHADE if column in shaded else ""
        shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
        about = f'<w:tcW w:w="{_twips(widths[column])}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/>'
        words = f'<w:pPr><w:pStyle w:val="{ids[styles[column]]}"/></w:pPr><w:r><w:t>{escape(text)}</w:t></w:r>'
        cells.append(f"<w:tc><w:tcPr>{about}</w:tcPr><w:p>{words}</w:p></w:tc>")
    head = "<w:tblHeader/>" if is_head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{''.join(cells)}</w:tr>"
