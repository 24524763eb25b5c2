"""What the process of the expectations answers, whether an expectation is asked for briefly first or only at length."""

import pyarrow
import pyarrow.feather
import pytest

from transforms import expect_child

FRAMES = {
    "sound": {"a": [1, 2, 3], "b": [1, 2, 3], "word": ["met", "met", "not_met"]},
    "broken": {"a": [1, 1, 3], "b": [1, None, 4], "word": ["met", "perhaps", None]},
    "empty": {"a": pyarrow.array([], pyarrow.int64()), "b": pyarrow.array([], pyarrow.int64()), "word": pyarrow.array([], pyarrow.string())},
    "blank": {"a": [1, 2], "b": pyarrow.array([None, None], pyarrow.float64()), "word": pyarrow.array([None, None], pyarrow.string())},
}  # fmt: skip
ASKED = {
    "key": ("expect_column_values_to_be_unique", {"column": "a"}),
    "keys": ("expect_compound_columns_to_be_unique", {"column_list": ["a", "word"]}),
    "between": ("expect_column_values_to_be_between", {"column": "b", "min_value": 0, "max_value": 3}),
    "in_set": ("expect_column_values_to_be_in_set", {"column": "word", "value_set": ["met", "not_met"]}),
    "equal": ("expect_column_pair_values_to_be_equal", {"column_A": "a", "column_B": "b"}),
    "years": ("expect_column_distinct_values_to_equal_set", {"column": "a", "value_set": [1, 2, 3]}),
    "absent": ("expect_column_values_to_be_unique", {"column": "not_there"}),
}


@pytest.fixture
def message(tmp_path):
    for name, columns in FRAMES.items():
        pyarrow.feather.write_feather(pyarrow.table(columns), tmp_path / f"{name}.arrow", compression="uncompressed")
    suites = {
        frame: [{"name": f"{frame}.{name}", "type": kind, "kwargs": kwargs} for name, (kind, kwargs) in ASKED.items()]
        for frame in FRAMES
    }
    return {"folder": str(tmp_path), "suites": suites, "named": {"sound": ["a"], "broken": ["a"]}}


def test_what_is_asked_for_briefly_first_is_answered_as_at_length(message, monkeypatch):
    answers = expect_child.answer(message)
    monkeypatch.setattr(expect_child, "_is_by_row", lambda _: False)
    assert answers == expect_child.answer(message)


def test_an_answer_says_what_fails_which_rows_and_what_could_not_be_looked_at(message):
    answers = expect_child.answer(message)
    assert {name for name, one in answers.items() if one["success"]} == {
        *(f"sound.{name}" for name in ASKED if name != "absent"),
        *(f"empty.{name}" for name in ASKED if name not in ("absent", "years")),
        *(f"blank.{name}" for name in ("key", "keys", "between", "in_set")),
        "broken.keys",
    }
    assert {name for name, one in answers.items() if one["problem"]} == {f"{frame}.absent" for frame in FRAMES}
    assert answers["broken.key"]["rows"] == [{"a": 1}, {"a": 1}] and answers["broken.key"]["failed"] == 2
    assert answers["sound.key"]["looked_at"] == 3 and answers["broken.between"]["rows"] == [{"a": 3, "b": 4.0}]
