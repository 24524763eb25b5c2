"""Provinces hand over what they accepted; the union of their shards is the nation, as one run over all would be."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from flows.cli import app
from tests.conftest import TESTS
from transforms import export_inputs
from warehouse import release

TWO = TESTS / "flows" / "two_counties"


@pytest.fixture
def provinces(demo_home, tmp_path, run) -> dict[str, Path]:
    """One takes in a workbook, the other plain tables, of which one county is held; each has a warehouse of its own."""
    (tmp_path / "50" / "2023").mkdir(parents=True)
    shutil.copy(demo_home / "inbox" / "2023" / "500104_2023.xlsx", tmp_path / "50" / "2023")
    run(tmp_path / "50", home=tmp_path / "home-50")
    run(TWO, home=tmp_path / "home-99")
    return {"50": tmp_path / "home-50", "99": tmp_path / "home-99"}


def test_the_union_of_two_shards_is_one_run_over_all(provinces, tmp_path, run):
    nation = tmp_path / "nation"
    exported = {name: export_inputs.write(home, nation, name) for name, home in provinces.items()}
    union = run(nation, home=tmp_path / "home-nation")
    everything = tmp_path / "everything" / "2023"
    shutil.copytree(TWO / "2023", everything)
    shutil.copy(tmp_path / "50" / "2023" / "500104_2023.xlsx", everything)
    whole = run(everything.parent, home=tmp_path / "home-whole")
    assert union.release.content_hash == whole.release.content_hash
    assert release.latest(tmp_path / "home-nation")["content_hash"] != release.latest(provinces["50"])["content_hash"]
    assert exported["50"].left_out == []
    assert exported["99"].left_out == [("990002", 2023, "扣留 held")]
    assert union.taken[0].counts["rows_accepted"] == sum(sum(one.rows.values()) for one in exported.values())


def test_a_row_of_the_nation_is_followed_to_the_cells_of_its_county(provinces, tmp_path):
    export_inputs.write(provinces["50"], tmp_path / "nation", "50")
    rows = pl.read_parquet(tmp_path / "nation" / "2023" / "50" / "teacher.parquet")
    sources = pl.read_parquet(tmp_path / "nation" / "sources" / "2023" / "50" / "teacher.parquet")
    assert sources["row_no"].to_list() == list(range(1, rows.height + 1))
    book = pl.read_excel(tmp_path / "50" / "2023" / "500104_2023.xlsx", sheet_name="专任教师", infer_schema_length=0)
    for exported, source in zip(rows.rows(named=True), sources.rows(named=True), strict=True):
        assert (source["source_file"], source["source_sheet"]) == ("500104_2023.xlsx", "专任教师")
        cells = book.row(source["source_row"] - 2)
        assert {exported["school_code"], exported["stage"]} & set(cells)


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
