"""A standard that somebody could not stand behind is refused, with file, line and reason."""

from collections import Counter
from decimal import Decimal

import pytest

from contracts import standard, standard_readings
from contracts.codes import read_codes

TEXT = (standard.STANDARDS_DIR / "quality-balance-2017.toml").read_text(encoding="utf-8")
NAME = "quality-balance-2017.toml"


def line_of(part: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), start=1) if part in line and line[0] != "#")


def refused(tmp_path, old: str, new: str) -> str:
    assert TEXT.count(old) >= 1, old
    path = tmp_path / NAME
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(standard.StandardError) as problem:
        standard.load(path)
    return str(problem.value)


R3_LIMIT = "limit = { primary = 0.9, junior = 0.9 }"
R3_BASIS = (
    'basis = { article = "资源配置(三)", quote = "小学、初中均达到0.9人以上", source = "公开转引", confirmed = false }'
)
ITEMS = 'items = ["R1", "R2", "R3", "R4", "R5", "R6", "R7"]'
REFUSALS = {
    "a wrong key": (R3_LIMIT, R3_LIMIT.replace("limit", "limits"), R3_LIMIT, "unknown key"),
    "no limit at all": (R3_LIMIT, "", "[items.R3]", "limit"),
    "a limit missing for the rule's stage": (R3_LIMIT, "limit = { primary = 0.9 }", "stages = [", "missing limit"),
    "an unknown stage": (R3_LIMIT, "limit = { primary = 0.9, middle = 0.9 }", R3_LIMIT, "stages.csv"),
    "a limit that is no number": (R3_LIMIT, 'limit = { primary = "0.9", junior = 0.9 }', R3_LIMIT, "number"),
    "too many decimals": (R3_LIMIT, "limit = { primary = 0.90001, junior = 0.9 }", R3_LIMIT, "decimals"),
    "an unknown measure": ('["pe_teachers", "art_teachers"]', '["pe_teacher"]', '["pe_teachers"', "measures.csv"),
    "a row without basis": (R3_BASIS, "", "[items.R3]", "basis"),
    "a basis without source": (R3_BASIS, R3_BASIS.replace('source = "公开转引", ', ""), R3_BASIS, "basis"),
    "an unknown operator": ('operator = "<="', 'operator = "=<"', 'operator = "<="', "upper limit"),
    "a coefficient without a limit": ("primary = 0.50, junior = 0.45", "primary = 0.50", "primary = 0.50", "missing limit"),
    "an unknown operator of an item": ('operator = ">="', 'operator = "=>"', 'operator = ">="', "unknown operator"),
    "an item of the school rule that does not exist": (f"{ITEMS}\nstages", f"{ITEMS.replace('R7', 'R9')}\nstages", ITEMS, "no such item"),
    "an item of the coefficient that does not exist": (f"{ITEMS}\noperator", f"{ITEMS.replace('R7', 'R9')}\noperator",
                                                       "[coefficient]", "no such item"),
    "an item named twice": (f"{ITEMS}\nstages", f"{ITEMS.replace('R7', 'R6')}\nstages", ITEMS, "none twice"),
    "an unknown stage of the school rule": ('stages = ["primary", "junior"]', 'stages = ["primary", "tertiary"]', "stages = [", "missing"),
    "a coefficient for a stage that no item is tested in": ("primary = 0.50, junior = 0.45", "primary = 0.50, junior = 0.45, senior = 0.4",
                                                            "primary = 0.50", "missing limit"),
    "a numerator of nothing": ('numerator = ["backbone_teachers"]', "numerator = []", 'numerator = ["backbone', "must be a list of measures"),
    "a measure named twice": ('["pe_teachers", "art_teachers"]', '["pe_teachers", "-pe_teachers"]', '["pe_teachers"', "each once"),
    "a denominator that only takes away": ('denominator = ["pupils"]', 'denominator = ["-pupils"]', 'denominator = ["pupils"]', "one at least"),
    "per nothing": ("per = 100", "per = 0", "per = 100", "above 0"),
    "per a text": ("per = 100", 'per = "100"', "per = 100", "above 0"),
    "a split that is a text": ("\nsplit = true", '\nsplit = "yes"', "split = true", "true or false"),
    "a limit for all stages at once": ("limit = { primary = 1, junior = 1 }", "limit = 1", "limit = { primary = 1,", "each stage"),
    "a limit that is not finite": (R3_LIMIT, "limit = { primary = nan, junior = 0.9 }", R3_LIMIT, "number"),
    "a limit that the column cannot hold": ("primary = 2000", "primary = 200000000", "primary = 2000", "out of range"),
    "limits for no stage": (R3_LIMIT, "limit = {}", R3_LIMIT, "missing limit"),
    "a blank source": ('source = "公开转引"', 'source = " "', 'source = "公开转引"', "basis"),
    "a basis with a key too many": ('basis = { article = "资源配置(二)"', 'basis = { page = 1, article = "资源配置(二)"', "资源配置(二)", "basis"),
    "a weight with too many decimals": ("weights = { primary = 1, junior = 1.1 }", "weights = { primary = 1, junior = 1.125 }",
                                        "weights = { primary = 1, junior = 1.1 }", "decimals"),
    "a weight that is no number": ("weights = { primary = 1, junior = 1.1 }", "weights = { primary = true, junior = 1.1 }",
                                   "weights = { primary = 1, junior = 1.1 }", "number"),
    "a school type with weights twice": ('school_type_codes = ["345"]', 'school_type_codes = ["312"]', '["345"]', "already"),
    "a star beside other types": ('school_type_codes = ["*"]', 'school_type_codes = ["*", "311"]', '["*"]', "alone"),
    "an exclusion of no type": ('school_type_codes = ["371"]', "school_type_codes = []", '["371"]', "at least one"),
    "an exclusion of everything": ('school_type_codes = ["371"]\n', "", 'id = "other_type"', "no condition"),
    "an exclusion that stands twice": ('id = "vocational"', 'id = "special_education"', 'id = "vocational"', "twice"),
    "a merge that stands twice": ('id = "campus"', 'id = "small_point"', 'id = "campus"', "twice"),
    "an item that stands twice": ("[items.R2]", "[items.R1]", "[items.R2]", "TOML"),
    "two readings for one row": ('reading = { private = "out" }', 'reading = { private = "out", points = "drop" }', 'private = "out"', "one choice"),
    "an unknown reading": ('reading = { private = "out" }', 'reading = { fees = "out" }', 'private = "out"', "no such reading"),
    "a reading without a default": ('default = "in"\n', "", "[readings.private]", "missing key"),
    "a choice that stands twice": ('choices = ["in", "out"]', 'choices = ["in", "in"]', 'choices = ["in", "out"]', "none twice"),
    "items that are no sections": ("[items.R1]", "[items]\nR0 = 1\n[items.R1]", "[items.R1]", "must be tables"),
    "a name that is no text": ('title_en = "', 'title_en = 5 # "', "title_en", "text"),
    "a floor of nan": ("floor_ratio = 0.85", "floor_ratio = nan", "floor_ratio", "number"),
    "a floor with too many decimals": ("floor_ratio = 0.85", "floor_ratio = 0.85001", "floor_ratio", "decimals"),
    "too few to be met": ("met_at_least = 6", "met_at_least = 0", "met_at_least", "above 0"),
    "a weight of nothing": ("weights = { primary = 1, junior = 1.1 }", "weights = { primary = 1, junior = 0 }",
                            "weights = { primary = 1, junior = 1.1 }", "positive"),
    "an unknown school type": ('school_type_codes = ["345"]', 'school_type_codes = ["999"]', '["345"]', "school_types.csv"),
    "an unknown reason": ('id = "vocational"', 'id = "whatever"', 'id = "vocational"', "reason"),
    "an unknown choice": ('reading = { private = "out" }', 'reading = { private = "half" }', 'private = "out"', "reading"),
    "a default that is no choice": ('default = "drop"', 'default = "keep"', 'default = "drop"', "default"),
    "a floor above one": ("floor_ratio = 0.85", "floor_ratio = 1.85", "floor_ratio", "(0, 1]"),
    "more to be met than there is": ("met_at_least = 6", "met_at_least = 8", "met_at_least", "out of range"),
    "an id that is not the file's": ('id = "quality-balance-2017"', 'id = "other"', 'id = "quality', "file's name"),
    "a stage without its bound": ("below_pupils = 50\nreading = { points = \"drop\" }", "reading = { points = \"drop\" }",
                                  'id = "small_point"', "together"),
    "a relaxation that relaxes nothing": ('limit = { primary = 2400, junior = 2400, combined = 3000 }\ncommitment', "commitment",
                                          'id = "built_by_2010"', "relaxes nothing"),
    "a condition without a number": ('when = [["built_year", "<=", 2010]]', 'when = [["built_year", "<="]]', "when = [[\"built_year\", \"<=\", 2010", "measure, operator"),
    "a condition on nothing known": ('when = [["built_year", "<=", 2010]]', 'when = [["built", "<=", 2010]]', "when = [[\"built_year\", \"<=\", 2010", "measures.csv"),
    "a count from nowhere": ('of = "class"', 'of = "pupil"', 'of = "class"', "cannot be counted"),
    "a count of no such column": ('column = "level"', 'column = "grade"', 'column = "level"', "no such column"),
    "a count without a bound": ('operator = "<"\nlimit = 100', "limit = 100", "[counts.small_sites]", "missing operator"),
    "a count named as a measure": ("[counts.small_sites]", "[counts.pupils]", "[counts.small_sites]", "exists"),
    "an unknown subject": ('codes = ["chinese", "mathematics", "english"', 'codes = ["latin", "mathematics", "english"', "\"english\"", "subjects.csv"),
    "an unknown veto": ('"key_schools"', '"key_school"', '"key_schools"', "vetoes.csv"),
    "an unknown precondition": ('id = "monitoring_sustained"', 'id = "monitoring"', 'id = "monitoring_sustained"', "preconditions.csv"),
    "a period that ends before it begins": ("to_year = 2022", "to_year = 2018", "to_year = 2022", "before the first"),
    "an item judged and listed": ("[[items.G8.tests]]", "operator = \">=\"\n[[items.G8.tests]]", "[[items.G8.tests]]", "beside tests"),
    "a scope that does not exist": ('scope = "class"', 'scope = "room"', 'scope = "class"', "scopes.csv"),
    "a part that does not exist": ('part = "recognition"', 'part = "fame"', 'part = "recognition"', "parts.csv"),
    "a test tied to no reading": ('reading = { rooms = "each" }', 'reading = { rooms = "half" }', 'reading = { rooms = "each" }', "no such reading"),
    "text that is not TOML": ("per = 100", "per = = 100", "per = 100", "TOML"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_a_standard_is_refused_with_file_line_and_reason(case, tmp_path):
    old, new, where, reason = REFUSALS[case]
    said = refused(tmp_path, old, new)
    assert reason in said
    lines = {int(problem.split(":")[1]) for problem in said.splitlines() if problem.startswith(NAME)}
    near = range(line_of(where) - 1, line_of(where) + 2) if where.startswith(("[", "id")) else [line_of(where)]
    assert lines & set(near), f"{case}: {said}; expected line {line_of(where)}"


def test_all_problems_are_named_at_once(tmp_path):
    path = tmp_path / NAME
    path.write_text(TEXT.replace("per = 100", "par = 100", 2).replace('"pe_teachers"', '"pe"', 1), encoding="utf-8")
    with pytest.raises(standard.StandardError) as problem:
        standard.load(path)
    said = str(problem.value).splitlines()
    assert [line.rsplit(" / ")[-1] for line in said] == [
        "unknown key", "unknown key", "not in the code list",
    ]  # fmt: skip


def test_a_file_that_is_not_utf8_is_named_with_its_line(tmp_path):
    path = tmp_path / NAME
    path.write_bytes(b'id = "a"\n' + 'title = "标准"'.encode("gb18030"))
    with pytest.raises(standard.StandardError, match=r"^quality-balance-2017\.toml:2: .*UTF-8"):
        standard.load(path)


def test_text_that_ends_too_early_is_named_with_its_last_line(tmp_path):
    path = tmp_path / NAME
    path.write_text('id = "a"\ntitles = [\n  "b",\n', encoding="utf-8")
    with pytest.raises(standard.StandardError, match=r"^quality-balance-2017\.toml:3: .*TOML"):
        standard.load(path)


def test_the_problems_of_all_standards_are_named_at_once(tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(standard.StandardError) as problem:
        standard.load_all(directories=(tmp_path,))
    assert [line.split(":")[0] for line in str(problem.value).splitlines()] == ["one.toml", "two.toml"]


def test_tables_hold_a_row_for_each_of_what_the_file_says():
    tables = standard.load_all(("quality-balance-2017",))[0].tables
    counts = {name: len(rows) for name, rows in tables.items()}
    types, scopes = len(read_codes("school_types")), len(read_codes("scopes"))
    parts = Counter(row["part"] for row in tables["std_item"])
    assert parts == {"resources": 7, "government": 15, "quality": 9, "recognition": 1}
    assert counts["std_exclusion"] == (4 + 7 + 1 + 2) * scopes + 3 + 1
    assert counts["std_split"] == 2 + 3 + 2 + (types - 3) * 3
    assert (counts["std_coefficient"], counts["std_school_rule"], counts["std_merge"]) == (14, 14, 2)
    assert (counts["std_precondition"], counts["std_veto"], counts["std_subject"]) == (2, 8, 7 + 6)
    sevens = [row for row in tables["std_limit"] if row["item_code"][0] == "R" and row["case_no"] == 0]
    assert len(sevens) == 14


def test_readings_are_evaluated_in_all_combinations_that_can_meet():
    """Six readings bear on the same items: 96 combinations; the two others change one item each."""
    one = standard.load_all(("quality-balance-2017",))[0]
    blocks = Counter(row["block_no"] for row in one.tables["std_reading_set"])
    assert sorted(blocks.values()) == [1, 1, 1, 2**5 * 3 - 1]
    subsets = {
        row["subset_id"] for row in one.tables["std_subset"] if row["readings_id"] == "campus=merged,private=out"
    }
    assert subsets == {"default", "campus=merged", "private=out", "campus=merged,private=out"}
    assert {row["group_code"] for row in one.tables["std_item"] if row["part"] == "resources"} == {"R1"}


def test_choosing_changes_the_default_choices_and_evaluates_no_others():
    one = standard.load_all(("quality-balance-2017",))[0]
    other = standard.choose(one, campus="merged")
    chosen = {row["reading_code"]: row["choice_code"] for row in other.tables["std_choice"]}
    assert (chosen["campus"], chosen["private"], chosen["points"]) == ("merged", "in", "drop")
    assert {row["readings_id"] for row in other.tables["std_reading_set"]} == {"default"}
    assert other.tables["std_limit"] == one.tables["std_limit"]


def test_floors_follow_from_limits_and_the_ratio():
    """The published floors: 3.57 1 …; each is 85 % of its limit."""
    one = standard.load_all(("quality-balance-2017",))[0]
    ratio = one.tables["std_school_rule"][0]["floor_ratio"]
    floors = {
        (row["item_code"], row["stage"]): row["limit_value"] * ratio
        for row in one.tables["std_limit"]
        if row["item_code"][0] == "R" and row["case_no"] == 0
    }
    published = {
        "R1": ("3.57", "4.505"), "R2": ("0.85", "0.85"), "R3": ("0.765", "0.765"), "R4": ("3.825", "4.93"),
        "R5": ("6.375", "8.67"), "R6": ("1700", "2125"), "R7": ("1.955", "2.04"),
    }  # fmt: skip
    assert floors == {
        (item, stage): Decimal(value)
        for item, values in published.items()
        for stage, value in zip(("primary", "junior"), values, strict=True)
    }


def test_every_row_carries_its_basis_and_whether_it_was_confirmed():
    for one in standard.load_all():
        for name, rows in one.tables.items():
            for row in rows:
                assert set(row) == set(standard.SCHEMAS[name])
                if "basis_source" in row:
                    assert row["basis_article"] and row["basis_quote"] and row["basis_source"]
                    assert isinstance(row["is_confirmed"], bool)


def test_every_school_type_has_a_weight_for_each_compulsory_stage_it_can_have():
    rows = standard.load_all(("quality-balance-2017",))[0].tables["std_split"]
    weights = {(row["school_type_code"], row["stage"]): row["weight"] for row in rows}
    assert weights["312", "junior"] == Decimal("1.1") and ("312", "senior") not in weights
    assert weights["345", "senior"] == Decimal("1.32") and weights["341", "senior"] == Decimal("1.2")
    assert weights["219", "junior"] == Decimal("1.1")


def test_choosing_an_unknown_reading_is_refused():
    with pytest.raises(LookupError, match="campus=half"):
        standard.choose(standard.load_all(("quality-balance-2017",))[0], campus="half")


def test_an_unknown_standard_is_named():
    with pytest.raises(LookupError, match="no such standard"):
        standard.load_all(("nowhere",))


def test_a_changed_limit_changes_the_fingerprint(tmp_path):
    path = tmp_path / NAME
    path.write_text(TEXT.replace("primary = 4.2", "primary = 4.3", 1), encoding="utf-8")
    assert standard.fingerprint([standard.load(path)]) != standard.fingerprint(standard.load_all((path.stem,)))


def test_a_standard_of_the_warehouse_never_hides_one_of_ours(tmp_path):
    (tmp_path / NAME).write_text(TEXT, encoding="utf-8")
    with pytest.raises(standard.StandardError, match="exists already"):
        standard.load_all(directories=[standard.STANDARDS_DIR, tmp_path])


OVERLAY = """
id = "region"
extends = "quality-balance-2017"
title = "地方标准"
document = "地方文件"
regions = ["50", "510100"]
from_year = 2024

[[limits]]
item = "G7"
limit = 8000
basis = { article = "一", quote = "不低于8000元", source = "地方文件", confirmed = true }
"""


def with_overlay(tmp_path, text: str) -> list[standard.Standard]:
    (tmp_path / NAME).write_text(TEXT, encoding="utf-8")
    (tmp_path / "overlays").mkdir()
    (tmp_path / "overlays" / "region.toml").write_text(text, encoding="utf-8")
    return standard.load_all(directories=(tmp_path,))


def test_an_overlay_adds_its_limits_with_region_year_and_basis(tmp_path):
    (one,) = with_overlay(tmp_path, OVERLAY)
    rows = [row for row in one.tables["std_limit"] if row["overlay_id"] == "region"]
    assert [(row["region_code"], row["limit_value"], row["from_year"], row["is_confirmed"]) for row in rows] == [
        ("50", Decimal(8000), 2024, True),
        ("510100", Decimal(8000), 2024, True),
    ]
    assert next(row["limit_value"] for row in one.tables["std_limit"] if row["item_code"] == "G7") == Decimal(6000)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('item = "G7"', 'item = "G99"', "no such item"),
        ('item = "G7"', 'item = "G7"\ntest_no = 2', "no such item"),
        ("limit = 8000", "limit = { primary = 8000 }", "stages differ"),
        ("limit = 8000", 'limit = "8000"', "number"),
        ("from_year = 2024", 'from_year = "2024"', "region codes"),
        ('regions = ["50", "510100"]', 'regions = ["5x"]', "region codes"),
        ('extends = "quality-balance-2017"', 'extends = "nothing"', "no such standard"),
        ('title = "地方标准"\n', "", "keys of an overlay"),
        (", confirmed = true", "", "whole basis"),
        ('id = "region"', 'id = "other"', "file's name"),
    ],
)
def test_an_overlay_is_refused_with_its_reason(tmp_path, old, new, reason):
    assert OVERLAY.count(old) == 1
    with pytest.raises(standard.StandardError, match=r"region\.toml:\d+: ") as problem:
        with_overlay(tmp_path, OVERLAY.replace(old, new))
    assert reason in str(problem.value)


def test_the_caps_of_entry_classes_are_those_of_all_classes():
    """The one number that two files hold: the highlights name the caps of the standard."""
    caps = {}
    for one in standard.load_all():
        for row in one.tables["std_count"]:
            if row["source"] == "class":
                caps.setdefault(row["measure_code"], {})[row["stage"]] = row["limit_value"]
    assert caps["entry_classes_over_cap"] == caps["classes_within_cap"]


def test_the_base_of_a_set_leaves_out_the_changes_that_only_say_who_takes_part():
    readings = {code: {"default": "no", "choices": ["no", "yes"]} for code in ("joins", "judges", "both")}
    tests = [{"reading": {"judges": "yes"}}, {"reading": {"both": "yes"}}]
    exclusions = [{"reading": {"joins": "yes"}}, {"reading": {"both": "yes"}}]
    data = {"readings": readings, "items": {"R1": {"scope": "unit", "tests": tests}}, "exclusions": exclusions}
    sets = standard_readings.rows(data)["std_reading_set"]
    assert {row["readings_id"]: row["base_readings_id"] for row in sets} == {
        "default": "default",
        "joins=yes": "default",
        "judges=yes": "judges=yes",
        "joins=yes,judges=yes": "judges=yes",
        "both=yes": "both=yes",
        "both=yes,joins=yes": "both=yes,joins=yes",
        "both=yes,judges=yes": "both=yes,judges=yes",
        "both=yes,joins=yes,judges=yes": "both=yes,joins=yes,judges=yes",
    }
