"""Wide tables for people."""

import polars as pl

from contracts.fields import flag, real, text, whole
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
