"""How many of the planted mistakes are seen, kind by kind, and how many sound schools are suspected.

python -m tests.semantic.measure FIRST LAST [FILE]: counties FIRST to LAST (200 of them for the table in FILE). The
screens were looked at with counties 1 to 14; what is reported are counties from 5000 on, which nothing was fitted to.
"""

from __future__ import annotations

import datetime
import platform
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from tests.conftest import typed
from tests.semantic import clerks
from transforms.intake import gather, land


@dataclass
class Seen:
    """Counts by kind of mistake, and of sound schools with the rules that suspected them."""

    planted: Counter = field(default_factory=Counter)
    found: Counter = field(default_factory=Counter)
    by_rule: dict[str, Counter] = field(default_factory=lambda: defaultdict(Counter))
    sound: int = 0
    suspected: int = 0
    suspected_by: Counter = field(default_factory=Counter)

    def plus(self, other: Seen) -> Seen:
        for mine, theirs in (
            (self.planted, other.planted),
            (self.found, other.found),
            (self.suspected_by, other.suspected_by),
        ):
            mine.update(theirs)
        for kind, rules in other.by_rule.items():
            self.by_rule[kind].update(rules)
        self.sound, self.suspected = self.sound + other.sound, self.suspected + other.suspected
        return self

    @property
    def recall(self) -> float:
        return self.found.total() / max(1, self.planted.total())

    @property
    def false_alarms(self) -> float:
        return self.suspected / max(1, self.sound)


def findings_of(county: clerks.Planted, folder: Path) -> pl.DataFrame:
    """The findings of a county's files of this year, taken in beside last year's tables."""
    frames = {}
    for years, is_now in ((county.now, True), (county.before, False)):
        for table in clerks.TABLES:
            rows = typed(table, [row for school in years.values() for row in school[table]])
            if is_now:
                rows.write_csv(folder / f"{table}.csv")
            else:
                frames[table] = rows
    gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], clerks.YEAR)
    return gather.assess(gathered, clerks.YEAR, frames).found


def measure(first: int, last: int) -> Seen:
    """A mistake is seen when a finding names its school and a table it stands in (or says that the school is missing).

    What the same findings say of sound schools stands beside it, as false alarms: a school with a mistake may owe one of
    its findings to chance as they do.
    """
    seen = Seen()
    for number in range(first, last + 1):
        county = clerks.county(number)
        with tempfile.TemporaryDirectory() as folder:
            found = findings_of(county, Path(folder))
        assert found.filter(pl.col("rule").is_in(["unreadable_file", "unknown_header", "missing_header"])).is_empty()
        of_school = defaultdict(set)
        for rule, table, code in (
            found.select("rule", "table_name", "school_code").unique().drop_nulls("school_code").rows()
        ):
            of_school[code].add((rule, table))
        for code, mistake in county.mistakes.items():
            if mistake is None:
                seen.sound += 1
                seen.suspected += code in of_school
                seen.suspected_by.update({rule for rule, _ in of_school[code]})
                continue
            kind, tables = mistake
            told = {rule for rule, table in of_school[code] if table in tables or rule in ABOUT_THE_WHOLE}
            seen.planted[kind] += 1
            seen.found[kind] += bool(told)
            seen.by_rule[kind].update(told)
    return seen


ABOUT_THE_WHOLE = ("school_missing", "site_without_enrolment", "site_without_premises", "stage_without_teachers", "teachers_without_pupils", "pupils_not_sum_of_classes", "stages_swapped")  # fmt: skip
"""Rules that hold two tables side by side: which of them is wrong they cannot tell."""


UNSEEN = (
    "What no screen over these tables can see: a wrong figure that a sound school could have. A digit mistaken in a small count",
    "(骨干、体育、艺术 of a few teachers), a difference smaller than a year's ordinary change, sizes rounded to tens, titles counted",
    "twice within a plausible share, premises sent again in a year in which nothing was built or bought. A finding is a question,",
    "not a verdict: a new building, a large purchase or many transfers are asked about too, and stand among the sound schools above.",
)


def table(seen: Seen, first: int, last: int) -> str:
    """The counts as a page of Markdown."""
    lines = [
        "# Planted mistakes: seen and not seen", "",
        f"{last - first + 1} random counties ({first} to {last}), two years each, {seen.sound + seen.planted.total()} schools; synthetic.",
        f"`python -m tests.semantic.measure {first} {last}`, {datetime.date.today()}, Python {platform.python_version()}.", "",
        "| mistake | planted | seen | recall | seen by |", "|---|---:|---:|---:|---|",
    ]  # fmt: skip
    for kind in clerks.MISTAKES:
        rules = "、".join(rule for rule, _ in seen.by_rule[kind].most_common(3))
        share = seen.found[kind] / max(1, seen.planted[kind])
        lines.append(f"| {kind} | {seen.planted[kind]} | {seen.found[kind]} | {share:.0%} | {rules} |")
    lines += [
        f"| all | {seen.planted.total()} | {seen.found.total()} | {seen.recall:.0%} | |", "",
        f"Sound schools of the same files suspected: {seen.suspected} of {seen.sound} ({seen.false_alarms:.1%}).", "",
        "| rule | sound schools |", "|---|---:|",
        *(f"| {rule} | {count} |" for rule, count in seen.suspected_by.most_common()), "", *UNSEEN, "",
    ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    first, last = int(sys.argv[1]), int(sys.argv[2])
    page = table(measure(first, last), first, last)
    print(page)
    if sys.argv[3:]:
        Path(sys.argv[3]).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
