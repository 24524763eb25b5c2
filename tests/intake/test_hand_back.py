"""What goes back to schools: marked copies, the list, what is new, still there or closed; what a year may lack."""

import json
import shutil

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
    """A county whose primary teachers and premises stand in a list; what the list lacks is in plain tables."""
    shutil.copytree(make_books.HERE / "base", folder)
    (folder / "premises.csv").unlink()
    teachers = pl.read_csv(folder / "teacher.csv", infer_schema=False)
    listed_there = [name for name in teachers.columns if name.endswith("_teachers") and name != "backbone_teachers"]
    is_primary = pl.col("stage") == "primary"
    rest = teachers.with_columns(pl.when(~is_primary).then(pl.col(name)).alias(name) for name in listed_there)
    rest.write_csv(folder / "teacher.csv")
    send(folder, *listed)
    return folder


def send(folder, *listed):
    books.pack(folder / "一览表.xlsx", {**make_books.listing(*listed)(), "xl/styles.xml": books.WHOLE_STYLES.encode()})


def broken(at, value, row=make_books.ONE):
    return make_books.with_cell(row, at, value)


def links(workbook):
    """Cell → where it leads to, of the list on the first sheet of a copy."""
    rows = workbook["问题清单"].iter_rows(min_row=3)
    return {cell.value: cell.hyperlink.location for row in rows for cell in row if cell.hyperlink}


def marked(folder, out):
    """The copies of a folder's files by name."""
    files = [land.land(path, folder, None) for path in land.arrived(folder)]
    found = findings.worded(gather.assess(gather.gather(files, 2023), 2023).found).to_dicts()
    return {path.name: openpyxl.load_workbook(path) for path in hand_back.write(out, found, files)}


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
    assert links(copy) == {"Q7": "'小学'!Q7", "E8": "'小学'!E8"}
    original = openpyxl.load_workbook(folder / "一览表.xlsx")
    assert not any(cell.comment for row in original["小学"].iter_rows() for cell in row)


def test_a_table_without_cells_becomes_a_workbook_whose_links_lead_to_its_rows(tmp_path):
    folder = tmp_path / "in"
    shutil.copytree(make_books.HERE / "base", folder)
    path = folder / "premises.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",3000000,", ",-3,", 1), encoding="utf-8")
    copy = marked(folder, tmp_path / "out")["premises_标注.xlsx"]
    assert links(copy) == {"J2": "'数据'!J2"}
    assert copy["数据"]["J2"].comment.text.startswith("[out_of_range] -3")
    assert copy["数据"]["J2"].value == "-3" and copy["数据"]["A1"].value == "stat_year"


def test_the_list_is_readable_every_line_is_as_high_as_its_longest_text(tmp_path):
    folder = county_folder(tmp_path / "in", broken(16, FORMULA), broken(0, "算例学校", make_books.TWO))
    books_ = marked(folder, tmp_path / "out")
    for sheet in (books_["一览表_标注.xlsx"]["问题清单"], books_["问题清单.xlsx"]["明细"]):
        head = 1 if sheet.title == "明细" else 2
        widths = [sheet.column_dimensions[cell.column_letter].width for cell in sheet[head]]
        assert sum(widths) < 240 and sheet.page_setup.fitToWidth == 1
        for row in sheet.iter_rows(min_row=head + 1):
            for cell, width in zip(row, widths, strict=True):
                lines = -(-hand_back._width(cell.value or "") // width)
                assert sheet.row_dimensions[cell.row].height >= 15 * lines, cell.coordinate


def test_what_a_school_wrote_beside_a_cell_stays_in_the_comment(tmp_path):
    folder = county_folder(tmp_path / "in", broken(16, "暂无"), make_books.TWO)
    workbook = openpyxl.load_workbook(folder / "一览表.xlsx")
    workbook["小学"]["Q7"].comment = openpyxl.comments.Comment("待核实", "教务处")
    workbook.save(folder / "一览表.xlsx")
    said = marked(folder, tmp_path / "out")["一览表_标注.xlsx"]["小学"]["Q7"].comment.text
    assert said.startswith("待核实\n[not_a_whole_number]")


def test_the_marked_copy_may_be_corrected_and_sent_in_place_of_the_file(tmp_path, run):
    folder = county_folder(tmp_path / "inbox" / "2023", broken(16, "暂无"), broken(7, 97, make_books.TWO))
    copy = marked(folder, tmp_path / "out")["一览表_标注.xlsx"]
    copy["小学"]["Q7"].value = 40
    (folder / "一览表.xlsx").unlink()
    copy.save(folder / "一览表_标注.xlsx")
    again = marked(folder, tmp_path / "again")["一览表_标注_标注.xlsx"]
    assert again.sheetnames == ["问题清单", "小学"] and set(links(again)) == {"E8"}
    assert again["小学"]["Q7"].comment is None and again["小学"]["Q7"].fill.fill_type is None
    again["小学"]["H8"].value = 79
    again.save(folder / "一览表_标注.xlsx")
    again = run(tmp_path / "inbox", 2023).taken[0]
    assert again.counts["held"] == 0, "a declaration counts for files that were read before it"


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
    send(folder, make_books.ONE, broken(7, 97, make_books.TWO))
    with pytest.raises(Exception, match="没有一个县区年度被接收"):
        run(tmp_path / "inbox", 2023)
    assert states() == {"Q7": "closed", "E8": "still"}
    said = junheng("findings", "--workbook", home=tmp_path / "home")
    (listed,) = (tmp_path / "home" / "findings").glob("*/问题清单.xlsx")
    assert openpyxl.load_workbook(listed).sheetnames == ["汇总", "明细", "已改"], said.stderr
    send(folder)
    run(tmp_path / "inbox", 2023)
    assert states() == {"E8": "closed"}


def test_a_file_that_cannot_be_read_is_listed_after_the_run_and_closed_when_it_is_mended(tmp_path, run):
    folder = tmp_path / "inbox" / "2023"
    shutil.copytree(make_books.HERE / "base", folder)
    good = (folder / "premises.csv").read_bytes()
    (folder / "premises.csv").write_bytes(b"\0\0" + good)

    def states():
        said = json.loads(junheng("findings", "--closed", "--json", home=tmp_path / "home").stdout)
        return {(row["rule"], row["source_file"]): row["state"] for row in said if row["severity"] == "error"}

    with pytest.raises(Exception, match="没有一个县区年度被接收"):
        run(tmp_path / "inbox", 2023)
    assert states() == {("unreadable_file", "premises.csv"): "new"}
    (folder / "premises.csv").write_bytes(b"\0" + good)
    with pytest.raises(Exception, match="没有一个县区年度被接收"):
        run(tmp_path / "inbox", 2023)
    assert states() == {("unreadable_file", "premises.csv"): "still"}
    (folder / "premises.csv").write_bytes(good)
    run(tmp_path / "inbox", 2023)
    assert states() == {("unreadable_file", "premises.csv"): "closed"}


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
    assert run(tmp_path / "inbox", 2023).taken[0].counts["held"] == 0


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


@pytest.mark.parametrize("is_sent_empty", [True, False])
def test_what_a_county_no_longer_sends_is_gone(tmp_path, take, is_sent_empty):
    folder = tmp_path / "inbox" / "2023"
    other_forms.write_csv(folder, other_forms.in_bands(demo_county.make_year(2023)))

    def kept() -> int:
        with store.connect(tmp_path / "home", read_only=True) as con:
            return con.execute("select count(*) from inputs.relaxation_claim").fetchone()[0]

    take(tmp_path / "inbox", 2023)
    assert kept() == 24
    claims = folder / "relaxation_claim.csv"
    head = claims.read_bytes().splitlines(keepends=True)[0]
    claims.unlink()
    if is_sent_empty:
        claims.write_bytes(head)
    assert take(tmp_path / "inbox", 2023).counts["held"] == 0
    assert kept() == 0
