"""自查自评报告.pdf from the Word file, through LibreOffice where it is there; fonts it lacks are stood in for."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from transforms.report import write_report

NAME = "自查自评报告.pdf"
PROGRAMS = ("soffice", "libreoffice")
SECONDS = 180
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
{folders}  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
{aliases}</fontconfig>
"""
STAND_INS = {
    "方正小标宋简体": ("FZXiaoBiaoSong-B05S", "Noto Serif CJK SC", "AR PL SungtiL GB"),
    "仿宋_GB2312": ("FangSong", "仿宋", "AR PL SungtiL GB", "Noto Serif CJK SC"),
    "楷体_GB2312": ("KaiTi", "楷体", "AR PL KaitiM GB", "Noto Serif CJK SC"),
    "黑体": ("SimHei", "Noto Sans CJK SC"),
    "宋体": ("SimSun", "Noto Serif CJK SC", "AR PL SungtiL GB"),
}
"""Font the document names → fonts that stand in for it in the preview, best first."""
FONTS_DIR = "JUNHENG_FONTS"
"""Environment variable: a folder of the fonts a bureau owns."""


class NoOffice(OSError):
    """LibreOffice is not on this machine, or it did not make the file."""


def write(release_folder: Path, county_code: str, stat_year: int, folder: Path) -> list[Path]:
    """Write the PDF of the Word file that lies in the folder, edited or not, and return its path.

    Where there is none it is written first.
    Raises NoOffice, with what to do, where LibreOffice is missing or fails; what write_report.write raises.
    """
    word = folder / write_report.NAME
    office = program()
    if not word.exists():
        write_report.write(release_folder, county_code, stat_year, folder)
    return [convert(word, folder / NAME, office)]


def program() -> str:
    """Return the path of LibreOffice.

    Raises NoOffice where there is none.
    """
    found = next((path for name in PROGRAMS if (path := shutil.which(name))), None)
    if found is None:
        raise NoOffice(
            "没有 LibreOffice，不能转 PDF；可在 Word 或 WPS 中把 docx 另存为 PDF / no LibreOffice: save the docx as PDF"
        )
    return found


def convert(word: Path, pdf: Path, office: str) -> Path:
    """Convert a Word file and return the path of the PDF; a profile of its own lets several run at once.

    Raises NoOffice when LibreOffice makes no file.
    """
    with tempfile.TemporaryDirectory(prefix="junheng-pdf-") as scratch:
        fonts = Path(scratch) / "fonts.conf"
        fonts.write_text(font_aliases(os.environ.get(FONTS_DIR)), encoding="utf-8")
        said = subprocess.run(
            [
                office,
                f"-env:UserInstallation={Path(scratch, 'profile').as_uri()}",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                scratch,
                str(word),
            ],
            env={**os.environ, "FONTCONFIG_FILE": str(fonts)},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        made = Path(scratch) / f"{word.stem}.pdf"
        if not made.exists():
            raise NoOffice(
                f"LibreOffice 没有转出 {pdf.name}：{said.stderr.strip() or said.stdout.strip()} / no PDF was made"
            )
        pdf.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made, pdf)
    return pdf


def font_aliases(fonts_folder: str | None = None) -> str:
    """Return the fontconfig file that names what stands in for fonts that Linux does not have."""
    aliases = "".join(
        f'  <alias binding="same"><family>{name}</family><prefer>'
        + "".join(f"<family>{one}</family>" for one in (name, *others))
        + "</prefer></alias>\n"
        for name, others in STAND_INS.items()
    )
    folders = f"  <dir>{fonts_folder}</dir>\n" if fonts_folder else ""
    return FONTS.format(folders=folders, aliases=aliases)
