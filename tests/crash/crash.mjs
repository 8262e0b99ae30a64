// Kills the server with SIGKILL under concurrent writers, again and again, and compares what it
// acknowledged with what it has afterwards:
//  - every acknowledged write is there; an unacknowledged one is there whole or not at all;
//  - of a batch nobody got an answer for, all items are there or none;
//  - each index holds exactly the entries its items call for; counts and sizes are exact.
//
//   HASHRANGE=build/release/hashrange ROUNDS=50 SEED=1 node tests/crash/crash.mjs

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryFolder } from '../api/server.mjs';
import { call, closeConnections, randomFrom } from './client.mjs';
import { text } from './follower.mjs';
import { checkTable } from './tables.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 50);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const WRITERS = 16;
const KEYS = 12; // of each writer
const TABLE = 'crash';

const random = randomFrom(SEED);

const createTable = {
  TableName: TABLE,
  AttributeDefinitions: ['pk', 'sk', 'owner', 'rank']
    .map((AttributeName) => ({ AttributeName, AttributeType: AttributeName === 'rank' ? 'N' : 'S' })),
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
  LocalSecondaryIndexes: [{
    IndexName: 'local',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }],
    Projection: { ProjectionType: 'ALL' },
  }],
  GlobalSecondaryIndexes: [{
    IndexName: 'global',
    KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }],
    Projection: { ProjectionType: 'ALL' },
  }],
  BillingMode: 'PAY_PER_REQUEST',
};

// What each key may be now: a list of possible items (null: absent), one long unless a write on it
// got no answer. Batches without an answer are judged as a whole afterwards.
const possible = new Map();
let openBatches = [];
const counter = { acknowledged: 0, unanswered: 0 };
const totals = { acknowledged: 0, unanswered: 0 };
let version = 0;

const keyOf = (writer, i) => `${writer}/${i}`;
const Key = (key) => ({ pk: { S: key.split('/')[0] }, sk: { S: key.split('/')[1] } });
function makeItem(key) {
  version += 1;
  const item = { ...Key(key), version: { N: String(version) }, pad: { S: 'x'.repeat(random(2000)) } };
  if (random(4) > 0)
    item.owner = { S: `owner${random(5)}` };
  if (random(4) > 0)
    item.rank = { N: String(random(100)) };
  return item;
}

async function write(server, changes, operation, parameters) {
  for (const [key, item] of changes)
    possible.set(key, [...possible.get(key), item]);
  try {
    await call(server, operation, parameters);
  } catch {
    totals.unanswered += 1;
    if (changes.length > 1)
      openBatches.push(changes);
    throw new Error('unanswered');
  }
  totals.acknowledged += 1;
  for (const [key, item] of changes)
    possible.set(key, [item]);
}

async function step(server, writer) {
  const key = keyOf(writer, random(KEYS));
  switch (random(6)) {
  case 0:
    return write(server, [[key, null]], 'DeleteItem', { TableName: TABLE, Key: Key(key) });
  case 1: {
    const keys = [...new Set(Array.from({ length: 5 }, () => keyOf(writer, random(KEYS))))];
    const changes = keys.map((one) => [one, random(5) === 0 ? null : makeItem(one)]);
    return write(server, changes, 'BatchWriteItem', {
      RequestItems: {
        [TABLE]: changes.map(([one, item]) => (item === null
          ? { DeleteRequest: { Key: Key(one) } } : { PutRequest: { Item: item } })),
      },
    });
  }
  case 2: {
    counter.unanswered += 1;
    await call(server, 'UpdateItem', {
      TableName: TABLE, Key: Key('counter/0'), UpdateExpression: 'ADD n :one',
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    counter.unanswered -= 1;
    counter.acknowledged += 1;
    return undefined;
  }
  default: {
    const item = makeItem(key);
    return write(server, [[key, item]], 'PutItem', { TableName: TABLE, Item: item });
  }
  }
}

const nameOf = (item) => `${item.pk.S}/${item.sk.S}`;
const problems = [];
const expect = (holds, words) => { if (!holds) problems.push(words); };

const indexes = { local: (item) => item.rank && item, global: (item) => item.rank && item.owner && item };

async function verify(server) {
  const items = await checkTable(server, expect, TABLE, indexes);
  const found = new Map(items.map((item) => [nameOf(item), item]));
  expect(found.size === items.length, 'an item was scanned twice');
  const same = (item, other) => text(item ?? undefined) === text(other);
  for (const [key, states] of possible) {
    const now = found.get(key);
    expect(states.some((state) => same(state, now)),
      `${key} is ${now === undefined ? 'absent' : `version ${now.version.N}`}, expected one of `
      + states.map((state) => (state === null ? 'absent' : state.version.N)).join(', '));
    possible.set(key, [now ?? null]);
  }
  for (const changes of openBatches) {
    const applied = changes.filter(([key, item]) => same(item, found.get(key)));
    // A delete of what was absent tells nothing; versions are unique, so a put does.
    const puts = changes.filter(([, item]) => item !== null);
    const appliedPuts = applied.filter(([, item]) => item !== null);
    expect(appliedPuts.length === 0 || (appliedPuts.length === puts.length && applied.length === changes.length),
      `a batch without an answer is half there: ${changes.map(([key]) => key).join(' ')}`);
  }
  openBatches = [];
  const n = Number(found.get('counter/0')?.n.N ?? 0);
  expect(n >= counter.acknowledged && n <= counter.acknowledged + counter.unanswered,
    `the counter is ${n}, acknowledged ${counter.acknowledged}, unanswered ${counter.unanswered}`);
  counter.acknowledged = n;
  counter.unanswered = 0;
}

const folder = await temporaryFolder();
const data = path.join(folder, 'data');
const start = () => startServer(['--data', data]);
let server = await start();
await call(server, 'CreateTable', createTable);
for (let writer = 0; writer < WRITERS; writer++) {
  for (let i = 0; i < KEYS; i++)
    possible.set(keyOf(writer, i), [null]);
}

for (let round = 0; round < ROUNDS && problems.length === 0; round++) {
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (;;) {
      try {
        await step(server, writer);
      } catch {
        return;
      }
    }
  });
  await new Promise((next) => setTimeout(next, 50 + random(250)));
  await server.kill();
  await Promise.all(writers);
  server = await start();
  await verify(server);
}
await server.stop();
closeConnections();
await rm(folder, { recursive: true, force: true });

for (const problem of problems)
  console.error(problem);
console.log(`crash: ${ROUNDS} rounds of SIGKILL (seed ${SEED}), ${totals.acknowledged} acknowledged writes, `
  + `${totals.unanswered} unanswered, ${problems.length} problems`);
process.exitCode = problems.length === 0 && totals.acknowledged > ROUNDS ? 0 : 1;
