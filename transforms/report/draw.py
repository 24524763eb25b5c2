"""The report's charts, readable in grey print: coefficients against their limits, schools against the standard."""

from __future__ import annotations

import functools
import io
import textwrap
from typing import TYPE_CHECKING, Any

from transforms.report.look_up import Facts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FONTS = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "SimHei",
    "Noto Sans CJK JP",
    "WenQuanYi Zen Hei",
    "PingFang SC",
    "AR PL SungtiL GB",
    "SimSun",
    "FangSong",
)
"""Fonts that have the characters, best first."""
STAGES = {"primary": ("小学", "0.35", "", "o"), "junior": ("初中", "0.85", "////", "^")}
"""Stage → name, grey, hatch, marker: told apart without colour."""
WIDE, HIGH, DPI = 6.1, 2.7, 200
AROUND = {"left": 0.085, "right": 0.995, "top": 0.86, "bottom": 0.22}
"""Room for labels around the axes, as shares of the picture."""
LABEL_CHARACTERS = 7
NO_FONT = "图，本机没有中文字体，安装后重新生成"


@functools.cache
def font() -> str | None:
    """Return the name of a font with Chinese characters that is on this machine, or None."""
    from matplotlib import font_manager

    there = {one.name for one in font_manager.fontManager.ttflist}
    return next((name for name in FONTS if name in there), None)


def coefficients(facts: Facts) -> bytes | None:
    """Return the coefficients of either stage as bars with their limits, a PNG; None where there is nothing to draw."""
    rows = [row for row in facts.judged_coefficients() if row["cv"] is not None]
    if not rows or font() is None:
        return None
    figure, axes = _figure()
    items = list(dict.fromkeys(row["item_code"] for row in rows))
    for at, (stage, (name, grey, hatch, _)) in enumerate(STAGES.items()):
        of_stage = {row["item_code"]: row for row in rows if row["stage"] == stage}
        places = [place + (2 * at - 1) * 0.19 for place, item in enumerate(items) if item in of_stage]
        heights = [of_stage[item]["cv"] for item in items if item in of_stage]
        if not heights:
            continue
        bars = axes.bar(places, heights, 0.36, color=grey, hatch=hatch, edgecolor="black", linewidth=0.6, label=name)
        axes.bar_label(bars, [f"{height:.3f}" for height in heights], fontsize=6, padding=1)
        limit = float(next(iter(of_stage.values()))["limit_value"])
        axes.axhline(
            limit, color="black", linewidth=0.8, linestyle="-" if at == 0 else "--", label=f"{name}上限{limit:.2f}"
        )
    axes.set_xticks(range(len(items)), [_wrapped(facts.items[item]["name_zh"]) for item in items], fontsize=6)
    axes.set_ylabel("校际差异系数", fontsize=8)
    axes.set_ylim(0, max(*(row["cv"] for row in rows), *(float(row["limit_value"]) for row in rows)) * 1.3)
    return _drawn(figure, axes)


def schools(facts: Facts) -> bytes | None:
    """Return every unit's value over its limit, indicator by indicator, a PNG; None where there is nothing to draw."""
    found = [
        (item, stage, float(row["value"]) / float(row["limit_value"]))
        for (_, stage, item), row in sorted(facts.school_values().items())
        if row["value"] is not None and row["limit_value"]
    ]
    if not found or font() is None:
        return None
    figure, axes = _figure()
    items = [code for code in facts.items if code in {item for item, _, _ in found}]
    for at, (stage, (name, grey, _, marker)) in enumerate(STAGES.items()):
        ratios = [(items.index(item), ratio) for item, of_stage, ratio in found if of_stage == stage]
        spread = [place + (2 * at - 1) * 0.16 + (number % 5 - 2) * 0.03 for number, (place, _) in enumerate(ratios)]
        axes.scatter(
            spread,
            [ratio for _, ratio in ratios],
            s=14,
            marker=marker,
            facecolors="none" if at else grey,
            edgecolors="black",
            linewidths=0.6,
            label=name,
        )
    axes.axhline(1, color="black", linewidth=0.8, label="标准")
    floors = {facts.limit_of(item, stage, "floor_ratio") for item in items for stage in STAGES} - {None}
    for floor in sorted(floors):
        axes.axhline(float(floor), color="black", linewidth=0.8, linestyle=":", label=f"标准的{float(floor):.0%}")
    axes.set_xticks(range(len(items)), [_wrapped(facts.items[item]["name_zh"]) for item in items], fontsize=6)
    axes.set_ylabel("指标值÷标准值", fontsize=8)
    axes.set_ylim(0, max(ratio for _, _, ratio in found) * 1.15)
    return _drawn(figure, axes)


def _figure() -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDE, HIGH), dpi=DPI)
    axes = figure.subplots()
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", labelsize=7)
    return figure, axes


def _drawn(figure: Figure, axes: Any) -> bytes:
    """Return the figure as a PNG that holds nothing of when or by what it was drawn."""
    from matplotlib import rc_context

    with rc_context({"font.family": font(), "axes.unicode_minus": False, "hatch.linewidth": 0.6}):
        texts: list[Any] = figure.findobj(lambda one: hasattr(one, "set_fontfamily"))
        for text in texts:
            text.set_fontfamily(font())
        legend = axes.legend(fontsize=7, ncols=4, loc="upper center", frameon=False, bbox_to_anchor=(0.49, 1.19))
        for text in legend.get_texts():
            text.set_fontfamily(font())
        figure.subplots_adjust(**AROUND)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _wrapped(text: str) -> str:
    return "\n".join(textwrap.wrap(text.replace("每百名学生拥有", "每百名学生"), LABEL_CHARACTERS))
