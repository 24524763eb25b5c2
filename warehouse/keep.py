"""The releases that are there: listed, found by name, held against their manifest, pointed back to, removed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

from warehouse import release


class Damaged(OSError):
    """A release whose files are not those of its manifest any more."""


def ids(home: Path) -> list[str]:
    """Return the ids of the releases, newest first."""
    folder = home / "releases"
    found = [path.name for path in folder.iterdir() if (path / "manifest.json").exists()] if folder.is_dir() else []
    return sorted((name for name in found if not name.startswith(".")), reverse=True)


def listed(home: Path) -> list[dict[str, Any]]:
    """Return one row per release, newest first: id, when, tables, rows, standards, whether it is current."""
    current = (release.latest(home) or {}).get("release_id")
    rows = []
    for one in ids(home):
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
    found = [one for one in ids(home) if one == name] or [one for one in ids(home) if one.startswith(name)]
    if len(found) != 1:
        there = "、".join(found or ids(home)) or "—"
        raise LookupError(f"没有或不止一个发布版叫 {name}；有：{there} / no or more than one such release")
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


def roll_back(home: Path, release_id: str, by: str, reason: str) -> None:
    """Point latest to another release that is there; nothing is removed.

    Raises Damaged when its files are not those of its manifest.
    """
    if wrong := release.damages(home / "releases" / release_id):
        raise Damaged(f"{release_id} 的文件已不是发布时的文件 / no longer what was published: {'; '.join(wrong)}")
    release.point(home, release_id, manifest(home, release_id)["content_hash"])
    release.record(home, "rollback", release_id, by=by, reason=reason)


def surplus(home: Path, keep: int, protected: Collection[str]) -> list[str]:
    """Return the releases beyond the newest `keep`, without the current one and those protected."""
    current = (release.latest(home) or {}).get("release_id")
    return [one for one in ids(home)[keep:] if one != current and one not in protected]


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


def events(home: Path, release_id: str | None = None) -> list[dict[str, Any]]:
    """Return what was done to releases, or to one of them, oldest first."""
    path = home / release.EVENTS
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = [json.loads(line) for line in lines]
    return [one for one in found if release_id in {None, one["release_id"]}]
