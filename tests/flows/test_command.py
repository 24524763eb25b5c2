"""The command as people use it: exit codes, held and accepted counties, dry runs, repeated runs."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import traceback
from contextlib import nullcontext, redirect_stderr, redirect_stdout
from pathlib import Path

import duckdb
import pytest
from openpyxl import load_workbook

from flows import sequence, steps
from tests.conftest import TWO, Here, directly, order_for, released, views_of
from transforms.synthesize import demo_county
from warehouse import release, store

PARQUET = ("--direct", "--format", "parquet")
"""How a run is called where nothing looks at the other formats."""


def junheng(*arguments, home: Path) -> subprocess.CompletedProcess:
    """Run the command as a user types it: in a process of its own where Prefect runs it, else in this one."""
    words = [str(one) for one in arguments]
    is_under_prefect = words[0] in {"run", "backfill", "demo"} and not {"--direct", "--dry-run"} & set(words)
    return as_process(words, home) if is_under_prefect else in_this_process(words, home)


def as_process(words: list[str], home: Path) -> subprocess.CompletedProcess:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    said = [sys.executable, "-m", "flows.cli", *words]
    environment = {**clean, "JUNHENG_HOME": str(home)}
    return subprocess.run(said, capture_output=True, text=True, env=environment, check=False, timeout=300)


def in_this_process(words: list[str], home: Path) -> subprocess.CompletedProcess:
    """What the process would say and end with; the libraries, and those of the gate, are imported once for all tests."""
    from flows import cli
    from transforms import expect_process

    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["junheng", *words])
        patch.setenv("JUNHENG_HOME", str(home))
        patch.setattr(expect_process, "child", lambda: nullcontext(Here()))
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        except Exception:
            traceback.print_exc()
            code = 1
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def table_hashes(home: Path) -> dict[str, str]:
    folder = home / "latest" / "tables"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def results(home: Path, query: str) -> list[tuple]:
    with views_of(home / "latest") as con:
        return con.execute(query).fetchall()


def test_one_county_is_held_with_both_cells_named_and_the_other_is_published(tmp_path):
    said = junheng("run", "--year", 2023, "--inbox", TWO, "--direct", home=tmp_path)
    assert said.returncode == 3, said.stderr
    for cell in ("990002/enrolment.csv › G3", "990002/teacher.csv › L2"):
        assert cell in said.stdout
    assert "-3 超出范围" in said.stdout and "-3 is out of range" in said.stdout
    assert "101 超过总数 100" in said.stdout and "101 is more than its total 100" in said.stdout
    assert results(tmp_path, "select distinct county_code from fact_result") == [("990001",)]


def test_an_accepted_county_is_provisional_and_what_needs_the_cell_is_not_assessable(held_copy):
    said = junheng("accept", "990002", 2023, "--reason", "来函说明", "--by", "张三", home=held_copy)
    assert said.returncode == 0, said.stdout + said.stderr
    found = results(
        held_copy,
        "select scope_id, stage, item_code, verdict from fact_result where county_code = '990002' and is_provisional"
        " and standard_id = 'quality-balance-2017' and scope = 'unit'",
    )
    verdicts = {tuple(row[:3]): row[3] for row in found}
    assert len(verdicts) == 28
    # pupils of the nine-year school's primary stage: missing, so all of that stage and what its stages share
    assert {verdicts["3199000202-0", "primary", f"R{n}"] for n in range(1, 8)} == {"not_assessable"}
    assert {verdicts["3199000202-0", "junior", f"R{n}"] for n in (4, 5, 6, 7)} == {"not_assessable"}
    assert {verdicts["3199000202-0", "junior", f"R{n}"] for n in (1, 2, 3)} == {"met"}
    # backbone teachers of the first school: R2 alone
    first = {item: verdict for (site, _, item), verdict in verdicts.items() if site == "2199000201-0"}
    assert first.pop("R2") == "not_assessable" and set(first.values()) == {"met"}
    cvs = dict(
        results(
            held_copy,
            "select item_code, verdict from fact_county_cv where county_code = '990002' and stage = 'junior'"
            " and readings_id = 'default'",
        )
    )
    assert cvs["R2"] == "met" and cvs["R4"] == "not_assessable"
    assert results(held_copy, "select distinct is_provisional from fact_result where county_code = '990001'") == [
        (False,)
    ]
    with store.connect(held_copy, read_only=True) as con:
        assert con.execute("select county_code, accepted_by, reason from acceptance").fetchall() == [
            ("990002", "张三", "来函说明")
        ]


def test_accepting_asks_for_a_name_and_a_held_county(held_copy):
    assert junheng("accept", "990002", 2023, "--reason", " ", "--by", "张三", home=held_copy).returncode == 2
    assert junheng("accept", "990001", 2023, "--reason", "因", "--by", "张三", home=held_copy).returncode == 2


def test_a_failed_new_version_leaves_the_last_accepted_one_marked_stale(tmp_path):
    inbox = tmp_path / "inbox"
    shutil.copytree(TWO / "2023" / "990001", inbox / "2023")
    assert junheng("run", "--year", 2023, *PARQUET, home=tmp_path).returncode == 0
    before = results(tmp_path, "select scope_id, item_code, value from fact_result order by all")
    path = inbox / "2023" / "enrolment.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",600,", ",六百,"), encoding="utf-8")
    assert junheng("run", "--year", 2023, *PARQUET, home=tmp_path).returncode == 3
    assert results(tmp_path, "select is_stale from dim_county_year") == [(True,)]
    assert results(tmp_path, "select scope_id, item_code, value from fact_result order by all") == before
    path.write_text(path.read_text(encoding="utf-8").replace(",六百,", ",601,"), encoding="utf-8")
    assert junheng("run", "--year", 2023, *PARQUET, home=tmp_path).returncode == 0
    assert results(tmp_path, "select is_stale from dim_county_year") == [(False,)]


def test_an_edited_cell_gives_a_new_release_and_only_its_file_is_read(demo_copy):
    path = demo_copy / "inbox" / "2023" / "500104_2023.xlsx"
    workbook = load_workbook(path)
    sheet = workbook["校舍装备"]
    heads = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, heads["教学仪器设备值(元)"]).value = 1
    workbook.save(path)
    said = junheng("backfill", 2022, 2023, *PARQUET, "--json", home=demo_copy)
    told = json.loads(said.stdout)
    assert said.returncode == 0 and told["is_new"]
    assert [sorted(one) == ["files", "stat_year"] for one in told["taken"]] == [True, False]
    changed = results(
        demo_copy, "select verdict from fact_school_summary where stat_year = 2023 and site_id = '2150990001-0'"
    )
    assert changed == [("not_met",)]


def test_a_second_run_publishes_nothing_new_and_a_deleted_warehouse_comes_back_byte_for_byte(demo_copy):
    before, pointer = table_hashes(demo_copy), release.latest(demo_copy)
    said = junheng("run", "--year", 2023, "--direct", "--json", home=demo_copy)
    assert json.loads(said.stdout)["is_new"] is False
    assert len(list((demo_copy / "releases").iterdir())) == 1
    for path in demo_copy.iterdir():
        if path.name != "inbox":
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    assert junheng("demo", "--direct", home=demo_copy).returncode == 0
    assert table_hashes(demo_copy) == before
    assert release.latest(demo_copy)["content_hash"] == pointer["content_hash"]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_change_no_byte(demo_copy, threads):
    """Threads are the models': the years are not taken in again."""
    order = order_for(demo_copy, demo_copy / "inbox", *demo_county.YEARS, standard_ids=(), threads=threads)
    again, _ = sequence.release_all(order, directly, Here())
    assert (again.content_hash, again.is_new) == (release.latest(demo_copy)["content_hash"], False)


def test_a_dry_run_writes_nothing_and_says_what_would_happen(tmp_path):
    said = junheng("run", "--year", 2023, "--inbox", TWO, "--dry-run", home=tmp_path / "home")
    assert said.returncode == 3 and "演练" in said.stdout and "990002/teacher.csv › L2" in said.stdout
    left = {path.name for path in (tmp_path / "home").iterdir()}
    assert left <= {"junheng.lock"}


def test_a_release_holds_the_formats_that_were_asked_for(tmp_path):
    order = ("run", "--year", 2023, "--inbox", TWO, "--county", "990001", "--direct")
    said = junheng(*order, "--format", "parquet,docx", home=tmp_path)
    assert said.returncode == 2 and "docx" in said.stderr
    said = junheng(*order, "--format", "parquet", home=tmp_path)
    assert said.returncode == 0, said.stderr
    held = {path.name for path in (tmp_path / "latest").iterdir()}
    assert "tables" in held and not held & {"csv", "junheng.duckdb", "数据包.xlsx", "datapackage.json"}
    assert release.manifest_in(tmp_path / "latest")["formats"] == {"copies": []}
    said = junheng(*order, home=tmp_path)
    assert said.returncode == 0 and len(release.ids(tmp_path)) == 1, "not said: as the current release"
    said = junheng(*order, "--format", "csv", home=tmp_path)
    assert said.returncode == 0 and len(release.ids(tmp_path)) == 2, "the same content, with what was asked for"
    assert (tmp_path / "latest" / "csv" / "fact_result.csv").exists()


def test_a_busy_warehouse_names_its_holder(tmp_path):
    with store.lock(tmp_path, "别人的任务"):
        said = junheng("run", "--year", 2023, "--inbox", TWO, "--direct", home=tmp_path)
    assert said.returncode == 1
    assert "别人的任务" in said.stderr and str(os.getpid()) in said.stderr and "Traceback" not in said.stderr


def test_a_year_without_files_is_a_sentence_not_a_traceback(tmp_path):
    said = junheng("run", "--year", 1999, home=tmp_path)
    assert said.returncode == 1 and "1999" in said.stderr and "Traceback" not in said.stderr
    said = junheng("run", "--year", 2023, "--inbox", TWO, "--standard", "nowhere", home=tmp_path)
    assert said.returncode == 1 and "nowhere" in said.stderr and "Traceback" not in said.stderr


def test_check_lists_everything_stores_nothing_and_exits_with_three(tmp_path):
    files = sorted((TWO / "2023" / "990002").iterdir())
    said = junheng("check", *files, "--json", home=tmp_path)
    assert said.returncode == 3
    errors = [row for row in json.loads(said.stdout) if row["severity"] == "error"]
    assert [(row["rule"], row["cell"]) for row in errors] == [
        ("out_of_range", "G3"),
        ("part_over_total", "L2"),
    ]
    assert not any(tmp_path.iterdir())


def test_only_the_named_county_is_taken_in_and_the_others_later(tmp_path, run):
    clean = tmp_path / "inbox" / "2023"
    shutil.copytree(TWO / "2023" / "990001", clean)
    school = (TWO / "2023" / "990001" / "school.csv").read_text(encoding="utf-8").replace("990001", "990003")
    for table in ("school", "enrolment", "teacher", "premises"):
        path = clean / f"{table}.csv"
        lines = path.read_text(encoding="utf-8").splitlines()
        other = [
            line.replace(",990001,", ",990003,").replace("9900010", "9900030").replace("219900", "219933")
            for line in lines[1:]
        ]
        path.write_text("\n".join([*lines, *other]) + "\n", encoding="utf-8")
    assert "990003" in school
    one = run(tmp_path / "inbox", counties=("990001",))
    with released(one) as con:
        assert con.execute("select distinct county_code from fact_result").fetchall() == [("990001",)]
    both = run(tmp_path / "inbox")
    with released(both) as con:
        assert con.execute("select count(distinct county_code) from fact_result").fetchone() == (2,)


def test_where_nothing_was_ever_accepted_nothing_is_published(tmp_path):
    shutil.copytree(TWO / "2023" / "990002", tmp_path / "inbox" / "2023")
    said = junheng("run", "--year", 2023, *PARQUET, home=tmp_path)
    assert said.returncode == 3 and "enrolment.csv › G3" in said.stdout and "Traceback" not in said.stderr
    assert "未发布" in said.stderr and not (tmp_path / "latest.json").exists()
    assert junheng("accept", "990002", 2023, "--reason", "因", "--by", "张三", home=tmp_path).returncode == 0
    assert results(tmp_path, "select distinct is_provisional from fact_result") == [(True,)]


def test_a_table_that_cannot_be_read_holds_what_was_sent_with_it(tmp_path):
    inbox = tmp_path / "inbox"
    shutil.copytree(TWO / "2023" / "990001", inbox / "2023" / "甲")
    shutil.copytree(TWO / "2023" / "990002", inbox / "2023" / "乙")
    (inbox / "2023" / "甲" / "premises.csv").write_text("a,b\n1,2,3\n", encoding="utf-8")
    for table in ("enrolment", "teacher"):
        path = inbox / "2023" / "乙" / f"{table}.csv"
        path.write_text(
            path.read_text(encoding="utf-8").replace(",-3,", ",500,").replace(",101,", ",99,"), encoding="utf-8"
        )
    said = junheng("run", "--year", 2023, *PARQUET, home=tmp_path)
    assert said.returncode == 3 and "甲/premises.csv" in said.stdout, said.stdout
    assert results(tmp_path, "select distinct county_code from fact_result") == [("990002",)]


def test_a_file_sent_twice_is_read_once(tmp_path):
    inbox = tmp_path / "inbox"
    shutil.copytree(TWO / "2023" / "990001", inbox / "2023" / "a")
    shutil.copytree(TWO / "2023" / "990001", inbox / "2023" / "b")
    said = junheng("run", "--year", 2023, *PARQUET, "--json", home=tmp_path)
    assert said.returncode == 0 and json.loads(said.stdout)["taken"][0]["rows_in"] == 14


def test_rows_in_are_rows_accepted_quarantined_and_skipped(held):
    (taken,) = held.taken
    counts = taken.counts
    assert counts["rows_in"] == 28 == counts["rows_accepted"] + counts["rows_quarantined"] + counts["rows_skipped"]
    assert (counts["rows_accepted"], counts["held"]) == (14, 1)


def test_explain_leads_from_the_number_to_its_cells(demo_home):
    arguments = ("--unit", "3150990011-0", "--stage", "junior", "--year", 2023)
    said = junheng("explain", "R4", *arguments, home=demo_home)
    assert said.returncode == 0, said.stderr
    for part in (
        "合成数据",
        "1.1×",
        "标准：>= 5.8",
        "转引/未核原文",
        "500104_2023.xlsx › 校舍装备 › E",
        "500104_2023.xlsx › 在校生 › G",
    ):
        assert part in said.stdout
    told = json.loads(junheng("explain", "R4", *arguments, "--json", home=demo_home).stdout)
    workbook = load_workbook(demo_home / "inbox" / "2023" / "500104_2023.xlsx", read_only=True)
    for term in told["terms"]:
        for cell in term["cells"]:
            assert float(workbook[cell["sheet"]][cell["cell"]].value) == float(cell["value"])
    unknown = junheng("explain", "R4", "--unit", "9999999999-0", "--stage", "junior", "--year", 2023, home=demo_home)
    assert unknown.returncode == 1 and "9999999999-0" in unknown.stderr and "Traceback" not in unknown.stderr


def test_help_imports_nothing_heavy(tmp_path):
    heavy = ("polars", "pandera", "duckdb", "prefect", "openpyxl")
    code = f"import sys, flows.cli; print([name for name in {heavy} if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_too_little_memory_is_not_called_a_full_disk_and_can_be_given_more(tmp_path, monkeypatch):
    from flows.cli import _said_of

    said = _said_of(duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block"))
    assert "800MB" in said and "JUNHENG_MEMORY" in said and "磁盘" not in said
    monkeypatch.setenv("JUNHENG_MEMORY", "300MiB")
    with store.connect(tmp_path) as con:
        assert con.execute("select current_setting('memory_limit')").fetchone() == ("300.0 MiB",)


def test_a_rehearsal_after_a_crash_sees_what_was_committed(tmp_path):
    code = (
        "import os, sys, pathlib; from warehouse import store; con = store.connect(pathlib.Path(sys.argv[1]));"
        "con.execute(\"insert into county_year values ('990001', 2023, true, false, false, false, 'x')\"); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path], check=True)
    order = order_for(tmp_path, tmp_path / "inbox", 2023, is_dry_run=True)
    with steps.rehearsal(order) as rehearsed, store.connect(rehearsed.home) as con:
        assert con.execute("select county_code from county_year").fetchall() == [("990001",)]
