"""What changes from one release to the next: told in full, and a past verdict asks for somebody's word."""

import json
import shutil

import duckdb
import pytest

from flows import sequence, steps
from tests.conftest import directly, order_for
from tests.flows.test_command import junheng
from transforms import compare
from warehouse import release, store

FLIP_OF = "update fact_county_part set verdict = 'met' where part = 'overall' and stat_year = {}"


def rewritten(home, table: str, query: str) -> None:
    """Change a table of the current release as if an earlier code had published it so."""
    path = home / "latest" / "tables" / f"{table}.parquet"
    with duckdb.connect() as con:
        con.execute(f"create table {table} as select * from read_parquet('{path}')")
        con.execute(query)
        con.execute(f"copy {table} to '{path}' (format parquet)")
    pointer = json.loads((home / "latest.json").read_text("utf-8"))
    (home / "latest.json").write_text(json.dumps({**pointer, "content_hash": "another"}), encoding="utf-8")


def order(home, *years, **more):
    return order_for(home, home / "inbox", *years, **{"standard_ids": (), **more})


def test_unchanged_content_passes_without_a_word(demo_copy, gate_of):
    admission, _ = gate_of(demo_copy)
    assert admission.difference.base == release.latest(demo_copy)["release_id"]
    assert admission.difference.is_empty and admission.difference.flips == []


def test_the_first_release_passes(demo_copy, gate_of):
    (demo_copy / "latest.json").unlink()
    admission, _ = gate_of(demo_copy)
    assert admission.difference.base == "" and not admission.difference.tables


def test_a_verdict_of_the_year_itself_flips_without_a_word_but_is_told(planted, gate_of):
    home = planted("update fact_county_item set verdict = 'not_met' where item_code = 'Q5' and stat_year = 2023")
    admission, breaches = gate_of(home)
    assert breaches == []
    (flip,) = admission.difference.flips
    assert (flip.kind, flip.code, flip.after, flip.is_past) == ("item", "Q5", "not_met", False)
    assert "Q5" in (home / "candidate_extra" / "CHANGES.md").read_text("utf-8")


def test_a_year_of_the_order_that_is_not_the_newest_is_past(planted, gate_of):
    home = planted("update fact_county_item set verdict = 'not_met' where item_code = 'Q5' and stat_year = 2022")
    assert gate_of(home, 2022)[1] and gate_of(home, 2022, 2023)[1]


def test_a_word_opens_the_gate_and_stands_in_manifest_and_run_log(demo_copy, here):
    rewritten(demo_copy, "fact_county_part", FLIP_OF.format(2021))
    with pytest.raises(steps.GateClosed, match="past_verdict") as closed:
        sequence.run_years(order(demo_copy), directly, here)
    assert "--confirm" in closed.value.breaches[0] and "2021" in closed.value.breaches[0]
    confirmed = order(demo_copy, confirmation=("更正上报", "张三"))
    outcome, _ = steps.logged(confirmed, "test", lambda live: sequence.run_years(live, directly, here))
    assert outcome.release.is_new
    manifest = json.loads((outcome.release.folder / "manifest.json").read_text("utf-8"))
    assert (manifest["confirmation"]["reason"], manifest["confirmation"]["by"]) == ("更正上报", "张三")
    assert all("2021" in verdict for verdict in manifest["confirmation"]["verdicts"])
    with store.connect(demo_copy, read_only=True) as con:
        details = con.execute("select details from run_log where run_id = ?", [confirmed.run_id]).fetchone()[0]
    assert {"confirmed": {"reason": "更正上报", "by": "张三"}} in json.loads(details)
    page = (outcome.release.folder / "quality.html").read_text("utf-8")
    assert "张三：更正上报" in page


@pytest.mark.parametrize("words", [("--confirm", "更正"), ("--by", "张三"), ("--confirm", " ", "--by", "张三")])
def test_a_word_needs_a_reason_and_a_name(tmp_path, words):
    said = junheng("run", "--year", 2023, "--direct", *words, home=tmp_path)
    assert said.returncode == 2 and not (tmp_path / "junheng.duckdb").exists()


def test_who_accepts_a_county_year_answers_for_its_verdicts_alone(planted, gate_of):
    home = planted(
        "update fact_county_item set verdict = 'not_met' where item_code = 'Q5' and stat_year in (2021, 2022)"
    )
    _, breaches = gate_of(home, 2022, accepted_counties=("500104",))
    assert "有 1 处改变" in breaches[0] and "2021" in breaches[0]


def test_a_closed_gate_publishes_nothing(demo_copy, monkeypatch, here):
    from transforms import gate, reconcile

    never = reconcile.Reconciliation("never", "select 3 as three")
    monkeypatch.setitem(gate.RECONCILIATIONS, "never", never)
    before = release.latest(demo_copy)
    with pytest.raises(steps.GateClosed) as closed:
        sequence.run_years(order(demo_copy), directly, here)
    assert closed.value.breaches == ["never : 1 row(s) do not reconcile"]
    assert release.latest(demo_copy) == before and len(list((demo_copy / "releases").iterdir())) == 1


def test_units_values_and_tables_are_told(planted, gate_of, demo_copy):
    rewritten(
        demo_copy, "fact_school_summary", "delete from fact_school_summary where stage = 'junior' and stat_year = 2023"
    )
    home = planted(
        "update fact_county_cv set cv = cv + 0.01, weighted_sd = 1 where item_code = 'R1' and stat_year = 2023"
    )
    found = gate_of(home)[0].difference
    assert len(found.units_new) == 9 and {row["stage"] for row in found.units_new} == {"junior"}
    assert found.units_gone == []
    (moved,) = found.moved
    assert (moved["table_name"], moved["item_code"], moved["values_moved"]) == ("fact_county_cv", "R1", 2)
    assert moved["largest"] == pytest.approx(0.01)
    changed = {row["table"]: (row["new"], row["gone"]) for row in found.tables if row["new"] or row["changed"]}
    assert changed == {"fact_school_summary": (9, 0), "fact_county_cv": (0, 0)}
    said = compare.markdown(found)
    assert "units new（9）" in said and "演示第一初级中学" in said and "0.01" in said


def test_standard_code_and_files_that_changed_are_told(demo_copy, gate_of):
    path = demo_copy / "latest" / "manifest.json"
    manifest = json.loads(path.read_text("utf-8"))
    manifest["standards"]["quality-balance-2017"] = "another"
    manifest["code"]["version"] = "0.0.1"
    manifest["inputs"] = [{**one, "source_sha256": "other"} for one in manifest["inputs"][:1]]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    changed = gate_of(demo_copy)[0].difference.changed
    assert "标准 standard 有改动 changed：quality-balance-2017" in changed
    assert any(line.startswith("程序 code version：0.0.1 →") for line in changed)
    assert sum(line.startswith("文件 file 新增") for line in changed) == 4
    assert sum(line.startswith("文件 file 有改动") for line in changed) == 1


def test_a_reading_that_is_new_is_told(demo_copy, gate_of):
    rewritten(demo_copy, "fact_county_part", "delete from fact_county_part where readings_id = 'rooms=together'")
    changed = gate_of(demo_copy)[0].difference.changed
    assert "口径组 reading set 新增 new：quality-balance-2017 rooms=together" in changed


def test_a_release_with_other_columns_and_tables_can_be_compared(demo_copy, gate_of):
    rewritten(demo_copy, "fact_county_item", "alter table fact_county_item drop column aside_verdict")
    (demo_copy / "latest" / "tables" / "fact_dispersion.parquet").unlink()
    admission, breaches = gate_of(demo_copy)
    assert breaches == []
    rows = {row["table"]: row for row in admission.difference.tables}
    assert rows["fact_dispersion"]["new"] == rows["fact_dispersion"]["after"] > 0
    assert rows["fact_county_item"]["changed"] == 0


def test_two_releases_are_compared_without_a_warehouse(demo_copy, tmp_path):
    before = tmp_path / "before"
    shutil.copytree(demo_copy / "latest", before)
    rewritten(demo_copy, "fact_county_part", FLIP_OF.format(2020))
    found = compare.releases(before, demo_copy / "latest")
    assert found.flips and {flip.stat_year for flip in found.flips} == {2020} and found.past_flips == []


def test_a_rehearsal_is_compared_with_the_real_release(demo_copy, here):
    with steps.rehearsal(order(demo_copy, is_dry_run=True)) as live:
        outcome = sequence.run_years(live, directly, here)
    assert outcome.admission.difference.base == release.latest(demo_copy)["release_id"]
    assert outcome.admission.difference.is_empty
