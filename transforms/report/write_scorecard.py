"""成绩单.html: one page a county that opens with a double click, all years of a release, no network."""

from __future__ import annotations

from pathlib import Path

from transforms.report import assemble_page, gather_scorecard

NAME = "成绩单.html"
STYLES = ["base.css", "scorecard.css"]
SCRIPTS = [
    "base.js",
    "scorecard_state.js",
    "scorecard_verdict.js",
    "scorecard_coefficients.js",
    "scorecard_detail.js",
    "scorecard_schools.js",
    "scorecard_strips.js",
    "scorecard_items.js",
    "scorecard_years.js",
    "scorecard_download.js",
    "scorecard.js",
]


def write(release_folder: Path, county_code: str, stat_year: int, folder: Path) -> list[Path]:
    """Write the scorecard of a county into a folder and return its path; `stat_year` is the year shown first.

    Raises LookupError when the release does not have the county and year, OSError when the disk refuses.
    """
    data = gather_scorecard.gather(release_folder, county_code, stat_year)
    page = assemble_page.assemble("scorecard.html", STYLES, SCRIPTS, data)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    path.write_text(page, encoding="utf-8")
    return [path]
