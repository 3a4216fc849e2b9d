"""The passwords of a home's keys, asked for in a terminal before its signer starts, and given to no other process."""

from __future__ import annotations

import sys
from getpass import getpass

from ledger.chain.keystore import keystores, password_from_environment, password_of, password_variable, refuse_weak
from ledger.chain.policy import RELAY_NAME
from ledger.config import Home, Settings
from ledger.errors import BadInput, NotAuthenticated


def ask_passwords(home: Home, settings: Settings) -> dict[str, str]:
    """By variable, what the environment lacks. Empty for a development home, and where nobody can be asked: then the
    signer says what it misses."""
    names = [name for name in (settings.member, RELAY_NAME) if name in keystores(home)]
    if settings.development or not sys.stdin.isatty():
        return {}
    missing = [name for name in names if name and password_of(home, name, development=False) is None]
    if not missing:
        return {}
    password = getpass(f"Password of {missing[0]}: ")
    return {password_variable(name): password for name in missing}  # the relay's key was sealed with the same one


def new_password(name: str) -> str:
    """For a key that is about to be made: from the environment, or asked for twice. BadInput for a weak one."""
    given = password_from_environment(name)
    if given is None and sys.stdin.isatty():
        given = getpass(f"A new password for the key of {name}: ")
        if given != getpass("Once more: "):
            raise BadInput("The two are not the same.", hint="Try again.")
    if not given:
        raise NotAuthenticated(
            f"The key of {name} needs a password.",
            hint=f"Set {password_variable(name)}, or run this in a terminal to be asked.",
        )
    refuse_weak(given)
    return given
