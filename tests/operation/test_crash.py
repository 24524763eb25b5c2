"""A run killed anywhere is completed by the next one, to the same bytes; a reader never sees half a release."""

import contextlib
import datetime
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from flows import steps
from tests.flows.test_command import junheng, table_hashes
from transforms.synthesize import demo_county
from warehouse import release

KILLS = 20
CHAIN = 4


class Reader(threading.Thread):
    """Opens latest over and over, as a BI tool would, and holds every table against the manifest beside it."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.home, self.reads, self.torn, self.stop = home, 0, [], threading.Event()

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                current = json.loads((self.home / "latest.json").read_text("utf-8"))
                folder = self.home / current["path"]
                manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
                for name, table in manifest["tables"].items():
                    content = (folder / "tables" / f"{name}.parquet").read_bytes()
                    assert hashlib.sha256(content).hexdigest() == table["sha256"], name
                assert manifest["release_id"] == current["release_id"]
                linked = json.loads((self.home / "latest" / "manifest.json").read_text("utf-8"))
                assert len(linked["tables"]) == len(manifest["tables"])
            except (OSError, ValueError, AssertionError, KeyError) as problem:
                self.torn.append(repr(problem))
            self.reads += 1
            time.sleep(0.01)


def begin(home: Path) -> subprocess.Popen:
    command = [sys.executable, "-m", "flows.cli", "backfill", "2019", "2023", "--direct", "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)


def kill(process: subprocess.Popen) -> None:
    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture(scope="module")
def before(tmp_path_factory) -> Path:
    """A warehouse with one year published and five in the inbox."""
    home = tmp_path_factory.mktemp("before") / "home"
    demo_county.write_demo(home / "inbox")
    assert junheng("run", "--year", 2019, "--direct", home=home).returncode == 0
    return home


@pytest.fixture(scope="module")
def undisturbed(before, tmp_path_factory) -> tuple[dict, float]:
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    shutil.copytree(before, home, symlinks=True)
    begun = time.monotonic()
    assert begin(home).wait() == 0
    return table_hashes(home), time.monotonic() - begun


@pytest.mark.slow
def test_a_backfill_killed_at_random_moments_ends_in_the_same_bytes(before, undisturbed, tmp_path):
    """Twenty kills in all, a chain of them in each warehouse: what the next run finds is what the kills before it left."""
    expected, seconds = undisturbed
    randomly, kills, reads = random.Random(2023), 0, 0
    while kills < KILLS:
        home = tmp_path / f"home{kills}"
        shutil.copytree(before, home, symlinks=True)
        reader = Reader(home)
        reader.start()
        moments = []
        for _ in range(CHAIN):
            process = begin(home)
            moments.append(randomly.uniform(0.02, 0.98) * seconds)
            time.sleep(moments[-1])
            kills += process.poll() is None
            kill(process)
        code = begin(home).wait()
        reader.stop.set()
        reader.join()
        assert code == 0, f"after kills at {moments} s"
        assert table_hashes(home) == expected, f"after kills at {moments} s"
        assert reader.torn == [], f"after kills at {moments} s: {reader.torn[:3]}"
        assert not list((home / "releases").glob(".tmp-*")) and not list(home.glob(".latest-*"))
        assert len(release.ids(home)) == 2, "one release before, one after, whatever happened in between"
        reads += reader.reads
        shutil.rmtree(home)
    print(f"{kills} kills, {reads} reads, 0 torn")
    assert reads > kills


STEPS = ("land_files", "read_files", "check_rows", "load_rows", "build_candidate", "pass_gate", "publish")
DIES_BEFORE = """
import os, signal, sys
from flows import cli, steps
step = getattr(steps, {name!r})
def dying(*arguments):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(steps, {name!r}, dying)
sys.argv = ["junheng", "run", "--year", "2020", "--direct", "--home", {home!r}]
cli.main()
"""


def slow_but(often: str, names) -> list:
    """One case for every run of the tests; the others are called by name."""
    return [one if one == often else pytest.param(one, marks=pytest.mark.slow) for one in names]


@pytest.mark.parametrize("step", slow_but("publish", STEPS))
def test_a_run_killed_before_a_step_is_completed_by_the_next(step, before, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(before, home, symlinks=True)
    first = json.loads((home / "latest.json").read_text("utf-8"))
    killed = subprocess.run(
        [sys.executable, "-c", DIES_BEFORE.format(name=step, home=str(home))], check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-500:]
    assert json.loads((home / "latest.json").read_text("utf-8")) == first
    said = junheng("run", "--year", 2020, "--direct", "--json", home=home)
    assert said.returncode == 0, said.stderr
    assert [
        row["stat_year"] for row in json.loads(said.stdout)["verdicts"] if row["standard_id"].startswith("quality")
    ] == [2020]


INSIDE = {
    "a load in its transaction": ("warehouse.store", "_write_states"),
    "a model half built": ("transforms.model", "add_dictionary"),
    "an export half written": ("warehouse.package", "write_database"),
    "a release not yet pointed to": ("warehouse.release", "point"),
}
DIES_INSIDE = """
import os, signal, sys, importlib
from flows import cli
module = importlib.import_module({module!r})
def dying(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, {name!r}, dying)
sys.argv = ["junheng", "run", "--year", "2020", "--direct", "--home", {home!r}]
cli.main()
"""


@pytest.mark.parametrize("moment", slow_but("a load in its transaction", INSIDE))
def test_a_run_killed_inside_leaves_the_last_release_and_never_counts_twice(moment, before, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(before, home, symlinks=True)
    first = table_hashes(home)
    module, name = INSIDE[moment]
    code = DIES_INSIDE.format(module=module, name=name, home=str(home))
    killed = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()[-500:]
    assert table_hashes(home) == first
    is_loaded = moment != "a load in its transaction"
    assert steps.years_unfinished(home) == ((2020,) if is_loaded else ()), "what the hourly intake takes up again"
    assert junheng("run", "--year", 2020, "--direct", home=home).returncode == 0
    twice = junheng("run", "--year", 2020, "--direct", "--json", home=home)
    assert json.loads(twice.stdout)["is_new"] is False
    assert steps.years_unfinished(home) == () and len(release.ids(home)) == 2


def test_two_runs_at_once_one_waits_for_nobody_and_says_who_holds(before, tmp_path):
    home = tmp_path / "home"
    shutil.copytree(before, home, symlinks=True)
    process = begin(home)
    try:
        for _ in range(100):
            if (home / "junheng.lock").exists() and (home / "junheng.lock").read_text("utf-8"):
                break
            time.sleep(0.05)
        said = junheng("run", "--year", 2020, "--direct", home=home)
        assert said.returncode == 1 and "backfill" in said.stderr and str(process.pid) in said.stderr
    finally:
        process.wait()


class Yesterday(datetime.datetime):
    """A clock that is two days late."""

    @classmethod
    def now(cls, tz=None):
        return super().now(tz) - datetime.timedelta(days=2)


def test_a_clock_that_went_backwards_changes_nothing(before, tmp_path, monkeypatch):
    """Neither what is published nor which release is current hangs on the time."""
    homes = [tmp_path / "now", tmp_path / "past"]
    for home in homes:
        shutil.copytree(before, home, symlinks=True)
        assert junheng("run", "--year", 2020, "--direct", home=home).returncode == 0
        monkeypatch.setattr(release.datetime, "datetime", Yesterday)
        for path in (homes[1].parent / "past" / "inbox").rglob("*.xlsx"):
            os.utime(path, (time.time() - 48 * 3600,) * 2)
    assert table_hashes(homes[0]) == table_hashes(homes[1])
    newest, oldest = release.ids(homes[1])
    told = [release.manifest_in(homes[1] / "releases" / one)["created_at"] for one in (newest, oldest)]
    assert told[0] < told[1], "the newer release was made at an earlier time"
    assert release.latest(homes[1])["release_id"] == newest
