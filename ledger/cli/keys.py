"""The command `key`: a member's key that this home does not hold itself."""

from __future__ import annotations

from typing import Annotated

import typer

from ledger.chain.held_key import name_key_elsewhere
from ledger.chain.keystore import password_variable
from ledger.chain.web3signer import variable
from ledger.cli.output import HomeOption, JsonOption, Output, told_plainly
from ledger.config import home_from


def register(app: typer.Typer) -> None:
    app.command("key")(key)


def key(
    name: Annotated[str, typer.Argument(help="Whose key: a member's slug, or consortium.")],
    account: Annotated[str, typer.Option("--account", help="The key's account.")],
    web3signer: Annotated[
        str | None, typer.Option("--web3signer", help="The remote signer's address; without it, the environment.")
    ] = None,
    as_json: JsonOption = False,
    home: HomeOption = None,
) -> None:
    """Say where a key is held: at a remote signer (Web3Signer), or in the environment of this home's signer process."""
    output = Output(as_json)
    with told_plainly(output):
        named = name_key_elsewhere(home_from(home), name, account, web3signer=web3signer)
        secrets = [password_variable(name)]
        if web3signer is None:
            secrets.append(variable(f"SUYUAN_KEY_{name}"))
        else:
            secrets += [
                variable(f"SUYUAN_SALT_{name}"),
                f"{variable(f'SUYUAN_SIGNER_TOKEN_{name}')} if it asks for one",
            ]
        output.say(
            f"The key of {name} ({named}) is held {'at ' + web3signer if web3signer else 'in the environment'}. The signer "
            f"process needs in its environment: {', '.join(secrets)}."
        )
        output.result({"name": name, "account": named, "web3signer": web3signer, "environment": secrets})
