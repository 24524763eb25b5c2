"""Plants what clerks get wrong into the sheets of random schools; written from ways of erring, not from the checks.

A county is made anew from random numbers (sizes, staffing, buildings), two years of it, then about half of its schools
get one mistake each in the newer year. Nothing here knows a rule, a tolerance or a limit.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

School = dict[str, list[dict]]
"""One school's rows of one year, table → rows."""
GRADES = {"primary": range(1, 7), "junior": range(7, 10)}


@dataclass(frozen=True)
class Planted:
    """A county of two years and what was planted into which school of the newer one (None: nothing)."""

    before: dict[str, School]
    now: dict[str, School]
    mistakes: dict[str, str | None]


def county(seed: int, schools: int = 40) -> Planted:
    dice = random.Random(seed)
    before, now, mistakes = {}, {}, {}
    for number in range(1, schools + 1):
        code = f"2199{seed % 100:02d}{number:04d}"
        kind = dice.choices(["211", "311", "312"], [6, 3, 2])[0]
        stages = {"211": ["primary"], "311": ["junior"], "312": ["primary", "junior"]}[kind]
        size = {stage: dice.lognormvariate(3.45, 0.2) for stage in stages}
        classes = {
            stage: max(1, round(dice.lognormvariate(1.1 if stage == "primary" else 1.6, 0.4))) for stage in stages
        }
        plan = {
            stage: [[round(dice.gauss(size[stage], 2)) for _ in range(classes[stage])] for _ in GRADES[stage]]
            for stage in stages
        }
        traits = {name: dice.lognormvariate(0, 0.2) for name in ("staff", "rooms", "ground", "kit", "screens")}
        before[code] = _year(dice, 2022, code, kind, plan, traits)
        for stage in stages:  # a year on: every class moves up, a new first grade comes in
            plan[stage] = [
                [round(dice.gauss(size[stage], 2)) for _ in range(classes[stage])],
                *([max(5, n + dice.randint(-1, 1)) for n in grade] for grade in plan[stage][:-1]),
            ]
        now[code] = _year(dice, 2023, code, kind, plan, traits, before[code])
        mistakes[code] = None
    for code in dice.sample(sorted(now), schools // 2):
        fitting = [
            name for name, plant in MISTAKES.items() if plant(random.Random(0), deepcopy(now[code]), before[code])
        ]
        name = dice.choice(fitting)
        MISTAKES[name](dice, now[code], before[code])
        mistakes[code] = name
    return Planted(before, now, mistakes)


def _year(dice, year, code, kind, plan, traits, last: School | None = None) -> School:
    at = {"stat_year": year, "county_code": "990001", "school_code": code, "campus_no": 0}
    total = sum(sum(map(sum, grades)) for grades in plan.values())
    made: School = {
        "school": [{**at, "school_name": f"合成学校{code[-4:]}", "school_type_code": kind, "urban_rural_code": dice.choice(["111", "121", "220"]), "sponsor_code": "831", "is_public": True, "is_boarding": False, "planned_year": 2005, "built_year": 2007, "counts_as_school": True}],
        "enrolment": [], "class_size": [], "teacher": [],
    }  # fmt: skip
    for stage, grades in plan.items():
        for grade, sizes in zip(GRADES[stage], grades, strict=True):
            made["enrolment"].append(
                {
                    **at,
                    "stage": stage,
                    "grade": grade,
                    "pupils": sum(sizes),
                    "migrant_pupils": round(sum(sizes) * dice.uniform(0.05, 0.4)),
                }
            )
            made["class_size"] += [
                {
                    **at,
                    "stage": stage,
                    "class_label": f"{grade}-{n}",
                    "grade": grade,
                    "classes": 1,
                    "class_pupils": size,
                    "is_special_class": False,
                }
                for n, size in enumerate(sizes, 1)
            ]
        made["teacher"].append({**at, "stage": stage, **_staff(dice, sum(map(sum, grades)), stage, traits, last)})
    old = last["premises"][0] if last else None
    rooms = old["teaching_rooms_m2"] if old else round(total * 6 * traits["rooms"])
    made["premises"] = [{**at, "teaching_rooms_m2": rooms, "indoor_sports_m2": old["indoor_sports_m2"] if old else round(rooms * 0.06), "gymnasium_m2": 0, "sports_ground_m2": old["sports_ground_m2"] if old else round(total * 11 * traits["ground"]), "equipment_yuan": round(old["equipment_yuan"] * dice.uniform(1.0, 1.15)) if old else round(total * 2900 * traits["kit"]), "multimedia_rooms": (old["multimedia_rooms"] + dice.randint(0, 2)) if old else max(1, round(total * 0.03 * traits["screens"])), "computers": round(total * dice.uniform(0.12, 0.2)), "books": round(total * dice.uniform(25, 40))}]  # fmt: skip
    return made


def _staff(dice, pupils, stage, traits, last: School | None) -> dict:
    """Teachers for so many pupils; after the first year those of last year, a few having come and gone."""
    old = next((row for row in last["teacher"] if row["stage"] == stage), None) if last else None
    total = (
        max(4, old["full_time_teachers"] + dice.randint(-2, 3))
        if old
        else max(4, round(pupils / (17 if stage == "primary" else 12.5) * traits["staff"]))
    )
    master, college = round(total * dice.uniform(0.03, 0.15)), round(total * dice.uniform(0.02, 0.12))
    music, art = (max(1, round(total * dice.uniform(0.035, 0.055))) for _ in range(2))
    return {"full_time_teachers": total, "doctor_teachers": 0, "master_teachers": master, "bachelor_teachers": total - master - college, "college_teachers": college, "secondary_or_below_teachers": 0, "backbone_teachers": round(total * dice.uniform(0.1, 0.3)), "pe_teachers": max(1, round(total * dice.uniform(0.07, 0.11))), "art_teachers": old["art_teachers"] if old else music + art}  # fmt: skip


def ten_thousand(dice, school, before):
    """The asset ledger is in 万元 and was copied as it is."""
    school["premises"][0]["equipment_yuan"] = round(school["premises"][0]["equipment_yuan"] / 10_000, 2)
    return True


def swapped_stage(dice, school, before):
    """The two lines of the staff list were exchanged; in a school of one stage the stage was picked wrongly."""
    teachers = school["teacher"]
    if len(teachers) == 2:
        teachers[0]["stage"], teachers[1]["stage"] = teachers[1]["stage"], teachers[0]["stage"]
    else:
        teachers[0]["stage"] = "junior" if teachers[0]["stage"] == "primary" else "primary"
    return True


def stale_year(dice, school, before):
    """Last year's sheet of pupils, classes or staff was sent again under the new year."""
    tables = [["enrolment", "class_size"], ["teacher"], ["enrolment", "class_size", "teacher", "premises"]][
        dice.randrange(3)
    ]
    for table in tables:
        school[table] = [{**row, "stat_year": 2023} for row in before[table]]
    return True


def stale_file(dice, school, before):
    """Last year's file as it was, its year and all."""
    for table in ("enrolment", "class_size", "teacher", "premises"):
        school[table] = deepcopy(before[table])
    return True


def doubled_art(dice, school, before):
    """艺术/计 and the 音乐、美术 below it were added up."""
    row = max(school["teacher"], key=lambda one: one["art_teachers"])
    row["art_teachers"] *= 2
    return True


def lost_sheet(dice, school, before):
    """One of the school's sheets never came."""
    school[dice.choice(["enrolment", "teacher", "premises"])] = []
    return True


def lost_school(dice, school, before):
    """The whole school is missing this year."""
    for table in school:
        school[table] = []
    return True


def shifted_column(dice, school, before):
    """From some column on every figure slid one to the right."""
    table = dice.choice(["teacher", "premises"])
    row = dice.choice(school[table])
    names = [name for name in row if name not in ("stat_year", "county_code", "school_code", "campus_no", "stage")]
    first = dice.randrange(len(names) - 2)
    values = [row[name] for name in names]
    row.update(zip(names[first:], [None, *values[first:-1]], strict=True))
    return True


def neighbour_column(dice, school, before):
    """Two columns that stand side by side were exchanged."""
    row = school["premises"][0]
    one, two = dice.choice(
        [
            ("teaching_rooms_m2", "indoor_sports_m2"),
            ("sports_ground_m2", "equipment_yuan"),
            ("multimedia_rooms", "computers"),
        ]
    )
    row[one], row[two] = row[two], row[one]
    return True


def transposed_digits(dice, school, before):
    """Two digits of a count changed places."""
    table, name = dice.choice(
        [("enrolment", "pupils"), ("teacher", "full_time_teachers"), ("class_size", "class_pupils")]
    )
    rows = [row for row in school[table] if len(set(str(row[name])[:2])) == 2]
    if not rows:
        return False
    row = dice.choice(rows)
    text = str(row[name])
    row[name] = int(text[1] + text[0] + text[2:])
    return True


def total_in_both(dice, school, before):
    """A combined school wrote its whole staff into the line of each stage."""
    teachers = school["teacher"]
    if len(teachers) != 2:
        return False
    counts = [name for name in teachers[0] if name.endswith("_teachers")]
    summed = {name: teachers[0][name] + teachers[1][name] for name in counts}
    for row in teachers:
        row.update(summed)
    return True


def a_nought_too_many(dice, school, before):
    """A key was struck once too often."""
    row = school["premises"][0]
    row[dice.choice(["teaching_rooms_m2", "sports_ground_m2", "equipment_yuan", "multimedia_rooms"])] *= 10
    return True


MISTAKES: dict[str, Callable[[random.Random, School, School], bool]] = {
    "万元 ten thousands": ten_thousand,
    "学段互换 swapped stage": swapped_stage,
    "上年数据 stale figures": stale_year,
    "上年文件 stale file": stale_file,
    "艺术重复 doubled arts": doubled_art,
    "缺表 lost sheet": lost_sheet,
    "缺校 lost school": lost_school,
    "错列 shifted column": shifted_column,
    "邻列互换 exchanged columns": neighbour_column,
    "数位颠倒 transposed digits": transposed_digits,
    "两学段同填 total in both": total_in_both,
    "多一个零 nought too many": a_nought_too_many,
}
