"""Teachers, premises, rooms and money of the demo county: made up, with the published totals of 2023."""

from __future__ import annotations

import math
from collections.abc import Sequence
from random import Random

from transforms.synthesize import allocate
from transforms.synthesize.schools import Site, StageUnit, random_of, site_id

TEACHERS_2023 = {"full_time": 2_152, "backbone": 698, "pe": 226, "art": 253}
"""Published totals of primary and junior stages together."""
TRAINING_YUAN_2023, FUNDS_YUAN_2023 = 5_280_000, 59_980_000
LEVEL = {2019: 0.91, 2020: 0.94, 2021: 0.965, 2022: 0.985, 2023: 1.0}
"""How far resources had come in a year, as part of the last one."""
RICH = {"2150990001-0", "2150990003-0", "3150990013-0", "3150990001-0", "3450990001-0"}
"""Sites that got new equipment years before the others: the coefficient of equipment was too high then."""
RICH_FACTOR = {2019: 3.2, 2020: 2.9, 2021: 2.0, 2022: 1.5, 2023: 1.2}
"""Their equipment against what others have; it is written off as it ages while the others catch up."""
BEHIND = {2019: 0.22, 2020: 0.17, 2021: 0.09, 2022: 0.0, 2023: 0.0}
"""Chance that a unit lacks teachers of a kind: falling, and drawn once for all years, so who catches up stays there."""
BEHIND_SHARE = (0.78, 0.98)
"""A unit behind has between these parts of what it needs: some fall under the 85 % floor, some do not."""
SPARE_LEVELS = (0.1, 0.3, 4.0)
"""Teachers beyond the need go by these weights: few units have many, or all schools would look alike."""
BELOW_ROOMS = "2150990014-0"
"""The one unit that stays below the limit for teaching rooms, above its floor."""

# What one pupil needs by the standard; the generator aims above it. A combined site shares, so it aims at the
# stage that asks for most after the split (junior weighs 1.1, and asks for more than 1.1 times as much).
PER_PUPIL = {
    "teaching_rooms_m2": {"primary": 4.5, "junior": 5.8},
    "sports_m2": {"primary": 7.5, "junior": 10.2},
    "equipment_yuan": {"primary": 2000.0, "junior": 2500.0},
    "multimedia_rooms": {"primary": 0.023, "junior": 0.024},
}
TEACHERS_PER_PUPIL = {
    "above_education": {"primary": 0.042, "junior": 0.053},
    "backbone": {"primary": 0.01, "junior": 0.01},
    "pe_art": {"primary": 0.009, "junior": 0.009},
}
WEIGHTS = {"312": (1.0, 1.1, 0.0), "345": (1.0, 1.1, 1.32), "341": (0.0, 1.0, 1.2)}


def teachers(units: Sequence[StageUnit], stat_year: int) -> dict[tuple[str, str], dict[str, int]]:
    """Return the counts of full-time teachers, (site id, stage) → column → count, senior stages included.

    In 2023 the compulsory stages add up to the published totals. Raises ValueError when they cannot.
    """
    random = random_of("teachers", stat_year)
    compulsory = [unit for unit in units if unit.stage != "senior"]
    needs = {what: [_needed(what, unit, stat_year) for unit in compulsory] for what in TEACHERS_PER_PUPIL}
    spare = {what: [_spare(what, unit, stat_year, random) for unit in compulsory] for what in TEACHERS_PER_PUPIL}
    totals = TEACHERS_2023 if stat_year == 2023 else _totals_before(needs, stat_year)
    at_least = [need + 1 for need in needs["above_education"]]
    full_time = allocate.above(totals["full_time"], at_least, spare["above_education"])
    backbone = allocate.above(totals["backbone"], needs["backbone"], spare["backbone"])
    pe_art = allocate.above(totals["pe"] + totals["art"], needs["pe_art"], spare["pe_art"])
    pe = allocate.within(totals["pe"], [(both // 3, both - both // 3) for both in pe_art], random)
    found = {}
    for at, unit in enumerate(compulsory):
        above = max(needs["above_education"][at], full_time[at] - random.randint(0, full_time[at] // 25))
        counts = _by_education(unit.stage, full_time[at], above, unit)
        counts |= {"backbone_teachers": backbone[at], "pe_teachers": pe[at], "art_teachers": pe_art[at] - pe[at]}
        found[site_id(unit.site), unit.stage] = counts
    for unit in units:
        if unit.stage == "senior":
            count = math.ceil(unit.pupils / 13)
            seniors = {"backbone_teachers": count // 4, "pe_teachers": count // 12, "art_teachers": count // 14}
            found[site_id(unit.site), "senior"] = _by_education("senior", count, count, unit) | seniors
    return found


def _needed(what: str, unit: StageUnit, stat_year: int) -> int:
    """Return how many teachers a unit has at least: in 2023 what the standard asks for, before that less in places."""
    asked = TEACHERS_PER_PUPIL[what][unit.stage] * unit.pupils
    return math.ceil(asked * _reached(what, unit, stat_year))


def _reached(what: str, unit: StageUnit, stat_year: int) -> float:
    """Return the part of what the standard asks for that a unit has for certain, 1 if it is not behind."""
    random = random_of("behind", what, site_id(unit.site), unit.stage)
    is_behind, share = random.random() < BEHIND[stat_year], random.uniform(*BEHIND_SHARE)
    return share if is_behind else 1.0


def _spare(what: str, unit: StageUnit, stat_year: int, random: Random) -> float:
    """Return the weight of a unit when the teachers beyond all needs are shared; one that is behind gets none."""
    level = random.choice(SPARE_LEVELS) if what == "above_education" else random.uniform(0.1, 2.4)
    return unit.pupils * level if _reached(what, unit, stat_year) == 1.0 else 0.0


def _totals_before(needs: dict[str, list[int]], stat_year: int) -> dict[str, int]:
    """Return plausible totals of an earlier year, a little above what is needed."""
    slack = 1.0 + 0.08 * LEVEL[stat_year]
    both = round(sum(needs["pe_art"]) * (slack + 0.08))
    units = len(needs["above_education"])
    return {
        "full_time": round(sum(needs["above_education"]) * slack) + units,
        "backbone": round(sum(needs["backbone"]) * (slack + 0.3)),
        "pe": round(both * 0.47),
        "art": both - round(both * 0.47),
    }


def _by_education(stage: str, full_time: int, above: int, unit: StageUnit) -> dict[str, int]:
    """Return the counts by education: `above` of them have more than the stage requires."""
    random = random_of("education", stage, site_id(unit.site), full_time, above)
    doctor = 1 if stage != "primary" and random.random() < 0.3 else 0
    master = min(above - doctor, round(above * random.uniform(0.05, 0.16)))
    college = round((above - doctor - master) * random.uniform(0.05, 0.2)) if stage == "primary" else full_time - above
    bachelor = above - doctor - master - (college if stage == "primary" else 0)
    below = full_time - doctor - master - bachelor - college
    return {
        "full_time_teachers": full_time,
        "doctor_teachers": doctor,
        "master_teachers": master,
        "bachelor_teachers": bachelor,
        "college_teachers": college,
        "secondary_or_below_teachers": below,
        "middle_or_senior_title_teachers": round(full_time * random.uniform(0.45, 0.6)),
        "senior_title_teachers": round(full_time * random.uniform(0.08, 0.16)),
        "certified_teachers": full_time,
        "training_360h_teachers": full_time,
    }


def premises(site: Site, units: Sequence[StageUnit], stat_year: int) -> dict[str, int]:
    """Return what the whole site has: rooms and grounds in m², equipment in yuan, rooms, computers, books."""
    pupils = {unit.stage: unit.pupils for unit in units}
    level = LEVEL[stat_year]
    asked = {what: _asked(site, what, pupils) for what in PER_PUPIL}
    factor = {what: random_of("premises", what, site_id(site)).uniform(1.04, 1.5) for what in PER_PUPIL}
    rooms = factor["teaching_rooms_m2"] * level
    if site_id(site) == BELOW_ROOMS:
        rooms = 0.93 * level
    equipment = factor["equipment_yuan"] * level * (RICH_FACTOR[stat_year] if site_id(site) in RICH else 1.0)
    sports = asked["sports_m2"] * factor["sports_m2"] * level
    indoor = math.ceil(sports * 0.08)
    classes = sum(unit.classes for unit in units)
    return {
        "teaching_rooms_m2": math.ceil(asked["teaching_rooms_m2"] * rooms) + indoor,
        "indoor_sports_m2": indoor,
        "sports_ground_m2": math.ceil(sports) - indoor,
        "equipment_yuan": math.ceil(asked["equipment_yuan"] * equipment / 100) * 100,
        # the published claim needs more than 1,019 multimedia rooms for 957 classes, so special rooms are among them
        "multimedia_rooms": math.ceil(asked["multimedia_rooms"] * min(factor["multimedia_rooms"], 1.3) * level),
        "computers": classes * 9,
        "books": sum(pupils.values()) * 27,
    }


def _asked(site: Site, what: str, pupils: dict[str, int]) -> float:
    """Return how much a site must have so that each of its stages gets what its limit asks for after the split."""
    limits = PER_PUPIL[what]
    weights = dict(zip(("primary", "junior", "senior"), WEIGHTS.get(site.type_code, (1.0, 1.0, 1.0)), strict=True))
    weighted = sum(weights[stage] * count for stage, count in pupils.items())
    return max(limits[stage] * weighted / weights[stage] for stage in pupils if stage in limits)


def special_rooms(site: Site, units: Sequence[StageUnit]) -> list[tuple[str, str, float]]:
    """Return music and art rooms of full size, one of each kind for every twelve classes: number, kind, m²."""
    classes = sum(unit.classes for unit in units if unit.stage != "senior")
    random = random_of("rooms", site_id(site))
    least = {"music": 96, "art": 90} if site.built_year > 2016 else {"music": 73, "art": 67}
    rooms = []
    for kind, low in least.items():
        for number in range(1, math.ceil(classes / 12) + 1):
            rooms.append((f"{kind}-{number}", kind, float(low + random.randint(0, 24))))
    return rooms
