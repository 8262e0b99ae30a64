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
import { call, closeConnections, randomFrom } from './client.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 10);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const ACCOUNTS = 12;
const INITIAL = 1000;
const WRITERS = 6;
const PLAIN_WRITERS = 2;
const READERS = 3;

const random = randomFrom(SEED);
const now = () => process.hrtime.bigint();
const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const problems = [];
const expect = (holds, words) => { if (!holds && problems.length < 20) problems.push(words); };
const totals = { acknowledged: 0, conflicts: 0, refused: 0, unanswered: 0, replays: 0, inProgress: 0, plain: 0, plainConflicts: 0, reads: 0 };

const N = (number) => ({ N: String(number) });
const accountKey = (account) => ({ pk: { S: `account/${account}` } });
const accounts = Array.from({ length: ACCOUNTS }, (_, i) => i);

// ---- transfers ----

// {id, moves: Map account -> amount, request, startedAt, endedAt, state: 'open' | 'done' | 'none'}
const transfers = [];
const plainWrites = accounts.map(() => ({ acknowledged: 0, unanswered: 0 }));
let lastId = 0;

function makeTransfer() {
  const chosen = new Set();
  const count = 2 + random(3);
  while (chosen.size < count)
    chosen.add(random(ACCOUNTS));
  const [giver, ...takers] = chosen;
  const amount = 1 + random(200);
  const moves = new Map(takers.map((taker) => [taker, amount]));
  moves.set(giver, -amount * takers.length);
  const id = `transfer-${lastId++}`;
  const watched = accounts.find((account) => !chosen.has(account));
  const items = [...moves].map(([account, move]) => ({
    Update: {
      TableName: 'accounts', Key: accountKey(account),
      UpdateExpression: 'SET balance = balance + :move, version = version + :one',
      ConditionExpression: 'balance >= :least',
      ExpressionAttributeValues: { ':move': N(move), ':one': N(1), ':least': N(Math.max(0, -move)) },
    },
  }));
  items.push({ Put: { TableName: 'ledger', Item: { pk: { S: id } }, ConditionExpression: 'attribute_not_exists(pk)' } });
  if (random(3) === 0)
    items.push({ ConditionCheck: { TableName: 'accounts', Key: accountKey(watched), ConditionExpression: 'attribute_exists(pk)' } });
  const transfer = { id, moves, state: 'open', startedAt: now(), endedAt: undefined,
    request: { ClientRequestToken: id, TransactItems: items } };
  transfers.push(transfer);
  return transfer;
}

const isConflict = ({ CancellationReasons }) => CancellationReasons.some(({ Code }) => Code === 'TransactionConflict');

/** Sends it once. true: its fate is known. */
async function send(server, transfer) {
  const wasDone = transfer.state === 'done';
  try {
    await call(server, 'TransactWriteItems', transfer.request);
  } catch (error) {
    if (error.answer === undefined)
      return false;
    const name = error.answer.__type.split('#')[1];
    if (name === 'TransactionInProgressException') {
      totals.inProgress += 1;
      return false;
    }
    const codes = (error.answer.CancellationReasons ?? []).map(({ Code }) => Code);
    expect(name === 'TransactionCanceledException' && codes.length === transfer.request.TransactItems.length
      && codes.every((code) => ['None', 'ConditionalCheckFailed', 'TransactionConflict'].includes(code))
      && codes.some((code) => code !== 'None'), `${transfer.id} was answered with ${error.message}`);
    expect(!wasDone, `${transfer.id} was done and is cancelled now: ${error.message}`);
    totals[isConflict(error.answer) ? 'conflicts' : 'refused'] += 1;
    // The other one of two equal requests may still be done.
    if (transfer.state === 'open' && !transfer.twice)
      transfer.state = 'none';
    return transfer.state === 'none';
  }
  if (transfer.state === 'done')
    totals.replays += 1;
  else
    totals.acknowledged += 1;
  expect(transfer.state !== 'none', `${transfer.id} was cancelled and is done now`);
  transfer.state = 'done';
  transfer.endedAt ??= now();
  return true;
}

async function write(server) {
  while (!server.gone) {
    const transfer = makeTransfer();
    transfer.twice = random(8) === 0;
    const known = await Promise.all([send(server, transfer), ...(transfer.twice ? [send(server, transfer)] : [])]);
    if (server.gone || !known.some(Boolean) && !transfer.twice)
      return; // what is open is settled later
    if (transfer.state === 'done' && random(8) === 0)
      await send(server, transfer);
    await pause(random(12));
  }
}

/** Sends what nobody knows the fate of again, with its token, until it is known. */
async function settle(server) {
  for (const transfer of transfers.filter(({ state }) => state === 'open')) {
    totals.unanswered += 1;
    transfer.twice = false;
    for (let tries = 0; transfer.state === 'open'; tries++) {
      expect(tries < 100, `${transfer.id} has no fate`);
      if (tries === 100)
        return;
      await send(server, transfer);
    }
  }
}

// ---- others ----

async function writePlainly(server) {
  while (!server.gone) {
    const account = random(ACCOUNTS);
    const tally = plainWrites[account];
    tally.unanswered += 1;
    try {
      await call(server, 'UpdateItem', { TableName: 'accounts', Key: accountKey(account),
        UpdateExpression: 'ADD touched :one', ExpressionAttributeValues: { ':one': N(1) } });
      tally.acknowledged += 1;
      tally.unanswered -= 1;
      totals.plain += 1;
    } catch (error) {
      if (error.answer === undefined)
        return;
      expect(error.answer.__type.endsWith('#TransactionConflictException'), `a plain write got ${error.message}`);
      tally.unanswered -= 1;
      totals.plainConflicts += 1;
    }
    await pause(random(20));
  }
}

let reads = []; // {startedAt, endedAt, versions: Map account -> version}

/** One read of the accounts given; undefined when it conflicts. */
async function readAccounts(server, chosen) {
  const startedAt = now();
  try {
    const { Responses } = await call(server, 'TransactGetItems',
      { TransactItems: chosen.map((account) => ({ Get: { TableName: 'accounts', Key: accountKey(account) } })) });
    const items = Responses.map(({ Item }) => Item);
    const read = { startedAt, endedAt: now(), items,
      versions: new Map(chosen.map((account, i) => [account, Number(items[i].version.N)])) };
    reads.push(read);
    totals.reads += 1;
    if (chosen.length === ACCOUNTS) {
      const sum = items.reduce((all, { balance }) => all + Number(balance.N), 0);
      expect(sum === ACCOUNTS * INITIAL, `a read of all accounts sums up to ${sum}`);
    }
    return read;
  } catch (error) {
    if (error.answer === undefined)
      throw error;
    expect(error.answer.__type.endsWith('#TransactionCanceledException') && isConflict(error.answer), `a read got ${error.message}`);
    return undefined;
  }
}

async function read(server) {
  try {
    while (!server.gone) {
      const some = accounts.filter(() => random(4) === 0);
      await readAccounts(server, random(2) === 0 || some.length === 0 ? accounts : some);
      await pause(random(6));
    }
  } catch {
    // the server is gone
  }
}

// ---- the history ----

/** How many of an ascending list are below. */
function countBelow(list, limit) {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle] < limit)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const ascending = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const timesOf = (account, which, wanted) => transfers
  .filter((transfer) => wanted(transfer) && transfer.moves.has(account)).map((transfer) => transfer[which]).sort(ascending);

function checkAgainstTransfers() {
  const begun = accounts.map((account) => timesOf(account, 'startedAt', ({ state }) => state === 'done'));
  const acknowledged = accounts.map((account) => timesOf(account, 'endedAt', ({ state }) => state === 'done'));
  for (const { startedAt, endedAt, versions } of reads) {
    for (const [account, version] of versions) {
      const least = countBelow(acknowledged[account], startedAt);
      const most = countBelow(begun[account], endedAt);
      expect(version >= least && version <= most,
        `account ${account} was read at version ${version}, though ${least} transfers had been acknowledged and ${most} begun`);
    }
  }
}

function checkOrder() {
  const weight = ({ versions }) => [...versions.values()].reduce((sum, version) => sum + version, 0);
  const whole = reads.filter(({ versions }) => versions.size === ACCOUNTS).sort((a, b) => weight(a) - weight(b));
  for (let i = 1; i < whole.length; i++)
    expect(accounts.every((account) => whole[i - 1].versions.get(account) <= whole[i].versions.get(account)),
      'two reads of all accounts cannot be put in an order');
  const byEnd = [...reads].sort((a, b) => ascending(a.endedAt, b.endedAt));
  const newest = accounts.map(() => 0); // that a read saw which has ended
  let ended = 0;
  for (const one of [...reads].sort((a, b) => ascending(a.startedAt, b.startedAt))) {
    for (; ended < byEnd.length && byEnd[ended].endedAt < one.startedAt; ended++)
      byEnd[ended].versions.forEach((version, account) => { newest[account] = Math.max(newest[account], version); });
    for (const [account, version] of one.versions)
      expect(version >= newest[account], `account ${account} was read at version ${version} after ${newest[account]}`);
  }
}

async function scanLedger(server) {
  const found = new Set();
  let ExclusiveStartKey;
  do {
    const page = await call(server, 'Scan', { TableName: 'ledger', ExclusiveStartKey });
    page.Items.forEach(({ pk }) => found.add(pk.S));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return found;
}

async function verify(server) {
  const ledger = await scanLedger(server);
  for (const { id, state } of transfers)
    expect(ledger.has(id) === (state === 'done'), `${id} is ${state}, but ${ledger.has(id) ? '' : 'not '}in the ledger`);
  const last = await readAccounts(server, accounts);
  for (const account of accounts) {
    const done = transfers.filter(({ state, moves }) => state === 'done' && moves.has(account));
    const balance = done.reduce((sum, { moves }) => sum + moves.get(account), INITIAL);
    const item = last.items[account];
    expect(item.balance.N === String(balance) && item.version.N === String(done.length),
      `account ${account} has ${item.balance.N} after ${item.version.N} transfers, expected ${balance} after ${done.length}`);
    const tally = plainWrites[account];
    const touched = Number(item.touched?.N ?? 0);
    expect(touched >= tally.acknowledged && touched <= tally.acknowledged + tally.unanswered,
      `account ${account} was touched ${touched} times, acknowledged ${tally.acknowledged}, unanswered ${tally.unanswered}`);
    Object.assign(tally, { acknowledged: touched, unanswered: 0 });
  }
  checkAgainstTransfers();
  checkOrder();
  reads = [last]; // what comes must not go back behind it
}

// ---- the whole ----

const folder = await temporaryFolder();
const data = path.join(folder, 'data');
const start = () => startServer(['--data', data]);
let server = await start();
for (const TableName of ['accounts', 'ledger'])
  await call(server, 'CreateTable', { TableName, BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] });
for (const account of accounts)
  await call(server, 'PutItem', { TableName: 'accounts', Item: { ...accountKey(account), balance: N(INITIAL), version: N(0) } });

for (let round = 0; round < ROUNDS && problems.length === 0; round++) {
  const living = server;
  const several = (count, work) => Array.from({ length: count }, () => work(living));
  const all = [...several(WRITERS, write), ...several(PLAIN_WRITERS, writePlainly), ...several(READERS, read)];
  await pause(150 + random(450));
  living.gone = true;
  await living.kill();
  await Promise.all(all);
  server = await start();
  await settle(server);
  await verify(server);
}
await server.stop();
closeConnections();
await rm(folder, { recursive: true, force: true });

for (const problem of problems)
  console.error(problem);
console.log(`transfers: ${ROUNDS} rounds of SIGKILL (seed ${SEED}), ${totals.acknowledged} transfers acknowledged, `
  + `${totals.replays} replays, ${totals.conflicts} conflicts, ${totals.refused} refused, ${totals.unanswered} without an answer and settled, `
  + `${totals.plain} plain writes and ${totals.plainConflicts} conflicts, ${totals.reads} reads, ${problems.length} problems`);
process.exitCode = problems.length === 0 && totals.acknowledged > ROUNDS && totals.reads > ROUNDS ? 0 : 1;
