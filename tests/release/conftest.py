"""A warehouse with two releases, made once; tests that change it work on a copy."""

import shutil
from pathlib import Path

import duckdb
import pytest

from warehouse import release


@pytest.fixture(scope="session")
def two_home(demo_home, tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("two") / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    with duckdb.connect(str(home / "candidate.duckdb")) as con:
        con.execute("update fact_county_item set verdict = 'not_met' where item_code = 'Q4' and stat_year = 2020")
    assert release.publish(home, {"standards": {}}).is_new
    return home


@pytest.fixture
def two(two_home, tmp_path) -> Path:
    home = tmp_path / "home"
    shutil.copytree(two_home, home, symlinks=True)
    return home
