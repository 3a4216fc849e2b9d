// The columns that the ledger's engine makes of the same events. Envio's tables want an `id`.
import { Mixed } from "generated";

const place = (event: any) => ({
  id: `${event.block.number}_${event.logIndex}`,
  block: BigInt(event.block.number),
  log_index: event.logIndex,
  tx_hash: event.transaction.hash,
  address: event.srcAddress,
});

Mixed.Noted.handler(async ({ event, context }) => {
  const { topic, by, number, text } = event.params;
  context.LogNoted.set({ ...place(event), topic, by, number, text });
});

Mixed.Listed.handler(async ({ event, context }) => {
  const { list, amounts, closed } = event.params;
  context.LogListed.set({ ...place(event), list, amounts: JSON.stringify(amounts.map(String)), closed });
});

Mixed.Moved.handler(async ({ event, context }) => {
  const { lot, place: to, amount } = event.params;
  context.LogMoved.set({ ...place(event), lot, place: to, amount });
});
