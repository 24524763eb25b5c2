"""A Word file that is the same bytes for the same content: no times, parts in a fixed order."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path
from typing import Any

EPOCH = (1980, 1, 1, 0, 0, 0)
TIMES = ("created", "modified", "lastPrinted")
FIRST = "[Content_Types].xml"


def save(document: Any, path: Path, *, title: str, identifier: str) -> None:
    """Write a document: properties without times, the whole file in one step.

    Raises OSError when the disk refuses; a file that was there is then as before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    temporary.write_bytes(packed(document, title, identifier))
    os.replace(temporary, path)


def packed(document: Any, title: str, identifier: str) -> bytes:
    """Return a document as the bytes of its file."""
    properties = document.core_properties
    for element in list(properties._element):
        if element.tag.rpartition("}")[2] in TIMES:
            properties._element.remove(element)
    properties.author, properties.last_modified_by, properties.comments = "junheng", "", ""
    properties.title, properties.identifier, properties.language = title, identifier, "zh-CN"
    properties.revision = 1
    buffer = io.BytesIO()
    document.save(buffer)
    return _timeless(buffer.getvalue())


def _timeless(content: bytes) -> bytes:
    """Return a zip with every part dated alike, in order of name, the list of contents first."""
    packed_again = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(packed_again, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda one: (one != FIRST, one)):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            new.writestr(info, old.read(name))
    return packed_again.getvalue()
