"""One self-contained page from its parts: template, styles, scripts and data, nothing fetched from anywhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PAGES = Path(__file__).parent / "pages"
BREAKS_OUT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
"""Inside a script element these could end it, or a line; in JSON text they stand for themselves when escaped."""


def assemble(template: str, styles: list[str], scripts: list[str], data: dict[str, Any]) -> str:
    """Return the page: the template with the named styles and scripts of pages/ and the data put in.

    Scripts share one function scope, in the order given. Raises FileNotFoundError when a part is not there.
    """
    parts = {
        "styles": "\n".join(_part(name) for name in styles),
        "data": embedded(data),
        "scripts": "\n".join(_part(name) for name in scripts),
    }
    page = _part(template)
    for name, text in parts.items():
        before, mark, after = page.partition(f"<!-- {name} -->")
        if not mark:
            raise ValueError(f"{template}: no place for {name}")
        page = before + text + after
    return page


def _part(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def embedded(data: dict[str, Any]) -> str:
    """Return data as JSON that cannot leave the script element it stands in, whatever a school is called.

    Raises ValueError when a number is not finite.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.translate(str.maketrans(BREAKS_OUT))
