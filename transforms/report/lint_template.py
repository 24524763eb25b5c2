"""A template that somebody edited, looked over before it is used: tags Jinja reads, values the report has, styles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

VALUES = {
    "warnings", "page_warning", "county", "title", "opening", "opening_text", "basic", "basic_text", "resources",
    "coefficients", "government", "quality", "recognition", "preconditions", "vetoes", "highlights", "problems",
    "problems_text", "commitments", "measures_text", "tables", "closing", "charts",
}  # fmt: skip
"""What a template may name."""
NEEDED = {"resources", "coefficients", "government", "quality", "tables", "warnings"}
"""What no report may leave out."""
STYLES = ("叙述", "叙述标题")
"""Styles by which `report check` tells what people wrote."""


class TemplateError(Exception):
    """A template is refused; one line a problem."""


def problems(template: Any) -> list[str]:
    """Return what is wrong with a template, a sentence each; none for one that can be used."""
    import jinja2

    try:
        named = template.get_undeclared_template_variables()
    except jinja2.TemplateError as problem:
        return [f"标签写错了：{problem}；多半是 Word 把标签拆开了，删掉重新一次输入 / a tag cannot be read"]
    wrong = [f"没有这个值：{name} / the report has no such value" for name in sorted(named - VALUES)]
    wrong += [f"少了必有的内容：{name} / must not be left out" for name in sorted(NEEDED - named)]
    there = {style.name for style in template.docx.styles}
    return wrong + [
        f"少了样式「{name}」，核对时要靠它认出人写的段落 / a style is missing" for name in STYLES if name not in there
    ]


def refuse(template: Any, path: Path) -> None:
    """Raise TemplateError with everything that is wrong with a template."""
    if found := problems(template):
        raise TemplateError("\n".join(f"{path}：{one}" for one in found))
