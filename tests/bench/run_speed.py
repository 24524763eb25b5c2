"""One year of the demo county through the command, gate and release included: its seconds told apart, three ways.

python -m tests.bench.run_speed [-o FILE] [runs]: whole processes in turn, medians. `--direct` and Prefect each begin with
an empty warehouse; then one cell of the workbook is corrected and the command run again in the warehouse of the first.
"""

from __future__ import annotations

import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import openpyxl

YEAR, RUNS, AIM = 2023, 5, 8
WHOLE, PROCESSOR, OWN = "whole process", "processor, the gate's process included", "by its own clock"
DIRECT, PREFECT, CORRECTED = "`--direct`", "with Prefect", "one cell corrected"
SHEET, CELL = "专任教师", "L2"
"""A sheet of the demo's workbook and a cell with a count of a school's backbone teachers."""


def run(inbox: Path, home: Path, *more: str) -> dict[str, float]:
    """Run the year; return seconds by part. Python keeps what it compiled, as where it is used."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    said = [sys.executable, "-m", "flows.cli", "run", "--year", str(YEAR), "--json", *more]
    begun = time.perf_counter()
    child = subprocess.Popen(
        [*said, "--inbox", str(inbox), "--home", str(home)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={**kept, "PREFECT_HOME": str(home / "prefect")},
    )  # fmt: skip
    assert child.stdout
    content = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    whole = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{child.returncode}: {content.decode()}")
    told = json.loads(content)
    assert told["is_new"], "the correction changed no result"
    in_gate = {f"pass_gate: {name}": value for name, value in told["seconds_of_gate"]}
    steps = dict(told["seconds"])
    between = told["seconds_in_all"] - told["seconds_of_imports"] - sum(steps.values())
    return {
        WHOLE: whole, PROCESSOR: used.ru_utime + used.ru_stime, OWN: told["seconds_in_all"],
        "imports, and Prefect's start": told["seconds_of_imports"], **steps, "between the steps": between, **in_gate,
    }  # fmt: skip


def correct(inbox: Path) -> None:
    """Add one to one count of the year's workbook."""
    (path,) = (inbox / str(YEAR)).glob("*.xlsx")
    book = openpyxl.load_workbook(path)
    book[SHEET][CELL].value += 1
    book.save(path)


def three_ways(scratch: Path) -> dict[str, dict[str, float]]:
    """Return the seconds of each way, once."""
    from transforms.synthesize import demo_county

    demo_county.write_demo(scratch / "inbox")
    took = {DIRECT: run(scratch / "inbox", scratch / "direct", "--direct")}
    took[PREFECT] = run(scratch / "inbox", scratch / "prefect")
    correct(scratch / "inbox")
    took[CORRECTED] = run(scratch / "inbox", scratch / "direct", "--direct")
    return took


def report(took: list[dict[str, dict[str, float]]]) -> str:
    """Return the medians of all runs in Markdown, a line a part and a column a way."""
    lines = [
        "# One year of the demo county, files to release", "",
        f"`python -m tests.bench.run_speed` (`junheng run --year {YEAR}`), {datetime.date.today()}, Python {platform.python_version()}, {os.cpu_count()} cores, load average",
        f"at the end {os.getloadavg()[0]:.0f}; seconds, medians of {len(took)} (least–most). Aim: {AIM} s with `--direct` on a machine at rest.", "",
        f"| part | {' | '.join(took[0])} |", f"|---|{'---:|' * len(took[0])}",
    ]  # fmt: skip
    for part in took[0][DIRECT]:
        values = [[one[way][part] for one in took] for way in took[0]]
        said = " | ".join(f"{statistics.median(one):.2f} ({min(one):.2f}–{max(one):.2f})" for one in values)
        lines.append(f"| {part} | {said} |")
    return "\n".join([*lines, ""])


def main(runs: int = RUNS, output: Path | None = None) -> None:
    took = []
    for number in range(runs + 1):
        with tempfile.TemporaryDirectory() as scratch:
            took.append(three_ways(Path(scratch)))
        print(f"{number}/{runs}", file=sys.stderr, flush=True)
    said = report(took[1:])  # the first is not counted: what Python compiles it compiles once
    print(said)
    if output:
        output.write_text(said, encoding="utf-8")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    to, numbers = (Path(arguments[1]), arguments[2:]) if arguments[:1] == ["-o"] else (None, arguments)
    main(*map(int, numbers), output=to)
