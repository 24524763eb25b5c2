"""Rules that hold a year against the one before: each names its own cell, or what is gone."""

import shutil

import polars as pl
import pytest

from tests.intake.make_books import HERE
from transforms.intake import gather, land
from transforms.intake.load import Batch

TABLES = ("school", "enrolment", "teacher", "premises", "finance")


def taken(folder, last_year=None) -> Batch:
    gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], 2023)
    return gather.assess(gathered, 2023, last_year)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(HERE / "base", tmp_path / "2023")
    return tmp_path / "2023"


def year_before(batch: Batch, **changed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same tables a year earlier, but for those that are changed."""
    tables = {
        name: changed.get(name, batch.tables[name]).with_columns(pl.lit(2022, pl.Int32).alias("stat_year"))
        for name in TABLES
        if name in batch.tables or name in changed
    }
    counts = [
        {"stat_year": 2022, "county_code": "990001", "table_name": name, "title": name, "table_rows": rows.height}
        for name, rows in tables.items()
        if rows.height
    ]
    schema = {"stat_year": pl.Int32, "county_code": pl.String, "table_name": pl.String, "title": pl.String}
    count = pl.DataFrame(counts, schema={**schema, "table_rows": pl.Int64})
    return {**tables, "table_count": count}


def named(batch: Batch, rule: str) -> list[tuple]:
    return sorted(batch.found.filter(rule=rule).select("source_file", "cell", "value", "allowed").rows())


def test_pupils_that_jumped_are_named_with_their_first_cell(folder):
    now = taken(folder)
    fewer = now.tables["enrolment"].with_columns(
        pl.when(pl.col("school_code") == "2199000001").then(400).otherwise(pl.col("pupils")).alias("pupils")
    )
    found = named(taken(folder, year_before(now, enrolment=fewer)), "pupils_jump")
    assert found == [("enrolment.csv", "G2", "600", "400")]


def test_a_figure_that_doubled_is_named_with_its_cell(folder):
    now = taken(folder)
    less = now.tables["premises"].with_columns((pl.col("equipment_yuan") / 3).cast(pl.Decimal(14, 2)))
    found = named(taken(folder, year_before(now, premises=less)), "figures_jump")
    assert found == [("premises.csv", "J2", "3000000", "1000000"), ("premises.csv", "J3", "3000000", "1000000")]


def test_figures_sent_again_are_named_with_the_first_cell_of_their_row(folder):
    now = taken(folder)
    found = named(taken(folder, year_before(now)), "same_as_last_year")
    assert ("teacher.csv", "F2") in {row[:2] for row in found}


def test_a_school_and_a_table_that_are_gone_are_named(folder):
    now = taken(folder)
    (folder / "premises.csv").unlink()
    for table in ("school", "enrolment", "class_size", "teacher"):
        path = folder / f"{table}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("\n".join(line for line in lines if "2199000002" not in line) + "\n", encoding="utf-8")
    batch = taken(folder, year_before(now))
    assert [row[2:] for row in named(batch, "school_missing")] == [("算例学校2(2199000002-0)", "2")]
    assert [row[2:] for row in named(batch, "table_missing")] == [("premises", "2")]


def test_a_grade_that_did_not_move_up_is_named_with_its_cell(folder):
    path = folder / "enrolment.csv"
    header, first, *rest = path.read_text(encoding="utf-8").splitlines()
    place = {name: at for at, name in enumerate(header.split(","))}
    lower, higher = first.split(","), first.split(",")
    lower[place["grade"]], higher[place["grade"]] = "5", "6"
    path.write_text("\n".join([header, ",".join(lower), ",".join(higher), *rest]) + "\n", encoding="utf-8")
    now = taken(folder)
    is_lower = (pl.col("school_code") == first.split(",")[place["school_code"]]) & (pl.col("grade") == 5)
    halved = now.tables["enrolment"].with_columns(
        pl.when(is_lower).then(pl.col("pupils") // 2).otherwise(pl.col("pupils")).alias("pupils")
    )
    found = named(taken(folder, year_before(now, enrolment=halved)), "cohort_jump")
    assert found == [("enrolment.csv", "G3", "6: 600", "5: 300")]
