"""What schools report as of 1 September: who they are, pupils, classes, teachers, premises, rooms."""

import polars as pl

from contracts.fields import SCHOOL_CODE, Amount, amount, code, flag, text, whole
from contracts.inputs.common import Marked, OfSite, OfStage


class School(OfSite, Marked):
    """One row per site and year."""

    school_name: pl.String = text("学校名称", "学校或独立校区的全称,与教育事业统计一致")
    school_type_code: pl.String = code("办学类型码", "办学类型(GB/T 33782)", "school_types")
    urban_rural_code: pl.String = code("城乡分类码", "国家统计局城乡分类", "urban_rural")
    sponsor_code: pl.String = code("举办者码", "学校举办者类型", "sponsors")
    is_public: pl.Boolean = flag("是否公办", "公办学校填「是」,民办填「否」")
    is_boarding: pl.Boolean = flag("是否寄宿制", "寄宿制学校填「是」")
    planned_year: pl.Int32 = whole("规划年份", "批准规划的年份", low=1800, le=2100, nullable=True)
    built_year: pl.Int32 = whole("建成年份", "校舍建成投用的年份", low=1800, le=2100, nullable=True)
    counts_as_school: pl.Boolean = flag("是否计校数", "教育事业统计中是否计校数,校区和教学点填「否」")
    parent_school_code: pl.String = text(
        "所属学校标识码", "教学点、校区所属学校的标识码,独立学校留空", pattern=SCHOOL_CODE, nullable=True
    )
    is_dense_urban_core: pl.Boolean = flag(
        "是否大城市中心城区", "人口密度过高的大城市中心城区学校填「是」", nullable=True
    )

    class Config:
        """Table."""

        metadata = {
            "title": "学校",
            "every_year": "yes",
            "grain": "one row per site (school or independent campus) and year",
            "grain_zh": "一所学校或一个独立校区",
        }


class Enrolment(OfStage, Marked):
    """One row per site, stage, grade and year."""

    grade: pl.Int32 = whole("年级", "1至12年级连续编号,初一为7;附设幼儿班填0;不分年级的学段合计填99", le=99, key=True)
    pupils: pl.Int32 = whole("在校生数", "9月1日在校生数", "人")
    migrant_pupils: pl.Int32 = whole("随迁子女数", "其中进城务工人员随迁子女", "人", nullable=True)
    catchment_pupils: pl.Int32 = whole("片区内学生数", "其中家庭住址在划片范围内的学生", "人", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "在校生",
            "every_year": "yes",
            "grain": "one row per site, stage, grade and year",
            "grain_zh": "一个校区一个学段的一个年级",
        }


class ClassSize(OfStage, Marked):
    """One row per class, or per size band where only bands are known."""

    class_label: pl.String = text("班号或班额段", "逐班填班号,按班额段填该段的代码", key=True)
    grade: pl.Int32 = whole("班级所在年级", "班级所在年级,按班额段填时留空", le=12, nullable=True)
    size_band: pl.String = code("班额段", "按班额段填报时的段,逐班填报留空", "size_bands", nullable=True)
    classes: pl.Int32 = whole("班数", "班级数,逐班填报时为1", "个", low=1)
    class_pupils: pl.Int32 = whole("班级学生数", "该班学生数,按班额段填时留空", "人", nullable=True)
    is_special_class: pl.Boolean = flag("是否特教班", "附设特教班填「是」,不计入班额和专用教室的判断")

    class Config:
        """Table."""

        metadata = {
            "title": "班额",
            "every_year": "yes",
            "grain": "one row per class, or per size band of a site and stage",
            "grain_zh": "一个班；只有班额段数据时，一个校区一个学段的一个班额段",
        }


class Teacher(OfStage, Marked):
    """One row per site, stage and year; full-time teachers of that stage."""

    full_time_teachers: pl.Int32 = whole("专任教师数", "本学段专任教师总数", "人")
    doctor_teachers: pl.Int32 = whole("博士研究生毕业", "专任教师中博士研究生毕业的", "人")
    master_teachers: pl.Int32 = whole("硕士研究生毕业", "专任教师中硕士研究生毕业的", "人")
    bachelor_teachers: pl.Int32 = whole("本科毕业", "专任教师中本科毕业的", "人")
    college_teachers: pl.Int32 = whole("专科毕业", "专任教师中专科毕业的", "人")
    secondary_or_below_teachers: pl.Int32 = whole("高中阶段及以下毕业", "专任教师中高中阶段及以下毕业的", "人")
    backbone_teachers: pl.Int32 = whole("县级以上骨干教师数", "专任教师中县级及以上骨干教师,一人只计一次", "人")
    pe_teachers: pl.Int32 = whole("体育教师数", "授课课程为体育与健康的专任教师", "人")
    art_teachers: pl.Int32 = whole("艺术教师数", "授课课程为艺术(含音乐、美术)的专任教师", "人")
    middle_or_senior_title_teachers: pl.Int32 = whole(
        "中级及以上职称教师数", "具有中级及以上专业技术职务的", "人", nullable=True
    )
    senior_title_teachers: pl.Int32 = whole("高级职称教师数", "具有高级专业技术职务的", "人", nullable=True)
    certified_teachers: pl.Int32 = whole("持证教师数", "持有教师资格证的专任教师", "人", nullable=True)
    training_360h_teachers: pl.Int32 = whole("完成360学时教师数", "近5年完成360学时培训的专任教师", "人", nullable=True)
    visiting_pe_teachers: pl.Int32 = whole("走教体育教师数", "到校交流轮岗、兼职、走教的体育教师", "人", nullable=True)
    visiting_art_teachers: pl.Int32 = whole("走教艺术教师数", "到校交流轮岗、兼职、走教的艺术教师", "人", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "专任教师",
            "every_year": "yes",
            "grain": "one row per site, stage and year",
            "grain_zh": "一个校区的一个学段",
        }


class Premises(OfSite, Marked):
    """One row per site and year; a combined school reports all stages together."""

    teaching_rooms_m2: Amount = amount("教学及辅助用房面积", "教学及辅助用房建筑面积,含室内体育用房", "㎡")
    indoor_sports_m2: Amount = amount("室内体育用房面积", "教学及辅助用房中的室内体育用房", "㎡")
    gymnasium_m2: Amount = amount("体育馆面积", "体育馆面积与室内体育用房不同时填写", "㎡", nullable=True)
    sports_ground_m2: Amount = amount("运动场地面积", "室外运动场地面积", "㎡")
    extra_sports_m2: Amount = amount(
        "另计运动场地面积", "地下、楼顶改建和校外租赁的场地,仅大城市中心城区学校", "㎡", nullable=True
    )
    equipment_yuan: Amount = amount("教学仪器设备值", "教学仪器设备资产值,账面原值", "元")
    multimedia_rooms: pl.Int32 = whole("网络多媒体教室数", "接入网络的多媒体教室", "间")
    computers: pl.Int32 = whole("计算机台数", "教学用计算机", "台", nullable=True)
    books: pl.Int32 = whole("图书册数", "纸质图书", "册", nullable=True)

    class Config:
        """Table."""

        metadata = {
            "title": "校舍装备",
            "every_year": "yes",
            "grain": "one row per site and year",
            "grain_zh": "一个校区，各学段合计",
        }


class SpecialRoom(OfSite, Marked):
    """One row per music or art room."""

    room_no: pl.String = text("教室编号", "专用教室的编号或名称", key=True)
    room_kind: pl.String = code("专用教室类别", "音乐、美术", "room_kinds")
    area_m2: Amount = amount("使用面积", "该间专用教室的使用面积", "㎡")

    class Config:
        """Table."""

        metadata = {
            "title": "专用教室",
            "every_year": "yes",
            "grain": "one row per music or art room and year",
            "grain_zh": "一间音乐或美术专用教室",
        }
