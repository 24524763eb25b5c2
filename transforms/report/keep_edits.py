"""Writing over a file that somebody may have edited: what differs is kept under a name of its own."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def replace(path: Path, content: bytes) -> Path | None:
    """Write a file in one step; return where the one that was there and differs has been put, or None.

    Raises OSError when the disk refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = None
    if path.exists() and (before := path.read_bytes()) != content:
        kept = path.with_name(f"{path.stem}.原件-{hashlib.sha256(before).hexdigest()[:8]}{path.suffix}")
        os.replace(path, kept)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(content)
    os.replace(temporary, path)
    return kept
