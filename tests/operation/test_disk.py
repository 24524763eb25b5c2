"""A disk that fills up or turns read-only: a sentence, the last release whole, and the next run completes.

Called by name: mounting a small disk needs rights that not every machine gives.
"""

import json
import shutil
import subprocess

import pytest

from tests.flows.test_command import junheng, table_hashes
from transforms.synthesize import demo_county


def mount(*arguments) -> bool:
    return subprocess.run(["mount", *map(str, arguments)], check=False, capture_output=True).returncode == 0


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 96 MB with two years in the inbox, one of them published."""
    at = tmp_path / "disk"
    at.mkdir()
    assert mount("-t", "tmpfs", "-o", "size=96m", "junheng", at), "needs the right to mount"
    home = at / "home"
    try:
        for year in (2019, 2020):
            demo_county.write_workbook(
                home / "inbox" / str(year) / f"500104_{year}.xlsx", year, demo_county.make_year(year)
            )
        assert junheng("run", "--year", 2019, "--direct", home=home).returncode == 0
        yield home
    finally:
        subprocess.run(["umount", "-l", str(at)], check=False)


def fill(home, leave_kilobytes):
    free = shutil.disk_usage(home).free
    with (home.parent / "filler").open("wb") as file:
        left = free - leave_kilobytes * 1024
        while left > 0:
            file.write(b"\0" * min(left, 1 << 20))
            left -= 1 << 20


@pytest.mark.slow
@pytest.mark.parametrize("leave_kilobytes", [0, 256, 1500, 4000])
def test_a_full_disk_stops_with_a_sentence_and_leaves_the_last_release_whole(small_disk, leave_kilobytes):
    before = table_hashes(small_disk)
    fill(small_disk, leave_kilobytes)
    said = junheng("run", "--year", 2020, "--direct", home=small_disk)
    (small_disk.parent / "filler").unlink()
    if said.returncode != 0:
        assert "Traceback" not in said.stderr, said.stderr
        assert said.returncode == 1 and said.stderr.strip()
        assert table_hashes(small_disk) == before
    assert junheng("run", "--year", 2020, "--direct", home=small_disk).returncode == 0
    manifest = json.loads((small_disk / "latest" / "manifest.json").read_text("utf-8"))
    assert manifest["tables"]["dim_county_year"]["rows"] == 2


@pytest.mark.slow
def test_a_read_only_disk_is_said_and_can_still_be_read_from(small_disk):
    disk = small_disk.parent
    assert mount("-o", "remount,ro", disk)
    said = junheng("run", "--year", 2020, "--direct", home=small_disk)
    assert said.returncode == 1 and "Traceback" not in said.stderr, said.stderr
    shown = junheng("verdict", "--county", "500104", "--year", 2019, home=small_disk)
    assert shown.returncode == 0, shown.stderr
    assert mount("-o", "remount,rw", disk)
    assert junheng("run", "--year", 2020, "--direct", home=small_disk).returncode == 0
