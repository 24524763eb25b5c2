"""A list of 200,000 rows × 40 columns through `junheng check` against the bare reader on the same file.

python -m tests.bench.list_speed [-o FILE] [rows] [bad cells] [runs]: whole processes in turn, ours and the bare reader's
(fastexcel for xlsx, polars for csv), each started anew; medians of processor time, of time by the clock, of peak memory.
The list is a contract of this script alone (4 keys, 30 whole numbers, 5 amounts, a mark), so that every one of its
columns is read, bound, parsed, checked and, in the file with faults, found. No rule across tables reads it.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

ROWS, BAD_CELLS, RUNS = 200_000, 1_000_000, 5
LISTS = {"xlsx": "book/wide.xlsx", "csv": "sound/wide.csv", "csv, a million bad cells": "spoilt/wide.csv"}
AIMS = {"xlsx": 2.5, "csv": 3.0}


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
    )


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
    books.pack(folder / "book" / "wide.xlsx", books.parts({"wide": xml, "_版本": make_books.STAMP}))


def bare(path: Path) -> None:
    """Read a file with the reader alone."""
    if path.suffix == ".csv":
        print(pl.read_csv(path).height)
        return
    import fastexcel

    print(fastexcel.read_excel(path).load_sheet("wide").to_arrow().num_rows)


def ours(path: Path) -> None:
    """Run the command on a file as a person does."""
    register()
    from flows import cli

    sys.argv = ["junheng", "check", "--json", str(path)]
    cli.main()


def measured(what: str, path: Path) -> dict[str, float]:
    """Run one of the two as a process; return its seconds by processor and clock, its peak memory, its findings.

    Python keeps what it compiled, as it does wherever it is installed.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as said:
        begun = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.list_speed", f"--{what}", str(path)],
            stdout=said,
            stderr=subprocess.DEVNULL,
            env=kept,
        )
        _, status, used = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        content = said.read()
    if child.returncode not in (0, 3):
        raise RuntimeError(f"{what} {path}: {child.returncode}")
    listed = len(json.loads(content)) if what == "ours" else 0
    return {"cpu": used.ru_utime + used.ru_stime, "clock": seconds, "mb": used.ru_maxrss / 1024, "listed": listed}


def main(rows: int = ROWS, bad: int = BAD_CELLS, runs: int = RUNS, output: Path | None = None) -> None:
    lines = [
        "# A large list against the bare reader", "",
        f"{rows:,} rows × 40 columns, made up; `python -m tests.bench.list_speed`, {datetime.date.today()}, Python {platform.python_version()},",
        f"{os.cpu_count()} cores; whole processes in turn, {runs} of each, medians (least–most). Load average at the start {os.getloadavg()[0]:.0f}.", "",
        "| list | | processor s | by the clock s | peak MB | listed findings |", "|---|---|---:|---:|---:|---:|",
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as scratch:
        making = [sys.executable, "-m", "tests.bench.list_speed", "--make", scratch, str(rows), str(bad)]
        subprocess.run(making, check=True)  # a process starts with the peak memory of the one that starts it
        lines += [line for title in LISTS for line in compared(Path(scratch), title, runs)]
    if output:
        output.write_text("\n".join([*lines, ""]), encoding="utf-8")


def compared(folder: Path, title: str, runs: int) -> list[str]:
    """Lines of the table for one of the files: the bare reader, ours, the ratio."""
    took: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
    for _ in range(runs):
        for what, done in took.items():
            done.append(measured(what, folder / LISTS[title]))
    ratios = {
        of: statistics.median(two[of] / one[of] for one, two in zip(took["bare"], took["ours"], strict=True))
        for of in ("cpu", "clock", "mb")
    }
    aim = f"aim {AIMS[title]}" if title in AIMS else ""
    lines = [_line(title, what, done) for what, done in took.items()]
    lines.append(
        f"| | **ratio** {aim} | **{ratios['cpu']:.2f}** | **{ratios['clock']:.2f}** | **{ratios['mb']:.2f}** | |"
    )
    print("\n".join(lines), flush=True)
    return lines


def _line(title: str, what: str, done: list[dict[str, float]]) -> str:
    def middle(of: str, digits: int) -> str:
        values = [one[of] for one in done]
        return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"

    return f"| {title} | {what} | {middle('cpu', 2)} | {middle('clock', 1)} | {middle('mb', 0)} | {done[0]['listed']:.0f} |"


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[:1] == ["--bare"]:
        bare(Path(arguments[1]))
    elif arguments[:1] == ["--ours"]:
        ours(Path(arguments[1]))
    elif arguments[:1] == ["--make"]:
        make(Path(arguments[1]), *map(int, arguments[2:]))
    else:
        to, numbers = (Path(arguments[1]), arguments[2:]) if arguments[:1] == ["-o"] else (None, arguments)
        main(*map(int, numbers), output=to)
