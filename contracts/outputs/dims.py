"""Dimensions: counties and years, sites, items, limits, and the dictionary of all columns."""

from typing import Annotated

import polars as pl

from contracts.fields import Fine, Table, amount, code, flag, text, whole
from contracts.outputs.common import DEFAULT_READINGS, SITE_ID, STAGE_TEXT, ByStandard, OfCountyYear

Limit = Annotated[pl.Decimal, 12, 4]
Ratio = Annotated[pl.Decimal, 6, 4]


class DimCountyYear(OfCountyYear):
    """One row per county and year."""

    county_name: pl.String = text("县区名称", "县区的名称", nullable=True)
    is_provisional: pl.Boolean = flag("是否暂定", "数据带错误接收")
    is_stale: pl.Boolean = flag("是否旧数据", "新报数据有错误被扣留,此处仍为上一次接收的数据")

    class Config:
        """Table."""

        metadata = {"title": "县区年度", "grain": "one row per county and year"}


class DimSite(ByStandard, OfCountyYear):
    """One row per site and year."""

    site_id: pl.String = text("校区编号", "学校标识码-校区号", pattern=SITE_ID, key=True)
    school_code: pl.String = text("学校标识码", "学校(机构)标识码,10位")
    campus_no: pl.Int32 = whole("校区号", "校本部为0")
    school_name: pl.String = text("学校名称", "学校或独立校区的全称", nullable=True)
    school_type_code: pl.String = code("办学类型码", "办学类型(GB/T 33782)", "school_types", nullable=True)
    school_type_text: pl.String = text("办学类型", "办学类型名称", nullable=True)
    urban_rural_code: pl.String = code("城乡分类码", "国家统计局城乡分类", "urban_rural", nullable=True)
    urban_rural_text: pl.String = text("城乡分类", "城乡分类名称", nullable=True)
    sponsor_code: pl.String = code("举办者码", "学校举办者类型", "sponsors", nullable=True)
    sponsor_text: pl.String = text("举办者", "举办者类型名称", nullable=True)
    is_public: pl.Boolean = flag("是否公办", "公办学校为是", nullable=True)
    is_boarding: pl.Boolean = flag("是否寄宿制", "寄宿制学校为是", nullable=True)
    built_year: pl.Int32 = whole("建成年份", "校舍建成投用的年份", nullable=True)
    counts_as_school: pl.Boolean = flag("是否计校数", "教育事业统计中是否计校数", nullable=True)
    target_site_id: pl.String = text("并入校区编号", "按口径并入的校区,未并入为自己", pattern=SITE_ID)
    is_excluded: pl.Boolean = flag("是否不计入", "按标准不计入七项指标")
    exclusion_code: pl.String = code("不计入理由码", "不计入的理由", "reasons", nullable=True)
    exclusion_text: pl.String = text("不计入理由", "不计入的理由", nullable=True)
    is_synthetic: pl.Boolean = flag("是否合成数据", "合成(编造)数据")

    class Config:
        """Table."""

        metadata = {
            "title": "校区",
            "rows": DEFAULT_READINGS,
            "grain": "one row per standard, reading set, site and year",
        }


class DimItem(Table):
    """One row per standard and item."""

    standard_id: pl.String = text("标准", "评估标准的编号", key=True)
    item_code: pl.String = text("指标", "指标代码", key=True)
    item_no: pl.Int32 = whole("序号", "标准中的顺序")
    part: pl.String = code("部分", "资源配置、政府保障、教育质量、社会认可等", "parts")
    part_text: pl.String = text("部分名称", "部分的名称")
    scope: pl.String = code("评估对象", "学校学段、校区、学校、县区", "scopes")
    name_zh: pl.String = text("指标名称", "指标的中文名称")
    name_en: pl.String = text("英文名称", "指标的英文名称")
    unit: pl.String = text("单位", "指标值的单位")
    decimals: pl.Int32 = whole("显示小数位", "显示时的小数位数,比较用未取整值", "位")
    is_evidence: pl.Boolean = flag("是否佐证类", "由人申报并附佐证材料,程序不判")
    is_judged: pl.Boolean = flag("是否参加判断", "工作亮点只列数,不参加判断")
    document: pl.String = text("文件", "标准的文号")
    basis_article: pl.String = text("依据条款", "标准的条款")
    basis_quote: pl.String = text("依据原文", "简短引文")
    basis_source: pl.String = text("依据来源", "引文从何而来")
    is_confirmed: pl.Boolean = flag("是否核对原文", "未核对的为转引")

    class Config:
        """Table."""

        metadata = {"title": "指标", "grain": "one row per standard and item"}


class DimLimit(Table):
    """One row per standard, item, test, stage, case, region and first year."""

    standard_id: pl.String = text("标准", "评估标准的编号", key=True)
    item_code: pl.String = text("指标", "指标代码", key=True)
    test_no: pl.Int32 = whole("检验序号", "一个指标有几项要求时的序号", key=True)
    stage: pl.String = code("学段", "小学、初中、一贯制、义务教育", "result_stages", key=True)
    case_no: pl.Int32 = whole("情形", "0为一般情形,其后为放宽和旁注", key=True)
    region_code: pl.String = text("地区", "区划代码开头,空为各地", key=True)
    from_year: pl.Int32 = whole("起始年度", "自哪一统计年度起,0为一直", key=True)
    test_label: pl.String = text("要求", "这一项要求的名称")
    case_kind: pl.String = text("情形类别", "plain 一般、relaxation 放宽、aside 旁注")
    case_code: pl.String = text("情形代码", "放宽条款的代码")
    case_text: pl.String = text("情形说明", "放宽条款的内容", nullable=True)
    commitment: pl.String = text("承诺", "依靠放宽时的承诺", nullable=True)
    operator: pl.String = text("比较", "与标准的比较方式", nullable=True)
    per: Limit = amount("每", "每多少分母,如每百名", "")
    reading_code: pl.String = text("口径", "只在此口径下适用", nullable=True)
    choice_code: pl.String = text("口径取值", "口径的取值", nullable=True)
    limit_value: Limit = amount("标准值", "达标的界限;空为只列数", "", low=None, nullable=True)
    overlay_id: pl.String = text("叠加文件", "地区叠加文件的编号", nullable=True)
    floor_ratio: Ratio = amount("底线比例", "余项不低于标准的比例", "", nullable=True)
    floor_value: Fine = amount("底线", "标准值乘底线比例", "", nullable=True)
    cv_operator: pl.String = text("差异系数比较", "差异系数与上限的比较方式", nullable=True)
    cv_limit_value: Limit = amount("差异系数上限", "校际差异系数的上限", "", nullable=True)
    basis_article: pl.String = text("依据条款", "标准的条款")
    is_confirmed: pl.Boolean = flag("是否核对原文", "未核对的为转引")
    rounding: pl.String = text("取整", "up 应有数有余数进一、none 不取整")
    is_split: pl.Boolean = flag("是否按学段分摊", "一贯制学校和完全中学各学段合用的资源,按权重分摊")
    met_at_least: pl.Int32 = whole("应达标指标数", "学校综合评估至少应达标的指标数", "项", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "标准值",
            "grain": "one row per standard, item, test, stage, case, region and first year",
        }


class DimTerm(Table):
    """One row per standard, item, test, stage, case, side, measure and year offset."""

    standard_id: pl.String = text("标准", "评估标准的编号", key=True)
    item_code: pl.String = text("指标", "指标代码", key=True)
    test_no: pl.Int32 = whole("检验序号", "一个指标有几项要求时的序号", key=True)
    stage: pl.String = code("学段", "小学、初中、一贯制、义务教育", "result_stages", key=True)
    case_no: pl.Int32 = whole("情形", "0为一般情形,其后为放宽和旁注", key=True)
    side: pl.String = text("位置", "numerator 分子、denominator 分母", key=True)
    measure_code: pl.String = text("测算量", "原始数量的代码", key=True)
    year_offset: pl.Int32 = whole("年度差", "0为本年,-1为上一年", low=None, key=True)
    measure_text: pl.String = text("测算量名称", "原始数量的名称;标准自己数出来的没有名称", nullable=True)
    measure_unit: pl.String = text("测算量单位", "原始数量的单位", nullable=True)
    sign: pl.Int32 = whole("正负", "1为加,-1为减", low=None)

    class Config:
        """Table."""

        metadata = {
            "title": "算式",
            "grain": "one row per standard, item, test, stage, case, side, measure and year offset",
        }


class DimSplit(Table):
    """One row per standard, school type and stage."""

    standard_id: pl.String = text("标准", "评估标准的编号", key=True)
    school_type_code: pl.String = code("办学类型码", "办学类型(GB/T 33782)", "school_types", key=True)
    stage: pl.String = code("学段", "小学、初中、高中", "stages", key=True)
    school_type_text: pl.String = text("办学类型", "办学类型名称")
    stage_text: pl.String = text(*STAGE_TEXT)
    weight: Ratio = amount("分摊权重", "合用资源分摊时一名学生的权重", "")
    basis_article: pl.String = text("依据条款", "标准的条款")
    is_confirmed: pl.Boolean = flag("是否核对原文", "未核对的为转引")

    class Config:
        """Table."""

        metadata = {"title": "分摊权重", "grain": "one row per standard, school type and stage"}


class DimDataDictionary(Table):
    """One row per column of a published table."""

    table_name: pl.String = text("表", "数据表名", key=True)
    column_name: pl.String = text("列", "列名", key=True)
    ordinal: pl.Int32 = whole("序号", "列在表中的顺序")
    table_title: pl.String = text("表名", "数据表的中文名")
    label: pl.String = text("列名称", "列的中文名")
    unit: pl.String = text("单位", "数值的单位")
    description: pl.String = text("说明", "列的含义")
    data_type: pl.String = text("类型", "数据类型")
    is_key: pl.Boolean = flag("是否主键", "主键的一部分")
    is_nullable: pl.Boolean = flag("是否可空", "可以为空")
    allowed: pl.String = text("取值", "代码表或取值范围")

    class Config:
        """Table."""

        metadata = {"title": "数据字典", "grain": "one row per table and column"}
