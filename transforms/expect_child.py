"""Great Expectations in a process of its own: imports at once, waits for one message, answers into a file, ends.

`python -m transforms.expect_child` reads one line, the path of a JSON file: folder (of Arrow files, one a frame),
answers (the file to write), suites, frame → expectations, and named, frame → columns that name its rows. It imports
nothing of the project, to be ready early.
"""

from __future__ import annotations

import functools
import gc
import importlib
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

SHOWN_ROWS = 20
MOST_WORDS = 500
UNUSED = ("pyspark", "sqlalchemy")
"""What Great Expectations takes in if it is installed, for data elsewhere than in a frame: looks as if it were not."""
LATE = ("altair", "scipy.stats")
"""What it takes in for charts and distributions: imported when something of it is asked for, and nothing ever is."""


class _Late(ModuleType):
    """Stands for a library until something of it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if sys.modules.get(self.__name__) is self:
            vars(sys)["modules"].pop(self.__name__)
        return getattr(importlib.import_module(self.__name__), name)


def main() -> None:
    """Import, wait, answer; end without a word when the one who started us is gone."""
    _import()
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        return
    message = json.loads(Path(line).read_text(encoding="utf-8"))
    answers = Path(message["answers"])
    partial = answers.with_name(answers.name + ".part")
    partial.write_text(json.dumps(answer(message), ensure_ascii=False, default=str), encoding="utf-8")
    os.replace(partial, answers)


def _import() -> None:
    """Import what answers; its seconds pass while the other steps run. A third of them is left out, nobody needs it."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    vars(sys)["modules"].update(dict.fromkeys(UNUSED), **{name: _Late(name) for name in LATE})
    gc.disable()  # what is imported stays: there is no garbage to be looked for
    for name in ("great_expectations", "pyarrow.feather"):
        importlib.import_module(name)
    _frames()
    gc.freeze()
    gc.enable()


@functools.cache
def _frames() -> Any:
    """Return what makes a batch of a frame."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("candidate").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def answer(message: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what came of each expectation, by its name: success, failed, looked_at, seen, rows, problem."""
    import pyarrow.feather

    answers: dict[str, dict[str, Any]] = {}
    for frame, expectations in message["suites"].items():
        rows = pyarrow.feather.read_feather(Path(message["folder"]) / f"{frame}.arrow")
        batch = _frames().get_batch({"dataframe": rows})
        briefly = _validated(batch, frame, [one for one in expectations if _is_by_row(one)], "BOOLEAN_ONLY")
        kept = {name for name, one in briefly.items() if one["success"] and not one["problem"]}
        shown = {"result_format": "SUMMARY", "partial_unexpected_count": SHOWN_ROWS}
        named = message["named"].get(frame, [])
        shown |= {"unexpected_index_column_names": named} if named else {}
        at_length = _validated(batch, frame, [one for one in expectations if one["name"] not in kept], shown)
        answers |= {name: {**briefly[name], "looked_at": len(rows)} for name in kept} | at_length
    return answers


def _is_by_row(one: dict[str, Any]) -> bool:
    """Return whether an expectation looks at each row: there, all that is to be said is how many, where none fails."""
    from great_expectations.expectations import expectation as kinds

    by_row = (kinds.ColumnMapExpectation, kinds.ColumnPairMapExpectation, kinds.MulticolumnMapExpectation)
    return isinstance(_expectation(one), by_row)


def _validated(batch: Any, frame: str, expectations: list[dict[str, Any]], told: Any) -> dict[str, dict[str, Any]]:
    """Return what came of some expectations of a frame, by name, told briefly or at length."""
    import great_expectations as gx

    if not expectations:
        return {}
    suite = gx.ExpectationSuite(name=frame, expectations=[_expectation(one) for one in expectations])
    results = batch.validate(suite, result_format=told).to_json_dict()["results"]
    return {one["expectation_config"]["meta"]["name"]: _told(one) for one in results}


def _expectation(one: dict[str, Any]) -> Any:
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    configured = ExpectationConfiguration(type=one["type"], kwargs=one["kwargs"], meta={"name": one["name"]})
    return configured.to_domain_obj()


def _told(result: dict[str, Any]) -> dict[str, Any]:
    """Return one result in our words; an expectation that raised has a problem and no success, whatever it says."""
    found = result.get("result") or {}
    rows = [row for row in found.get("partial_unexpected_index_list") or [] if isinstance(row, dict)]
    listed = rows or found.get("partial_unexpected_list") or []
    pair = [result["expectation_config"]["kwargs"].get(name) for name in ("column_A", "column_B")]
    problem = _problem(result.get("exception_info"))
    return {
        "success": bool(result["success"]) and not problem,
        "failed": found.get("unexpected_count") or 0,
        "looked_at": found.get("element_count") or 0,
        "seen": found.get("observed_value"),
        "rows": [row if isinstance(row, dict) else _named(row, pair) for row in listed],
        "problem": problem,
    }


def _named(row: Any, pair: list[str | None]) -> dict[str, Any]:
    """Return a failing value under its column's name, or the two of a pair under theirs."""
    if isinstance(row, list | tuple) and all(pair):
        return {str(name): value for name, value in zip(pair, row, strict=True)}
    return {"seen": row}


def _problem(info: Any) -> str:
    """Return the messages of an exception_info, which holds one exception or one per metric."""
    if not isinstance(info, dict):
        return ""
    parts = [info] if "raised_exception" in info else [part for part in info.values() if isinstance(part, dict)]
    said = [str(part.get("exception_message")) for part in parts if part.get("raised_exception")]
    return "; ".join(dict.fromkeys(said))[:MOST_WORDS]


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    os._exit(0)  # what was imported need not be taken apart: somebody is waiting for the end
