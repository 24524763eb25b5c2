"""What goes back to schools: marked copies, the list, what is new, still there or closed; what a year may lack."""

import json

import openpyxl
import polars as pl
import pytest

from tests.flows.test_command import junheng
from tests.intake import books, make_books
from transforms import hand_back
from transforms.intake import findings, gather, land, suggest
from transforms.synthesize import demo_county, other_forms
from warehouse import store

FORMULA = "=cmd|'/c calc'!A1"


def county_folder(folder, *listed):
    import shutil

    shutil.copytree(make_books.HERE / "base", folder)
    for table in ("teacher", "premises"):
        (folder / f"{table}.csv").unlink()
    for row in (folder / "enrolment.csv").read_text(encoding="utf-8").splitlines():
        assert "=" not in row
    books.pack(folder / "一览表.xlsx", make_books.listing(*listed)())
    return folder


def broken(at, value, row=make_books.ONE):
    return make_books.with_cell(row, at, value)


def test_wrong_cells_are_red_with_a_comment_and_listed_first_with_links(tmp_path):
    folder = county_folder(tmp_path / "in", broken(16, FORMULA), broken(7, 97, make_books.TWO))
    said = junheng("check", *sorted(folder.iterdir()), "--workbook", "-o", tmp_path / "out", home=tmp_path)
    assert said.returncode == 3
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"问题清单.xlsx", "一览表_标注.xlsx"}
    copy = openpyxl.load_workbook(tmp_path / "out" / "一览表_标注.xlsx")
    assert copy.sheetnames == ["问题清单", "小学"]
    marked = {cell.coordinate: cell for row in copy["小学"].iter_rows() for cell in row if cell.comment}
    assert set(marked) == {"Q7", "E8"}
    assert marked["Q7"].comment.text.startswith("[not_a_whole_number]") and marked["Q7"].comment.author == "数据质检"
    assert marked["Q7"].fill.start_color.rgb.endswith("FF9999")
    assert "若「本科毕业」97 为 79，即相符" in marked["E8"].comment.text
    links = {
        row[4].value: row[4].hyperlink.location for row in copy["问题清单"].iter_rows(min_row=2) if row[4].hyperlink
    }
    assert links["Q7"] == "'小学'!Q7"
    original = openpyxl.load_workbook(folder / "一览表.xlsx")
    assert not any(cell.comment for row in original["小学"].iter_rows() for cell in row)


def test_a_text_that_looks_like_a_formula_is_never_one(tmp_path):
    folder = county_folder(tmp_path / "in", broken(16, FORMULA), make_books.TWO)
    files = [land.land(path, folder, None) for path in land.arrived(folder)]
    found = findings.worded(gather.assess(gather.gather(files, 2023), 2023).found).to_dicts()
    for path in hand_back.write(tmp_path / "out", found, files):
        for sheet in openpyxl.load_workbook(path).worksheets:
            assert not [cell.coordinate for row in sheet.iter_rows() for cell in row if cell.data_type == "f"], (
                path.name
            )


def test_names_of_files_stay_in_the_folder(tmp_path):
    taken: set[str] = set()
    for name in ("../../etc/passwd.xlsx", "..\\..\\x.xlsx", "a/b/c.xlsx", "....xlsx"):
        assert "/" not in hand_back._name(land.Landed("0", tmp_path, name, ""), taken)
    assert all(not name.startswith(".") for name in taken) and len(taken) == 4


def test_a_corrected_file_closes_its_findings(tmp_path, run):
    folder = county_folder(tmp_path / "inbox" / "2023", broken(16, "暂无"), broken(7, 97, make_books.TWO))
    with pytest.raises(Exception, match="没有一个县区年度被接收"):
        run(tmp_path / "inbox", 2023)

    def states():
        said = json.loads(junheng("findings", "--closed", "--json", home=tmp_path / "home").stdout)
        return {row["cell"]: row["state"] for row in said if row["source_file"] == "一览表.xlsx" and row["cell"]}

    assert states() == {"Q7": "new", "E8": "new"}
    books.pack(folder / "一览表.xlsx", make_books.listing(make_books.ONE, broken(7, 97, make_books.TWO))())
    with pytest.raises(Exception, match="没有一个县区年度被接收"):
        run(tmp_path / "inbox", 2023)
    assert states() == {"Q7": "closed", "E8": "still"}
    said = junheng("findings", "--workbook", home=tmp_path / "home")
    (listed,) = (tmp_path / "home" / "findings").glob("*/问题清单.xlsx")
    assert openpyxl.load_workbook(listed).sheetnames == ["汇总", "明细", "已改"], said.stderr
    books.pack(folder / "一览表.xlsx", make_books.listing()())
    run(tmp_path / "inbox", 2023)
    assert states() == {"E8": "closed"}


def test_a_fault_that_most_schools_share_is_the_templates(tmp_path):
    frames = other_forms.in_bands(demo_county.make_year(2023))
    wrong = {**frames, "premises": frames["premises"].with_columns(pl.lit(None, pl.Int32).alias("multimedia_rooms"))}
    other_forms.write_csv(tmp_path, wrong)
    files = [land.land(path, tmp_path, None) for path in land.arrived(tmp_path)]
    found = gather.assess(gather.gather(files, 2023), 2023).found.filter(rule="shared_fault")
    assert found.select("column_name", "value").rows() == [("multimedia_rooms", "28/28")]


def test_a_lost_school_and_a_lost_table_hold_the_year_until_they_are_declared(tmp_path, run):
    for year in (2022, 2023):
        frames = other_forms.in_bands(demo_county.make_year(year))
        if year == 2023:
            frames = {
                name: rows.filter(pl.col("school_code") != "2150990019") if "school_code" in rows.columns else rows
                for name, rows in frames.items()
            }
            frames = {
                name: rows.filter(pl.col("school_code") != "2150990018")
                if "school_code" in rows.columns and name != "school_link"
                else rows
                for name, rows in frames.items()
            }
            frames["finance"] = frames["finance"].clear()
        other_forms.write_csv(tmp_path / "inbox" / str(year), frames)
    outcome = run(tmp_path / "inbox", 2022, 2023)
    assert [one.counts["held"] for one in outcome.taken] == [0, 1]
    with store.connect(tmp_path / "home", read_only=True) as con:
        found = store.open_findings(con, None, 2023).filter(severity="error")
    assert sorted(found.select("rule", "value").rows()) == [
        ("school_missing", "演示金桥小学(2150990018-0)"),
        ("table_missing", "学校经费"),
    ]
    (tmp_path / "home" / "coverage.csv").write_text(
        "county_code,stat_year,what,reason,declared_by,declared_on\n"
        "500104,2023,2150990018-0,校舍重建停办一年,甲,2023-10-08\n500104,2023,finance,决算未出,甲,2023-10-08\n",
        encoding="utf-8",
    )
    (tmp_path / "inbox" / "2023" / "premises.csv").open("a").write("\n")  # a file sent again
    assert run(tmp_path / "inbox", 2023).taken[0].counts["held"] == 0


def test_a_declaration_without_a_reason_is_refused(tmp_path):
    from transforms.intake import cover

    (tmp_path / "coverage.csv").write_text(
        "county_code,stat_year,what,reason,declared_by,declared_on\n500104,2023,finance,,甲,2023\n", encoding="utf-8"
    )
    with pytest.raises(ValueError, match=r"coverage.csv:2"):
        cover.declared(tmp_path)


def test_a_correction_of_the_warehouse_is_applied_and_said(tmp_path):
    folder = county_folder(tmp_path / "in", broken(16, "4O"), make_books.TWO)
    home = tmp_path / "home"
    home.mkdir()
    head = "table_name,key,column_name,expected,replacement,reason,corrected_by,corrected_on\n"
    (home / "corrections.csv").write_text(
        head + "premises,school_code=2199000001,multimedia_rooms,4O,40,字母O误作0,甲,2023-10-08\n", encoding="utf-8"
    )
    files = [land.land(path, folder, None) for path in land.arrived(folder)]
    batch = gather.assess(gather.gather(files, 2023), 2023, home=home)
    said = findings.worded(batch.found).filter(rule="corrected").row(0, named=True)
    assert (said["cell"], said["value"]) == ("Q7", "4O") and "字母O误作0，甲，2023-10-08" in said["allowed"]
    assert batch.tables["premises"]["multimedia_rooms"].to_list() == [40, 40]


@pytest.mark.parametrize(
    ("total", "parts", "change"),
    [
        (100, {"a": 9, "b": 97, "c": 12}, ("b", 97, 79)),  # digits exchanged
        (100, {"a": 10, "b": 80, "c": 20}, ("total", 100, 110)),  # of two slips the one that is smaller in proportion
        (186, {"a": 9, "b": 77}, ("total", 186, 86)),  # one digit too many
        (90, {"a": 40, "b": 50}, None),
    ],
)
def test_the_smallest_slip_that_would_mend_a_sum(total, parts, change):
    assert suggest.mend(("total", total), parts) == change
