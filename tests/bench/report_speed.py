"""Seconds for the reports of many counties: the demo county under as many codes, released once, written over the cores.

python tests/bench/report_speed.py [COUNTIES] [JOBS] [FORMATS]; run by hand, no test.
"""

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from transforms.synthesize import demo_county

YEAR = 2023
SCHOOL_CODES = ("school_code", "parent_school_code", "from_school_code", "to_school_code")


def write_counties(inbox: Path, count: int) -> None:
    """Write the demo county's year as canonical CSV, a folder a county, every county and school with codes of its own."""
    made = demo_county.make_year(YEAR)
    for number in range(count):
        county = f"99{number:04d}"
        folder = inbox / str(YEAR) / county
        folder.mkdir(parents=True)
        for name, rows in made.items():
            codes = [code for code in SCHOOL_CODES if code in rows.columns]
            own = [pl.col(code).str.slice(0, 2) + f"{number:05d}" + pl.col(code).str.slice(7, 3) for code in codes]
            if not rows.is_empty():
                rows.with_columns(pl.lit(county).alias("county_code"), *own).write_csv(folder / f"{name}.csv")


def junheng(home: Path, *arguments: str) -> tuple[float, float]:
    """Run the command; return seconds on the clock and seconds of processor, its processes' own included."""
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments, "--home", str(home)], check=True, capture_output=True
    )
    return time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def main(counties: int = 100, jobs: int = 2, formats: str = "docx") -> None:
    with tempfile.TemporaryDirectory(prefix="junheng-reports-") as scratch:
        home = Path(scratch)
        write_counties(home / "inbox", counties)
        standards = ("--standard", "quality-balance-2017", "--standard", "report-highlights")
        clock, _ = junheng(home, "run", "--year", str(YEAR), "--direct", *standards)
        print(f"{counties} counties released in {clock:.1f} s")
        said = ("report", "--all", "--year", str(YEAR), "--format", formats, "--jobs", str(jobs))
        clock, processor = junheng(home, *said)
        print(
            f"{formats}, {jobs} processes: {clock:.1f} s, {clock / counties:.2f} s a county;"
            f" processor {processor:.1f} s, {processor / counties:.2f} s a county"
        )


if __name__ == "__main__":
    main(*(kind(said) for kind, said in zip((int, int, str), sys.argv[1:], strict=False)))
