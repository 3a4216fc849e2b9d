"""Makes each fault on a network of its own making, one after the other, and says whether everything held."""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence

from scripts.consortium.served import a_served_network, with_rule
from scripts.faults.on_network import expelled, processes, validators
from scripts.faults.on_network.fault import Fault, Scene, suffer
from scripts.faults.on_network.partition import partition

FAULTS: dict[str, Fault] = {
    "each_validator_killed": validators.each_validator_killed,
    "two_validators_killed": validators.two_validators_killed,
    "node_in_use_killed": validators.node_in_use_killed,
    "api_killed": processes.api_killed,
    "sender_killed": processes.sender_killed,
    "indexer_killed": processes.indexer_killed,
    "validator_paused": validators.validator_paused,
    "disk_full": validators.disk_full,
    "clocks_wrong": processes.clocks_wrong,
    "member_expelled": expelled.member_expelled,  # for ever: the last one on its network
}

SHORT: dict[str, Fault] = {
    "one_validator_killed": validators.one_validator_killed,
    "two_validators_killed": validators.two_validators_killed,
    "member_expelled": expelled.member_expelled,
}
"""The short form, for the tests."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/faults/network", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument(
        "--kills", type=int, default=10, help="of API, sender and indexer each, a round (the long form: 100)"
    )
    parser.add_argument(
        "--only", action="append", choices=[*FAULTS, *SHORT, "partition"], help="this fault; may be repeated"
    )
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join([*FAULTS, "partition"]))
        return 0
    print(f"seed {options.seed}", flush=True)
    chance = random.Random(options.seed)  # noqa: S311 - when to kill, not a secret
    chosen = options.only or [*FAULTS, "partition"]
    results = dict.fromkeys(chosen, 0)
    for _ in range(options.rounds):
        together = [name for name in chosen if name != "partition"]
        if together:
            with a_served_network() as served:
                scene = Scene(served, with_rule(served), chance, options.kills)
                for name in together:
                    results[name] += not suffer(scene, name, {**FAULTS, **SHORT}[name])
        if "partition" in chosen:
            results["partition"] += not partition(chance)
    ok = not any(results.values())
    print(json.dumps({"faults": "network", "rounds": options.rounds, "wrong": results, "ok": ok}))
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
