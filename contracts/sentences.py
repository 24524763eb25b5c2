"""Sentences of the self-assessment report (contracts/report/<standard>.toml): read, and refused before any is used."""

from __future__ import annotations

import functools
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPORT_DIR = Path(__file__).parent / "report"
BLANK = re.compile(r"\{([a-z_][\w.]*(?:@[a-z]+)?)(?::([^}]+))?\}")
"""A place to fill: name, stage behind @, unit behind a colon."""
CONDITION = re.compile(r"(?P<no>!?)(?P<name>[a-z_][\w.]*(?:@[a-z]+)?)(?:(?P<equal>!?=)(?P<value>\w+))?")
SECTIONS = ("opening", "basic", "resources", "coefficients", "government", "quality", "problems")
DIGIT = re.compile(r"[0-9０-９]")


class SentencesError(Exception):
    """A file of sentences is refused; one line a problem."""


@dataclass(frozen=True)
class Clause:
    """One sentence pattern and the conditions under which it is said."""

    text: str
    when: tuple[str, ...] = ()


@dataclass(frozen=True)
class Highlight:
    """One paragraph of highlights: its title, the file people write, its sentences."""

    title: str
    narrative: str
    say: tuple[Clause, ...]


@dataclass(frozen=True)
class Sentences:
    """All sentences for one standard: by section, by item (with its rule where it is not the quotation), highlights."""

    standard_id: str
    sections: dict[str, tuple[Clause, ...]]
    rules: dict[str, str]
    items: dict[str, tuple[Clause, ...]]
    highlights: tuple[Highlight, ...]


def standards() -> list[str]:
    """Return the ids of the standards that a report can be written by, in order."""
    return sorted(path.stem for path in REPORT_DIR.glob("*.toml"))


@functools.cache
def load(standard_id: str, folder: Path = REPORT_DIR) -> Sentences:
    """Return the sentences of a standard.

    Raises SentencesError naming every problem: a missing section, a digit outside a blank, a condition that cannot be
    read.
    """
    data = tomllib.loads((folder / f"{standard_id}.toml").read_text("utf-8"))
    items = data.get("items", {})
    sections = {name: _clauses(data.get("sections", {}).get(name, [])) for name in SECTIONS}
    said = Sentences(
        data.get("standard", ""),
        sections,
        {code: item["rule"] for code, item in items.items() if "rule" in item},
        {code: _clauses(item.get("say", [])) for code, item in items.items()},
        tuple(
            Highlight(one["title"], one["narrative"], _clauses(one.get("say", [])))
            for one in data.get("highlights", [])
        ),
    )
    if found := _problems(said, standard_id):
        raise SentencesError("\n".join(f"{standard_id}.toml: {one}" for one in found))
    return said


def _clauses(said: list[Any]) -> tuple[Clause, ...]:
    return tuple(
        Clause(one) if isinstance(one, str) else Clause(one["text"], tuple(one.get("when", ()))) for one in said
    )


def clauses(said: Sentences) -> list[tuple[str, Clause]]:
    """Return every clause with the name of where it stands."""
    found = [(f"sections.{name}", one) for name, group in said.sections.items() for one in group]
    found += [(f"items.{code}", one) for code, group in said.items.items() for one in group]
    found += [(f"items.{code}.rule", Clause(rule)) for code, rule in said.rules.items()]
    return found + [(f"highlights.{group.narrative}", one) for group in said.highlights for one in group.say]


def _problems(said: Sentences, standard_id: str) -> list[str]:
    wrong = (
        [] if said.standard_id == standard_id else [f"standard = {said.standard_id} 与文件名不同 / not the file's name"]
    )
    wrong += [f"sections.{name} 没有句子 / is empty" for name in SECTIONS if not said.sections[name]]
    for place, clause in clauses(said):
        literal = BLANK.sub("", clause.text)
        if DIGIT.search(literal):
            wrong.append(f"{place}: 句子里有阿拉伯数字 / a digit outside a blank: {clause.text}")
        if "{" in literal or "}" in literal:
            wrong.append(f"{place}: 花括号里的名称读不懂 / a blank that cannot be read: {clause.text}")
        wrong += [f"{place}: 条件读不懂 / a condition that cannot be read: {one}"
                  for one in clause.when if CONDITION.fullmatch(one) is None]  # fmt: skip
    return wrong
