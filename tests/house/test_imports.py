"""Imports run one way: flows → transforms → warehouse → contracts; Prefect is named in flows/ alone."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ORDER = ["contracts", "warehouse", "transforms", "flows"]
MAY_IMPORT = {room: set(ORDER[: at + 1]) for at, room in enumerate(ORDER)}


def imported(text: str) -> set[str]:
    """Top-level names a module imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
            names |= {str(one.value).split(".")[0] for one in node.args if isinstance(one, ast.Constant)}
    return names


def breaches(room: str, text: str) -> set[str]:
    return imported(text) & ((set(ORDER) - MAY_IMPORT[room]) | ({"prefect"} if room != "flows" else set()))


@pytest.mark.parametrize("room", ORDER)
def test_no_module_imports_against_the_direction(room):
    wrong = {
        str(path): found for path in (ROOT / room).rglob("*.py") if (found := breaches(room, path.read_text("utf-8")))
    }
    assert wrong == {}


def test_the_lint_sees_a_planted_breach():
    assert breaches("contracts", "from warehouse import store") == {"warehouse"}
    assert breaches("transforms", "def f():\n    import prefect.tasks") == {"prefect"}
    assert breaches("warehouse", "importlib.import_module('transforms.gate')") == {"transforms"}
    assert breaches("flows", "import prefect\nfrom transforms import gate") == set()
