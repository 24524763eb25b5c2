"""Whether a candidate may become a release: checks, expectations, the difference, and the page that shows them."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from transforms import compare, expect, gate, quality_page
from warehouse import release

PAGE, CHANGES = "quality.html", "CHANGES.md"


@dataclass(frozen=True)
class Admission:
    """What the gate found: every check, what changes, which changes wait for somebody's word, seconds by part."""

    checks: list[gate.Check]
    difference: compare.Difference
    waiting: list[compare.Flip]
    confirmation: Mapping[str, str]
    seconds: list[tuple[str, float]] = field(default_factory=list)

    @property
    def breaches(self) -> list[str]:
        """What keeps the candidate from being published, a line each."""
        found = [f"{one.check} {one.table}: {one.seen}" for one in gate.breaches(self.checks)]
        found += [
            f"missing_year: {year} {county} 在 {self.difference.base} 中有，现在没有；请补取该年度"
            f" / {self.difference.base} has it and the candidate has not: take that year in again"
            for year, county in self.difference.county_years_gone
        ]
        if self.waiting and not self.confirmation:
            flips = "；".join(flip.words for flip in self.waiting[:SHOWN_FLIPS])
            more = " …" if len(self.waiting) > SHOWN_FLIPS else ""
            found.append(
                f"past_verdict: 往年结论有 {len(self.waiting)} 处改变：{flips}{more}。"
                "确认无误后用 --confirm 理由 --by 姓名 再运行"
                " / verdicts of past years flip: run again with --confirm REASON --by NAME"
            )
        return found


SHOWN_FLIPS = 5


def admit(
    home: Path,
    stat_years: tuple[int, ...],
    facts: Mapping[str, Any],
    asked: expect.Child,
    *,
    base: Path | None,
    confirmation: Mapping[str, str],
    accepted_counties: tuple[str, ...] = (),
) -> Admission:
    """Look at the candidate of a warehouse and leave quality.html and CHANGES.md for its release.

    `facts`: what its manifest will say; `base`: the folder of the release before; `confirmation`: reason and name of
    whoever answers for verdicts of past years. Who accepted a county-year with its faults answers for its verdicts.
    """
    seconds: list[tuple[str, float]] = []
    begun = time.perf_counter()

    def told(part: str) -> None:
        nonlocal begun
        now = time.perf_counter()
        seconds.append((part, now - begun))
        begun = now

    with release.connect_candidate(home) as con:
        scratch = _scratch(home)
        wanted = expect.ask(con, asked, scratch)
        told("hand_over")
        checks = gate.look(con)
        told("contracts")
        before = compare.release_side(con, base) if base else None
        difference = compare.difference(con, before, compare.candidate_side(facts), stat_years)
        told("difference")
    checks += expect.told(asked, wanted, scratch)
    told("expectations")
    answered = {(year, county) for year in stat_years for county in accepted_counties}
    waiting = [flip for flip in difference.past_flips if (flip.stat_year, flip.county_code) not in answered]
    admission = Admission(checks, difference, waiting, confirmation, seconds)
    _write_down(admission, release.extra_folder(home), stat_years, facts)
    told("page")
    return admission


def _scratch(home: Path) -> Path:
    """Return a folder of this process alone: what the child of a run that was killed still writes reaches nobody."""
    for left_by_a_crash in home.glob("candidate_rows-*"):
        shutil.rmtree(left_by_a_crash, ignore_errors=True)
    return home / f"candidate_rows-{os.getpid()}"


def _write_down(admission: Admission, folder: Path, stat_years: tuple[int, ...], facts: Mapping[str, Any]) -> None:
    """Leave the page and the changes where the release takes them from."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PAGE).write_text(quality_page.page(admission, stat_years, facts), encoding="utf-8")
    (folder / CHANGES).write_text(compare.markdown(admission.difference), encoding="utf-8")
