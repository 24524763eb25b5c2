"""核算表: formulas where figures are computed, values beside them that equal the release; LibreOffice comes to the same."""

import hashlib
import re

import openpyxl
import polars as pl
import pytest

from tests.conftest import typed
from tests.forms.conftest import COUNTY, YEAR, changed, queried, release_of, values_of
from transforms.report import write_calculation
from transforms.report.calculate import CHECK, COEFFICIENTS, CV_AT, FIRST_ROW, LIMITS, SPLIT

CV = "select stage_text, item_code, cv, weighted_mean, verdict_text from fact_county_cv where readings_id = 'default'"
VALUES = "select stage_text, scope_id, item_code, value from fact_result where scope = 'unit'"


@pytest.fixture(scope="module")
def book(rooms_release, tmp_path_factory):
    (path,) = write_calculation.write(rooms_release, COUNTY, YEAR, tmp_path_factory.mktemp("paper"))
    return path


def coefficients(path) -> dict[tuple[str, str], tuple]:
    """(stage, item) → coefficient, mean and verdict as the sheet of coefficients shows them."""
    sheet = openpyxl.load_workbook(path, data_only=True)[COEFFICIENTS]
    rows = sheet.iter_rows(min_row=FIRST_ROW + 1, values_only=True)
    return {(row[0], row[1]): tuple(row[CV_AT[key]] for key in ("cv", "mean", "verdict")) for row in rows if row[1]}


def close(found: dict, folder) -> bool:
    wanted = {(stage, item): (cv, mean, verdict) for stage, item, cv, mean, verdict in queried(folder, CV)}
    assert set(found) == set(wanted)
    for key, (cv, mean, verdict) in wanted.items():
        for seen, said in zip(found[key][:2], (cv, mean), strict=True):
            assert (seen in {None, ""}) == (said is None)
            assert said is None or seen == pytest.approx(said, rel=0, abs=1e-9 * max(1, abs(said)))
        assert found[key][2] == verdict
    return True


def place(path, sheet: str, row_says: str, column_says: str) -> str:
    """The cell of a raw count: in the row of a school, under a header."""
    page = openpyxl.load_workbook(path)[sheet]
    row = next(r for r in page.iter_rows(min_row=FIRST_ROW + 1) if row_says in {str(cell.value) for cell in r})[0].row
    heads = [cell for r in page.iter_rows(max_row=FIRST_ROW) for cell in r if cell.value == column_says]
    return page.cell(row, heads[0].column).coordinate


def put(path, changes: dict[tuple[str, str], float]):
    """The workbook with raw counts changed as an inspector would, under another name."""
    book = openpyxl.load_workbook(path)
    for (sheet, cell), value in changes.items():
        assert not str(book[sheet][cell].value).startswith("="), "a raw count is no formula"
        book[sheet][cell] = value
    other = path.with_name("改动.xlsx")
    book.save(other)
    return other


def test_the_values_beside_the_formulas_equal_the_release(book, rooms_release):
    assert close(coefficients(book), rooms_release)
    sheets = openpyxl.load_workbook(book, data_only=True)
    shown = {}
    for stage in ("小学", "初中"):
        heads = {
            cell.value.split()[0]: cell.column
            for cell in sheets[stage][4]
            if cell.value and re.match(r"R\d [^全分达指]", cell.value)
        }
        for row in sheets[stage].iter_rows(min_row=FIRST_ROW + 1):
            shown |= {(stage, row[2].value, item): row[column - 1].value for item, column in heads.items()}
    wanted = {row[:3]: row[3] for row in queried(rooms_release, VALUES)}
    assert shown == {key: pytest.approx(value, rel=1e-12) for key, value in wanted.items()} and len(wanted) == 63


def test_every_figure_but_raw_counts_and_limits_is_a_formula(book):
    formulas = openpyxl.load_workbook(book)
    for sheet in ("小学", "初中", SPLIT, COEFFICIENTS):
        for row in formulas[sheet].iter_rows(min_row=FIRST_ROW + 1):
            for cell in row:
                is_raw = cell.font.color is not None and cell.font.color.rgb == "FF0000FF"
                is_number = isinstance(cell.value, int | float) and cell.column > 1
                assert not is_number or is_raw, (sheet, cell.coordinate, cell.value)
    cell = formulas[COEFFICIENTS].cell(FIRST_ROW + 1, CV_AT["sd"] + 1).value
    assert "SUMPRODUCT" in cell and "SQRT" in cell
    assert LIMITS in formulas[COEFFICIENTS].cell(FIRST_ROW + 1, CV_AT["limit"] + 1).value


def test_no_formula_holds_a_number_of_the_standard(book):
    """Limits stand in their own cells: numbers in formulas are rounding places, counts of items and 0, 1."""
    formulas = openpyxl.load_workbook(book)
    found = set()
    for sheet in ("小学", "初中", SPLIT, COEFFICIENTS):
        for row in formulas[sheet].iter_rows(min_row=FIRST_ROW + 1):
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    bare = re.sub(r"'[^']*'!|\"[^\"]*\"|\$?[A-Z]+\$?\d+", "", cell.value)
                    found |= set(re.findall(r"\d+(?:\.\d+)?", bare))
    assert found <= {"0", "1", "2", "3", "4", "6", "7", "9"}, found


def test_the_shares_of_a_split_add_up_to_one(book):
    rows = list(openpyxl.load_workbook(book, data_only=True)[SPLIT].iter_rows(min_row=FIRST_ROW + 1, values_only=True))
    assert len(rows) == 7 and all(row[-1] == pytest.approx(1, abs=1e-12) for row in rows)


def test_the_comparison_with_the_release_shows_no_difference(book):
    sheet = openpyxl.load_workbook(book, data_only=True)[CHECK]
    lines = list(sheet.iter_rows(min_row=FIRST_ROW + 1, values_only=True))
    assert len(lines) == 14 * 3 + 9 * 2
    assert all(abs(line[6]) < 1e-9 for line in lines)


def test_a_missing_count_is_an_empty_cell_and_no_coefficient(rooms_frames, tmp_path):
    frames = changed(rooms_frames, "premises", pl.col("school_code") == "2199000002", multimedia_rooms=None)
    release = release_of(frames, tmp_path / "release")
    (path,) = write_calculation.write(release, COUNTY, YEAR, tmp_path)
    raw = values_of(path).get(("小学", place(path, "小学", "2199000002-0", "网络多媒体教室")))
    assert raw is None
    assert coefficients(path)["小学", "R7"][2] == "无法判定"
    sheet = openpyxl.load_workbook(path, data_only=True)["小学"]
    verdicts = {row[2].value: row for row in sheet.iter_rows(min_row=FIRST_ROW + 1)}
    assert [cell.value for cell in verdicts["2199000002-0"]].count("未达标") + [
        cell.value for cell in verdicts["2199000002-0"]
    ].count("无法判定") == 1


def test_exact_ties_are_met_in_the_sheet_as_in_the_release(ties_release, tmp_path):
    (path,) = write_calculation.write(ties_release, COUNTY, YEAR, tmp_path)
    lines = list(openpyxl.load_workbook(path, data_only=True)[CHECK].iter_rows(min_row=FIRST_ROW + 1, values_only=True))
    assert all(line[6] == 0 for line in lines if line[3] in {"结论", "达标项数"})
    tiny = {line[:2]: line[6] for line in lines if abs(line[6]) > 1e-9}
    assert set(tiny) == {("初中", "R4")}, "a coefficient of a millionth: the models round its terms, the sheet does not"
    assert abs(tiny["初中", "R4"]) < 1e-7


@pytest.fixture(scope="module")
def relaxed(rooms_frames, tmp_path_factory):
    """The county with one junior school that leans on a relaxation of R5: leased grounds count there, not in the coefficient."""
    frames = changed(rooms_frames, "premises", pl.col("school_code") == "2199000006", extra_sports_m2=2000)
    frames = changed(frames, "school", pl.col("school_code") == "2199000006", is_dense_urban_core=True)
    claim = {"stat_year": YEAR, "county_code": COUNTY, "school_code": "2199000006", "campus_no": 0, "item_code": "R5"}
    frames["relaxation_claim"] = typed(
        "relaxation_claim", [{**claim, "relaxation": "dense_urban_core", "evidence": "文件"}]
    )
    folder = tmp_path_factory.mktemp("relaxed")
    release = release_of(frames, folder / "release")
    assert queried(release, "select scope_id, case_no from fact_result where scope = 'unit' and case_no > 0") == [
        ("2199000006-0", 1)
    ]
    return release, write_calculation.write(release, COUNTY, YEAR, folder)[0]


def test_a_relaxation_judges_the_school_and_leaves_the_coefficient(relaxed):
    release, path = relaxed
    assert close(coefficients(path), release)
    sheets = openpyxl.load_workbook(path, data_only=True)
    assert all(abs(line[6]) < 1e-9 for line in sheets[CHECK].iter_rows(min_row=FIRST_ROW + 1, values_only=True))
    assert (
        sum("放宽" in str(row[0]) and "算例学校6" in str(row[0]) for row in sheets["说明"].iter_rows(values_only=True))
        == 1
    )
    heads = {cell.value: cell.column for cell in sheets["初中"][4]}
    row = next(row for row in sheets["初中"].iter_rows(min_row=FIRST_ROW + 1) if row[2].value == "2199000006-0")
    met, numerator = (row[heads[name] - 1].value for name in ("R5 达标", "R5 分摊后分子"))
    assert (met, numerator) == (1, 9000)


@pytest.mark.paper
def test_libreoffice_agrees_on_a_relaxation(relaxed, recalculated):
    release, path = relaxed
    fresh = recalculated(path)
    assert close(coefficients(fresh), release) and values_of(fresh).keys() == values_of(path).keys()
    assert all(
        abs(line[6]) < 1e-9
        for line in openpyxl.load_workbook(fresh, data_only=True)[CHECK].iter_rows(
            min_row=FIRST_ROW + 1, values_only=True
        )
    )


def test_the_same_release_gives_the_same_bytes(rooms_release, tmp_path):
    paths = [write_calculation.write(rooms_release, COUNTY, YEAR, tmp_path / name)[0] for name in ("a", "b")]
    first, second = (hashlib.sha256(path.read_bytes()).hexdigest() for path in paths)
    assert first == second


def test_another_standard_has_its_own_items_and_its_composite(demo_home, tmp_path):
    paths = write_calculation.write((demo_home / "latest").resolve(), "500104", YEAR, tmp_path)
    assert [path.name for path in paths] == ["核算表.xlsx", "核算表-basic-balance-2012.xlsx"]
    sheet = openpyxl.load_workbook(paths[1], data_only=True)[COEFFICIENTS]
    rows = {(row[0], row[2]): row[CV_AT["cv"]] for row in sheet.iter_rows(min_row=FIRST_ROW + 1, values_only=True)}
    wanted = queried(
        (demo_home / "latest").resolve(),
        f"select stage_text, composite from fact_county_composite where readings_id = 'default' and stat_year = {YEAR}",
    )
    assert {stage: rows[stage, "综合差异系数（各项平均）"] for stage, _ in wanted} == {
        stage: pytest.approx(value, abs=1e-9) for stage, value in wanted
    }


def test_an_unknown_county_is_refused(rooms_release, tmp_path):
    with pytest.raises(LookupError, match="990009"):
        write_calculation.write(rooms_release, "990009", YEAR, tmp_path)


@pytest.mark.paper
def test_libreoffice_comes_to_the_release(book, rooms_release, recalculated):
    assert close(coefficients(recalculated(book)), rooms_release)


@pytest.mark.paper
def test_libreoffice_agrees_on_every_cell_of_the_demo_county(demo_home, tmp_path, recalculated):
    for path in write_calculation.write((demo_home / "latest").resolve(), "500104", YEAR, tmp_path):
        cached, fresh = values_of(path), values_of(recalculated(path))
        assert set(cached) == set(fresh)
        for place_, value in cached.items():
            said = pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, int | float) else value
            assert fresh[place_] == said, place_


CHANGES = {
    "pupils of a stage of a nine-year school": (
        ("小学", "2199000004-0", "在校生数", 640),
        ("enrolment", (pl.col("school_code") == "2199000004") & (pl.col("stage") == "primary"), {"pupils": 640}),
    ),
    "senior pupils who share a twelve-year school": (
        (SPLIT, "2199000005-0", "高中在校生", 130),
        ("enrolment", (pl.col("school_code") == "2199000005") & (pl.col("stage") == "senior"), {"pupils": 130}),
    ),
    "rooms that a plain school has": (
        ("小学", "2199000002-0", "教学及辅助用房面积", 2100),
        ("premises", pl.col("school_code") == "2199000002", {"teaching_rooms_m2": 2100}),
    ),
    "backbone teachers of a junior school": (
        ("初中", "2199000006-0", "县级以上骨干教师", 2),
        ("teacher", (pl.col("school_code") == "2199000006") & (pl.col("stage") == "junior"), {"backbone_teachers": 2}),
    ),
}


@pytest.mark.paper
@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_raw_count_changes_the_sheet_as_it_changes_the_pipeline(
    name, book, rooms_frames, rooms_release, recalculated, tmp_path
):
    (sheet, site, header, value), (table, where, cells) = CHANGES[name]
    found = coefficients(recalculated(put(book, {(sheet, place(book, sheet, site, header)): value})))
    release = release_of(changed(rooms_frames, table, where, **cells), tmp_path / "release")
    assert close(found, release)
    before = {row[:2]: row[2] for row in queried(rooms_release, CV)}
    assert any(abs(found[key][0] - cv) > 1e-6 for key, cv in before.items())


@pytest.mark.paper
def test_a_changed_limit_changes_the_verdicts_that_refer_to_it(book, recalculated):
    sheets = openpyxl.load_workbook(book)
    row = next(
        row for row in sheets[LIMITS].iter_rows(min_row=FIRST_ROW + 1) if (row[0].value, row[1].value) == ("小学", "R4")
    )
    other = put(book, {(LIMITS, row[11].coordinate): 0.001})
    assert coefficients(recalculated(other))["小学", "R4"][2] == "未达标"
    assert coefficients(book)["小学", "R4"][2] == "达标"
