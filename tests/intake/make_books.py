"""Writes the defective and the odd but right workbooks of this folder: python -m tests.intake.make_books.

Every one holds the template's stamp and one sheet of special rooms (two rows) unless its name says otherwise.
"""

from __future__ import annotations

import csv
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.intake import books
from tests.intake.books import Raw

HERE = Path(__file__).parent
STAMP = books.sheet_xml([["product", "junheng"], ["form", "template"], ["stat_year", "2023"]])
HEADER = ["统计年度", "县区代码", "学校标识码", "校区号", "教室编号", "专用教室类别", "使用面积(㎡)", "是否合成数据"]
ROOM = [2023, "990001", "2199000001", 0, "音乐1", "音乐", 96.5, "是"]
ART = [2023, "990001", "2199000001", 0, "美术1", "美术", 90, "是"]
FAULTS: dict[str, tuple[Callable[[], dict[str, bytes] | bytes], list[tuple[str, str]]]] = {}
"""Folder/file → its members or bytes, and the (rule, cell) expected of it."""


def rooms(*rows: list[object], header: list[object] | None = None, **more: str) -> dict[str, str]:
    return {"专用教室": books.sheet_xml([header or list(HEADER), *(rows or (ROOM, ART))], **more), "_版本": STAMP}


def with_cell(row: list[object], at: int, value: object) -> list[object]:
    return [value if position == at else old for position, old in enumerate(row)]


def book(case: str, make: Callable[[], dict[str, bytes] | bytes], *expected: tuple[str, str], file: str = "book.xlsx"):
    FAULTS[f"{case}/{file}"] = (make, list(expected))


def ole(stream: str, content: bytes = b"") -> bytes:
    """A compound file with one named stream, as locked workbooks are."""
    sector = 512
    head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    head += b"\xff\xff\xff\xff" * 108
    fat = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE) + b"\xff\xff\xff\xff" * 126

    def entry(name: str, kind: int, start: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0"
        return (
            raw.ljust(64, b"\0")
            + struct.pack("<HBB", len(raw), kind, 1)
            + b"\xff" * 12
            + b"\0" * 36
            + struct.pack("<IQ", start, 0)
        )

    directory = entry("Root Entry", 5, 0xFFFFFFFE) + entry(stream, 2, 0xFFFFFFFE)
    return (head + fat + directory).ljust(sector * 3, b"\0") + content


def truncated() -> bytes:
    path = books.pack(HERE / "fail" / ".half.xlsx", books.parts(rooms()))
    content = path.read_bytes()
    path.unlink()
    return content[: len(content) // 2]


def lying_size() -> bytes:
    """A part that unpacks to less than its packed bytes promise: cut inside, with the directory still whole."""
    path = books.pack(HERE / "fail" / ".cut.xlsx", books.parts(rooms()))
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    start = info.header_offset + 30 + len(info.filename)
    content[start + 40 : start + 80] = b"\0" * 40
    path.unlink()
    return bytes(content)


def far_cell() -> dict[str, bytes]:
    row = [[None] * 3 for _ in range(2)]
    xml = books.sheet_xml([HEADER, ROOM, *row]).replace(
        "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )
    return books.parts({"专用教室": xml, "_版本": STAMP})


def blank_rows() -> dict[str, bytes]:
    """A hundred thousand formatted rows without a value below the data."""
    blank = "".join(f'<row r="{at}"><c r="A{at}" s="1"/></row>' for at in range(4, 100_004))
    xml = books.sheet_xml([HEADER, ROOM, ART]).replace("</sheetData>", f"{blank}</sheetData>")
    return books.parts({"专用教室": xml, "_版本": STAMP})


def plain(**more: Any) -> Callable[[], dict[str, bytes]]:
    return lambda: books.parts(rooms(), **more)


def cells(at: int, value: object) -> Callable[[], dict[str, bytes]]:
    return lambda: books.parts(rooms(with_cell(ROOM, at, value), ART))


def hidden_row() -> dict[str, bytes]:
    xml = rooms()["专用教室"].replace('<row r="3">', '<row r="3" hidden="1">')
    return books.parts({"专用教室": xml, "_版本": STAMP})


def with_link() -> dict[str, bytes]:
    found = books.parts(rooms(with_cell(ROOM, 6, Raw('<c r="{at}"><f>[1]S!A1</f><v>96.5</v></c>')), ART))
    return {**found, "xl/externalLinks/externalLink1.xml": b"<externalLink/>"}


def dtd() -> dict[str, bytes]:
    found = books.parts(rooms())
    text = found["xl/workbook.xml"].decode()
    return {
        **found,
        "xl/workbook.xml": text.replace("<workbook", '<!DOCTYPE a [<!ENTITY b "c">]><workbook', 1).encode(),
    }


F, W, P = "fail", "warn", "pass"
book(f"{F}/password_protected-xlsx", lambda: ole("EncryptedPackage"), ("password_protected", ""))
book(f"{F}/truncated_file-half_an_xlsx", truncated, ("truncated_file", ""))
book(f"{F}/truncated_file-a_part_damaged_inside", lying_size, ("truncated_file", ""))
book(f"{F}/over_limit-a_cell_in_the_last_corner", far_cell, ("over_limit", "XFD1048576"))
book(
    f"{F}/over_limit-a_far_cell_written_in_an_unusual_way",
    lambda: books.parts(
        {
            "专用教室": rooms()["专用教室"].replace(
                "</sheetData>", "<row><c\t r = 'XFD1048576'><v>1</v></c></row></sheetData>"
            ),
            "_版本": STAMP,
        }
    ),
    ("over_limit", "XFD1048576"),
)
book(
    f"{F}/over_limit-a_text_no_cell_can_hold",
    lambda: {**books.parts(rooms()), "xl/sharedStrings.xml": b"<sst><si><t>" + b"x" * (2 << 20) + b"</t></si></sst>"},
    ("over_limit", ""),
)
book(f"{F}/unreadable_file-xml_with_entities", dtd, ("unreadable_file", ""))
book(
    f"{F}/unreadable_file-xml_in_utf16",
    lambda: {
        **books.parts(rooms()),
        "xl/worksheets/sheet1.xml": rooms()["专用教室"].replace("UTF-8", "UTF-16").encode("utf-16"),
    },
    ("unreadable_file", ""),
)
book(f"{F}/disguised_file-csv_that_is_a_workbook", plain(), ("disguised_file", ""), file="special_room.csv")
book(
    f"{F}/disguised_file-html_named_xls",
    "<html><table><tr><td>学校</td></tr></table></html>".encode,
    ("disguised_file", ""),
    file="学校.xls",
)
book(f"{F}/disguised_file-pdf_named_xlsx", lambda: b"%PDF-1.7\n1 0 obj", ("disguised_file", ""))
book(
    f"{F}/disguised_file-old_xml_spreadsheet",
    lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
    ("disguised_file", ""),
    file="book.xls",
)
book(f"{F}/disguised_file-xlsx_named_parquet", plain(), ("disguised_file", ""), file="special_room.parquet")
book(f"{F}/unreadable_file-archive_without_a_workbook", lambda: {"readme.txt": b"x"}, ("unreadable_file", ""))
book(
    f"{F}/spreadsheet_error-division_by_zero",
    cells(6, Raw('<c r="{at}" t="e"><f>1/0</f><v>#DIV/0!</v></c>')),
    ("spreadsheet_error", "G2"),
    ("missing_value", "G2"),
)
book(
    f"{F}/spreadsheet_error-lost_reference_in_a_key",
    cells(3, Raw('<c r="{at}" t="e"><v>#REF!</v></c>')),
    ("spreadsheet_error", "D2"),
    ("missing_value", "D2"),
)
book(
    f"{F}/formula_without_value-area",
    cells(6, Raw('<c r="{at}"><f>SUM(A1:A2)</f></c>')),
    ("formula_without_value", "G2"),
    ("missing_value", "G2"),
)
book(
    f"{F}/formula_without_value-shared_formula",
    cells(6, Raw('<c r="{at}"><f t="shared" si="0"/><v></v></c>')),
    ("formula_without_value", "G2"),
    ("missing_value", "G2"),
)
book(
    f"{F}/date_in_number-area_formatted_as_a_date",
    cells(6, Raw('<c r="{at}" s="1"><v>96</v></c>')),
    ("date_in_number", "G2"),
)
book(f"{F}/not_a_number-true_as_an_area", cells(6, True), ("not_a_number", "G2"))
book(f"{F}/not_a_whole_number-campus_with_a_fraction", cells(3, 0.5), ("not_a_whole_number", "D2"))
book(f"{F}/unknown_code-room_kind_of_the_codes", cells(5, 17), ("unknown_code", "F2"))
book(
    f"{F}/bad_pattern-leading_zero_lost_in_a_number_cell",
    cells(2, 199000001),
    ("bad_pattern", "C2"),
    ("unknown_site", "C2"),
)
book(
    f"{F}/duplicate_header-two_columns_of_one_name",
    lambda: books.parts(rooms([*ROOM, 1], [*ART, 2], header=[*HEADER, "使用面积"])),
    ("duplicate_header", "I1"),
)
book(
    f"{F}/unknown_header-a_column_without_a_name",
    lambda: books.parts(rooms([*ROOM, "备注"], ART)),
    ("unknown_header", "I1"),
)
book(
    f"{F}/wrong_year-two_years_in_two_sheets",
    lambda: books.parts(
        {
            **rooms(),
            "学校沿革": books.sheet_xml(
                [
                    [
                        "统计年度",
                        "县区代码",
                        "原学校标识码",
                        "原校区号",
                        "新学校标识码",
                        "新校区号",
                        "变动类别",
                        "生效日期",
                    ],
                    [2022, "990001", "2199000009", 0, "2199000001", 0, "合并", "2022-09-01"],
                ]
            ),
        }
    ),
    ("wrong_year", "A2"),
)
book(
    f"{F}/duplicate_key-one_table_in_two_sheets",
    lambda: books.parts({**rooms(ROOM, ART), "special_room": books.sheet_xml([HEADER, ROOM])}),
    ("duplicate_key", "E2"),
)
book(
    f"{F}/unknown_form-own_workbook_without_a_stamp_xlsm",
    lambda: books.parts({"统计表": books.sheet_xml([["校名", "人数"], ["一小", 500]])}),
    ("unknown_form", ""),
    file="own.xlsm",
)
book(
    f"{W}/has_macros-read_and_not_run",
    lambda: {**books.parts(rooms()), "xl/vbaProject.bin": b"Attribute VB_Name"},
    ("has_macros", ""),
    file="book.xlsm",
)
book(f"{W}/external_link-value_taken_as_stored", with_link, ("external_link", ""))
book(f"{W}/hidden_cells-a_row", hidden_row, ("hidden_cells", "A3"))
book(
    f"{W}/hidden_cells-a_column",
    lambda: books.parts(rooms(before='<cols><col min="7" max="7" hidden="1"/></cols>')),
    ("hidden_cells", "G1"),
)
book(f"{W}/hidden_cells-a_sheet", plain(states={"专用教室": "hidden"}), ("hidden_cells", "A1"))
book(f"{W}/hidden_cells-a_sheet_hidden_for_good", plain(states={"专用教室": "veryHidden"}), ("hidden_cells", "A1"))
book(f"{P}/blank_formatted_rows_by_the_hundred_thousand", blank_rows)
book(f"{P}/formula_with_its_value", cells(6, Raw('<c r="{at}"><f>48.25*2</f><v>96.5</v></c>')))
book(
    f"{P}/texts_that_look_like_formulas",
    lambda: books.parts(
        rooms(with_cell(ROOM, 4, "=cmd|' /C calc'!A0"), with_cell(ART, 4, "@SUM(1)'; drop table school;--"))
    ),
)
book(
    f"{P}/numbers_stored_as_text_in_full_width",
    lambda: books.parts(rooms(["２０２３", "990001", "2199000001", "０", "音乐1", "音乐", "９６．５", "是"], ART)),
)
book(
    f"{P}/members_that_would_climb_out_of_a_folder",
    lambda: {**books.parts(rooms()), "../../escaped.txt": b"x", "/etc/escaped": b"x"},
)
book(f"{P}/an_xlsx_named_xls", plain(), file="book.xls")
book(
    f"{P}/hidden_rows_without_a_value",
    lambda: books.parts(
        {
            "专用教室": rooms()["专用教室"].replace(
                "</sheetData>", '<row r="9" hidden="1"><c r="A9"/></row></sheetData>'
            ),
            "_版本": STAMP,
        }
    ),
)


LIST_HEADS = [
    ["学校名称", "办学类型", "在校生数", None, "专任教师", None, None, None, None, None, None, None, "教学及辅助用房", None, "运动场地面积", "教学仪器设备资产值(万元)", "网络多媒体教室"],
    [None, None, "合计", "一年级", "合计", "#按学历分", None, None, None, None, "#按授课课程分", None, "计", "#室内体育用房", None, None, None],
    [None, None, None, None, None, "博士研究生", "硕士研究生", "本科", "专科", "高中阶段及以下", "体育与健康", "艺术", None, None, None, None, None],
    [None, None, None, None, None, None, None, None, None, None, None, "计", None, None, None, None, None],
]  # fmt: skip
LIST_MERGES = "A3:A6 B3:B6 C3:D3 C4:C6 D4:D6 E3:L3 E4:E6 F4:J4 F5:F6 G5:G6 H5:H6 I5:I6 J5:J6 K4:L4 K5:K6 M3:N3 M4:M6 N4:N6 O3:O6 P3:P6 Q3:Q6"
ONE = ["算例学校1", "小学", 600, 600, 100, 0, 10, 80, 10, 0, 10, 10, 5000, 0, 9000, 300, 40]
TWO = ["算例学校2", "九年一贯制学校", 540, 540, 98, 0, 9, 79, 10, 0, 9, 11, 5000, 0, 9000, 300, 40]
LIST_SUM = ["合计", None, 1140, 1140, 198, 0, 19, 159, 20, 0, 19, 21, 10000, 0, 18000, 600, 80]
TITLE = "2023-2024学年小学基本情况一览表(合成数据)"
NUMBERS = ["甲", "乙", *range(1, 16)]


def listing(
    *rows: list[object],
    title: str = TITLE,
    sheet: str = "小学",
    heads: list[list[object]] | None = None,
    merges: str = LIST_MERGES,
):
    """A county's list of primary schools under four rows of merged headers; its figures are those of the base."""
    body = [[title], [], *(heads or LIST_HEADS), *(rows or (ONE, TWO, LIST_SUM))]
    ranges = merges.split()
    merged = (
        f'<mergeCells count="{len(ranges)}">' + "".join(f'<mergeCell ref="{one}"/>' for one in ranges) + "</mergeCells>"
    )
    return lambda: books.parts({sheet: books.sheet_xml(body, merged)})


def renamed(old: str, new: str) -> list[list[object]]:
    return [[new if text == old else text for text in row] for row in LIST_HEADS]


LISTED = "一览表.xlsx"
book(f"{P}/county_list-merged_headers_and_a_row_of_sums", listing(), file=LISTED)
book(
    "pass/county_list-numbered_columns_and_a_note",
    listing(NUMBERS, ONE, TWO, LIST_SUM, ["备注：合成数据"]),
    file=LISTED,
)
book(
    f"{P}/county_list-headers_written_wide",
    listing(heads=renamed("教学仪器设备资产值(万元)", "教学仪器设备资产值（万元）")),
    file=LISTED,
)
book(
    f"{P}/county_list-name_with_blanks_and_wide_digits",
    listing(with_cell(ONE, 0, " 算例 学校１"), TWO, LIST_SUM),
    file=LISTED,
)
book(f"{P}/county_list-stage_told_by_the_title_not_by_the_file", listing(sheet="Sheet1"), file="初中一览表.xlsx")
book(
    f"{F}/unknown_stage-neither_sheet_nor_title_says",
    listing(title="基本情况一览表", sheet="Sheet1"),
    ("unknown_stage", ""),
    file="小学一览表.xlsx",
)
book(f"{F}/unknown_stage-sheet_and_title_disagree", listing(sheet="初中"), ("unknown_stage", ""), file=LISTED)
book(
    f"{F}/unknown_school-a_short_name",
    listing(with_cell(ONE, 0, "算例1校"), TWO),
    ("unknown_school", "A7"),
    file=LISTED,
)
book(
    f"{F}/total_row_differs-a_school_is_missing",
    listing(ONE, LIST_SUM),
    *[("total_row_differs", f"{letter}8") for letter in "CDEGHIKLMOPQ"],
    file=LISTED,
)
book(
    f"{F}/total_row_differs-a_stale_sum",
    listing(ONE, TWO, with_cell(LIST_SUM, 15, 599)),
    ("total_row_differs", "P9"),
    file=LISTED,
)
book(
    f"{F}/parts_not_total-grades_of_a_school",
    listing(with_cell(ONE, 2, 601), TWO, with_cell(LIST_SUM, 2, 1141)),
    ("parts_not_total", "C7"),
    file=LISTED,
)
book(
    f"{F}/unknown_header-renamed_in_a_list",
    listing(heads=renamed("网络多媒体教室", "多媒体教室数")),
    ("unknown_header", "Q6"),
    ("missing_header", ""),
    file=LISTED,
)
book(
    f"{F}/duplicate_header-in_a_list",
    listing(heads=renamed("运动场地面积", "网络多媒体教室")),
    ("duplicate_header", "Q6"),
    ("sources_differ", "O7"),
    ("sources_differ", "O8"),
    ("missing_header", ""),
    file=LISTED,
)
book(
    f"{F}/wrong_year-title_of_a_list", listing(title="2022-2023学年小学基本情况一览表"), ("wrong_year", ""), file=LISTED
)
book(
    f"{F}/not_a_whole_number-words_in_a_list",
    listing(with_cell(ONE, 16, "暂无"), TWO),
    ("not_a_whole_number", "Q7"),
    file=LISTED,
)
book(f"{F}/figures_differ-premises_in_two_lists", lambda: books.parts({
    "小学": listing()()["xl/worksheets/sheet1.xml"].decode(),
    "初中": listing(["算例学校2", "九年一贯制学校", 400, 400, 88, 1, 12, 70, 5, 0, 8, 9, 5000, 0, 9000, 300, 41], title="2023-2024学年初中一览表")()["xl/worksheets/sheet1.xml"].decode(),
}), ("figures_differ", "Q7"), file=LISTED)  # fmt: skip
book(
    f"{W}/sources_differ-the_list_has_one_teacher_more",
    listing(with_cell(with_cell(ONE, 4, 101), 7, 81), TWO),
    ("sources_differ", "E7"),
    ("sources_differ", "H7"),
    file=LISTED,
)


def statistics(premises: list[list[object]], *, name: object = "算例学校1", more: dict[str, str] | None = None):
    """The statistics workbook of one school: who it is, and its premises."""
    who = [
        ["2023-2024学年 教基1001"],
        ["序号", "指标", "内容"],
        [1, "学校(机构)标识码", "2199000001"],
        [2, "学校(机构)名称", name],
        [3, "办学类型", "小学"],
    ]
    sheets = {"教基1001_小学": books.sheet_xml(who), "教基5170_小学": books.sheet_xml(premises)}
    return lambda: books.parts({**sheets, **(more or {})})


ROOMS = [
    ["教基5170(合成数据)"],
    ["序号", "指标", "校舍建筑面积"],
    [None, None, "计"],
    [1, "一、教学及辅助用房", 5000],
    [2, "室内体育用房", 0],
]
SCHOOL_FILE = "算例学校1(小学).xlsx"
book(f"{P}/school_workbook-found_by_its_texts", statistics(ROOMS), file=SCHOOL_FILE)
moved = [*ROOMS[:3], *([n, f"其他{n}", n] for n in range(4)), *ROOMS[3:]]
book(f"{P}/school_workbook-rows_moved", statistics(moved), file=SCHOOL_FILE)
at_place = [["教基5170"], ["序号", "指标", "校舍建筑面积"], [None, None, "计"], *([n, f"项目{n}", n] for n in range(6)), [10, "教学用房及辅助用房", 5000], *([n, f"其他{n}", n] for n in range(11, 17)), [17, "室内体育用房", 0]]  # fmt: skip
book(f"{W}/bound_by_position-a_row_was_renamed", statistics(at_place), ("bound_by_position", "C10"), file=SCHOOL_FILE)
book(
    f"{F}/duplicate_header-two_rows_of_one_name",
    statistics([*ROOMS, [3, "室内体育用房", 7]]),
    ("duplicate_header", "C6"),
    file=SCHOOL_FILE,
)
book(
    f"{F}/unknown_school-workbook_of_another_county",
    statistics(ROOMS, name="外县小学"),
    ("unknown_school", "C4"),
    file=SCHOOL_FILE,
)
book(f"{F}/ambiguous_form-list_and_workbook_in_one_file", lambda: books.parts({
    "小学": listing()()["xl/worksheets/sheet1.xml"].decode(), "教基5170_小学": books.sheet_xml(ROOMS),
}), ("ambiguous_form", ""), file="混合.xlsx")  # fmt: skip


def vertical(*items: list[object]):
    rows = [
        ["2023-2024学年学校填报表(合成数据)"],
        ["序号", "类别", "填报项目", "单位", "填报值", "是否必填", "备注说明"],
    ]
    return lambda: books.parts(
        {"填报": books.sheet_xml([*rows, *([n, None, *item] for n, item in enumerate(items, start=1))])}
    )


NINE_YEAR = [["学校名称", "", "算例学校2"], ["学校类型", "", "九年一贯制学校"], ["学校代码", "", "2199000002"], ["小学学生人数", "人", 540], ["初中学生人数", "人", 400], ["班级总数", "个", None], ["专任教师总人数", "人", 186], ["教学及辅助用房总面积", "平方米", 5000], ["室内体育用房面积", "平方米", 0], ["校内体育场面积", "平方米", 9000], ["教学仪器设备资产值(账面原值)", "万元", 300], ["网络多媒体教室间数", "间", 40]]  # fmt: skip
book(
    f"{W}/not_by_stage-one_figure_for_two_stages", vertical(*NINE_YEAR), ("not_by_stage", "E9"), file="学校填报表.xlsx"
)
in_yuan = [
    ["教学仪器设备资产值(账面原值)", "元", 3000000] if item[0].startswith("教学仪器") else item
    for item in NINE_YEAR
    if item[0] != "专任教师总人数"
]
book(
    f"{F}/missing_header-an_item_of_the_vertical_form",
    vertical(*in_yuan),
    ("missing_header", ""),
    file="学校填报表.xlsx",
)
book(
    f"{F}/unknown_header-an_item_nobody_knows",
    vertical(*NINE_YEAR, ["食堂面积", "平方米", 1]),
    ("unknown_header", "A15"),
    ("not_by_stage", "E9"),
    file="学校填报表.xlsx",
)


def xml(make: Callable[[], dict[str, bytes]]) -> str:
    """The first sheet of a book."""
    return make()["xl/worksheets/sheet1.xml"].decode()


book(
    f"{F}/duplicate_header-one_figure_under_two_words",
    listing(heads=renamed("运动场地面积", "室内体育用房")),
    ("duplicate_header", "O6"),
    ("missing_header", ""),
    file=LISTED,
)
book(
    f"{F}/missing_header-a_stage_whose_headers_are_gone",
    lambda: books.parts({"小学": xml(listing()), "初中": books.sheet_xml([["初中一览表"], [], ONE, TWO])}),
    ("missing_header", ""),
    file=LISTED,
)
book(
    f"{W}/sheet_not_read-a_table_of_another_kind",
    lambda: books.parts({"小学": xml(listing()), "联系人": books.sheet_xml([["姓名", "电话"], ["甲", "1"]])}),
    ("sheet_not_read", "A1"),
    file=LISTED,
)
moved_and_renamed = [*ROOMS[:3], *([n, f"其他{n}", n] for n in range(4)), [5, "教学用房", 5000], ROOMS[4]]
book(
    f"{F}/missing_header-renamed_and_no_longer_at_its_place",
    statistics(moved_and_renamed),
    ("missing_header", ""),
    file=SCHOOL_FILE,
)
book(
    f"{F}/duplicate_header-a_row_again_in_the_continuation",
    statistics(ROOMS, more={"教基5170续_小学": books.sheet_xml([*ROOMS[:3], ROOMS[4]])}),
    ("duplicate_header", "C4"),
    file=SCHOOL_FILE,
)
book(
    f"{P}/school_workbook-continued_on_a_second_sheet",
    statistics(ROOMS[:4], more={"教基5170续_小学": books.sheet_xml([*ROOMS[:3], ROOMS[4]])}),
    file=SCHOOL_FILE,
)
book(
    f"{P}/county_list-marked_copy_sent_back",
    lambda: books.parts(
        {"问题清单": books.sheet_xml([["错误 1 处"], ["类别", "工作表"], ["错误", "小学"]]), "小学": xml(listing())}
    ),
    file="一览表_标注.xlsx",
)
book(
    f"{F}/unknown_school-a_name_that_begins_like_a_note",
    listing(ONE, TWO, ["注溪小学", "小学"], LIST_SUM, ["注：合成数据"]),
    ("unknown_school", "A9"),
    file=LISTED,
)


def as_csv(rows: list[list[object]]) -> bytes:
    """Rows as a spreadsheet exports them: every row as wide as the widest, merged cells blank but for the first."""
    width = max(map(len, rows))
    texts = [["" if value is None else str(value) for value in row] + [""] * (width - len(row)) for row in rows]
    return "\r\n".join(",".join(row) for row in texts).encode("gb18030")


book(
    f"{P}/county_list-csv_without_merged_cells",
    lambda: as_csv([[TITLE], [], *LIST_HEADS, ONE, TWO, LIST_SUM]),
    file="一览表.csv",
)
book(
    f"{F}/unknown_header-a_header_of_years_before",
    listing(heads=renamed("教学仪器设备资产值(万元)", "教学仪器设备值(万元)")),
    ("unknown_header", "P6"),
    ("missing_header", ""),
    file=LISTED,
)
code_of_another = [["学校代码", "", "2199000001"] if item[0] == "学校代码" else item for item in NINE_YEAR]
book(
    f"{F}/ambiguous_school-code_of_another_school",
    vertical(*code_of_another),
    ("ambiguous_school", "E3"),
    file="学校填报表.xlsx",
)


def write(root: Path = HERE) -> None:
    for name, (make, expected) in FAULTS.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        made = make()
        if isinstance(made, bytes):
            path.write_bytes(made)
        else:
            books.pack(path, made)
        with (path.parent / "expect.csv").open("w", encoding="utf-8", newline="") as file:
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(["rule", "file", "cell"])
            lines.writerows([rule, path.name, cell] for rule, cell in expected)


if __name__ == "__main__":
    write()
