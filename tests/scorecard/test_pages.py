"""The pages as files: nothing from outside, small, safe whatever a school is called, and saying what the release says."""

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tests.scorecard import scaled
from tests.scorecard.conftest import HOSTILE, data_of, rows_of_kind
from transforms.report import assemble_page, write_region_page, write_scorecard

STANDARD = "quality-balance-2017"
OF = "standard_id = 'quality-balance-2017' and readings_id = 'default'"


@pytest.mark.parametrize("name", ["scorecard", "region_page"])
def test_a_page_fetches_nothing_and_is_small(name, request):
    page = request.getfixturevalue(name)
    text = page.read_text(encoding="utf-8")
    shell = re.sub(r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL)
    assert re.findall(r"(?:src|href|action)\s*=\s*[\"'](?!#|data:)[^\"']*", shell) == []
    assert re.findall(r"url\(|@import|fetch\(|XMLHttpRequest|WebSocket|sendBeacon|import\(", shell) == []
    assert set(re.findall(r"https?://[^\"' ]+", text)) <= {"http://www.w3.org/2000/svg"}  # a name, never an address
    assert page.stat().st_size < 2_000_000


def test_a_page_takes_its_parts_from_the_folder_that_is_installed():
    used = {"scorecard.html", "region.html", *write_scorecard.STYLES, *write_scorecard.SCRIPTS}
    used |= {*write_region_page.STYLES, *write_region_page.SCRIPTS}
    assert {path.name for path in assemble_page.PAGES.iterdir()} == used


def test_what_a_school_is_called_cannot_leave_the_data(regional, tmp_path):
    (page,) = write_scorecard.write(regional, "510104", 2023, tmp_path)
    text = page.read_text(encoding="utf-8")
    assert HOSTILE in {name for _, name, *_ in data_of(page)["sites"]}
    assert "window.broken" not in re.sub(r"\\u003cscript\\u003ewindow\.broken", "", text)
    assert len(re.findall("<script", text)) == len(re.findall("</script>", text)) == 2
    assert "\u2028" not in text


def test_a_number_that_is_not_finite_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        assemble_page.embedded({"value": float("nan")})


def test_every_result_of_every_unit_is_the_release_s(scorecard, demo_release):
    data = data_of(scorecard)
    items = [item["item_code"] for item in data["items"] if item["scope"] == "unit"]
    found = {
        (int(year), data["sites"][unit[0]][0], data["stages"][unit[1]][0], code, row[1], row[2])
        for year, of_year in data["years"].items()
        for unit in of_year["units"]
        for code, row in zip(items, unit[6], strict=True)
    }
    query = (
        f"select stat_year, scope_id, stage, item_code, value, verdict from fact_result where {OF} and scope = 'unit'"
    )
    assert found == set(scaled.rows_of(demo_release, query))
    assert len(found) > 1000


def test_every_coefficient_item_and_condition_is_the_release_s(scorecard, demo_release):
    data = data_of(scorecard)
    cvs = {
        (row["stat_year"], row["stage"], row["item_code"], row["cv"], row["verdict"])
        for row in rows_of_kind(data, "cv")
    }
    query = f"select stat_year, stage, item_code, cv, verdict from fact_county_cv where {OF}"
    assert cvs == set(scaled.rows_of(demo_release, query))
    rows = rows_of_kind(data, "components")
    found = {(row["stat_year"], row["part"], row["component_code"], row["verdict"]) for row in rows}
    query = f"select stat_year, part, component_code, verdict from fact_county_component where {OF}"
    assert found == set(scaled.rows_of(demo_release, query))
    declared = {
        (row["stat_year"], row["component_code"], row["declared_verdict_text"], row["agrees"])
        for row in rows
        if row["part"] in ("government", "quality", "recognition")
    }
    query = f"select stat_year, item_code, declared_verdict_text, agrees from fact_county_item where {OF}"
    assert declared == set(scaled.rows_of(demo_release, query))
    assert len({code for year, code, *_ in declared if year == 2023}) == 15 + 9 + 1


def test_a_missing_table_leaves_holes_and_no_number(regional, tmp_path):
    (page,) = write_scorecard.write(regional, "500229", 2023, tmp_path)
    data = data_of(page)
    place = [item["item_code"] for item in data["items"] if item["scope"] == "unit"].index("R1")
    results = [unit[6][place] for unit in data["years"]["2023"]["units"]]
    assert {(result[0], result[1], result[2]) for result in results} == {(None, None, "not_assessable")}
    rows = [row for row in rows_of_kind(data, "cv") if row["item_code"] == "R1"]
    assert {(row["cv"], row["verdict"]) for row in rows} == {(None, "not_assessable")}


def test_a_county_or_year_that_the_release_does_not_have_is_named(demo_release, tmp_path):
    with pytest.raises(LookupError, match="999999"):
        write_scorecard.write(demo_release, "999999", 2023, tmp_path)
    with pytest.raises(LookupError, match="2018"):
        write_scorecard.write(demo_release, scaled.COUNTY, 2018, tmp_path)
    with pytest.raises(LookupError, match="77"):
        write_region_page.write(demo_release, "77", 2023, tmp_path)


def test_a_release_without_cells_and_a_changed_standard_leave_visible_holes(demo_copy, tmp_path):
    folder = (demo_copy / "latest").resolve()
    for path in folder.glob("source_*.parquet"):
        path.unlink()
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    changed = re.sub(rf'("{STANDARD}": )"[0-9a-f]{{64}}"', r'\1"0"', manifest)
    (folder / "manifest.json").write_text(changed, encoding="utf-8")
    (page,) = write_scorecard.write(folder, scaled.COUNTY, 2023, tmp_path)
    data = data_of(page)
    assert (data["has_cells"], data["standard"]["is_known"], data["standard"]["readings"]) == (False, False, [])
    text = page.read_text(encoding="utf-8")
    assert "【发布版没有记下来源单元格】" in text
    assert "现有标准文件与发布时所用的不同" in text


def test_the_same_release_gives_the_same_page(demo_release, scorecard, tmp_path):
    (again,) = write_scorecard.write(demo_release, scaled.COUNTY, 2023, tmp_path)
    assert again.read_bytes() == scorecard.read_bytes()


def test_the_region_s_matrix_is_the_release_s(region_page, regional):
    data = data_of(region_page)
    names = [(row["part"], row["component_code"]) for row in data["components"]]
    found = {
        (int(year), county["county_code"], *name, data["said"][item[0]][0])
        for year, of in data["years"].items()
        for county in of["counties"]
        for name, item in zip(names, county["items"], strict=True)
        if item
    }
    query = f"select stat_year, county_code, part, component_code, verdict from fact_county_component where {OF}"
    query += " and county_code like '50%'"
    assert found == set(scaled.rows_of(regional, query))
    assert {code for _, code, *_ in found} == {"500101", "500102", "500229"}


def test_the_region_s_counts_are_those_of_its_counties(region_page, regional):
    data = data_of(region_page)
    told = {
        (int(year), row["part"], row["component_code"], row["stage"]): row
        for year, of in data["years"].items()
        for row in of["items"]
    }
    for year, of in data["years"].items():
        for place, component in enumerate(data["components"]):
            words = [data["said"][county["items"][place][0]][0] for county in of["counties"]]
            row = told[int(year), component["part"], component["component_code"], "compulsory"]
            counted = [row[f"counties_{code}"] for code in ("met", "not_met", "not_assessable", "not_applicable")]
            assert counted == [words.count(code) for code in ("met", "not_met", "not_assessable", "not_applicable")]
            assert row["counties"] == 3
    only = sum(row["counties_only_not_met"] or 0 for (year, *_), row in told.items() if year == 2023)
    alone = [
        county
        for county in data["years"]["2023"]["counties"]
        if [data["said"][item[0]][0] for item in county["items"]].count("not_met") == 1
    ]
    assert only == len(alone) > 0
    query = "select count(*) from mart_region_item where region_code = '50' and region_level = 'province'"
    assert scaled.rows_of(regional, query) == [(len(told),)]


def test_a_city_is_a_region_too_and_the_command_says_where_the_page_is(regional, tmp_path):
    home = regional.parents[1]
    asked = ["region", "--code", "5001", "--year", "2023", "--home", str(home)]
    told = CliRunner().invoke(app, [*asked, "-o", str(tmp_path)])
    assert told.exit_code == 0, told.output
    page = tmp_path / "地区总览_5001.html"
    assert Path(told.output.strip().replace("\n", "")) == page
    assert [county["county_code"] for county in data_of(page)["years"]["2023"]["counties"]] == ["500101", "500102"]
    assert CliRunner().invoke(app, ["region", "--code", "500", "--year", "2023", "--home", str(home)]).exit_code == 2


def test_marks_of_made_up_provisional_and_stale_data_are_carried(regional, tmp_path):
    copy = tmp_path / "home" / "releases" / regional.name
    shutil.copytree(regional, copy)
    import duckdb

    with duckdb.connect(str(copy / "junheng.duckdb")) as con:
        con.execute("update fact_county_summary set is_provisional = true where county_code = '500101'")
        con.execute("update dim_county_year set is_stale = true where county_code = '500101'")
    (page,) = write_scorecard.write(copy, "500101", 2023, tmp_path)
    summary = data_of(page)["years"]["2023"]["summary"]
    assert (summary["is_synthetic"], summary["is_provisional"], summary["is_stale"]) == (True, True, True)
