"""What a command prints: sentences and tables for people, or one JSON document with `--json`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ledger.errors import BadDocument, BadInput, SuyuanError
from ledger.store.atomic import disk_refused

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="The ledger's folder; else SUYUAN_HOME, else .suyuan.", show_default=False)
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]

EXIT_NO = 1
"""The answer is no, or the input was refused."""


class Output:
    """Collects what a command says and prints it in the form asked for."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json
        self._console = Console(highlight=False, soft_wrap=True)

    def say(self, sentence: str = "") -> None:
        """A line for people; silent with `--json`."""
        if not self.as_json:
            self._console.print(sentence, markup=False)

    def table(self, title: str, columns: list[str], rows: list[list[str]], *, right: tuple[int, ...] = ()) -> None:
        """A table for people; `right` names the columns that hold numbers."""
        if self.as_json:
            return
        table = Table(title=title, title_justify="left")
        for index, column in enumerate(columns):
            table.add_column(column, justify="right" if index in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*row)
        self._console.print(table)

    @contextmanager
    def progress(self, title: str) -> Iterator[Callable[[int, int], None]]:
        """A bar for people, on standard error and only at a terminal; called with what is done and all there is."""
        console = Console(stderr=True)
        if self.as_json or not console.is_terminal:
            yield lambda done, total: None
            return
        with Progress(
            TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=console
        ) as bar:
            task = bar.add_task(title, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)

    def result(self, value: Any) -> None:
        """The JSON document; silent without `--json`."""
        if self.as_json:
            sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


@contextmanager
def told_plainly(output: Output) -> Iterator[None]:
    """Turns an error of ours, or of the disk, into its sentence on standard error (or a JSON document) and exit status 1."""
    try:
        yield
    except SuyuanError as error:
        _tell(error, output)
    except BrokenPipeError:
        raise typer.Exit(0) from None
    except OSError as error:
        _tell(disk_refused(error, Path(error.filename or ".")), output)


def _tell(error: SuyuanError, output: Output) -> NoReturn:
    output.result(error_document(error))
    if not output.as_json:
        sys.stderr.write(f"{error}\n")
    raise typer.Exit(EXIT_NO)


def error_document(error: SuyuanError) -> dict[str, Any]:
    document: dict[str, Any] = {
        "error": type(error).__name__,
        "what": error.what,
        "where": error.where,
        "hint": error.hint,
    }
    if isinstance(error, BadDocument):
        document["problems"] = [error_document(problem) for problem in error.problems]
    return document


def read_file(path: Path) -> bytes:
    """A file's bytes, `-` being standard input; a missing one is a sentence."""
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput("There is no such file.", where=str(path), hint="Check the name.") from None
    except OSError as error:
        raise BadInput(f"The file cannot be read: {error.strerror}.", where=str(path)) from None
