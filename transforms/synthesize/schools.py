"""The schools of the demo county, 2019 to 2023: all names, codes and numbers are made up.

Only their totals in 2023 (and grade 7 of 2020) are those that a district published in its report of 2024.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from transforms.synthesize import allocate

SEED = "junheng-demo"
NO_END = 9999


@dataclass(frozen=True)
class Site:
    """A school or campus of the demo county: when it stands, and its classes by stage in the last year."""

    school_code: str
    campus_no: int
    name: str
    type_code: str
    built_year: int
    primary_classes: int = 0
    junior_classes: int = 0
    senior_classes: int = 0
    first_year: int = 0
    last_year: int = NO_END
    parent: str | None = None
    old_name: str | None = None
    renamed_in: int = 0

    @property
    def classes(self) -> dict[str, int]:
        """Classes by stage, stages without any left out."""
        found = {"primary": self.primary_classes, "junior": self.junior_classes, "senior": self.senior_classes}
        return {stage: number for stage, number in found.items() if number}

    def name_in(self, stat_year: int) -> str:
        """Return the name the school bore in a year."""
        return self.old_name if self.old_name and stat_year < self.renamed_in else self.name


@dataclass(frozen=True)
class StageUnit:
    """One stage of one site in one year: the sizes of its classes by grade."""

    site: Site
    stage: str
    class_sizes: dict[int, list[int]]

    @property
    def pupils(self) -> int:
        """Pupils of the stage."""
        return sum(sum(sizes) for sizes in self.class_sizes.values())

    @property
    def classes(self) -> int:
        """Classes of the stage."""
        return sum(len(sizes) for sizes in self.class_sizes.values())


def _primary(number: int, name: str, built: int, classes: int, **more: object) -> Site:
    return Site(f"2150990{number:03d}", 0, name, "211", built, classes, **more)  # ty: ignore[invalid-argument-type]


# The schools over 2,000 pupils are built after 2010, so that no relaxation could hide them even if it were claimed.
SITES = (
    _primary(1, "演示第一小学", 2011, 46),
    Site("2150990001", 1, "演示第一小学东校区", "211", 2012, 18, parent="2150990001"),
    _primary(2, "演示第二小学", 2012, 46),
    Site("2150990002", 1, "演示第二小学南校区", "211", 2014, 20, parent="2150990002"),
    _primary(3, "演示实验小学", 2011, 46),
    _primary(4, "演示育才小学", 2013, 46),
    _primary(5, "演示滨江小学", 2003, 36),
    _primary(6, "演示钢花小学", 1986, 34),
    _primary(7, "演示公园小学", 2009, 32, old_name="演示新村小学", renamed_in=2022),
    _primary(8, "演示跃进小学", 1992, 30),
    _primary(9, "演示建胜小学", 2001, 30),
    _primary(10, "演示双山小学", 2007, 28),
    _primary(11, "演示春晖小学", 2010, 27),
    _primary(12, "演示石桥小学", 1995, 26),
    _primary(13, "演示茄溪小学", 2000, 25),
    _primary(14, "演示老街小学", 1979, 24),
    _primary(15, "演示文体小学", 2015, 24),
    _primary(16, "演示新江小学", 2021, 22, first_year=2021),
    _primary(17, "演示晨光小学", 2021, 20, first_year=2021),
    _primary(18, "演示金桥小学", 2022, 18, first_year=2022),
    _primary(19, "演示云湖小学", 2023, 17, first_year=2023),
    _primary(20, "演示河街小学", 1968, 8, last_year=2020),
    Site("2150990021", 0, "演示石桥小学山上教学点", "218", 1975, 2, last_year=2021, parent="2150990012"),
    Site("3150990011", 0, "演示一贯制第一学校", "312", 2008, 24, 24),
    Site("3150990012", 0, "演示一贯制第二学校", "312", 2012, 18, 18),
    Site("3150990013", 0, "演示一贯制第三学校", "312", 2018, 20, 22),
    Site("3450990001", 0, "演示外国语学校", "345", 2014, 20, 24, 18),
    Site("3150990001", 0, "演示第一初级中学", "311", 2011, 0, 44),
    Site("3150990002", 0, "演示第二初级中学", "311", 1999, 0, 30),
    Site("3150990003", 0, "演示第三初级中学", "311", 2019, 0, 26),
    Site("3450990002", 0, "演示第一中学", "341", 2012, 0, 44, 30),
    Site("3450990003", 0, "演示第二中学", "341", 2006, 0, 28, 24),
)
POINT = "2150990021"
MERGED_SCHOOL, MERGED_INTO, MERGED_IN = "2150990020", "2150990005", 2021
"""The school that closed, the one that took its pupils, and the year of it."""

GRADES = {"primary": range(1, 7), "junior": range(7, 10), "senior": range(10, 13)}
CLASS_CAP = {"primary": 45, "junior": 50}
"""Published: so many classes are over this size; the demo is built around it."""
PUPILS_2023 = {"primary": 31_458, "junior": 12_332}
OVER_CAP_CLASSES_2023 = {"primary": 342, "junior": 56}
NEVER_OVER_CAP = {"2150990016-0", "2150990017-0", "2150990018-0", "2150990019-0", "2150990001-1"}
OVER_CAP_JUNIORS = {"3150990001-0", "3450990002-0"}
COHORT_OF_2020 = {(2020, 7): 4_023, (2021, 8): 4_050, (2022, 9): 4_077}
"""Year, grade → pupils: 4,023 and 4,077 are published (grade 7 three years ago, graduates of 2023)."""
SCALE = {2019: 0.93, 2020: 0.98, 2021: 0.97, 2022: 0.985, 2023: 1.0}
"""Classes of a year in proportion to those of 2023."""
POINT_PUPILS = {2019: 38, 2020: 31, 2021: 24}


def site_id(site: Site) -> str:
    """Return school code and campus number as one."""
    return f"{site.school_code}-{site.campus_no}"


def sites_of(stat_year: int) -> list[Site]:
    """Return the sites that stand in a year."""
    return [site for site in SITES if site.first_year <= stat_year <= site.last_year]


def random_of(*what: object) -> Random:
    """Return a random source that hangs on nothing but the seed and what it is for."""
    return Random("-".join([SEED, *map(str, what)]))


def units_of(stat_year: int) -> list[StageUnit]:
    """Return the stages of all sites in a year, with classes whose sizes add up to the county's pupils."""
    units = []
    for stage in GRADES:
        sites = [site for site in sites_of(stat_year) if stage in site.classes]
        grades = {site_id(site): _classes_by_grade(site, stage, stat_year) for site in sites}
        sizes = _class_sizes(stage, stat_year, grades)
        for site in sites:
            units.append(StageUnit(site, stage, sizes[site_id(site)]))
    return units


def _classes_by_grade(site: Site, stage: str, stat_year: int) -> dict[int, int]:
    """Return the number of classes in each grade; a grade without any (of a small point) is left out."""
    number = max(len(GRADES[stage]) // 3, round(site.classes[stage] * SCALE[stat_year]))
    spread = allocate.apportion(number, [1.0] * len(GRADES[stage]))
    return {grade: classes for grade, classes in zip(GRADES[stage], spread, strict=True) if classes}


def _class_sizes(stage: str, stat_year: int, grades: dict[str, dict[int, int]]) -> dict[str, dict[int, list[int]]]:
    """Return the sizes of all classes of a stage, by site and grade."""
    random = random_of("classes", stage, stat_year)
    slots = [
        (site, grade) for site, by_grade in grades.items() for grade, number in by_grade.items() for _ in range(number)
    ]
    bounds = [_bounds(stage, site, random) for site, _ in slots]
    if stat_year == 2023 and stage in CLASS_CAP:
        bounds = _bounds_2023(stage, [site for site, _ in slots], random)
    sizes = [random.randint(low, high) for low, high in bounds]
    if stat_year == 2023 and stage in PUPILS_2023:
        sizes = allocate.within(PUPILS_2023[stage], bounds, random)
    for (year, cohort_grade), pupils in COHORT_OF_2020.items():
        if year == stat_year and cohort_grade in GRADES[stage]:
            of_cohort = [at for at, (_, grade) in enumerate(slots) if grade == cohort_grade]
            fitted = allocate.within(pupils, [bounds[at] for at in of_cohort], random)
            for at, size in zip(of_cohort, fitted, strict=True):
                sizes[at] = size
    if stage == "primary" and stat_year in POINT_PUPILS:
        point = [at for at, (site, _) in enumerate(slots) if site.startswith(POINT)]
        for at, size in zip(point, allocate.apportion(POINT_PUPILS[stat_year], [1.0] * len(point)), strict=True):
            sizes[at] = size
    result: dict[str, dict[int, list[int]]] = {
        site: {grade: [] for grade in by_grade} for site, by_grade in grades.items()
    }
    for (site, grade), size in zip(slots, sizes, strict=True):
        result[site][grade].append(size)
    return result


def _bounds(stage: str, site: str, random: Random) -> tuple[int, int]:
    """Return plausible bounds of a class in the years before 2023."""
    middle = {"primary": 44, "junior": 47, "senior": 49}[stage] + (
        0 if site in NEVER_OVER_CAP else random.choice((0, 1, 2))
    )
    return middle - 4, middle + 3


def _bounds_2023(stage: str, sites: list[str], random: Random) -> list[tuple[int, int]]:
    """Return bounds of each class so that exactly the published number is over the cap, in the schools meant for it."""
    cap = CLASS_CAP[stage]
    open_to = [at for at, site in enumerate(sites) if _may_be_over(stage, site)]
    names = sorted({sites[at] for at in open_to})
    counts = {name: sum(sites[at] == name for at in open_to) for name in names}
    quota = dict(
        zip(
            names,
            allocate.apportion(OVER_CAP_CLASSES_2023[stage], [float(counts[name]) for name in names]),
            strict=True,
        )
    )
    over: set[int] = set()
    for name in names:
        over |= set(random.sample([at for at in open_to if sites[at] == name], quota[name]))
    return [(cap + 1, cap + 6) if at in over else (cap - 7, cap) for at in range(len(sites))]


def _may_be_over(stage: str, site: str) -> bool:
    return site in OVER_CAP_JUNIORS if stage == "junior" else site not in NEVER_OVER_CAP
