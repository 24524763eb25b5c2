"""A large sheet read column by column is the same, cell for cell, as one read cell by cell; what could differ is not read so."""

import random

import pytest

from contracts import dictionary
from contracts.fields import failing
from tests.conftest import typed
from tests.intake import books
from tests.intake.books import Raw
from transforms.intake import guard, land, read, read_large

VALUES = [
    0, 1, -3, 2.5, 1e-7, 4567.8, 123456789012, 1e15, 1e23, 99999999999999990000, "", " ", "x", "3.0", "暂无", "=1+1", "007", "1e5", None, None,
]  # fmt: skip


def sheet(path, rows, monkeypatch, merged=""):
    """The sheet as it is read at once, and as it is read when it counts as large; whether the quick way was taken."""
    file = land.land(books.pack(path, books.parts({"表": books.sheet_xml(rows, merged)})), path.parent, None)
    (slow,) = read.read(file)
    taken = []
    quick = read_large.body
    monkeypatch.setattr(read_large, "LARGE_BYTES", 0)
    monkeypatch.setattr(read_large, "body", lambda *at: taken.append(at) or quick(*at))
    (fast,) = read.read(file)
    return slow, fast, bool(taken)


@pytest.mark.parametrize("number", range(8))
def test_numbers_and_texts_are_read_alike_whichever_way(number, tmp_path, monkeypatch):
    dice = random.Random(number)
    kinds = [VALUES, [1, 2, 3], ["a", "b"], [1.5, None], [0.1, 7, "暂无"], [None]]
    columns = [dice.choice(kinds) for _ in range(6)]
    rows = [["名", *"abcde"], *([dice.choice(one) for one in columns] for _ in range(dice.randint(70, 120)))]
    rows[-1][0] = "合计"
    slow, fast, is_quick = sheet(
        tmp_path / "a.xlsx", rows, monkeypatch, '<mergeCells count="1"><mergeCell ref="B1:C1"/></mergeCells>'
    )
    assert is_quick
    assert fast.cells.equals(slow.cells)
    assert (fast.merged, fast.notes) == (slow.merged, slow.notes) and fast.merged


@pytest.mark.parametrize(
    "odd",
    [True, Raw('<c r="{at}" t="e"><v>#DIV/0!</v></c>'), Raw('<c r="{at}" s="1"><v>45170</v></c>'), Raw('<c r="{at}" t="d"><v>2023-09-01</v></c>'), -0.0],
    ids=["yes_or_no", "error", "dated", "date_in_words", "less_than_nothing"],
)  # fmt: skip
def test_a_sheet_with_other_kinds_of_cells_is_read_cell_by_cell(odd, tmp_path, monkeypatch):
    rows = [["a", "b"], *([1.0, "x"] for _ in range(80)), [odd, "x"], ["z", "y"]]
    slow, fast, is_quick = sheet(tmp_path / "a.xlsx", rows, monkeypatch)
    assert fast.cells.equals(slow.cells) and fast.notes == slow.notes
    assert is_quick == isinstance(odd, float)


def test_columns_that_every_row_may_fill_stay_within_the_cells_that_are_held():
    assert guard.column_number(b"AU") * guard.MAX_ROWS <= guard.MAX_CELLS
    assert guard.ODD_CELL.search(b'<c r="AU9"') is None
    assert all(guard.ODD_CELL.search(one) for one in (b'<c r="AV9"', b"<c>", b'<c s="1" r="A1"', b"<c\tr='A1'"))


def test_a_contract_names_its_columns_without_its_schema():
    for name, model in dictionary.input_tables().items():
        assert dictionary.column_names(model) == {one.name for one in dictionary.columns(model)}, name


def test_a_contract_is_checked_without_pandas_and_still_says_what_fails():
    model = dictionary.input_tables()["special_room"]
    row = {"stat_year": 2023, "county_code": "990001", "school_code": "21", "campus_no": 0, "room_no": "1", "room_kind": "music", "area_m2": -5}  # fmt: skip
    cases = failing(model, typed("special_room", [row]))
    assert cases is not None
    assert {(one["column"], one["check"].split("(")[0]) for one in cases.to_dicts()} >= {
        ("school_code", "str_matches"), ("area_m2", "greater_than_or_equal_to"),
    }  # fmt: skip
