"""Mutated workbooks and csv files: never a traceback, never a hang, and no row is lost on the way.

Whatever a file holds, it ends in rows and findings: any exception but the reader's own named one is a failure, and
rows in = accepted + quarantined + skipped (load.load raises ValueError otherwise).
"""

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import TESTS
from tests.intake import books, make_books
from transforms.intake import findings, gather, land, load
from warehouse import store

BASE = TESTS / "intake" / "base"
TABLES = sorted(path.name for path in BASE.iterdir())
DEADLINE = datetime.timedelta(seconds=30)
ODD = [
    b"", b'"', b'""', b"\n", b"\r", b",", b",,,,", b"\t", b";", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xa1\xa1", "，".encode(),
    "是".encode("gb18030"), "\u3000".encode(), "\u202e".encode(), b"1e999", b"-1", b"1E+05", b"#DIV/0!", b"=1+1", b"';--",
    b"{value}", b"{0}", b"99999999999999999999", b"NaN", b"inf", b"0x10", b"1_0", "٣".encode(), b"2023-09-01", b"a" * 40_000,
]  # fmt: skip
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**12), 10**12), st.floats(), st.text(max_size=12),
    st.sampled_from(["是", "2199000001", "=1+1", "'); drop table school;--", "暂无", "音乐", "2.15E+09", "１２", "　"]),
    st.builds(
        books.Raw,
        st.sampled_from([
            '<c r="{at}"><v>1e400</v></c>', '<c r="{at}" t="s"><v>7</v></c>', '<c r="{at}" t="e"><v>#REF!</v></c>',
            '<c r="{at}"><f>1+1</f></c>', '<c r="{at}" s="1"><v>-1</v></c>', '<c r="{at}" t="d"><v>x</v></c>',
            '<c r="A0"><v>1</v></c>', '<c r="ZZZZZZ9"><v>1</v></c>', '<c r="{at}" t="b"><v>9</v></c>', '<c><v>1</v></c>',
        ]),
    ),
)  # fmt: skip
PROFILE = {"deadline": DEADLINE, "suppress_health_check": list(HealthCheck), "database": None}


@st.composite
def csv_files(draw) -> tuple[str, bytes]:
    """A file of the base with some bytes cut, doubled, exchanged or put in."""
    name = draw(st.sampled_from(TABLES))
    content = (BASE / name).read_bytes()
    if draw(st.booleans()):
        content = content.decode().encode(draw(st.sampled_from(["gb18030", "utf-16", "utf-8-sig"])))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 30))
        put = draw(st.one_of(st.sampled_from(ODD), st.binary(max_size=8), st.just(content[at : at + length])))
        content = content[:at] + put + content[at + draw(st.sampled_from([0, length])) :]
    return name, content


@st.composite
def workbook_files(draw) -> tuple[str, bytes]:
    """A workbook with strange cells, strange XML or strange bytes."""
    rows = [list(make_books.HEADER), list(make_books.ROOM), list(make_books.ART)]
    for _ in range(draw(st.integers(0, 6))):
        row = rows[draw(st.integers(0, 2))]
        row[draw(st.integers(0, len(row) - 1))] = draw(VALUES)
    members = books.parts(
        {draw(st.sampled_from(["专用教室", "学校", "x"])): books.sheet_xml(rows), "_版本": make_books.STAMP}
    )
    for _ in range(draw(st.integers(0, 2))):
        part = draw(st.sampled_from(sorted(members)))
        at = draw(st.integers(0, len(members[part])))
        put = draw(
            st.one_of(
                st.sampled_from(ODD),
                st.binary(max_size=6),
                st.sampled_from([b"<c ", b"</row>", b"<row ", b">", b"&#0;"]),
            )
        )
        members[part] = members[part][:at] + put + members[part][at + draw(st.integers(0, 9)) :]
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in members.items():
            archive.writestr(zipfile.ZipInfo(part, books.MADE), content)
    whole = held.getvalue()
    if draw(st.integers(0, 3)) == 0:
        at = draw(st.integers(0, len(whole) - 1))
        whole = whole[:at] + draw(st.binary(max_size=6)) + whole[at + draw(st.integers(0, 200)) :]
    return "book" + draw(st.sampled_from([".xlsx", ".xlsm", ".xls"])), whole


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    """An inbox and a store that all examples share."""
    inbox = tmp_path_factory.mktemp("fuzz") / "2023"
    inbox.mkdir()
    with store.connect(inbox.parent / "home") as con:
        yield inbox, con


def take_in(inbox: Path, con, name: str, content: bytes) -> None:
    """Take one mutated file in beside the school sheet, load what is accepted, word what is found."""
    (inbox / "school.csv").write_bytes((BASE / "school.csv").read_bytes())
    (inbox / name).write_bytes(content)
    try:
        landed = [land.land(path, inbox, None) for path in land.arrived(inbox)]
        gathered = gather.gather(landed, 2023)
        batch = gather.assess(gathered, 2023)
        counts = load.load(con, batch, "fuzz")
    finally:
        for path in inbox.iterdir():
            path.unlink()
    kept = sum(bound.rows.height + bound.skipped_rows for bound in gathered.bounds)
    assert counts["rows_in"] == kept == sum(counts[f"rows_{end}"] for end in ("accepted", "quarantined", "skipped"))
    said = findings.worded(batch.found)
    assert said["source_file"].null_count() == 0 and said["message_zh"].null_count() == 0


@settings(max_examples=150, **PROFILE)
@given(file=csv_files())
def test_a_mutated_csv_ends_in_rows_and_findings(scene, file):
    take_in(*scene, *file)


@settings(max_examples=150, **PROFILE)
@given(file=workbook_files())
def test_a_mutated_workbook_ends_in_rows_and_findings(scene, file):
    take_in(*scene, *file)


@pytest.mark.slow
@settings(max_examples=3_000, **PROFILE)
@given(file=csv_files())
def test_three_thousand_mutated_csv_files(scene, file):
    take_in(*scene, *file)


@pytest.mark.slow
@settings(max_examples=3_000, **PROFILE)
@given(file=workbook_files())
def test_three_thousand_mutated_workbooks(scene, file):
    take_in(*scene, *file)
