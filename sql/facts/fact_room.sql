-- Music and art rooms, each with its area, as reported.
-- One row per site, room and year.
with

rooms as (
    select * from special_room
),

room_kinds as (
    select * from code_room_kinds
),

final as (
    select
        rooms.stat_year,
        rooms.county_code,
        rooms.school_code || '-' || cast(rooms.campus_no as string) as site_id,
        rooms.room_no,
        rooms.room_kind,
        room_kinds.text_zh as room_kind_text,
        rooms.area_m2,
        rooms.is_synthetic
    from rooms
    left join room_kinds on rooms.room_kind = room_kinds.code
)

select * from final
