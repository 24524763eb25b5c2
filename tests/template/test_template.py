"""The workbook a bureau fills in: made from the contracts, checked while typing, the same bytes each time."""

import time
import zipfile
from decimal import Decimal

import pytest
from openpyxl import Workbook, load_workbook
from python_calamine import CalamineWorkbook

from contracts import dictionary
from contracts.codes import read_codes
from tests.conftest import typed
from transforms import template
from transforms.intake import gather, land


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    return load_workbook(template.write_workbook(tmp_path_factory.mktemp("t") / "t.xlsx", 2024))


def test_a_sheet_a_table_with_chinese_headers_and_units(empty):
    for model in dictionary.input_tables().values():
        heads = [cell.value for cell in empty[dictionary.title(model)][1]]
        assert heads == [column.header for column in dictionary.columns(model) if not column.is_optional]
    assert "教学及辅助用房面积(㎡)" in [cell.value for cell in empty["校舍装备"][1]]


def test_every_column_is_explained_on_the_first_sheet(empty):
    assert empty.sheetnames[0] == template.GUIDE_SHEET
    said = {(row[0], row[1]) for row in empty[template.GUIDE_SHEET].iter_rows(values_only=True)}
    for model in dictionary.input_tables().values():
        assert {(dictionary.title(model), column.header) for column in dictionary.columns(model)} <= said


def test_codes_and_yes_no_are_chosen_from_lists_and_counts_are_checked(empty):
    for model in dictionary.input_tables().values():
        sheet = empty[dictionary.title(model)]
        ruled = {str(rule.sqref).split(":")[0].rstrip("2"): rule.type for rule in sheet.data_validations.dataValidation}
        for cell, column in zip(sheet[1], template.shown_columns(model, with_optional=False), strict=True):
            if column.codes or column.kind == "boolean":
                assert ruled[cell.column_letter] == "list", column.name
            elif column.kind == "integer" and column.low is not None:
                assert ruled[cell.column_letter] == "whole", column.name


def test_the_stamp_is_hidden_and_names_year_and_contract(empty):
    sheet = empty[template.STAMP_SHEET]
    assert sheet.sheet_state == "veryHidden"
    said = dict(row[:2] for row in sheet.iter_rows(values_only=True))
    assert said == template.stamp(2024) and said["stat_year"] == "2024" and len(said["contract"]) == 12


def test_the_same_call_writes_the_same_bytes_and_no_clock(tmp_path):
    first = template.write_workbook(tmp_path / "a.xlsx", 2024)
    time.sleep(2.1)  # a zip entry's clock ticks every two seconds
    second = template.write_workbook(tmp_path / "b.xlsx", 2024)
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {entry.date_time[0] for entry in archive.infolist()} == {1980}
        assert b"2024-09-01" in archive.read("docProps/core.xml")
    assert {path.name for path in tmp_path.iterdir()} == {"a.xlsx", "b.xlsx"}


def test_a_filled_workbook_comes_back_as_it_was_and_text_is_never_a_formula(tmp_path):
    key = {"stat_year": 2024, "county_code": "990001", "school_code": "2199000001", "campus_no": 0}
    said = {"school_name": "=1+1", "school_type_code": "211", "urban_rural_code": "111", "sponsor_code": "831"}
    flags = {"is_public": True, "is_boarding": False, "counts_as_school": True}
    frames = {
        "school": typed("school", [{**key, **said, **flags}]),
        "enrolment": typed("enrolment", [{**key, "stage": "primary", "grade": 1, "pupils": 45}]),
        "premises": typed("premises", [{**key, "teaching_rooms_m2": Decimal("1234.50"), "indoor_sports_m2": Decimal(0),
                                        "sports_ground_m2": Decimal("0.01"), "equipment_yuan": Decimal(1),
                                        "multimedia_rooms": 3}]),
    }  # fmt: skip
    path = template.write_workbook(tmp_path / "2024" / "filled.xlsx", 2024, frames)
    assert load_workbook(path)["学校"]["E2"].data_type == "s"
    assert any(template.MADE_UP in str(row[0].value) for row in load_workbook(path)[template.GUIDE_SHEET].iter_rows())
    batch = gather.assess(gather.gather([land.land(path, path.parent, None)], 2024), 2024)
    drop = ["source_sha256", "source_sheet", "source_row", "placed_county"]
    for name, rows in frames.items():
        assert batch.tables[name].drop(drop).equals(rows), name


def rules_of(sheet):
    """Letter of a column → its validation."""
    return {str(rule.sqref).split("2:")[0]: rule for rule in sheet.data_validations.dataValidation}


def rule_of(workbook, table, name):
    model = dictionary.input_tables()[table]
    at = [column.name for column in template.shown_columns(model, with_optional=False)].index(name) + 1
    sheet = workbook[dictionary.title(model)]
    return rules_of(sheet)[sheet.cell(1, at).column_letter]


def test_only_the_sheets_for_people_are_seen(empty):
    titles = [dictionary.title(model) for model in dictionary.input_tables().values()]
    assert [sheet.title for sheet in empty if sheet.sheet_state == "visible"] == [template.GUIDE_SHEET, *titles]
    assert empty[template.CODES_SHEET].sheet_state == "hidden"


def test_the_first_sheet_says_the_school_year_and_what_a_row_of_every_sheet_is(empty):
    rows = list(empty[template.GUIDE_SHEET].iter_rows(values_only=True))
    assert "2024-2025学年" in rows[0][0]
    assert not any(template.MADE_UP in str(row[0]) for row in rows)
    for model in dictionary.input_tables().values():
        said = dictionary.table_metadata(model)["grain_zh"]
        assert said and (dictionary.title(model), said) in {row[:2] for row in rows}


def test_a_long_code_list_stands_on_the_first_sheet_with_its_units(empty):
    rows = {row[:6] for row in empty[template.GUIDE_SHEET].iter_rows(values_only=True)}
    for table, name in (("county_fact", "county_items"), ("finance", "finance_items")):
        sheet = dictionary.title(dictionary.input_tables()[table])
        for row in read_codes(name).values():
            assert (sheet, "项目", row["unit"] or None, None, row["text_zh"], row["code"]) in rows


def test_every_dropdown_offers_exactly_the_texts_of_its_code_list(empty):
    for table, model in dictionary.input_tables().items():
        for column in template.shown_columns(model, with_optional=False):
            if column.codes:
                name, cells = rule_of(empty, table, column.name).formula1.split("!")
                assert name == f"'{template.CODES_SHEET}'"
                offered = [cell.value for (cell,) in empty[template.CODES_SHEET][cells.replace("$", "")]]
                assert offered == [row["text_zh"] for row in read_codes(column.codes).values()]


@pytest.mark.parametrize(
    ("table", "name", "kind", "operator", "bounds", "said"),
    [
        ("school", "stat_year", "whole", "equal", ("2024", None), "本模板只填2024年度"),
        ("school", "county_code", "textLength", "equal", ("6", None), "请填6位数字"),
        ("school", "parent_school_code", "textLength", "equal", ("10", None), "请填10位数字；没有数据请留空"),
        ("school", "is_public", "list", None, ('"是,否"', None), "请填「是」或「否」"),
        ("school", "built_year", "whole", "between", ("1800", "2100"), "请填1800至2100的整数；没有数据请留空"),
        ("enrolment", "pupils", "whole", "greaterThanOrEqual", ("0", None), "请填整数，不小于0"),
        ("premises", "sports_ground_m2", "decimal", "greaterThanOrEqual", ("0", None), "请填数字，不小于0"),
        ("monitoring", "share_at_level3_pct", "decimal", "between", ("0", "100"), "请填0至100的数字"),
        ("county_fact", "value", "decimal", "between", ("-100000000000000", "100000000000000"), "请填数字"),
    ],
)
def test_what_a_column_takes_and_what_it_says_otherwise(empty, table, name, kind, operator, bounds, said):
    rule = rule_of(empty, table, name)
    assert (rule.type, rule.operator, (rule.formula1, rule.formula2)) == (kind, operator, bounds)
    assert rule.error.startswith(said) and rule.showErrorMessage and str(rule.sqref).endswith(str(template.LAST_ROW))


def test_messages_fit_what_excel_shows(empty):
    for model in dictionary.input_tables().values():
        for rule in empty[dictionary.title(model)].data_validations.dataValidation:
            assert len(rule.errorTitle) <= 32 and len(rule.error) <= 255


def test_codes_keep_their_digits_and_decimals_their_places(empty):
    formats = {
        ("学校", "学校标识码"): "@", ("学校", "校区号"): "0", ("班额", "班号或班额段"): "@",
        ("校舍装备", "运动场地面积(㎡)"): "0.00", ("县区事实", "数值"): "0.0000",
    }  # fmt: skip
    for (title, header), expected in formats.items():
        letter = next(cell.column_letter for cell in empty[title][1] if cell.value == header)
        assert empty[title].column_dimensions[letter].number_format == expected


def test_required_columns_are_coloured_and_the_header_stays_in_view(empty):
    for model in dictionary.input_tables().values():
        sheet = empty[dictionary.title(model)]
        assert sheet.freeze_panes == "A2"
        for cell, column in zip(sheet[1], template.shown_columns(model, with_optional=False), strict=True):
            colour = template.HEAD_COLOUR if column.is_nullable else template.REQUIRED_COLOUR
            assert cell.fill.start_color.rgb.endswith(colour), column.name


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    common = {"stat_year": 2024, "county_code": "010001", "period_kind": "fiscal_year", "period": "2024"}
    rows = [
        {**common, "item_code": "county_name", "value_text": "=cmd|' /C calc'!A0", "source": "+1"},
        {**common, "item_code": "resident_population", "value": Decimal("1012345.5"), "value_text": "#N/A",
         "value_unit": "-2", "source": "@SUM(A1)"},
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("f") / "filled.xlsx"
    return template.write_workbook(path, 2024, {"county_fact": typed("county_fact", rows)})


def test_calamine_reads_a_filled_workbook_as_a_clerk_would_have_typed_it(filled):
    read = CalamineWorkbook.from_path(str(filled)).get_sheet_by_name("县区事实").to_python()
    first, second = (dict(zip(read[0], row, strict=True)) for row in read[1:])
    assert first == {
        "统计年度": 2024, "县区代码": "010001", "项目": "县区名称", "数值": "", "文字值": "=cmd|' /C calc'!A0",
        "单位": "", "时期类别": "财政年度", "时期": "2024", "数据来源": "+1", "是否合成数据": "是",
    }  # fmt: skip
    assert (second["数值"], second["文字值"], second["单位"]) == (1012345.5, "#N/A", "-2")
    assert second["数据来源"] == "@SUM(A1)"


def test_no_text_becomes_a_formula_or_an_error(filled):
    workbook = load_workbook(filled)
    for sheet in workbook:
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "inlineStr", "n"}, sheet.title
    with zipfile.ZipFile(filled) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if "worksheets" in name)


def test_made_up_rows_are_announced_in_bold_red(filled):
    cells = [row[0] for row in load_workbook(filled)[template.GUIDE_SHEET].iter_rows()]
    (line,) = [cell for cell in cells if cell.value == template.MADE_UP]
    assert line.font.b and line.font.color.rgb.endswith("FF0000")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = template.write_workbook(tmp_path / "t.xlsx", 2024)
    before = path.read_bytes()

    def full(self, name):
        name.write_bytes(b"half")
        raise OSError("No space left on device")

    monkeypatch.setattr(Workbook, "save", full)
    with pytest.raises(OSError, match="No space"):
        template.write_workbook(path, 2025)
    assert path.read_bytes() == before and [one.name for one in tmp_path.iterdir()] == ["t.xlsx"]
