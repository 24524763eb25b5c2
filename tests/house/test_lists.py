"""The project's own lists: UTF-8, LF, every code once, everything named."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from contracts import codes, dictionary
from transforms import model

ROOT = Path(__file__).parents[2]
LISTS = sorted((ROOT / "contracts").rglob("*.csv"))
TABLES = {**dictionary.input_tables(), **dictionary.output_tables()}


FIRST_COLUMN_IS_KEY = [path for path in LISTS if path.parent == codes.CODES_DIR or path.name == "rules.csv"]


def faults(content: bytes) -> list[str]:
    """What a list of the project must not be."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return ["not UTF-8"]
    rows = list(csv.reader(text.splitlines()))
    wrong = {
        "byte order mark": text.startswith("\ufeff"),
        "carriage return": "\r" in text,
        "no end of line": not text.endswith("\n"),
        "a row of another width": any(len(row) != len(rows[0]) for row in rows),
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


def twice(text: str) -> set[str]:
    """Keys, of the first column, that stand in more than one row."""
    counted = Counter(row[0] for row in csv.reader(text.splitlines()))
    return {key for key, count in counted.items() if count > 1}


@pytest.mark.parametrize("path", LISTS, ids=lambda path: path.stem)
def test_a_list_is_plain_utf8_with_lf(path):
    assert faults(path.read_bytes()) == []


@pytest.mark.parametrize("path", FIRST_COLUMN_IS_KEY, ids=lambda path: path.stem)
def test_every_key_stands_once(path):
    assert twice(path.read_text("utf-8")) == set()


def test_the_lint_sees_planted_faults():
    assert faults("\ufeffcode\na\n".encode()) == ["byte order mark"]
    assert faults(b"code\r\na\r\n") == ["carriage return"]
    assert faults(b"code\na") == ["no end of line"]
    assert faults(b"code,text\na\n") == ["a row of another width"]
    assert faults("code\n红\n".encode("gb18030")) == ["not UTF-8"]
    assert twice("code,text\na,1\nb,2\na,3\n") == {"a"}


@pytest.mark.parametrize("name", sorted(path.stem for path in codes.CODES_DIR.glob("*.csv")))
def test_every_code_has_a_text_in_both_languages(name):
    assert all(row["text_zh"] and row["text_en"] for row in codes.read_codes(name).values())


def test_a_code_that_stands_twice_is_refused(tmp_path, monkeypatch):
    (tmp_path / "colours.csv").write_text("code,text_zh,text_en\na,红,red\na,蓝,blue\n", encoding="utf-8")
    monkeypatch.setattr(codes, "CODES_DIR", tmp_path)
    with pytest.raises(ValueError, match=r"colours\.csv"):
        codes.read_codes("colours")


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_label_unit_and_description(table):
    for column in dictionary.columns(TABLES[table]):
        assert column.label and column.description, column.name
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name) and len(column.name) <= 40
        for suffix, unit in (("_m2", "㎡"), ("_yuan", "元"), ("_pct", "%")):
            if column.name.endswith(suffix):
                assert column.unit == unit, column.name
        if column.kind == "boolean":
            assert column.name.startswith(("is_", "has_", "counts_as_", "agrees")), column.name


@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_a_title_a_grain_and_a_key(table):
    described = dictionary.table_metadata(TABLES[table])
    assert described["title"] and described["grain"].startswith("one row per")
    assert dictionary.key(TABLES[table])


def test_every_published_table_is_a_model_and_the_other_way_round():
    internal = {name for name in model.models() if name.startswith("core_")}
    assert set(model.models()) - internal == set(dictionary.output_tables()) - {"dim_data_dictionary"}


def test_core_counts_every_measure_of_the_list_and_no_other():
    site = (ROOT / "sql" / "core" / "core_site_measure.sql").read_text("utf-8")
    county = (ROOT / "sql" / "facts" / "fact_measure.sql").read_text("utf-8")
    counted = {
        name
        for text in (site, county)
        for name in re.findall(r"when '(\w+)'\s+then", text) + re.findall(r"'(\w+)' as measure_code", text)
    }
    counted |= set(re.findall(r"measure_code = '(\w+)' and", site))
    known = set(codes.read_codes("measures"))
    assert counted - {"rural", "school", "subject", "all"} == known
