"""quality.html and the dictionary in a real browser with the network cut: complete, asking for nothing outside.

Called by name: it needs Chromium.
"""

import shutil
from pathlib import Path

import pytest

from contracts import standard
from tests.conftest import Here, order_for
from transforms import describe

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def context():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
        browser.close()


@pytest.fixture
def opened(context):
    """Open a file; whatever the page asks for beside itself, or complains of, fails the test."""
    pages = []

    def opened(path: Path):
        page = context.new_page()
        asked, faults = [], []
        page.on("request", lambda one: asked.append(one.url))
        page.on("pageerror", lambda one: faults.append(str(one)))
        page.on("console", lambda one: faults.append(one.text))
        page.goto(path.resolve().as_uri())
        pages.append((page, asked, faults))
        return page

    yield opened
    for page, asked, faults in pages:
        assert asked == [page.url.split("#")[0]] and faults == []
        page.close()


def is_inside(page) -> bool:
    """Whether nothing sticks out of the window to the right."""
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_quality_page_of_a_release_is_whole(opened, demo_home):
    page = opened(demo_home / "latest" / "quality.html")
    checks = page.locator("[data-check]")
    assert checks.count() > 500
    assert page.locator("h1").is_visible() and is_inside(page)


def test_the_quality_page_of_a_closed_gate_shows_the_failing_rows(opened, demo_copy):
    from flows import steps
    from warehouse import release

    with release.connect_candidate(demo_copy) as con:
        con.execute("update fact_school_summary set pupils = pupils * 2 where stat_year = 2020")
    with pytest.raises(steps.GateClosed):
        steps.pass_gate(order_for(demo_copy, demo_copy / "inbox", standard_ids=()), Here())
    page = opened(demo_copy / "candidate_extra" / "quality.html")
    failures = page.locator("#failures")
    assert failures.is_visible() and "pupils_as_reported" in failures.inner_text() and is_inside(page)


def test_the_dictionary_is_whole_and_its_box_filters(opened, tmp_path):
    paths = describe.write(tmp_path, standard.load_all())
    page = opened(paths[2])
    rows, shown = page.locator("tbody tr"), page.locator("tbody tr:visible")
    everything = rows.count()
    assert everything > 1000 and shown.count() == everything and is_inside(page)
    page.fill("#wanted", "差异系数")
    assert 0 < shown.count() < everything / 10
    assert all("差异系数" in text for text in shown.all_inner_texts())
    page.fill("#wanted", "")
    assert shown.count() == everything
