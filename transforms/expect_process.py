"""The process in which Great Expectations is imported and waits: its import takes seconds, so it starts early."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path
from typing import IO

TIMEOUT_SECONDS = 300
LAST_WORDS = 40


class Child:
    """The process that has Great Expectations loaded and waits for one message."""

    def __init__(self, said: IO[str], timeout: float = TIMEOUT_SECONDS) -> None:
        """Start it; it imports while the caller goes on, and what it says goes to a file."""
        self.timeout = timeout
        self.waited = 0.0
        self._said = said
        environment = {**os.environ, "GX_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "TQDM_DISABLE": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "transforms.expect_child"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._said, env=environment,
            text=True, encoding="utf-8",
        )  # fmt: skip

    def send(self, message: Path) -> None:
        """Give the child the file of its message; it answers while the caller goes on."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError, ValueError):  # a child that is gone is noticed when it is waited for
            self.process.stdin.write(f"{message}\n")
            self.process.stdin.close()

    def wait(self) -> str:
        """Wait until the child has ended; return what went wrong, empty when nothing did."""
        begun = time.perf_counter()
        try:
            self.process.wait(self.timeout)
        except subprocess.TimeoutExpired:
            self.stop()
            return f"{self.timeout:g} 秒内没有答复 / no answer within {self.timeout:g} seconds"
        finally:
            self.waited = time.perf_counter() - begun
        if self.process.returncode:
            return f"进程以 {self.process.returncode} 结束 / the process ended with that: {self._last_words()}"
        return ""

    def _last_words(self) -> str:
        self._said.seek(0)
        return " ".join(self._said.read().split()[-LAST_WORDS:])

    def stop(self) -> None:
        """End the process, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        with contextlib.suppress(OSError, ValueError):  # what was never sent cannot be flushed to a child that is gone
            self.process.stdin.close() if self.process.stdin else None


@contextlib.contextmanager
def child(timeout: float = TIMEOUT_SECONDS) -> Generator[Child]:
    """Start the child and see that it is gone in the end."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        started = Child(said, timeout)
        try:
            yield started
        finally:
            started.stop()
