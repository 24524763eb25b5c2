"""Reports of the demo county and of a county that handed in four tables only, each made once."""

import functools
import random
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from flows import sequence
from tests.conftest import TESTS, directly, order_for
from transforms.report import write_report
from warehouse import release

COUNTY, YEAR = "500104", 2023
SPARSE = "990001"


def folder_of(home: Path) -> Path:
    return (home / release.latest(home)["path"]).resolve()


@pytest.fixture(scope="session")
def demo_release(demo_home) -> Path:
    return folder_of(demo_home)


@pytest.fixture(scope="session")
def demo_report(demo_release, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report.write(demo_release, COUNTY, YEAR, folder)
    return folder / write_report.NAME


@pytest.fixture(scope="session")
def sparse_release(tmp_path_factory) -> Path:
    """A county with schools, pupils, teachers and premises, and nothing else."""
    home = tmp_path_factory.mktemp("sparse") / "home"
    sequence.run_years(order_for(home, TESTS / "flows" / "two_counties", YEAR, standard_ids=()), directly)
    return folder_of(home)


@pytest.fixture(scope="session")
def sparse_report(sparse_release, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("sparse-report")
    write_report.write(sparse_release, SPARSE, YEAR, folder)
    return folder / write_report.NAME


def texts_of(document) -> list:
    return list(document.element.body.iter(qn("w:t")))


def with_other_digits(path: Path, target: Path, count: int, seed: int) -> list[tuple[str, str]]:
    """A copy of a report in which `count` numbers, in body and tables alike, have one digit changed: (before, after)."""
    document, rng = docx.Document(str(path)), random.Random(seed)
    body, tables = [], []
    for text in texts_of(document):
        if any(letter.isdigit() for letter in text.text or "") and is_ours(text):
            (tables if any(parent.tag == qn("w:tbl") for parent in text.iterancestors()) else body).append(text)
    chosen = rng.sample(body, count // 2) + rng.sample(tables, count - count // 2)
    changes = []
    for text in chosen:
        before = text.text
        at = rng.choice([at for at, letter in enumerate(before) if letter.isdigit()])
        digit = rng.choice([one for one in "0123456789" if one != before[at]])
        text.text = before[:at] + digit + before[at + 1 :]
        changes.append((before, text.text))
    document.save(str(target))
    return changes


def is_ours(text) -> bool:
    """Whether a text stands in one of our bookmarks."""
    run = text.getparent()
    before = run.getprevious()
    return before is not None and before.tag == qn("w:bookmarkStart") and before.get(qn("w:name")).startswith("_j")


paragraphs_with = functools.partial(lambda document, words: [p for p in document.paragraphs if words in p.text])
