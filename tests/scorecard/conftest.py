"""Pages made once: the demo county's scorecard, a region of four counties, a county whose schools have hostile names."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from tests.scorecard import scaled
from transforms.report import write_region_page, write_scorecard

HOSTILE = "</script><script>window.broken=1</script>&\u2028\"'=1+1<!--"


def data_of(page: Path) -> dict:
    """The data a page carries, read out of its script element as a browser does."""
    (text,) = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL
    )
    return json.loads(text)


def rows_of_kind(data: dict, kind: str) -> list[dict]:
    """The rows of one kind of all years with their names, as the page unpacks them."""
    columns = data["columns"][kind]
    found = []
    for year, of_year in data["years"].items():
        for packed in of_year[kind]:
            row = dict(
                zip([name for name, _ in columns], [*packed, *[None] * (len(columns) - len(packed))], strict=True)
            )
            texts = {name: data["words"][row[name]] for name, is_text in columns if is_text and row[name] is not None}
            found.append({**row, **texts, "stat_year": int(year)})
    return found


@pytest.fixture(scope="session")
def demo_release(demo_home) -> Path:
    return (demo_home / "latest").resolve()


@pytest.fixture(scope="session")
def scorecard(demo_release, tmp_path_factory) -> Path:
    (path,) = write_scorecard.write(demo_release, scaled.COUNTY, 2023, tmp_path_factory.mktemp("scorecard"))
    return path


@pytest.fixture(scope="session")
def regional(demo_home, tmp_path_factory) -> Path:
    """Four counties, two years, in two cities of one province and one of another; a hostile name, a missing table."""
    frames = {
        name: rows.filter(pl.col("stat_year").is_in([2022, 2023]))
        for name, rows in scaled.demo_inputs(demo_home).items()
    }
    made = scaled.many_counties(frames, ["500101", "500102", "500229", "510104"])
    first = pl.col("county_code").eq("510104") & pl.col("school_code").eq("2150990001")
    made["teacher"] = made["teacher"].filter(pl.col("county_code").ne("500229"))
    named = pl.when(first).then(pl.lit(HOSTILE)).otherwise(pl.col("school_name")).alias("school_name")
    made["school"] = made["school"].with_columns(named)
    home = tmp_path_factory.mktemp("regional") / "home"
    return scaled.publish(home, made, demo_home, ("quality-balance-2017",))


@pytest.fixture(scope="session")
def region_page(regional, tmp_path_factory) -> Path:
    (path,) = write_region_page.write(regional, "50", 2023, tmp_path_factory.mktemp("region"))
    return path
