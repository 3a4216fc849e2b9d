"""Whether the code that stands at an address is that of this package's contracts."""

from __future__ import annotations

from ledger.chain.artifact import CONTRACTS, runtime_bytecode
from ledger.chain.client import Client
from ledger.chain.contracts import Deployment
from ledger.errors import Conflict


def which_stand(client: Client, deployment: Deployment) -> dict[str, bool]:
    """By contract, whether it stands; Conflict where other code stands in its place, or it is not in the deployment.

    Of a replaced contract only the one of now: an older version of the software knew the former ones.
    """
    unknown = [name for name in CONTRACTS if name not in deployment.addresses]
    if unknown:
        raise Conflict(
            f"This home's ledger has no {unknown[0]}: an older version of the software deployed it.",
            hint="Install that version, or start a new home.",
        )
    codes = client.codes([deployment.addresses[name] for name in CONTRACTS])
    for name, code in zip(CONTRACTS, codes, strict=True):
        if code and not is_code_of(name, code):
            raise Conflict(
                f"At {deployment.addresses[name]} stands other code than this package's {name}.",
                hint="Install the version of the package that deployed it, or start a new home.",
            )
    return {name: bool(code) for name, code in zip(CONTRACTS, codes, strict=True)}


def require_own_code(client: Client, deployment: Deployment) -> None:
    """Conflict unless every contract of the deployment stands, with this package's code."""
    missing = [name for name, there in which_stand(client, deployment).items() if not there]
    if missing:
        raise Conflict(
            f"The contract {missing[0]} does not stand on this chain, although it was deployed.",
            hint="The chain was replaced. Bring it back, or start a new home.",
        )


def is_code_of(contract: str, code: bytes) -> bool:
    """Whether runtime code is this package's, whatever its immutable values."""
    template = runtime_bytecode(contract)
    return len(template) == len(code) and all(ours in (0, theirs) for ours, theirs in zip(template, code, strict=True))
