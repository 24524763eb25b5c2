"""sql/core, facts and marts hold the portable subset only, no literal of a standard, and say what a row is."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.tokens import TokenType

from contracts import standard
from transforms import model

ROOT = Path(__file__).parents[2]
SHARED = sorted(path for layer in ("core", "facts", "marts") for path in (ROOT / "sql" / layer).glob("*.sql"))
ALL = sorted((ROOT / "sql").rglob("*.sql"))
RECIPE = {"0", "1", "1e6", "1e9", "1e10", "1e12", "0.5", "0.000001"}
"""0, 1 and the constants of exact sums: scales of a million to a million million, and half a unit."""
PORTABLE = {
    exp.And, exp.Or, exp.If, exp.Case, exp.Cast, exp.Coalesce, exp.Nullif, exp.Exists, exp.Count, exp.Sum, exp.Min,
    exp.Max, exp.Floor, exp.Sqrt, exp.RowNumber, exp.Rank, exp.Lag, exp.Substring, exp.Length, exp.Pad,
}  # fmt: skip
"""What may be called: seen to give the same bits on DuckDB, Spark and Sail. Anything else is refused by its name."""
EXCEPTIONS = {"fact_dispersion": {"function Ln", "ordered sum"}}
"""Informational measures: Theil's logarithm is rounded to the ninth decimal, Gini cumulates exact decimals in a unique
order. Nothing that judges rests on them."""
REFUSED = {
    exp.Qualify: "qualify",
    exp.Pivot: "pivot",
    exp.Lambda: "lambda",
    exp.Bracket: "element of a list",
    exp.Dot: "field of a struct",
    exp.IntDiv: "integer division",
    exp.Mod: "remainder",
    exp.TableSample: "sample",
    exp.SimilarTo: "regular expression",
}
FIRST_LETTERS = {"core": ("core_",), "facts": ("fact_",), "marts": ("dim_", "rpt_", "mart_")}
KNOWN_ITEMS = {row["item_code"] for one in standard.load_all() for row in one.tables["std_item"]}


def breaches(text: str) -> list[str]:
    """What a shared model must not hold."""
    trees = sqlglot.parse(text, dialect="duckdb")
    found = ["more than one statement"] if len(trees) > 1 else []
    found += ["from first"] * begins_with_from(text) + engine_words(text)
    return found + [fault for node in trees[0].walk() for fault in faults(node)]


def faults(node: exp.Expression) -> Iterator[str]:
    """What is wrong with one node by itself."""
    if type(node) in REFUSED:
        yield REFUSED[type(node)]
    if isinstance(node, exp.Func) and type(node) not in PORTABLE:
        yield f"function {node.name if isinstance(node, exp.Anonymous) else type(node).__name__}"
    if isinstance(node, exp.Star) and any(node.args.values()):
        yield "exclude or replace"
    if isinstance(node, exp.Group) and (node.args.get("all") or not node.expressions):
        yield "group by all"
    if isinstance(node, exp.Ordered) and node.this.name.lower() == "all":
        yield "order by all"
    if isinstance(node, exp.Distinct) and node.args.get("on"):
        yield "distinct on"
    if isinstance(node, exp.Join):
        yield from join_faults(node)
    if isinstance(node, exp.Identifier) and (node.args.get("quoted") or not node.name.isascii()):
        yield f"identifier {node.name}"
    if isinstance(node, exp.Div) and not divides_safely(node):
        yield f"division {node.sql()}"
    if isinstance(node, exp.Sum) and not sum_is_cast(node):
        yield f"sum without cast {node.sql()}"
    if isinstance(node, exp.Window) and isinstance(node.this, exp.Sum) and node.args.get("order"):
        yield "ordered sum"
    if isinstance(node, exp.Literal) and not literal_is_allowed(node):
        yield f"literal {node.name}"


def engine_words(text: str) -> list[str]:
    """What engines read otherwise: varchar wants a length on Spark (string is text on all); nulls stand first there."""
    words = [
        token.text.lower()
        for token in sqlglot.tokenize(text, dialect="duckdb")
        if token.token_type is not TokenType.STRING
    ]
    ordered = list(sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Ordered))
    return ["varchar"] * ("varchar" in words) + ["nulls unplaced"] * (words.count("nulls") < len(ordered))


def join_faults(node: exp.Join) -> Iterator[str]:
    """What is wrong with a join: its kind, or an outer one whose condition does not tie the two sides."""
    if node.args.get("method") or node.args.get("using"):
        yield f"join {node.args.get('method') or 'using'}"
    if node.args.get("side") and not joins_columns(node):
        yield "outer join on a constant"


def joins_columns(node: exp.Join) -> bool:
    """Whether a join's condition holds columns of one side against the other; else Sail computes on rows not there."""
    pairs = node.args["on"].find_all(exp.EQ) if node.args.get("on") else []
    sides = [
        [{column.table for column in side.find_all(exp.Column)} for side in (one.left, one.right)] for one in pairs
    ]
    return any(left and right and not left & right for left, right in sides)


def begins_with_from(text: str) -> bool:
    """Whether a query begins with FROM, at the start or in brackets."""
    kinds = [token.token_type for token in sqlglot.tokenize(text, dialect="duckdb")]
    before = [None, *kinds]
    return any(
        kind is TokenType.FROM and at in {None, TokenType.L_PAREN} for at, kind in zip(before, kinds, strict=False)
    )


def literal_is_allowed(node: exp.Literal) -> bool:
    """A number of the recipe or inside a type; a text that is not a number in disguise (a limit, a school type)."""
    if node.is_string:
        return not re.fullmatch(r"\s*[-+]?\d*\.?\d+(e[-+]?\d+)?\s*", node.name, re.IGNORECASE)
    return node.find_ancestor(exp.DataType) is not None or node.name in RECIPE


def divides_safely(node: exp.Div) -> bool:
    """The dividend is cast, the divisor is nullif(...) or a constant of the recipe other than 0."""
    divisor = node.expression.unnest()
    constant = isinstance(divisor, exp.Literal) and divisor.name in RECIPE - {"0"}
    return (isinstance(divisor, exp.Nullif) or constant) and node.this.find(exp.Cast) is not None


def sum_is_cast(node: exp.Sum) -> bool:
    """Whether the result of a sum goes into a cast, through nothing that computes."""
    outer = node.parent
    while isinstance(outer, exp.Case | exp.If | exp.Coalesce | exp.Paren | exp.Window | exp.Filter):
        outer = outer.parent
    return isinstance(outer, exp.Cast)


def items_named(text: str) -> set[str]:
    """Items of a standard that a model names."""
    strings = {node.name for node in sqlglot.parse_one(text, dialect="duckdb").find_all(exp.Literal) if node.is_string}
    return strings & KNOWN_ITEMS


def says_its_grain(text: str) -> bool:
    """Whether the comment at the top, at most five lines, says what one row is."""
    header = list(itertools.takewhile(lambda line: line.startswith("--"), text.splitlines()))
    return len(header) <= 5 and any("One row per" in line for line in header)


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.stem)
def test_a_shared_model_is_portable_and_holds_no_number_of_a_standard(path):
    assert set(breaches(path.read_text("utf-8"))) == EXCEPTIONS.get(path.stem, set())


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.stem)
def test_a_model_is_named_as_its_layer(path):
    assert path.stem.startswith(FIRST_LETTERS[path.parent.name])


@pytest.mark.parametrize("path", SHARED, ids=lambda path: path.stem)
def test_what_a_model_reads_is_found_by_its_words_as_by_a_parse(path):
    text = path.read_text("utf-8")
    tree = sqlglot.parse_one(text, dialect="duckdb")
    steps = {cte.alias for cte in tree.find_all(exp.CTE)}
    parsed = {table.name for table in tree.find_all(exp.Table)}
    models = {one.stem for one in SHARED}
    assert model.reads(text) & models == parsed & models
    assert not steps & models, "a step must not be named as a model"


def test_a_name_in_a_comment_or_a_text_is_not_read():
    text = "-- from a\nselect 'it''s from b' as c from\n  d /* join\n e */ LEFT JOIN f using (x) where y = 'from g'"
    assert model.reads(text) == {"d", "f"}


def test_no_two_models_make_the_same_table():
    names = [path.stem for path in SHARED]
    assert len(names) == len(set(names)) > 0


@pytest.mark.parametrize("path", [path for path in SHARED if path.parent.name != "marts"], ids=lambda path: path.stem)
def test_core_and_facts_know_no_item_by_name(path):
    assert items_named(path.read_text("utf-8")) == set()


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
def test_the_header_says_what_one_row_is(path):
    assert says_its_grain(path.read_text("utf-8"))


def test_the_lint_sees_a_planted_item_and_a_header_without_grain():
    assert items_named("select a from t where item_code = 'R4'") == {"R4"}
    assert says_its_grain("-- Sites.\n-- One row per site.\nselect a from t")
    assert not says_its_grain("-- Sites.\nselect a from t")
    assert not says_its_grain("select a from t\n-- One row per site.")


@pytest.mark.parametrize(
    "planted",
    [
        "select a from t where b >= 4.5",
        "select a from t where b = -3",
        "select a from t where b = '218'",
        "select cast('4.5' as decimal(6, 2)) as x from t",
        "select a from t limit 5",
        "select a / b as c from t",
        "select cast(a as double) / b as c from t",
        "select a / nullif(b, 0) as c from t",
        "select cast(a as double) / 0 as c from t",
        "select a // nullif(b, 0) as c from t",
        "select sum(a) as s from t",
        "select cast(sum(a) over (order by b) as bigint) as s from t",
        "select * exclude (a) from t",
        "select * replace (a as b) from t",
        "select columns('a.*') from t",
        "select cast(a as varchar) as b from t",
        "select row_number() over (order by a) as b from t",
        "select row_number() over (partition by a order by b nulls last, c desc) as d from t",
        "select t.a from t left join u on u.code = 'x'",
        "select t.a from t full join u on t.a > u.a",
        "select a, count(*) from t group by all",
        "select a from t order by all",
        "select distinct on (a) a from t",
        "select a from t qualify row_number() over () = 1",
        "pivot t on a using max(b)",
        "unpivot t on a into name n value v",
        "select a from t asof join u on t.b >= u.b",
        "select a from t positional join u",
        "select a from t natural join u",
        "select a from t join u using (a)",
        "from t select a",
        "select a from (from t)",
        "select a from t; select a from u",
        "select list_transform(a, lambda x: x) from t",
        "select [a, b] as l from t",
        "select {'a': a} as s from t",
        "select map([a], [b]) as m from t",
        "select a[1] as b from t",
        "select unnest(a) as b from t",
        "select array_agg(a) from t",
        "select string_agg(a, ',') from t",
        "select listagg(a, ',') from t",
        "select arg_max(a, b) from t",
        "select min_by(a, b) from t",
        "select first(a) from t",
        "select quantile_cont(a, 0.5) from t",
        "select median(a) from t",
        "select strftime(a, '%Y') from t",
        "select a from t where regexp_matches(a, 'x')",
        "select a from t where a similar to 'x'",
        "select regexp_replace(a, 'x', 'y') from t",
        "select regexp_extract(a, 'x') from t",
        "select a from range(1)",
        "select a from generate_series(1, 1)",
        "select a from read_csv('x')",
        "select try_cast(a as integer) as b from t",
        "select power(a, 0.5) from t",
        "select ln(a) from t",
        "select random() as a from t",
        "select a from t using sample 1",
        'select "数" from t',
        'select "a" from t',
        "select 数 from t",
        "select a from 表",
    ],
)
def test_the_lint_sees_a_planted_breach(planted):
    assert breaches(planted)


def test_the_lint_lets_the_recipe_through():
    assert breaches("select floor(cast(p as double) * d * 1e10 + 0.5) / nullif(s, 0) as term from t") == []
    assert (
        breaches(
            "select cast(sum(a) as decimal(20, 0)) as s, rank() over (order by b nulls last) as r from t group by b"
        )
        == []
    )
