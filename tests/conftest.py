"""What tests share: a warehouse of their own, and the models run over frames or over files."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import polars as pl
import pytest

from contracts import dictionary, lean, standard
from flows import sequence, steps
from transforms import expect_child, model

TESTS = Path(__file__).parent
TWO = TESTS / "flows" / "two_counties"
os.environ.pop("JUNHENG_HOME", None)
os.environ["COLUMNS"] = "160"


def directly(step, *arguments):
    return step(*arguments)


class Here:
    """Stands for the process of the expectations: the same message, the same answers, one import for all tests.

    Great Expectations answers each suite about each frame once; most tests ask it about frames of the same bytes.
    """

    waited = 0.0
    answered: dict[bytes, dict] = {}

    def send(self, message: Path) -> None:
        asked = json.loads(message.read_text("utf-8"))
        answers = {}
        for frame, suite in asked["suites"].items():
            answers |= self.answer({**asked, "suites": {frame: suite}}, frame)
        Path(asked["answers"]).write_text(json.dumps(answers, default=str), encoding="utf-8")

    def answer(self, asked: dict, frame: str) -> dict:
        rows = (Path(asked["folder"]) / f"{frame}.arrow").read_bytes()
        said = json.dumps([asked["suites"], asked["named"].get(frame)]).encode()
        question = hashlib.sha256(said + b"\0" + rows).digest()
        if question not in self.answered:
            with pytest.MonkeyPatch.context() as patch, lean.everything():  # imported as in the process itself
                for name in expect_child.UNUSED if "great_expectations" not in sys.modules else ():
                    patch.setitem(sys.modules, name, None)
                self.answered[question] = expect_child.answer(asked)
        return self.answered[question]

    def wait(self) -> str:
        return ""


STANDARD = "quality-balance-2017"


def order_for(home: Path, inbox: Path, *years: int, **more) -> steps.Order:
    """An order by the one standard most tests are about, unless it names others."""
    return steps.Order(years or (2023,), home, inbox, steps.new_run_id(), **{"standard_ids": (STANDARD,), **more})


def taken_in(home: Path, inbox: Path, *years: int, **more) -> sequence.Outcome:
    """Run an inbox through the whole pipeline; one thread suffices for a county, and its Parquet for most tests."""
    return sequence.run_years(order_for(home, inbox, *years, **{"threads": 1, "copies": (), **more}), directly, Here())


@pytest.fixture
def run(tmp_path) -> Callable[..., sequence.Outcome]:
    """Run an inbox through the whole pipeline into tmp_path/home, without a server."""

    def run(inbox: Path, *years: int, home: Path | None = None, **more) -> sequence.Outcome:
        return taken_in(home or tmp_path / "home", inbox, *years, **more)

    return run


@pytest.fixture
def take(tmp_path) -> Callable[..., steps.Taken]:
    """Take a year of an inbox into tmp_path/home, without models, gate and release."""

    def take(inbox: Path, year: int, **more) -> steps.Taken:
        return sequence.take_year(order_for(tmp_path / "home", inbox, year, **more), directly)

    return take


def released(outcome: sequence.Outcome) -> duckdb.DuckDBPyConnection:
    return views_of(outcome.release.folder)


def views_of(release: Path) -> duckdb.DuckDBPyConnection:
    """The tables of a release, as views of their Parquet files."""
    con = duckdb.connect()
    for path in (release / "tables").iterdir():
        con.execute(f"create view {path.stem} as select * from read_parquet('{path}')")
    return con


def typed(table: str, rows: list[dict]) -> pl.DataFrame:
    """Typed rows of an input table; what a row leaves out is null, is_synthetic is true."""
    contract = dictionary.input_tables()[table]
    schema = {column.name: dictionary.polars_type(contract, column.name) for column in dictionary.columns(contract)}
    full = [{"is_synthetic": True, **row} for row in rows]
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in full], schema=schema)


def modelled(
    frames: Mapping[str, pl.DataFrame], standards: list[standard.Standard] | None = None, *wanted: str
) -> duckdb.DuckDBPyConnection:
    """The models over input frames, in memory; by default the one standard under its default readings.

    All models, or the wanted ones with what they rest on.
    """
    con = duckdb.connect(config={"threads": 1})
    for name in dictionary.input_tables():
        con.register(name, frames.get(name, typed(name, [])).to_arrow())
    county_years = frames["school"].select("county_code", "stat_year").unique()
    county_years = county_years.with_columns(is_provisional=pl.lit(value=False), is_stale=pl.lit(value=False))
    con.register("county_year", county_years.to_arrow())
    chosen = standards or [standard.choose(standard.load_all((STANDARD,))[0])]
    if not wanted:
        model.build(con, chosen)
        return con
    model.add_given(con, chosen)
    for name in made_for(wanted):
        con.execute(f"create table {name} as {model.models()[name]}")
    return con


@functools.cache
def made_for(wanted: tuple[str, ...]) -> list[str]:
    """Models with all that they rest on, each after what it reads."""
    needed = set(wanted)
    for name in reversed(model.models()):
        needed |= model.reads(model.models()[name]) if name in needed else set()
    return [name for name in model.models() if name in needed]


def golden_frames(case: str) -> dict[str, pl.DataFrame]:
    """The input tables of a golden county, read and typed by the pipeline's own intake."""
    from transforms.intake import findings, gather, land

    folder = TESTS / "golden" / case / "2023"
    gathered = gather.gather([land.land(path, folder, None) for path in sorted(folder.iterdir())], 2023)
    batch = gather.assess(gathered, 2023)
    assert findings.errors(batch.found).is_empty(), batch.found
    drop = ["source_sha256", "source_sheet", "source_row", "placed_county"]
    return {name: rows.drop(drop) for name, rows in batch.tables.items()}


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory) -> Path:
    """A warehouse with the demo county, five years, published once by all standards. Tests that change it work on a copy."""
    from transforms.synthesize import demo_county

    home = tmp_path_factory.mktemp("demo") / "home"
    demo_county.write_demo(home / "inbox")
    sequence.run_years(order_for(home, home / "inbox", *demo_county.YEARS, standard_ids=()), directly, Here())
    return home


@pytest.fixture(scope="session")
def held(tmp_path_factory) -> sequence.Outcome:
    """Two counties, of which one is published and one held. Tests that change the warehouse work on a copy."""
    return taken_in(tmp_path_factory.mktemp("held") / "home", TWO, 2023, standard_ids=())


def home_of(outcome: sequence.Outcome) -> Path:
    return outcome.release.folder.parents[1]


@pytest.fixture
def held_copy(held, tmp_path) -> Path:
    home = tmp_path / "home"
    shutil.copytree(home_of(held), home, symlinks=True)
    return home


@pytest.fixture
def demo_copy(demo_home, tmp_path) -> Path:
    home = tmp_path / "home"
    shutil.copytree(demo_home, home, symlinks=True)
    return home
