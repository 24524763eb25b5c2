"""The same county as template workbook, as CSV in either language, and as Parquet: one hash of the published tables."""

import shutil

import pytest

from contracts import dictionary
from tests.conftest import taken_in
from transforms.synthesize import demo_county


@pytest.fixture(scope="module")
def frames():
    return demo_county.make_year(2023)


def as_csv(frames, folder):
    folder.mkdir(parents=True)
    for name, rows in frames.items():
        rows.write_csv(folder / f"{name}.csv")


def as_chinese_csv(frames, folder):
    folder.mkdir(parents=True)
    for name, rows in frames.items():
        model = dictionary.input_tables()[name]
        heads = {column.name: column.header for column in dictionary.columns(model)}
        (folder / f"{dictionary.title(model)}.csv").write_bytes(rows.rename(heads).write_csv().encode("gb18030"))


def as_parquet(frames, folder):
    """Two parts a table, in a folder named as the table."""
    for name, rows in frames.items():
        (folder / name).mkdir(parents=True)
        half = rows.height // 2
        rows.head(half).write_parquet(folder / name / "part-1.parquet")
        rows.tail(rows.height - half).write_parquet(folder / name / "part-2.parquet")


def as_shuffled_csv(frames, folder):
    as_csv({name: rows.sample(fraction=1, shuffle=True, seed=3) for name, rows in frames.items()}, folder)


@pytest.fixture(scope="module")
def book(demo_home, tmp_path_factory):
    """What comes of the workbook of one year."""
    inbox = tmp_path_factory.mktemp("book") / "inbox"
    (inbox / "2023").mkdir(parents=True)
    shutil.copy(demo_home / "inbox" / "2023" / "500104_2023.xlsx", inbox / "2023")
    return taken_in(inbox.parent / "home", inbox, 2023)


@pytest.mark.parametrize("write", [as_csv, as_chinese_csv, as_parquet, as_shuffled_csv])
def test_every_form_gives_the_same_bytes_as_the_workbook(write, frames, book, tmp_path, run):
    write(frames, tmp_path / "plain" / "2023")
    plain = run(tmp_path / "plain")
    assert plain.release.content_hash == book.release.content_hash
    assert plain.taken[0].counts["rows_accepted"] == book.taken[0].counts["rows_accepted"]
