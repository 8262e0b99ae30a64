// Loses the power at every moment that counts. A server works under a bounded load while the preloaded library keeps a
// journal of what happens to its files; flushes and compactions come often, since RocksDB's buffers are made tiny. Then,
// for each moment right after a sync and for random ones between, the data folder is rebuilt as the disk can be after the
// power was lost then (disk.mjs), a server is started on it, and:
//  - it starts, without complaint;
//  - every write acknowledged before that moment is there, none is there that began after it, and one in between is there
//    whole or not at all;
//  - indexes, counts and sizes agree with the items, transfers have kept their sum, the stream rebuilds the table.
// Some of these starts are recorded as well, and the power is lost again while the server recovers. And for a moment of the
// load syncs fail, after which the kernel may forget what it had not written, and writes fail half-way.
//
//   HASHRANGE=build/release/hashrange WRITES=400 SEED=1 node tests/soak/power_loss.mjs
//
// MOMENTS (default: all) bounds how many moments are tried. DURABILITY=none shows that the test finds losses: it must fail.

import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryFolder } from '../api/server.mjs';
import { call, closeConnections, randomFrom } from '../crash/client.mjs';
import { Follower, text } from '../crash/follower.mjs';
import { checkTable, scan } from '../crash/tables.mjs';
import { Control } from './control.mjs';
import { fateOf } from './items.mjs';
import { Disk, isSyncEnd, outcomes, readJournal } from './disk.mjs';

const WRITES = Number(process.env.WRITES ?? 400);
const MOMENTS = Number(process.env.MOMENTS ?? Infinity);
const RECOVERIES = Number(process.env.RECOVERIES ?? 6); // starts during which the power is lost again
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const DURABILITY = process.env.DURABILITY ?? 'sync';
const WRITERS = 6;
const KEYS = 10; // of each writer
const ACCOUNTS = 6;
const WRITE_BUFFER = 64 * 1024;
const TABLE = 'kept';

const random = randomFrom(SEED);
const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const problems = [];
const expect = (holds, words) => { if (!holds && problems.length < 20) problems.push(words); };
const totals = { acknowledged: 0, syncs: 0, flushes: 0, moments: 0, again: 0 };

const attribute = (AttributeName, AttributeType) => ({ AttributeName, AttributeType });
const createTable = {
  TableName: TABLE,
  AttributeDefinitions: [attribute('pk', 'S'), attribute('sk', 'S'), attribute('owner', 'S'), attribute('rank', 'N')],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
  LocalSecondaryIndexes: [{ IndexName: 'local', Projection: { ProjectionType: 'ALL' },
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }] }],
  GlobalSecondaryIndexes: [{ IndexName: 'global', Projection: { ProjectionType: 'ALL' },
    KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }] }],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  BillingMode: 'PAY_PER_REQUEST',
};
const indexes = { local: (item) => item.rank && item, global: (item) => item.owner && item };
const nameOf = ({ pk, sk }) => `${pk.S}/${sk.S}`;
const Key = (name) => ({ pk: { S: name.split('/')[0] }, sk: { S: name.split('/')[1] } });
const N = (number) => ({ N: String(number) });

// ---- the load ----

// What was written, in order: {began, acknowledged, changes: Map name -> item or null}, the two in records of the journal.
const history = [];
let version = 0;

function makeItem(name) {
  version += 1;
  const item = { ...Key(name), version: N(version), pad: { S: 'x'.repeat(random(3000)) } };
  if (random(3) > 0)
    item.owner = { S: `owner${random(4)}` };
  if (random(3) > 0)
    item.rank = N(1 + random(9));
  return item;
}

function chooseWrite(writer) {
  const name = () => `${writer}/${random(KEYS)}`;
  const changes = new Map();
  switch (random(5)) {
  case 0:
    changes.set(name(), null);
    return [changes, 'DeleteItem', { TableName: TABLE, Key: Key([...changes.keys()][0]) }];
  case 1: {
    for (let i = 0; i < 4; i++) {
      const one = name();
      changes.set(one, random(4) === 0 ? null : makeItem(one));
    }
    return [changes, 'BatchWriteItem', { RequestItems: { [TABLE]: [...changes].map(([one, item]) => (item === null
      ? { DeleteRequest: { Key: Key(one) } } : { PutRequest: { Item: item } })) } }];
  }
  case 2: {
    const from = random(ACCOUNTS);
    const move = (account, amount) => ({ Update: { TableName: TABLE, Key: Key(`account/${account}`),
      UpdateExpression: 'ADD balance :amount', ExpressionAttributeValues: { ':amount': N(amount) } } });
    const one = name();
    changes.set(one, makeItem(one));
    return [changes, 'TransactWriteItems', { TransactItems: [move(from, -7), move((from + 1) % ACCOUNTS, 7),
      { Put: { TableName: TABLE, Item: changes.get(one) } }] }];
  }
  default: {
    const one = name();
    changes.set(one, makeItem(one));
    return [changes, 'PutItem', { TableName: TABLE, Item: changes.get(one) }];
  }
  }
}

async function write(server, control, writer, count) {
  for (let i = 0; i < count; i++) {
    const [changes, operation, parameters] = chooseWrite(writer);
    const entry = { began: control.records, acknowledged: Infinity, changes };
    history.push(entry);
    try {
      await call(server, operation, parameters);
      entry.acknowledged = control.records;
      totals.acknowledged += 1;
    } catch (error) {
      const fate = fateOf(error);
      if (fate === 'failed' && !/TransactionConflict/.test(error.message))
        throw error;
      if (fate === 'unknown')
        entry.isUnknown = true;
      else
        history.splice(history.indexOf(entry), 1); // it has written nothing
      if (fate !== 'failed') {
        await pause(50);
        i -= 1;
      }
    }
  }
}

async function whileFailing(control, how, working) {
  await pause(20);
  control.fail(how);
  await pause(200);
  control.heal();
  await working;
}

/** What every check needs to know: from which moment on the table is there. */
async function load(data, control) {
  const start = () => startServer(['--data', data, '--durability', DURABILITY], { env: control.env });
  let server = await start();
  await call(server, 'CreateTable', createTable);
  await call(server, 'BatchWriteItem', { RequestItems: { [TABLE]: Array.from({ length: ACCOUNTS }, (_, i) => (
    { PutRequest: { Item: { ...Key(`account/${i}`), balance: N(1000) } } })) } });
  const ready = control.records;
  const work = (count) => Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(server, control, writer, count)));
  const quarter = Math.ceil(WRITES / 4 / WRITERS);
  await work(quarter);
  await whileFailing(control, { kinds: ['SYNC'], error: 'EIO' }, work(quarter));
  await server.stop();
  server = await start();
  await whileFailing(control, { kinds: ['WRITE'], error: 'EIO', halfWritten: true }, work(quarter));
  await work(quarter);
  await server.stop();
  return ready;
}

// ---- what must hold ----

function checkHistory(items, moment) {
  const found = new Map(items.map((item) => [nameOf(item), item]));
  const same = (item, now) => (item === null ? now === undefined : now !== undefined && text(item) === text(now));
  const possible = new Map();
  for (const { acknowledged, changes, isUnknown } of history.filter((entry) => entry.began <= moment)) {
    for (const [name, item] of changes)
      possible.set(name, acknowledged <= moment ? [item] : [...possible.get(name) ?? [null], item]);
    if (acknowledged <= moment || isUnknown)
      continue;
    // Each writer waits for its answer, so that nothing came over these changes.
    const puts = [...changes].filter(([, item]) => item !== null);
    const there = puts.filter(([name, item]) => same(item, found.get(name)));
    expect(there.length === 0 || there.length === puts.length, `a write without an answer is half there: ${[...changes.keys()]}`);
  }
  for (const [name, states] of possible)
    expect(states.some((state) => same(state, found.get(name))), `${name} is ${found.get(name)?.version.N ?? 'absent'}, expected `
      + states.map((state) => state?.version.N ?? 'absent').join(' or '));
  for (const name of found.keys())
    expect(possible.has(name) || name.startsWith('account/'), `${name} is there before it was written`);
  const sum = items.reduce((all, { balance }) => all + Number(balance?.N ?? 0), 0);
  expect(sum === ACCOUNTS * 1000, `the accounts sum up to ${sum}`);
}

async function checkStream(server, items) {
  const { Table } = await call(server, 'DescribeTable', { TableName: TABLE });
  const follower = new Follower({ expect, random, now: () => Date.now() / 1000 });
  await follower.readOn(server, Table.LatestStreamArn);
  expect(items.length === follower.images.size && items.every((item) => text(item) === text(follower.images.get(nameOf(item)))),
    'the stream and the table differ');
}

async function check(server, moment, ready) {
  const { TableNames } = await call(server, 'ListTables', {});
  if (!TableNames.includes(TABLE) || moment < ready) {
    expect(moment < ready, 'the table is gone');
    return;
  }
  const items = await checkTable(server, expect, TABLE, indexes);
  checkHistory(items, moment);
  await checkStream(server, items);
}

// ---- moments ----

/** Tries one state of the disk. control: to record the start. */
async function tryFolder(folder, words, moment, ready, control) {
  const before = problems.length;
  try {
    const server = await startServer(['--data', folder, '--threads', '1'], { env: control?.env });
    await check(server, moment, ready);
    if (control !== undefined)
      await call(server, 'PutItem', { TableName: 'absent', Item: {} }).catch(() => {}); // it answers still
    await server.stop();
  } catch (error) {
    expect(false, error.stack);
  }
  for (let i = before; i < problems.length; i++)
    problems[i] = `${words}: ${problems[i]}`;
}

/** Goes through a journal and calls `lose(disk, number)` after each sync and at some other records. */
async function forEachMoment(disk, records, limit, lose) {
  const wanted = records.map((record, i) => ({ number: i + 1, weight: isSyncEnd(record) ? 0 : 1 + random(1000) }));
  const syncs = wanted.filter(({ weight }) => weight === 0).length;
  const between = wanted.filter(({ weight }) => weight > 0).sort((a, b) => a.weight - b.weight).slice(0, syncs / 4);
  let chosen = [...wanted.filter(({ weight }) => weight === 0), ...between].map(({ number }) => number);
  while (chosen.length > limit)
    chosen = chosen.filter(() => random(chosen.length) < limit);
  const numbers = new Set(chosen);
  for (const record of records) {
    disk.take(record);
    if (numbers.has(disk.number) && problems.length < 20)
      await lose(disk, disk.number);
  }
  return syncs;
}

/** The power is lost again while a server recovers from the first loss. */
async function loseAgain(folder, base, moment, ready, words) {
  const recorded = `${folder}-again`;
  base.writeTo(recorded, 'nothing', random);
  const disk = Disk.of(recorded);
  const control = new Control(`${recorded}.control`, { data: recorded, journal: `${recorded}.journal` });
  await tryFolder(recorded, words, moment, ready, control);
  control.close();
  await forEachMoment(disk, readJournal(`${recorded}.journal`), 12, async (again, number) => {
    const rebuilt = `${folder}-rebuilt`;
    again.writeTo(rebuilt, undefined, random);
    await tryFolder(rebuilt, `${words}, then again at record ${number} of the recovery`, moment, ready);
    await rm(rebuilt, { recursive: true });
    totals.again += 1;
  });
}

async function run(folder) {
  const data = path.join(folder, 'data');
  const journal = path.join(folder, 'journal');
  const control = new Control(path.join(folder, 'control'), { data, journal, writeBuffer: WRITE_BUFFER });
  const ready = await load(data, control);
  const { failed } = control;
  control.close();
  const records = readJournal(journal);
  totals.failed = failed;
  totals.flushes = records.filter(({ bytes, kind }) => kind === 1 && /\.sst$/.test(bytes.toString())).length;
  const disk = new Disk();
  await mkdir(path.join(folder, 'lost'));
  let recoveries = 0;
  totals.syncs = await forEachMoment(disk, records, MOMENTS, async (now, number) => {
    // Nothing of what is uncertain, and one other outcome.
    for (const outcome of ['nothing', [...outcomes, undefined][1 + random(outcomes.length)]]) {
      const lost = path.join(folder, 'lost', `${number}-${outcome}`);
      const words = `power lost at record ${number} of ${records.length}, ${outcome ?? 'anything'} there of what was not synced`;
      now.writeTo(lost, outcome, random);
      if (recoveries < RECOVERIES && random(Math.ceil(Math.min(records.length / 8, MOMENTS) / RECOVERIES)) === 0) {
        recoveries += 1;
        await loseAgain(lost, Disk.of(lost), number, ready, words);
      }
      await tryFolder(lost, words, number, ready);
      await rm(lost, { recursive: true });
      totals.moments += 1;
    }
  });
}

const folder = await temporaryFolder();
try {
  await run(folder);
} catch (error) {
  problems.push(error.stack);
}
closeConnections();
if (process.env.KEEP === undefined)
  await rm(folder, { recursive: true, force: true });
else
  console.error(`kept: ${folder}`);

for (const problem of problems)
  console.error(problem);
console.log(`power loss: seed ${SEED}, ${totals.acknowledged} acknowledged writes, ${totals.syncs} syncs, ${totals.failed} calls failed, ${totals.flushes} tables written, `
  + `${totals.moments} states after a loss, ${totals.again} after a second one, ${problems.length} problems`);
// Were the buffers tiny at all? Else hardly a table is written.
const wroteTables = totals.flushes * 10 >= totals.acknowledged;
if (!wroteTables)
  console.error('RocksDB wrote too few tables: its buffers are not tiny');
process.exitCode = problems.length === 0 && totals.acknowledged > 0 && totals.moments > 0 && wroteTables ? 0 : 1;
