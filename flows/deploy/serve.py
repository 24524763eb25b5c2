"""Server and runner on this machine's loopback address, without containers: `make serve`.

The three deployments of prefect.yaml, one run of the warehouse at a time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from warehouse import store

HOST = "127.0.0.1"
PORT = 4200
START_SECONDS = 120


def main() -> None:
    """Start the server, wait until it answers, serve the deployments until interrupted."""
    home = store.home()
    port = int(os.environ.get("JUNHENG_PORT", PORT))
    url = f"http://{HOST}:{port}/api"
    environment = settings(home, url)
    os.environ.update(environment)
    signal.signal(signal.SIGTERM, stop)
    server = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--host", HOST, "--port", str(port)],
        env={**os.environ, "PREFECT_SERVER_UI_ENABLED": "true"},
    )
    try:
        wait_for(url, server)
        print(f"Prefect：http://{HOST}:{port}  数据仓库 / warehouse：{home}", flush=True)
        run_deployments()
    except KeyboardInterrupt:
        print("已停止 / stopped")
    finally:
        server.terminate()
        server.wait(timeout=30)


def stop(*_: Any) -> None:
    """End as on Ctrl+C, so that whoever ends this process ends the server too.

    Raises KeyboardInterrupt.
    """
    raise KeyboardInterrupt


def settings(home: Path, url: str) -> dict[str, str]:
    """Return the settings of server and runner: Prefect's files beside the warehouse, no telemetry."""
    return {
        "PREFECT_API_URL": url,
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": "INFO",
        "JUNHENG_HOME": str(home),
    }


def wait_for(url: str, server: subprocess.Popen[Any]) -> None:
    """Wait until the server answers.

    Raises RuntimeError when it ends or does not answer in time.
    """
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if server.poll() is not None:
            raise RuntimeError(f"Prefect 服务没有启动 / the server ended with {server.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError("Prefect 服务没有应答 / the server did not answer in time")


def run_deployments() -> None:
    """Register the deployments of prefect.yaml and run what is due, one run at a time."""
    import yaml
    from prefect import serve
    from prefect.schedules import Cron

    from flows.annual import annual
    from flows.backfill import backfill
    from flows.intake import intake

    flows = {"annual": annual, "backfill": backfill, "intake": intake}
    described = yaml.safe_load((Path(__file__).parents[2] / "prefect.yaml").read_text(encoding="utf-8"))
    deployments: list[Any] = [
        flows[one["name"]].to_deployment(
            name=one["name"],
            description=one["description"],
            parameters=one["parameters"],
            schedules=[Cron(schedule["cron"], timezone=schedule["timezone"]) for schedule in one["schedules"]],
            concurrency_limit=one["concurrency_limit"],
        )
        for one in described["deployments"]
    ]
    serve(*deployments, limit=1, pause_on_shutdown=False)  # what was due while this machine was off is then made up for


if __name__ == "__main__":
    main()
