"""The same county through every form gives the same facts; what a form cannot carry stays missing and is said."""

import shutil
from dataclasses import replace

import openpyxl
import polars as pl
import pytest

from contracts import form
from tests.conftest import home_of, released, taken_in, typed
from tests.intake import books, make_books
from transforms import template
from transforms.intake import findings, gather, identify, land, rename
from transforms.synthesize import demo_county, other_forms
from warehouse import store

YEARS, WRITERS = other_forms.YEARS, other_forms.WRITERS


@pytest.fixture(scope="module")
def county():
    return {year: other_forms.in_bands(demo_county.make_year(year)) for year in YEARS}


def written(inbox, name, county, years=YEARS):
    for year in years:
        WRITERS[name](inbox / str(year), year, county[year])
    return inbox


def assessed(folder, year=2023):
    gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], year)
    return gather.assess(gathered, year)


@pytest.fixture(scope="module")
def by_form(county, tmp_path_factory):
    """What comes of the county's years in each form that carries everything: form → outcome."""
    outcomes = {}
    for name in ("template", "school_workbook", "county_list", "gb18030_csv"):
        home = tmp_path_factory.mktemp(name)
        outcomes[name] = taken_in(home, written(home / "inbox", name, county), *YEARS)
    return outcomes


def test_statistics_workbooks_lists_template_and_csv_give_one_hash(by_form):
    for name, outcome in by_form.items():
        assert [one.counts["held"] for one in outcome.taken] == [0, 0, 0], name
    hashes = {name: outcome.release.content_hash for name, outcome in by_form.items()}
    assert len(set(hashes.values())) == 1, hashes


def test_the_vertical_form_agrees_wherever_it_speaks_and_is_silent_where_it_cannot(county, by_form, tmp_path, run):
    told = run(written(tmp_path / "inbox", "vertical", county, (2023,)), 2023)
    assert told.taken[0].counts["held"] == 0
    with released(by_form["template"]) as a, released(told) as d:
        for table, key in {
            "fact_result": "standard_id, item_code, scope, scope_id, stage, test_no",
            "fact_school_summary": "standard_id, site_id, stage",
        }.items():
            names = [row[0] for row in a.execute(f"describe {table}").fetchall()]
            keys = [name for name in key.split(", ") if name in names]
            figures = [name for name in ("value", "have", "need", "verdict") if name in names]
            both = {
                one: {tuple(row[: len(keys)]): row[len(keys) :] for row in con.execute(f"select {', '.join([*keys, *figures])} from {table} where stat_year = 2023").fetchall()}
                for one, con in (("a", a), ("d", d))
            }  # fmt: skip
            spoken = {at: row for at, row in both["d"].items() if row[-1] in ("met", "not_met") and at in both["a"]}
            assert spoken and len(spoken) < len(both["a"])
            assert [(at, row, both["a"][at]) for at, row in spoken.items() if row != both["a"][at]] == []
        # a school whose senior pupils the form cannot carry takes no one else's premises
        query = "select distinct verdict from fact_result where item_code = 'R4' and stage = 'junior' and scope_id = '3450990002-0'"
        assert d.execute(query).fetchall() == [("not_assessable",)]


def test_what_the_vertical_form_cannot_carry_is_said_with_school_and_cell(county, tmp_path):
    written(tmp_path, "vertical", county, (2023,))
    found = findings.worded(assessed(tmp_path / "2023").found)
    assert set(found["rule"]) == {"not_by_stage", "not_in_form", "stage_without_teachers"}
    combined = {"3150990011", "3150990012", "3150990013", "3450990001"}
    assert set(found.filter(rule="not_by_stage")["school_code"]) == combined
    one = found.filter(rule="not_by_stage", school_code="3150990011", table_name="teacher").row(0, named=True)
    assert "体育专任教师人数" in one["value"] and one["cell"] == "E28" and one["source_sheet"] == "填报"


def test_grades_and_bands_of_the_statistics_are_the_classes_of_the_template_but_for_the_largest_class(
    by_form, tmp_path, run
):
    years = {year: demo_county.make_year(year) for year in YEARS}
    one = run(written(tmp_path / "inbox", "template", years), *YEARS)
    with released(one) as classes, released(by_form["template"]) as bands:
        for table in ("fact_school_summary", "fact_county_cv", "fact_county_item", "fact_measure"):
            query = f"select * from {table} order by all"
            differ = set(map(str, classes.execute(query).fetchall())) ^ set(map(str, bands.execute(query).fetchall()))
            assert all("largest_class_pupils" in row for row in differ), table
        assert differ


@pytest.mark.parametrize(
    ("name", "used"), [("template", 1), ("school_workbook", 2), ("county_list", 2), ("vertical", 3)]
)
def test_next_year_costs_no_edit_and_one_warning_for_each_form(name, used, tmp_path):
    frames = {
        table: rows.with_columns(pl.lit(2026, pl.Int32).alias("stat_year"))
        for table, rows in other_forms.in_bands(demo_county.make_year(2023)).items()
    }
    WRITERS[name](tmp_path / "2026", 2026, frames)
    found = assessed(tmp_path / "2026", 2026).found
    assert findings.errors(found).is_empty()
    assert found.filter(rule="form_of_new_year").height == used
    assert set(found["rule"]) <= {"form_of_new_year", "not_by_stage", "not_in_form", "stage_without_teachers"}


def test_the_newest_files_relabelled_run_without_an_edit_and_with_one_warning(tmp_path, run):
    """What a bureau does next year: last year's workbook, every year in it changed, nothing else."""
    newest = template.write_workbook(tmp_path / "500104_2023.xlsx", 2023, demo_county.make_year(2023))
    workbook = openpyxl.load_workbook(newest)
    for row in (row for sheet in workbook.worksheets for row in sheet.iter_rows()):
        for cell in row:
            if cell.value in (2023, "2023") and (cell.column == 1 or cell.parent.title == template.STAMP_SHEET):
                cell.value = type(cell.value)(2026)
    (tmp_path / "inbox" / "2026").mkdir(parents=True)
    workbook.save(tmp_path / "inbox" / "2026" / "500104_2026.xlsx")
    outcome = run(tmp_path / "inbox", 2026)
    with store.connect(tmp_path / "home", read_only=True) as con:
        found = store.open_findings(con, None, 2026).to_dicts()
    assert outcome.taken[0].counts["held"] == 0 and outcome.release.is_new
    assert [(row["severity"], row["rule"]) for row in found] == [("warning", "form_of_new_year")]
    assert found[0]["message_zh"] == "均衡填报模板首次用于这一年度，表头全部相符，已照常读取"


def preview(folder, year=None):
    gathered = gather.gather([land.land(path, folder, None) for path in land.arrived(folder)], year)
    return gather.preview(gathered, year or gather.stated_year(gathered))


def test_a_list_is_checked_alone_cell_by_cell_though_no_register_is_at_hand(tmp_path):
    wrong = make_books.with_cell(make_books.with_cell(make_books.ONE, 16, "暂无"), 7, 97)
    books.pack(tmp_path / "一览表.xlsx", make_books.listing(wrong, make_books.TWO)())
    found = preview(tmp_path)
    said = {(row["rule"], row["cell"]) for row in found.to_dicts()}
    assert {("no_register", None), ("not_a_whole_number", "Q7"), ("teacher_education_not_total", "E7")} <= said
    assert not {"unknown_school", "wrong_year", "unknown_site"} & set(found["rule"])
    assert set(found["stat_year"]) == {2023} and set(found["school_code"]) == {None}
    assert found.filter(rule="no_register")["value"].to_list() == ["2"]


def test_a_fault_in_the_headers_of_most_workbooks_is_the_templates(tmp_path):
    rooms = [*make_books.ROOMS[:4], [2, "体育用房", 0]]
    for number in range(5):
        name = f"算例小学{number}"
        books.pack(
            tmp_path / f"{name}(小学).xlsx", make_books.statistics(rooms if number else make_books.ROOMS, name=name)()
        )
    (one,) = preview(tmp_path).filter(rule="shared_fault", column_name="indoor_sports_m2").to_dicts()
    assert (one["value"], one["allowed"]) == ("4/5", "missing_header 室内体育用房/校舍建筑面积/计")


def test_a_renamed_header_costs_one_row(tmp_path, monkeypatch):
    folder = tmp_path / "county_list"
    shutil.copytree(form.FORMS_DIR / "county_list", folder)
    old = ",,网络多媒体教室,premises,multimedia_rooms,,,,,,,,required\n"
    text = (folder / "headers.csv").read_text(encoding="utf-8")
    assert text.count(old) == 1
    sent = tmp_path / "in"
    books.pack(sent / "一览表.xlsx", make_books.listing(heads=make_books.renamed("网络多媒体教室", "多媒体教室数"))())
    assert {"unknown_header", "missing_header"} <= set(preview(sent)["rule"])
    row = ",,多媒体教室数,premises,multimedia_rooms,,,,,,2023,,required\n"
    (folder / "headers.csv").write_text(text + row, encoding="utf-8")
    known = {**form.forms(), "county_list": form.read_form(folder / "form.toml")}
    for module in (rename, gather, identify):
        monkeypatch.setattr(module, "forms", lambda: known)
    assert set(findings.errors(preview(sent))["rule"]) <= {"missing_value"}
    assert not {"unknown_header", "missing_header"} & set(preview(sent)["rule"])


def test_what_a_form_cannot_carry_is_written_down_by_year_and_asked_for_in_all_others(tmp_path, monkeypatch):
    folder = tmp_path / "county_list"
    shutil.copytree(form.FORMS_DIR / "county_list", folder)
    text = (folder / "headers.csv").read_text(encoding="utf-8")
    sent = tmp_path / "in"
    shutil.copytree(make_books.HERE / "base", sent)
    (sent / "teacher.csv").unlink()  # so nobody tells the list's backbone teachers
    books.pack(sent / "一览表.xlsx", make_books.listing()())
    said = {}
    for years in ("2019,2022", "2023,"):
        row = f",,,teacher,backbone_teachers,,,,,,{years},absent\n"
        (folder / "headers.csv").write_text(text + row, encoding="utf-8")
        known = {**form.forms(), "county_list": form.read_form(folder / "form.toml")}
        for module in (rename, gather, identify):
            monkeypatch.setattr(module, "forms", lambda known=known: known)
        found = assessed(sent).found.filter(column_name="backbone_teachers")
        said[years] = sorted(set(found["rule"]))
    assert said == {"2019,2022": ["missing_value"], "2023,": ["not_in_form"]}


def test_a_workbook_may_hold_the_forms_of_several_schools_a_sheet_each(tmp_path):
    one = [
        [
            *item[:2],
            {"算例学校2": "算例学校1", "九年一贯制学校": "小学", "2199000002": "2199000001"}.get(item[2], item[2]),
        ]
        for item in make_books.NINE_YEAR
    ]
    sheets = {
        "算例1": make_books.xml(make_books.vertical(*one)), "算例2": make_books.xml(make_books.vertical(*make_books.NINE_YEAR)),
    }  # fmt: skip
    school_rows(tmp_path, "算例学校1", "算例学校2")
    books.pack(tmp_path / "学校填报表.xlsx", books.parts(sheets))
    batch = assessed(tmp_path)
    pupils = batch.tables["enrolment"].filter(stage="primary").select("school_code", "pupils").rows()
    assert sorted(pupils) == [("2199000001", 540), ("2199000002", 540)]
    assert batch.tables["premises"].height == 2


def test_three_sources_stand_side_by_side_and_the_nearest_is_used(tmp_path, run):
    from transforms import set_beside

    folder = tmp_path / "inbox" / "2023"
    shutil.copytree(make_books.HERE / "base", folder)
    key = {"stat_year": 2023, "county_code": "990001", "school_code": "2199000001", "campus_no": 0}
    checked = typed("premises", [{**key, "multimedia_rooms": 38}])
    template.write_workbook(folder / "现场核查.xlsx", 2023, {"premises": checked}, source="check")
    books.pack(
        folder / "一览表.xlsx", make_books.listing(make_books.with_cell(make_books.ONE, 16, 39), make_books.TWO)()
    )
    assert run(tmp_path / "inbox", 2023).taken[0].counts["held"] == 0
    with store.connect(tmp_path / "home", read_only=True) as con:
        rows = set_beside.rows(con, "990001", 2023)
        used = con.execute("select multimedia_rooms from inputs.premises where school_code = '2199000001'").fetchone()
        said = store.open_findings(con, None, 2023).filter(rule="sources_differ").to_dicts()
    first = rows[0]
    assert (first["school_name"], first["column_name"]) == ("算例学校1", "multimedia_rooms")
    assert first["values"] == {"check": "38", "statistics": "39", "declaration": "40"}
    assert first["places"]["statistics"] == "一览表.xlsx › 小学 › Q7" and first["used"] == "check" and used == (38,)
    assert [row["agrees"] for row in rows] == [False, *[True] * (len(rows) - 1)] and len(rows) > 10
    assert "39(教育事业统计 一览表.xlsx Q7)" in said[0]["message_zh"] and said[0]["cell"] == "K2"
    sheet = openpyxl.load_workbook(set_beside.write(tmp_path / "三值对照.xlsx", rows)).active
    heads = [cell.value for cell in sheet[1]]
    assert heads[7:12] == ["现场核查", "教育事业统计", "申报", "采用", "是否一致"]
    assert [cell.value for cell in sheet[2]][7:12] == ["38", "39", "40", "现场核查", "不一致"]


def test_a_source_nobody_knows_is_named(tmp_path):
    template.write_workbook(tmp_path / "2023.xlsx", 2023, source="hearsay")
    assert ("unknown_code", "hearsay") in assessed(tmp_path).found.select("rule", "value").rows()


def test_a_register_of_an_earlier_year_stands_in_and_says_so(county, tmp_path, run):
    written(tmp_path / "inbox", "school_workbook", county, (2022,))
    run(tmp_path / "inbox", 2022)
    folder = tmp_path / "inbox" / "2023"
    WRITERS["school_workbook"](folder, 2023, county[2023])
    rest = {
        name: rows.filter(pl.col("school_code") != "2150990019") if "school_code" in rows.columns else rows
        for name, rows in county[2023].items()
        if name not in ("school", "cohort", *other_forms.STATISTICS)
    }
    template.write_workbook(folder / "其余各表_2023.xlsx", 2023, rest)
    new = folder / "演示云湖小学(小学).xlsx"  # opened in 2023, on no register of 2022
    assert new.exists()
    outcome = run(tmp_path / "inbox", 2023)
    with store.connect(tmp_path / "home", read_only=True) as con:
        said = {
            row[0]: row[1:]
            for row in con.execute(
                "select rule, value, source_file, cell from finding where stat_year = 2023"
            ).fetchall()
        }
        sites = con.execute("select count(*), min(stat_year) from inputs.school where stat_year = 2023").fetchone()
    assert outcome.taken[0].counts["held"] == 1, said
    assert said["register_of_earlier_year"][0] == "2022"
    assert said["unknown_school"] == ("演示云湖小学", "演示云湖小学(小学).xlsx", "C4")
    assert sites == (0, None)
    rest["school"] = county[2023]["school"].filter(school_code="2150990019")
    template.write_workbook(folder / "其余各表_2023.xlsx", 2023, rest)
    again = run(tmp_path / "inbox", 2023)
    with store.connect(tmp_path / "home", read_only=True) as con:
        assert again.taken[0].counts["held"] == 0, store.open_findings(con, None, 2023).filter(severity="error").rows()
    with store.connect(tmp_path / "home", read_only=True) as con:
        assert con.execute("select count(*) from inputs.school where stat_year = 2023").fetchone() == (30,)


def test_a_number_of_a_statistics_workbook_is_followed_to_its_cell(by_form):
    from transforms import explain, trace

    home = home_of(by_form["school_workbook"])
    told = explain.explain(home, "quality-balance-2017", "R3", "2150990005-0", "primary", 2023)
    cells = {(cell["file"], cell["sheet"]) for one in told["terms"] for cell in one["cells"]}
    assert cells == {("演示滨江小学(小学).xlsx", "教基4155_小学"), ("演示滨江小学(小学).xlsx", "教基3112_小学")}
    first = told["terms"][0]["cells"][0]
    file, sheet, cell = first["file"], first["sheet"], first["cell"]
    found = trace.find(home, file, sheet, cell)
    assert (found.table, found.key["school_code"]) == ("teacher", "2150990005")


def test_every_form_on_record_can_be_read_and_a_wrong_one_is_refused(tmp_path):
    assert {"template", "canonical", "county_list", "school_workbook", "school_vertical", "county_vertical"} <= set(
        form.forms()
    )
    source = form.FORMS_DIR / "county_list"
    for old, new in (("required", "needed"), ("teacher,", "teachers,"), (",万元,", ",千元,"), ("2021", "2030")):
        folder = tmp_path / new
        shutil.copytree(source, folder)
        path = folder / "headers.csv"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace(old, new, 1) if old != "2021" else text.replace("2021,,required", "2030,2021,required", 1),
            encoding="utf-8",
        )
        with pytest.raises(form.FormError):
            form.read_form(folder / "form.toml")


def school_rows(folder, *names):
    """A register with these names, primary schools all, beside the list that names them."""
    rows = [
        {"county_code": "990001", "school_code": f"219900000{at}", "campus_no": 0, "school_name": name,
         "school_type_code": "211", "urban_rural_code": "111", "sponsor_code": "831", "is_public": True,
         "is_boarding": False, "counts_as_school": True, "stat_year": 2023}
        for at, name in enumerate(names, start=1)
    ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    typed("school", rows).write_csv(folder / "school.csv")


def test_a_name_that_two_schools_bear_is_doubt_and_never_a_guess(tmp_path):
    school_rows(tmp_path, "算例学校1", "算例学校2", "算例学校1")
    books.pack(tmp_path / "一览表.xlsx", make_books.listing()())
    found = assessed(tmp_path).found.filter(rule="ambiguous_school")
    assert found.select("value", "cell").rows() == [("算例学校1", "A7")]
    assert "2199000001-0" in found["allowed"][0] and "2199000003-0" in found["allowed"][0]


def test_an_unknown_name_lists_those_that_look_alike(tmp_path):
    school_rows(tmp_path, "算例第一小学", "算例学校2")
    books.pack(tmp_path / "一览表.xlsx", make_books.listing()())
    found = assessed(tmp_path).found.filter(rule="unknown_school")
    assert found["value"].to_list() == ["算例学校1"] and "算例学校2(2199000002-0)" in found["allowed"][0]


def test_a_form_may_refuse_one_figure_for_two_stages(tmp_path, monkeypatch):
    strict = {**form.forms(), "school_vertical": replace(form.forms()["school_vertical"], combined="refuse")}
    monkeypatch.setattr(identify, "forms", lambda: strict)
    shutil.copytree(make_books.HERE / "base", tmp_path / "2023")
    books.pack(tmp_path / "2023" / "学校填报表.xlsx", make_books.vertical(*make_books.NINE_YEAR)())
    found = findings.errors(assessed(tmp_path / "2023").found)
    assert found.select("rule", "cell", "school_code").rows() == [("not_by_stage_refused", "E9", "2199000002")]


class TestMistakesOfOtherImporters:
    """What importers in use get wrong with these very files (DOMAIN §4.2), and what we do."""

    def rows(self, tmp_path, *listed, **more):
        shutil.copytree(make_books.HERE / "base", tmp_path / "2023")
        for table in ("teacher", "premises", "enrolment", "class_size"):
            (tmp_path / "2023" / f"{table}.csv").unlink()
        books.pack(tmp_path / "2023" / "小学一览表.xlsx", make_books.listing(*listed, **more)())
        return assessed(tmp_path / "2023")

    def test_ten_thousand_yuan_become_yuan_to_the_last_digit(self, tmp_path):
        batch = self.rows(tmp_path, make_books.with_cell(make_books.ONE, 15, 300.0123), make_books.TWO)
        assert batch.tables["premises"]["equipment_yuan"].cast(str).to_list() == ["3000123.00", "3000000.00"]

    def test_the_stage_comes_from_the_content_when_the_file_is_named_for_another(self, tmp_path):
        batch = self.rows(tmp_path, sheet="初中", title="2023-2024学年初中一览表")
        assert set(batch.tables["teacher"]["stage"]) == {"junior"}

    def test_doctors_and_masters_are_read_beside_bachelors(self, tmp_path):
        one = make_books.with_cell(make_books.with_cell(make_books.ONE, 5, 3), 7, 77)
        row = self.rows(tmp_path, one, make_books.TWO).tables["teacher"].row(0, named=True)
        assert [row[f"{name}_teachers"] for name in ("doctor", "master", "bachelor", "college")] == [3, 10, 77, 10]

    def test_arts_are_the_column_of_their_sum_and_not_music_beside_it(self, tmp_path):
        heads = [[*row, None] for row in make_books.LIST_HEADS]
        heads[3][12] = "音乐"
        rows = [[*row[:12], 6, *row[12:]] for row in (make_books.ONE, make_books.TWO)]
        shifted = [[*row[:12], None, *row[12:17]] for row in heads]
        shifted[3][12] = "音乐"
        merges = "A3:A6 B3:B6 C3:D3 C4:C6 D4:D6 E3:M3 E4:E6 F4:J4 F5:F6 G5:G6 H5:H6 I5:I6 J5:J6 K4:M4 K5:K6 L5:M5 N3:O3 N4:N6 O4:O6 P3:P6 Q3:Q6 R3:R6"
        batch = self.rows(tmp_path, *rows, heads=shifted, merges=merges)
        assert (
            findings.errors(batch.found).filter(pl.col("rule").is_in(["unknown_header", "missing_header"])).is_empty()
        )
        assert batch.tables["teacher"]["art_teachers"].to_list() == [10, 11]

    def test_names_are_bound_exactly_or_not_at_all(self, tmp_path):
        batch = self.rows(tmp_path, make_books.with_cell(make_books.ONE, 0, "算例学校"), make_books.TWO)
        assert batch.found.filter(rule="unknown_school")["cell"].to_list() == ["A7"]
        assert batch.tables["teacher"].filter(school_code="2199000001").is_empty()

    def test_a_blank_is_no_zero_and_a_sum_row_is_no_school(self, tmp_path):
        batch = self.rows(tmp_path, make_books.with_cell(make_books.ONE, 16, None), make_books.TWO)
        assert batch.tables["premises"]["multimedia_rooms"].to_list() == [None, 40]
        assert batch.found.filter(rule="missing_value", column_name="multimedia_rooms")["cell"].to_list() == ["Q7"]

    def test_figures_are_not_rounded_on_their_way(self, tmp_path):
        batch = self.rows(tmp_path, make_books.with_cell(make_books.ONE, 12, 5000.37), make_books.TWO)
        assert str(batch.tables["premises"]["teaching_rooms_m2"][0]) == "5000.37"


def test_a_county_taken_in_by_name_leaves_the_others_as_they_are(tmp_path, take):
    folder = tmp_path / "inbox" / "2023"
    shutil.copytree(make_books.HERE / "base", folder)
    for path in sorted(folder.glob("*.csv")):
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        others = [line.replace("219900", "219911").replace("990001", "990007") for line in lines]
        path.write_text("\n".join([head, *lines, *others]) + "\n", encoding="utf-8")
    keys = {"stat_year": 2023, "county_code": "990007", "school_code": "2199110001", "campus_no": 0}
    seen = typed("premises", [{**keys, "multimedia_rooms": 40}])
    template.write_workbook(folder / "现场核查.xlsx", 2023, {"premises": seen}, source="check")

    def kept() -> list[tuple[str, int]]:
        with store.connect(tmp_path / "home", read_only=True) as con:
            return con.execute("select county_code, count(*) from inputs.premises group by all order by all").fetchall()

    take(tmp_path / "inbox", 2023)
    there = kept()
    assert [county for county, _ in there] == ["990001", "990007"]
    (folder / "premises.csv").open("a", encoding="utf-8").write("\n")  # sent again
    take(tmp_path / "inbox", 2023, counties=("990001",))
    assert kept() == there
