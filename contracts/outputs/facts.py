"""Facts: measures, results, the school rule, coefficients, the county."""

from typing import Annotated

import polars as pl

from contracts.fields import Amount, Fine, Quantity, amount, code, flag, real, text, whole
from contracts.outputs.common import DEFAULT_READINGS, STAGE_TEXT, VERDICT_TEXT, ByStandard, OfCountyYear, OfUnit, Sure

Limit = Annotated[pl.Decimal, 12, 4]
Weight = Annotated[pl.Decimal, 6, 2]
Whole18 = Annotated[pl.Decimal, 18, 0]


class Measure(ByStandard, OfCountyYear):
    """One row per scope id, stage and measure."""

    scope: pl.String = code("评估对象", "学校学段、校区、学校、县区", "scopes", key=True)
    scope_id: pl.String = text("对象编号", "校区编号、学校标识码或县区代码", key=True)
    stage: pl.String = code("学段", "小学、初中、一贯制、义务教育", "result_stages", key=True)
    measure_code: pl.String = text("测算量", "原始数量的代码:测算量、县区事实、学校经费、标准的计数", key=True)
    quantity: Quantity = amount("数量", "分摊前的数量,单位见测算量代码表;空为缺报", "", low=None, nullable=True)
    period: pl.String = text("时期", "县区事实和经费的时期;空为统计时点", nullable=True)
    is_site_wide: pl.Boolean = flag("是否全校合报", "一贯制学校和完全中学各学段合报的资源")
    is_synthetic: pl.Boolean = flag("是否合成数据", "依据的数据含合成(编造)数据")

    class Config:
        """Table."""

        metadata = {
            "title": "测算量",
            "rows": DEFAULT_READINGS,
            "grain": "one row per standard, reading set, scope, scope id, stage, measure and year",
            "usage": "is_site_wide rows hold the whole site's resource in each of its units: do not add them up",
        }


class Result(ByStandard, OfCountyYear, Sure):
    """One row per scope id, stage, item and test."""

    scope: pl.String = code("评估对象", "学校学段、校区、学校、县区", "scopes", key=True)
    scope_id: pl.String = text("对象编号", "校区编号、学校标识码或县区代码", key=True)
    stage: pl.String = code("学段", "小学、初中、一贯制、义务教育", "result_stages", key=True)
    item_code: pl.String = text("指标", "指标代码", key=True)
    test_no: pl.Int32 = whole("检验序号", "一个指标有几项要求时的序号", key=True)
    test_label: pl.String = text("要求", "这一项要求的名称")
    stage_text: pl.String = text(*STAGE_TEXT)
    numerator: Fine = amount("分子", "判断所用的数量,合用资源为分摊后的数(六位小数)", "", low=None, nullable=True)
    denominator: Quantity = amount("分母", "在校生数等;没有分母的为1", "", low=None, nullable=True)
    value: pl.Float64 = real("指标值", "未取整的指标值,单位见指标表", nullable=True)
    operator: pl.String = text("比较", "与标准的比较方式", nullable=True)
    limit_value: Limit = amount("标准值", "达标的界限;空为只列数", "", low=None, nullable=True)
    overlay_id: pl.String = text("叠加文件", "标准值出自的地区叠加文件", nullable=True)
    case_no: pl.Int32 = whole("情形", "0为一般情形,其他为放宽情形的序号")
    relaxation_code: pl.String = text("放宽条款", "结论依靠的放宽条款", nullable=True)
    relaxation_text: pl.String = text("放宽说明", "放宽条款的内容", nullable=True)
    commitment: pl.String = text("承诺", "依靠放宽时的承诺", nullable=True)
    have: Fine = amount("实有", "比较时的左边:数量×每(人、百人)", "", low=None, nullable=True)
    need: Fine = amount("应有", "比较时的右边:标准值×分母", "", low=None, nullable=True)
    plain_numerator: Fine = amount("未放宽分子", "不计放宽的数量,差异系数用", "", low=None, nullable=True)
    whole_numerator: Quantity = amount("分摊前分子", "分摊前的全校数量", "", low=None, nullable=True)
    is_shared: pl.Boolean = flag("是否分摊", "与本校其他学段合用,按权重分摊", nullable=True)
    weight: Weight = amount("分摊权重", "本学段学生的分摊权重;空为不分摊或没有此学段的权重", "", nullable=True)
    weighted_pupils: Amount = amount("加权学生数", "全校各学段学生数乘权重之和", "人", nullable=True)
    period: pl.String = text("时期", "数据的时期;空为统计时点", nullable=True)
    verdict: pl.String = code("结论", "达标、未达标、无法判定、不涉及", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)
    is_above_floor: pl.Boolean = flag("是否达到底线", "不低于标准的85%等底线", nullable=True)
    reason_code: pl.String = code("理由", "结论的理由", "reasons")
    reason_text: pl.String = text("理由说明", "结论的理由")
    aside_value: pl.Float64 = real("旁注值", "不作结论的数字,如市级监测", nullable=True)
    aside_verdict: pl.String = code("旁注结论", "按旁注数字的结论,不参加判断", "verdicts", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "指标结果",
            "rows": DEFAULT_READINGS,
            "grain": "one row per standard, reading set, scope, scope id, stage, item, test and year",
        }


class SchoolSummary(OfUnit, Sure):
    """One row per unit."""

    stage_text: pl.String = text(*STAGE_TEXT)
    school_name: pl.String = text("学校名称", "学校或独立校区的全称", nullable=True)
    school_type_code: pl.String = code("办学类型码", "办学类型(GB/T 33782)", "school_types", nullable=True)
    pupils: pl.Int64 = whole("在校生数", "本学段在校生数", "人", nullable=True)
    items: pl.Int32 = whole("指标数", "参与判断的指标数", "项")
    met_at_least: pl.Int32 = whole("应达标指标数", "至少应达标的指标数", "项")
    met_items: pl.Int32 = whole("达标指标数", "达到标准的指标数", "项")
    not_met_items: pl.Int32 = whole("未达标指标数", "低于标准的指标数", "项")
    below_floor_items: pl.Int32 = whole("低于底线指标数", "低于标准85%等底线的指标数", "项")
    missing_items: pl.Int32 = whole("缺数据指标数", "无法判定的指标数", "项")
    verdict: pl.String = code("结论", "综合评估是否达标", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)
    reason_code: pl.String = code("理由", "结论的理由", "reasons")
    reason_text: pl.String = text("理由说明", "结论的理由")

    class Config:
        """Table."""

        metadata = {
            "title": "学校综合评估",
            "rows": DEFAULT_READINGS,
            "grain": "one row per standard, reading set, unit and year",
        }


class VarianceShare(OfUnit, Sure):
    """One row per unit and item of the coefficient."""

    item_code: pl.String = text("指标", "指标代码", key=True)
    pupils: pl.Int64 = whole("在校生数", "本学段在校生数", "人", nullable=True)
    numerator: Fine = amount("分子", "本学段的数量(分摊后)", "", low=None, nullable=True)
    value: pl.Float64 = real("指标值", "未取整的指标值", nullable=True)
    deviation: pl.Float64 = real("相对离差", "指标值除以全县平均值减一", nullable=True)
    variance_term: Whole18 = amount("方差项", "学生数×离差平方×1e10,四舍五入为整数", "", nullable=True)
    variance_share: pl.Float64 = real("方差占比", "本校在全县方差中的份额", nullable=True)
    is_known: pl.Boolean = flag("是否可计算", "分子和学生数都有")

    class Config:
        """Table."""

        metadata = {
            "title": "离差与方差占比",
            "rows": DEFAULT_READINGS,
            "grain": "one row per standard, reading set, unit, item and year",
        }


class CountyCv(ByStandard, OfCountyYear, Sure):
    """One row per county, stage and item."""

    stage: pl.String = code("学段", "小学、初中、一贯制、义务教育", "result_stages", key=True)
    item_code: pl.String = text("指标", "指标代码", key=True)
    stage_text: pl.String = text(*STAGE_TEXT)
    units: pl.Int32 = whole("学校数", "有学生的单位数", "个")
    known_units: pl.Int32 = whole("可计算学校数", "分子和学生数都有的单位数", "个")
    pupils: pl.Int64 = whole("学生数", "可计算单位的学生数合计", "人", nullable=True)
    numerator: Fine = amount("分子合计", "可计算单位的分子合计", "", low=None, nullable=True)
    weighted_mean: pl.Float64 = real("全县平均值", "分子合计除以学生数合计", nullable=True)
    weighted_sd: pl.Float64 = real("加权标准差", "按学生数加权的标准差", nullable=True)
    cv: pl.Float64 = real("差异系数", "按学生数加权的校际差异系数,未取整", nullable=True)
    unweighted_cv: pl.Float64 = real("不加权差异系数", "各校同等看待的变异系数,仅供比较", nullable=True)
    operator: pl.String = text("比较", "与标准的比较方式", nullable=True)
    limit_value: Limit = amount("标准值", "差异系数的上限;空为只列数", "", nullable=True)
    margin: pl.Float64 = real("余量", "上限减差异系数", nullable=True)
    top_site_id: pl.String = text("最高校", "指标值最高的校区编号", nullable=True)
    top_value: pl.Float64 = real("最高值", "最高的指标值", nullable=True)
    bottom_site_id: pl.String = text("最低校", "指标值最低的校区编号", nullable=True)
    bottom_value: pl.Float64 = real("最低值", "最低的指标值", nullable=True)
    verdict: pl.String = code("结论", "差异系数是否达标", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)
    reason_code: pl.String = code("理由", "结论的理由", "reasons")
    reason_text: pl.String = text("理由说明", "结论的理由")

    class Config:
        """Table."""

        metadata = {
            "title": "校际差异系数",
            "grain": "one row per standard, reading set, county, stage, item and year",
        }


class CountySummary(ByStandard, OfCountyYear, Sure):
    """One row per county and year."""

    schools: pl.Int32 = whole("学校数", "有独立标识码的学校", "所")
    sites: pl.Int32 = whole("校区数", "学校和独立校区", "个")
    excluded_sites: pl.Int32 = whole("不计入校区数", "按标准不计入的校区和教学点", "个")
    units: pl.Int32 = whole("评估单位数", "校区×学段", "个")
    pupils: pl.Int64 = whole("在校生数", "义务教育在校生", "人", nullable=True)
    units_met: pl.Int32 = whole("达标单位数", "综合评估达标的单位", "个")
    units_not_met: pl.Int32 = whole("未达标单位数", "综合评估未达标的单位", "个")
    units_not_assessable: pl.Int32 = whole("无法判定单位数", "缺数据的单位", "个")
    coefficients: pl.Int32 = whole("差异系数个数", "应评的差异系数", "个")
    coefficients_met: pl.Int32 = whole("达标差异系数个数", "达标的差异系数", "个")
    coefficients_not_met: pl.Int32 = whole("未达标差异系数个数", "未达标的差异系数", "个")
    coefficients_not_assessable: pl.Int32 = whole("无法判定差异系数个数", "缺数据的差异系数", "个")
    schools_verdict: pl.String = code("校校达标", "所有单位综合评估", "verdicts")
    coefficients_verdict: pl.String = code("校际均衡", "所有差异系数", "verdicts")
    resource_verdict: pl.String = code("资源配置结论", "资源配置部分的结论;空为标准没有此部分", "verdicts")
    resource_verdict_text: pl.String = text("资源配置结论名称", "资源配置部分的结论")
    government_components: pl.Int32 = whole("政府保障项数", "政府保障部分的指标数", "项", nullable=True)
    government_met: pl.Int32 = whole("政府保障达标项数", "达标的指标数", "项", nullable=True)
    government_not_met: pl.Int32 = whole("政府保障未达标项数", "未达标的指标数", "项", nullable=True)
    government_not_assessable: pl.Int32 = whole("政府保障无法判定项数", "无法判定的指标数", "项", nullable=True)
    government_verdict: pl.String = code(
        "政府保障结论", "政府保障部分的结论;空为标准没有此部分", "verdicts", nullable=True
    )
    government_verdict_text: pl.String = text("政府保障结论名称", "政府保障部分的结论", nullable=True)
    quality_components: pl.Int32 = whole("教育质量项数", "教育质量部分的指标数", "项", nullable=True)
    quality_met: pl.Int32 = whole("教育质量达标项数", "达标的指标数", "项", nullable=True)
    quality_not_met: pl.Int32 = whole("教育质量未达标项数", "未达标的指标数", "项", nullable=True)
    quality_not_assessable: pl.Int32 = whole("教育质量无法判定项数", "无法判定的指标数", "项", nullable=True)
    quality_verdict: pl.String = code(
        "教育质量结论", "教育质量部分的结论;空为标准没有此部分", "verdicts", nullable=True
    )
    quality_verdict_text: pl.String = text("教育质量结论名称", "教育质量部分的结论", nullable=True)
    recognition_verdict: pl.String = code(
        "社会认可度结论", "社会认可度部分的结论;空为标准没有此部分", "verdicts", nullable=True
    )
    recognition_verdict_text: pl.String = text("社会认可度结论名称", "社会认可度部分的结论", nullable=True)
    precondition_verdict: pl.String = code(
        "前置条件结论", "前置条件部分的结论;空为标准没有此部分", "verdicts", nullable=True
    )
    precondition_verdict_text: pl.String = text("前置条件结论名称", "前置条件部分的结论", nullable=True)
    veto_verdict: pl.String = code("一票否决结论", "一票否决部分的结论;空为标准没有此部分", "verdicts", nullable=True)
    veto_verdict_text: pl.String = text("一票否决结论名称", "一票否决部分的结论", nullable=True)
    overall_verdict: pl.String = code("总体结论", "总体部分的结论;空为标准没有此部分", "verdicts")
    overall_verdict_text: pl.String = text("总体结论名称", "总体部分的结论")
    robustness: pl.String = code("稳健性", "结论是否取决于口径", "robustness")
    robustness_text: pl.String = text("稳健性说明", "结论是否取决于口径", nullable=True)
    sentence_zh: pl.String = text("一句话结论", "各部分结论的一句话")
    sentence_en: pl.String = text("英文结论", "the verdict in one sentence")

    class Config:
        """Table."""

        metadata = {"title": "县区汇总", "grain": "one row per standard, reading set, county and year"}


class CountyComposite(ByStandard, OfCountyYear, Sure):
    """One row per county and stage, for standards with a composite."""

    stage: pl.String = code("学段", "小学、初中", "result_stages", key=True)
    stage_text: pl.String = text(*STAGE_TEXT)
    items: pl.Int32 = whole("指标数", "差异系数的个数", "个")
    known_items: pl.Int32 = whole("可计算指标数", "可计算的差异系数", "个")
    composite: pl.Float64 = real("综合差异系数", "各项差异系数的平均,未取整", nullable=True)
    operator: pl.String = text("比较", "与标准的比较方式")
    limit_value: Limit = amount("标准值", "综合差异系数的上限", "")
    verdict: pl.String = code("结论", "综合差异系数是否达标", "verdicts")
    verdict_text: pl.String = text(*VERDICT_TEXT)
    reason_code: pl.String = code("理由", "结论的理由", "reasons")
    reason_text: pl.String = text("理由说明", "结论的理由")

    class Config:
        """Table."""

        metadata = {"title": "综合差异系数", "grain": "one row per standard, reading set, county, stage and year"}


class Dispersion(OfCountyYear, Sure):
    """One row per county, stage, item and kind."""

    standard_id: pl.String = text("标准", "评估标准的编号", key=True)
    stage: pl.String = code("学段", "小学、初中", "result_stages", key=True)
    item_code: pl.String = text("指标", "指标代码", key=True)
    kind: pl.String = code("种类", "基尼系数、泰尔指数等", "dispersion_kinds", key=True)
    kind_text: pl.String = text("种类名称", "离散程度的种类")
    value: pl.Float64 = real("数值", "未取整,不作判断", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "其他离散程度", "grain": "one row per standard, county, stage, item, kind and year"}
