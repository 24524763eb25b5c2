"""The annual flow under Prefect: tasks, artifacts, the same release as the plain calls."""

import json

from tests.conftest import TESTS
from tests.flows.test_command import junheng, table_hashes


def test_the_flow_gives_the_same_release_and_leaves_its_artifacts(tmp_path):
    inbox = TESTS / "flows" / "two_counties"
    direct = junheng("run", "--year", 2023, "--inbox", inbox, "--direct", "--json", home=tmp_path / "direct")
    flow = junheng("run", "--year", 2023, "--inbox", inbox, "--json", home=tmp_path / "flow")
    assert (direct.returncode, flow.returncode) == (3, 3), flow.stderr
    assert json.loads(direct.stdout)["resource_part"] == json.loads(flow.stdout)["resource_part"]
    assert table_hashes(tmp_path / "direct") == table_hashes(tmp_path / "flow")
    assert (tmp_path / "flow" / "prefect").is_dir(), "Prefect's home is the project's, not the user's"
    import sqlite3

    with sqlite3.connect(tmp_path / "flow" / "prefect" / "prefect.db") as con:
        keys = {key for (key,) in con.execute("select key from artifact where key is not null")}
        tasks = {name.split("-")[0] for (name,) in con.execute("select name from task_run")}
    assert {"coefficients", "summary"} <= keys
    assert {"land_files", "read_files", "check_rows", "load_rows", "build_candidate", "pass_gate", "publish"} <= tasks
