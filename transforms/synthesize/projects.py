"""Building projects of the demo county: made up, but in 2023 they add up to what the district published."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

PROJECTS = (
    (2021, 1620, "26500", "31000", "198000000"),
    (2021, 1080, "17600", "21500", "131000000"),
    (2022, 1350, "22000", "26000", "164000000"),
    (2022, 1485, "24200", "29500", "181000000"),
    (2023, 1620, "26700", "31500", "199000000"),
    (2023, 1050, "17000", "20500", "127000000"),
)
"""Year of opening, seats, floor area and land in m², investment in yuan."""


def projects(stat_year: int) -> list[dict[str, Any]]:
    """Return the projects opened up to a year, one row each, all of them made up."""
    return [
        {
            "project_no": number,
            "project_name": f"演示建设项目{number}",
            "opened_year": opened,
            "seats_added": seats,
            "floor_area_m2": Decimal(floor),
            "land_m2": Decimal(land),
            "investment_yuan": Decimal(investment),
            "document": "合成",
        }
        for number, (opened, seats, floor, land, investment) in enumerate(PROJECTS, start=1)
        if opened <= stat_year
    ]
