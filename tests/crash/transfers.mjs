// Transfers between accounts, concurrently, with TransactWriteItems, while others read all accounts with
// TransactGetItems and write to them without transactions; and the server is killed with SIGKILL again and again. What
// was seen is then checked as a history:
//  - every read of all accounts sums up to the same amount: no read is torn;
//  - those reads can be put in one order in which no account's version goes back, and a read that began when another
//    had ended does not come before it;
//  - a read has every transfer that was acknowledged before it began, and none that was begun after it ended;
//  - every acknowledged transfer is there once, none that was cancelled is, and one without an answer is there once
//    when it is sent again with its token, however often and whether the server was killed in between or not.
//
//   HASHRANGE=build/release/hashrange ROUNDS=10 SEED=1 node tests/crash/transfers.mjs

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryFolder } from '../api/server.mjs';
import { makeBank } from './bank.mjs';
import { closeConnections, randomFrom } from './client.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 10);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const WRITERS = 6;
const PLAIN_WRITERS = 2;
const READERS = 3;

const random = randomFrom(SEED);
const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const problems = [];
const expect = (holds, words) => { if (!holds && problems.length < 20) problems.push(words); };

const folder = await temporaryFolder();
const data = path.join(folder, 'data');
const start = () => startServer(['--data', data]);
let server = await start();
const bank = makeBank({ random, expect });
await bank.open(server);

for (let round = 0; round < ROUNDS && problems.length === 0; round++) {
  const living = server;
  const several = (count, work) => Array.from({ length: count }, () => work(living));
  const all = [...several(WRITERS, bank.write), ...several(PLAIN_WRITERS, bank.writePlainly), ...several(READERS, bank.read)];
  await pause(150 + random(450));
  living.gone = true;
  await living.kill();
  await Promise.all(all);
  server = await start();
  await bank.settle(server);
  await bank.verify(server);
}
await server.stop();
closeConnections();
await rm(folder, { recursive: true, force: true });

for (const problem of problems)
  console.error(problem);
const { totals } = bank;
console.log(`transfers: ${ROUNDS} rounds of SIGKILL (seed ${SEED}), ${totals.acknowledged} transfers acknowledged, `
  + `${totals.replays} replays, ${totals.conflicts} conflicts, ${totals.refused} refused, ${totals.unanswered} without an answer and settled, `
  + `${totals.plain} plain writes and ${totals.plainConflicts} conflicts, ${totals.reads} reads, ${problems.length} problems`);
process.exitCode = problems.length === 0 && totals.acknowledged > ROUNDS && totals.reads > ROUNDS ? 0 : 1;
