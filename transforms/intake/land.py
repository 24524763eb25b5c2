"""Keep an untouched copy of every file, named by its content."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Landed:
    """One file as it was dropped in: where it lies now, what it was called, what it contains (sha256)."""

    sha256: str
    path: Path
    name: str
    folder: str

    @property
    def suffix(self) -> str:
        """The ending of the file's name, in lower case."""
        return self.path.suffix.lower()

    @property
    def stem(self) -> str:
        """The file's name without folder and ending."""
        return Path(self.name).stem


def arrived(inbox: Path) -> list[Path]:
    """Return the files below the inbox in order of name; lock files and hidden files of other programs are not data."""
    return sorted(path for path in inbox.rglob("*") if path.is_file() and not path.name.startswith(("~$", ".")))


def land(path: Path, inbox: Path, landing: Path | None) -> Landed:
    """Return the landed file; with a landing folder the copy is made there unless it is there already.

    Raises OSError when the file cannot be read or the copy cannot be written.
    """
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    name = path.relative_to(inbox).as_posix() if path.is_relative_to(inbox) else path.name
    if landing is None:
        return Landed(sha256, path, name, path.parent.name)
    copy = landing / f"{sha256}{path.suffix.lower()}"
    if not copy.exists():
        landing.mkdir(parents=True, exist_ok=True)
        partial = copy.with_suffix(copy.suffix + ".part")
        shutil.copyfile(path, partial)
        os.replace(partial, copy)
    return Landed(sha256, copy, name, path.parent.name)
