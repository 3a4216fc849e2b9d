import { ponder } from "ponder:registry";
import { logListed, logMoved, logNoted } from "ponder:schema";

const place = (event: any) => ({
  block: event.block.number,
  logIndex: event.log.logIndex,
  txHash: event.transaction.hash,
  address: event.log.address,
});

ponder.on("Mixed:Noted" as any, async ({ event, context }: any) => {
  const { topic, by, number, text } = event.args;
  await context.db.insert(logNoted).values({ ...place(event), topic, by, number, text });
});

ponder.on("Mixed:Listed" as any, async ({ event, context }: any) => {
  const { list, amounts, closed } = event.args;
  const told = JSON.stringify(amounts.map(String));
  await context.db.insert(logListed).values({ ...place(event), list: BigInt(list), amounts: told, closed });
});

ponder.on("Mixed:Moved" as any, async ({ event, context }: any) => {
  const { lot, place: to, amount } = event.args;
  await context.db.insert(logMoved).values({ ...place(event), lot, place: to, amount });
});
