"""What is done to releases afterwards: listed, held against their manifest, rolled back, signed, removed."""

import json

import pytest

from tests.flows.test_command import junheng
from warehouse import keep, package, release, sign_off


def newest_and_oldest(home):
    newest, oldest = release.ids(home)
    return newest, oldest


def spoil(home, release_id, name="tables/dim_item.parquet"):
    path = home / "releases" / release_id / name
    path.write_bytes(path.read_bytes()[:-1] + b"?")


def test_releases_are_listed_newest_first_with_the_current_one_marked(two_home):
    rows = keep.listed(two_home)
    assert [row["release_id"][:5] for row in rows] == ["r0002", "r0001"]
    assert [row["is_current"] for row in rows] == [True, False]
    assert rows[1]["standards"] and rows[0]["rows"] == rows[1]["rows"] > 10_000


def test_a_release_is_found_by_its_beginning_or_as_latest(two_home):
    newest, oldest = newest_and_oldest(two_home)
    assert keep.find(two_home, "r0001") == oldest and keep.find(two_home, "latest") == newest
    for name in ("r000", "r0009", ""):
        with pytest.raises(LookupError, match=r"r0001-.*|r0002-.*"):
            keep.find(two_home, name)


def test_what_was_published_is_sound_and_anything_else_is_named(two):
    newest, _ = newest_and_oldest(two)
    folder = two / "releases" / newest
    assert release.damages(two / "releases" / newest) == []
    spoil(two, newest, "csv/dim_item.csv")
    (folder / "数据包.xlsx").unlink()
    (folder / "csv" / "mine.csv").write_text("a\n1\n")
    assert release.damages(two / "releases" / newest) == [
        "缺 / missing: 数据包.xlsx",
        "被改动 / changed: csv/dim_item.csv",
        "多出 / unknown: csv/mine.csv",
    ]


def test_a_manifest_made_to_fit_a_changed_table_is_noticed(two):
    newest, _ = newest_and_oldest(two)
    spoil(two, newest)
    said = keep.manifest(two, newest)
    sha256 = release.sha256_of(two / "releases" / newest / "tables" / "dim_item.parquet")
    said["tables"]["dim_item"]["sha256"] = said["files"]["tables/dim_item.parquet"]["sha256"] = sha256
    release.write_json(two / "releases" / newest / "manifest.json", said)
    assert release.damages(two / "releases" / newest) == ["被改动 / changed: manifest.json"]


def test_rolling_back_points_and_removes_nothing(two):
    newest, oldest = newest_and_oldest(two)
    keep.roll_back(two, oldest, "李四", "发错了")
    assert release.latest(two)["release_id"] == oldest == (two / "latest").resolve().name
    assert release.ids(two) == [newest, oldest]
    event = keep.events(two, oldest)[-1]
    assert (event["event"], event["by"], event["reason"]) == ("rollback", "李四", "发错了")


def test_nothing_is_rolled_back_to_a_damaged_release(two):
    newest, oldest = newest_and_oldest(two)
    spoil(two, oldest)
    with pytest.raises(release.Damaged, match="dim_item"):
        keep.roll_back(two, oldest, "李四", "")
    assert release.latest(two)["release_id"] == newest


def test_a_damaged_release_is_published_anew_from_the_same_content(two):
    newest, _ = newest_and_oldest(two)
    assert not release.publish(two, {}).is_new
    (two / "releases" / newest / "csv" / "dim_item.csv").unlink()
    made = release.publish(two, {})
    assert made.is_new and made.id.split("-")[1] == newest.split("-")[1] and made.id.startswith("r0003-")
    assert release.damages(made.folder) == []


def test_the_current_release_is_never_removed(two):
    newest, oldest = newest_and_oldest(two)
    keep.roll_back(two, oldest, "李四", "")
    assert keep.surplus(two, 1, ()) == []
    with pytest.raises(ValueError, match="never removed"):
        keep.remove(two, oldest)
    keep.roll_back(two, newest, "李四", "")
    assert keep.surplus(two, 1, ()) == [oldest] and keep.surplus(two, 2, ()) == []
    assert keep.surplus(two, 1, {oldest}) == []
    keep.remove(two, oldest)
    assert release.ids(two) == [newest] and not list((two / "releases").glob(".tmp-*"))


def test_a_removal_that_is_cut_off_leaves_no_half_release(two, monkeypatch):
    _, oldest = newest_and_oldest(two)
    monkeypatch.setattr(keep.shutil, "rmtree", lambda *_, **__: None)
    keep.remove(two, oldest)
    assert oldest not in release.ids(two)
    monkeypatch.undo()
    release.publish(two, {})
    assert not list((two / "releases").glob(".tmp-*"))


def test_signatures_stand_for_the_content_that_was_signed(two):
    newest, oldest = newest_and_oldest(two)
    for role, by in zip(sign_off.ROLES, ("张三", "李四", "王五"), strict=True):
        sign_off.sign(two, newest, role, by)
    said = sign_off.signatures(two, newest)
    assert [(one["role"], one["by"], one["is_valid"]) for one in said] == [
        ("填报", "张三", True), ("审核", "李四", True), ("批准", "王五", True),
    ]  # fmt: skip
    assert {one["content_hash"] for one in said} == {release.latest(two)["content_hash"]}
    assert sign_off.signatures(two, oldest) == [] and sign_off.signed(two) == {newest}


def test_other_content_voids_a_signature(two):
    newest, _ = newest_and_oldest(two)
    sign_off.sign(two, newest, "批准", "王五")
    spoil(two, newest)
    assert [one["is_valid"] for one in sign_off.signatures(two, newest)] == [False]
    with pytest.raises(release.Damaged):
        sign_off.sign(two, newest, "审核", "李四")


def test_a_form_of_no_account_that_is_gone_voids_nothing(two):
    newest, _ = newest_and_oldest(two)
    sign_off.sign(two, newest, "批准", "王五")
    (two / "releases" / newest / "数据包.xlsx").unlink()
    assert [one["is_valid"] for one in sign_off.signatures(two, newest)] == [True], "what is signed is the tables"


@pytest.mark.parametrize(("role", "by", "problem"), [("领导", "张三", LookupError), ("批准", "  ", ValueError)])
def test_nobody_signs_without_a_role_and_a_name(two_home, role, by, problem):
    with pytest.raises(problem):
        sign_off.sign(two_home, "r0001", role, by)


def test_the_commands_say_what_is_and_what_was_done(two):
    newest, oldest = newest_and_oldest(two)
    assert junheng("release", "sign", "r0001", "--role", "批准", "--by", "王五", home=two).returncode == 0
    spoil(two, oldest)
    rows = json.loads(junheng("release", "list", "--json", home=two).stdout)
    assert [(row["release_id"], row["signed"], row["void"]) for row in rows] == [
        (newest, [], []),
        (oldest, [], ["批准"]),
    ]
    shown = junheng("release", "show", oldest, home=two)
    assert shown.returncode == 1 and "作废" in shown.stdout and "被改动" in shown.stdout
    refused = junheng("release", "rollback", "r0001", "--by", "李四", home=two)
    assert refused.returncode == 1 and "dim_item" in refused.stderr and "Traceback" not in refused.stderr
    for words in (
        ("rollback", "r0001"),
        ("rollback", "r0001", "--by", " "),
        ("sign", "r0001", "--role", "领导", "--by", "x"),
    ):
        assert junheng("release", *words, home=two).returncode == 2
    kept = junheng("release", "prune", "--keep", 1, home=two)
    assert kept.returncode == 0 and len(release.ids(two)) == 2, "a signed release stays"
    assert junheng("release", "show", "r0009", home=two).returncode == 1


def test_the_difference_of_two_releases_is_told_with_its_flips_first(two_home):
    said = junheng("release", "diff", "r0001", "r0002", home=two_home)
    assert (
        said.returncode == 0 and "Q4" in said.stdout and said.stdout.index("Q4") < said.stdout.index("fact_county_item")
    )
    told = json.loads(junheng("release", "diff", "r0001", "r0002", "--json", home=two_home).stdout)
    assert {flip["code"] for flip in told["flips"]} == {"Q4"}


def test_who_holds_the_warehouse_is_named(two):
    from warehouse import store

    with store.lock(two, "a long run"):
        said = junheng("release", "rollback", "r0001", "--by", "李四", home=two)
    assert said.returncode == 1 and "a long run" in said.stderr


def test_a_release_from_before_the_formats_is_still_listed_and_sound(two):
    _, oldest = newest_and_oldest(two)
    folder = two / "releases" / oldest
    said = {name: value for name, value in release.manifest_in(folder).items() if name not in {"files", "formats"}}
    release.write_json(folder / "manifest.json", said)
    (folder / "数据包.xlsx").unlink()
    assert release.damages(two / "releases" / oldest) == [] and len(keep.listed(two)) == 2
    assert package.WORKBOOK not in said
