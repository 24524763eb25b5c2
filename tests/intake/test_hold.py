"""Which county-years an error holds: its own, else that of its school, else all of its file."""

import shutil

import pytest

from tests.conftest import TESTS
from transforms.intake import gather, land, load

BASE = TESTS / "intake" / "base"


@pytest.fixture
def inbox(tmp_path):
    """Two counties in the same files: 990001 as it is, 990002 with codes of its own."""
    folder = tmp_path / "2023"
    shutil.copytree(BASE, folder)
    for path in folder.iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        other = [line.replace(",990001,21990000", ",990002,21980000") for line in lines[1:]]
        path.write_text("\n".join([*lines, *other]) + "\n", encoding="utf-8")
    return folder


def held(folder):
    gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], 2023)
    return load.held_counties(gather.assess(gathered, 2023))


def edit(path, old, new, count=1):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, count), encoding="utf-8")


def test_nothing_is_held_without_an_error(inbox):
    assert held(inbox) == set()


def test_an_error_holds_its_own_county_alone(inbox):
    edit(inbox / "premises.csv", "2023,990002,2198000001,0,5000", "2023,990002,2198000001,0,-5000")
    assert held(inbox) == {"990002"}


def test_a_row_whose_county_cannot_be_read_is_placed_by_its_school(inbox):
    edit(inbox / "premises.csv", "2023,990002,2198000001", "2023,九九,2198000001")
    assert held(inbox) == {"990002"}


def test_a_row_without_county_and_known_school_holds_every_county_of_its_file(inbox):
    edit(inbox / "premises.csv", "2023,990002,2198000001", "2023,,2188888888")
    assert held(inbox) == {"990001", "990002"}


def test_a_fault_of_a_header_holds_every_county_of_the_file(inbox):
    edit(inbox / "premises.csv", "multimedia_rooms", "rooms")
    assert held(inbox) == {"990001", "990002"}


def test_a_fault_of_a_header_in_one_county_s_file_leaves_the_other_county(inbox, tmp_path):
    for code in ("990001", "990002"):
        shutil.copytree(inbox, tmp_path / "apart" / "2023" / code)
        for path in (tmp_path / "apart" / "2023" / code).iterdir():
            lines = path.read_text(encoding="utf-8").splitlines()
            kept = [line for line in lines[1:] if f",{code}," in line]
            path.write_text("\n".join([lines[0], *kept]) + "\n", encoding="utf-8")
    edit(tmp_path / "apart" / "2023" / "990001" / "premises.csv", "multimedia_rooms", "rooms")
    assert held(tmp_path / "apart" / "2023") == {"990001"}


def test_left_out_rows_leave_their_site_without_numbers_and_an_unknown_site_leaves_the_county_so(inbox):
    """Accepted with a row missing, a sum must not look whole."""
    edit(inbox / "enrolment.csv", "2023,990002,2198000002,0,primary,1,", "2023,990002,2198000002,0,大学,1,")
    edit(inbox / "teacher.csv", "2023,990002,2198000001,", "2023,990002,21980,")
    gathered = gather.gather([land.land(path, inbox, None) for path in land.arrived(inbox)], 2023)
    batch = gather.assess(gathered, 2023)
    pupils, left = load.without_failures("enrolment", batch.tables["enrolment"], batch.found, {"990002"})
    assert left == 1
    found = {(row["school_code"], row["stage"]): row["pupils"] for row in pupils.to_dicts()}
    assert found["2198000002", "junior"] is None and found["2198000001", "primary"] == 600
    assert found["2199000002", "junior"] == 400
    teachers, left = load.without_failures("teacher", batch.tables["teacher"], batch.found, {"990002"})
    assert left == 1
    by_county = {county: set(rows["full_time_teachers"]) for (county,), rows in teachers.group_by("placed_county")}
    assert by_county == {"990001": {100, 98, 88}, "990002": {None}}
