"""申报表.xlsx and 学校自评表.xlsx: the official layout, the release's figures, and a visible slot for all that is missing."""

import hashlib
from decimal import Decimal

import openpyxl
import pytest

from contracts.codes import read_codes
from contracts.papers import application
from tests.forms.conftest import COUNTY, YEAR, queried
from transforms.report import write_application
from transforms.report.write_application import filled, rounded, slot

DEMO = "500104"
FAILING = "FFF8CBAD"


@pytest.fixture(scope="module")
def demo(demo_home, tmp_path_factory):
    """The demo county's release, and its form as people see it."""
    folder = (demo_home / "latest").resolve()
    form, schools = write_application.write(folder, DEMO, YEAR, tmp_path_factory.mktemp("form"))
    return folder, openpyxl.load_workbook(form), openpyxl.load_workbook(schools)


@pytest.fixture(scope="module")
def holes(rooms_release, tmp_path_factory):
    """A county without classes, rooms, county facts, survey, monitoring and declarations."""
    form, schools = write_application.write(rooms_release, COUNTY, YEAR, tmp_path_factory.mktemp("holes"))
    return openpyxl.load_workbook(form), openpyxl.load_workbook(schools)


def rows_of(sheet) -> list[list]:
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_the_form_has_the_official_tables_in_their_order(demo):
    _, form, _ = demo
    assert form.sheetnames == ["封面", "表Ⅰ", "表Ⅱ-1", "表Ⅱ-2", "表Ⅲ", "表Ⅳ", "表Ⅴ", "表Ⅵ"]


def test_table_one_has_24_numbered_columns_with_units_and_decimals(demo):
    folder, form, _ = demo
    codes, figures = rows_of(form["表Ⅰ"])[4:6]
    assert codes == [f"L{number}" for number in range(1, 25)]
    ((people,),) = queried(
        folder,
        f"select quantity from fact_county_figure where figure_code = 'resident_population' and stat_year = {YEAR}",
    )
    assert figures[0] == float(round(people / 10000, 2)) and form["表Ⅰ"]["A6"].number_format == "#,##0.00"
    assert figures[8:13] == [19, 3, 3, 2, 1], "plain, nine-year, junior, complete, twelve-year schools"
    assert figures[16:20] == [697, 260, 31458, 12332] and figures[21] + figures[23] == 2152
    assert figures[1] == slot("农业人口数") and figures[20] == slot("小学合计"), "what no release holds is a slot"


def test_every_unit_stands_in_table_two_with_its_values_at_two_decimals(demo):
    folder, form, _ = demo
    lines = [row for row in form["表Ⅱ-2"].iter_rows() if isinstance(row[0].value, int)]
    wanted = queried(
        folder,
        f"""
        select s.school_name, s.pupils, s.verdict_text, list(r.value order by r.item_code), s.stage
        from fact_school_summary as s inner join fact_result as r on r.scope_id = s.site_id and r.stage = s.stage
            and r.stat_year = s.stat_year and r.standard_id = s.standard_id and r.scope = 'unit'
        where s.stat_year = {YEAR} and s.standard_id = 'quality-balance-2017'
            group by s.school_name, s.pupils, s.verdict_text, s.stage, s.site_id order by s.stage desc, s.site_id
    """,
    )
    assert [row[1].value for row in lines] == [row[0] for row in wanted] and len(lines) == 34
    for line, (_, pupils, verdict, values, _) in zip(lines, wanted, strict=True):
        assert (line[2].value, line[3].value, line[13].value) == (7, pupils, verdict)
        assert [cell.value for cell in line[6:13]] == [
            float(Decimal(str(value)).quantize(Decimal("0.01"), "ROUND_HALF_UP")) for value in values
        ]
        assert {cell.number_format for cell in line[6:13]} == {"#,##0.00"}


def test_failing_cells_are_shaded_and_the_remark_says_why(demo):
    _, form, _ = demo
    (line,) = [row for row in form["表Ⅱ-2"].iter_rows() if row[1].value == "演示老街小学"]
    assert [cell.fill.fgColor.rgb == FAILING for cell in line] == [at == 9 for at in range(15)]
    assert line[14].value.startswith("6项达标；R4") and line[14].value.endswith("达到底线")


def test_table_three_shows_means_at_two_and_coefficients_at_three_decimals(demo):
    folder, form, _ = demo
    lines = {row[0].value.split("　")[0]: row for row in form["表Ⅲ"].iter_rows() if str(row[0].value).startswith("L")}
    cvs = {
        (item, stage): (mean, cv)
        for item, stage, mean, cv in queried(
            folder,
            f"select item_code, stage, weighted_mean, cv from fact_county_cv where stat_year = {YEAR} and readings_id = 'default'",
        )
    }
    for number in range(1, 8):
        for column, stage in ((1, "primary"), (3, "junior")):
            mean, cv = lines[f"L{number}"][column : column + 2]
            assert (mean.value, cv.value) == tuple(
                rounded(value, decimals) for value, decimals in zip(cvs[f"R{number}", stage], (2, 3), strict=True)
            )
            assert (mean.number_format, cv.number_format) == ("#,##0.00", "#,##0.000")
    assert lines["L8"][1].value == "——"


def test_tables_four_and_five_say_each_item_in_a_sentence_with_its_verdict(demo):
    folder, form, _ = demo
    verdicts = dict(
        queried(
            folder,
            f"select item_code, verdict_text from fact_county_item where stat_year = {YEAR} and readings_id = 'default'",
        )
    )
    said = {
        row[1].split("　")[0]: row[2:]
        for name in ("表Ⅳ", "表Ⅴ")
        for row in rows_of(form[name])
        if isinstance(row[0], int)
    }
    assert list(said) == [f"G{n}" for n in range(1, 16)] + [f"Q{n}" for n in range(1, 10)]
    assert {code: words[1] for code, words in said.items()} == {code: verdicts[code] for code in said}
    assert "超过2000人的小学4所，超过2000人的初中2所，超过2500人的一贯制学校0所" in said["G4"][0]
    assert said["G11"][0] == "符合交流条件教师598人，交流轮岗174人，占29.1%；其中骨干教师47人，占交流轮岗教师的27.0%"
    assert "其中超过上限的342个" in said["G5"][0] and "其中超过上限的56个" in said["G5"][0]
    assert slot("是否足额核定") in said["G8"][0] and "语文【待补充：等级】级" in said["Q9"][0]


def test_school_forms_name_every_site_with_raw_counts_and_each_room(demo):
    folder, _, schools = demo
    assert len(schools.sheetnames) == 30
    sheet = next(page for page in schools if page.title.endswith("演示第一中学"))
    text = "\n".join(str(cell) for row in rows_of(sheet) for cell in row if cell is not None)
    rooms = queried(
        folder, f"select room_no, area_m2 from fact_room where site_id = '3450990002-0' and stat_year = {YEAR}"
    )
    assert len(rooms) == 8 and all(f"{number} {area.normalize():f}㎡" in text for number, area in rooms)
    assert "教学及辅助用房面积（全校）" in text and slot("随班就读残疾学生数") in text


def test_a_county_with_missing_tables_has_slots_and_no_invented_number(holes, rooms_release):
    form, schools = holes
    figures = rows_of(form["表Ⅰ"])[5]
    assert all(str(value).startswith("【待补充：") for value in figures[:8] + figures[16:18])
    assert figures[18:20] == [4970, 2460], "pupils are there"
    words = {
        row[1].split("　")[0]: row[2:]
        for name in ("表Ⅳ", "表Ⅴ")
        for row in rows_of(form[name])
        if isinstance(row[0], int)
    }
    assert words["G1"][0] == slot("规划布局的简要结论") and words["G1"][1] == "无法判定"
    assert slot("小学班数") in words["G5"][0] and slot("适龄残疾儿童少年总数") in words["Q2"][0]
    for name in ("表Ⅳ", "表Ⅴ"):
        shown = {word for _, word in words.values()}
        assert shown <= {text["text_zh"] for text in read_codes("verdicts").values()} | {slot("是否达标")}, name
    assert all(str(cell).startswith("【待补充：") for row in rows_of(form["表Ⅵ"])[5:7] for cell in row[1:])
    page = "\n".join(str(cell) for row in rows_of(schools.worksheets[0]) for cell in row if cell is not None)
    assert slot("音乐教室") in page and slot("美术教室") in page


def test_a_blank_without_a_fact_is_a_slot_and_a_number_shows_its_decimals():
    facts = {"a": Decimal("29.0969"), "b": None, "c": "2023-2024"}
    assert (
        filled("占{a|比例|1}%，{b|人数|0}人，{d|别的|0}（{c|时期}）", facts)
        == "占29.1%，【待补充：人数】人，【待补充：别的】（2023-2024）"
    )
    assert (rounded(Decimal("0.0005"), 3), rounded(2.675, 2)) == (0.001, 2.68), "half up, on the decimals that are seen"


def test_sponsors_of_the_form_are_the_sponsors_of_the_inputs():
    codes = {row["sponsor_code"]: row["text_zh"] for row in application.rows("sponsors")}
    assert codes == {code: row["text_zh"] for code, row in read_codes("sponsors").items()}


def test_the_same_release_gives_the_same_bytes(rooms_release, tmp_path):
    made = [write_application.write(rooms_release, COUNTY, YEAR, tmp_path / name) for name in ("a", "b")]
    first, second = ([hashlib.sha256(path.read_bytes()).hexdigest() for path in paths] for paths in made)
    assert first == second


def test_a_page_is_a4_and_repeats_its_headers(demo):
    _, form, schools = demo
    for sheet in form.worksheets[1:]:
        assert (
            sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape" and sheet.print_title_rows
        )
    assert {sheet.page_setup.orientation for sheet in schools} == {"portrait"}


def test_a_value_that_shows_as_its_limit_and_fails_is_said_so(ties_release, tmp_path):
    """4,409.99 m² for 980 weighted pupils print as 4.50 and are below 4.5."""
    form, _ = write_application.write(ties_release, COUNTY, YEAR, tmp_path)
    notes = [str(row[0]) for row in rows_of(openpyxl.load_workbook(form)["表Ⅱ-2"])]
    assert [note for note in notes if "未取整" in note and "R4" in note] == [
        "分摊差一分（小学） R4 未取整为4.499990，低于标准4.5。"
    ]
