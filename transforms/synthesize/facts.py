"""County facts of the demo: those of 2023 are what a district published in May 2024, those before are made up.

Source of the real ones: 重庆市大渡口区创建全国义务教育优质均衡发展区自查自评报告 (2024-05-16).
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("published_figures.csv")
REPORT = "大渡口区自查自评报告(2024-05-16)"
COUNTY_NAME = "重庆市大渡口区"

# item, value, period kind, period
PUBLISHED_2023: tuple[tuple[str, str, str, str], ...] = (
    ("county_area_km2", "103", "undated", "未注明"),
    ("resident_population", "435600", "undated", "未注明"),
    ("new_schools_5y", "7", "multi_year", "近5年"),
    ("new_floor_area_5y_m2", "146500", "multi_year", "近5年"),
    ("new_seats_5y", "9800", "multi_year", "近5年"),
    ("quota_primary_yuan", "1100", "undated", "未注明"),
    ("quota_junior_yuan", "1250", "undated", "未注明"),
    ("units_built_by_2016", "27", "undated", "未注明"),
    ("rooms_ok_built_by_2016", "27", "undated", "未注明"),
    ("units_built_after_2016", "7", "undated", "未注明"),
    ("rooms_ok_built_after_2016", "7", "undated", "未注明"),
    ("special_education_quota_yuan", "6000", "undated", "未注明"),
    ("special_education_pupils", "193", "fiscal_year", "2023"),
    ("special_education_funds_yuan", "1158000", "fiscal_year", "2023"),
    ("teacher_pay_yuan", "157386", "fiscal_year", "2022"),
    ("civil_servant_pay_yuan", "134502", "fiscal_year", "2022"),
    ("training_completion_pct", "100", "multi_year", "5年"),
    ("rotation_eligible_teachers", "598", "school_year", "2023-2024"),
    ("rotated_teachers", "174", "school_year", "2023-2024"),
    ("rotated_backbone_teachers", "47", "school_year", "2023-2024"),
    ("full_time_teachers_declared", "2152", "undated", "未注明"),
    ("certified_teachers_declared", "2152", "undated", "未注明"),
    ("catchment_primary_pct", "100", "undated", "未注明"),
    ("catchment_junior_pct", "100", "undated", "未注明"),
    ("quality_senior_places", "974", "fiscal_year", "2023"),
    ("quality_senior_allocated", "685", "fiscal_year", "2023"),
    ("rural_junior_schools", "0", "undated", "未注明"),
    ("migrant_eligible", "12350", "fiscal_year", "2023"),
    ("migrant_public", "12350", "fiscal_year", "2023"),
    ("migrant_purchased", "0", "fiscal_year", "2023"),
    ("left_behind_care", "1", "undated", "未注明"),
    ("disabled_enrolled", "194", "fiscal_year", "2023"),
    ("disabled_regular_classes", "128", "fiscal_year", "2023"),
    ("disabled_home_teaching", "41", "fiscal_year", "2023"),
    ("disabled_special_schools", "25", "fiscal_year", "2023"),
    ("public_funds_arranged_yuan", "59980000", "fiscal_year", "2023"),
    ("training_spent_yuan", "5280000", "fiscal_year", "2023"),
    ("interactive_class_pct", "95", "undated", "未注明"),
    ("equipment_use_pct", "100", "undated", "未注明"),
    # 2 municipal bases; the 21 on school grounds are counted together with workshops, so they are no number of bases
    ("practice_bases", "2", "undated", "未注明"),
    ("education_investment_yuan", "1784000000", "fiscal_year", "2023"),
    ("public_education_budget_yuan", "955000000", "fiscal_year", "2023"),
    ("education_investment_growth_pct", "0.01", "fiscal_year", "2023"),
    ("public_education_budget_growth_pct", "3.69", "fiscal_year", "2023"),
    ("built_schools_window", "6", "multi_year", "2021-2023"),
    ("built_investment_yuan", "1000000000", "multi_year", "2021-2023"),
    ("built_seats", "8205", "multi_year", "2021-2023"),
    ("built_land_m2", "160000", "multi_year", "2021-2023"),
    ("built_floor_m2", "134000", "multi_year", "2021-2023"),
    ("seats_planned", "6180", "multi_year", "2025年前"),
    ("repair_funds_yuan", "21420000", "fiscal_year", "2023"),
    ("repair_projects", "80", "fiscal_year", "2023"),
    ("multimedia_coverage_pct", "85", "fiscal_year", "2023"),
    ("platform_activation_pct", "85.22", "fiscal_year", "2023"),
    ("group_coverage_pct", "92", "undated", "未注明"),
    ("posts_adjusted", "92", "multi_year", "2022-2023"),
    ("posts_gained", "98", "fiscal_year", "2023"),
    ("recruits_3y", "230", "multi_year", "近三年"),
    ("primary_units_declared", "25", "undated", "未注明"),
    ("junior_units_declared", "9", "undated", "未注明"),
    ("primary_schools_declared", "19", "undated", "未注明"),
    ("primary_campuses_declared", "2", "undated", "未注明"),
    ("nine_year_schools_declared", "3", "undated", "未注明"),
    ("twelve_year_schools_declared", "1", "undated", "未注明"),
    ("junior_schools_declared", "3", "undated", "未注明"),
    ("complete_secondary_schools_declared", "2", "undated", "未注明"),
    ("pupils_declared", "43790", "undated", "未注明"),
    ("backbone_teachers_declared", "698", "undated", "未注明"),
    ("pe_teachers_declared", "226", "undated", "未注明"),
    ("arts_teachers_declared", "253", "undated", "未注明"),
    ("units_at_floor_declared", "1", "undated", "未注明"),
    ("items_met_resources_declared", "7", "undated", "未注明"),
    ("coefficients_met_primary_declared", "7", "undated", "未注明"),
    ("coefficients_met_junior_declared", "7", "undated", "未注明"),
    ("items_met_government_declared", "15", "undated", "未注明"),
    ("items_met_quality_declared", "9", "undated", "未注明"),
    ("over_size_primary_declared", "4", "undated", "未注明"),
    ("over_size_junior_declared", "2", "undated", "未注明"),
    ("classes_primary_declared", "697", "undated", "未注明"),
    ("over_cap_classes_primary_declared", "342", "undated", "未注明"),
    ("units_within_cap_primary_declared", "5", "undated", "未注明"),
    ("classes_junior_declared", "260", "undated", "未注明"),
    ("over_cap_classes_junior_declared", "56", "undated", "未注明"),
    ("units_within_cap_junior_declared", "7", "undated", "未注明"),
    ("migrant_share_of_pupils_declared_pct", "28", "fiscal_year", "2023"),
    ("migrant_share_of_intake_declared_pct", "28", "fiscal_year", "2023"),
    ("retention_declared_pct", "101.3", "undated", "未注明"),
    # counted from the names in the text: the report prints no number
    ("new_schools_named", "5", "undated", "未注明"),
)
CORE = (
    "quota_primary_yuan",
    "quota_junior_yuan",
    "special_education_quota_yuan",
    "special_education_pupils",
    "special_education_funds_yuan",
    "teacher_pay_yuan",
    "civil_servant_pay_yuan",
    "rotation_eligible_teachers",
    "rotated_teachers",
    "rotated_backbone_teachers",
    "quality_senior_places",
    "quality_senior_allocated",
    "migrant_eligible",
    "migrant_public",
    "migrant_purchased",
    "public_education_budget_yuan",
)
"""Facts that the made-up years have too."""
UNCHANGED = ("quota_primary_yuan", "quota_junior_yuan", "special_education_quota_yuan", "migrant_purchased")
"""Rates and a zero that the made-up years share with 2023."""
ALL_MIGRANTS = ("migrant_eligible", "migrant_public")
"""In the made-up years these are the migrant pupils of the school rows, so that the two agree."""
YEARLY_GROWTH = Decimal("0.97")

MONITORED_2022 = (
    ("primary", "chinese", "79.6", "0.067"),
    ("primary", "mathematics", "85.9", "0.037"),
    ("primary", "english", "69.2", "0.179"),
    ("primary", "science", "69.1", "0.032"),
    ("junior", "chinese", "87", "0.12"),
    ("junior", "mathematics", "74.4", "0.134"),
    ("junior", "english", "69.2", "0.168"),
    ("junior", "science", "74.7", "0.097"),
)
"""Municipal monitoring of 2022: share of pupils at level III or above in percent, variation between schools."""

BASICALLY_MET = ("G4", "G5", "Q9")
DECLARED = {
    "R1": "各校高于规定学历教师数达标",
    "R2": "各校县级以上骨干教师数达标",
    "R3": "各校体育、艺术专任教师数达标",
    "R4": "自评达标，1所学校达到标准的85%以上",
    "R5": "各校生均体育运动场馆面积达标",
    "R6": "各校生均教学仪器设备值达标",
    "R7": "各校网络多媒体教室数达标",
    "G1": "有布局规划并随人口变化修订；近5年新建、改扩建7所学校",
    "G2": "建设、编制、公用经费定额、装备四项标准城乡统一",
    "G3": "2016年及之前27所、之后7所，音乐美术教室全部达标",
    "G4": "超过2000人的小学4所、初中2所，计划2025年前解决",
    "G5": "超过45人的小学班342个、超过50人的初中班56个",
    "G6": "没有不足100人的村小学和教学点",
    "G7": "特殊教育生均公用经费6000元",
    "G8": "2022年教师平均工资高于公务员",
    "G9": "5年360学时培训全部完成",
    "G10": "编制和岗位每年在核定总量内统筹调整",
    "G11": "交流174人，其中骨干47人，符合条件598人",
    "G12": "2152名专任教师全部持证",
    "G13": "小学、初中就近划片入学均为100%",
    "G14": "优质高中名额974个，分配685个；没有农村学校",
    "G15": "随迁子女12350人全部在公办学校就读",
    "Q1": "初中三年巩固率自报101.3%",
    "Q2": "残疾儿童少年入学194人，自报入学率100%",
    "Q3": "各校均有章程，管理与教学信息化",
    "Q4": "公用经费5998万元中支出教师培训费528万元",
    "Q5": "95%以上班级使用交互式数字化教学",
    "Q6": "各校德育和校园文化达到良好以上",
    "Q7": "课程开齐开足，劳动实践课时有保证",
    "Q8": "规范招生、作业和校外培训，无过重负担",
    "Q9": "市级监测中英语的校际差异率偏高",
}
"""Item → what the county says of it, shortened in our own words."""

PROMISED = (
    ("G4", "小学、初中学校规模2025年全部达标", 2025, "二(三)指标四"),
    ("G5", "「十四五」期间起始年级不出现新的超标班额", 2025, "二(三)指标五"),
    ("H4", "2025年前新增学位6180个", 2024, "三(一)"),
)
"""Item, promise in our own words, year by which, place."""


def county_facts(stat_year: int, units: dict[str, str], migrants: int) -> list[dict[str, Any]]:
    """Return the county facts of a year: those of 2023 as published, a made-up core before.

    `units`: item → unit; `migrants`: migrant pupils in the school rows of the year.
    """
    name = {"item_code": "county_name", "value_text": COUNTY_NAME, "period_kind": "undated", "period": "未注明"}
    rows: list[dict[str, Any]] = [name | {"source": REPORT, "is_synthetic": False}]
    for item, value, kind, period in PUBLISHED_2023:
        row = {"item_code": item, "value_unit": units[item] or None, "period_kind": kind}
        if stat_year == 2023:
            rows.append(row | {"value": Decimal(value), "period": period, "source": REPORT, "is_synthetic": False})
        elif item in CORE:
            before = _value_before(item, value, stat_year, migrants)
            when = _period_before(kind, period, stat_year)
            rows.append(row | {"value": before, "period": when, "source": "合成", "is_synthetic": True})
    return rows


def _value_before(item: str, value: str, stat_year: int, migrants: int) -> Decimal:
    """Return a made-up value of an earlier year."""
    if item in ALL_MIGRANTS:
        return Decimal(migrants)
    if item in UNCHANGED:
        return Decimal(value)
    return (Decimal(value) * YEARLY_GROWTH ** (2023 - stat_year)).quantize(Decimal(1))


def _period_before(kind: str, period: str, stat_year: int) -> str:
    """Return the period of a fact moved back from 2023; pay stays one year behind the others."""
    if kind == "school_year":
        return f"{stat_year}-{stat_year + 1}"
    return str(int(period) - (2023 - stat_year)) if kind == "fiscal_year" else period


def cohort(stat_year: int) -> list[dict[str, Any]]:
    """Return the cohort of the junior stage: the published one of 2023, nothing before."""
    if stat_year != 2023:
        return []
    return [
        {
            "cohort_label": "全县",
            "graduates": 4077,
            "grade7_three_years_ago": 4023,
            "transferred_in": 158,
            "transferred_out": 103,
            "deaths": 1,
            "is_synthetic": False,
        }
    ]


def monitoring(stat_year: int) -> list[dict[str, Any]]:
    """Return the monitoring results that the report of 2024 prints, nothing for the years before."""
    if stat_year != 2023:
        return []
    common = {"authority": "municipal", "monitored_year": 2022, "level": None, "is_synthetic": False}
    return [
        {
            **common,
            "stage": stage,
            "subject": subject,
            "share_at_level3_pct": Decimal(share),
            "variation_ratio": Decimal(ratio),
        }
        for stage, subject, share, ratio in MONITORED_2022
    ]


def declarations(stat_year: int) -> list[dict[str, Any]]:
    """Return the county's own verdicts as its report of 2024 gives them, nothing for the years before.

    None has evidence: a report is what has to be proved, and it names no document.
    """
    if stat_year != 2023:
        return []
    return [
        {
            "item_code": item,
            "declared_verdict": "basically_met" if item in BASICALLY_MET else "met",
            "declared_text": text,
            "is_synthetic": False,
        }
        for item, text in DECLARED.items()
    ]


def published_figures(stat_year: int) -> list[dict[str, Any]]:
    """Return every number that the report of 2024 prints, in order of appearance, nothing for the years before."""
    if stat_year != 2023:
        return []
    with FIGURES.open(encoding="utf-8", newline="") as file:
        rows = [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]
    return [{**row, "figure_no": int(row["figure_no"] or 0), "is_synthetic": False} for row in rows]


def commitments(stat_year: int) -> list[dict[str, Any]]:
    """Return what the county promised in its report of 2024, nothing for the years before."""
    if stat_year != 2023:
        return []
    return [
        {
            "commitment_no": number,
            "item_code": item,
            "promised_text": text,
            "due_year": due,
            "document": f"{REPORT} {place}",
            "is_synthetic": False,
        }
        for number, (item, text, due, place) in enumerate(PROMISED, start=1)
    ]
