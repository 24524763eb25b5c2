"""Keep an untouched copy of every file, named by its content."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from transforms.intake.guard import NOT_CONTROL

KNOWN_ENDING = re.compile(r"\.[a-z0-9]{1,8}")
"""Endings that a landed copy keeps; a stranger one would be part of a path of ours."""


@dataclass(frozen=True)
class Landed:
    """One file as it was dropped in: where it lies now, what it was called, what it contains (sha256).

    `refused`: why it is not read at all, for a person.
    """

    sha256: str
    path: Path
    name: str
    folder: str
    refused: str | None = None

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


def readable_name(name: str) -> str:
    """Return a file's name as text: names in GB18030 bytes are decoded, control letters replaced."""
    raw = os.fsencode(name)
    for encoding in ("utf-8", "gb18030"):
        try:
            return NOT_CONTROL.sub("\N{REPLACEMENT CHARACTER}", raw.decode(encoding))
        except UnicodeDecodeError:
            continue
    return NOT_CONTROL.sub("\N{REPLACEMENT CHARACTER}", raw.decode("utf-8", errors="replace"))


def land(path: Path, inbox: Path, landing: Path | None) -> Landed:
    """Return the landed file; with a landing folder the copy is made there unless it is there already.

    A link that leads out of the inbox, and a file that may not be opened, are not read: the file says so.
    Raises OSError when the copy cannot be written.
    """
    name = readable_name(path.relative_to(inbox).as_posix() if path.is_relative_to(inbox) else path.name)
    folder = readable_name(path.parent.name)
    if path.is_symlink() and not path.resolve().is_relative_to(inbox.resolve()):
        said = "是指向收件夹以外的链接，未读取 / a link that leads out of the inbox, not read"
        return Landed(hashlib.sha256(name.encode()).hexdigest(), path, name, folder, said)
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        said = f"文件打不开 / the file cannot be opened: {error.strerror}"
        return Landed(hashlib.sha256(name.encode()).hexdigest(), path, name, folder, said)
    if landing is None:
        return Landed(sha256, path, name, folder)
    ending = path.suffix.lower()
    copy = landing / f"{sha256}{ending if KNOWN_ENDING.fullmatch(ending) else ''}"
    if not copy.exists():
        landing.mkdir(parents=True, exist_ok=True)
        partial = copy.with_suffix(copy.suffix + ".part")
        shutil.copyfile(path, partial)
        with partial.open("rb+") as file:
            os.fsync(file.fileno())  # a power cut must not leave an empty file under a name that says what is in it
        os.replace(partial, copy)
    return Landed(sha256, copy, name, folder)
