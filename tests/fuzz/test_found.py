"""What mutated files once brought down, each as small as it gets."""

from tests.conftest import TESTS
from tests.intake import books
from transforms.intake import findings, gather, land

LIST = TESTS / "intake" / "pass" / "county_list-merged_headers_and_a_row_of_sums" / "一览表.xlsx"


def assessed(folder):
    gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], 2023)
    return gathered, gather.assess(gathered, 2023)


def test_a_table_whose_headers_are_gone_has_no_rows_and_every_finding_names_its_file(tmp_path):
    (tmp_path / "class_size.csv").write_text("2023,990001,2199000001,0\n2023,990001,2199000001,0\n", encoding="utf-8")
    gathered, batch = assessed(tmp_path)
    assert [bound.skipped_rows for bound in gathered.bounds] == [1]
    assert batch.found["source_file"].unique().to_list() == ["class_size.csv"]
    assert {"unknown_header", "missing_header"} <= set(batch.found["rule"])
    assert findings.worded(batch.found)["message_zh"].null_count() == 0


def test_two_sheets_of_one_name_are_two_sheets(tmp_path):
    for name in ("school", "enrolment"):
        content = (TESTS / "intake" / "base" / f"{name}.csv").read_bytes()
        (tmp_path / f"{name}.csv").write_bytes(content)
    other = books.sheet_xml([["说明", "本表"], ["一", "二"]])
    members = books.parts({"小学": other, "填表": other})
    members["xl/workbook.xml"] = members["xl/workbook.xml"].replace("填表".encode(), "小学".encode())
    books.pack(tmp_path / "一览表.xlsx", members)
    _, batch = assessed(tmp_path)
    assert batch.found.filter(source_file="一览表.xlsx").height > 0
