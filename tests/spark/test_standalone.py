"""Spark as an organisation has it: a master and two workers of its own, one of which dies in the middle of the job.

Needs Java 17 or later. The cluster comes from the pyspark wheel and listens on loopback only.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from transforms.synthesize import nation
from warehouse import release

pytestmark = pytest.mark.slow
SIZE = os.environ.get("JUNHENG_SPARK_SIZE", "city")
YEAR = 2023
STANDARD = "quality-balance-2017"
MINUTES = 60
CONNECT_SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"
CONFIGURATION = {
    "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1",
    "spark.executor.memory": "1g",
    "spark.executor.cores": "1",
    "spark.sql.shuffle.partitions": "6",
    "spark.sql.autoBroadcastJoinThreshold": "64k",  # joins of rows go over the network, not only the standard's
    "spark.ui.enabled": "true",
    "spark.sql.ui.retainedExecutions": "50",
}


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return asked.getsockname()[1]


def told(url: str) -> Any:
    """What a REST address says; None while nobody answers there."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def wait_for(what: Callable[[], Any], minutes: float = 5) -> Any:
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(1)
    raise TimeoutError(what)


@dataclass
class Standalone:
    """A master and two workers, each a process group of its own."""

    folder: Path
    port: int = field(default_factory=free_port)
    page: int = field(default_factory=free_port)
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def start(self, name: str, kind: str, *arguments: object, memory: str = "400m") -> None:
        import pyspark

        home = Path(pyspark.__file__).parent
        environment = {
            **os.environ,
            "SPARK_HOME": str(home),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": memory,
            "SPARK_WORKER_DIR": str(self.folder / name),
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            said = [home / "bin" / "spark-class", f"org.apache.spark.deploy.{kind}", *arguments]
            self.processes[name] = subprocess.Popen(
                [str(one) for one in said], stdout=log, stderr=log, env=environment, start_new_session=True
            )

    def kill(self, name: str) -> None:
        """Kill a worker and the executor it started, as when its machine goes down."""
        if self.processes[name].poll() is None:
            os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait(timeout=60)

    def workers(self) -> int:
        said = told(f"http://127.0.0.1:{self.page}/json/") or {}
        return sum(one["state"] == "ALIVE" for one in said.get("workers", []))


@pytest.fixture
def standalone(tmp_path) -> Iterator[Standalone]:
    cluster = Standalone(tmp_path / "cluster")
    cluster.folder.mkdir()
    try:
        cluster.start(
            "master", "master.Master", "--host", "127.0.0.1", "--port", cluster.port, "--webui-port", cluster.page
        )
        wait_for(lambda: told(f"http://127.0.0.1:{cluster.page}/json/"))
        for name in ("first", "second"):
            cluster.start(
                name, "worker.Worker", "--cores", 1, "--memory", "1400m", "--host", "127.0.0.1",
                "--webui-port", free_port(), f"spark://127.0.0.1:{cluster.port}",
            )  # fmt: skip
        wait_for(lambda: cluster.workers() == 2)
        yield cluster
    finally:
        for name in cluster.processes:
            cluster.kill(name)


def junheng(inbox: Path, home: Path, *more: object, **environment: str) -> subprocess.Popen:
    """Start the command; what it and Spark say goes to HOME.log."""
    said = [sys.executable, "-m", "flows.cli", "run", "--year", YEAR, "--inbox", inbox, "--home", home, "--direct"]
    said += ["--standard", STANDARD, *more]
    with home.with_suffix(".log").open("wb") as log:
        return subprocess.Popen([str(one) for one in said], stdout=log, stderr=log, env={**os.environ, **environment})


def inbox_of(tmp_path: Path, size: str = SIZE) -> Path:
    nation.write(tmp_path / "inbox", nation.SIZES[size], [YEAR], "parquet")
    return tmp_path / "inbox"


def executors(ui: str) -> list[dict[str, Any]]:
    """The executors of the running application, dead ones too; the driver is none."""
    applications = told(f"{ui}/api/v1/applications") or []
    found = told(f"{ui}/api/v1/applications/{applications[0]['id']}/allexecutors") if applications else None
    return [one for one in found or [] if one["id"] != "driver"]


def stages(ui: str) -> list[dict[str, Any]]:
    applications = told(f"{ui}/api/v1/applications") or []
    return (told(f"{ui}/api/v1/applications/{applications[0]['id']}/stages") if applications else None) or []


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def is_shared(ui: str) -> bool:
    """Whether both executors have done work and passed rows on, and a stage is under way."""
    both = [one for one in executors(ui) if one["completedTasks"] > 5 and one["totalShuffleWrite"] > 0]
    return len(both) == 2 and any(one["status"] == "ACTIVE" for one in stages(ui))


def watched(ui: str, job: subprocess.Popen) -> tuple[list[dict[str, Any]], int]:
    """The executors as they were last seen, and the bytes that went from one to another, until the job ends."""
    last, passed = [], 0
    until = time.monotonic() + 60 * MINUTES
    while job.poll() is None and time.monotonic() < until:
        last = executors(ui) or last
        passed = max(passed, sum(one["totalShuffleRead"] for one in last))
        time.sleep(2)
    return last, passed


def test_a_worker_that_dies_in_the_middle_changes_no_bit(standalone, tmp_path):
    inbox, ui = inbox_of(tmp_path), f"http://127.0.0.1:{(port := free_port())}"
    settings = tmp_path / "conf"
    settings.mkdir()
    lines = [f"{name} {value}" for name, value in {**CONFIGURATION, "spark.ui.port": port}.items()]
    (settings / "spark-defaults.conf").write_text("\n".join(lines) + "\n")
    job = junheng(
        inbox, tmp_path / "spark", "--engine", "spark", "--spark-master", f"spark://127.0.0.1:{standalone.port}",
        SPARK_CONF_DIR=str(settings), SPARK_LOCAL_IP="127.0.0.1",
    )  # fmt: skip
    try:
        wait_for(lambda: is_shared(ui) or job.poll() is not None, MINUTES)
        before = executors(ui)
        standalone.kill("first")
        after, passed = watched(ui, job)
    finally:
        if job.poll() is None:
            job.kill()
    seen = [(one["id"], one["completedTasks"], one["totalShuffleWrite"], one["isActive"]) for one in before]
    print("before the worker dies:", seen)
    print("at the end:", [(one["id"], one["completedTasks"], one["failedTasks"], one["isActive"]) for one in after])
    assert job.returncode in (0, 3), (tmp_path / "spark.log").read_text()
    assert len(before) == 2 and all(one["completedTasks"] > 5 for one in before)
    assert any(not one["isActive"] for one in after), "one executor is gone"
    assert passed > 0, "rows went from one to the other"
    here = junheng(inbox, tmp_path / "duckdb")
    assert here.wait(timeout=60 * MINUTES) == job.returncode, (tmp_path / "duckdb.log").read_text()
    spark, duckdb = (release.latest(tmp_path / name) for name in ("spark", "duckdb"))
    print("content hash:", spark["content_hash"])
    assert spark["content_hash"] == duckdb["content_hash"]
    assert json.loads((tmp_path / "spark" / spark["path"] / "manifest.json").read_text())["engine"] == "spark"


def test_through_sparks_own_connect_server_the_bits_are_the_same(standalone, tmp_path):
    port = free_port()
    settings = {**CONFIGURATION, "spark.connect.grpc.binding.port": port, "spark.ui.enabled": "false"}
    standalone.start(
        "connect", "SparkSubmit", "--master", f"spark://127.0.0.1:{standalone.port}", "--class", CONNECT_SERVER,
        *(part for name, value in settings.items() for part in ("--conf", f"{name}={value}")),
        memory="1g",
    )  # fmt: skip
    wait_for(lambda: answers(port))
    inbox = inbox_of(tmp_path, "county")
    job = junheng(inbox, tmp_path / "spark", "--engine", "spark", "--spark-remote", f"sc://127.0.0.1:{port}")
    here = junheng(inbox, tmp_path / "duckdb")
    assert job.wait(timeout=60 * MINUTES) in (0, 3), (tmp_path / "spark.log").read_text()
    assert here.wait(timeout=60 * MINUTES) == job.returncode, (tmp_path / "duckdb.log").read_text()
    spark, duckdb = (release.latest(tmp_path / name) for name in ("spark", "duckdb"))
    print("content hash:", spark["content_hash"])
    assert spark["content_hash"] == duckdb["content_hash"]
