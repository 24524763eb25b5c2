"""A server and runner on loopback: deployments started through the API end in states that say what happened."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from flows.deploy import serve
from tests.conftest import TESTS


class Api:
    """Calls to a server's API; the warehouse it serves and the address of its pages beside it."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port, self.ui = home, port, f"http://127.0.0.1:{port}"

    def __call__(self, path, content=None):
        return call_api(self.port, path, content)


def call_api(port, path, content=None):
    data = None if content is None else json.dumps(content).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/api{path}", data, {"Content-Type": "application/json"})
    for _ in range(20):
        try:
            return json.load(urllib.request.urlopen(request, timeout=30))
        except urllib.error.HTTPError as refused:
            if refused.code != 503:  # its database is busy for the moment
                raise
            time.sleep(1)
    raise AssertionError(f"{path} is busy for good")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def begin(home: Path, port: int) -> subprocess.Popen:
    """`make serve` for a warehouse; what it says goes to serve.log there."""
    environment = {**os.environ, "JUNHENG_HOME": str(home), "JUNHENG_PORT": str(port)}
    with (home / "serve.log").open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "flows.deploy.serve"],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def wait_until(is_ready, process: subprocess.Popen, home: Path) -> None:
    ends = time.monotonic() + 240
    while time.monotonic() < ends:
        try:
            if is_ready():
                return
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, (home / "serve.log").read_text("utf-8")
        time.sleep(1)
    raise AssertionError((home / "serve.log").read_text("utf-8"))


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """`make serve` with a warehouse of two counties, of which one is held; yields calls to its API."""
    home = tmp_path_factory.mktemp("served")
    shutil.copytree(TESTS / "flows" / "two_counties", home / "inbox")
    port = free_port()
    served = begin(home, port)
    try:
        wait_until(lambda: len(call_api(port, "/deployments/filter", {})) == 3, served, home)
        yield Api(home, port)
    finally:
        os.killpg(served.pid, signal.SIGKILL)


def start(call, name, **parameters) -> str:
    (deployment,) = [one for one in call("/deployments/filter", {}) if one["name"] == name]
    return call(f"/deployments/{deployment['id']}/create_flow_run", {"parameters": parameters})["id"]


def ended(call, run_id) -> dict:
    """The state that a run ends in."""
    for _ in range(300):
        state = call(f"/flow_runs/{run_id}")["state"]
        if state["type"] in {"COMPLETED", "FAILED", "CRASHED"}:
            return state
        time.sleep(1)
    raise AssertionError(state)


def run(call, name, **parameters) -> dict:
    return ended(call, start(call, name, **parameters))


@pytest.mark.slow
def test_deployments_run_through_the_api_and_say_what_became_of_them(api):
    whole = run(api, "annual", stat_year=2023, counties=["990001"])
    assert (whole["type"], whole["name"]) == ("COMPLETED", "Completed") and "r0001" in whole["message"]
    held = run(api, "annual", stat_year=2023)
    assert (held["type"], held["name"]) == ("COMPLETED", "Held") and "990002" in held["message"]
    assert run(api, "intake")["name"] == "Nothing new"
    failed = run(api, "annual", stat_year=2019)
    assert failed["type"] == "FAILED" and "2019" in failed["message"]
    keys = {one["key"] for one in api("/artifacts/filter", {}) if one["key"]}
    assert {"coefficients", "summary", "findings", "release", "quality", "changes", "workbook"} <= keys


@pytest.mark.slow
def test_a_disk_that_comes_back_is_waited_for(api):
    run(api, "annual", stat_year=2023, counties=["990001"])
    (api.home / "landing").rename(api.home / "aside")
    (api.home / "landing").write_text("in the way", "utf-8")
    run_id = start(api, "annual", stat_year=2023, counties=["990001"])
    asked = {"flow_runs": {"id": {"any_": [run_id]}}}
    for _ in range(120):
        if any(one["state_name"] == "AwaitingRetry" for one in api("/task_runs/filter", asked)):
            break
        time.sleep(0.5)
    (api.home / "landing").unlink()
    (api.home / "aside").rename(api.home / "landing")
    assert ended(api, run_id)["type"] == "COMPLETED"
    counts = {one["name"].split("-")[0]: one["run_count"] for one in api("/task_runs/filter", asked)}
    assert counts["land_files"] > 1 and counts["pass_gate"] == 1


@pytest.mark.slow
def test_the_run_and_its_artifacts_are_seen_in_a_browser(api, tmp_path):
    from playwright.sync_api import sync_playwright

    run_id = start(api, "annual", stat_year=2023)
    assert ended(api, run_id)["name"] == "Held"
    latest = {one["key"]: one["latest_id"] for one in api("/artifacts/latest/filter", {})}
    shots = Path(os.environ.get("JUNHENG_SHOTS", tmp_path))
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.set_default_timeout(240_000)
        for name, path, wanted in (
            ("run", f"/runs/flow-run/{run_id}", "Held"),
            ("coefficients", f"/artifacts/artifact/{latest['coefficients']}", "校际差异系数"),
            ("summary", f"/artifacts/artifact/{latest['summary']}", "单位达标"),
        ):
            page.goto(f"{api.ui}{path}")
            page.get_by_text(wanted).first.wait_for()
            page.wait_for_timeout(1500)
            page.screenshot(path=str(shots / f"{name}.png"))
        browser.close()


@pytest.mark.slow
def test_what_is_scheduled_is_planned_by_the_server(api):
    for _ in range(90):
        planned = api("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})
        if planned:
            break
        time.sleep(1)
    assert planned
    zones = [
        schedule["schedule"]["timezone"] for one in api("/deployments/filter", {}) for schedule in one["schedules"]
    ]
    assert zones == ["Asia/Shanghai"] * 2, "two in the morning where the bureau is"


@pytest.mark.slow
def test_ending_the_server_and_runner_leaves_no_process(tmp_path):
    port = free_port()
    served = begin(tmp_path, port)
    wait_until(lambda: call_api(port, "/health"), served, tmp_path)
    served.terminate()
    assert served.wait(timeout=60) is not None
    with pytest.raises((urllib.error.URLError, OSError)):
        call_api(port, "/health")


@pytest.mark.slow
def test_prefect_yaml_deploys_to_a_worker_that_runs_it(tmp_path):
    shutil.copytree(TESTS / "flows" / "two_counties", tmp_path / "inbox")
    port = free_port()
    environment = {
        **os.environ,
        **serve.settings(tmp_path, f"http://127.0.0.1:{port}/api"),
        "JUNHENG_CODE": str(TESTS.parent),
    }

    def prefect(*words):
        command = [sys.executable, "-m", "prefect", *words]
        return subprocess.Popen(
            command,
            env=environment,
            cwd=TESTS.parent,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    started = []
    with (tmp_path / "serve.log").open("wb") as log:
        try:
            started.append(prefect("server", "start", "--host", "127.0.0.1", "--port", str(port)))
            wait_until(lambda: call_api(port, "/health"), started[0], tmp_path)
            for words in (("work-pool", "create", "junheng", "--type", "process"), ("--no-prompt", "deploy", "--all")):
                assert prefect(*words).wait() == 0, (tmp_path / "serve.log").read_text("utf-8")
            started.append(prefect("worker", "start", "--pool", "junheng", "--type", "process", "--limit", "1"))
            api = Api(tmp_path, port)
            assert run(api, "annual", stat_year=2023)["name"] == "Held"
            assert run(api, "intake")["name"] == "Nothing new"
        finally:
            for one in started:
                os.killpg(one.pid, signal.SIGKILL)
