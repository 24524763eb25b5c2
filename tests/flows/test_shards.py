"""Provinces hand over what they accepted; the union of their shards is the nation, as one run over all would be."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from flows import sequence
from flows.cli import app
from tests.conftest import TWO, directly, order_for, released
from transforms import export_inputs
from transforms.synthesize import demo_county

BOOK = "500104_2023.xlsx"


@pytest.fixture(scope="module")
def inboxes(tmp_path_factory) -> dict[str, Path]:
    """One province has a workbook, the other plain tables, of which one county is held."""
    at = tmp_path_factory.mktemp("shards")
    demo_county.write_demo(at / "demo")
    (at / "50" / "2023").mkdir(parents=True)
    shutil.copy(at / "demo" / "2023" / BOOK, at / "50" / "2023")
    return {"50": at / "50", "99": TWO}


@pytest.fixture(scope="module")
def provinces(inboxes, tmp_path_factory) -> dict[str, Path]:
    """A warehouse for each province, its files taken in."""
    homes = {name: tmp_path_factory.mktemp(f"home-{name}") for name in inboxes}
    for name, inbox in inboxes.items():
        sequence.take_year(order_for(homes[name], inbox), directly)
    return homes


def test_the_union_of_two_shards_is_one_run_over_all(provinces, inboxes, tmp_path, run):
    nation = tmp_path / "nation"
    exported = {name: export_inputs.write(home, nation, name) for name, home in provinces.items()}
    union = run(nation, home=tmp_path / "home-nation")
    everything = tmp_path / "everything" / "2023"
    shutil.copytree(TWO / "2023", everything)
    shutil.copy(inboxes["50"] / "2023" / BOOK, everything)
    whole = run(everything.parent, home=tmp_path / "home-whole")
    assert union.release.content_hash == whole.release.content_hash
    with released(union) as con:
        assert con.execute("select county_code from dim_county_year order by 1").fetchall() == [
            ("500104",),
            ("990001",),
        ]
    assert exported["50"].left_out == []
    assert exported["99"].left_out == [("990002", 2023, "扣留 held")]
    assert union.taken[0].counts["rows_accepted"] == sum(sum(one.rows.values()) for one in exported.values())


def test_a_row_of_the_nation_is_followed_to_the_cells_of_its_county(provinces, inboxes, tmp_path):
    export_inputs.write(provinces["50"], tmp_path / "nation", "50")
    rows = pl.read_parquet(tmp_path / "nation" / "2023" / "50" / "teacher.parquet")
    sources = pl.read_parquet(tmp_path / "nation" / "sources" / "2023" / "50" / "teacher.parquet")
    assert sources["row_no"].to_list() == list(range(1, rows.height + 1))
    book = pl.read_excel(inboxes["50"] / "2023" / BOOK, sheet_name="专任教师", infer_schema_length=0)
    for exported, source in zip(rows.rows(named=True), sources.rows(named=True), strict=True):
        assert (source["source_file"], source["source_sheet"]) == (BOOK, "专任教师")
        assert exported["school_code"] in book.row(source["source_row"] - 2)


def test_the_same_inputs_are_the_same_files_and_half_a_file_is_never_seen(provinces, tmp_path):
    first, second = (export_inputs.write(provinces["50"], tmp_path / name, "50") for name in ("a", "b"))
    assert [one.read_bytes() for one in first.files] == [one.read_bytes() for one in second.files]
    assert {one.suffix for one in (tmp_path / "a").rglob("*") if one.is_file()} == {".parquet"}


def test_the_command_names_what_it_leaves_out(provinces, tmp_path):
    from typer.testing import CliRunner

    said = CliRunner().invoke(
        app, ["export-inputs", "--home", str(provinces["99"]), "-o", str(tmp_path / "out"), "--name", "99"]
    )
    assert said.exit_code == 0
    assert "990002 2023 扣留 held" in said.output
    assert not (tmp_path / "out" / "2023" / "99" / "special_room.parquet").exists()
    said = CliRunner().invoke(
        app, ["export-inputs", "--home", str(provinces["99"]), "-o", str(tmp_path / "out"), "--name", "../99"]
    )
    assert said.exit_code == 2


def test_nothing_accepted_is_nothing_exported(provinces, tmp_path):
    with pytest.raises(LookupError):
        export_inputs.write(provinces["99"], tmp_path, "99", counties=["990002"])
