"""What the two READMEs show is what the demo gives, and both say the same."""

import re

import duckdb
import pytest

from tests.conftest import TESTS
from transforms import summarise

TEXTS = {name: (TESTS.parent / name).read_text("utf-8") for name in ("README.md", "README.zh.md")}


def cells_of(name):
    return [re.split(r"\s*│\s*", line.strip("│ ")) for line in TEXTS[name].splitlines() if line.startswith("│ 20")]


@pytest.mark.parametrize("name", TEXTS)
def test_the_verdicts_are_the_demo_s(name, demo_home):
    rows = summarise.verdicts(demo_home / "latest", [2022, 2023])
    assert [cells for cells in cells_of(name) if len(cells) == 7] == [
        [
            str(row["stat_year"]), row["county_name"], row["resource_verdict_text"],
            *(f"{row[f'{part}_met']}/{row[f'{part}_components']} {row[f'{part}_verdict_text']}" for part in ("government", "quality")),
            f"{row['overall_verdict_text']}（{row['robustness_text']}）", f"{row['obstacles']} 处",
        ]
        for row in rows
        if row["standard_id"] == "quality-balance-2017"
    ]  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_the_table_is_the_demo_s(name, demo_home):
    shown = [cells for cells in cells_of(name) if len(cells) == 10]
    rows = summarise.resource_part(demo_home / "latest", [])
    assert shown == [
        [
            str(row["stat_year"]), row["county_name"], str(row["schools"]), str(row["sites"]), str(row["units"]),
            f"{row['pupils']:,}", f"{row['units_met']}/{row['units']}", f"{row['coefficients_met']}/{row['coefficients']}",
            row["resource_verdict_text"], "合成",
        ]
        for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize("name", TEXTS)
def test_the_coefficients_are_the_demo_s(name, demo_home):
    shown = [line.split() for line in TEXTS[name].splitlines() if re.match(r"(primary|junior) +R", line)]
    with duckdb.connect(str(demo_home / "latest" / "junheng.duckdb"), read_only=True) as con:
        rows = con.execute(
            "select stage, item_code, units, weighted_mean, cv, limit_value, verdict from fact_county_cv"
            " where stat_year = 2023 and item_code in ('R1', 'R4') and readings_id = 'default' order by stage desc, item_code"
        ).fetchall()
    assert shown == [[*map(str, row[:3]), f"{row[3]:.2f}", f"{row[4]:.4f}", str(row[5]), row[6]] for row in rows]


def test_both_name_the_same_commands_and_figures():
    commands = [
        re.findall(r"`(?:\.venv/bin/)?((?:make|junheng) [a-z]+)|`?(--[a-z-]+)", text) for text in TEXTS.values()
    ]
    assert set(commands[0]) == set(commands[1])
