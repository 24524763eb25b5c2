"""County facts of the demo: those of 2023 are what a district published in May 2024, those before are made up.

Source of the real ones: 重庆市大渡口区创建全国义务教育优质均衡发展区自查自评报告 (2024-05-16).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

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
    ("disabled_enrolled", "194", "fiscal_year", "2023"),
    ("disabled_regular_classes", "128", "fiscal_year", "2023"),
    ("disabled_home_teaching", "41", "fiscal_year", "2023"),
    ("disabled_special_schools", "25", "fiscal_year", "2023"),
    ("public_funds_arranged_yuan", "59980000", "fiscal_year", "2023"),
    ("training_spent_yuan", "5280000", "fiscal_year", "2023"),
    ("interactive_class_pct", "95", "undated", "未注明"),
    ("equipment_use_pct", "100", "undated", "未注明"),
    ("practice_bases", "21", "undated", "未注明"),
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
)
CORE_2023 = ("quota_primary_yuan", "quota_junior_yuan", "special_education_pupils", "special_education_funds_yuan",
             "teacher_pay_yuan", "civil_servant_pay_yuan", "rotation_eligible_teachers", "rotated_teachers",
             "rotated_backbone_teachers", "quality_senior_places", "quality_senior_allocated", "migrant_eligible",
             "migrant_public", "public_education_budget_yuan")  # fmt: skip
"""Facts that the made-up years have too."""
YEARLY_GROWTH = Decimal("0.97")

MONITORED_2022 = {
    "primary": (("chinese", "79.6", "0.067"), ("mathematics", "85.9", "0.037"), ("english", "69.2", "0.179"), ("science", "69.1", "0.032")),
    "junior": (("chinese", "87", "0.12"), ("mathematics", "74.4", "0.134"), ("english", "69.2", "0.168"), ("science", "74.7", "0.097")),
}  # fmt: skip
"""Municipal monitoring of 2022: share of pupils at level III or above in percent, variation between schools."""

BASICALLY_MET = ("G4", "G5", "Q9")
DECLARED = (*(f"R{n}" for n in range(1, 8)), *(f"G{n}" for n in range(1, 16)), *(f"Q{n}" for n in range(1, 10)))


def county_facts(stat_year: int, units: dict[str, str]) -> list[dict[str, Any]]:
    """Return the county facts of a year; `units`: item → unit."""
    name = {"item_code": "county_name", "value_text": COUNTY_NAME, "period_kind": "undated", "period": "未注明"}
    rows = [name | {"source": REPORT, "is_synthetic": False}]
    for item, value, kind, period in PUBLISHED_2023:
        row = {"item_code": item, "value": Decimal(value), "value_unit": units[item] or None}
        if stat_year == 2023:
            rows.append({**row, "period_kind": kind, "period": period, "source": REPORT, "is_synthetic": False})
        elif item in CORE_2023:
            shrunk = (Decimal(value) * YEARLY_GROWTH ** (2023 - stat_year)).quantize(Decimal(1))
            shrunk = Decimal(value) if item.startswith("quota") else shrunk
            period = str(stat_year)
            rows.append(
                {
                    **row,
                    "value": shrunk,
                    "period_kind": "fiscal_year",
                    "period": period,
                    "source": "合成",
                    "is_synthetic": True,
                }
            )
    return rows


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
        for stage, results in MONITORED_2022.items()
        for subject, share, ratio in results
    ]


def declarations(stat_year: int) -> list[dict[str, Any]]:
    """Return the county's own verdicts as its report of 2024 gives them, nothing for the years before."""
    if stat_year != 2023:
        return []
    return [
        {
            "item_code": item,
            "declared_verdict": "basically_met" if item in BASICALLY_MET else "met",
            "declared_text": "报告中的自评结论",
            "evidence": REPORT,
            "is_synthetic": False,
        }
        for item in DECLARED
    ]
