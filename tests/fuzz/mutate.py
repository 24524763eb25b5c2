"""Sound files of every form, and ways in which bytes, parts, XML, cells and lines go wrong. Same seed, same file."""

from __future__ import annotations

import functools
import io
import random
import re
import warnings
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from contracts.form import forms
from tests.conftest import TESTS
from tests.intake import books, make_books

CORPUS = TESTS / "intake"
ODD = [
    b"", b'"', b'""', b"\n", b"\r", b",", b",,,,", b"\t", b";", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xa1\xa1", "，".encode(),
    "是".encode("gb18030"), "\u3000".encode(), "\u202e".encode(), b"1e999", b"-1", b"1E+05", b"#DIV/0!", b"=1+1", b"';--",
    b"{value}", b"{0}", b"99999999999999999999", b"NaN", b"inf", b"0x10", b"1_0", "٣".encode(), b"2023-09-01", b"a" * 40_000,
]  # fmt: skip
TEXTS = [
    "", " ", "　", "0", "-1", "1.5", "1,234", "１２", "暂无", "是", "true", "#REF!", "=1+1", "'); drop table school;--", "2150000001",
    "2.15E+09", "1e400", "NaN", "9" * 25, "合计", "小计", "备注：", "小学", "2022-2023学年", "学校名称", "\u202e", "%s{0}", "12345678.123456",
]  # fmt: skip
CELLS = [
    '<c r="{at}"><v>1e400</v></c>', '<c r="{at}" t="s"><v>7</v></c>', '<c r="{at}" t="s"><v>-1</v></c>', '<c r="{at}" t="e"><v>#REF!</v></c>',
    '<c r="{at}"><f>1+1</f></c>', '<c r="{at}" s="1"><v>-1</v></c>', '<c r="{at}" s="1"><v>45170</v></c>', '<c r="{at}" t="d"><v>x</v></c>',
    '<c r="A0"><v>1</v></c>', '<c r="ZZZZZZ9"><v>1</v></c>', '<c r="{at}" t="b"><v>9</v></c>', '<c><v>1</v></c>', '<c r="{at}"/>', '<c r="" t="str"/>',
    '<c r="{at}" t="n"><v>abc</v></c>', '<c r="{at}" t="str"><f>A1</f><v>文</v></c>', '<c r="A1048577"><v>1</v></c>', '<c r="XFD1"><v>1</v></c>',
    '<x:c r="{at}"><x:v>1</x:v></x:c>', '<c r="{at}" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', '<c r="1A"><v>1</v></c>',
]  # fmt: skip
MARKUP = [
    b"<c ", b"</row>", b"<row ", b">", b"&#0;", b"&lt;", b"&x;", b"<!--", b"<![CDATA[", b"]]>", b"<?x?>", b'<!DOCTYPE x [<!ENTITY x "y">]>',
    b"</sheetData>", b'<mergeCell ref="A1:XFD1048576"/>', b'<mergeCell ref="B2:A1"/>', b'<col min="1" max="99999999" hidden="1"/>', b'xmlns="urn:x"',
]  # fmt: skip


@dataclass(frozen=True)
class Seed:
    """A sound file: the form it is of, its name, its content."""

    form: str
    name: str
    content: bytes


@functools.cache
def seeds() -> tuple[Seed, ...]:
    of_corpus = {
        "school_workbook": "pass/school_workbook-found_by_its_texts/算例学校1(小学).xlsx",
        "county_list": "pass/county_list-merged_headers_and_a_row_of_sums/一览表.xlsx",
        "school_vertical": "warn/not_by_stage-one_figure_for_two_stages/学校填报表.xlsx",
    }
    plain = [Seed("csv", path.name, path.read_bytes()) for path in sorted((CORPUS / "base").glob("*.csv"))]
    made = [Seed("template", "book.xlsx", packed(books.parts(make_books.rooms()))), county_form()]
    read = [Seed(form, path.split("/")[-1], (CORPUS / path).read_bytes()) for form, path in of_corpus.items()]
    return (*plain, *made, *read)


def county_form() -> Seed:
    """A county's vertical form with a number in every item."""
    form = forms()["county_vertical"]
    values = {form.county_item: "990001", form.year_item: 2023}
    rows = [["序号", "类别", form.item_header, form.unit_header or "单位", form.value_header, "是否必填", "备注说明"]]
    for number, item in enumerate(dict.fromkeys([*form.marks, *(one.row for one in form.headers)]), 1):
        rows.append([number, "", item, "", values.get(item, 100 + number), "是", ""])
    return Seed("county_vertical", "区县填报表.xlsx", packed(books.parts({"填报": books.sheet_xml(rows)})))


def packed(members: dict[str, bytes], twice: str = "", stored: bool = False) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, books.MADE), content, archive.compression)
        if twice:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                archive.writestr(zipfile.ZipInfo(twice, books.MADE), members[twice])
    return held.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def mutated(seed: Seed, level: str, number: int) -> tuple[str, bytes]:
    """Name and content of the file that a number stands for."""
    dice = random.Random(number)
    content = seed.content
    for _ in range(dice.choice([1, 1, 1, 2, 3, 6])):
        with suppress(zipfile.BadZipFile):
            content = LEVELS[level](dice, content)
    name = seed.name
    if dice.random() < 0.06:
        name = name.rsplit(".", 1)[0] + dice.choice([".xlsx", ".xlsm", ".xls", ".csv", ".parquet"])
    return name, content


def of_bytes(dice: random.Random, content: bytes) -> bytes:
    """Cut, doubled, exchanged, flipped or put in."""
    at, length = dice.randrange(len(content) + 1), dice.choice([1, 2, 8, 30, 300])
    put = dice.choice([b"", dice.choice(ODD), dice.randbytes(dice.randrange(9)), content[at : at + length]])
    if dice.random() < 0.1:
        return content[:at]
    return content[:at] + put + content[at + dice.choice([0, len(put), length]) :]


def of_parts(dice: random.Random, content: bytes) -> bytes:
    """Parts that are missing, doubled, renamed, exchanged, cut, empty, or of another trade."""
    members = unpacked(content)
    one, two = dice.choice(sorted(members)), dice.choice(sorted(members))
    what = dice.randrange(8)
    if what == 0:
        del members[one]
    elif what == 1:
        members[one], members[two] = members[two], members[one]
    elif what == 2:
        members[dice.choice([one.upper(), f"../{one}", f"/{one}", f"{one}.xml", "xl/worksheets/sheet99.xml"])] = (
            members.pop(one)
        )
    elif what == 3:
        members[one] = members[one][: dice.randrange(len(members[one]) + 1)]
    elif what == 4:
        members[one] = b""
    elif what == 5:
        members[dice.choice(["xl/vbaProject.bin", "xl/externalLinks/externalLink1.xml", "xl/media/a.png"])] = (
            dice.randbytes(40)
        )
    elif what == 6:
        return packed(members, twice=one)
    return packed(members, stored=dice.random() < 0.3)


def of_xml(dice: random.Random, content: bytes) -> bytes:
    """Tags that are missing, doubled, out of place; attributes and texts that say something else; stray markup."""
    members = unpacked(content)
    part = dice.choice([name for name in sorted(members) if members[name].startswith(b"<")] or sorted(members))
    xml = members[part]
    tags = [one.span() for one in re.finditer(rb"<[^>]+>", xml)]
    if not tags:
        return content
    (first, last), what = dice.choice(tags), dice.randrange(6)
    tag = xml[first:last]
    if what == 0:
        xml = xml[:first] + xml[last:]
    elif what == 1:
        xml = xml[:last] + tag * dice.choice([1, 1, 50]) + xml[last:]
    elif what == 2:
        there = dice.choice(tags)[0]
        xml = xml[:there] + tag + xml[there:]
    elif what == 3 and (values := [one.span(1) for one in re.finditer(rb'"([^"]*)"', tag)]):
        start, end = dice.choice(values)
        said = dice.choice(
            [dice.choice(TEXTS).encode(), b"rId1", b"rId99", b"/xl/workbook.xml", b"A1", b"1", b"-5", b"hidden"]
        )
        xml = xml[: first + start] + said + xml[first + end :]
    elif what == 4:
        xml = xml[:first] + dice.choice(MARKUP) + xml[first:]
    else:
        at = dice.randrange(len(xml))
        xml = xml[:at] + dice.choice([*ODD, *MARKUP]) + xml[at + dice.randrange(9) :]
    members[part] = xml
    return packed(members)


def of_cells(dice: random.Random, content: bytes) -> bytes:
    """Cells of a sheet with other values or of another kind; rows and columns lost, doubled, moved."""
    members = unpacked(content)
    part = dice.choice([name for name in sorted(members) if "worksheets/sheet" in name] or sorted(members))
    xml = members[part].decode("utf-8", "replace")
    whole = list(re.finditer(r'<c r="([A-Z]+\d+)"[^>]*?(?:/>|>.*?</c>)', xml, re.DOTALL))
    rows = [one.span() for one in re.finditer(r"<row .*?</row>", xml, re.DOTALL)]
    if whole and dice.random() < 0.8:
        for one in dice.sample(whole, min(len(whole), dice.choice([1, 1, 3, 20]))):
            new = (
                dice.choice(CELLS).replace("{at}", one[1])
                if dice.random() < 0.5
                else books.cell(one[1], dice.choice(TEXTS))
            )
            xml = xml.replace(one[0], new, 1)
    elif rows:
        (first, last), there = dice.choice(rows), dice.choice(rows)[0]
        row = xml[first:last]
        xml = xml[:there] + row + xml[there:] if dice.random() < 0.5 else xml[:first] + xml[last:]
    members[part] = xml.encode()
    return packed(members)


def of_lines(dice: random.Random, content: bytes) -> bytes:
    """Cells, lines and columns of a csv with other values, lost, doubled, moved; other delimiters, quotes, encodings."""
    try:
        lines = [line.split(",") for line in content.decode("utf-8").split("\n")]
    except UnicodeDecodeError:
        return of_bytes(dice, content)
    at = dice.randrange(len(lines))
    place = dice.randrange(len(lines[at]))
    what = dice.randrange(9)
    if what <= 2:
        lines[at][place] = dice.choice([*TEXTS, '"', '"a', 'a"b', '"a,b"', '"a\nb"', "a\nb", "\r", "\0", "\ufeff"])
    elif what == 3:
        lines.insert(dice.randrange(len(lines)), list(lines[at]))
    elif what == 4:
        del lines[at]
    elif what == 5:
        lines = [[*line[:place], *line[place + 1 :]] for line in lines]
    elif what == 6:
        lines[at].insert(place, dice.choice(TEXTS))
    elif what == 7:
        text = (
            dice.choice(["\t", ";", "|", "，", " ", "::"])
            .join(["", ""])
            .join("\n".join(",".join(line) for line in lines).split(","))
        )
        return text.encode()
    text = "\n".join(",".join(line) for line in lines)
    return text.encode(dice.choice(["utf-8"] * 6 + ["gb18030", "utf-16", "utf-8-sig", "utf-16-le"]), "replace")


LEVELS: dict[str, Callable[[random.Random, bytes], bytes]] = {
    "bytes": of_bytes, "parts": of_parts, "xml": of_xml, "cells": of_cells, "lines": of_lines,
}  # fmt: skip


def kinds() -> list[tuple[Seed, str]]:
    """Every sound file with every level at which it can be changed."""
    return [
        (seed, level)
        for seed in seeds()
        for level in LEVELS
        if level == "bytes" or (level == "lines") == (seed.form == "csv")
    ]
