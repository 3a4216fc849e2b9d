// Follows the contract of scripts/bench/contracts/Mixed.sol. The script says where it stands: MIXED_RPC, MIXED_ADDRESS, MIXED_FROM, MIXED_TO.
import { readFileSync } from "node:fs";
import { createConfig } from "ponder";
import type { Abi } from "viem";

const artifact = JSON.parse(readFileSync(process.env.MIXED_ARTIFACT!, "utf-8"));

export default createConfig({
  database: { kind: "postgres", connectionString: process.env.DATABASE_URL! },
  chains: { mixed: { id: 31337, rpc: process.env.MIXED_RPC! } },
  contracts: {
    Mixed: {
      chain: "mixed",
      abi: artifact.abi as Abi,
      address: process.env.MIXED_ADDRESS as `0x${string}`,
      startBlock: Number(process.env.MIXED_FROM),
      endBlock: Number(process.env.MIXED_TO),
    },
  },
});
