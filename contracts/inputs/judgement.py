"""What people state: own verdicts, preconditions, vetoes, claims, printed figures, links between schools."""

import polars as pl

from contracts.fields import ISO_DATE, ITEM_CODE, SCHOOL_CODE, code, flag, text, whole
from contracts.inputs.common import CountyYear, Marked


class Declaration(CountyYear, Marked):
    """One row per item and year: the county's own verdict."""

    item_code: pl.String = text("指标", "指标代码,如 G4、Q9", pattern=ITEM_CODE, key=True)
    declared_verdict: pl.String = code("自评结论", "达标、基本达标、未达标", "declared_verdicts")
    declared_text: pl.String = text("自评说明", "自评的文字", nullable=True)
    evidence: pl.String = text("佐证材料", "佐证材料的文件名或编号", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "自评结论",
            "grain": "one row per county, item and year",
            "grain_zh": "一项指标的自评结论",
        }


class Precondition(CountyYear, Marked):
    """One row per precondition and year."""

    precondition_code: pl.String = code("前置条件", "申报的前置条件", "preconditions", key=True)
    is_fulfilled: pl.Boolean = flag("是否满足", "满足填「是」")
    since_year: pl.Int32 = whole("起始年份", "自哪一年起满足", low=1990, le=2100, nullable=True)
    evidence: pl.String = text("佐证材料", "文件或文号", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "前置条件",
            "grain": "one row per county, precondition and year",
            "grain_zh": "一个前置条件",
        }


class Veto(CountyYear, Marked):
    """One row per veto item and year."""

    veto_code: pl.String = code("一票否决项", "一票否决的情形", "vetoes", key=True)
    has_occurred: pl.Boolean = flag("是否发生", "发生填「是」")
    evidence: pl.String = text("说明", "核查情况", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "一票否决",
            "grain": "one row per county, veto item and year",
            "grain_zh": "一种一票否决的情形",
        }


class RelaxationClaim(CountyYear, Marked):
    """One row per claimed relaxation and site."""

    school_code: pl.String = text("学校标识码", "主张放宽的学校", pattern=SCHOOL_CODE, key=True)
    campus_no: pl.Int32 = whole("校区号", "独立校区的序号,校本部为0", le=99, key=True)
    item_code: pl.String = text("指标", "指标代码,如 G4", pattern=ITEM_CODE, key=True)
    relaxation: pl.String = text("放宽条款", "标准文件中放宽条款的名称", key=True)
    evidence: pl.String = text("佐证材料", "文件或文号")

    class Config:
        """Table."""

        metadata = {
            "title": "放宽主张",
            "grain": "one row per site, item, claimed relaxation and year",
            "grain_zh": "一个校区在一项指标上主张的一条放宽条款",
        }


class PublishedFigure(CountyYear, Marked):
    """One row per figure printed in a document."""

    figure_no: pl.Int32 = whole("序号", "在文件中出现的顺序", low=1, key=True)
    place: pl.String = text("位置", "文件中的章节,说的是什么")
    figure_text: pl.String = text("原文", "印出的数字连同单位,如 29%、115.8万元;连印在一起的数字逐个填")
    figure_kind: pl.String = code("数字类别", "陈述、计算所得、引用标准、结论、计划、日期等", "figure_kinds")
    item_code: pl.String = text("指标或项目", "对应的指标或项目代码", nullable=True)
    terms: pl.String = text(
        "算式",
        "重新算出这个数字的算式,如 rotated_teachers / rotation_eligible_teachers * 100;可用 + - * / 和括号",
        nullable=True,
    )

    class Config:
        """Table."""

        metadata = {
            "title": "已公布数字",
            "grain": "one row per printed figure and year",
            "grain_zh": "文件中印出的一个数字",
        }


class SchoolLink(CountyYear, Marked):
    """One row per link between an old and a new site."""

    from_school_code: pl.String = text("原学校标识码", "变动前的学校", pattern=SCHOOL_CODE, key=True)
    from_campus_no: pl.Int32 = whole("原校区号", "变动前的校区号", le=99, key=True)
    to_school_code: pl.String = text("新学校标识码", "变动后的学校", pattern=SCHOOL_CODE, key=True)
    to_campus_no: pl.Int32 = whole("新校区号", "变动后的校区号", le=99, key=True)
    link_kind: pl.String = code("变动类别", "合并、拆分、更名、新办、停办", "link_kinds")
    effective_date: pl.String = text("生效日期", "如 2021-09-01", pattern=ISO_DATE)

    class Config:
        """Table."""

        metadata = {
            "title": "学校沿革",
            "grain": "one row per link between sites and year of the change",
            "grain_zh": "一次变动中一所原学校与一所新学校的对应",
        }


class Commitment(CountyYear, Marked):
    """One row per promise and the year in which it was made."""

    commitment_no: pl.Int32 = whole("承诺序号", "同一年度内的顺序", low=1, key=True)
    item_code: pl.String = text("指标", "承诺所指的指标代码,如 G4", pattern=ITEM_CODE)
    promised_text: pl.String = text("承诺内容", "承诺做到什么")
    due_year: pl.Int32 = whole("期限年份", "承诺在哪一年做到,没有说明的留空", low=1990, le=2100, nullable=True)
    document: pl.String = text("出处", "文件名和章节")

    class Config:
        """Table."""

        metadata = {
            "title": "承诺",
            "grain": "one row per county, promise and year in which it was made",
            "grain_zh": "一项承诺(统计年度为作出承诺的年度)",
        }
