"""The `junheng` command: what people type, what they see, and the exit code."""

from __future__ import annotations

import gc
import os
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.lean import without
from flows import cli_intake, cli_operate, cli_region, cli_release, cli_report, cli_shard, cli_spark, cli_synthesize
from flows.show import messages, screen, show_findings, show_json, show_outcome

if TYPE_CHECKING:
    from flows.sequence import Outcome
    from flows.steps import Order
    from transforms.expect_process import Child

DONE, FAILED, USAGE, HELD = 0, 1, 2, 3
OBJECTS_BEFORE_A_LOOK = 50_000
"""New objects before Python looks for garbage: at its 700 a tenth of the start goes into looking at what stays."""
DISK_WORDS = ("no space left", "read-only", "failed to write", "could not write", "disk quota", "cannot open file")

app = typer.Typer(
    help="均衡：县域义务教育优质均衡数据管道 / the yearly evaluation of balanced compulsory education.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
Home = Annotated[Path | None, typer.Option(help="数据仓库文件夹 / folder of the warehouse", envvar="JUNHENG_HOME")]
Inbox = Annotated[Path | None, typer.Option(help="收件夹，默认 HOME/inbox / folder with one folder a year")]
Standards = Annotated[list[str] | None, typer.Option("--standard", help="评估标准 / standard, default all on record")]
Counties = Annotated[list[str] | None, typer.Option("--county", help="只取这些县区 / these counties only")]
Direct = Annotated[bool, typer.Option("--direct", help="不经 Prefect 直接运行 / without Prefect")]
Workbooks = Annotated[
    bool,
    typer.Option("--workbook", help="写出问题清单.xlsx和标注好的工作簿 / write 问题清单.xlsx and marked workbooks"),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="演练：什么都不写 / rehearse, write nothing")]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", help="往年结论改变的理由，与 --by 同用 / why verdicts of past years may change"),
]
By = Annotated[str | None, typer.Option("--by", help="责任人 / who answers for it")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for machines")]


def main() -> None:
    """Run the command; bad data and bad calls end in a sentence and an exit code, never in a traceback."""
    gc.set_threshold(OBJECTS_BEFORE_A_LOOK)
    try:
        with without("pandas"):  # the database imports it for every parameter of a query, should it be one of its kinds
            app()
        return
    except Exception as problem:
        if not (said := _said_of(problem)):
            raise
        _say(said)
    sys.exit(FAILED)


def _said_of(problem: Exception) -> str:
    """Return what people are told of a problem that comes from outside; nothing for a mistake of ours.

    What it imports to tell them apart takes half a second, so only a problem imports it.
    """
    from contracts.cross_checks import CrossCheckError
    from contracts.declared import DeclarationError
    from contracts.standard import StandardError
    from warehouse import store

    if isinstance(problem, KeyError | IndexError):
        return ""
    if isinstance(problem, (OSError, LookupError, StandardError, CrossCheckError, DeclarationError)):
        return str(problem) or type(problem).__name__
    # the database has errors of its own for a disk that is full or read-only
    if type(problem).__module__.split(".")[0] in {"_duckdb", "duckdb"} and _is_of_the_disk(problem):
        first = str(problem).splitlines()[0]
        if type(problem).__name__ == "OutOfMemoryException":
            return (
                f"数据库可用的内存({store.memory()})不够，数据未变，原发布版仍有效；设 JUNHENG_MEMORY=2GB 后再运行"
                f" / out of memory, nothing is lost: run again with JUNHENG_MEMORY=2GB: {first}"
            )
        return f"写不进数据仓库：磁盘满、只读或被占用 / the warehouse cannot be written: {first}"
    return ""


def _say(problem: object) -> None:
    messages.print("[red]错误[/red]", end=" ")
    messages.print(str(problem), markup=False)


def _is_of_the_disk(problem: Exception) -> bool:
    """Return whether a database error comes from outside: input, output, memory, or what such an error left behind."""
    import duckdb

    outside = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException, duckdb.TransactionException)
    said = str(problem).lower()
    return isinstance(problem, outside) or any(word in said for word in DISK_WORDS)


@app.command()
def run(
    year: Annotated[int, typer.Option(help="统计年度(学年开始的年份) / year in which the school year begins")],
    inbox: Inbox = None,
    home: Home = None,
    standard: Standards = None,
    county: Counties = None,
    direct: Direct = False,
    dry_run: DryRun = False,
    confirm: Confirm = None,
    by: By = None,
    *,
    formats: cli_release.Formats = None,
    engine: cli_spark.Engine = "duckdb",
    spark_remote: cli_spark.Remote = None,
    spark_master: cli_spark.Master = None,
    spark_shared: cli_spark.Shared = None,
    as_json: AsJson = False,
) -> None:
    """取入一年的文件并发布 / take in one year's files and publish."""
    carry_out(
        (year,), inbox, home, standard, county, direct=direct, dry_run=dry_run, as_json=as_json, name="run",
        confirmation=confirmed(confirm, by), copies=cli_release.copies(formats),
        spark=cli_spark.place(engine, spark_remote, spark_master, spark_shared, home),
    )  # fmt: skip


@app.command()
def backfill(
    first_year: Annotated[int, typer.Argument(help="起始年度 / first year")],
    last_year: Annotated[int, typer.Argument(help="结束年度 / last year")],
    inbox: Inbox = None,
    home: Home = None,
    standard: Standards = None,
    county: Counties = None,
    direct: Direct = False,
    dry_run: DryRun = False,
    confirm: Confirm = None,
    by: By = None,
    *,
    formats: cli_release.Formats = None,
    engine: cli_spark.Engine = "duckdb",
    spark_remote: cli_spark.Remote = None,
    spark_master: cli_spark.Master = None,
    spark_shared: cli_spark.Shared = None,
    as_json: AsJson = False,
) -> None:
    """取入多年并发布一次 / take in a range of years, publish once."""
    if last_year < first_year:
        raise typer.BadParameter("结束年度早于起始年度 / the last year is before the first")
    years = tuple(range(first_year, last_year + 1))
    carry_out(
        years, inbox, home, standard, county, direct=direct, dry_run=dry_run, as_json=as_json, name="backfill",
        confirmation=confirmed(confirm, by), copies=cli_release.copies(formats),
        spark=cli_spark.place(engine, spark_remote, spark_master, spark_shared, home),
    )  # fmt: skip


def confirmed(reason: str | None, by: str | None) -> tuple[str, str] | None:
    """Return reason and name of who answers for changed verdicts of past years; None where neither is given."""
    if reason is None and by is None:
        return None
    if not (reason or "").strip() or not (by or "").strip():
        raise typer.BadParameter("--confirm 理由和 --by 责任人要一起给出，不能为空 / give reason and name together")
    return str(reason).strip(), str(by).strip()


@app.command()
def demo(
    form: Annotated[
        str | None,
        typer.Option(
            help="改用别的表格报送近三年：school_workbook 一校一册、county_list 一览表、gb18030_csv、vertical、template"
            " / its last three years in another form"
        ),
    ] = None,
    home: Home = None,
    direct: Direct = False,
    as_json: AsJson = False,
) -> None:
    """演示县五年，从头到尾(合成数据) / the demo county, five years, end to end (synthetic data)."""
    from transforms.synthesize import demo_county, other_forms
    from warehouse import store

    folder = store.home(home)
    if form is not None and form not in other_forms.WRITERS:
        raise typer.BadParameter(f"--form: {'、'.join(other_forms.WRITERS)}")
    inbox = folder / "inbox"
    written = other_forms.write_demo(inbox, form) if form else demo_county.write_demo(inbox)
    messages.print(f"演示县(合成数据)的收件：{inbox} 共 {len(written)} 个文件")
    years = other_forms.YEARS if form else demo_county.YEARS
    carry_out(years, None, home, None, None, direct=direct, dry_run=False, as_json=as_json, name="demo")


@app.command()
def accept(
    county: Annotated[str, typer.Argument(help="县区代码 / county code")],
    year: Annotated[int, typer.Argument(help="统计年度 / year")],
    reason: Annotated[str, typer.Option(help="理由 / why")],
    by: Annotated[str, typer.Option(help="责任人 / who answers for it")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """带错接收一个被扣留的县区年度，结果为暂定 / load a held county-year with its faults; results are provisional."""
    from warehouse import store

    folder = store.home(home)
    if not reason.strip() or not by.strip():
        raise typer.BadParameter("理由和责任人不能为空 / reason and name must not be empty")
    with store.connect(folder, read_only=True) as con:
        held = {(code, stat_year) for code, stat_year, _ in store.held(con, [year])}
    if (county, year) not in held:
        messages.print(f"[yellow]{county} {year} 没有被扣留，无需接收 / is not held[/yellow]")
        raise typer.Exit(USAGE)
    extra = {"accepted_counties": (county,), "from_landing": True}
    words = ("accept", by, reason)
    carry_out((year,), None, home, None, [county], direct=True, dry_run=False, as_json=as_json, name=words, **extra)


@app.command()
def check(
    files: Annotated[list[Path], typer.Argument(exists=True, dir_okay=False, help="要检查的文件 / files to check")],
    year: Annotated[
        int | None, typer.Option(help="统计年度，默认取文件所示 / year, default what the files say")
    ] = None,
    workbook: Workbooks = False,
    show: Annotated[
        bool, typer.Option("--open", help="写出并打开问题清单.xlsx / write 问题清单.xlsx and open it")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="放问题清单的文件夹 / folder to write to")
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(help="用这个仓库的登记册和上年数据来核对，不写入 / check against this warehouse, write nothing"),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """上报前检查：列出全部问题，什么都不保存 / pre-flight: every finding, nothing stored."""
    from transforms.intake import findings, gather, land

    landed = [land.land(path, path.parent, None) for path in files]
    gathered = gather.gather(landed, year)
    stat_year = year or gather.stated_year(gathered)
    stored, last_year = None, None
    if home is not None:
        from warehouse import store

        with store.connect(home, read_only=True) as con:
            stored = store.register_rows(con, stat_year)
            named = gather.named_in(gather.identified(gathered, stat_year, stored))
            last_year = store.last_year_tables(con, stat_year, *named)
    found = findings.worded(findings.capped(gather.preview(gathered, stat_year, stored, last_year, home)))
    if workbook or show:
        from transforms import hand_back

        written = hand_back.write(output or files[0].parent / "问题清单", found.to_dicts(), landed)
        for path in written:
            messages.print(str(path))
        if show:
            typer.launch(str(written[0]))
    show_findings(found.to_dicts(), as_json=as_json, limit=None)
    raise typer.Exit(HELD if (found["severity"] == "error").any() else DONE)


@app.command(name="findings")
def list_findings(
    county: Annotated[str | None, typer.Option(help="县区代码 / county code")] = None,
    year: Annotated[int | None, typer.Option(help="统计年度 / year")] = None,
    closed: Annotated[
        bool, typer.Option("--closed", help="也列出比上次已改的 / those closed since the last run, too")
    ] = False,
    workbook: Workbooks = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="放问题清单的文件夹 / folder to write to")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """尚未解决的问题，新增、仍在还是已改 / open findings: new, still there, or closed since the last run."""
    from transforms import hand_back
    from transforms.intake.land import Landed
    from warehouse import store

    folder = store.home(home)
    with store.connect(folder, read_only=True) as con:
        found = store.finding_states(con, county, year).to_dicts()
        files = store.loaded_files(con)
    if workbook:
        landed = [
            Landed(str(one["source_sha256"]), store.landed_path(folder, one), str(one["source_file"]), "")
            for one in files
        ]
        run = max((row[0] for row in store.latest_runs(folder)), default="none")
        for path in hand_back.write(output or folder / "findings" / run, found, landed):
            messages.print(str(path))
    shown = [row for row in found if closed or row["state"] != "closed"]
    show_findings(shown, as_json=as_json, limit=None)


@app.command()
def template(
    year: Annotated[int, typer.Option(help="统计年度 / year")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="文件名 / file to write")] = None,
    source: Annotated[
        str, typer.Option(help="谁的数字：declaration 申报、school_form 学校填报、check 现场核查 / whose word it is")
    ] = "declaration",
) -> None:
    """生成要填写的工作簿 / write the workbook to fill in."""
    from contracts.codes import read_codes
    from transforms.template import write_workbook

    if source not in read_codes("sources"):
        raise typer.BadParameter(f"--source: {'、'.join(read_codes('sources'))}")
    path = write_workbook(output or Path(f"均衡填报模板_{year}.xlsx"), year, source=source)
    screen.print(str(path))


@app.command()
def explain(
    item: Annotated[str | None, typer.Argument(help="指标代码，如 R4 / item")] = None,
    unit: Annotated[str | None, typer.Option(help="学校标识码-校区号，如 2150990001-0 / site id")] = None,
    stage: Annotated[str | None, typer.Option(help="学段 primary 或 junior")] = None,
    year: Annotated[int | None, typer.Option(help="统计年度 / year")] = None,
    cell: Annotated[
        str | None, typer.Option(help="反过来问：文件!工作表!单元格，如 500104_2023.xlsx!专任教师!M2 / FILE!SHEET!CELL")
    ] = None,
    standard: Annotated[str, typer.Option(help="评估标准 / standard")] = "quality-balance-2017",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """一个数字从何而来；或(--cell)一个单元格进入哪些结果、改成多少结论会变 / from a number to its cells, or back."""
    from warehouse import store

    folder = store.home(home)
    if cell is not None:
        _explain_cell(folder, cell, standard, as_json=as_json)
        return
    if item is None or unit is None or stage is None or year is None:
        raise typer.BadParameter(
            "要给出指标、--unit、--stage、--year，或 --cell / item, unit, stage and year, or a cell"
        )
    from transforms import explain as explaining

    told = explaining.explain(folder, standard, item, unit, stage, year)
    if as_json:
        show_json(told)
    else:
        for line in explaining.sentences(told):
            screen.print(line, markup=False)


def _explain_cell(folder: Path, place: str, standard_id: str, *, as_json: bool) -> None:
    """Print what a source cell feeds and which verdicts would flip."""
    from transforms import trace

    parts = place.split("!")
    if len(parts) != len(("file", "sheet", "cell")):
        raise typer.BadParameter("写作 文件!工作表!单元格；没有工作表的写 文件!!列名#行 / FILE!SHEET!CELL")
    found = trace.find(folder, *parts)
    with messages.status("试算 …") if messages.is_terminal else _silence():
        told = trace.trace(folder, found, standard_id)
    if as_json:
        show_json({**told, "cell": found.__dict__})
    else:
        for line in trace.sentences(told):
            screen.print(line, markup=False)


@app.command()
def audit(
    county: Annotated[str, typer.Option(help="县区代码 / county code")],
    year: Annotated[int, typer.Option(help="统计年度 / year")],
    strict: Annotated[
        bool,
        typer.Option("--strict", help="有不一致或不成立时退出码为3 / exit 3 when anything differs or does not hold"),
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """已公布的数字与重算的数字，彼此是否相符 / published figures against recomputed ones, and among themselves."""
    from flows.show import show_audit
    from transforms import audit as auditing
    from warehouse import store

    audited = auditing.audit(store.home(home), county, year)
    show_audit(audited, as_json=as_json)
    raise typer.Exit(HELD if strict and not audited.is_clean else DONE)


@app.command()
def verdict(
    county: Annotated[str, typer.Option(help="县区代码 / county code")],
    year: Annotated[int, typer.Option(help="统计年度 / year")],
    home: Home = None,
    show_all: Annotated[bool, typer.Option("--all", help="列出全部差距 / every obstacle")] = False,
    as_json: AsJson = False,
) -> None:
    """一个县区的结论：各部分、口径、自评、差距清单、承诺 / a county's verdict, part by part, and what is in its way."""
    from flows.show_county import SHOWN_OBSTACLES, show_county
    from transforms import summarise
    from warehouse import store

    told = summarise.county(_latest_folder(store.home(home)), county, year)
    if as_json:
        show_json(told)
    else:
        show_county(told, None if show_all else SHOWN_OBSTACLES)


@app.command()
def history(
    of: Annotated[str, typer.Argument(help="校区编号(学校标识码-校区号)或县区代码 / site id or county code")],
    item: Annotated[str | None, typer.Option(help="只看一项指标 / one item only")] = None,
    standard: Annotated[str | None, typer.Option(help="只看一个标准 / one standard only")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """历年的数值、位次和变化来由 / figures, ranks and causes of change over the years."""
    from flows.show_county import show_history
    from transforms import summarise
    from warehouse import store

    rows = summarise.history(_latest_folder(store.home(home)), of, item, standard)
    if as_json:
        show_json(rows)
    else:
        show_history(rows)


def _latest_folder(home: Path) -> Path:
    """Return the folder of the current release.

    Raises FileNotFoundError before the first one.
    """
    from warehouse import release

    current = release.latest(home)
    if current is None:
        raise FileNotFoundError(f"还没有发布版：{home} / there is no release yet")
    return home / current["path"]


app.command()(cli_operate.runs)
app.command()(cli_operate.doctor)
app.command()(cli_intake.compare)
app.command()(cli_shard.export_inputs)
app.command()(cli_synthesize.synthesize)
app.command()(cli_release.dictionary)
app.add_typer(cli_release.app, name="release")
app.command()(cli_region.region)
app.add_typer(cli_report.app, name="report")


def carry_out(
    years: tuple[int, ...],
    inbox: Path | None,
    home: Path | None,
    standards: list[str] | None,
    counties: list[str] | None,
    *,
    direct: bool,
    dry_run: bool,
    as_json: bool,
    name: str | tuple[str, str, str],
    **extra: Any,
) -> None:
    """Run an order from lock to last line; leaves with the exit code that fits."""
    from contextlib import nullcontext

    from transforms import expect_process

    started = time.perf_counter()
    with expect_process.child() if direct or dry_run else nullcontext() as asked:  # its import passes while ours do
        from flows import steps
        from warehouse import store

        folder = store.home(home)
        order = steps.Order(
            years, folder, (inbox or folder / "inbox").resolve(), steps.new_run_id(), tuple(standards or ()),
            tuple(counties or ()), is_dry_run=dry_run, **extra,
        )  # fmt: skip
        steps.look_ahead(order)
        held = _released(order, name, asked, started, as_json=as_json)
    raise typer.Exit(HELD if held else DONE)


def _released(
    order: Order, name: str | tuple[str, str, str], asked: Child | None, started: float, *, as_json: bool
) -> list[dict[str, Any]]:
    """Run an order and show what came of it; return what it holds back. Leaves with an exit code where it fails."""
    from flows import steps
    from warehouse import store

    try:
        with store.lock(order.home, name if isinstance(name, str) else name[0]), steps.rehearsal(order) as live:
            outcome, imported, held = _run_logged(live, name, asked)
            show_outcome(live, outcome, held, imported, time.perf_counter() - started, as_json=as_json)
            return held
    except store.Busy as busy:
        messages.print(f"[red]错误[/red] {busy}")
        raise typer.Exit(FAILED) from None
    except steps.NothingLoaded as nothing:
        show_findings(nothing.held, as_json=as_json, limit=None)
        messages.print(f"[red]{nothing}[/red]")
        raise typer.Exit(HELD) from None
    except steps.GateClosed as closed:
        _show_closed(closed.breaches, None if order.is_dry_run else order.home / "candidate_extra" / "quality.html")
        raise typer.Exit(FAILED) from None


def _show_closed(breaches: list[str], page: Path | None) -> None:
    """Say what keeps the candidate from being published, and where the page with the failing rows is."""
    messages.print("[red]未发布：候选结果没有通过发布检查 / not published, the gate is closed[/red]")
    for breach in breaches:
        messages.print(f"  {breach}", markup=False)
    if page:
        messages.print(f"详见 / see {page}", markup=False)


def _run_logged(
    order: Order, name: str | tuple[str, str, str], asked: Child | None
) -> tuple[Outcome, float, list[dict[str, Any]]]:
    """Run the order and write the run log; return the outcome, seconds of imports, and the errors that hold.

    `asked`: the process of the expectations, where the steps run as plain calls; under Prefect without it.
    """
    from flows import steps
    from warehouse import store

    if not isinstance(name, str):
        with store.connect(order.home) as con:
            store.record_acceptance(con, order.accepted_counties[0], order.stat_year, name[1], name[2], order.run_id)
    imported = 0.0

    def do(live: Order) -> Outcome:
        nonlocal imported
        outcome, imported = _directly(live, asked) if asked else _under_prefect(live)
        return outcome

    outcome, held = steps.logged(order, " ".join(sys.argv[1:]), do)
    return outcome, imported, held


def _directly(order: Order, asked: Child) -> tuple[Outcome, float]:
    """Run the steps as plain calls; return the outcome and the seconds the libraries took to import before."""
    from flows import sequence, steps

    started = time.perf_counter()

    def shown(step: Any, live: Order, *arguments: Any) -> Any:
        said = f"{step.__name__} {live.stat_years[-1]} {_how_far(order, live, time.perf_counter() - started)}"
        if not messages.is_terminal:
            return step(live, *arguments)
        with messages.status(f"{said} …") as status:
            return step(replace(live, tell=lambda place: status.update(f"{said} {place} …")), *arguments)

    begun = time.perf_counter()
    steps.import_libraries()
    imported = time.perf_counter() - begun
    return sequence.run_years(order, shown, asked), imported


def _how_far(order: Order, live: Order, seconds: float) -> str:
    """Return which lot of a year's files is in hand and about how many minutes the taking in still lasts."""
    number, lots = live.lot
    if lots == 1:
        return ""
    done = order.stat_years.index(live.stat_year) + (number - 1) / lots
    rest = f"，约剩 {seconds / done * (len(order.stat_years) - done) / 60:.0f} 分钟" if done else ""
    return f"第 {number}/{lots} 批{rest}"


def _silence() -> Any:
    from contextlib import nullcontext

    return nullcontext()


def _under_prefect(order: Order) -> tuple[Outcome, float]:
    """Run the order as a Prefect flow, `annual` for one year, `backfill` for a range; outcome, import seconds."""
    begun = time.perf_counter()
    common = {
        "home": order.home,
        "inbox": order.inbox,
        "run_id": order.run_id,
        "standard_ids": order.standard_ids,
        "counties": order.counties,
        "confirmation": order.confirmation,
        "spark": order.spark,
        "copies": order.copies,
    }
    os.environ["JUNHENG_HOME"] = str(order.home)  # Prefect's own files belong beside the warehouse's
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")  # the command says itself what went wrong
    if len(order.stat_years) == 1:
        from flows.annual import annual

        imported = time.perf_counter() - begun
        outcome = annual(stat_year=order.stat_year, **common)
    else:
        from flows.backfill import backfill as backfill_flow

        imported = time.perf_counter() - begun
        outcome = backfill_flow(first_year=order.stat_years[0], last_year=order.stat_years[-1], **common)
    return outcome, imported


if __name__ == "__main__":
    main()
