"""Who filled in, checked and approved a release: beside its immutable folder, bound to the content they signed."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from warehouse import keep, release

ROLES = ("填报", "审核", "批准")


def sign(home: Path, release_id: str, role: str, by: str) -> dict[str, Any]:
    """Record who signed the content of a release in which role; return the record.

    Raises LookupError for an unknown role, ValueError without a name, release.Damaged when the files are not those of
    the manifest: nobody signs what was not published.
    """
    if role not in ROLES:
        raise LookupError(f"角色应为 {'、'.join(ROLES)}：{role} / no such role")
    if not by.strip():
        raise ValueError("要写明姓名 / a name is needed")
    keep.hold_sound(home, release_id)
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    record = {"role": role, "by": by.strip(), "at": now, "content_hash": keep.content(home, release_id)}
    records = [*_records(home, release_id), record]
    path = _path(home, release_id)
    path.parent.mkdir(exist_ok=True)
    release.write_json(path, {"release_id": release_id, "signatures": records})
    release.record(home, "signed", release_id, by=record["by"], role=role)
    return record


def signatures(home: Path, release_id: str) -> list[dict[str, Any]]:
    """Return the signatures of a release in order, each with whether it still stands (is_valid).

    It stands while the tables, read anew, have the hash that was signed.
    """
    records = _records(home, release_id)
    now = keep.content(home, release_id) if records else ""
    return [{**one, "is_valid": one["content_hash"] == now} for one in records]


def signed(home: Path) -> set[str]:
    """Return the releases that somebody signed."""
    return {one for one in release.ids(home) if _records(home, one)}


def _records(home: Path, release_id: str) -> list[dict[str, Any]]:
    path = _path(home, release_id)
    return json.loads(path.read_text(encoding="utf-8"))["signatures"] if path.exists() else []


def _path(home: Path, release_id: str) -> Path:
    return home / "sign-off" / f"{release_id}.json"
