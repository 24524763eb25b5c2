"""Random counties over two years, and what clerks get wrong when they fill in the second.

Written from how figures are counted, copied and typed, not from the checks: nothing here knows a rule, a tolerance or a
limit. A county has a style of its own (rich or poor, growing or shrinking, classes by name or by band), a school its
own traits that last over the years, and each year brings what years bring: a new building, a large purchase, a class
less. About one school in five then gets one mistake, of random kind and size.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

School = dict[str, list[dict]]
"""One school's rows of one year, table → rows."""
GRADES = {"primary": range(1, 7), "junior": range(7, 10), "senior": range(10, 13)}
TYPES = {
    "211": ["primary"], "218": ["primary"], "311": ["junior"], "312": ["primary", "junior"],
    "341": ["junior", "senior"], "345": ["primary", "junior", "senior"],
}  # fmt: skip
TABLES = ("school", "enrolment", "class_size", "teacher", "premises")
BANDS = (
    (25, "1-25"),
    (30, "26-30"),
    (35, "31-35"),
    (40, "36-40"),
    (45, "41-45"),
    (50, "46-50"),
    (55, "51-55"),
    (60, "56-60"),
    (65, "61-65"),
)
YEAR = 2023


@dataclass(frozen=True)
class Planted:
    """A county of two years and what was planted into which school of the newer: (kind, tables that are wrong)."""

    before: dict[str, School]
    now: dict[str, School]
    mistakes: dict[str, tuple[str, frozenset[str]] | None]


@dataclass(frozen=True)
class Style:
    """What the schools of one county have in common."""

    code: str
    class_pupils: float
    pupils_per_teacher: float
    rooms_m2: float
    ground_m2: float
    kit_yuan: float
    spread: float
    growth: float
    is_by_band: bool


def county(number: int, share: float = 0.2) -> Planted:
    """The county that a number stands for, with mistakes in about such a share of its schools."""
    dice = random.Random(number * 7919)
    style = Style(
        f"99{number % 10_000:04d}", dice.uniform(26, 48), dice.uniform(11, 19), dice.uniform(3.5, 9), dice.uniform(5, 16),
        dice.uniform(900, 6000), dice.uniform(0.15, 0.4), dice.uniform(-0.06, 0.06), dice.random() < 0.5,
    )  # fmt: skip
    before, now = {}, {}
    for at in range(dice.randint(10, 60)):
        kind = dice.choices(list(TYPES), [50, 12, 20, 12, 4, 2])[0]
        code = f"{'21' if kind in ('211', '218') else '31'}99{number % 1000:03d}{at:03d}"
        before[code], now[code] = two_years(dice, style, code, kind)
    mistakes: dict[str, tuple[str, frozenset[str]] | None] = dict.fromkeys(now)
    codes = sorted(now)
    for code in dice.sample(codes, max(1, round(share * len(codes)))):
        kinds = list(MISTAKES)
        dice.shuffle(kinds)
        for kind in kinds:
            was = deepcopy(now[code])
            around = Around(before[code], [now[other] for other in codes if other != code and mistakes[other] is None])
            if MISTAKES[kind](dice, now[code], around) and now[code] != was:
                mistakes[code] = kind, frozenset(table for table in TABLES if now[code][table] != was[table])
                break
            now[code] = was
    return Planted(before, now, mistakes)


@dataclass(frozen=True)
class Around:
    """What a clerk has on the desk besides: last year's sheets of the school, this year's of others."""

    before: School
    others: list[School]


def two_years(dice: random.Random, style: Style, code: str, kind: str) -> tuple[School, School]:
    def trait() -> float:
        return dice.lognormvariate(0, style.spread)

    stages = TYPES[kind]
    size = {stage: max(3, min(60, dice.gauss(style.class_pupils, 6))) for stage in stages}
    streams = {stage: max(1, round(dice.lognormvariate(1.0, 0.6))) for stage in stages}
    if kind == "218":
        size, streams = {"primary": dice.uniform(4, 18)}, {"primary": 1}
    plan = {
        stage: [[max(1, round(dice.gauss(size[stage], 3))) for _ in range(streams[stage])] for _ in GRADES[stage]]
        for stage in stages
    }
    grown = dice.choice(["111", "112", "121", "220"])
    row = {
        "stat_year": YEAR - 1, "county_code": style.code, "school_code": code, "campus_no": 0, "school_name": f"合成学校{code[-6:]}",
        "school_type_code": kind, "urban_rural_code": grown, "sponsor_code": dice.choices(["831", "999"], [9, 1])[0], "is_public": True,
        "is_boarding": dice.random() < 0.2, "planned_year": 2005, "built_year": 2007, "counts_as_school": kind != "218",
    }  # fmt: skip
    pupils = sum(sum(map(sum, grades)) for grades in plan.values())
    old: School = {"school": [row], "premises": [premises(dice, style, row, pupils, trait)]}
    old["teacher"] = [staff(dice, style, row, stage, sum(map(sum, grades)), trait) for stage, grades in plan.items()]
    old |= enrolled(dice, style, row, plan)
    new_plan = {stage: moved_up(dice, style, size[stage], streams[stage], grades) for stage, grades in plan.items()}
    row = {**row, "stat_year": YEAR}
    new: School = {"school": [row], "premises": [a_year_on(dice, old["premises"][0])]}
    new["teacher"] = [
        changed_staff(dice, one, sum(map(sum, new_plan[one["stage"]])), sum(map(sum, plan[one["stage"]])))
        for one in old["teacher"]
    ]
    return old, new | enrolled(dice, style, row, new_plan)


def moved_up(dice, style, size, streams, grades):
    first = max(1, streams + dice.choices([-1, 0, 1], [1, 8, 1])[0])
    entrants = [max(1, round(dice.gauss(size * (1 + style.growth), 3))) for _ in range(first)]
    return [entrants, *([max(1, pupils + dice.randint(-2, 2)) for pupils in grade] for grade in grades[:-1])]


def enrolled(dice, style, row, plan) -> School:
    at = {name: row[name] for name in ("stat_year", "county_code", "school_code", "campus_no")}
    pupils, classes = [], []
    migrants = dice.uniform(0, 0.5)
    for stage, grades in plan.items():
        for grade, sizes in zip(GRADES[stage], grades, strict=True):
            moved = sum(dice.random() < migrants for _ in range(sum(sizes)))
            pupils.append({**at, "stage": stage, "grade": grade, "pupils": sum(sizes), "migrant_pupils": moved})
            if not style.is_by_band:
                classes += [
                    {**at, "stage": stage, "class_label": f"{grade}-{n}", "grade": grade, "classes": 1, "class_pupils": one, "is_special_class": False}
                    for n, one in enumerate(sizes, 1)
                ]  # fmt: skip
        if style.is_by_band:
            bands = [next((band for top, band in BANDS if one <= top), "66+") for sizes in grades for one in sizes]
            classes += [
                {**at, "stage": stage, "class_label": band, "classes": bands.count(band), "size_band": band, "is_special_class": False}
                for band in dict.fromkeys(bands)
            ]  # fmt: skip
    return {"enrolment": pupils, "class_size": classes}


def premises(dice, style, row, pupils, trait) -> dict:
    at = {name: row[name] for name in ("stat_year", "county_code", "school_code", "campus_no")}
    rooms = round(pupils * style.rooms_m2 * trait() + 80, 1)
    indoor = round(rooms * dice.uniform(0.03, 0.12), 1) if dice.random() < 0.6 else 0
    return {
        **at, "teaching_rooms_m2": rooms, "indoor_sports_m2": indoor, "gymnasium_m2": 0, "sports_ground_m2": round(pupils * style.ground_m2 * trait() + 300),
        "equipment_yuan": round(pupils * style.kit_yuan * trait() + 20_000, 2), "multimedia_rooms": max(1, round(pupils / dice.uniform(28, 45))),
        "computers": round(pupils * dice.uniform(0.08, 0.25)) + 2, "books": round(pupils * dice.uniform(18, 45)) + 100,
    }  # fmt: skip


def a_year_on(dice, old) -> dict:
    new = {**old, "stat_year": YEAR}
    if dice.random() < 0.04:
        new["teaching_rooms_m2"] = round(old["teaching_rooms_m2"] * dice.uniform(1.2, 1.8), 1)
    bought = dice.uniform(1.3, 2.2) if dice.random() < 0.05 else dice.uniform(0.98, 1.15)
    new["equipment_yuan"] = round(old["equipment_yuan"] * bought, 2)
    new["multimedia_rooms"] += dice.choice([0, 0, 0, 1, 2])
    new["computers"] = max(1, round(old["computers"] * dice.uniform(0.92, 1.15)))
    new["books"] = round(old["books"] * dice.uniform(1.0, 1.06))
    return new


def staff(dice, style, row, stage, pupils, trait) -> dict:
    at = {name: row[name] for name in ("stat_year", "county_code", "school_code", "campus_no")}
    each = style.pupils_per_teacher * {"primary": 1.1, "junior": 0.85, "senior": 0.8}[stage]
    total = max(2, round(pupils / each * dice.lognormvariate(0, 0.12)))
    return {**at, "stage": stage, **qualified(dice, total)}


def qualified(dice, total) -> dict:
    master, college = round(total * dice.uniform(0, 0.15)), round(total * dice.uniform(0, 0.15))
    music, art = (round(total * dice.uniform(0.03, 0.07)) for _ in range(2))
    return {
        "full_time_teachers": total, "doctor_teachers": 0, "master_teachers": master, "bachelor_teachers": total - master - college,
        "college_teachers": college, "secondary_or_below_teachers": 0, "backbone_teachers": round(total * dice.uniform(0.03, 0.3)),
        "pe_teachers": round(total * dice.uniform(0.05, 0.1)), "art_teachers": music + art,
    }  # fmt: skip


def changed_staff(dice, old, pupils, pupils_before) -> dict:
    """A few come and go; the counts by kind move with them, one by one."""
    new = {**old, "stat_year": YEAR}
    gone = dice.randint(-2, 3) + round(old["full_time_teachers"] * 0.3 * (pupils / pupils_before - 1))
    new["full_time_teachers"] = max(2, old["full_time_teachers"] + gone)
    new["master_teachers"] = min(old["master_teachers"] + dice.choice([0, 0, 1]), new["full_time_teachers"])
    new["college_teachers"] = min(
        max(0, old["college_teachers"] - dice.choice([0, 0, 1])), new["full_time_teachers"] - new["master_teachers"]
    )
    new["bachelor_teachers"] = new["full_time_teachers"] - new["master_teachers"] - new["college_teachers"]
    for name, step in (("backbone_teachers", 2), ("pe_teachers", 1), ("art_teachers", 1)):
        new[name] = min(new["full_time_teachers"], max(0, old[name] + dice.randint(-step, step)))
    return new


# ---- what goes wrong

AREAS = ("teaching_rooms_m2", "sports_ground_m2", "equipment_yuan", "multimedia_rooms", "computers", "books")


def kit_in_ten_thousands(dice, school, around):
    """The ledger is in 万元 and was copied as it stands."""
    row = school["premises"][0]
    row["equipment_yuan"] = round(row["equipment_yuan"] / 10_000, 2)
    return True


def kit_multiplied_again(dice, school, around):
    """The figure was in yuan already and somebody turned 万元 into yuan once more."""
    school["premises"][0]["equipment_yuan"] *= 10_000
    return True


def ground_in_mu(dice, school, around):
    """The land certificate says 亩."""
    row = school["premises"][0]
    row["sports_ground_m2"] = round(row["sports_ground_m2"] / 666.67, 2)
    return True


def building_for_rooms(dice, school, around):
    """The floor area of the whole building was entered for the teaching rooms."""
    row = school["premises"][0]
    row["teaching_rooms_m2"] = round(row["teaching_rooms_m2"] * dice.uniform(1.4, 2.2), 1)
    return True


def staff_of_other_stage(dice, school, around):
    """The lines of two stages were exchanged; in a school of one the stage was picked wrongly from the list."""
    rows = school["teacher"]
    if len(rows) > 1:
        rows[0]["stage"], rows[1]["stage"] = rows[1]["stage"], rows[0]["stage"]
    else:
        rows[0]["stage"] = "junior" if rows[0]["stage"] == "primary" else "primary"
    return True


def grades_counted_from_one(dice, school, around):
    """一年级 of a junior school is its seventh grade; the clerk wrote 1, 2, 3 and the stage to match."""
    rows = [row for row in school["enrolment"] if row["stage"] == "junior"]
    if not rows or any(row["stage"] == "primary" for row in school["enrolment"]):
        return False
    for row in rows:
        row.update(stage="primary", grade=row["grade"] - 6)
    return True


def last_years_sheet(dice, school, around):
    """One of last year's sheets was sent again, the year in it put right."""
    table = dice.choice(["enrolment", "teacher", "premises"])
    school[table] = [{**row, "stat_year": YEAR} for row in around.before[table]]
    if table == "enrolment":
        school["class_size"] = [{**row, "stat_year": YEAR} for row in around.before["class_size"]]
    return True


def last_years_everything(dice, school, around):
    """All of last year's return under the new year."""
    for table in ("enrolment", "class_size", "teacher", "premises"):
        school[table] = [{**row, "stat_year": YEAR} for row in around.before[table]]
    return True


def arts_added_up(dice, school, around):
    """艺术 holds music and fine arts, and both were added to it again."""
    row = max(school["teacher"], key=lambda one: one["art_teachers"])
    row["art_teachers"] *= 2
    return row["art_teachers"] > 0


def school_left_out(dice, school, around):
    """The school is missing from every sheet."""
    for table in TABLES:
        school[table] = []
    return True


def sheet_left_out(dice, school, around):
    """One sheet does not have the school."""
    school[dice.choice(["enrolment", "teacher", "premises"])] = []
    return True


def grade_left_out(dice, school, around):
    """A line of the grades was skipped."""
    school["enrolment"].pop(dice.randrange(len(school["enrolment"])))
    return True


def slid_to_the_right(dice, school, around):
    """From some column on, every figure stands one column too far right."""
    row = dice.choice([*school["teacher"], school["premises"][0]])
    names = [name for name in row if name not in ("stat_year", "county_code", "school_code", "campus_no", "stage")]
    first = dice.randrange(len(names) - 2)
    values = [row[name] for name in names]
    row.update(zip(names[first:], [dice.choice([None, 0]), *values[first:-1]], strict=True))
    return True


def neighbours_exchanged(dice, school, around):
    """Two columns side by side were exchanged."""
    row = dice.choice([*school["teacher"], school["premises"][0]])
    names = [name for name in row if name not in ("stat_year", "county_code", "school_code", "campus_no", "stage")]
    at = dice.randrange(len(names) - 1)
    row[names[at]], row[names[at + 1]] = row[names[at + 1]], row[names[at]]
    return True


def a_figure(dice, school, least=10) -> tuple[dict, str] | None:
    """Some figure of the school with at least two digits."""
    cells = [
        (row, name)
        for table in ("enrolment", "teacher", "premises", "class_size")
        for row in school[table]
        for name, value in row.items()
        if name not in ("stat_year", "campus_no", "grade")
        and not isinstance(value, (str, bool))
        and value
        and value >= least
    ]
    return dice.choice(cells) if cells else None


def digit_lost(dice, school, around):
    """A key was not struck."""
    row, name = a_figure(dice, school) or ({}, "")
    if not name:
        return False
    whole = str(int(row[name]))
    at = dice.randrange(len(whole))
    row[name] = int(whole[:at] + whole[at + 1 :] or 0)
    return True


def digit_doubled(dice, school, around):
    """A key was struck twice."""
    row, name = a_figure(dice, school) or ({}, "")
    if not name:
        return False
    whole = str(int(row[name]))
    at = dice.randrange(len(whole))
    row[name] = int(whole[: at + 1] + whole[at:])
    return True


def digits_exchanged(dice, school, around):
    """Two keys were struck in the wrong order."""
    row, name = a_figure(dice, school) or ({}, "")
    if not name:
        return False
    whole = str(int(row[name]))
    at = dice.randrange(len(whole) - 1)
    row[name] = int(whole[:at] + whole[at + 1] + whole[at] + whole[at + 2 :])
    return True


def digit_mistaken(dice, school, around):
    """A key beside the right one was struck, or 1 and 7, 3 and 8, 6 and 0 were mistaken in handwriting."""
    row, name = a_figure(dice, school) or ({}, "")
    if not name:
        return False
    alike = {"0": "6", "1": "7", "2": "3", "3": "8", "4": "9", "5": "6", "6": "0", "7": "1", "8": "3", "9": "4"}
    whole = str(int(row[name]))
    at = dice.randrange(len(whole))
    row[name] = int(whole[:at] + alike[whole[at]] + whole[at + 1 :])
    return True


def point_lost(dice, school, around):
    """The decimal point was lost: 4567.8 became 45678, 812000.50 became 81200050."""
    row = school["premises"][0]
    names = [name for name in ("teaching_rooms_m2", "equipment_yuan") if row[name] and row[name] != int(row[name])]
    if not names:
        return False
    name = dice.choice(names)
    row[name] = int(f"{row[name]:.{1 if name == 'teaching_rooms_m2' else 2}f}".replace(".", ""))
    return True


def whole_staff_in_each_stage(dice, school, around):
    """A combined school wrote all its staff into the line of each stage."""
    rows = school["teacher"]
    if len(rows) < 2:
        return False
    summed = {name: sum(row[name] for row in rows) for name in rows[0] if name.endswith("_teachers")}
    for row in rows:
        row.update(summed)
    return True


def total_of_the_county(dice, school, around):
    """The cell under the last school is the sum; it was taken for the school's own."""
    table, name = dice.choice([("premises", one) for one in AREAS] + [("teacher", "full_time_teachers")])
    rows = school[table]
    rows[0][name] = sum(row[name] or 0 for other in [school, *around.others] for row in other[table][:1])
    return True


def rounded_by_feel(dice, school, around):
    """Nobody measured: round figures were written down."""
    row = school["premises"][0]
    for name in ("teaching_rooms_m2", "sports_ground_m2", "books"):
        size = 10 ** max(1, len(str(int(row[name]))) - dice.choice([1, 2]))
        row[name] = max(size, round(row[name] / size) * size)
    return True


def line_of_another_school(dice, school, around):
    """The line above was copied down and never filled in."""
    table = dice.choice(["teacher", "premises"])
    others = [
        one
        for one in around.others
        if len(one[table]) == len(school[table])
        and one["school"][0]["school_type_code"] == school["school"][0]["school_type_code"]
    ]
    if not others:
        return False
    keep = ("stat_year", "county_code", "school_code", "campus_no", "stage")
    for mine, theirs in zip(school[table], dice.choice(others)[table], strict=True):
        mine.update({name: value for name, value in theirs.items() if name not in keep})
    return True


def nought_for_unknown(dice, school, around):
    """What was not known became 0."""
    if dice.random() < 0.5:
        row, names = school["premises"][0], AREAS
    else:
        row, names = dice.choice(school["teacher"]), ("full_time_teachers", "bachelor_teachers")
    row[dice.choice(names)] = 0
    return True


def whole_payroll(dice, school, around):
    """Cooks, wardens and clerks were counted as teachers."""
    row = dice.choice(school["teacher"])
    row["full_time_teachers"] += max(1, round(row["full_time_teachers"] * dice.uniform(0.05, 0.25)))
    return True


def kindergarten_in_grade_one(dice, school, around):
    """The children of the attached kindergarten were counted in the first grade."""
    row = next((one for one in school["enrolment"] if one["grade"] == 1), None)
    if row is None:
        return False
    row["pupils"] += max(5, round(row["pupils"] * dice.uniform(0.3, 1.5)))
    return True


def backbones_by_level_added(dice, school, around):
    """A teacher with a city's and a county's title was counted twice."""
    row = dice.choice(school["teacher"])
    row["backbone_teachers"] = round(row["backbone_teachers"] * dice.uniform(1.3, 2.4))
    return True


MISTAKES: dict[str, Callable[[random.Random, School, Around], bool]] = {
    "万元当元 ledger in ten thousands": kit_in_ten_thousands,
    "元又乘一万 multiplied again": kit_multiplied_again,
    "亩当平方米 ground in mu": ground_in_mu,
    "建筑面积当用房 whole building": building_for_rooms,
    "教师学段填反 staff of other stage": staff_of_other_stage,
    "初中年级从一起 grades from one": grades_counted_from_one,
    "重报上年一表 last year's sheet": last_years_sheet,
    "重报上年全部 last year's all": last_years_everything,
    "艺术重复相加 arts added up": arts_added_up,
    "漏报学校 school left out": school_left_out,
    "漏报一表 sheet left out": sheet_left_out,
    "漏报年级 grade left out": grade_left_out,
    "整体右移 slid to the right": slid_to_the_right,
    "邻列互换 neighbours exchanged": neighbours_exchanged,
    "漏一位数 digit lost": digit_lost,
    "重一位数 digit doubled": digit_doubled,
    "数位颠倒 digits exchanged": digits_exchanged,
    "看错数字 digit mistaken": digit_mistaken,
    "丢小数点 point lost": point_lost,
    "各学段都填全校 staff in each stage": whole_staff_in_each_stage,
    "合计当本校 county's total": total_of_the_county,
    "估数取整 rounded by feel": rounded_by_feel,
    "照抄他校 another school's line": line_of_another_school,
    "不明填零 nought for unknown": nought_for_unknown,
    "职工当教师 whole payroll": whole_payroll,
    "幼儿计入一年级 kindergarten": kindergarten_in_grade_one,
    "骨干重复计 backbones added": backbones_by_level_added,
}
