"""The pages in a browser with the network cut: every interaction driven, the figures on screen those of the release.

Needs Chromium on this machine: pytest -m paper.
"""

import csv
import io
import json
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.scorecard import scaled
from tests.scorecard.conftest import HOSTILE, data_of
from transforms.report import write_scorecard

pytestmark = pytest.mark.paper
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
OF = "standard_id = 'quality-balance-2017' and readings_id = 'default'"
CELL = "[data-cell='2150990001-0|primary|R1']"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    assert path, f"no browser on PATH, looked for {BROWSERS}"
    with sync_playwright() as tool:
        started = tool.chromium.launch(executable_path=path)
        yield started
        started.close()


@pytest.fixture
def opened(browser):
    """Open a page with the network cut; any request but file:// and any word on the console fails the test."""
    context = browser.new_context(viewport={"width": 1240, "height": 900}, accept_downloads=True)
    context.set_offline(True)
    asked: list[str] = []
    heard: list[str] = []
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith("file://") else route.abort())
    context.on("request", lambda request: asked.append(request.url))

    def open_page(path: Path) -> Page:
        page = context.new_page()
        page.on("console", lambda message: heard.append(message.text))
        page.on("pageerror", lambda problem: heard.append(str(problem)))
        page.goto(path.as_uri())
        return page

    yield open_page
    context.close()
    assert [url for url in asked if not url.startswith(("file://", "data:", "blob:"))] == []
    assert heard == []


def texts(page: Page, selector: str) -> list[str]:
    return page.locator(selector).all_inner_texts()


def test_every_cell_on_screen_is_the_release_s(opened, scorecard, demo_release):
    page = opened(scorecard)
    query = f"select scope_id, stage, item_code, value, verdict from fact_result where {OF} and scope = 'unit' and stat_year = ?"
    for year in (2023, 2019):
        page.locator(f"[data-year='{year}']").click()
        found = page.eval_on_selector_all(
            "#heat [data-cell]",
            "cells => cells.map(cell => [cell.dataset.cell, cell.dataset.value, cell.dataset.verdict])",
        )
        told = {(*name.split("|"), float(value), word) for name, value, word in found}
        assert told == set(scaled.rows_of(demo_release, query, year))
        assert len(told) > 200


def test_coefficients_and_items_on_screen_are_the_release_s(opened, scorecard, demo_release):
    page = opened(scorecard)
    found = page.eval_on_selector_all(
        "#coefficients [data-item]", "bars => bars.map(bar => [bar.dataset.stage, bar.dataset.item, bar.dataset.value])"
    )
    query = f"select stage, item_code, cv from fact_county_cv where {OF} and stat_year = 2023"
    assert {(stage, item, float(value)) for stage, item, value in found} == set(scaled.rows_of(demo_release, query))
    rows = page.eval_on_selector_all(
        "#item-table tr[data-item]", "rows => rows.map(row => [row.dataset.item, row.dataset.verdict])"
    )
    query = f"select component_code, verdict from fact_county_component where {OF} and stat_year = 2023 and part <> 'resources'"
    assert {tuple(row) for row in rows} == set(scaled.rows_of(demo_release, query))
    assert len([code for code, _ in rows if code[0] in "GQS" and code[1:].isdigit()]) == 15 + 9 + 1
    assert "≠ 不一致" in page.locator("#item-table tr[data-item=G4]").inner_text()


def test_the_verdict_comes_first_with_its_robustness(opened, scorecard, demo_release):
    page = opened(scorecard)
    query = f"select overall_verdict_text, robustness_text from fact_county_summary where {OF} and stat_year = 2023"
    assert (page.inner_text("#overall"), page.inner_text("#robustness")) == scaled.rows_of(demo_release, query)[0]
    assert "合成数据" in page.inner_text("#notes")
    box = page.locator("#verdict").bounding_box()
    assert box and box["y"] < 300


def test_sort_filter_and_search(opened, scorecard):
    page = opened(scorecard)
    page.click("[data-sort=R4]")
    values = [
        float(text)
        for text in page.eval_on_selector_all(
            "#heat td[data-cell$='|R4']", "cells => cells.map(cell => cell.dataset.value)"
        )
    ]
    assert values == sorted(values)
    page.keyboard.press("Enter")
    values = [
        float(text)
        for text in page.eval_on_selector_all(
            "#heat td[data-cell$='|R4']", "cells => cells.map(cell => cell.dataset.value)"
        )
    ]
    assert values == sorted(values, reverse=True)
    assert page.locator("#heat th[aria-sort=descending]").count() == 1
    page.click("#stage-buttons [data-stage=junior]")
    assert page.locator("#heat tbody tr").count() == 9
    page.click("#stage-buttons [data-stage=all]")
    page.check("#only-failing")
    assert texts(page, "#heat tbody th") == ["演示老街小学"]
    page.uncheck("#only-failing")
    page.fill("#search", "一贯制")
    names = texts(page, "#heat tbody th")
    assert names and all("一贯制" in name for name in names)
    page.fill("#search", "没有这样的学校")
    assert "没有符合条件的学校" in page.inner_text("#heat tbody")


def test_a_cell_tells_formula_numbers_limit_and_source_cells(opened, scorecard, demo_release):
    page = opened(scorecard)
    page.click(CELL)
    assert page.locator("#detail").get_attribute("open") is not None
    said = page.inner_text("#detail")
    for part in (
        "÷ 在校生数 2,105 × 100",
        "标准 ≥ 4.2，底线 3.57",
        "500104_2023.xlsx › 专任教师 › I2",
        "500104_2023.xlsx › 在校生 › G2:G7",
        "教督〔2017〕6号",
    ):
        assert part in said, part
    query = f"select value from fact_result where {OF} and scope_id = '2150990001-0' and item_code = 'R1' and stat_year = 2023"
    assert float(page.get_attribute("#detail-value", "data-value")) == scaled.rows_of(demo_release, query)[0][0]
    page.click("#close")
    assert page.locator("#detail").get_attribute("open") is None


def test_the_gap_of_everything_short_is_the_release_s(opened, scorecard, demo_release):
    page = opened(scorecard)
    query = (
        "select scope_id || '|' || stage || '|' || component_code, gap_quantity from fact_obstacle"
        " where standard_id = 'quality-balance-2017' and scope = 'unit' and verdict = 'not_met' and stat_year = ?"
    )
    compared = 0
    for year in (2019, 2020, 2021):
        page.locator(f"[data-year='{year}']").click()
        for cell, gap in scaled.rows_of(demo_release, query, year):
            page.click(f"[data-cell='{cell}']")
            assert float(page.get_attribute("#gap", "data-gap")) == pytest.approx(gap, abs=1e-6)
            assert "还差" in page.inner_text("#gap")
            page.keyboard.press("Escape")
            compared += 1
    assert compared > 10


def test_everything_can_be_done_by_keyboard(opened, scorecard):
    page = opened(scorecard)
    page.locator(CELL).focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "End", "Home", "ArrowUp", "ArrowRight"):
        page.keyboard.press(key)
    assert page.evaluate("document.activeElement.dataset.cell") == "2150990001-0|primary|R2"
    page.keyboard.press("Enter")
    assert "R2" in page.inner_text("#detail")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.dataset.cell") == "2150990001-0|primary|R2"
    page.locator("[data-year='2022']").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.dataset.year") == "2022"
    dot = page.locator("#strips .dot").first
    dot.focus()
    page.keyboard.press("Enter")
    assert page.locator("#detail").get_attribute("open") is not None
    page.keyboard.press("Escape")
    page.locator("#item-table .open").first.focus()
    page.keyboard.press("Enter")
    assert "G1" in page.inner_text("#detail-title")


def test_the_year_switch_changes_every_section(opened, scorecard):
    page = opened(scorecard)
    before = {name: page.inner_text(f"#{name}") for name in ("verdict", "about", "item-table", "heat")}
    bars = page.inner_html("#coefficient-bars")
    page.click("[data-year='2019']")
    assert all(page.inner_text(f"#{name}") != text for name, text in before.items())
    assert page.inner_html("#coefficient-bars") != bars
    assert "2019" in page.title()
    assert page.locator("[data-year='2019']").get_attribute("aria-pressed") == "true"


def test_the_strip_plot_has_every_school_of_the_indicator(opened, scorecard, demo_release):
    page = opened(scorecard)
    page.select_option("#strip-item", "5")
    found = page.eval_on_selector_all("#strips .dot", "dots => dots.map(dot => [dot.dataset.unit, dot.dataset.value])")
    query = f"select scope_id || '|' || stage, value from fact_result where {OF} and scope = 'unit' and item_code = 'R6' and stat_year = 2023"
    assert {(unit, float(value)) for unit, value in found} == set(scaled.rows_of(demo_release, query))


def test_the_download_is_the_table_shown_as_csv_for_excel(opened, scorecard, demo_release):
    page = opened(scorecard)
    with page.expect_download() as waiting:
        page.click("#download-schools")
    raw = Path(waiting.value.path()).read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert waiting.value.suggested_filename.endswith("_2023_各校指标.csv")
    rows = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"))))
    stages = {"小学": "primary", "初中": "junior"}
    told = {
        (row["校区编号"], stages[row["学段"]], row["指标"], Decimal(row["分子"]), float(row["指标值"])) for row in rows
    }
    query = f"select scope_id, stage, item_code, numerator, value from fact_result where {OF} and scope = 'unit' and stat_year = 2023"
    assert told == set(scaled.rows_of(demo_release, query))
    with page.expect_download() as waiting:
        page.click("#download-county")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"))))
    assert len(rows) == 14 + len(data_of(scorecard)["years"]["2023"]["components"])


def test_print_hides_what_only_a_screen_needs_and_fits_a4(opened, scorecard, tmp_path):
    page = opened(scorecard)
    page.emulate_media(media="print")
    for selector in ("#year-buttons", "#search", "#download-schools", "#print"):
        assert not page.locator(selector).is_visible()
    for selector in ("#verdict", "#coefficient-bars", "#heat", "#item-table", "#year-table"):
        assert page.locator(selector).is_visible()
    page.set_viewport_size({"width": 703, "height": 1000})  # A4 less its margins, at 96 dots an inch
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    assert page.locator("#heat").bounding_box()["width"] <= 703
    pdf = page.pdf(path=tmp_path / "scorecard.pdf", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    assert b"/MediaBox [0 0 594" in pdf or b"/MediaBox [0 0 595" in pdf


@pytest.mark.parametrize("name", ["scorecard", "region_page"])
def test_a_narrow_screen_does_not_scroll_sideways(opened, name, request):
    page = opened(request.getfixturevalue(name))
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_no_verdict_is_told_by_colour_alone(opened, scorecard):
    page = opened(scorecard)
    page.click("[data-year='2019']")
    marks = page.eval_on_selector_all(
        "#heat [data-cell]", "cells => cells.map(cell => [cell.dataset.verdict, cell.innerText.slice(-1)])"
    )
    assert {word: {mark for name, mark in marks if name == word} for word, _ in marks} == {
        "met": {"✓"},
        "not_met": {"▽", "▼"},
    }
    failing = page.locator("#strips .dot.not_met path, #strips .dot.met circle").count()
    assert failing == page.locator("#strips .dot").count()


def test_what_is_missing_is_seen_to_be_missing(opened, regional, tmp_path):
    (path,) = write_scorecard.write(regional, "500229", 2023, tmp_path)
    page = opened(path)
    cell = page.locator("#heat td[data-cell$='|R1']").first
    assert cell.inner_text() == "—？"
    assert cell.get_attribute("data-value") is None
    cell.click()
    assert "【缺少数据，不能计算】" in page.inner_text("#formula")
    assert "没有填报" in page.inner_text("#source-cells")
    page.keyboard.press("Escape")
    assert "没有可列的数据" in page.inner_text("#strip-plots")
    bars = page.locator("#coefficients [data-item=R1]")
    assert bars.locator("rect").count() == 0
    assert all("—" in text for text in bars.all_text_contents())


def test_a_hostile_name_stays_a_name(opened, regional, tmp_path):
    (path,) = write_scorecard.write(regional, "510104", 2023, tmp_path)
    page = opened(path)
    assert page.evaluate("window.broken") is None
    assert page.locator("#heat tbody th").first.evaluate("cell => cell.textContent") == HOSTILE
    with page.expect_download() as waiting:
        page.click("#download-schools")
    names = {
        row["学校"]
        for row in csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"), newline=""))
    }
    assert HOSTILE in names


def test_the_region_page_by_mouse_and_keyboard(opened, region_page, regional):
    page = opened(region_page)
    found = page.eval_on_selector_all(
        "#grid [data-cell]", "cells => cells.map(cell => [cell.dataset.cell, cell.dataset.verdict])"
    )
    components = data_of(region_page)["components"]
    told = set()
    for cell, word in found:
        county, place = cell.split("|")
        told.add((county, components[int(place)]["part"], components[int(place)]["component_code"], word))
    query = (
        f"select county_code, part, component_code, verdict from fact_county_component where {OF} and stat_year = 2023"
    )
    assert told == set(scaled.rows_of(regional, query + " and county_code like '50%'"))
    page.click("#grid [data-sort=not_met]")
    counts = [int(text) for text in texts(page, "#grid tbody td:nth-of-type(2)")]
    assert counts == sorted(counts, reverse=True)
    page.check("#only-one")
    assert set(texts(page, "#grid tbody td:nth-of-type(2)")) == {"1"}
    page.uncheck("#only-one")
    page.fill("#search", "500229")
    assert page.locator("#grid tbody tr").count() == 1
    page.locator("#grid [data-cell]").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert "校际均衡" in page.inner_text("#detail-title")
    page.keyboard.press("Escape")
    between = page.eval_on_selector_all(
        "[data-spread]", "rows => rows.map(row => [...row.dataset.spread.split('|'), row.dataset.between])"
    )
    query = "select stage, component_code, between_cv from mart_region_item where region_code = '50' and stat_year = 2023 and counties_only_open is null"
    assert {(stage, code, float(value)) for stage, code, value in between} == set(scaled.rows_of(regional, query))
    with page.expect_download() as waiting:
        page.click("#download")
    rows = list(csv.DictReader(io.StringIO(Path(waiting.value.path()).read_text("utf-8-sig"))))
    assert {row["县区代码"] for row in rows} == {"500229"}
    page.click("[data-year='2022']")
    assert "2022" in page.title()
    assert "【待补充" in page.inner_text("#review")


def test_two_hundred_schools_and_ten_years_open_and_work(opened, demo_home, tmp_path):
    frames = scaled.many_schools(scaled.demo_inputs(demo_home), 7, 10)
    folder = scaled.publish(tmp_path / "home", frames, demo_home, ("quality-balance-2017",))
    (path,) = write_scorecard.write(folder, scaled.COUNTY, 2023, tmp_path)
    data = data_of(path)
    assert len(data["years"]) == 10
    assert len({data["sites"][unit[0]][0] for unit in data["years"]["2023"]["units"]}) > 200
    page = opened(path)
    assert page.locator("#heat tbody tr").count() == len(data["years"]["2023"]["units"])
    timing = page.evaluate("performance.timing.loadEventEnd - performance.timing.navigationStart")
    print(json.dumps({"bytes": path.stat().st_size, "load_ms": timing}))
    page.click("[data-year='2014']")
    page.click("[data-sort=R1]")
    page.locator("#heat [data-cell]").first.click()
    assert "历年" in page.inner_text("#detail")
