"""One year of the demo county through `junheng run --direct`, gate and release included: its seconds told apart.

python -m tests.bench.run_speed [-o FILE] [runs]: whole processes, each on an empty warehouse; medians.
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

YEAR, RUNS, AIM = 2023, 5, 8
WHOLE, PROCESSOR, OWN = "whole process", "processor, the gate's process included", "by its own clock"


def run(inbox: Path) -> dict[str, float]:
    """Run the year into an empty warehouse; return seconds by part. Python keeps what it compiled, as where it is used."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as home:
        said = [sys.executable, "-m", "flows.cli", "run", "--year", str(YEAR), "--direct", "--json"]
        begun = time.perf_counter()
        child = subprocess.Popen(
            [*said, "--inbox", str(inbox), "--home", home], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=kept
        )
        assert child.stdout
        content = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        whole = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{child.returncode}: {content.decode()}")
    told = json.loads(content)
    in_gate = {f"pass_gate: {name}": value for name, value in told["seconds_of_gate"]}
    return {
        WHOLE: whole, PROCESSOR: used.ru_utime + used.ru_stime, OWN: told["seconds_in_all"],
        "imports between": told["seconds_of_imports"], **dict(told["seconds"]), **in_gate,
    }  # fmt: skip


def main(runs: int = RUNS, output: Path | None = None) -> None:
    from transforms.synthesize import demo_county

    with tempfile.TemporaryDirectory() as scratch:
        demo_county.write_demo(Path(scratch))
        run(Path(scratch))  # what Python compiles it compiles once
        took = [run(Path(scratch)) for _ in range(runs)]
    lines = [
        "# One year of the demo county, files to release", "",
        f"`python -m tests.bench.run_speed` (`junheng run --year {YEAR} --direct` on an empty warehouse), {datetime.date.today()}, Python {platform.python_version()},",
        f"{os.cpu_count()} cores, load average at the end {os.getloadavg()[0]:.0f}; seconds, medians of {runs} (least–most). Aim: {AIM} s by its own clock on a machine at rest.", "",
        "| part | s |", "|---|---:|",
    ]  # fmt: skip
    for name in took[0]:
        values = [one[name] for one in took]
        lines.append(f"| {name} | {statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f}) |")
    print("\n".join(lines))
    if output:
        output.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    to, numbers = (Path(arguments[1]), arguments[2:]) if arguments[:1] == ["-o"] else (None, arguments)
    main(*map(int, numbers), output=to)
