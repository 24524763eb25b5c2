"""Files that ask for more than a machine gives, or for what is none of theirs: refused within stated time and memory."""

import subprocess
import sys
import zipfile

import pytest

from tests.intake import books, make_books
from tests.intake.make_books import ART, HEADER, ROOM, STAMP
from transforms.intake import gather, guard, land

MEGABYTE = 1 << 20


def rules(path):
    found = gather.gather([land.land(path, path.parent, None)], 2023).found
    return found.select("rule", "cell").rows()


def sheet_of(path, xml):
    return books.pack(path, books.parts({"专用教室": xml, "_版本": STAMP}))


def test_a_hundred_megabytes_of_blank_rows_are_read_in_seconds_and_little_memory(tmp_path):
    """Formatted rows to the bottom of the sheet: 1,048,573 blank rows, over 100 MB of XML in a file of some hundred KB."""
    blank = "".join(
        f'<row r="{at}" spans="1:8" s="1" customFormat="1"><c r="A{at}" s="1"/><c r="B{at}" s="1"/></row>'
        for at in range(4, guard.MAX_ROWS + 1)
    )
    xml = books.sheet_xml([HEADER, ROOM, ART]).replace("</sheetData>", f"{blank}</sheetData>")
    assert len(xml) > 80 * MEGABYTE
    path = sheet_of(tmp_path / "book.xlsx", xml)
    code = (
        "import resource, sys, time; from pathlib import Path\n"
        "from transforms.intake import gather, land\n"
        "path = Path(sys.argv[1]); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; began = time.time()\n"
        "got = gather.gather([land.land(path, path.parent, None)], 2023)\n"
        "grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before\n"
        "print(got.found['rule'].to_list(), sum(one.rows.height for one in got.bounds), grown // 1024, time.time() - began)"
    )
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, path], capture_output=True, text=True, check=True
    )
    found, rows, megabytes, seconds = said.stdout.rsplit(maxsplit=3)
    assert (found, rows) == ("[]", "2")
    assert int(megabytes) < 1_500 and float(seconds) < 120


def test_a_part_that_unpacks_far_beyond_what_it_declares_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(guard, "MAX_UNPACKED_BYTES", 4 * MEGABYTE)
    path = sheet_of(tmp_path / "bomb.xlsx", books.sheet_xml([HEADER, ROOM]) + " " * 64 * MEGABYTE)
    content = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        declared = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    path.write_bytes(content.replace(declared.to_bytes(4, "little"), (1000).to_bytes(4, "little")))
    assert rules(path) == [("over_limit", None)]


def test_an_archive_that_declares_more_than_the_limit_is_refused_unopened(tmp_path):
    path = sheet_of(tmp_path / "bomb.xlsx", books.sheet_xml([HEADER, ROOM]))
    with zipfile.ZipFile(path) as archive:
        declared = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    huge = (guard.MAX_UNPACKED_BYTES + 1).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(declared.to_bytes(4, "little"), huge))
    assert rules(path) == [("over_limit", None)]


def test_an_archive_of_too_many_parts_is_refused(tmp_path):
    many = {f"xl/media/{at}.bin": b"" for at in range(guard.MAX_MEMBERS)}
    path = books.pack(tmp_path / "many.xlsx", {**books.parts(make_books.rooms()), **many})
    assert rules(path) == [("over_limit", None)]


def test_an_oversized_file_never_reaches_the_library_that_would_mark_it(tmp_path, monkeypatch):
    """The copy that goes back is made of the texts; a refused workbook is not opened for it either."""
    import openpyxl

    from transforms import hand_back
    from transforms.intake import findings

    make, _ = make_books.FAULTS["fail/over_limit-a_cell_in_the_last_corner/book.xlsx"]
    path = books.pack(tmp_path / "book.xlsx", make())
    file = land.land(path, tmp_path, None)
    found = findings.worded(gather.gather([file], 2023).found).to_dicts()

    opened = []
    monkeypatch.setattr(openpyxl, "load_workbook", opened.append)
    paths = hand_back.write(tmp_path / "out", found, [file])
    assert opened == []
    assert [one.name for one in paths] == ["问题清单.xlsx", "book_标注.xlsx"]


def test_a_link_that_leads_out_of_the_inbox_is_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_text("stat_year\n", encoding="utf-8")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "school.csv").symlink_to(tmp_path / "secret.csv")
    found = gather.gather([land.land(path, inbox, tmp_path / "landing") for path in land.arrived(inbox)], 2023).found
    assert found["rule"].to_list() == ["unreadable_file"] and not (tmp_path / "landing").exists()


@pytest.mark.parametrize("name", ["a.csv;rm -rf", "x.$(id)", "数据.c/../sv".replace("/", "∕"), "b.csv'--"])
def test_no_part_of_a_file_s_name_leads_out_of_the_landing_folder(name, tmp_path):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / name).write_text("x", encoding="utf-8")
    (one,) = [land.land(path, inbox, tmp_path / "landing") for path in land.arrived(inbox)]
    assert one.path.parent == tmp_path / "landing" and one.path.name.startswith(one.sha256)
