"""Every number of the report: its source, the release's value, and what happens when somebody changes it."""

import csv
import re
from collections import Counter
from decimal import Decimal

import docx
import duckdb
import pytest
from docx.oxml.ns import qn

from tests.report.conftest import COUNTY, SPARSE, YEAR, is_ours, paragraphs_with, texts_of, with_other_digits
from transforms.report import check_report, show_number, write_report
from transforms.report.compose import Report


@pytest.fixture(scope="module")
def trace(demo_report):
    with (demo_report.parent / write_report.TRACE).open(encoding="utf-8-sig", newline="") as file:
        _, *rows = csv.reader(file)
    return [dict(zip(write_report.TRACE_HEADS, row, strict=True)) for row in rows]


def checked(path, release_folder):
    return check_report.check(check_report.read(path), release_folder)


def test_every_digit_of_the_report_stands_in_a_bookmark_of_the_trace(demo_report, trace):
    names = {row["id"] for row in trace}
    seen = set()
    for text in texts_of(docx.Document(str(demo_report))):
        if re.search(r"\d", text.text or "") and not text.text.startswith("【"):
            assert is_ours(text), text.text
            seen.add(text.getparent().getprevious().get(qn("w:name")))
    assert seen == names and len(trace) == len(names) > 1000


def test_every_row_of_the_trace_names_table_column_and_row(trace):
    assert all(row["table"] and row["column"] and row["key"] and row["place"] and row["value"] for row in trace)
    limits = {"limit_value", "relaxation_text", "label"}
    of_data = [row for row in trace if row["table"].startswith("fact_") and row["column"] not in limits]
    assert len(of_data) > 700
    without = [row for row in of_data if not re.search(r"xlsx › .+ › [A-Z]+\d+|^汇总自", row["cells"])]
    assert without == []


def test_the_values_of_the_school_tables_are_the_release_s(demo_release, trace):
    with duckdb.connect(str(demo_release / "junheng.duckdb"), read_only=True) as con:
        released = {
            (item, site, stage): value
            for item, site, stage, value in con.execute(
                "select item_code, scope_id, stage, value from fact_result where county_code = ? and stat_year = ?"
                " and standard_id = 'quality-balance-2017' and readings_id = 'default' and item_code like 'R%'",
                [COUNTY, YEAR],
            ).fetchall()
        }
    printed = {
        tuple(row["key"].split("；")[2:]): row
        for row in trace
        if row["place"] in {"附表2", "附表3"} and row["column"] == "value"
    }
    assert len(printed) == len(released) == 34 * 7
    for key, value in released.items():
        assert float(printed[key]["value"]) == value
        assert abs(float(printed[key]["text"]) - value) <= 0.005 + 1e-9


def test_a_report_nobody_touched_has_open_slots_and_nothing_else(demo_report, demo_release):
    found = checked(demo_report, demo_release)
    assert Counter(one.kind for one in found) == {"slot": len(Report(demo_release, COUNTY, YEAR).ledger.slots)}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_fifty_numbers_with_another_digit_are_all_found_and_no_other(demo_report, demo_release, tmp_path, seed):
    edited = tmp_path / "改过的报告.docx"
    changes = with_other_digits(demo_report, edited, 50, seed)
    found = [one for one in checked(edited, demo_release) if one.kind != "slot"]
    assert {one.kind for one in found} == {"changed"}
    seen = Counter((one.expected or None, one.seen) for one in found if one.expected)
    of_template = [one for one in found if not one.expected]
    assert sum(seen.values()) + len(of_template) == 50
    assert not seen - Counter(changes)
    assert all(one.source for one in found)


def test_a_number_typed_in_is_unsourced_and_one_struck_out_is_missed(demo_report, demo_release, tmp_path):
    document = docx.Document(str(demo_report))
    (basic,) = paragraphs_with(document, "义务教育阶段学生")
    basic.add_run("另有民办学校12所。")
    (removed,) = paragraphs_with(document, "初中毕业生4077人")
    removed._p.getparent().remove(removed._p)
    path = tmp_path / "改过的报告.docx"
    document.save(str(path))
    found = [one for one in checked(path, demo_release) if one.kind != "slot"]
    assert [one.seen for one in found if one.kind == "unsourced"] == ["12"]
    gone = [one.expected for one in found if one.kind == "removed"]
    assert Counter(gone) == Counter(["全县初中三年巩固率达到95%以上", "4077", "4023", "158", "103", "1", "100.0"])


def test_a_digit_put_beside_a_number_is_seen(demo_report, demo_release, tmp_path):
    document = docx.Document(str(demo_report))
    (paragraph,) = paragraphs_with(document, "义务教育阶段学生")
    run = next(one for one in paragraph.runs if one.text.endswith("学生"))
    run.text += "1"
    path = tmp_path / "改过的报告.docx"
    document.save(str(path))
    assert [(one.kind, one.seen) for one in checked(path, demo_release) if one.kind != "slot"] == [("unsourced", "1")]


def test_a_report_is_held_against_the_values_of_the_release_it_is_checked_by(demo_report, demo_copy):
    folder = next((demo_copy / "releases").glob("r*"))
    with duckdb.connect(str(folder / "junheng.duckdb")) as con:
        con.execute("update fact_county_summary set pupils = pupils + 1 where stat_year = 2023")
    found = [one for one in checked(demo_report, folder) if one.kind != "slot"]
    assert [(one.kind, one.seen, one.expected) for one in found] == [("changed", "43790", "43791")]


def test_a_county_with_missing_tables_gets_a_report_in_which_every_hole_is_a_slot(sparse_report, sparse_release):
    document = docx.Document(str(sparse_report))
    said = "\n".join(p.text for p in document.paragraphs)
    for label in (
        "常住人口",
        "特殊教育学生数",
        "教师年平均工资收入",
        "初中毕业生数",
        "县区名称",
        "片区内学生数",
        "优质高中招生名额总数",
    ):
        assert f"【待补充：{label}】" in said, label
    assert said.count("自评结论：【待补充：") == 23 and "自评结论：达标" in said
    rooms = document.tables[4]
    assert [row.cells[5].text for row in rooms.rows[1:]] == ["【待补充：缺】"] * 3
    found = Counter(one.kind for one in checked(sparse_report, sparse_release))
    assert set(found) == {"slot"} and found["slot"] > 100


def test_no_number_of_a_sparse_report_is_invented(sparse_release):
    report = Report(sparse_release, SPARSE, YEAR)
    _, entries = write_report.built(report, with_charts=False)
    assert all(entry.value is not None for entry in entries)
    with duckdb.connect(str(sparse_release / "junheng.duckdb"), read_only=True) as con:
        there = {name for (name,) in con.execute("select table_name from duckdb_tables()").fetchall()}
        filled = {name for name in there if con.execute(f"select 1 from {name} limit 1").fetchone()}
    assert {entry.source.table for entry in entries} <= filled | {"（模板）", "（本表）"}


@pytest.mark.parametrize(
    ("value", "limit", "verdict", "text"),
    [
        (0.50004, 0.5, "not_met", "0.50004"),
        (0.5, 0.5, "met", "0.500"),
        (0.4999, 0.5, "met", "0.500"),
        (0.5004, 0.5, "not_met", "0.5004"),
        (0.0525, 0.5, "met", "0.053"),
    ],
)
def test_a_value_that_fails_never_reads_as_its_limit(value, limit, verdict, text):
    assert show_number.shown(value, 3, Decimal(str(limit)), verdict) == text
