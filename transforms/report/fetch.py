"""Rows of a release, as dictionaries: what the writers of sheets and plans read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from warehouse import release

Row = dict[str, Any]


def rows(con: duckdb.DuckDBPyConnection, query: str, values: list[Any]) -> list[Row]:
    """Return what a query finds, one dictionary per row."""
    found = con.execute(query, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def county_year(con: duckdb.DuckDBPyConnection, county_code: str, stat_year: int) -> Row:
    """Return the row of a county and year, with `is_synthetic` of its sites beside.

    Raises LookupError when the release does not have them.
    """
    query = """
        select c.*, coalesce(bool_or(s.is_synthetic), false) as is_synthetic
        from dim_county_year as c
        left join dim_site as s on s.county_code = c.county_code and s.stat_year = c.stat_year
        where c.county_code = ? and c.stat_year = ?
        group by all
    """
    found = rows(con, query, [county_code, stat_year])
    if not found:
        raise LookupError(f"发布版中没有 {county_code} {stat_year} / the release has no such county and year")
    return found[0]


def release_name(folder: Path) -> str:
    """Return the name that the papers of a release carry."""
    return str(release.manifest_in(folder)["release_id"])


def marks(county: Row) -> list[str]:
    """Return what a reader must know of the data behind a paper: made up, provisional, or from before."""
    said = (
        ("is_synthetic", "合成数据：依据编造的数据，不说明任何真实学校"),
        ("is_provisional", "暂定：数据带错误接收"),
        ("is_stale", "旧数据：新报数据有错误被扣留"),
    )
    return [text for key, text in said if county[key]]
