"""Long tables of numbers that are not school counts: money by school, facts of the county."""

from typing import Annotated

import polars as pl

from contracts.fields import SCHOOL_CODE, Amount, code, text, whole
from contracts.fields import amount as number
from contracts.inputs.common import CountyYear, Marked

Fact = Annotated[pl.Decimal, 18, 4]


class Dated(Marked):
    """A value with its unit, the period it belongs to and where it comes from."""

    value: Fact = number("数值", "项目的数值,单位见「单位」列", "", nullable=True, low=None)
    value_text: pl.String = text("文字值", "不是数字的项目(如名称)的内容", nullable=True)
    value_unit: pl.String = text("单位", "数值的单位,与项目清单一致", nullable=True)
    period_kind: pl.String = code("时期类别", "时点、学年、财政年度等", "period_kinds")
    period: pl.String = text("时期", "时点写日期(2023-09-01),学年写2023-2024,财政年度写2023")
    source: pl.String = text("数据来源", "文件、报表或部门", nullable=True)


class Finance(CountyYear, Dated):
    """One row per school, item and year."""

    school_code: pl.String = text("学校标识码", "学校(机构)标识码,10位", pattern=SCHOOL_CODE, key=True)
    item_code: pl.String = code("项目", "学校经费项目", "finance_items", key=True)

    class Config:
        """Table."""

        metadata = {
            "title": "学校经费",
            "every_year": "yes",
            "grain": "one row per school, finance item and year",
            "grain_zh": "一所学校的一个经费项目",
        }


class CountyFact(CountyYear, Dated):
    """One row per county, item and year."""

    item_code: pl.String = code("项目", "县区事实项目", "county_items", key=True)

    class Config:
        """Table."""

        metadata = {
            "title": "县区事实",
            "every_year": "yes",
            "grain": "one row per county, item and year",
            "grain_zh": "全县的一个项目",
        }


class Project(CountyYear, Marked):
    """One row per building project known in a year."""

    project_no: pl.Int32 = whole("项目序号", "同一项目各年用同一序号", low=1, key=True)
    project_name: pl.String = text("项目名称", "新建、改扩建的学校或校舍")
    opened_year: pl.Int32 = whole("投用年份", "建成投用的年份,如 2022", low=1990, le=2100)
    seats_added: pl.Int32 = whole("新增学位", "项目新增的学位", "个", nullable=True)
    floor_area_m2: Amount = number("新增校舍面积", "项目新增的校舍建筑面积", "㎡", nullable=True)
    land_m2: Amount = number("新增校地面积", "项目新增的学校用地面积", "㎡", nullable=True)
    investment_yuan: Amount = number("投资", "项目的总投资", "元", nullable=True)
    document: pl.String = text("出处", "立项、验收文件或文号", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "建设项目",
            "grain": "one row per county, building project and year",
            "grain_zh": "一个建设项目；本年度及以前投用的都列",
        }
