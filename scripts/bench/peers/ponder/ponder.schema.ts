// The columns that the ledger's engine makes of the same events.
import { onchainTable, primaryKey } from "ponder";

const place = (t: any) => ({
  block: t.bigint().notNull(),
  logIndex: t.integer().notNull(),
  txHash: t.hex().notNull(),
  address: t.hex().notNull(),
});
const key = (table: any) => ({ pk: primaryKey({ columns: [table.block, table.logIndex] }) });

export const logNoted = onchainTable(
  "log_noted",
  (t) => ({ ...place(t), topic: t.hex().notNull(), by: t.hex().notNull(), number: t.bigint().notNull(), text: t.text().notNull() }),
  key,
);
export const logListed = onchainTable(
  "log_listed",
  (t) => ({ ...place(t), list: t.bigint().notNull(), amounts: t.text().notNull(), closed: t.boolean().notNull() }),
  key,
);
export const logMoved = onchainTable(
  "log_moved",
  (t) => ({ ...place(t), lot: t.hex().notNull(), place: t.hex().notNull(), amount: t.bigint().notNull() }),
  key,
);
