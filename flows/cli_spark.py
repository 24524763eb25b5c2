"""The options of `junheng run` and `backfill` that say where the models run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ENGINES = ("duckdb", "spark")
Engine = Annotated[str, typer.Option("--engine", help="在哪里计算：duckdb 或 spark / where the models run")]
Remote = Annotated[str | None, typer.Option("--spark-remote", help="Spark Connect 地址 / sc://host:port")]
Master = Annotated[str | None, typer.Option("--spark-master", help="独立集群主节点 / spark://host:port")]
Shared = Annotated[
    Path | None,
    typer.Option("--spark-shared", help="各计算节点都能读写的文件夹，默认 HOME/spark / folder that every worker sees"),
]


def place(
    engine: str, remote: str | None, master: str | None, shared: Path | None, home: Path | None
) -> tuple[str, str] | None:
    """Return address and shared folder of the Spark to use; None where DuckDB runs the models here.

    Raises typer.BadParameter for options that do not go together.
    """
    if engine not in ENGINES:
        raise typer.BadParameter(f"--engine 只能是 {' 或 '.join(ENGINES)} / one of {', '.join(ENGINES)}")
    addresses = [one for one in (remote, master) if one]
    if engine == "duckdb":
        if addresses or shared:
            raise typer.BadParameter("--spark-… 要和 --engine spark 一起用 / goes with --engine spark")
        return None
    if len(addresses) != 1:
        raise typer.BadParameter("--spark-remote 和 --spark-master 要给出其中一个 / give one of the two")
    if remote and not remote.startswith("sc://"):
        raise typer.BadParameter("--spark-remote 写作 sc://主机:端口 / sc://host:port")
    from warehouse import store

    return addresses[0], str((shared or store.home(home) / "spark").resolve())
