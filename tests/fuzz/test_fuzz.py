"""Mutated files of every form: never a traceback, never a hang, and no row is lost on the way.

Whatever a file holds, it ends in rows and findings: any exception but the reader's own named one is a failure, and
rows in = accepted + quarantined + skipped (load.load raises ValueError otherwise).
"""

import faulthandler
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import TESTS
from tests.fuzz import mutate
from transforms.intake import findings, gather, land, load
from warehouse import store

BASE = TESTS / "intake" / "base"
SECONDS, HANG = 10, 300
"""Of the processor's time a small file may take; of the clock's, after which the test run is ended with a traceback."""
PROFILE = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
files = st.tuples(st.sampled_from(range(len(mutate.kinds()))), st.integers(0, 2**63))


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """An inbox and a store that all examples share, and a count of how they ended."""
    inbox = tmp_path_factory.mktemp("fuzz") / "2023"
    inbox.mkdir()
    with store.connect(inbox.parent / "home") as con:
        yield inbox, con, Counter()


def take_in(inbox: Path, con, ends: Counter, kind: int, number: int) -> None:
    """Take one mutated file in, a form without codes beside the school sheet; load what is accepted, word what is found."""
    seed, level = mutate.kinds()[kind]
    name, content = mutate.mutated(seed, level, number)
    if seed.form != "csv":
        (inbox / "school.csv").write_bytes((BASE / "school.csv").read_bytes())
    (inbox / name).write_bytes(content)
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
        for path in inbox.iterdir():
            path.unlink()
    assert time.process_time() - begun < SECONDS
    kept = sum(bound.rows.height + bound.skipped_rows for bound in gathered.bounds)
    assert counts["rows_in"] == kept == sum(counts[f"rows_{end}"] for end in ("accepted", "quarantined", "skipped"))
    of_rows = said.filter(said["rule"] != "shared_fault")
    assert of_rows["source_file"].null_count() == 0 and said["message_zh"].null_count() == 0
    ends[seed.form, level, "read right" if findings.errors(batch.found).is_empty() else "named errors"] += 1


def told(ends: Counter) -> str:
    lines = [f"{form:<16}{level:<8}{end:<14}{count:>6}" for (form, level, end), count in sorted(ends.items())]
    return "\n".join(["", *lines, f"{'all':<38}{ends.total():>6}"])


@settings(max_examples=300, derandomize=True, **PROFILE)
@given(file=files)
def test_a_mutated_file_ends_in_rows_and_findings(scene, file):
    take_in(*scene, *file)


@pytest.mark.slow
def test_five_thousand_mutated_files(scene, capsys):
    begun = time.monotonic()

    @settings(max_examples=5_000, **PROFILE)
    @given(file=files)
    def run(file):
        take_in(*scene, *file)

    run()
    with capsys.disabled():
        print(told(scene[2]), f"in {time.monotonic() - begun:.0f} s")
