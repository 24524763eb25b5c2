"""Releases of small counties made from golden input files, and LibreOffice as a second calculator."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import openpyxl
import polars as pl
import pytest

from contracts import dictionary
from tests.conftest import golden_frames, modelled
from transforms.intake import findings, gather, land

COUNTY, YEAR = "990001", 2023
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""The setting by which LibreOffice calculates a workbook anew when it opens it."""


def release_of(frames: Mapping[str, pl.DataFrame], folder: Path) -> Path:
    """The folder of a release with the tables that the models make of input frames."""
    folder.mkdir(parents=True)
    con = modelled(frames)
    con.execute(f"attach '{folder / 'junheng.duckdb'}' as target")
    for name in dictionary.output_tables():
        con.execute(f"create table target.{name} as {dictionary.published_query(name)}")
    con.close()
    (folder / "manifest.json").write_text(json.dumps({"release_id": "r0001-00000000"}), encoding="utf-8")
    return folder


def changed(
    frames: Mapping[str, pl.DataFrame], table: str, where: pl.Expr, **values: object
) -> dict[str, pl.DataFrame]:
    """Input frames with some cells of a table changed."""
    rows = frames[table]
    assert rows.filter(where).height, "the change hits no row"
    cells = {
        name: pl.when(where).then(pl.lit(value, rows.schema[name])).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    }
    return {**frames, table: rows.with_columns(**cells)}


def frames_of(folder: Path) -> dict[str, pl.DataFrame]:
    """The input tables of a county's files."""
    gathered = gather.gather([land.land(path, folder, None) for path in sorted(folder.iterdir())], YEAR)
    batch = gather.assess(gathered, YEAR)
    assert findings.errors(batch.found).is_empty(), batch.found
    return {
        name: rows.drop(["source_sha256", "source_sheet", "source_row", "placed_county"])
        for name, rows in batch.tables.items()
    }


def queried(folder: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(folder / "junheng.duckdb"), read_only=True) as con:
        return con.execute(query).fetchall()


def values_of(path: Path) -> dict[tuple[str, str], object]:
    """(sheet, cell) → value as a viewer shows it that does not recalculate; empty texts left out."""
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value not in {None, ""}
    }


@pytest.fixture(scope="session")
def rooms_frames() -> dict[str, pl.DataFrame]:
    """A golden county with plain, nine-year, twelve-year and complete schools; no classes, rooms, county facts."""
    return golden_frames("v4_teaching_rooms")


@pytest.fixture(scope="session")
def rooms_release(rooms_frames, tmp_path_factory) -> Path:
    return release_of(rooms_frames, tmp_path_factory.mktemp("rooms") / "release")


@pytest.fixture(scope="session")
def ties_release(tmp_path_factory) -> Path:
    """A golden county of values on and just off their limits."""
    return release_of(golden_frames("exact_ties"), tmp_path_factory.mktemp("ties") / "release")


@pytest.fixture(scope="session")
def recalculated(tmp_path_factory) -> Callable[[Path], Path]:
    """Let LibreOffice open a workbook, calculate every formula anew, and save it."""
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "the tests of paper need LibreOffice: apt install libreoffice-calc"
    profile = tmp_path_factory.mktemp("office")
    (profile / "user").mkdir()
    (profile / "user" / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")

    def recalculated(path: Path) -> Path:
        folder = path.parent / "recalculated"
        wanted = ["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(folder), str(path)]
        subprocess.run(
            [office, f"-env:UserInstallation=file://{profile}", *wanted], check=True, capture_output=True, timeout=300
        )
        return folder / path.name

    return recalculated
