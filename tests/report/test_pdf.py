"""The PDF that LibreOffice makes: complete, with fonts that have the characters."""

import re
import shutil
import subprocess

import pytest

from tests.report.conftest import COUNTY, YEAR
from transforms.report import write_pdf, write_report


@pytest.mark.paper
def test_the_pdf_has_every_page_and_no_stopgap_font(demo_release, demo_report, tmp_path):
    shutil.copyfile(demo_report, tmp_path / write_report.NAME)
    (path,) = write_pdf.write(demo_release, COUNTY, YEAR, tmp_path)
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True).stdout
    assert "四、存在的问题和对策" in text and "佐证材料目录" in text and "43790" in text
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout
    assert "DejaVu" not in fonts
    assert re.search(r"sung|song", fonts, re.IGNORECASE) and "Kai" in fonts, fonts
    pages = text.count("\f")
    assert 20 <= pages <= 40
    for number in range(1, pages + 1):
        assert re.search(rf"— ?{number} ?—", text), number


def test_without_an_office_the_message_says_what_to_do(demo_release, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(write_pdf.NoOffice, match="另存为 PDF"):
        write_pdf.write(demo_release, COUNTY, YEAR, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_font_file_names_a_stand_in_for_every_font_of_the_report_and_the_bureau_s_folder():
    text = write_pdf.font_aliases("/opt/fonts")
    for font in ("方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"):
        assert f'<alias binding="same"><family>{font}</family><prefer><family>{font}</family>' in text
    assert "<dir>/opt/fonts</dir>" in text
