"""What happened, one JSON line an event: in home/logs/<run_id>.jsonl for whoever has to find out later, and on stderr.

On a terminal the line is in words.
"""

from __future__ import annotations

import datetime
import json
import sys
from pathlib import Path
from typing import Any


def write(home: Path, run_id: str, event: str, **facts: Any) -> None:
    """Append an event with its time and facts to the log of a run, and say it on stderr.

    A log that cannot be written stops nothing: the run log in the store and the exit code say the same.
    """
    now = datetime.datetime.now().astimezone().isoformat(timespec="milliseconds")
    told = {"at": now, "run_id": run_id, "event": event, **facts}
    line = json.dumps(told, ensure_ascii=False, default=str)
    print(words(told) if sys.stderr.isatty() else line, file=sys.stderr, flush=True)
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        with (home / "logs" / f"{run_id}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError:
        return


def words(event: dict[str, Any]) -> str:
    """Return an event in one line: time, run, event, facts."""
    rest = "，".join(f"{name} {value}" for name, value in event.items() if name not in {"at", "run_id", "event"})
    return f"{event['at']} {event['run_id']} {event['event']} {rest}".rstrip()


def read(home: Path, run_id: str) -> list[dict[str, Any]]:
    """Return the events of a run in order; none where it left no log."""
    path = home / "logs" / f"{Path(run_id).name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
