"""What BI tools open: types they know, labels inside, whole folders, a pointer that moves once."""

import json
import re

import duckdb
import pyarrow.parquet as pq
import pytest

from contracts import dictionary, standard
from warehouse import package, release

TABLES = dictionary.output_tables()
OF_SCHOOLS = "scope not in ('county', 'subject')"
RESTS_ON_SCHOOLS = {
    **dict.fromkeys(("fact_measure", "fact_result", "fact_history"), OF_SCHOOLS),
    "fact_county_item": "item_code in ('G3', 'G4', 'G5', 'G6', 'G9', 'G12', 'G13', 'Q4')",
    "fact_county_component": "part = 'resources'",
    "fact_county_part": "part in ('resources', 'overall')",
    "fact_verdict_robustness": "part in ('resources', 'overall')",
    "fact_obstacle": OF_SCHOOLS,
    "fact_county_condition": "false",
    "fact_county_figure": "false",
    "mart_region_item": "part = 'resources'",
    "fact_commitment": "item_code in ('G4', 'G5')",
}
"""Table → the rows that rest on made-up schools; the county facts of 2023 are real, printed ones."""
PHYSICAL = {"INT32", "INT64", "DOUBLE", "BOOLEAN", "BYTE_ARRAY"}
LOGICAL = {"None", "String", "Int", "Decimal"}
DUCKDB = re.compile(r"INTEGER|BIGINT|DOUBLE|BOOLEAN|VARCHAR|DECIMAL\((\d+),\d+\)")


@pytest.mark.parametrize("table", TABLES)
def test_only_types_that_bi_tools_read(demo_home, table):
    file = pq.ParquetFile(demo_home / "latest" / "tables" / f"{table}.parquet")
    for at in range(len(file.schema)):
        column = file.schema.column(at)
        decimal = str(column.logical_type).startswith("Decimal")
        assert column.physical_type in PHYSICAL, column.name
        assert re.match(r"\w+", str(column.logical_type)).group() in LOGICAL, column.name
        assert not (decimal and column.precision > 18), column.name
        assert column.max_repetition_level == 0, "flat tables only"
    with duckdb.connect(str(demo_home / "latest" / "junheng.duckdb"), read_only=True) as con:
        for (kind,) in con.execute("select data_type from duckdb_columns() where table_name = ?", [table]).fetchall():
            found = DUCKDB.fullmatch(kind)
            assert found and int(found[1] or 0) <= 18, kind


@pytest.mark.parametrize("table", TABLES)
def test_label_unit_and_description_travel_inside_the_file(demo_home, table):
    schema = pq.read_schema(demo_home / "latest" / "tables" / f"{table}.parquet")
    assert schema.metadata[b"title"].decode() == dictionary.title(TABLES[table])
    assert schema.names == [column.name for column in dictionary.columns(TABLES[table])]
    for column in dictionary.columns(TABLES[table]):
        said = {key.decode(): value.decode() for key, value in schema.field(column.name).metadata.items()}
        assert (said["label"], said["unit"], said["description"]) == (column.label, column.unit, column.description)


@pytest.mark.parametrize("table", TABLES)
def test_rows_stand_in_order_of_a_unique_key(demo_home, table):
    path = demo_home / "latest" / "tables" / f"{table}.parquet"
    key = ", ".join(dictionary.key(TABLES[table]))
    rows = duckdb.execute(f"select {key} from '{path}'").fetchall()
    assert rows == sorted(rows) and len(set(rows)) == len(rows)


def test_the_database_opens_in_every_duckdb_since_one_and_has_chinese_comments(demo_home):
    path = demo_home / "latest" / "junheng.duckdb"
    assert int.from_bytes(path.read_bytes()[12:20], "little") == 64, "storage version of DuckDB 1.0"
    with duckdb.connect(str(path), read_only=True) as con:
        said = con.execute(
            "select comment from duckdb_columns() where table_name = 'fact_county_cv' and column_name = 'cv'"
        ).fetchone()
        missing = con.execute(
            "select count(*) from duckdb_columns() where comment is null and not internal"
            " and table_name in (select table_name from duckdb_tables())"
        ).fetchone()
    assert "差异系数" in said[0] and missing == (0,)


def test_the_manifest_names_hashes_inputs_standards_and_code(demo_home):
    import hashlib

    folder = (demo_home / "latest").resolve()
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert set(manifest["tables"]) == set(TABLES) == {path.stem for path in (folder / "tables").iterdir()}
    for name, said in manifest["tables"].items():
        path = folder / "tables" / f"{name}.parquet"
        assert hashlib.sha256(path.read_bytes()).hexdigest() == said["sha256"]
        assert pq.read_metadata(path).num_rows == said["rows"]
    assert [one["source_file"] for one in manifest["inputs"]] == [f"500104_{year}.xlsx" for year in range(2019, 2024)]
    assert set(manifest["standards"]) == {one.id for one in standard.load_all()} and manifest["code"]["version"]
    assert manifest["release_id"] == release.latest(demo_home)["release_id"]


@pytest.mark.parametrize(("module", "name"), [(package, "write_database"), (release, "_export")])
def test_a_disk_that_fails_while_writing_leaves_the_last_release_whole(demo_copy, monkeypatch, module, name):
    before = release.latest(demo_copy)
    with duckdb.connect(str(demo_copy / "candidate.duckdb")) as con:
        con.execute("delete from rpt_scorecard where stat_year = 2019")

    def full(*_):
        raise OSError("No space left on device")

    monkeypatch.setattr(module, name, full)
    with pytest.raises(OSError, match="No space left"):
        release.publish(demo_copy, {})
    assert release.latest(demo_copy) == before
    assert [path.name for path in (demo_copy / "releases").iterdir()] == [before["release_id"]]
    assert (demo_copy / "latest" / "manifest.json").exists()


def test_what_a_crash_left_behind_is_cleared_and_never_read(demo_copy):
    left = demo_copy / "releases" / ".tmp-1"
    (left / "tables").mkdir(parents=True)
    (left / "tables" / "fact_result.parquet").write_bytes(b"PAR1 half")
    current = release.publish(demo_copy, {})
    assert not current.is_new and not left.exists()


def test_without_the_right_to_make_links_latest_is_a_copy(demo_copy, monkeypatch):
    from pathlib import Path

    def refused(*_, **__):
        raise OSError("a required privilege is not held")

    current = release.latest(demo_copy)
    (demo_copy / "latest").unlink()
    monkeypatch.setattr(Path, "symlink_to", refused)
    release.point(demo_copy, current["release_id"], current["content_hash"])
    release.point(demo_copy, current["release_id"], current["content_hash"])
    assert (
        not (demo_copy / "latest").is_symlink() and (demo_copy / "latest" / "tables" / "fact_result.parquet").exists()
    )
    assert not list(demo_copy.glob(".latest-*"))


def test_synthetic_rows_say_so_in_every_table_that_rests_on_them(demo_home):
    with duckdb.connect(str(demo_home / "latest" / "junheng.duckdb"), read_only=True) as con:
        for table, model in TABLES.items():
            if any(column.name == "is_synthetic" for column in dictionary.columns(model)):
                rests = RESTS_ON_SCHOOLS.get(table, "true")
                wrong = con.execute(f"select count(*) from {table} where not is_synthetic and {rests}").fetchone()
                assert wrong == (0,), table
