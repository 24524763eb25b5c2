"""Commands about releases: list, show, diff, roll back, prune, sign; and the dictionary of what they hold."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.show import messages, screen, show_json

FAILED = 1
Home = Annotated[Path | None, typer.Option(help="数据仓库文件夹 / folder of the warehouse", envvar="JUNHENG_HOME")]
AsJson = Annotated[bool, typer.Option("--json", help="输出 JSON / for machines")]
By = Annotated[str, typer.Option(help="责任人 / who answers for it")]
Id = Annotated[str, typer.Argument(help="发布版编号，写前几位即可，如 r0003；latest 为当前版 / release")]
Formats = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="发布版的格式，用逗号隔开：parquet(总有),duckdb,csv,xlsx；"
        "默认同当前版，首次全部 / default: as before, at first all",
    ),
]

app = typer.Typer(help="发布版：列出、查看、比较、回退、清理、签署 / releases", no_args_is_help=True)


class Role(StrEnum):
    """In which role somebody signs (warehouse.sign_off.ROLES)."""

    FILLED_IN = "填报"
    CHECKED = "审核"
    APPROVED = "批准"


def copies(formats: str | None) -> tuple[str, ...] | None:
    """Return what a release is to hold beside its Parquet tables; None where that is not said.

    Raises typer.BadParameter for a format that there is not.
    """
    from warehouse.package import COPIES

    if formats is None:
        return None
    asked = [one.strip() for one in formats.split(",") if one.strip()]
    unknown = sorted(set(asked) - {"parquet", *COPIES})
    if unknown:
        said = f"没有这种格式：{'、'.join(unknown)}；有 parquet、{'、'.join(COPIES)} / no such format"
        raise typer.BadParameter(said, param_hint="--format")
    return tuple(name for name in COPIES if name in asked)


@app.command(name="list")
def list_releases(home: Home = None, as_json: AsJson = False) -> None:
    """列出发布版，最新的在前 / every release, newest first."""
    from rich.table import Table

    from warehouse import keep, sign_off, store

    folder = store.home(home)
    rows = keep.listed(folder)
    for row in rows:
        signatures = sign_off.signatures(folder, row["release_id"])
        row["signed"] = [one["role"] for one in signatures if one["is_valid"]]
        row["void"] = [one["role"] for one in signatures if not one["is_valid"]]
    if as_json:
        show_json(rows)
        return
    table = Table(title="发布版 / releases")
    for head in ("当前", "发布版", "时间", "表", "行", "标准", "签署"):
        table.add_column(head, overflow="fold")
    for row in rows:
        signed = [*row["signed"], *(f"{role}（作废 void）" for role in row["void"])]
        figures = (str(row["tables"]), f"{row['rows']:,}", "、".join(row["standards"]), "、".join(signed) or "—")
        table.add_row("→" if row["is_current"] else "", row["release_id"], row["created_at"], *figures)
    screen.print(table)


@app.command()
def show(release_id: Id, home: Home = None, as_json: AsJson = False) -> None:
    """一个发布版：表、来源文件、签署、完好与否；有文件被改动则退出码为 1 / tables, inputs, signatures, soundness."""
    from warehouse import keep, release, sign_off, store

    folder = store.home(home)
    found = keep.find(folder, release_id)
    told = {
        **keep.manifest(folder, found),
        "signatures": sign_off.signatures(folder, found),
        "events": keep.events(folder, found),
        "damages": release.damages(folder / "releases" / found),
    }
    if as_json:
        show_json(told)
    else:
        for line in _sentences(told):
            screen.print(line, markup=False)
    raise typer.Exit(FAILED if told["damages"] else 0)


def _sentences(told: dict) -> Generator[str]:
    yield f"{told['release_id']}  {told['created_at']}  内容指纹 {told['content_hash']}"
    code = told.get("code", {})
    yield f"程序 {code.get('version')} {code.get('commit') or ''}，运行 {told.get('run_id')}"
    for standard_id in told.get("standards", {}):
        readings = "，".join(
            f"{name}={choice}" for name, choice in told.get("readings", {}).get(standard_id, {}).items()
        )
        yield f"标准 {standard_id}{f'（口径 {readings}）' if readings else ''}"
    for name, table in told["tables"].items():
        yield f"  {name}  {table['rows']:,} 行"
    for one in told.get("inputs", []):
        yield f"  ← {one['stat_year']} {one['source_file']}  {one['source_sha256'][:12]}"
    for one in told["signatures"]:
        state = "" if one["is_valid"] else "（作废：签的是另一内容 / void: other content was signed）"
        yield f"{one['role']} {one['by']} {one['at']}{state}"
    if not told["signatures"]:
        yield "未签署 / not signed"
    for one in told["events"]:
        who = "，".join(str(one[name]) for name in ("role", "by", "reason") if name in one)
        yield f"{one['at']} {one['event']}{f'：{who}' if who else ''}"
    yield from told["damages"] or ["文件完好 / every file is what was published"]


@app.command()
def diff(before: Id, after: Id, home: Home = None, as_json: AsJson = False) -> None:
    """两个发布版之间变了什么，结论的改变在前 / what changed between two releases, flipped verdicts first."""
    from transforms import compare
    from warehouse import keep, store

    folder = store.home(home)
    sides = [folder / "releases" / keep.find(folder, one) for one in (before, after)]
    found = compare.releases(*sides)
    if as_json:
        show_json(asdict(found))
    else:
        screen.print(compare.markdown(found), markup=False)


@app.command()
def rollback(
    release_id: Id,
    by: By,
    reason: Annotated[str, typer.Option(help="理由 / why")] = "",
    home: Home = None,
) -> None:
    """让 latest 指回一个旧发布版；什么都不删 / point latest back to an earlier release; nothing is removed."""
    from warehouse import keep, store

    folder, name = store.home(home), _named(by)
    with _alone(folder, "release rollback"):
        found = keep.find(folder, release_id)
        keep.roll_back(folder, found, name, reason.strip())
    screen.print(f"latest → {found}", markup=False)


@app.command()
def prune(
    keep_newest: Annotated[int, typer.Option("--keep", min=1, help="保留最新几个 / how many of the newest to keep")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出 / only list")] = False,
    home: Home = None,
) -> None:
    """删除旧发布版；当前的和签署过的从不删除 / remove old releases, never the current or a signed one."""
    from warehouse import keep, sign_off, store

    folder = store.home(home)
    with _alone(folder, "release prune"):
        for one in (surplus := keep.surplus(folder, keep_newest, sign_off.signed(folder))):
            if not dry_run:
                keep.remove(folder, one)
            screen.print(f"{'可删除 / would remove' if dry_run else '已删除 / removed'} {one}", markup=False)
    if not surplus:
        screen.print("没有可删除的 / nothing to remove")


@app.command()
def sign(
    release_id: Id,
    role: Annotated[Role, typer.Option(help="角色 / role")],
    by: By,
    home: Home = None,
) -> None:
    """签署一个发布版：签的是它的内容，内容变了即作废 / sign a release's content; other content voids it."""
    from warehouse import keep, sign_off, store

    folder, name = store.home(home), _named(by)
    with _alone(folder, "release sign"):
        record = sign_off.sign(folder, keep.find(folder, release_id), role.value, name)
    screen.print(f"{record['role']} {record['by']} {record['at']} {record['content_hash'][:12]}", markup=False)


def dictionary(
    output: Annotated[Path, typer.Option("-o", "--output", help="文件夹 / folder")] = Path(),
    home: Home = None,
) -> None:
    """数据字典：数据字典.md、.xlsx、.html / the dictionary of all tables, columns, codes, standards."""
    from contracts import standard
    from transforms import describe
    from warehouse import store

    output.mkdir(parents=True, exist_ok=True)
    for path in describe.write(output, standard.load_all((), standard.folders(store.home(home)))):
        screen.print(str(path), markup=False)


def _named(by: str) -> str:
    if not by.strip():
        raise typer.BadParameter("责任人不能为空 / a name must not be empty")
    return by.strip()


@contextmanager
def _alone(folder: Path, purpose: str) -> Generator[None]:
    """Hold the warehouse; who holds it already is named, and the command ends."""
    from warehouse import store

    try:
        with store.lock(folder, purpose):
            yield
    except store.Busy as busy:
        messages.print(f"[red]错误[/red] {busy}")
        raise typer.Exit(FAILED) from None
