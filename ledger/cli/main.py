"""`suyuan`: the commands by name, and how an error becomes a sentence and an exit status."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import structlog
import typer
from typer.main import get_command

from ledger import __version__
from ledger.cli import (
    backup,
    bank,
    batch,
    campaign,
    codes,
    council,
    epcis,
    evidence,
    fund,
    gs1,
    index,
    keys,
    look,
    make_home,
    members,
    money,
    network,
    operate,
    orders,
    recall_list,
    rules,
    status,
    webhooks,
)
from ledger.cli.output import EXIT_NO

app = typer.Typer(
    name="suyuan",
    help="Suyuan 溯源: where a product came from, and who was paid what for it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
evidence.register(app)
look.register(app)
app.command("explain")(orders.explain)
money.register(app)
members.register(app)
make_home.register(app)
operate.register(app)
status.register(app)
backup.register(app)
app.add_typer(codes.items_app, name="items")
recall_list.register(codes.recall_app)
app.add_typer(codes.recall_app, name="recall")
app.add_typer(orders.app, name="orders")
app.add_typer(batch.app, name="batch")
app.add_typer(campaign.app, name="campaign")
app.add_typer(rules.app, name="rule")
app.add_typer(bank.app, name="bank")
app.add_typer(fund.app, name="fund")
app.add_typer(index.app, name="index")
app.add_typer(webhooks.app, name="webhooks")
app.add_typer(network.app, name="network")
app.add_typer(council.app, name="council")
app.add_typer(keys.app, name="key")
app.add_typer(gs1.app, name="gs1")
app.add_typer(epcis.app, name="epcis")


@app.callback(invoke_without_command=True)
def _options(version: bool = typer.Option(False, "--version", help="Print the version.", is_eager=True)) -> None:
    if version:
        print(f"suyuan {__version__}")
        raise typer.Exit


def run(words: Sequence[str]) -> int:
    """Runs one command in this process and returns its exit status: 0 yes, 1 no or refused, 2 the words are off."""
    # Standard output belongs to the answer: what the ledger's parts log goes to standard error, from warnings on.
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    try:
        _command()(list(words), prog_name="suyuan")
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else EXIT_NO
    return 0


@cache
def _command() -> Callable[..., Any]:
    """All commands, made once a process: tests run many."""
    return get_command(app)


def main() -> None:
    """The console script."""
    try:
        sys.exit(run(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
