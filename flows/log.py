"""What happened, one JSON line an event, in home/logs/<run_id>.jsonl: for whoever has to find out later."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any


def write(home: Path, run_id: str, event: str, **facts: Any) -> None:
    """Append an event with its time and facts to the log of a run.

    A log that cannot be written stops nothing: the run log in the store and the exit code say the same.
    """
    now = datetime.datetime.now().astimezone().isoformat(timespec="milliseconds")
    line = json.dumps({"at": now, "run_id": run_id, "event": event, **facts}, ensure_ascii=False, default=str)
    try:
        (home / "logs").mkdir(parents=True, exist_ok=True)
        with (home / "logs" / f"{run_id}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError:
        return


def read(home: Path, run_id: str) -> list[dict[str, Any]]:
    """Return the events of a run in order; none where it left no log."""
    path = home / "logs" / f"{Path(run_id).name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
