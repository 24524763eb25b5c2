"""Import a library without the others it would bring along if they happen to be installed."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager


class _Absent:
    """A finder that knows of some libraries only that they are not there."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def find_spec(self, fullname: str, *_path_and_target: object) -> None:
        """Return None for other modules. Raises ModuleNotFoundError for those that are to be absent."""
        name = fullname.partition(".")[0]
        if name in self.names and name not in sys.modules:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)


@contextmanager
def without(*names: str) -> Generator[None]:
    """Make some libraries look absent to the imports in this block; those that are loaded already stay.

    Names that the imports add to the environment go again: pandera's would bind every Spark driver to loopback.
    """
    finder = _Absent(names)
    before = set(os.environ)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in set(os.environ) - before:
            del os.environ[name]


@contextmanager
def everything() -> Generator[None]:
    """Let the imports in this block see every library, inside a block of `without` too."""
    finders = [one for one in sys.meta_path if isinstance(one, _Absent)]
    sys.meta_path[:] = [one for one in sys.meta_path if one not in finders]
    try:
        yield
    finally:
        sys.meta_path[:0] = finders
