"""Ours from CSV to release against bare DuckDB, pandas and polars on the same files, side by side, alternating.

python -m tests.bench.race [county:1:3 province:10 nation:1 …] [-o tests/bench/RESULTS.md]

Every measurement is a process of its own: wall and CPU seconds (with all it started and waited for) and the most
memory its tree of processes held at one time. Medians of the repeats. All must agree on every coefficient to 1e-9, or the race
fails. What is compared is stated in the table's head. Ours runs twice: `whole`, three standards under all their readings
with every item, and `same facts`, what the others compute: a standard with the seven resource items alone. Both check
every cell, look at the candidate and publish Parquet. The others read unchecked files; for each of ours the raw limit
(duckdb) writes as many rows as that release has.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from tests.bench import competitors
from transforms.synthesize import nation

ROOT = Path(__file__).parents[2]
LAST_YEAR = 2023
OURS = ("whole", "same facts")
RAW = ("duckdb", "duckdb, rows of same facts")
OTHERS = ("pandas", "polars")
SEVEN = "seven-items"
KEPT = re.compile(r"items\.R\d|school_rule|coefficient|split|exclusions")
"""Sections of the standard that the others compute; without a choice of readings."""
AGREED = 1e-9


@dataclass(frozen=True)
class Measured:
    """One process: wall and CPU seconds, most memory of its tree in MB."""

    wall: float
    cpu: float
    memory: float


def measured(command: list[str], **environment: str) -> Measured:
    """Run a process to its end and measure it; Python keeps what it compiled, as where it is used.

    Raises CalledProcessError when it fails.
    """
    begun = time.perf_counter()
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, env={**kept, "PYTHONWARNINGS": "ignore", **environment}
    )
    most = [0.0]
    watching = threading.Thread(target=_watch, args=(process.pid, most), daemon=True)
    watching.start()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    watching.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Measured(wall, used.ru_utime + used.ru_stime, most[0])


def _watch(pid: int, most: list[float]) -> None:
    """Keep the most memory that a process and its children held at one time, and no less than its own peak.

    Not ru_maxrss: a child is born with the peak of the process that starts it.
    """
    while Path(f"/proc/{pid}/task").exists():
        most[0] = max(most[0], _held(pid), _of_status(pid, "VmHWM"))
        time.sleep(0.05)


def _held(pid: int) -> float:
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:
        return 0.0
    return _of_status(pid, "VmRSS") + sum(_held(child) for child in children)


def _of_status(pid: int, name: str) -> float:
    """Return a figure of a process in MB, 0 for one that is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) / 1024 for line in lines if line.startswith(name))


def ours(inbox: Path, home: Path, years: int, name: str = "whole") -> Measured:
    """Take all years in and publish, without Prefect."""
    span = [str(LAST_YEAR - years + 1), str(LAST_YEAR)]
    command = [sys.executable, "-m", "flows.cli", "backfill", *span, "--direct", "--inbox", str(inbox)]
    command += ["--home", str(home), "--format", "parquet", "--json"]
    if name == "whole":
        return measured(command)
    (home / "standards").mkdir(parents=True)
    (home / "standards" / f"{SEVEN}.toml").write_text(seven_items(), encoding="utf-8")
    return measured([*command, "--standard", SEVEN])


def seven_items() -> str:
    """Return the resource part of the standard as a standard of its own: no other item, no choice of readings."""
    text = (ROOT / "contracts" / "standards" / "quality-balance-2017.toml").read_text("utf-8")
    head, *sections = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    kept = [one for one in sections if KEPT.fullmatch(one.split("]")[0].strip("[")) and "is_public" not in one]
    lines = "".join([head, *kept]).splitlines(keepends=True)
    lines = [line for line in lines if not line.startswith(("reading =", "relaxed ="))]
    return "".join(lines).replace('id = "quality-balance-2017"', f'id = "{SEVEN}"', 1)


def steps_of(home: Path) -> dict[str, float]:
    """Return the wall seconds of each step of the last run in a warehouse, summed over its years."""
    seconds: dict[str, float] = {}
    for path in (home / "logs").glob("*"):
        for line in path.read_text("utf-8").splitlines():
            event = json.loads(line)
            if event.get("event") == "step":
                seconds[event["name"]] = seconds.get(event["name"], 0.0) + event["seconds"]
    return seconds


def rows_of(home: Path) -> int:
    """Return the rows of the current release."""
    tables = json.loads((home / "latest" / "manifest.json").read_text("utf-8"))["tables"]
    return sum(int(table["rows"]) for table in tables.values())


def disagreement(home: Path, out: Path, standard_id: str = "quality-balance-2017") -> float:
    """Return the largest difference of a coefficient; infinity when one side has one that the other has not."""
    mine = (
        f"select stat_year, county_code, stage, item_code, cv from '{home}/latest/tables/fact_county_cv.parquet'"
        f" where readings_id = 'default' and standard_id = '{standard_id}' and cv is not null"
    )
    row = duckdb.execute(
        "select max(case when isfinite(a.cv - b.cv) then abs(a.cv - b.cv) else 'infinity'::double end)"
        f" from ({mine}) as a full outer join '{out}/coefficients.parquet' as b"
        " using (stat_year, county_code, stage, item_code)"
    ).fetchone()
    return float(row[0]) if row and row[0] is not None else float("inf")


def other(name: str, inbox: Path, out: Path, rows: int = 0) -> Measured:
    """Let a competitor compute and write, the raw limit so many rows."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    return measured([sys.executable, "-m", "tests.bench.competitors", name, str(inbox), str(out), str(rows)])


def race(size: str, years: int, repeats: int, scratch: Path) -> dict[str, object]:
    """Return the medians of one size and number of years, ours and the others in turn.

    Raises AssertionError when somebody computes other coefficients.
    """
    inbox = scratch / f"in-{size}-{years}"
    nation.write(inbox, nation.SIZES[size], range(LAST_YEAR - years + 1, LAST_YEAR + 1))
    rounds = [_round(size, years, inbox, scratch) for _ in range(repeats)]
    shutil.rmtree(inbox)
    worst = max(one["worst"] for one in rounds)
    assert worst <= AGREED, f"{size} × {years}: coefficients differ by {worst}"
    steps = [one["steps"] for one in rounds]
    names = sorted({name for one in steps for name in one})
    return {
        "size": size,
        "years": years,
        "repeats": repeats,
        "rows": rounds[-1]["rows"],
        "worst": worst,
        "medians": {name: _median([one["found"][name] for one in rounds]) for name in (*OURS, *RAW, *OTHERS)},
        "steps": {name: statistics.median(one.get(name, 0.0) for one in steps) for name in names},
    }


def _round(size: str, years: int, inbox: Path, scratch: Path) -> dict[str, Any]:
    """Measure everybody once, each of ours beside the raw limit: found, rows and steps of ours, worst disagreement."""
    found: dict[str, Measured] = {}
    rows: dict[str, int] = {}
    steps: dict[str, float] = {}
    worst, out = 0.0, scratch / "out"

    def kept(name: str, one: Measured) -> None:
        found[name] = one
        print(f"{size} × {years}, {name}: {one}", file=sys.stderr, flush=True)

    for name, raw, standard_id in zip(OURS, RAW, ("quality-balance-2017", SEVEN), strict=True):
        home = scratch / f"home-{name}"
        kept(name, ours(inbox, home, years, name))
        steps = steps or steps_of(home)  # of the whole, which is first
        rows[name] = rows_of(home)
        kept(raw, other("duckdb", inbox, out, rows[name]))
        worst = max(worst, disagreement(home, out, standard_id))
    for name in OTHERS:
        kept(name, other(name, inbox, out))
        worst = max(worst, disagreement(home, out, SEVEN))
    subprocess.run(["rm", "-rf", *map(str, scratch.glob("home-*"))], check=True)
    return {"found": found, "rows": rows, "steps": steps, "worst": worst}


def _median(of: list[Measured]) -> Measured:
    return Measured(*(statistics.median(getattr(one, name) for one in of) for name in ("wall", "cpu", "memory")))


def coefficients(scratch: Path, size: str) -> tuple[float, float, float]:
    """Return CPU seconds of the bare query and of the exact recipe on the same results, and their largest difference."""
    inbox, out = scratch / "in-coefficients", scratch / "out-coefficients"
    nation.write(inbox, nation.SIZES[size], [LAST_YEAR])
    out.mkdir()
    competitors.with_duckdb(inbox, out)
    con = duckdb.connect()
    exact = "cast(numerator as decimal(18, 6)) as exact_numerator"  # what our tables hold
    con.execute(f"create table result as select *, {exact} from '{out}/results.parquet'")
    seconds: dict[str, list[float]] = {"bare": [], "recipe": []}
    for _ in range(9):
        for name, query in (("bare", competitors.BARE), ("recipe", competitors.RECIPE)):
            begun = time.process_time()
            con.execute(query)
            seconds[name].append(time.process_time() - begun)
            con.execute(f"create or replace table {name} as select * from coefficient")
    row = con.execute(
        "select max(abs(a.cv - b.cv)) from bare as a inner join recipe as b using (stat_year, county_code, stage, item_code)"
    ).fetchone()
    return statistics.median(seconds["bare"]), statistics.median(seconds["recipe"]), float(row[0]) if row else 0.0


HEAD = """Whole: CSV in → every cell checked → three standards under all their readings, every item → gate → released Parquet.
Same facts: the same way for a standard with the seven resource items alone, which is what the others compute, from files
that they do not check. The raw limit (duckdb) reads the CSV, runs the bare query and writes as many rows as our release has."""


def report(races: list[dict], query: tuple[float, float, float, str]) -> str:
    """Return the results in Markdown: a line a race and competitor, ratios, steps, targets."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    lines = [
        "# How fast", "",
        f"{os.cpu_count()} cores, {memory} GiB, Python {platform.python_version()}, DuckDB {duckdb.__version__},"
        f" {datetime.date.today()}, load {os.getloadavg()[2]:.1f} over 15 minutes; medians of so many runs as said.", "", HEAD, "",
        "| counties × years, runs | who | wall s | CPU s | memory MB | rows | whole ÷ it: wall, CPU | same facts ÷ it: wall, CPU, memory |",
        "|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for one in races:
        whole, same = (one["medians"][name] for name in OURS)
        for name, of in one["medians"].items():
            rows = one["rows"].get(name, "")
            lines.append(
                f"| {one['size']} × {one['years']}, {one['repeats']} | {name} | {of.wall:.1f} | {of.cpu:.1f} | {of.memory:.0f} | {rows}"
                f" | {whole.wall / of.wall:.1f}, {whole.cpu / of.cpu:.1f}"
                f" | {same.wall / of.wall:.1f}, {same.cpu / of.cpu:.1f}, {same.memory / of.memory:.1f} |"
            )
    lines += ["", "## Steps of ours (whole), wall seconds", ""]
    names = sorted({name for one in races for name in one["steps"]})
    lines += [f"| | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for one in races:
        said = " | ".join(f"{one['steps'].get(name, 0):.1f}" for name in names)
        lines.append(f"| {one['size']} × {one['years']} | {said} |")
    bare, exact, apart, size = query
    lines += [
        "", f"Coefficient query alone ({size} × 1): bare {bare:.3f} s CPU, exact sums {exact:.3f} s,"
        f" {exact / bare:.2f} ×; largest difference {apart:.1e}.",
        f"Largest difference between any two on any coefficient: {max(one['worst'] for one in races):.1e}.",
    ]  # fmt: skip
    return "\n".join([*lines, *_targets(races, exact / bare), ""])


def _targets(races: list[dict], query: float) -> list[str]:
    """Return each target with what was measured, by wall seconds."""
    lines = ["", "## Targets", "", f"- coefficient query ≤ 1.2 × the bare one: {query:.2f} × ({_fate(query, 1.2)})"]
    for one in races:
        of, place = one["medians"], f"{one['size']} × {one['years']}"
        for mine, raw in zip(OURS, RAW, strict=True):
            ratio = of[mine].wall / of[raw].wall
            lines.append(f"- {place}, {mine}: {ratio:.1f} × the raw limit, at most 3 × ({_fate(ratio, 3)})")
        faster, leaner = of["pandas"].wall / of[OURS[1]].wall, of["pandas"].memory / of[OURS[1]].memory
        lines.append(
            f"- {place}, same facts: {faster:.2f} × as fast and {leaner:.2f} × as lean as pandas, at least 5 ×"
            f" ({_fate(-min(faster, leaner), -5)})"
        )
        lines.append(f"- {place}, whole: {of[OURS[0]].memory:.0f} MB, under 2,000 ({_fate(of[OURS[0]].memory, 2000)})")
    for size in dict.fromkeys(one["size"] for one in races):
        by = {one["years"]: one["medians"][OURS[0]].wall for one in races if one["size"] == size}
        if len(by) > 1:
            ratio = by[max(by)] / by[min(by)]
            most = 1.1 * max(by) / min(by)
            lines.append(
                f"- {size}: {max(by)} years cost {ratio:.1f} × {min(by)}, at most {most:.1f} ({_fate(ratio, most)})"
            )
    return lines


def _fate(seen: float, most: float) -> str:
    return "met" if seen <= most else "missed"


def main() -> None:
    """Run the races and write their results, after each what there is so far."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "races", nargs="*", default=["county:1:3", "city:1:3"], metavar="SIZE:YEARS[:REPEATS]",
        help=f"{', '.join(nation.SIZES)}; how many years; how often (1); default county:1:3 city:1:3",
    )  # fmt: skip
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    chosen = parser.parse_args()
    asked = [(size, *map(int, numbers)) for size, *numbers in (one.split(":") for one in chosen.races)]
    with tempfile.TemporaryDirectory(prefix="junheng-race-") as folder:
        scratch = Path(folder)
        largest = max((size for size, *_ in asked), key=list(nation.SIZES).index)
        query = coefficients(scratch, largest)
        races: list[dict] = []
        for size, years, *often in asked:
            races.append(race(size, years, often[0] if often else 1, scratch))
            print(size, years, races[-1]["medians"], races[-1]["steps"], flush=True)
            chosen.output.write_text(report(races, (*query, largest)), encoding="utf-8")
    print(chosen.output)


if __name__ == "__main__":
    main()
