"""Facts of a county: items, conditions, parts, robustness, obstacles, promises, history."""

from typing import Annotated

import polars as pl

from contracts.fields import Fine, Quantity, amount, code, flag, real, text, whole
from contracts.outputs.common import STAGE_TEXT, VERDICT_TEXT, ByStandard, OfCountyYear, Sure

Limit = Annotated[pl.Decimal, 12, 4]


class OfStandard(OfCountyYear):
    """Rows under one standard and its default readings, or beyond all readings."""

    standard_id: pl.String = text("标准", "评估标准的编号", key=True)


class CountyItem(ByStandard, OfCountyYear, Sure):
    """One row per county and item outside the resource part."""

    item_code: pl.String = text("指标", "指标代码", key=True)
    part: pl.String = code("部分", "政府保障、教育质量、社会认可等", "parts")
    part_text: pl.String = text("部分名称", "部分的名称")
    scope: pl.String = code("评估对象", "按什么判断", "scopes")
    is_evidence: pl.Boolean = flag("是否佐证类", "由人申报并附佐证材料,程序不判")
    entities: pl.Int32 = whole("对象数", "判断的班级组、校区、学校、学科或县区", "个")
    entities_met: pl.Int32 = whole("达标对象数", "达标的对象", "个")
    entities_not_met: pl.Int32 = whole("未达标对象数", "未达标的对象", "个")
    entities_not_assessable: pl.Int32 = whole("无法判定对象数", "缺数据的对象", "个")
    entities_not_applicable: pl.Int32 = whole("不涉及对象数", "不涉及的对象", "个")
    not_met_primary: pl.Int32 = whole("未达标小学数", "未达标的小学", "个")
    not_met_junior: pl.Int32 = whole("未达标初中数", "未达标的初中", "个")
    not_met_combined: pl.Int32 = whole("未达标一贯制学校数", "未达标的一贯制学校", "个")
    relaxed_entities: pl.Int32 = whole("依靠放宽的对象数", "结论依靠放宽条款的对象", "个")
    numerator: Fine = amount("分子", "第一项要求的分子合计", "", low=None, nullable=True)
    denominator: Quantity = amount("分母", "第一项要求的分母合计", "", low=None, nullable=True)
    value: pl.Float64 = real("指标值", "全县一个结果时的指标值,未取整", nullable=True)
    operator: pl.String = text("比较", "与标准的比较方式", nullable=True)
    limit_value: Limit = amount("标准值", "达标的界限;各学段不同时为空", "", low=None, nullable=True)
    period: pl.String = text("时期", "数据的时期;空为统计时点", nullable=True)
    verdict: pl.String = code("结论", "达标、未达标、无法判定、不涉及", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)
    reason_code: pl.String = code("理由", "结论的理由", "reasons")
    reason_text: pl.String = text("理由说明", "结论的理由")
    aside_verdict: pl.String = code("旁注结论", "按不作结论的数字(如市级监测)的结论", "verdicts", nullable=True)
    aside_not_met: pl.Int32 = whole("旁注未达标对象数", "按旁注数字未达标的对象", "个")
    declared_verdict: pl.String = code("自评结论", "县区自己的结论", "declared_verdicts", nullable=True)
    declared_verdict_text: pl.String = text("自评结论名称", "达标、基本达标、未达标", nullable=True)
    declared_text: pl.String = text("自评说明", "自评的文字", nullable=True)
    has_evidence: pl.Boolean = flag("是否有佐证", "申报附有佐证材料")
    agrees: pl.Boolean = flag("是否一致", "自评结论与本结论一致;无法判定的为空", nullable=True)
    evidence: pl.String = text("佐证材料", "申报所附佐证材料的名称或编号", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "县区指标", "grain": "one row per standard, reading set, county, item and year"}


class CountyCondition(OfStandard, Sure):
    """One row per precondition or veto."""

    part: pl.String = code("部分", "前置条件、一票否决", "parts", key=True)
    condition_code: pl.String = text("条件", "前置条件或否决项的代码", key=True)
    condition_text: pl.String = text("条件名称", "前置条件或否决项")
    since_year: pl.Int32 = whole("起始年份", "自哪一年起满足", nullable=True)
    has_evidence: pl.Boolean = flag("是否有佐证", "申报附有佐证材料")
    verdict: pl.String = code("结论", "达标、未达标、无法判定", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)
    reason_code: pl.String = code("理由", "结论的理由", "reasons")
    reason_text: pl.String = text("理由说明", "结论的理由")

    class Config:
        """Table."""

        metadata = {"title": "前置条件与一票否决", "grain": "one row per standard, county, condition and year"}


class CountyComponent(ByStandard, OfCountyYear, Sure):
    """One row per county and component of the verdict."""

    part: pl.String = code("部分", "资源配置、政府保障等", "parts", key=True)
    component_code: pl.String = text("组成", "校校达标、校际均衡、指标或条件的代码", key=True)
    part_text: pl.String = text("部分名称", "部分的名称")
    component_text: pl.String = text("组成名称", "组成的名称", nullable=True)
    things: pl.Int32 = whole("对象数", "判断的对象", "个")
    things_met: pl.Int32 = whole("达标对象数", "达标的对象", "个")
    things_not_met: pl.Int32 = whole("未达标对象数", "未达标的对象", "个")
    things_not_assessable: pl.Int32 = whole("无法判定对象数", "缺数据的对象", "个")
    verdict: pl.String = code("结论", "达标、未达标、无法判定、不涉及", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)

    class Config:
        """Table."""

        metadata = {"title": "结论的组成", "grain": "one row per standard, reading set, county, component and year"}


class CountyPart(ByStandard, OfCountyYear, Sure):
    """One row per county and part, overall for all parts."""

    part: pl.String = code("部分", "资源配置、政府保障等,overall 为总体", "parts", key=True)
    part_text: pl.String = text("部分名称", "部分的名称")
    components: pl.Int32 = whole("组成数", "这一部分的组成", "个")
    components_met: pl.Int32 = whole("达标组成数", "达标的组成", "个")
    components_not_met: pl.Int32 = whole("未达标组成数", "未达标的组成", "个")
    components_not_assessable: pl.Int32 = whole("无法判定组成数", "无法判定的组成", "个")
    components_not_applicable: pl.Int32 = whole("不涉及组成数", "不涉及的组成", "个")
    verdict: pl.String = code("结论", "达标、未达标、无法判定、不涉及", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)

    class Config:
        """Table."""

        metadata = {"title": "各部分结论", "grain": "one row per standard, reading set, county, part and year"}


class VerdictRobustness(OfStandard, Sure):
    """One row per county and component."""

    part: pl.String = code("部分", "资源配置、政府保障等,overall 为总体", "parts", key=True)
    component_code: pl.String = text("组成", "指标代码等,overall 为总体", key=True)
    sets: pl.Int32 = whole("口径组数", "评估过的口径组合", "组")
    sets_met: pl.Int32 = whole("达标口径组数", "结论达标的口径组合", "组")
    sets_not_met: pl.Int32 = whole("未达标口径组数", "结论未达标的口径组合", "组")
    sets_not_assessable: pl.Int32 = whole("无法判定口径组数", "无法判定的口径组合", "组")
    default_verdict: pl.String = code("默认结论", "默认口径下的结论", "verdicts")
    default_verdict_text: pl.String = text("默认结论名称", "默认口径下的结论")
    robustness: pl.String = code("稳健性", "结论是否取决于口径", "robustness")
    robustness_text: pl.String = text("稳健性说明", "结论是否取决于口径")
    flip_readings_id: pl.String = text("翻转口径", "改变最少而结论不同的口径组合", nullable=True)
    flip_verdict: pl.String = code("翻转结论", "该口径组合下的结论", "verdicts", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "结论的稳健性", "grain": "one row per standard, county, component and year"}


class Obstacle(OfStandard, Sure):
    """One row per thing that stands between a county and the standard."""

    obstacle_no: pl.Int32 = whole("序号", "由近到远", key=True)
    part: pl.String = code("部分", "资源配置、政府保障等", "parts")
    part_text: pl.String = text("部分名称", "部分的名称")
    component_code: pl.String = text("组成", "指标代码等")
    scope: pl.String = code("评估对象", "按什么判断", "scopes")
    scope_id: pl.String = text("对象编号", "校区编号、学校标识码、学科或县区代码")
    name: pl.String = text("对象名称", "学校或学科的名称", nullable=True)
    stage: pl.String = code("学段", "小学、初中、一贯制、义务教育", "result_stages")
    stage_text: pl.String = text(*STAGE_TEXT)
    test_no: pl.Int32 = whole("检验序号", "一个指标有几项要求时的序号")
    label: pl.String = text("要求", "差在哪一项要求")
    verdict: pl.String = code("结论", "未达标、无法判定", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)
    reason_code: pl.String = code("理由", "结论的理由", "reasons")
    reason_text: pl.String = text("理由说明", "结论的理由")
    value: pl.Float64 = real("现值", "未取整的现值", nullable=True)
    operator: pl.String = text("比较", "与标准的比较方式", nullable=True)
    limit_value: pl.Float64 = real("标准值", "达标的界限", nullable=True)
    gap_quantity: pl.Float64 = real("差额", "还差(或超过)的数量,单位同分子", nullable=True)
    distance: pl.Float64 = real("相对差距", "差额占应有的比例;空为没有数可比", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "差距清单", "grain": "one row per standard, county, obstacle and year"}


class Commitment(OfStandard, Sure):
    """One row per promise and year in which it is tested."""

    promised_year: pl.Int32 = whole("承诺年度", "作出承诺的统计年度", key=True)
    commitment_no: pl.Int32 = whole("承诺序号", "当年承诺的序号", key=True)
    item_code: pl.String = text("指标", "承诺的指标")
    promised_text: pl.String = text("承诺", "承诺的内容")
    due_year: pl.Int32 = whole("期限", "应兑现的年份", nullable=True)
    item_verdict: pl.String = code("指标结论", "检验当年的指标结论", "verdicts", nullable=True)
    item_verdict_text: pl.String = text("指标结论名称", "检验当年的指标结论", nullable=True)
    entities_not_met: pl.Int32 = whole("未达标对象数", "检验当年未达标的对象", "个", nullable=True)
    status: pl.String = code("状态", "已兑现、未到期、到期未兑现、无法判定", "commitment_statuses")
    status_text: pl.String = text("状态名称", "承诺是否兑现")

    class Config:
        """Table."""

        metadata = {"title": "承诺", "grain": "one row per standard, county, promise and year of the test"}


class History(OfStandard, Sure):
    """One row per unit or county, stage, item, figure and year."""

    scope: pl.String = code("评估对象", "学校学段、县区", "scopes", key=True)
    scope_id: pl.String = text("对象编号", "校区编号或县区代码", key=True)
    stage: pl.String = code("学段", "小学、初中、义务教育", "result_stages", key=True)
    item_code: pl.String = text("指标", "指标代码", key=True)
    figure: pl.String = text("数字", "value 指标值(县区指标没有指标值的为未达标对象数)、cv 差异系数", key=True)
    value: pl.Float64 = real("数值", "未取整", nullable=True)
    prev_year: pl.Int32 = whole("上一年度", "前一个有数据的年度", nullable=True)
    prev_value: pl.Float64 = real("上年数值", "前一个年度的数值", nullable=True)
    change: pl.Float64 = real("变化", "数值减上年数值", nullable=True)
    rank_in_county: pl.Int32 = whole("县内位次", "从高到低", nullable=True)
    prev_rank: pl.Int32 = whole("上年位次", "前一个年度的位次", nullable=True)
    verdict: pl.String = code("结论", "本年结论", "verdicts")
    prev_verdict: pl.String = code("上年结论", "前一个年度的结论", "verdicts", nullable=True)
    cause: pl.String = code("变化来由", "实际变化,还是标准、放宽或学校变动", "change_causes")
    cause_text: pl.String = text("变化来由名称", "变化从何而来")
    successor_site_id: pl.String = text("并入校区", "后来并入的校区", nullable=True)
    left_year: pl.Int32 = whole("离开年度", "并入其他学校的年度", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "历年", "grain": "one row per standard, unit or county, stage, item, figure and year"}
