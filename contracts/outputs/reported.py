"""What was reported, before any standard: the roll of each site, its rooms, figures of the county, the survey."""

import polars as pl

from contracts.fields import Amount, Quantity, amount, code, flag, text, whole
from contracts.outputs.common import SITE_ID, STAGE_TEXT, OfCountyYear


class Reported(OfCountyYear):
    """Rows as reported."""

    is_synthetic: pl.Boolean = flag("是否合成数据", "合成(编造)数据")


class Roll(Reported):
    """One row per site, stage and year."""

    site_id: pl.String = text("校区编号", "学校标识码-校区号", pattern=SITE_ID, key=True)
    stage: pl.String = code("学段", "小学、初中、高中、附设幼儿班", "stages", key=True)
    stage_text: pl.String = text(*STAGE_TEXT)
    pupils: pl.Int64 = whole("在校生数", "9月1日在校生数", "人", nullable=True)
    grades: pl.Int32 = whole("年级数", "有学生的年级;不分年级填报的为空", "个", nullable=True)
    classes: pl.Int32 = whole("班级数", "附设特教班不计", "个", nullable=True)
    full_time_teachers: pl.Int32 = whole("专任教师数", "本学段专任教师", "人", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "在校生和班级", "grain": "one row per site, stage and year"}


class Room(Reported):
    """One row per music or art room."""

    site_id: pl.String = text("校区编号", "学校标识码-校区号", pattern=SITE_ID, key=True)
    room_no: pl.String = text("教室编号", "专用教室的编号或名称", key=True)
    room_kind: pl.String = code("专用教室类别", "音乐、美术", "room_kinds")
    room_kind_text: pl.String = text("专用教室类别名称", "音乐、美术")
    area_m2: Amount = amount("使用面积", "该间专用教室的使用面积", "㎡", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "专用教室", "grain": "one row per site, room and year"}


class CountyFigure(Reported):
    """One row per county, figure and year."""

    figure_code: pl.String = code("项目", "县区事实项目", "county_items", key=True)
    figure_text: pl.String = text("项目名称", "县区事实项目的名称")
    quantity: Quantity = amount("数值", "单位见单位列;空为缺报", "", low=None, nullable=True)
    value_text: pl.String = text("文字值", "不是数字的项目的内容", nullable=True)
    unit: pl.String = text("单位", "数值的单位", nullable=True)
    period: pl.String = text("时期", "时点、学年或财政年度", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "县区事实", "grain": "one row per county, figure and year"}


class SurveyGroup(Reported):
    """One row per county and group of respondents."""

    respondent_group: pl.String = code("调查对象", "学生、家长、教师等", "survey_groups", key=True)
    respondent_group_text: pl.String = text("调查对象名称", "学生、家长、教师等")
    questionnaires: pl.Int32 = whole("问卷总数", "发放的问卷", "份", nullable=True)
    valid_questionnaires: pl.Int32 = whole("有效问卷数", "收回的有效问卷", "份", nullable=True)
    satisfied_questionnaires: pl.Int32 = whole("满意问卷数", "有效问卷中表示满意的", "份", nullable=True)
    visits: pl.Int32 = whole("实地走访人数", "实地走访的人数", "人", nullable=True)
    satisfied_visits: pl.Int32 = whole("走访满意人数", "走访中表示满意的", "人", nullable=True)

    class Config:
        """Table."""

        metadata = {"title": "社会认可度调查", "grain": "one row per county, group of respondents and year"}
