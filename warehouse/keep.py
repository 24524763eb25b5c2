"""The releases that are there: listed, found by name, held against their manifest, pointed back to, removed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

from warehouse import release


def listed(home: Path) -> list[dict[str, Any]]:
    """Return one row per release, newest first: id, when, tables, rows, standards, whether it is current."""
    current = (release.latest(home) or {}).get("release_id")
    rows = []
    for one in release.ids(home):
        said = manifest(home, one)
        rows.append(
            {
                "release_id": one,
                "created_at": said["created_at"],
                "is_current": one == current,
                "tables": len(said["tables"]),
                "rows": sum(table["rows"] for table in said["tables"].values()),
                "standards": sorted(said.get("standards", {})),
                "content_hash": said["content_hash"],
            }
        )
    return rows


def find(home: Path, name: str) -> str:
    """Return the id of the release that a name or its beginning means; `latest` is the current one.

    Raises LookupError when none or more than one is meant.
    """
    current = release.latest(home)
    if name == "latest" and current:
        return current["release_id"]
    there = release.ids(home)
    found = [one for one in there if one == name] or [one for one in there if name and one.startswith(name)]
    if len(found) != 1:
        named = "、".join(found or there) or "—"
        raise LookupError(f"没有或不止一个发布版叫 {name}；有：{named} / no or more than one such release")
    return found[0]


def manifest(home: Path, release_id: str) -> dict[str, Any]:
    """Return what a release says of itself."""
    return release.manifest_in(home / "releases" / release_id)


def content(home: Path, release_id: str) -> str:
    """Return the content hash of a release as its files are now; empty where a table cannot be read."""
    import pyarrow
    import pyarrow.parquet

    tables: dict[str, dict[str, Any]] = {}
    for path in sorted((home / "releases" / release_id / "tables").glob("*.parquet")):
        try:
            rows = pyarrow.parquet.read_metadata(path).num_rows
        except pyarrow.ArrowException:
            return ""
        tables[path.stem] = {"rows": rows, "sha256": release.sha256_of(path)}
    return release.hash_of(tables)


def hold_sound(home: Path, release_id: str) -> None:
    """Hold a release against its manifest.

    Raises release.Damaged, which names every file that is missing, another one, or nobody's.
    """
    if wrong := release.damages(home / "releases" / release_id):
        said = "; ".join(wrong)
        raise release.Damaged(f"{release_id} 的文件已不是发布时的文件 / no longer what was published: {said}")


def roll_back(home: Path, release_id: str, by: str, reason: str) -> None:
    """Point latest to another release that is there; nothing is removed, and the log says so before it is done.

    Raises release.Damaged when its files are not those of its manifest.
    """
    hold_sound(home, release_id)
    left = (release.latest(home) or {}).get("release_id", "")
    release.record(home, "rollback", release_id, by=by, reason=reason, **{"from": left} if left != release_id else {})
    release.point(home, release_id, manifest(home, release_id)["content_hash"])


def surplus(home: Path, keep: int, protected: Collection[str]) -> list[str]:
    """Return the releases beyond the newest `keep`, without the current one and those protected."""
    current = (release.latest(home) or {}).get("release_id")
    return [one for one in release.ids(home)[keep:] if one != current and one not in protected]


def remove(home: Path, release_id: str) -> None:
    """Remove a release: it is gone in one step, its files after that.

    Raises ValueError for the current one.
    """
    if release_id == (release.latest(home) or {}).get("release_id"):
        raise ValueError(f"{release_id} 是当前发布版，不能删除 / the current release is never removed")
    grave = home / "releases" / f".tmp-removed-{release_id}"  # the next publication clears what a crash leaves of it
    os.replace(home / "releases" / release_id, grave)
    release.record(home, "removed", release_id)
    shutil.rmtree(grave, ignore_errors=True)


def events(home: Path, release_id: str) -> list[dict[str, Any]]:
    """Return what was done to a release, oldest first; what it was rolled back from is told of both."""
    return [one for one in release.events(home) if release_id in {one["release_id"], one.get("from")}]
