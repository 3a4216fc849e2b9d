"""`./scripts/demo`: sets up a development ledger, tells the two stories step by step, then serves until Ctrl-C.

Every step asks for what should be and is harmless to repeat, so the demo may be killed anywhere and started again.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from ledger.config import Home, Settings, home_from
from ledger.errors import SuyuanError
from ledger.operate.development import create_home, development_settings
from ledger.operate.serve import serving
from ledger.store.atomic import disk_refused
from scripts.story.evidence import tell_evidence
from scripts.story.money import tell_money
from scripts.story.telling import Telling


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="One lot from field to salad; real orders from payment to the bank line."
    )
    parser.add_argument("--exit", action="store_true", help="end after the story instead of serving")
    parser.add_argument("--home", type=Path, default=None, help="the ledger's folder (SUYUAN_HOME, else .suyuan)")
    parser.add_argument("--port", type=int, default=8000, help="where the pages are served on 127.0.0.1")
    arguments = parser.parse_args()
    try:
        return _run(arguments)
    except SuyuanError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"\n{disk_refused(error, Path(error.filename or '.'))}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def _run(arguments: argparse.Namespace) -> int:
    started = time.monotonic()
    home = home_from(arguments.home)
    _prepare(home, arguments.port)
    print(f"Suyuan 溯源 · demo in {home.path} — development only: one signer holds every member's key.")
    print("Starting chain, signer, sender, indexer and API ...", flush=True)
    with serving(home, ("sender", "indexer", "notifier", "api"), lasting=True, told=_tell_restart) as ledger:
        telling = Telling(home)
        tell_evidence(telling, ledger)
        tell_money(telling, ledger)
        telling.close(time.monotonic() - started)
        if not arguments.exit:
            print("\nServing until Ctrl-C ...", flush=True)
            while True:
                time.sleep(1)
    return 0


def _prepare(home: Home, port: int) -> None:
    """A development home with ports of its own; the pages' port must be free."""
    if not home.config_file.exists():
        create_home(home, development_settings(port))
    else:
        create_home(home, Settings.load(home))
    settings = Settings.load(home)
    wanted = f"http://127.0.0.1:{port}"
    if settings.api_url != wanted:
        Settings(**{**settings.__dict__, "api_url": wanted}).save(home)


def _tell_restart(name: str) -> None:
    # Not sys.stdout: that is a command's answer while one runs.
    print(f"  (the {name} had died and was started again)", file=sys.__stdout__, flush=True)


if __name__ == "__main__":
    sys.exit(main())
