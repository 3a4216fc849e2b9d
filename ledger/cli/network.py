"""Commands about networks of validators."""

from __future__ import annotations

import typer

from ledger.cli import network_besu, network_check, network_here, network_join

app = typer.Typer(help="Networks of validators.", no_args_is_help=True)
app.command("up")(network_here.up)
app.command("down")(network_here.down)
app.command("status")(network_here.status)
app.command("kill")(network_here.kill)
app.command("start")(network_here.start)
app.command("join")(network_join.join)
app.command("vote")(network_join.vote)
app.command("logs")(network_here.logs)
app.command("check")(network_check.check)
app.command("besu-key")(network_besu.besu_key)
app.command("besu")(network_besu.besu)
