"""What every input row carries: the year, the county, and whether it was made up."""

import polars as pl

from contracts.fields import COUNTY_CODE, SCHOOL_CODE, Table, code, flag, text, whole


class CountyYear(Table):
    """Rows of one county and year."""

    stat_year: pl.Int32 = whole(
        "统计年度", "学年开始的年份,2023指2023-2024学年,以9月1日为准", low=1990, le=2100, key=True
    )
    county_code: pl.String = text("县区代码", "县级行政区划代码,6位(GB/T 2260)", pattern=COUNTY_CODE, key=True)


class OfSite(CountyYear):
    """Rows of one site: a school, or one of its independent campuses."""

    school_code: pl.String = text("学校标识码", "学校(机构)标识码,10位,按文本保存", pattern=SCHOOL_CODE, key=True)
    campus_no: pl.Int32 = whole("校区号", "独立校区的序号,校本部为0", le=99, key=True)


class OfStage(OfSite):
    """Rows of one site and stage."""

    stage: pl.String = code("学段", "小学、初中、高中;附设幼儿班单列", "stages", key=True)


class Marked(Table):
    """The mark of made-up rows, last column of every input table."""

    is_synthetic: pl.Boolean = flag("是否合成数据", "演示或测试用的编造数据填「是」,真实数据可不设此列", optional=True)
