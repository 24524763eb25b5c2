"""What is in order on this machine: one line a matter, each with what to do where it is not."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

NEEDED = ("duckdb", "pandera", "polars", "pyarrow", "prefect", "great-expectations", "python-calamine", "openpyxl")
FREE_GIGABYTES = 2
CHINESE_FONTS = ("Noto Sans CJK", "Noto Serif CJK", "FangSong", "SimSun", "Microsoft YaHei", "WenQuanYi", "AR PL")


@dataclass(frozen=True)
class Finding:
    """One matter: what was looked at, its state (ok, note, fault), what was seen, what to do."""

    what: str
    state: str
    seen: str
    advice: str = ""


def examine(home: Path) -> list[Finding]:
    """Return what was found on this machine and in a warehouse: one row per matter, in reading order."""
    looks: list[Callable[[Path], Finding]] = [
        _python, _libraries, _folder, _disk, _lock, _standards, _store, _release, _prefect, _template,
        _office, _fonts, _console,
    ]  # fmt: skip
    return [look(home) for look in looks]


def _python(_home: Path) -> Finding:
    seen = f"Python {platform.python_version()}，{platform.system()} {platform.machine()}"
    return Finding("Python", "ok", seen)


def _libraries(_home: Path) -> Finding:
    found, missing = [], []
    for name in NEEDED:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Finding("程序库 libraries", "fault", f"缺少 {'、'.join(missing)}", "运行 make setup / run make setup")
    return Finding("程序库 libraries", "ok", "，".join(found))


def _folder(home: Path) -> Finding:
    if not home.exists():
        return Finding("数据仓库 warehouse", "note", f"还没有 {home}", "第一次运行时建立 / made by the first run")
    if not os.access(home, os.W_OK):
        return Finding("数据仓库 warehouse", "fault", f"不能写 {home}", "给运行的用户写权限 / give write permission")
    return Finding("数据仓库 warehouse", "ok", str(home))


def _disk(home: Path) -> Finding:
    at = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(at).free / 1e9
    state = "ok" if free >= FREE_GIGABYTES else "fault"
    advice = "" if state == "ok" else "清理磁盘，或用 release prune 删去旧发布版 / free some space"
    return Finding("磁盘 disk", state, f"剩余 {free:.1f} GB", advice)


def _lock(home: Path) -> Finding:
    from warehouse import store

    if not (home / "junheng.lock").exists():
        return Finding("占用 lock", "ok", "无人占用 / free")
    try:
        with store.lock(home, "doctor"):
            return Finding("占用 lock", "ok", "无人占用 / free")
    except store.Busy as busy:
        return Finding(
            "占用 lock", "note", str(busy), "等它结束；进程已死的锁会自动释放 / a dead holder's lock is free"
        )
    except OSError as problem:
        return Finding("占用 lock", "fault", str(problem), "检查文件夹权限 / look at the permissions")


def _standards(home: Path) -> Finding:
    from contracts import standard

    try:
        loaded = standard.load_all(directories=standard.folders(home))
    except standard.StandardError as problem:
        return Finding("标准 standards", "fault", str(problem), "按行号改正 / correct the lines named")
    return Finding("标准 standards", "ok", "、".join(one.id for one in loaded))


def _store(home: Path) -> Finding:
    from warehouse import store

    try:
        with store.connect(home, read_only=True) as con:
            years = con.execute("select count(*), count(*) filter (is_held) from county_year").fetchone()
    except FileNotFoundError:
        return Finding("工作库 store", "note", "还没有数据 / nothing loaded yet")
    except OSError as problem:
        return Finding("工作库 store", "fault", str(problem), "关闭占用它的程序 / close what holds it")
    loaded, held = years or (0, 0)
    advice = "见 junheng findings / see junheng findings" if held else ""
    return Finding("工作库 store", "note" if held else "ok", f"{loaded} 个县区年度，扣留 {held}", advice)


def _release(home: Path) -> Finding:
    """Look whether the current release is there and its tables are the bytes its manifest names."""
    from warehouse import release

    current = release.latest(home)
    if current is None:
        return Finding("发布版 release", "note", "还没有发布 / none yet")
    try:
        wrong = release.damages(home / current["path"])
    except OSError as problem:
        return Finding("发布版 release", "fault", str(problem), "重新运行一次即可重建 / a run makes it anew")
    if wrong:
        advice = "有人改过发布版；回退或重新运行 / somebody changed it: roll back or run again"
        return Finding("发布版 release", "fault", f"{current['release_id']} 与清单不符：{'、'.join(wrong)}", advice)
    return Finding("发布版 release", "ok", f"{current['release_id']}，每个文件与清单一致")


def _prefect(home: Path) -> Finding:
    url = os.environ.get("PREFECT_API_URL")
    if url:
        return Finding("Prefect", "note", f"使用服务 {url}", "运行在该服务上记录 / runs are recorded there")
    return Finding("Prefect", "ok", f"临时服务，文件在 {home / 'prefect'}；常驻用 make serve / temporary server")


def _template(home: Path) -> Finding:
    """Look over the report's template, the bureau's own where there is one."""
    from transforms.report import lint_template, render, write_report

    path = write_report.template_path(home)
    try:
        wrong = lint_template.problems(render.open_template(path))
    except (OSError, KeyError, ValueError) as problem:
        wrong = [str(problem)]
    if wrong:
        return Finding(
            "报告模板 template", "fault", f"{path}：{'；'.join(wrong)}", "在 Word 中改正 / correct it in Word"
        )
    return Finding("报告模板 template", "ok", str(path))


def _office(_home: Path) -> Finding:
    found = shutil.which("soffice") or shutil.which("libreoffice")
    if found:
        return Finding("LibreOffice", "ok", found)
    return Finding("LibreOffice", "note", "没有", "只影响转 PDF / only PDF needs it")


def _fonts(_home: Path) -> Finding:
    tool = shutil.which("fc-list")
    if tool is None:
        return Finding("中文字体 fonts", "note", "无法列出字体 / cannot list fonts", "Windows 自带，无需处理")
    said = subprocess.run([tool, ":lang=zh", "family"], capture_output=True, text=True, check=False).stdout
    found = [name for name in CHINESE_FONTS if name in said]
    if not found:
        return Finding("中文字体 fonts", "note", "没有中文字体", "图表和 PDF 需要，如 Noto Sans CJK / charts need one")
    return Finding("中文字体 fonts", "ok", "、".join(found))


def _console(_home: Path) -> Finding:
    encoding = (sys.stdout.encoding or "").lower()
    if encoding.replace("-", "") in {"utf8", "gbk", "gb18030", "cp936"}:
        return Finding("终端 console", "ok", encoding)
    return Finding("终端 console", "note", encoding or "—", "设置 PYTHONUTF8=1 可显示中文 / shows Chinese")
