"""一校一策.docx: exact gaps, the enrolment that would do, what a school carries, a page for every school."""

import hashlib
import math
from decimal import Decimal

import docx
import polars as pl
import pytest

from tests.forms.conftest import COUNTY, YEAR, changed, queried, release_of
from transforms.report import write_school_plans
from transforms.report.plan_school import at_the_mean, gap, plans, whole

STANDARD = "quality-balance-2017"


def result(**values) -> dict:
    """A result of a plain unit: 1,000 pupils, 8 teachers against 0.9 a hundred."""
    plain = {"have": Decimal(800), "need": Decimal(900), "numerator": Decimal(8), "denominator": Decimal(1000)}
    return {**plain, "limit_value": Decimal("0.9"), "is_shared": False, "weight": None, **values}


LIMIT = {"per": Decimal(100), "floor_ratio": Decimal("0.85")}
PEOPLE, METRES = {"unit": "人"}, {"unit": "㎡"}


def test_missing_people_are_rounded_up_and_the_enrolment_down():
    found = gap(result(), PEOPLE, LIMIT)
    assert (found.to_limit, found.to_floor, found.enrolment) == (Decimal(1), Decimal(0), 888)
    assert 8 * 100 / 888 >= 0.9 > 8 * 100 / 889


def test_a_gap_of_exactly_one_is_one_and_a_little_more_is_two():
    assert gap(result(have=Decimal(800)), PEOPLE, LIMIT).to_limit == 1
    assert gap(result(have=Decimal(799)), PEOPLE, LIMIT).to_limit == 2
    assert (whole(Decimal("347.001"), "㎡"), whole(Decimal("347.001"), "间")) == (Decimal("347.01"), Decimal(348))


def test_a_shared_resource_is_missing_for_the_whole_site():
    """540 primary and 400 junior pupils share 4,409.99 m²; at 4.5 m² the nine-year school needs 4,410."""
    shared = {"have": Decimal("4409.99"), "need": Decimal("4.5") * 980, "limit_value": Decimal("4.5")}
    one = result(
        **shared, numerator=Decimal("2429.99"), denominator=Decimal(540), is_shared=True, weight=Decimal("1.00")
    )
    found = gap(one, METRES, {"per": Decimal(1), "floor_ratio": Decimal("0.85")})
    assert (found.to_limit, found.enrolment) == (Decimal("0.01"), 539)


def test_a_missing_number_gives_no_gap_of_nought():
    found = gap(result(have=None), PEOPLE, LIMIT)
    assert (found.to_limit, found.to_floor, found.enrolment) == (None, None, None)


def test_fewer_pupils_of_one_stage_may_not_do():
    shared = result(
        have=Decimal(10),
        need=Decimal(4410),
        denominator=Decimal(5),
        limit_value=Decimal("4.5"),
        is_shared=True,
        weight=Decimal(1),
    )
    assert gap(shared, METRES, {"per": Decimal(1), "floor_ratio": None}).enrolment is None


def units(*pairs: tuple[int, int]) -> list[dict]:
    return [{"pupils": p, "numerator": x, "site_id": str(at), "is_known": True} for at, (p, x) in enumerate(pairs)]


def test_one_school_at_the_mean_of_the_others_leaves_their_spread():
    found = at_the_mean(units((100, 10), (100, 30), (100, 200)), "2")
    mean = 40 / 200
    by_hand = math.sqrt((100 * (0.1 - mean) ** 2 + 100 * (0.3 - mean) ** 2 + 100 * 0) / 300) / mean
    assert found == pytest.approx(by_hand, abs=1e-12)
    assert at_the_mean(units((100, 10), (100, 10), (100, 200)), "2") == 0
    assert at_the_mean(units((100, 10)), "0") is None


@pytest.fixture(scope="module")
def failing(rooms_frames, tmp_path_factory):
    """The golden county with one primary school whose few rooms alone hold the coefficient above the limit."""
    frames = changed(rooms_frames, "premises", pl.col("school_code") == "2199000002", multimedia_rooms=400)
    frames = changed(frames, "premises", pl.col("school_code") == "2199000001", equipment_yuan=Decimal(100))
    return release_of(frames, tmp_path_factory.mktemp("failing") / "release")


def text_of(path) -> list[str]:
    paper = docx.Document(str(path))
    return [paragraph.text for paragraph in paper.paragraphs] + [
        cell.text for table in paper.tables for row in table.rows for cell in row.cells
    ]


def test_gaps_of_a_release_come_to_the_limit_and_no_further(failing):
    made = {plan.site["site_id"]: plan for plan in plans(failing, STANDARD, COUNTY, YEAR)}
    assert len(made) == 7
    for plan in made.values():
        for one in plan.gaps:
            row = one.result
            weight = row["weight"] if row["is_shared"] else 1
            per = row["have"] / (row["whole_numerator"] * weight)
            filled_up = row["have"] + one.to_limit * per * weight
            assert filled_up >= row["need"], "what is said to be missing is enough"
            step = Decimal(1) if one.item["unit"] in {"人", "间"} else Decimal("0.01")
            assert filled_up - step * per * weight < row["need"], "and no more than enough"
    codes = {
        (row, item)
        for row, item in queried(
            failing, "select scope_id, item_code from fact_result where scope = 'unit' and verdict = 'not_met'"
        )
    }
    assert {(site, one.item["item_code"]) for site, plan in made.items() for one in plan.gaps} == codes


def test_the_page_says_which_single_school_would_bring_a_coefficient_under_its_limit(failing, tmp_path):
    ((cv, limit),) = queried(
        failing,
        "select cv, limit_value from fact_county_cv where item_code = 'R7' and stage = 'primary' and readings_id = 'default'",
    )
    assert cv > limit
    made = {plan.site["site_id"]: plan for plan in plans(failing, STANDARD, COUNTY, YEAR)}
    burden = {
        site: next(
            (b for b in plan.burdens if (b.item["item_code"], b.coefficient["stage"]) == ("R7", "primary")), None
        )
        for site, plan in made.items()
    }
    assert [site for site, one in burden.items() if one and one.is_enough] == ["2199000002-0"]
    (path,) = write_school_plans.write(failing, COUNTY, YEAR, tmp_path)
    said = [line for line in text_of(path) if "只要本校达到其余学校的平均水平" in line and "R7" in line]
    without = burden["2199000002-0"].cv_without
    assert len(said) == 1 and f"小学 R7 由{cv:.3f}降到{without:.3f}" in said[0]
    assert sum(one.share for one in burden.values() if one) == pytest.approx(1)


def test_every_school_has_a_heading_on_a_page_of_its_own_on_a4(demo_home, tmp_path):
    (path,) = write_school_plans.write((demo_home / "latest").resolve(), "500104", YEAR, tmp_path)
    paper = docx.Document(str(path))
    heads = [paragraph for paragraph in paper.paragraphs if paragraph.style.name == "Heading 1"]
    assert (
        len(heads) == 30 and [bool(head.paragraph_format.page_break_before) for head in heads] == [False] + [True] * 29
    )
    assert (round(paper.sections[0].page_width.mm), round(paper.sections[0].page_height.mm)) == (210, 297)
    fonts = {
        style.name: style.element.rPr.rFonts.get(docx.oxml.ns.qn("w:eastAsia"))
        for style in paper.styles
        if style.name in {"Heading 1", "Heading 2", "说明"}
    }
    assert fonts == {"Heading 1": "方正小标宋简体", "Heading 2": "黑体", "说明": "仿宋_GB2312"}
    texts = text_of(path)
    assert "347㎡" in texts and "1026人（1104人）" in texts, "演示老街小学 lacks teaching rooms"


def test_a_school_that_lacks_nothing_is_told_so(demo_home, tmp_path):
    folder = (demo_home / "latest").resolve()
    clear = [plan for plan in plans(folder, STANDARD, "500104", YEAR) if plan.is_clear()]
    (path,) = write_school_plans.write(folder, "500104", YEAR, tmp_path)
    assert 0 < len(clear) < 30
    assert text_of(path).count("本校各项都达到标准，没有要补的缺口。") == len(clear)


def test_missing_tables_leave_slots_and_no_school_is_called_clear(rooms_release, tmp_path):
    (path,) = write_school_plans.write(rooms_release, COUNTY, YEAR, tmp_path)
    texts = text_of(path)
    assert any("【待补充：缺数】" in text for text in texts)
    assert "本校各项都达到标准，没有要补的缺口。" not in texts


def test_the_same_release_gives_the_same_bytes(rooms_release, tmp_path):
    paths = [write_school_plans.write(rooms_release, COUNTY, YEAR, tmp_path / name)[0] for name in ("a", "b")]
    first, second = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    assert first == second
