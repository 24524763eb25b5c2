"""The page of a province or a city: its counties by item, from one release, one file that needs no network."""

from __future__ import annotations

from pathlib import Path

from transforms.report import assemble_page, gather_region

STYLES = ["base.css", "region.css"]
SCRIPTS = ["base.js", "region_matrix.js", "region_lists.js", "region.js"]


def write(release_folder: Path, region_code: str, stat_year: int, folder: Path) -> list[Path]:
    """Write 地区总览_<code>.html into a folder and return its path; `stat_year` is the year shown first.

    `region_code`: the first two digits of the counties' codes for a province, four for a city. Raises LookupError when
    the release has no such county or year, OSError when the disk refuses.
    """
    data = gather_region.gather(release_folder, region_code, stat_year)
    page = assemble_page.assemble("region.html", STYLES, SCRIPTS, data)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"地区总览_{region_code}.html"
    path.write_text(page, encoding="utf-8")
    return [path]
