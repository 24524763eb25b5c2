"""What a crash, a person or a full disk leaves behind is put right by the next publication, and nothing is undone in silence."""

import json
import shutil
from pathlib import Path

import duckdb
import pytest

from flows import steps
from tests.conftest import order_for
from tests.flows.test_command import junheng
from warehouse import keep, release


def changed(home: Path) -> Path:
    """The warehouse with another candidate than what is published."""
    with duckdb.connect(str(home / "candidate.duckdb")) as con:
        con.execute("delete from rpt_scorecard where stat_year = 2019")
    return home


def is_shown(home: Path, release_id: str) -> bool:
    shown = json.loads((home / "latest" / "manifest.json").read_text("utf-8"))["release_id"]
    return {shown, release.latest(home)["release_id"]} == {release_id}


def test_everything_is_on_the_disk_before_it_has_its_name_and_folders_after_what_is_in_them(demo_copy, monkeypatch):
    done, sync, replace = [], release._sync, release.os.replace
    monkeypatch.setattr(release, "_sync", lambda path: (done.append(("sync", path)), sync(path)))
    monkeypatch.setattr(release.os, "replace", lambda *moved: (done.append(("move", *moved)), replace(*moved)))
    made = release.publish(changed(demo_copy), {})
    at = next(number for number, one in enumerate(done) if one[0] == "move" and one[2] == made.folder)
    temporary = done[at][1]
    paths = [one[1] for one in done[:at] if one[0] == "sync"]
    synced = [path.relative_to(temporary).as_posix() for path in paths if temporary in {path, *path.parents}]
    wanted = [path.relative_to(made.folder).as_posix() for path in made.folder.rglob("*")]
    assert set(wanted) <= set(synced) and synced[-1] == "."
    for name in wanted:
        parent = Path(name).parent.as_posix()
        assert max(i for i, one in enumerate(synced) if one == parent) > synced.index(name)
    after = done[at + 1 :]
    assert after[0] == ("sync", demo_copy / "releases")
    assert [one[2].name for one in after if one[0] == "move"] == ["latest", "latest.json"]
    assert after[-1] == ("sync", demo_copy)


def test_a_release_that_was_not_shown_yet_is_shown_and_not_written_again(demo_copy, monkeypatch):
    before = release.latest(demo_copy)["release_id"]

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(release, "point", killed)
    with pytest.raises(KeyboardInterrupt):
        release.publish(changed(demo_copy), {})
    monkeypatch.undo()
    assert is_shown(demo_copy, before) and len(release.ids(demo_copy)) == 2
    made = release.publish(demo_copy, {})
    assert made.is_new and made.id == release.ids(demo_copy)[0] and len(release.ids(demo_copy)) == 2
    assert is_shown(demo_copy, made.id)


def test_a_pointer_that_moved_by_half_is_moved_whole(two):
    newest, oldest = release.ids(two)
    (two / "latest").unlink()
    (two / "latest").symlink_to(Path("releases") / oldest)
    assert not release.publish(two, {}).is_new
    assert is_shown(two, newest)
    (two / "latest").unlink()
    assert not release.publish(two, {}).is_new
    assert is_shown(two, newest)
    pointer = json.loads((two / "latest.json").read_text("utf-8"))
    release.write_json(two / "latest.json", pointer | {"release_id": oldest, "path": f"releases/{oldest}"})
    made = release.publish(two, {})
    assert made.id == newest and is_shown(two, newest) and len(release.ids(two)) == 2


def test_a_copied_latest_that_somebody_changed_is_copied_again(two, monkeypatch):
    newest, _ = release.ids(two)

    def refused(*_, **__):
        raise OSError("a required privilege is not held")

    monkeypatch.setattr(Path, "symlink_to", refused)
    (two / "latest").unlink()
    release.point(two, newest, release.latest(two)["content_hash"])
    (two / "latest" / "csv" / "dim_item.csv").write_text("a\n", "utf-8")
    assert not release.publish(two, {}).is_new
    assert release.damages(two / "latest") == [] and not list(two.glob(".latest-*"))


def test_what_was_rolled_back_is_not_shown_again_without_a_word(two):
    newest, oldest = release.ids(two)
    keep.roll_back(two, oldest, "李四", "发错了")
    with pytest.raises(release.Withdrawn, match=rf"{newest}.*李四.*发错了.*--confirm"):
        steps.publish(order_for(two, two / "inbox", standard_ids=()))
    assert is_shown(two, oldest)
    made = steps.publish(order_for(two, two / "inbox", standard_ids=(), confirmation=("已核实", "王五")))
    assert (made.id, made.is_new) == (newest, True) and is_shown(two, newest) and len(release.ids(two)) == 2
    assert {"reason": "已核实", "by": "王五"}.items() <= release.events(two)[-1].items()
    assert not release.publish(two, {}).is_new, "once shown again it needs no word any more"


def test_the_command_says_what_was_rolled_back_and_by_whom(demo_copy):
    before = release.latest(demo_copy)["release_id"]
    made = release.publish(changed(demo_copy), {})
    keep.roll_back(demo_copy, before, "李四", "")
    keep.roll_back(demo_copy, made.id, "李四", "还是要")
    said = junheng("run", "--year", 2023, "--direct", home=demo_copy)
    assert said.returncode == 1 and before in said.stderr and "李四" in said.stderr and "Traceback" not in said.stderr
    assert is_shown(demo_copy, made.id)
    shown = junheng("release", "show", before, home=demo_copy).stdout
    assert shown.count("rollback") == 2 and "还是要" in shown


def test_content_that_is_whole_in_an_earlier_release_makes_no_new_one(two):
    newest, oldest = release.ids(two)
    (two / "releases" / newest / "csv" / "dim_item.csv").unlink()
    made = release.publish(two, {})
    assert made.id.startswith("r0003-") and release.damages(made.folder) == []
    keep.roll_back(two, oldest, "李四", "")
    assert release.publish(two, {}, {"reason": "已核实", "by": "王五"}).id == made.id


def test_a_torn_line_of_the_log_is_skipped_and_the_next_one_is_whole(two):
    log = two / release.EVENTS
    before = release.events(two)
    log.write_bytes(log.read_bytes() + '{"at": "2026-11-24T10:00:00+08:00", "event": "signed", "by": "张'.encode()[:-1])
    assert release.events(two) == before
    release.record(two, "signed", "r0001-x", by="张三")
    assert [one["event"] for one in release.events(two)] == [*(one["event"] for one in before), "signed"]


def test_a_number_is_never_given_twice(two):
    newest, oldest = release.ids(two)
    keep.roll_back(two, oldest, "李四", "")
    keep.remove(two, newest)
    made = release.publish(changed(two), {})
    assert made.id.startswith("r0003-")


def test_releases_are_in_order_of_their_numbers_not_of_their_letters(two):
    newest, oldest = release.ids(two)
    for name in ("r9999-00000000", "r10000-00000000"):
        shutil.copytree(two / "releases" / oldest, two / "releases" / name)
    assert release.ids(two) == ["r10000-00000000", "r9999-00000000", newest, oldest]


def test_a_manifest_that_is_no_json_any_more_is_a_sentence(two):
    newest, oldest = release.ids(two)
    (two / "releases" / oldest / "manifest.json").write_text('{"release_id": "r00', "utf-8")
    assert release.damages(two / "releases" / oldest) == ["被改动 / changed: manifest.json"]
    said = junheng("release", "list", home=two)
    assert said.returncode == 1 and "manifest.json" in said.stderr and "Traceback" not in said.stderr
    assert not release.publish(two, {}).is_new and is_shown(two, newest)
