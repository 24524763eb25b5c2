"""Mutated files of every form: never a traceback, never a hang, and no row is lost on the way.

Whatever a file holds, it ends in rows and findings: any exception but the reader's own named one is a failure, and
rows in = accepted + quarantined + skipped (load.load raises ValueError otherwise).
"""

import faulthandler
import shutil
import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import TESTS
from tests.fuzz import mutate
from transforms.intake import findings, gather, land, load
from warehouse import store

OF_COUNTY = ("shared_fault", "school_missing", "table_missing")
"""Findings that stand in no file."""
BASE = TESTS / "intake" / "base"
SECONDS, HANG = 20, 300
"""Of the processor's time that AT_ONCE small files may take; of the clock's, after which the run is ended with a traceback."""
AT_ONCE = 10
"""Files taken in together, each in a folder of its own: what one of them breaks must not break the others."""
PROFILE = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
file = st.tuples(st.sampled_from(range(len(mutate.kinds()))), st.integers(0, 2**63))
several = st.lists(file, min_size=AT_ONCE, max_size=AT_ONCE)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """An inbox and a store that all examples share, and a count of how they ended."""
    inbox = tmp_path_factory.mktemp("fuzz") / "2023"
    inbox.mkdir()
    with store.connect(inbox.parent / "home") as con:
        yield inbox, con, Counter()


def take_in(inbox: Path, con, ends: Counter, files: list[tuple[int, int]]) -> None:
    """Take mutated files in beside the school sheet, load what is accepted, word what is found."""
    (inbox / "school.csv").write_bytes((BASE / "school.csv").read_bytes())
    for at, (kind, number) in enumerate(files):
        seed, level = mutate.kinds()[kind]
        name, content = mutate.mutated(seed, level, number)
        (inbox / f"{at}").mkdir()
        (inbox / f"{at}" / name).write_bytes(content)
        ends[seed.form, level] += 1
    begun = time.process_time()
    faulthandler.dump_traceback_later(HANG, exit=True)
    try:
        landed = [land.land(path, inbox, None) for path in land.arrived(inbox)]
        gathered = gather.gather(landed, 2023)
        batch = gather.assess(gathered, 2023)
        counts = load.load(con, batch, "fuzz")
        said = findings.worded(batch.found)
    finally:
        faulthandler.cancel_dump_traceback_later()
        shutil.rmtree(inbox)
        inbox.mkdir()
    assert time.process_time() - begun < SECONDS
    kept = sum(bound.rows.height + bound.skipped_rows for bound in gathered.bounds)
    assert counts["rows_in"] == kept == sum(counts[f"rows_{end}"] for end in ("accepted", "quarantined", "skipped"))
    unplaced = said.filter(pl.col("source_file").is_null() & ~pl.col("rule").is_in(OF_COUNTY))
    assert unplaced.is_empty() and said["message_zh"].null_count() == 0


def told(ends: Counter) -> str:
    lines = [f"{form:<16}{level:<8}{count:>6}" for (form, level), count in sorted(ends.items())]
    return "\n".join(["", *lines, f"{'all':<24}{ends.total():>6}"])


@settings(max_examples=300 // AT_ONCE, derandomize=True, **PROFILE)
@given(files=several)
def test_mutated_files_end_in_rows_and_findings(scene, files):
    take_in(*scene, files)


@pytest.mark.slow
def test_five_thousand_mutated_files(scene, capsys):
    begun = time.monotonic()

    @settings(max_examples=5_000 // AT_ONCE, **PROFILE)
    @given(files=several)
    def run(files):
        take_in(*scene, files)

    run()
    with capsys.disabled():
        print(told(scene[2]), f"in {time.monotonic() - begun:.0f} s")
