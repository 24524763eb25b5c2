"""The dictionary as Markdown, workbook and page: every column, code and limit stands in each."""

import re

import openpyxl
import pytest

from contracts import codes, dictionary, standard
from tests.flows.test_command import junheng
from transforms import describe

TABLES = {**dictionary.output_tables(), **dictionary.input_tables()}


@pytest.fixture(scope="module")
def told() -> dict:
    return describe.sections(standard.load_all())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    home = tmp_path_factory.mktemp("dictionary")
    said = junheng("dictionary", "-o", home / "out", home=home / "nothing")
    assert said.returncode == 0, said.stderr
    assert sorted(path.name for path in (home / "out").iterdir()) == ["数据字典.html", "数据字典.md", "数据字典.xlsx"]
    return home / "out"


def test_every_column_code_and_limit_is_told(told):
    columns = {(row["表"], row["列"]) for name in ("输出表", "输入表") for row in told[name]}
    assert columns == {(name, column.name) for name, model in TABLES.items() for column in dictionary.columns(model)}
    lists = {path.stem for path in codes.CODES_DIR.glob("*.csv")}
    assert {(row["代码表"], row["代码"]) for row in told["代码"]} == {
        (one, code) for one in lists for code in codes.read_codes(one)
    }
    assert len(told["指标与标准值"]) == sum(len(one.tables["std_limit"]) for one in standard.load_all())


def test_a_limit_is_told_with_its_formula_and_its_basis(told):
    (row,) = [
        row for row in told["指标与标准值"]
        if (row["标准"], row["指标"], row["学段"], row["情形"]) == ("quality-balance-2017", "R4", "小学", "")
    ]  # fmt: skip
    assert row["算式"].endswith(" ÷ 在校生数") and "－室内体育用房面积" in row["算式"]
    assert re.fullmatch(r">= [\d.]+ ㎡", row["标准值"]) and re.fullmatch(r"<= 0\.\d+", row["差异系数"])
    assert "「" in row["依据"] and row["来源"]


def test_the_three_forms_say_the_same(told, folder):
    text = (folder / "数据字典.md").read_text("utf-8")
    page = (folder / "数据字典.html").read_text("utf-8")
    book = openpyxl.load_workbook(folder / "数据字典.xlsx")
    assert book.sheetnames == list(told)
    for title, rows in told.items():
        assert [list(row.values()) for row in rows] == [
            ["" if cell is None else cell for cell in row] for row in book[title].iter_rows(min_row=2, values_only=True)
        ]
        (table,) = re.findall(rf"## {title}\n\n((?:\|.*\n?)+)", text)
        lines = table.splitlines()
        assert len(lines) == len(rows) + 2 and len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1
    assert page.count("<tr>") == sum(len(rows) for rows in told.values()) + page.count("<thead>")
    assert not re.search(r"https?://|url\(|@import|<link|<img", page)


def test_a_text_with_signs_of_html_or_markdown_stays_a_text():
    rows = {"代码": [{"代码表": "a", "代码": "<b>|x", "中文": "甲\n乙", "英文": ""}]}
    assert "&lt;b>\\|x | 甲 乙" in describe.markdown(rows)
    assert "<td>&lt;b&gt;|x</td>" in describe.page(rows)
