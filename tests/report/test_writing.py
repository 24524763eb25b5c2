"""Words: what people write, what the data say against it, the template a bureau edits, the command."""

import json
import shutil

import docx
import pytest

from contracts import sentences
from tests.flows.test_command import junheng
from tests.report.conftest import COUNTY, YEAR, folder_of
from transforms.report import check_report, lint_template, look_up, narrate, phrase, render, write_cover, write_report
from transforms.report.compose import Report


def text_of(path) -> str:
    document = docx.Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def written(home, year, name, text):
    path = narrate.folder(home, COUNTY, year) / f"{name}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_where_the_data_say_otherwise_the_draft_says_what_the_data_say(demo_report):
    paragraphs = [p.text for p in docx.Document(str(demo_report)).paragraphs]
    at = next(at for at, text in enumerate(paragraphs) if text.startswith("指标四：所有小学"))
    assert "超过上限的小学4所、初中2所" in paragraphs[at] and paragraphs[at + 1] == "自评结论：未达标。"
    assert "101.3" not in "\n".join(paragraphs)


def test_the_editor_s_page_lists_disagreements_audit_and_robustness(demo_report):
    said = text_of(demo_report.parent / write_cover.NAME)
    table = docx.Document(str(demo_report.parent / write_cover.NAME)).tables[1]
    assert [(row.cells[0].text, row.cells[1].text, row.cells[2].text) for row in table.rows[1:]] == [
        ("G4", "基本达标", "未达标"),
        ("G5", "基本达标", "未达标"),
    ]
    assert "各种口径下均未达标" in said and "relaxations=off" in said
    assert "已公布的数字" in said and "101.3%" in said
    assert "未填的空" in said and "编者页，不随文上报" in docx.Document(
        str(demo_report.parent / write_cover.NAME)).sections[0].header.paragraphs[0].text  # fmt: skip


def test_what_people_write_fills_its_slot_and_their_numbers_are_theirs(demo_copy, tmp_path):
    written(demo_copy, YEAR, "G1", "编制了《布局规划》，\n每3年修订一次。\n\n- 新增学位优先安排在新区")
    written(demo_copy, YEAR, "亮点一", "## 校舍\n\n三年新建**6所**学校。")
    folder = folder_of(demo_copy)
    write_report.write(folder, COUNTY, YEAR, tmp_path)
    document = docx.Document(str(tmp_path / write_report.NAME))
    styles = {p.text: p.style.name for p in document.paragraphs}
    assert styles["编制了《布局规划》，每3年修订一次。"] == "叙述" and styles["新增学位优先安排在新区"] == "叙述"
    assert styles["校舍"] == "叙述标题" and styles["三年新建6所学校。"] == "叙述"
    found = check_report.check(check_report.read(tmp_path / write_report.NAME), folder)
    assert {one.kind for one in found} == {"slot"}


def test_last_year_s_words_are_carried_over_and_marked(demo_copy, tmp_path):
    written(demo_copy, YEAR - 2, "存在的问题", "前年的话。")
    written(demo_copy, YEAR - 1, "存在的问题", "校园占地面积偏小。")
    written(demo_copy, YEAR + 1, "存在的问题", "明年的话。")
    write_report.write(folder_of(demo_copy), COUNTY, YEAR, tmp_path)
    said = text_of(tmp_path / write_report.NAME)
    assert (
        "【沿用2022年的文字，请核对】校园占地面积偏小。" in said and "前年的话" not in said and "明年的话" not in said
    )
    found = check_report.check(check_report.read(tmp_path / write_report.NAME), folder_of(demo_copy))
    assert "【沿用2022年的文字，请核对】" in [one.seen for one in found if one.kind == "slot"]
    assert "存在的问题（2022年）" in text_of(tmp_path / write_cover.NAME)


def test_a_bureau_s_own_template_is_used_and_its_numbers_need_no_source(demo_copy, tmp_path):
    own = demo_copy / write_report.OWN_TEMPLATE
    own.parent.mkdir(parents=True)
    document = docx.Document(str(write_report.PATH))
    head = next(p for p in document.paragraphs if p.text == "一、基本情况")
    head.runs[0].text = "一、基本情况（2024年稿）"
    document.save(str(own))
    write_report.write(folder_of(demo_copy), COUNTY, YEAR, tmp_path)
    assert "一、基本情况（2024年稿）" in text_of(tmp_path / write_report.NAME)
    found = check_report.check(check_report.read(tmp_path / write_report.NAME), folder_of(demo_copy))
    assert {one.kind for one in found} == {"slot"}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("{{ basic }}", "{{ basics }}", "没有这个值：basics"),
        ("{{ resources }}", "", "少了必有的内容：resources"),
        ("{{ basic }}", "{{ basic ", "标签写错了"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_with_what_is_wrong(demo_copy, tmp_path, old, new, problem):
    own = demo_copy / write_report.OWN_TEMPLATE
    own.parent.mkdir(parents=True)
    document = docx.Document(str(write_report.PATH))
    next(p for p in document.paragraphs if p.text == old).runs[0].text = new
    document.save(str(own))
    with pytest.raises(lint_template.TemplateError, match=problem):
        write_report.write(folder_of(demo_copy), COUNTY, YEAR, tmp_path)
    said = junheng("doctor", home=demo_copy)
    assert said.returncode == 1 and problem in said.stdout


def test_the_template_that_ships_has_nothing_wrong():
    assert lint_template.problems(render.open_template(write_report.PATH)) == []


def test_a_report_somebody_edited_is_kept_when_it_is_written_anew(demo_release, demo_report, tmp_path):
    edited = tmp_path / write_report.NAME
    shutil.copyfile(demo_report, edited)
    with edited.open("ab") as file:
        file.write(b"\0")
    before = edited.read_bytes()
    write_report.write(demo_release, COUNTY, YEAR, tmp_path)
    (kept,) = tmp_path.glob("自查自评报告.原件-*.docx")
    assert kept.read_bytes() == before and edited.read_bytes() == demo_report.read_bytes()


@pytest.mark.parametrize("standard_id", sentences.standards())
def test_every_blank_of_every_sentence_is_known_and_every_item_has_sentences(standard_id, demo_release):
    said = sentences.load(standard_id)
    facts = Report(demo_release, COUNTY, YEAR)
    for place, clause in sentences.clauses(said):
        item = place.split(".")[1] if place.startswith("items.") else None
        lists = {**facts.lists, **(facts._item_lists(item) if item else {})}
        assert isinstance(phrase.one_clause(clause.text, facts.facts, facts.ledger, lists, item), str)
        for condition in clause.when:
            phrase.holds(condition, facts.facts, facts.ledger, lists, item)
    judged = {row["item_code"] for row in facts.facts.tables["items"]}
    assert judged == set(said.items)


def test_a_sentence_with_a_digit_of_its_own_is_refused(tmp_path):
    text = (sentences.REPORT_DIR / "quality-balance-2017.toml").read_text("utf-8")
    (tmp_path / "quality-balance-2017.toml").write_text(
        text.replace("没有农村初中", "没有2所农村初中"), encoding="utf-8"
    )
    with pytest.raises(sentences.SentencesError, match=r"items\.G14: 句子里有阿拉伯数字"):
        sentences.load("quality-balance-2017", tmp_path)


def test_a_name_no_look_knows_is_a_mistake_of_ours(demo_release):
    report = Report(demo_release, COUNTY, YEAR)
    with pytest.raises(KeyError):
        report.facts.figure("guess.pupils")
    assert report.facts.figure("fact.villages").value is None
    assert look_up.converted(report.facts.figure("fact.resident_population"), "万人").text == "43.56"


def test_the_command_writes_counties_and_one_that_fails_stops_no_other(demo_copy):
    said = junheng(
        "report", "--county", "999999", "--county", COUNTY, "--year", YEAR, "--format", "docx", "--jobs", 2, "--json",
        home=demo_copy,
    )  # fmt: skip
    assert said.returncode == 1, said.stderr
    failed, done = json.loads(said.stdout)
    assert "999999 2023" in failed["problem"] and failed["files"] == [] and done["problem"] is None
    release_id = folder_of(demo_copy).name
    folder = demo_copy / "reports" / release_id / COUNTY / str(YEAR)
    assert sorted(path.name for path in folder.iterdir()) == ["数据来源表.csv", "编者页.docx", "自查自评报告.docx"]
    checked = junheng("report", "check", folder / "自查自评报告.docx", home=demo_copy)
    assert checked.returncode == 3 and "与发布版不符0处，文中已删去0处，没有来源0处" in checked.stdout


def test_the_command_refuses_what_it_cannot_do(demo_copy, tmp_path):
    assert junheng("report", "--year", YEAR, home=demo_copy).returncode == 2
    said = junheng("report", "--county", COUNTY, "--year", YEAR, "--format", "doc", home=demo_copy)
    assert said.returncode == 2 and "doc" in said.stderr
    plain = tmp_path / "别的.docx"
    docx.Document().save(str(plain))
    said = junheng("report", "check", plain, home=demo_copy)
    assert said.returncode == 1 and "没有注明依据哪个发布版" in said.stderr and "Traceback" not in said.stderr
