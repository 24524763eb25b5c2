"""The numbers of a paper and where each comes from: marked in the text while it is composed, bookmarked in the file.

A mark is two private characters around an entry's index and its text; `render` turns marks into hidden bookmarks whose
names are made of place and source, so that the same number has the same name in every edition of the paper.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

OPEN, MIDDLE, CLOSE = "\ue000", "\ue001", "\ue002"
MARK = re.compile(f"{OPEN}(\\d+){MIDDLE}([^{CLOSE}]*){CLOSE}")
NUMBER = re.compile(r"[0-9０-９]+(?:[,，.．][0-9０-９]+)*")
"""A run of digits with the points and separators between them, half or full width."""
SLOT = re.compile(r"【(?:待补充|沿用)[^】]*】")
PREFIX = "_jh"


@dataclass(frozen=True)
class Source:
    """Where a value stands: table, column, what names its row (or rows), and the cells it was made from."""

    table: str
    column: str
    key: str
    cells: str = ""


@dataclass(frozen=True)
class Entry:
    """One number, or one quoted text that holds numbers, as it stands in the paper."""

    id: str
    place: str
    text: str
    value: Any
    source: Source

    def row(self) -> dict[str, str]:
        """Return the entry as a row of the trace table."""
        value = "" if self.value is None else str(self.value)
        told = self.source
        return {
            "id": self.id,
            "place": self.place,
            "text": self.text,
            "value": value,
            "table": told.table,
            "column": told.column,
            "key": told.key,
            "cells": told.cells,
        }


@dataclass
class Ledger:
    """All entries of a paper in the order they were composed, and its open slots."""

    place: str = ""
    entries: list[Entry] = field(default_factory=list)
    slots: list[tuple[str, str]] = field(default_factory=list)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)

    def mark(self, text: str, value: Any, source: Source) -> str:
        """Return the text marked as coming from a source; a text without digits needs no mark and stays as it is."""
        if not NUMBER.search(text):
            return text
        named = (self.place, source.table, source.column, source.key)
        self.seen[named] += 1
        told = "\0".join((*named, str(self.seen[named])))
        name = PREFIX + hashlib.blake2b(told.encode(), digest_size=6).hexdigest()
        self.entries.append(Entry(name, self.place, text, value, source))
        return f"{OPEN}{len(self.entries) - 1}{MIDDLE}{text}{CLOSE}"

    @contextmanager
    def aside(self) -> Generator[None]:
        """Forget whatever is marked inside: for texts that are only looked at, not written."""
        entries, slots, seen = len(self.entries), len(self.slots), self.seen.copy()
        yield
        del self.entries[entries:], self.slots[slots:]
        self.seen = seen

    def slot(self, label: str) -> str:
        """Return the visible slot for something that is missing."""
        self.slots.append((self.place, label))
        return slot_text(label)


def slot_text(label: str) -> str:
    """Return how a slot reads in the text."""
    return f"【待补充：{label}】"
