"""Tables for people: a school on one line, the counties of a region by item."""

import polars as pl

from contracts.fields import Table, code, flag, real, text, whole
from contracts.outputs.common import DEFAULT_READINGS, STAGE_TEXT, VERDICT_TEXT, OfUnit


class Scorecard(OfUnit):
    """One row per unit, the seven indicators side by side."""

    county_name: pl.String = text("县区名称", "县区的名称", nullable=True)
    stage_text: pl.String = text(*STAGE_TEXT)
    school_name: pl.String = text("学校名称", "学校或独立校区的全称", nullable=True)
    school_type_text: pl.String = text("办学类型", "办学类型名称", nullable=True)
    pupils: pl.Int64 = whole("在校生数", "本学段在校生数", "人", nullable=True)
    r1_value: pl.Float64 = real("每百名学生高于规定学历教师数", "指标R1的值,未取整", "人", nullable=True)
    r1_verdict_text: pl.String = text("R1结论", "指标R1是否达标", nullable=True)
    r2_value: pl.Float64 = real("每百名学生县级以上骨干教师数", "指标R2的值,未取整", "人", nullable=True)
    r2_verdict_text: pl.String = text("R2结论", "指标R2是否达标", nullable=True)
    r3_value: pl.Float64 = real("每百名学生体育艺术教师数", "指标R3的值,未取整", "人", nullable=True)
    r3_verdict_text: pl.String = text("R3结论", "指标R3是否达标", nullable=True)
    r4_value: pl.Float64 = real("生均教学及辅助用房面积", "指标R4的值,未取整", "㎡", nullable=True)
    r4_verdict_text: pl.String = text("R4结论", "指标R4是否达标", nullable=True)
    r5_value: pl.Float64 = real("生均体育运动场馆面积", "指标R5的值,未取整", "㎡", nullable=True)
    r5_verdict_text: pl.String = text("R5结论", "指标R5是否达标", nullable=True)
    r6_value: pl.Float64 = real("生均教学仪器设备值", "指标R6的值,未取整", "元", nullable=True)
    r6_verdict_text: pl.String = text("R6结论", "指标R6是否达标", nullable=True)
    r7_value: pl.Float64 = real("每百名学生网络多媒体教室数", "指标R7的值,未取整", "间", nullable=True)
    r7_verdict_text: pl.String = text("R7结论", "指标R7是否达标", nullable=True)
    items: pl.Int32 = whole("指标数", "参与判断的指标数", "项")
    met_items: pl.Int32 = whole("达标指标数", "达到标准的指标数", "项")
    verdict: pl.String = text("结论", "综合评估结论代码")
    verdict_text: pl.String = text(*VERDICT_TEXT)
    reason_text: pl.String = text("理由说明", "结论的理由")
    is_provisional: pl.Boolean = flag("是否暂定", "县区数据带错误接收,结果为暂定")
    is_synthetic: pl.Boolean = flag("是否合成数据", "依据的数据含合成(编造)数据")

    class Config:
        """Table."""

        metadata = {
            "title": "学校成绩单",
            "rows": DEFAULT_READINGS,
            "grain": "one row per standard, reading set, unit and year",
        }


class RegionItem(Table):
    """One row per region and component of the verdict, or coefficient of a stage."""

    standard_id: pl.String = text("标准", "评估标准的编号", key=True)
    region_code: pl.String = text("地区代码", "省级为区划代码前2位,地市级为前4位", pattern=r"^\d{2}(\d{2})?$", key=True)
    stat_year: pl.Int32 = whole("统计年度", "学年开始的年份,2023指2023-2024学年", key=True)
    part: pl.String = code("部分", "资源配置、政府保障等", "parts", key=True)
    component_code: pl.String = text("组成", "校校达标、校际均衡、指标或条件的代码", key=True)
    stage: pl.String = code("学段", "差异系数分小学、初中,其他为义务教育", "result_stages", key=True)
    region_level: pl.String = code("地区级别", "省级、地市级", "region_levels")
    region_level_text: pl.String = text("地区级别名称", "省级、地市级")
    part_text: pl.String = text("部分名称", "部分的名称")
    stage_text: pl.String = text(*STAGE_TEXT)
    component_text: pl.String = text("组成名称", "组成的名称", nullable=True)
    counties: pl.Int32 = whole("县区数", "评估这一项的县区", "个")
    counties_met: pl.Int32 = whole("达标县区数", "这一项达标的县区", "个")
    counties_not_met: pl.Int32 = whole("未达标县区数", "这一项未达标的县区", "个")
    counties_not_assessable: pl.Int32 = whole("无法判定县区数", "这一项无法判定的县区", "个")
    counties_not_applicable: pl.Int32 = whole("不涉及县区数", "这一项不涉及的县区", "个")
    counties_only_not_met: pl.Int32 = whole(
        "仅此项未达标县区数", "没有其他未达标项(可有无法判定的)的县区;单个差异系数为空", "个", nullable=True
    )
    counties_only_open: pl.Int32 = whole(
        "只差此项县区数", "其他各项都达标或不涉及的县区;单个差异系数为空", "个", nullable=True
    )
    not_met_rank: pl.Int32 = whole("未达标位次", "未达标县区数从多到少的位次,并列同位")
    figures: pl.Int32 = whole("有数县区数", "有一个全县数值的县区", "个")
    lowest: pl.Float64 = real("最低值", "各县区数值(指标值或全县平均值)的最低,六位小数", nullable=True)
    highest: pl.Float64 = real("最高值", "各县区数值的最高,六位小数", nullable=True)
    mean: pl.Float64 = real("各县平均", "各县区数值的简单平均", nullable=True)
    between_cv: pl.Float64 = real("县际差异", "各县区数值的不加权变异系数,不作判断", nullable=True)
    is_provisional: pl.Boolean = flag("是否暂定", "有县区的结果为暂定")
    is_synthetic: pl.Boolean = flag("是否合成数据", "有县区的数据为合成(编造)")

    class Config:
        """Table."""

        metadata = {
            "title": "地区各项",
            "grain": "one row per standard, region, year, part, component and stage",
            "usage": "a province and its cities are rows of one table: choose one region_level before adding up",
        }
