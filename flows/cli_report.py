"""Papers made from a release: `report` writes them, many counties over the cores; `report check` reads one back."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.show import messages, screen, show_json

FAILED, HELD = 1, 3
WRITERS = {
    "docx": ("transforms.report.write_report",),
    "pdf": ("transforms.report.write_pdf",),
    "xlsx": ("transforms.report.write_application", "transforms.report.write_calculation"),
    "plans": ("transforms.report.write_school_plans",),
    "html": ("transforms.report.write_scorecard",),
}
"""Format → modules in the order they run; each has `write(release_folder, county_code, stat_year, folder)`."""
Home = Annotated[Path | None, typer.Option(help="数据仓库文件夹 / folder of the warehouse", envvar="JUNHENG_HOME")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for machines")]

app = typer.Typer(help="报告：自查自评报告等，和核对改过的报告 / papers of a release")


@app.callback(invoke_without_command=True)
def report(
    context: typer.Context,
    county: Annotated[list[str] | None, typer.Option(help="县区代码，可写多个 / counties")] = None,
    every: Annotated[bool, typer.Option("--all", help="这一年的全部县区 / every county of the year")] = False,
    year: Annotated[int | None, typer.Option(help="统计年度 / year")] = None,
    formats: Annotated[
        str | None, typer.Option("--format", help=f"用逗号隔开：{','.join(WRITERS)}；默认全部 / default all")
    ] = None,
    release: Annotated[str, typer.Option(help="发布版，默认当前版 / release, default the current one")] = "latest",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="文件夹，默认 HOME/reports/<发布版> / folder to write to")
    ] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="同时几个县区，默认核数 / how many at a time")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """写出县区的报告；一个县区出错不影响其他县区 / write the papers of counties; one that fails stops no other."""
    if context.invoked_subcommand:
        return
    from warehouse import keep, store

    if year is None or not (county or every):
        raise typer.BadParameter("要给出 --year 和 --county(或 --all) / give a year and a county, or --all")
    chosen = _chosen(formats)
    folder = store.home(home)
    release_id = keep.find(folder, release)
    release_folder = folder / "releases" / release_id
    counties = list(dict.fromkeys(county or _counties(release_folder, year)))
    target = output or folder / "reports" / release_id
    orders = [(release_folder, code, year, chosen, target / code / str(year)) for code in counties]
    told = _written(orders, min(jobs or os.cpu_count() or 1, max(len(orders), 1)))
    _show(told, as_json=as_json)
    raise typer.Exit(FAILED if any(one["problem"] for one in told) else 0)


def _chosen(formats: str | None) -> tuple[str, ...]:
    """Return the formats asked for, in the order their writers run."""
    asked = [one.strip() for one in formats.split(",") if one.strip()] if formats else _possible()
    if unknown := [one for one in asked if one not in WRITERS]:
        raise typer.BadParameter(f"没有这种格式：{'、'.join(unknown)}；有 {'、'.join(WRITERS)} / no such format")
    return tuple(one for one in WRITERS if one in asked)


def _possible() -> list[str]:
    """Return the formats that this machine can write; say so where it cannot make the PDF."""
    from transforms.report import write_pdf

    try:
        write_pdf.program()
    except write_pdf.NoOffice as problem:
        messages.print(str(problem), markup=False)
        return [one for one in WRITERS if one != "pdf"]
    return list(WRITERS)


def _counties(release_folder: Path, year: int) -> list[str]:
    """Return the counties of a year in a release.

    Raises LookupError when there is none.
    """
    from warehouse import release

    with release.open_release(release_folder) as con:
        rows = con.execute(
            "select county_code from dim_county_year where stat_year = ? order by county_code", [year]
        ).fetchall()
    if not rows:
        raise LookupError(f"发布版 {release_folder.name} 没有 {year} 年 / the release does not have this year")
    return [code for (code,) in rows]


Order = tuple[Path, str, int, tuple[str, ...], Path]


def write_county(order: Order) -> dict[str, Any]:
    """Return what was written for one county: its files, or the problem in a sentence."""
    release_folder, county_code, stat_year, formats, folder = order
    paths: list[str] = []
    try:
        for one in formats:
            for name in WRITERS[one]:
                module = importlib.import_module(name)
                paths += [str(path) for path in module.write(release_folder, county_code, stat_year, folder)]
    except Exception as problem:  # whatever it is, the other counties go on and this one is named
        if isinstance(problem, KeyError | IndexError | TypeError | AttributeError):  # a mistake of ours: say where
            import traceback

            problem = f"{type(problem).__name__}: {problem}\n{traceback.format_exc(limit=-3)}"
        return {"county_code": county_code, "files": paths, "problem": str(problem)}
    return {"county_code": county_code, "files": paths, "problem": None}


def _written(orders: list[Order], jobs: int) -> list[dict[str, Any]]:
    """Return what was written, a row per county in the order asked for; over several processes where it pays."""
    from rich.progress import Progress

    with Progress(console=messages, disable=not messages.is_terminal, transient=True) as progress:
        task = progress.add_task("报告 / papers", total=len(orders))
        if jobs == 1:
            told = []
            for order in orders:
                told.append(write_county(order))
                progress.advance(task)
            return told
        return _over_processes(orders, jobs, lambda: progress.advance(task))


def _over_processes(orders: list[Order], jobs: int, advance: Any) -> list[dict[str, Any]]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed

    told: dict[str, dict[str, Any]] = {}
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(write_county, order): order[1] for order in orders}
        for done in as_completed(waiting):
            code = waiting[done]
            failed = done.exception()
            told[code] = {"county_code": code, "files": [], "problem": str(failed)} if failed else done.result()
            advance()
    return [told[order[1]] for order in orders]


def _show(told: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        show_json(told)
        return
    for one in told:
        for path in one["files"]:
            screen.print(path, markup=False, soft_wrap=True)
        if one["problem"]:
            messages.print("[red]错误[/red]", end=" ")
            messages.print(f"{one['county_code']}：{one['problem']}", markup=False)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="改过的报告 / the edited report")],
    release: Annotated[
        str | None, typer.Option(help="按哪个发布版核对，默认报告自己的 / hold against this release")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """核对改过的报告：与发布版不符、没有来源的数，未填的空 / numbers that differ or have no source, open slots."""
    from transforms.report import check_report
    from warehouse import keep, store

    folder = store.home(home)
    read = check_report.read(file)
    release_id = keep.find(folder, release or read.release_id)
    found = check_report.check(read, folder / "releases" / release_id)
    if as_json:
        show_json([one.__dict__ for one in found])
    else:
        for line in check_report.sentences(found):
            screen.print(line, markup=False, soft_wrap=True)
    raise typer.Exit(HELD if found else 0)
