"""Planted mistakes in 200 random schools: how many are seen, how many sound schools are suspected, as a table."""

from collections import Counter

import polars as pl

from tests.conftest import typed
from tests.semantic import mistakes
from transforms.intake import gather, land

SEEDS = range(1, 6)
FLOOR, CEILING = 0.85, 0.05
"""At least so many of the planted mistakes are seen; at most so many of the sound schools are suspected."""


def flagged(planted: mistakes.Planted, folder) -> set[str]:
    """The schools with any finding; one that last year had and this year lacks is seen by whatever says so."""
    folder.mkdir(parents=True)
    frames = {}
    for years, kept in ((planted.now, True), (planted.before, False)):
        for table in ("school", "enrolment", "class_size", "teacher", "premises"):
            rows = typed(table, [row for school in years.values() for row in school[table]])
            if kept:
                rows.write_csv(folder / f"{table}.csv")
            else:
                frames[table] = rows
    gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], 2023)
    found = gather.assess(gathered, 2023, frames).found
    assert found.filter(pl.col("rule").is_in(["unreadable_file", "unknown_header"])).is_empty()
    return set(found["school_code"].drop_nulls())


def test_planted_mistakes_are_seen_and_sound_schools_are_left_alone(tmp_path, capsys):
    planted, seen, suspected, sound = Counter(), Counter(), 0, 0
    for seed in SEEDS:
        county = mistakes.county(seed)
        schools = flagged(county, tmp_path / str(seed))
        for code, mistake in county.mistakes.items():
            if mistake is None:
                sound, suspected = sound + 1, suspected + (code in schools)
            else:
                planted[mistake] += 1
                seen[mistake] += code in schools
    lines = [f"{name:<32}{seen[name]:>4} of {planted[name]:>4}" for name in mistakes.MISTAKES]
    whole = f"{'all':<32}{seen.total():>4} of {planted.total():>4} ({seen.total() / planted.total():.0%})"
    with capsys.disabled():
        print(
            "\n"
            + "\n".join(
                [
                    *lines,
                    whole,
                    f"{'sound schools suspected':<32}{suspected:>4} of {sound:>4} ({suspected / sound:.0%})",
                ]
            )
        )
    assert sum(planted.values()) + sound == 200
    assert seen.total() >= FLOOR * planted.total()
    assert suspected <= CEILING * sound
