"""Papers are written twice in a process that has written none before: the same release gives the same bytes."""

import json
import subprocess
import sys

from flows.cli_report import WRITERS

TWICE = """
import hashlib, importlib, json, sys
from pathlib import Path

release, folder, names = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
written = {}
for time in ("first", "second"):
    for name in names:
        paths = importlib.import_module(name).write(release, "500104", 2023, folder / time)
        for path in paths:
            written.setdefault(path.name, []).append(hashlib.sha256(path.read_bytes()).hexdigest())
print(json.dumps(written))
"""


def test_the_first_and_the_second_writing_are_the_same_bytes(demo_home, tmp_path):
    names = [name for writers in WRITERS.values() for name in writers if name != "transforms.report.write_pdf"]
    for time in ("first", "second"):
        (tmp_path / time).mkdir()
    said = subprocess.run(
        [sys.executable, "-c", TWICE, str((demo_home / "latest").resolve()), str(tmp_path), *names],
        capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    written = json.loads(said.stdout)
    assert {"自查自评报告.docx", "申报表.xlsx", "核算表.xlsx", "一校一策.docx", "成绩单.html"} <= set(written)
    assert {name: len(set(hashes)) for name, hashes in written.items()} == dict.fromkeys(written, 1)
