"""Commands about networks of validators."""

from __future__ import annotations

import typer

from ledger.cli import network_besu

app = typer.Typer(help="Networks of validators.", no_args_is_help=True)
app.command("besu-key")(network_besu.besu_key)
app.command("besu")(network_besu.besu)
