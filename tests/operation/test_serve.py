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

import pytest

from tests.conftest import TESTS


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    """`make serve` with a warehouse of two counties, of which one is held; yields calls to its API."""
    home = tmp_path_factory.mktemp("served")
    shutil.copytree(TESTS / "flows" / "two_counties", home / "inbox")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "JUNHENG_HOME": str(home), "JUNHENG_PORT": str(port)}
    with (home / "serve.log").open("wb") as output:
        served = subprocess.Popen(
            [sys.executable, "-m", "flows.deploy.serve"],
            env=environment,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )

    def call(path, content=None):
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api{path}", data, {"Content-Type": "application/json"}
        )
        return json.load(urllib.request.urlopen(request, timeout=10))

    try:
        for _ in range(120):
            try:
                if len(call("/deployments/filter", {})) == 3:
                    break
            except (urllib.error.URLError, OSError):
                assert served.poll() is None, (home / "serve.log").read_text()
            time.sleep(1)
        yield call
    finally:
        os.killpg(served.pid, signal.SIGKILL)


def run(call, name, **parameters):
    (deployment,) = [one for one in call("/deployments/filter", {}) if one["name"] == name]
    started = call(f"/deployments/{deployment['id']}/create_flow_run", {"parameters": parameters})
    for _ in range(120):
        state = call(f"/flow_runs/{started['id']}")["state"]
        if state["type"] in {"COMPLETED", "FAILED", "CRASHED"}:
            return state
        time.sleep(1)
    raise AssertionError(state)


@pytest.mark.slow
def test_deployments_run_through_the_api_and_say_what_became_of_them(api):
    held = run(api, "annual", stat_year=2023)
    assert (held["type"], held["name"]) == ("COMPLETED", "Held") and "990002" in held["message"]
    assert run(api, "intake")["name"] == "Nothing new"
    failed = run(api, "annual", stat_year=2019)
    assert failed["type"] == "FAILED" and "2019" in failed["message"]
    keys = {one["key"] for one in api("/artifacts/filter", {}) if one["key"]}
    assert {"coefficients", "summary", "findings", "release"} <= keys


@pytest.mark.slow
def test_what_is_scheduled_is_planned_by_the_server(api):
    for _ in range(90):
        planned = api("/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}})
        if planned:
            break
        time.sleep(1)
    assert planned
