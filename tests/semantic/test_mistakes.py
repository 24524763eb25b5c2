"""Clerks' mistakes in random counties: a floor under what tests/semantic/results.md says, on a sample of its own."""

import pytest

from tests.semantic import clerks, measure

SAMPLE = (9_001, 9_006)
"""Counties that neither set the limits of the screens nor stand in the table."""
SURE = {
    "万元当元 ledger in ten thousands", "元又乘一万 multiplied again", "亩当平方米 ground in mu", "漏报学校 school left out",
    "漏报一表 sheet left out", "丢小数点 point lost", "合计当本校 county's total", "重报上年全部 last year's all", "职工当教师 whole payroll",
}  # fmt: skip
RECALL, FALSE_ALARMS = 0.75, 0.10


@pytest.fixture(scope="module")
def seen():
    return measure.measure(*SAMPLE)


def test_gross_mistakes_are_seen_every_time(seen):
    planted = {kind: seen.planted[kind] for kind in SURE if seen.planted[kind]}
    assert len(planted) > len(SURE) / 2
    assert {kind: seen.found[kind] for kind in planted} == planted


def test_most_mistakes_are_seen_and_most_sound_schools_are_left_alone(seen):
    assert len(seen.planted) >= 15 and seen.sound > 100
    assert seen.recall >= RECALL
    assert seen.false_alarms <= FALSE_ALARMS


def test_a_county_is_the_same_each_time_and_each_mistake_changes_the_sheets_it_names():
    one, two = clerks.county(9_001), clerks.county(9_001)
    assert one == two
    clean = clerks.county(9_001, share=0)
    assert (
        sum(mistake is not None for mistake in clean.mistakes.values()) == 1
    )  # one at least, so that no county is without
    for code, mistake in one.mistakes.items():
        if mistake:
            assert mistake[0] in clerks.MISTAKES and mistake[1]
        else:
            assert all(one.now[code][table] for table in clerks.TABLES)
