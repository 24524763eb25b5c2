"""Columns that published tables share: which standard and reading, which year and county, how sure."""

import polars as pl

from contracts.fields import COUNTY_CODE, Table, code, flag, text, whole

DEFAULT_READINGS = "readings_id = 'default'"
"""What tables of single units and sites publish: other sets of readings are published by county alone."""
SITE_ID = r"^\d{10}-\d{1,2}$"
STAGE_TEXT = ("学段名称", "小学、初中")
VERDICT_TEXT = ("结论名称", "达标、未达标、无法判定、不涉及")


class ByStandard(Table):
    """Rows under one standard and one set of readings."""

    standard_id: pl.String = text("标准", "评估标准的编号", key=True)
    readings_id: pl.String = text("口径组", "口径(读法)的组合,default 为默认口径", key=True)


class OfCountyYear(Table):
    """Rows of one county and year."""

    stat_year: pl.Int32 = whole("统计年度", "学年开始的年份,2023指2023-2024学年", key=True)
    county_code: pl.String = text("县区代码", "县级行政区划代码,6位", pattern=COUNTY_CODE, key=True)


class OfUnit(ByStandard, OfCountyYear):
    """Rows of one unit: a site and a stage."""

    site_id: pl.String = text("校区编号", "学校标识码-校区号", pattern=SITE_ID, key=True)
    stage: pl.String = code("学段", "小学、初中", "result_stages", key=True)


class Sure(Table):
    """Whether the inputs were complete and real."""

    is_provisional: pl.Boolean = flag("是否暂定", "县区数据带错误接收,结果为暂定")
    is_synthetic: pl.Boolean = flag("是否合成数据", "依据的数据含合成(编造)数据")
