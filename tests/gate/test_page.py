"""quality.html: one file without a network, with every check, its figure and its failing rows."""

import re
from html.parser import HTMLParser

from tests.conftest import order_for
from transforms import admit, gate, quality_page


class Read(HTMLParser):
    """Tags, the links of a page, and what its rows say they check."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.checks: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        self.tags.append(tag)
        self.links += [said[name] for name in ("src", "href") if said.get(name)]
        self.checks += [said["data-check"]] if "data-check" in said else []
        if tag not in {"meta", "br", "wbr", "link", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def ids(checks) -> list[str]:
    return [":".join((one.kind, one.table, one.column, one.name)) for one in checks]


def test_the_page_of_a_release_needs_nothing_from_outside(demo_home):
    text = (demo_home / "latest" / "quality.html").read_text("utf-8")
    read = Read(text)
    assert read.open == []
    assert all(link.startswith("#") for link in read.links)
    assert not re.search(r"https?://|url\(|@import|fetch\(|XMLHttpRequest", text)
    assert not {"link", "img", "iframe"} & set(read.tags)
    assert 'lang="zh-CN"' in text and "@media print" in text and len(text.encode()) < 2_000_000


def test_every_check_stands_on_the_page_once(demo_copy, gate_of):
    admission, _ = gate_of(demo_copy)
    text = (demo_copy / "candidate_extra" / "quality.html").read_text("utf-8")
    assert sorted(Read(text).checks) == sorted(ids(admission.checks))
    for check in admission.checks:
        if check.kind == "reconciliation":
            assert quality_page.html.escape(check.seen) in text


def test_a_closed_gate_leaves_the_page_with_the_failing_rows(planted, gate_of):
    home = planted(
        "update fact_school_summary set pupils = pupils * 2, school_name = '<script>alert(1)</script>'"
        " where stat_year = 2020 and site_id = '3150990001-0'"
    )
    _, breaches = gate_of(home)
    text = (home / "candidate_extra" / "quality.html").read_text("utf-8")
    failures = text[text.index('id="failures"') : text.index('id="changes"')]
    assert f"未通过：{len(breaches)} 处" in text and "pupils_as_reported" in failures
    assert "<th" in failures and "2020" in failures
    assert "<script>alert" not in text


def test_names_from_the_files_are_escaped(tmp_path):
    row = {"school_name": "<img src=x onerror=alert(1)>", "value": 1.5, "nothing": None}
    check = gate.Check("reconciliation", "pupils_as_reported", "", "", "a < b & c", 0, 1, "1 row(s)", (row,))
    admission = admit.Admission([check], admit.compare.Difference(""), [], {})
    text = quality_page.page(admission, (2023,), {})
    assert "<img" not in text and "&lt;img" in text and "a &lt; b &amp; c" in text and Read(text).open == []


def test_the_page_and_the_changes_are_no_part_of_the_content(demo_copy):
    from flows import steps
    from warehouse import release

    order = order_for(demo_copy, demo_copy / "inbox", standard_ids=())
    extra = release.extra_folder(demo_copy)
    extra.mkdir(exist_ok=True)
    (extra / "quality.html").write_text("another page", encoding="utf-8")
    assert not steps.publish(order).is_new
