"""Shared fixtures. Real cases live beside the project in `../shared/corpora`; they are read in place."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real cases. Missing: skipped in sight; with CI=true a failure."""
    if CORPORA.is_dir():
        return CORPORA
    message = f"the real cases are missing: {CORPORA} (only the project was cloned)"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A command or a process that ran within a test has told its log to go where only that test could hear it."""
    yield
    structlog.reset_defaults()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was skipped, in sight: one line a reason, with the number of tests."""
    reasons = Counter(
        report.longrepr[2].removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    )
    for reason, tests in reasons.items():
        terminalreporter.write_line(f"SKIPPED {tests} tests: {reason}", yellow=True)
