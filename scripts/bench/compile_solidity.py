"""Compiles a Solidity file of the benchmarks or tests into JSON beside it, with the compiler that the ledger's contracts use.

    python -m scripts.bench.compile_solidity FILE.sol      (`npm ci` in contracts/ first)

One contract in the file: its ABI and creation bytecode. Several: those of each, by name.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MIXED = ROOT / "scripts" / "bench" / "contracts" / "Mixed.json"


def compile_file(file: Path) -> dict[str, Any]:
    """`abi` and `bytecode` of each contract, by name."""
    import solcx

    base = ROOT / "contracts"
    job = {
        "language": "Solidity",
        "sources": {file.name: {"content": file.read_text("utf-8")}},
        "settings": {
            "optimizer": {"enabled": True, "runs": 10_000},
            "evmVersion": "london",
            "metadata": {"bytecodeHash": "none", "appendCBOR": False},
            "outputSelection": {"*": {"*": ["abi", "evm.bytecode.object"]}},
        },
    }
    answer = solcx.compile_standard(job, base_path=base, allow_paths=base, solc_binary=base / "tools" / "solc")
    return {
        name: {"contractName": name, "abi": output["abi"], "bytecode": "0x" + output["evm"]["bytecode"]["object"]}
        for name, output in answer["contracts"][file.name].items()
    }


def main() -> None:
    file = Path(sys.argv[1])
    made = compile_file(file)
    artifact = next(iter(made.values())) if len(made) == 1 else made
    file.with_suffix(".json").write_text(json.dumps(artifact, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
