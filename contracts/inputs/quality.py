"""Quality of education: the cohort of junior school, monitoring results, satisfaction survey."""

from typing import Annotated

import polars as pl

from contracts.fields import SCHOOL_CODE, amount, code, text, whole
from contracts.inputs.common import CountyYear, Marked

Ratio = Annotated[pl.Decimal, 18, 4]


class Cohort(CountyYear, Marked):
    """One row per county, or per school where it is known by school."""

    cohort_label: pl.String = text("统计对象", "全县合计填「全县」,分校填学校标识码", key=True)
    school_code: pl.String = text(
        "学校标识码", "分校填报时的学校标识码,全县合计留空", pattern=SCHOOL_CODE, nullable=True
    )
    graduates: pl.Int32 = whole("初中毕业生数", "本学年初中毕业生数", "人")
    grade7_three_years_ago: pl.Int32 = whole("三年前初一学生数", "三年前初中一年级在校生数", "人")
    transferred_in: pl.Int32 = whole("三年转入数", "三年内转入的学生", "人")
    transferred_out: pl.Int32 = whole("三年转出数", "三年内转出的学生", "人")
    deaths: pl.Int32 = whole("三年死亡数", "三年内死亡的学生", "人")

    class Config:
        """Table."""

        metadata = {
            "title": "初中三年巩固",
            "every_year": "yes",
            "grain": "one row per county or school and year",
            "grain_zh": "全县合计一行；分校填报时一所学校一行",
        }


class Monitoring(CountyYear, Marked):
    """One row per subject, stage and authority."""

    subject: pl.String = code("监测学科", "义务教育质量监测的学科", "subjects", key=True)
    stage: pl.String = code("学段", "小学、初中(其他学段不监测)", "stages", key=True)
    authority: pl.String = code("监测层级", "国家、省级、市级", "authorities", key=True)
    monitored_year: pl.Int32 = whole("监测年份", "监测实施的年份", low=1990, le=2100)
    level: pl.Int32 = whole("学业水平等级", "学生学业水平达到的等级(Ⅰ至Ⅳ填1至4)", low=1, le=4, nullable=True)
    share_at_level3_pct: Ratio = amount("Ⅲ级以上比例", "学业表现水平Ⅲ级以上学生比例", "%", le=100, nullable=True)
    variation_ratio: Ratio = amount("校际差异率", "学生学业水平的校际差异率", "", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "质量监测",
            "grain": "one row per subject, stage, authority and year",
            "grain_zh": "一个学科、一个学段、一级监测",
        }


class Survey(CountyYear, Marked):
    """One row per group of respondents."""

    respondent_group: pl.String = code("调查对象", "学生、家长、教师等", "survey_groups", key=True)
    questionnaires: pl.Int32 = whole("问卷总数", "发放的问卷", "份")
    valid_questionnaires: pl.Int32 = whole("有效问卷数", "收回的有效问卷", "份")
    satisfied_questionnaires: pl.Int32 = whole("满意问卷数", "有效问卷中表示满意的", "份")
    visits: pl.Int32 = whole("实地走访人数", "实地走访的人数", "人", nullable=True)
    satisfied_visits: pl.Int32 = whole("走访满意人数", "走访中表示满意的", "人", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "社会认可度",
            "grain": "one row per group of respondents and year",
            "grain_zh": "一类调查对象",
        }
