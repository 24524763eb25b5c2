"""A gate that answers in the tests' own process, so that Great Expectations is imported once for all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import steps
from tests.conftest import Here, order_for
from warehouse import release, store


@pytest.fixture
def here() -> Here:
    return Here()


@pytest.fixture
def gate_of(here):
    """What the whole gate says of a warehouse's candidate: the admission, or the breaches that close it."""

    def gate_of(home: Path, *years: int, **more):
        order = order_for(home, home / "inbox", *(years or (2023,)), **{"standard_ids": (), **more})
        try:
            return steps.pass_gate(order, here), []
        except steps.GateClosed as closed:
            return None, closed.breaches

    return gate_of


@pytest.fixture
def planted(demo_copy):
    """A warehouse whose candidate, or whose store (`store: …`), was changed by some statements."""

    def planted(*statements: str) -> Path:
        with store.connect(demo_copy) as con:
            for statement in statements:
                if statement.startswith("store: "):
                    con.execute(statement.removeprefix("store: "))
        with release.connect_candidate(demo_copy) as con:
            for statement in statements:
                if not statement.startswith("store: "):
                    con.execute(statement)
        return demo_copy

    return planted
