"""The process of the expectations: what becomes of the gate when it dies, is silent, or its starter dies."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows import steps
from tests.conftest import order_for
from transforms import expect_process


def closed_by(home, asked) -> list[str]:
    with pytest.raises(steps.GateClosed) as closed:
        steps.pass_gate(order_for(home, home / "inbox", standard_ids=()), asked)
    return closed.value.breaches


def test_the_process_answers_and_leaves_nothing_behind(demo_copy):
    with expect_process.child() as asked:
        admission = steps.pass_gate(order_for(demo_copy, demo_copy / "inbox", standard_ids=()), asked)
    assert not any(check.failed for check in admission.checks)
    assert asked.process.returncode == 0
    assert not list(demo_copy.glob("candidate_rows-*"))
    assert {"contracts", "difference", "expectations", "page"} < {part for part, _ in admission.seconds}


def test_what_the_process_of_a_killed_run_left_is_cleared_and_never_read(demo_copy, here):
    left = demo_copy / "candidate_rows-1"
    left.mkdir()
    (left / "answers.json").write_text("{}", "utf-8")
    admission = steps.pass_gate(order_for(demo_copy, demo_copy / "inbox", standard_ids=()), here)
    assert not left.exists() and not any(check.failed for check in admission.checks)


def test_a_process_that_was_killed_closes_the_gate(demo_copy):
    with expect_process.child() as asked:
        asked.process.kill()
        asked.process.wait()
        breaches = closed_by(demo_copy, asked)
    assert len(breaches) >= 60 and all("could not run" in breach for breach in breaches)
    assert f"{-signal.SIGKILL}" in breaches[0]


def test_a_process_that_says_nothing_closes_the_gate_in_time(demo_copy):
    with expect_process.child(timeout=0.5) as asked:
        os.kill(asked.process.pid, signal.SIGSTOP)
        breaches = closed_by(demo_copy, asked)
    assert breaches and all("no answer within 0.5 seconds" in breach for breach in breaches)
    assert asked.process.returncode is not None


def test_a_process_that_fails_says_why(demo_copy, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(demo_copy / "broken"))
    (demo_copy / "broken" / "great_expectations").mkdir(parents=True)
    (demo_copy / "broken" / "great_expectations" / "__init__.py").write_text("raise ImportError('no such wheel')")
    with expect_process.child() as asked:
        breaches = closed_by(demo_copy, asked)
    assert all("could not run" in breach and "no such wheel" in breach for breach in breaches)


def test_the_process_ends_when_its_starter_is_killed():
    code = (
        "import time; from transforms import expect_process;"
        "print(expect_process.Child(open('/dev/null', 'w')).process.pid, flush=True); time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    starter.stdout.close()
    deadline = time.monotonic() + 60
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not is_running(pid)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
