"""The archive for machines without a network: what is in it, and that it installs and runs the demo with the network cut."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from flows.deploy import bundle
from tests.conftest import TESTS
from tests.flows.test_command import junheng
from warehouse import release

LOCK = """\
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:aa \\
    --hash=sha256:ab
asyncpg==0.30.0 \\
    --hash=sha256:bb
uvloop==0.21.0 ; sys_platform != 'win32' and platform_machine == 'x86_64' \\
    --hash=sha256:cc
tomli==2.0.0 ; python_full_version < '3.11' \\
    --hash=sha256:dd
"""


@pytest.mark.parametrize(("system", "names"), [("linux", ["asyncpg", "uvloop"]), ("windows", ["colorama", "asyncpg"])])
def test_each_system_gets_what_holds_on_it_with_every_hash(system, names):
    said = bundle.for_system(LOCK, system)
    assert [line.split("==")[0] for line in said.splitlines() if "==" in line] == names
    assert ";" not in said and said.count("--hash") == {"linux": 2, "windows": 3}[system]


def test_the_archive_holds_scripts_as_their_system_reads_them(tmp_path):
    (tmp_path / "in" / "wheels" / "linux").mkdir(parents=True)
    (tmp_path / "in" / "wheels" / "linux" / "a-1-py3-none-any.whl").write_bytes(b"wheel")
    bundle.pack(tmp_path / "in", tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.read("junheng/wheels/linux/a-1-py3-none-any.whl") == b"wheel"
        assert archive.getinfo("junheng/install.sh").external_attr >> 16 == 0o755
        assert b"\r" not in archive.read("junheng/install.sh")
        for name in ("install.cmd", "junheng.cmd"):
            content = archive.read(f"junheng/{name}")
            assert content.count(b"\r\n") == content.count(b"\n") and "rem" in content.decode("gb18030")


@pytest.mark.parametrize("name", ["install.cmd", "junheng.cmd"])
def test_what_windows_runs_is_plain_ascii_whatever_its_code_page(name):
    """Only what is read by people may be Chinese: the console's code page decides how the other bytes are understood."""
    for line in (bundle.SCRIPTS / name).read_text("utf-8").splitlines():
        assert line.isascii() or line.split()[0] in {"rem", "echo"}, line


def test_a_dropped_file_is_checked_and_its_list_opens(tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("typer.launch", lambda path: opened.append(path) or 0)
    file = TESTS / "flows" / "two_counties" / "2023" / "990002" / "enrolment.csv"
    said = junheng("check", file, "--open", "-o", tmp_path / "findings", home=tmp_path)
    assert said.returncode == 3 and "G3" in said.stdout
    assert opened == [str(tmp_path / "findings" / "问题清单.xlsx")] and Path(opened[0]).exists()


@pytest.fixture(scope="module")
def archive() -> Path:
    """The archive: the one that JUNHENG_BUNDLE names, else built now, for which the network is needed."""
    if named := os.environ.get("JUNHENG_BUNDLE"):
        return Path(named)
    said = subprocess.run([sys.executable, "-m", "flows.deploy.bundle"], capture_output=True, text=True, check=True)
    return Path(said.stdout.splitlines()[-1].rsplit("  ", 1)[0])


def offline(*words, cwd: Path) -> subprocess.CompletedProcess:
    """Run something in a network namespace of its own, where there is no network."""
    clean = {"PATH": os.environ["PATH"], "HOME": str(cwd), "LANG": "C.UTF-8", "PYTHON": sys.executable}
    said = ["unshare", "--map-root-user", "--net", *map(str, words)]
    return subprocess.run(said, cwd=cwd, env=clean, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_the_archive_installs_and_runs_the_demo_with_the_network_cut(archive, demo_home, tmp_path):
    assert offline(
        "python3", "-c", "import socket; socket.create_connection(('1.1.1.1', 53), 2)", cwd=tmp_path
    ).returncode
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path)
    place = tmp_path / "junheng"
    installed = offline("sh", "install.sh", cwd=place)
    assert installed.returncode == 0 and "已装好" in installed.stdout, installed.stdout + installed.stderr
    said = offline("app/bin/junheng", "demo", "--direct", "--home", place / "data", "--json", cwd=place)
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)["is_new"]
    assert release.latest(place / "data")["content_hash"] == release.latest(demo_home)["content_hash"]
    listed = offline("app/bin/python", "-m", "pip", "list", "--format", "json", cwd=place)
    names = {one["name"] for one in json.loads(listed.stdout)}
    assert "junheng" in names and not {"pytest", "ruff", "pyspark", "sqlfluff"} & names
