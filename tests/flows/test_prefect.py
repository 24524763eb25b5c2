"""The annual flow under Prefect: tasks, artifacts, the same release as the plain calls, what is tried again."""

import json

import duckdb
import pytest

from flows import steps
from tests.conftest import TWO
from tests.flows.test_command import junheng, table_hashes
from warehouse import release


def test_the_flow_gives_the_same_release_and_leaves_its_artifacts(tmp_path):
    direct = junheng("run", "--year", 2023, "--inbox", TWO, "--direct", "--json", home=tmp_path / "direct")
    flow = junheng("run", "--year", 2023, "--inbox", TWO, "--json", home=tmp_path / "flow")
    assert (direct.returncode, flow.returncode) == (3, 3), flow.stderr
    assert json.loads(direct.stdout)["resource_part"] == json.loads(flow.stdout)["resource_part"]
    assert table_hashes(tmp_path / "direct") == table_hashes(tmp_path / "flow")
    assert (tmp_path / "flow" / "prefect").is_dir(), "Prefect's home is the project's, not the user's"
    import sqlite3

    with sqlite3.connect(tmp_path / "flow" / "prefect" / "prefect.db") as con:
        keys = {key for (key,) in con.execute("select key from artifact where key is not null")}
        [(table,)] = con.execute("select data from artifact where key = 'coefficients' limit 1")
        tasks = {name.split("-")[0] for (name,) in con.execute("select name from task_run")}
    assert {"coefficients", "summary", "findings", "release", "quality", "changes", "workbook", "database"} <= keys
    row = next(one for one in json.loads(json.loads(table)) if one["差异系数"] != "—")
    assert len(row["差异系数"]) <= len("0.1234") and row["暂定"] in {"是", "否"}, "as people read it"
    assert {"land_files", "read_files", "check_rows", "load_rows", "build_candidate", "pass_gate", "publish"} <= tasks


class Failed:
    """The state of a task that failed by some problem."""

    def __init__(self, problem: Exception) -> None:
        self.problem = problem

    def result(self, *, raise_on_failure: bool) -> Exception:
        assert not raise_on_failure
        return self.problem


@pytest.fixture
def orchestrate(monkeypatch, tmp_path):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "prefect"))
    from flows import orchestrate

    return orchestrate


@pytest.mark.parametrize(
    ("problem", "is_tried_again"),
    [
        (OSError("No space left on device"), True),
        (PermissionError("read-only"), True),
        (duckdb.IOException("Could not set lock on file"), True),
        (FileNotFoundError("no file of 2023"), False),
        (release.Damaged("no longer what was published"), False),
        (release.Withdrawn("r0002-x", {"at": "then", "by": "李四"}), False),
        (steps.GateClosed(["unique_key fact_county_cv"]), False),
        (steps.NothingLoaded([]), False),
        (duckdb.ConversionException("a wrong cell"), False),
        (ValueError("wrong data"), False),
    ],
)
def test_what_the_world_does_is_tried_again_and_wrong_data_are_not(orchestrate, problem, is_tried_again):
    assert orchestrate.is_of_the_world(None, None, Failed(problem)) is is_tried_again


def test_the_gate_is_asked_once_and_everything_else_may_be_tried_again(orchestrate, monkeypatch):
    made = {}
    monkeypatch.setattr("prefect.task", lambda step, **how: made.setdefault(step.__name__, how) and (lambda: None))
    for name in ("land_files", "read_files", "check_rows", "load_rows", "build_candidate", "pass_gate", "publish"):
        orchestrate.as_task(getattr(steps, name))
    assert {name for name, how in made.items() if not how["retries"]} == {"pass_gate"}
    assert made["publish"]["retry_delay_seconds"] == sorted(made["publish"]["retry_delay_seconds"])
