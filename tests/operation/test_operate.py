"""Whoever runs the pipeline is told what happened: by log, by message, by the doctor."""

import http.server
import json
import os
import re
import shutil
import sys
import threading
from importlib.metadata import version
from pathlib import Path

import pytest

from flows import examine, log, notify
from flows.steps import years_with_news
from tests.conftest import TESTS, TWO, home_of
from tests.flows.test_command import junheng
from warehouse import store

WEBHOOKS = TESTS.parent / "flows" / "deploy" / "webhook"


@pytest.fixture
def listener():
    """A web server that keeps what is sent to it."""
    got = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            got.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", got
    server.shutdown()


def test_without_an_address_nobody_is_told(monkeypatch):
    monkeypatch.delenv("JUNHENG_WEBHOOK_URL", raising=False)
    assert notify.notify("failed", (2023,), "r1", None) is None


@pytest.mark.parametrize("body", [None, "wecom.json", "dingtalk.json"])
def test_each_body_is_json_with_everything_filled_in(body, listener, monkeypatch):
    url, got = listener
    monkeypatch.setenv("JUNHENG_WEBHOOK_URL", url)
    if body:
        monkeypatch.setenv("JUNHENG_WEBHOOK_BODY", str(WEBHOOKS / body))
    assert notify.notify("held", (2022, 2023), "r1", "r0001-abc", '2 处"错误"\n') is None
    (sent,) = got
    text = json.dumps(json.loads(sent), ensure_ascii=False)
    assert "2022、2023" in text and "扣留" in text and "r0001-abc" in text and "$" not in text


def test_a_message_that_does_not_get_through_is_said_and_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("JUNHENG_WEBHOOK_URL", "http://127.0.0.1:9/")
    assert "not sent" in notify.notify("failed", (2023,), "r1", None)
    monkeypatch.setenv("JUNHENG_WEBHOOK_URL", "file:///etc/passwd")
    assert "address" in notify.notify("failed", (2023,), "r1", None)
    monkeypatch.setenv("JUNHENG_WEBHOOK_URL", "http://127.0.0.1:9/")
    (tmp_path / "body.json").write_text('{"a": "$nothing"}', "utf-8")
    monkeypatch.setenv("JUNHENG_WEBHOOK_BODY", str(tmp_path / "body.json"))
    assert "nothing" in notify.notify("failed", (2023,), "r1", None)


def test_a_held_run_is_logged_told_and_listed(tmp_path, listener, monkeypatch):
    url, got = listener
    monkeypatch.setenv("JUNHENG_WEBHOOK_URL", url)
    assert junheng("run", "--year", 2023, "--inbox", TWO, "--direct", home=tmp_path).returncode == 3
    (run,) = json.loads(junheng("runs", "--json", home=tmp_path).stdout)
    assert run["status"] == "held" and run["release_id"].startswith("r0001")
    events = log.read(tmp_path, run["run_id"])
    assert events[0]["event"] == "started" and events[-1]["event"] == "held"
    assert {one["name"] for one in events if one["event"] == "step"} >= {"land_files", "load_rows", "publish"}
    assert json.loads(got[0])["event"] == "held"
    shown = junheng("runs", run["run_id"], home=tmp_path).stdout
    assert "publish" in shown and "seconds" in shown


def test_a_failed_run_is_logged_with_what_was_said(tmp_path, listener, monkeypatch):
    url, got = listener
    monkeypatch.setenv("JUNHENG_WEBHOOK_URL", url)
    shutil.copytree(TWO, tmp_path / "inbox")
    (tmp_path / "releases").write_text("in the way")
    assert junheng("run", "--year", 2023, "--direct", home=tmp_path).returncode == 1
    (run,) = json.loads(junheng("runs", "--json", home=tmp_path).stdout)
    assert run["status"].startswith("failed")
    assert json.loads(got[0])["event"] == "failed"


def test_the_log_is_said_on_the_terminal_with_the_run_it_is_of(tmp_path, capsys, monkeypatch):
    log.write(tmp_path, "r1", "step", name="load_rows", seconds=0.25)
    told = json.loads(capsys.readouterr().err)
    assert told == log.read(tmp_path, "r1")[0] and (told["run_id"], told["name"]) == ("r1", "load_rows")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    log.write(tmp_path, "r1", "published", release="r0001-abc")
    said = capsys.readouterr().err
    assert said.startswith(told["at"][:10]) and said.rstrip().endswith("r1 published release r0001-abc")
    (tmp_path / "secret.jsonl").write_text("{}", "utf-8")
    assert log.read(tmp_path, "../secret") == [], "a run's name leads nowhere else"


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "logs").write_text("in the way")
    log.write(tmp_path, "r1", "started")
    assert log.read(tmp_path, "r1") == []


def test_only_years_with_a_file_not_read_yet_are_news(held_copy, tmp_path):
    shutil.copytree(TWO, tmp_path / "inbox")
    assert years_with_news(tmp_path / "nowhere", tmp_path / "inbox") == (2023,)
    assert years_with_news(held_copy, tmp_path / "inbox") == ()
    (tmp_path / "inbox" / "2022").mkdir()
    (tmp_path / "inbox" / "2022" / "school.csv").write_text("stat_year\n", "utf-8")
    assert years_with_news(held_copy, tmp_path / "inbox") == (2022,)


def states(home: Path) -> dict[str, str]:
    return {one.what.split()[-1]: one.state for one in examine.examine(home)}


def test_the_doctor_finds_a_sound_warehouse_sound(demo_home):
    found = states(demo_home)
    assert {found[name] for name in ("Python", "libraries", "warehouse", "lock", "standards", "store", "release")} == {
        "ok"
    }


def test_the_doctor_names_what_is_wrong(demo_copy):
    table = demo_copy / "latest" / "tables" / "dim_item.parquet"
    content = table.read_bytes()
    table.unlink()
    table.write_bytes(content + b" ")
    (demo_copy / "standards").mkdir(exist_ok=True)
    (demo_copy / "standards" / "broken.toml").write_text("id = 1", "utf-8")
    found = states(demo_copy)
    assert found["release"] == "fault" and found["standards"] == "fault"
    said = junheng("doctor", home=demo_copy)
    assert said.returncode == 1 and "dim_item" in said.stdout and "broken.toml" in said.stdout


def test_the_doctor_of_an_empty_place_faults_nothing(tmp_path):
    assert "fault" not in states(tmp_path / "nowhere").values()


def test_the_deployments_are_those_that_are_served():
    import yaml

    described = yaml.safe_load((TESTS.parent / "prefect.yaml").read_text("utf-8"))
    assert [one["name"] for one in described["deployments"]] == ["annual", "backfill", "intake"]
    for one in described["deployments"]:
        path, name = one["entrypoint"].split(":")
        text = (TESTS.parent / path).read_text("utf-8")
        assert f"def {name}(" in text and one["concurrency_limit"] == 1
        assert all(re.search(rf"^    {parameter}: ", text, re.MULTILINE) for parameter in one["parameters"])


def test_the_containers_are_those_of_the_lock_and_of_the_deployments():
    """They are not run in the tests; what they name must be there and fit."""
    import yaml

    composed = yaml.safe_load((TESTS.parent / "flows" / "deploy" / "compose.yaml").read_text("utf-8"))["services"]
    described = yaml.safe_load((TESTS.parent / "prefect.yaml").read_text("utf-8"))
    assert composed["server"]["image"].startswith(f"prefecthq/prefect:{version('prefect')}-")
    (pool,) = {one["work_pool"]["name"] for one in described["deployments"]}
    assert f"--pool {pool} " in composed["worker"]["command"] and "--limit 1" in composed["worker"]["command"]
    assert (TESTS.parent / composed["worker"]["build"]["dockerfile"]).exists()
    assert {"JUNHENG_HOME", "JUNHENG_CODE", "JUNHENG_WEBHOOK_URL"} <= set(composed["worker"]["environment"])
    assert all("127.0.0.1" in port for one in composed.values() for port in one.get("ports", []))


RESERVED = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(10))}


def test_every_file_of_a_warehouse_has_a_name_that_windows_takes(demo_home):
    """Windows itself was not at hand: its rules for names are held here, its locks by a stand-in below."""
    for path in demo_home.rglob("*"):
        name = path.relative_to(demo_home).as_posix()
        assert not set(path.name) & set('<>:"|?*\\') and not path.name.endswith((".", " ")), name
        assert path.stem.lower() not in RESERVED and len(name) < 150, name


class Locks:
    """As msvcrt locks a byte of a file: refused while another holds it."""

    LK_NBLCK = 2

    def __init__(self) -> None:
        self.is_held = False
        self.at: list[int] = []

    def locking(self, descriptor: int, mode: int, size: int) -> None:
        assert (mode, size) == (self.LK_NBLCK, 1)
        self.at.append(os.lseek(descriptor, 0, os.SEEK_CUR))
        if self.is_held:
            raise OSError("Permission denied")
        self.is_held = True


def test_on_windows_the_lock_is_a_byte_that_nobody_reads(tmp_path, monkeypatch):
    locks = Locks()
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", locks)
    with store.lock(tmp_path, "first"):
        said = json.loads((tmp_path / "junheng.lock").read_text("utf-8"))
        with pytest.raises(store.Busy, match="first"), store.lock(tmp_path, "second"):
            pass
        assert said["for"] == "first" and json.loads((tmp_path / "junheng.lock").read_text("utf-8")) == said
    assert min(locks.at) > 1_000_000


@pytest.mark.parametrize("encoding", ["gbk", "ascii"])
def test_a_console_that_cannot_show_every_sign_loses_no_sentence(encoding, held):
    """Windows consoles in China speak GBK, which has no code for some of our signs."""
    import subprocess

    home = str(home_of(held))
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "JUNHENG_HOME": home}
    said = subprocess.run(
        [sys.executable, "-m", "flows.cli", "findings"], env=environment, capture_output=True, check=False
    )
    assert said.returncode == 0 and b"Traceback" not in said.stderr
    assert "990002" in said.stdout.decode(encoding)
    plain = subprocess.run(
        [sys.executable, "-m", "flows.cli", "findings", "--json"], env=environment, capture_output=True, check=False
    )
    assert json.loads(plain.stdout.decode(encoding))[0]["message_zh"]
