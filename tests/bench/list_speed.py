"""A list of 200,000 rows × 40 columns through our intake against the bare reader on the same file.

python -m tests.bench.list_speed [rows] [bad cells]: seconds and peak memory, as ratios. Each figure is measured in a
process of its own. The list is a contract of this script alone (4 keys, 30 whole numbers, 5 amounts, a mark), so that
every one of its columns is read, bound, parsed, checked and, in the runs with faults, found.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

ROWS, BAD_CELLS = 200_000, 1_000_000


def register() -> None:
    """Put the list's contract among the input tables of this process."""
    from contracts import inputs
    from contracts.fields import Amount, amount, whole
    from contracts.inputs.common import Marked, OfSite

    fields: dict[str, object] = {f"n{at}": whole(f"数{at}", "数", "人") for at in range(30)}
    fields |= {f"d{at}": amount(f"量{at}", "量", "元") for at in range(5)}
    kinds = {f"n{at}": pl.Int32 for at in range(30)} | {f"d{at}": Amount for at in range(5)}
    config = type("Config", (), {"metadata": {"title": "大表", "grain": "one row per site", "grain_zh": "校区"}})
    inputs.TABLES["wide"] = type(
        "Wide", (OfSite, Marked), {"__annotations__": kinds, "__module__": __name__, "Config": config, **fields}
    )  # type: ignore[assignment]


def make(folder: Path, rows: int, bad: int) -> None:
    """Write wide.csv and wide.xlsx, and the same with words in so many cells."""
    from tests.intake import books, make_books

    dice = random.Random(7)
    frame = pl.DataFrame({
        "stat_year": [2023] * rows, "county_code": [f"{990001 + at // 1000}" for at in range(rows)],
        "school_code": [str(2150000000 + at) for at in range(rows)], "campus_no": [0] * rows,
        **{f"n{at}": [dice.randrange(5000) for _ in range(rows)] for at in range(30)},
        **{f"d{at}": [round(dice.uniform(0, 1e5), 2) for _ in range(rows)] for at in range(5)},
        "is_synthetic": ["是"] * rows,
    })  # fmt: skip
    spoilt = frame.with_columns(
        pl.when(pl.int_range(rows) * 30 < bad)
        .then(pl.lit("暂无"))
        .otherwise(pl.col(f"n{at}").cast(pl.String))
        .alias(f"n{at}")
        for at in range(30)
    )
    for name, content in (("sound", frame), ("spoilt", spoilt)):
        (folder / name).mkdir(parents=True)
        content.write_csv(folder / name / "wide.csv")
    xml = books.sheet_xml([frame.columns, *frame.rows()])
    (folder / "book").mkdir()
    books.pack(folder / "book" / "wide.xlsx", books.parts({"wide": xml, "_版本": make_books.STAMP}))


def bare(path: Path) -> int:
    """Read a file with the reader alone."""
    if path.suffix == ".csv":
        return pl.read_csv(path).height
    from python_calamine import CalamineWorkbook

    return len(CalamineWorkbook.from_path(str(path)).get_sheet_by_name("wide").to_python(skip_empty_area=False))


def ours(path: Path) -> int:
    """Read, bind, parse and check a file as a run does; return its findings."""
    from transforms.intake import gather, land

    gathered = gather.gather([land.land(path, path.parent, None)], 2023)
    return gather.assess(gathered, 2023).found.height


def worded(path: Path) -> int:
    """Do the same and put the listing into words."""
    from transforms.intake import findings, gather, land

    gathered = gather.gather([land.land(path, path.parent, None)], 2023)
    return findings.worded(findings.capped(gather.assess(gathered, 2023).found)).height


def measured(what: str, path: Path) -> dict[str, float]:
    """Run one of the functions above in a process of its own, after its imports; best of three."""
    said = subprocess.run(
        [sys.executable, "-m", "tests.bench.list_speed", "--one", what, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(said.stdout.splitlines()[-1])


def one(what: str, path: Path) -> None:
    import transforms.intake.gather  # noqa: F401

    register()
    started_at = _peak_mb()
    best, result = float("inf"), 0
    for _ in range(3):
        begun = time.perf_counter()
        result = {"bare": bare, "ours": ours, "worded": worded}[what](path)
        best = min(best, time.perf_counter() - begun)
    print(json.dumps({"seconds": best, "mb": _peak_mb() - started_at, "result": result}))


def _peak_mb() -> float:
    """Return the most memory this process ever held (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def main(rows: int = ROWS, bad: int = BAD_CELLS) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        make(folder, rows, bad)
        runs = [
            ("xlsx", "book/wide.xlsx", "ours"),
            ("csv", "sound/wide.csv", "ours"),
            ("csv, bad cells", "spoilt/wide.csv", "worded"),
        ]
        for title, name, what in runs:
            alone, whole = measured("bare", folder / name), measured(what, folder / name)
            print(
                f"{title:<16} bare {alone['seconds']:6.2f} s {alone['mb']:6.0f} MB   ours {whole['seconds']:6.2f} s {whole['mb']:6.0f} MB"
                f"   time × {whole['seconds'] / alone['seconds']:5.2f}  memory × {whole['mb'] / max(alone['mb'], 1):5.2f}  findings {whole['result']:.0f}"
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        main(*map(int, sys.argv[1:]))
