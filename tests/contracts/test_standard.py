"""A standard that somebody could not stand behind is refused, with file, line and reason."""

from decimal import Decimal

import pytest

from contracts import standard

TEXT = (standard.STANDARDS_DIR / "quality-balance-2017.toml").read_text(encoding="utf-8")
NAME = "quality-balance-2017.toml"


def line_of(part: str) -> int:
    return next(number for number, line in enumerate(TEXT.splitlines(), start=1) if part in line)


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
    "an item that does not exist": ('stages = ["primary", "junior"]', 'stages = ["primary", "tertiary"]', "stages = [", "missing"),
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
    path.write_text(TEXT.replace("per = 100", "par = 100").replace('"pe_teachers"', '"pe"'), encoding="utf-8")
    with pytest.raises(standard.StandardError) as problem:
        standard.load(path)
    assert len(str(problem.value).splitlines()) == 4


def test_floors_follow_from_limits_and_the_ratio():
    """The published floors: 3.57 1 …; each is 85 % of its limit."""
    one = standard.load_all()[0]
    ratio = one.tables["std_school_rule"][0]["floor_ratio"]
    floors = {(row["item_code"], row["stage"]): row["limit_value"] * ratio for row in one.tables["std_limit"]}
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
    rows = standard.load_all()[0].tables["std_split"]
    weights = {(row["school_type_code"], row["stage"]): row["weight"] for row in rows}
    assert weights["312", "junior"] == Decimal("1.1") and ("312", "senior") not in weights
    assert weights["345", "senior"] == Decimal("1.32") and weights["341", "senior"] == Decimal("1.2")
    assert weights["219", "junior"] == Decimal("1.1")


def test_choosing_an_unknown_reading_is_refused():
    with pytest.raises(LookupError, match="campus=half"):
        standard.choose(standard.load_all()[0], campus="half")


def test_an_unknown_standard_is_named():
    with pytest.raises(LookupError, match="no such standard"):
        standard.load_all(("nowhere",))


def test_a_changed_limit_changes_the_fingerprint(tmp_path):
    path = tmp_path / NAME
    path.write_text(TEXT.replace("primary = 4.2", "primary = 4.3", 1), encoding="utf-8")
    assert standard.fingerprint([standard.load(path)]) != standard.fingerprint(standard.load_all())
