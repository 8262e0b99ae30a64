// Creates and deletes global indexes of a live table, again and again, while writers put, change and delete its items,
// and kills the server with SIGKILL in between. Whenever an index is finished, and nobody writes for a moment:
//  - it holds exactly the entries that the items call for: none without its item, none missing, none outdated; items
//    whose attribute is absent or of another type have none;
//  - its count and size, and the table's, are exact;
//  - an index that was deleted is gone, and its attributes with it; the table's tags are what they were.
//
//   HASHRANGE=build/release/hashrange ROUNDS=12 SEED=1 node tests/crash/indexes.mjs

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryFolder } from '../api/server.mjs';
import { call, closeConnections, randomFrom } from './client.mjs';
import { checkTable } from './tables.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 12);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const TABLE = 'grown';
const ITEMS = 4000;
const WRITERS = 6;
const WAIT_MS = 120_000; // for an index to be finished or gone, on a slow machine under a sanitizer

const random = randomFrom(SEED);
const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const problems = [];
const expect = (holds, words) => { if (!holds && problems.length < 20) problems.push(words); };
const totals = { kills: 0, filling: 0, deleting: 0, writes: 0, refused: 0, entries: 0 };

const Key = (i) => ({ pk: { S: `item${i}` } });
let version = 0;
function makeItem(i) {
  version += 1;
  const item = { ...Key(i), version: { N: String(version) }, pad: { S: 'x'.repeat(random(300)) } };
  const kind = random(8);
  if (kind === 0)
    item.owner = { N: String(random(9)) }; // does not fit the index: it has no entry
  else if (kind > 1)
    item.owner = { S: `owner${random(50)}` };
  if (random(8) > 0)
    item.rank = { N: String(1 + random(999)) };
  return item;
}

// ---- the server, which comes and goes ----

const folder = await temporaryFolder();
const data = path.join(folder, 'data');
let server = await startServer(['--data', data]);
async function killAndStart() {
  await server.kill();
  totals.kills += 1;
  server = await startServer(['--data', data]);
}

/** Sends it again until there is an answer: the server may be away. Errors of the server are thrown. */
async function ask(operation, parameters) {
  for (;;) {
    try {
      return await call(server, operation, parameters);
    } catch (error) {
      if (error.answer !== undefined)
        throw error;
      await pause(20);
    }
  }
}

const describe = async () => (await ask('DescribeTable', { TableName: TABLE })).Table;
const indexNamed = (table, name) => table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === name);

async function waitFor(words, holds) {
  const end = Date.now() + WAIT_MS;
  for (;;) {
    const table = await describe();
    if (holds(table))
      return table;
    if (Date.now() > end)
      throw new Error(`${words}: not in time: ${JSON.stringify(table)}`);
    await pause(20);
  }
}

// ---- writers ----

let isWriting = false;
async function write(writer) {
  while (isWriting) {
    const i = writer + WRITERS * random(ITEMS / WRITERS);
    const isDelete = random(4) === 0;
    const item = makeItem(i);
    try {
      await (isDelete ? ask('DeleteItem', { TableName: TABLE, Key: Key(i) }) : ask('PutItem', { TableName: TABLE, Item: item }));
    } catch (error) {
      // An index that is there, be it filled or not, refuses what does not fit it.
      expect(!isDelete && item.owner?.N !== undefined && /Type mismatch for Index Key owner/.test(error.message), error.message);
      totals.refused += 1;
    }
    totals.writes += 1;
  }
}

async function whileWriting(work) {
  isWriting = true;
  const writers = Array.from({ length: WRITERS }, (_, writer) => write(writer));
  try {
    await work();
  } finally {
    isWriting = false;
    await Promise.all(writers);
  }
}

// ---- what must hold ----

const kinds = {
  byOwner: {
    definition: {
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'ALL' },
    },
    attributes: ['owner', 'rank'],
    entryOf: (item) => (item.owner?.S !== undefined && item.rank !== undefined ? item : undefined),
  },
  byRank: {
    definition: {
      KeySchema: [{ AttributeName: 'rank', KeyType: 'HASH' }], Projection: { ProjectionType: 'KEYS_ONLY' },
    },
    attributes: ['rank'],
    entryOf: ({ pk, rank }) => (rank !== undefined ? { pk, rank } : undefined),
  },
};
const typeOf = (AttributeName) => ({ AttributeName, AttributeType: AttributeName === 'rank' ? 'N' : 'S' });

async function verify(name, { entryOf }) {
  const items = await checkTable(server, expect, TABLE, { [name]: entryOf });
  totals.entries += items.filter((item) => entryOf(item) !== undefined).length;
}

async function verifyTags(table) {
  const { Tags } = await ask('ListTagsOfResource', { ResourceArn: table.TableArn });
  expect(JSON.stringify(Tags) === '[{"Key":"kept","Value":"yes"}]', `the tags are ${JSON.stringify(Tags)}`);
}

// ---- creating and deleting ----

/** One UpdateTable that may meet SIGKILL; afterwards it was done, or it is done again. */
async function update(parameters, isDone) {
  let answered = false;
  const sent = call(server, 'UpdateTable', { TableName: TABLE, ...parameters })
    .then(() => { answered = true; }, (error) => { if (error.answer !== undefined) throw error; });
  await pause(random(120));
  await killAndStart();
  await sent;
  const table = await describe();
  if (!isDone(table)) {
    expect(!answered, `an answered update is gone: ${JSON.stringify(parameters)}`);
    await ask('UpdateTable', { TableName: TABLE, ...parameters });
  }
}

async function createIndex(name, kind) {
  await update({
    AttributeDefinitions: kind.attributes.map(typeOf),
    GlobalSecondaryIndexUpdates: [{ Create: { IndexName: name, ...kind.definition } }],
  }, (table) => indexNamed(table, name) !== undefined);
  while (indexNamed(await describe(), name).IndexStatus !== 'ACTIVE') {
    totals.filling += 1;
    if (random(4) === 0)
      break;
    await pause(random(200));
    await killAndStart();
  }
  await waitFor(`${name} is ACTIVE`, (table) => {
    const index = indexNamed(table, name);
    return index.IndexStatus === 'ACTIVE' && index.Backfilling !== true && table.TableStatus === 'ACTIVE';
  });
}

async function deleteIndex(name, kind) {
  await update({ GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: name } }] },
    (table) => indexNamed(table, name)?.IndexStatus !== 'ACTIVE');
  if (indexNamed(await describe(), name) !== undefined)
    totals.deleting += 1;
  const table = await waitFor(`${name} is gone`, (now) => indexNamed(now, name) === undefined && now.TableStatus === 'ACTIVE');
  const names = table.AttributeDefinitions.map(({ AttributeName }) => AttributeName);
  expect(names.join() === 'pk', `${names} are left of ${kind.attributes}`);
}

async function load() {
  for (let first = 0; first < ITEMS; first += 25) {
    const requests = Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: makeItem(first + i) } }));
    await ask('BatchWriteItem', { RequestItems: { [TABLE]: requests } });
  }
}

async function run() {
  await ask('CreateTable', {
    TableName: TABLE, AttributeDefinitions: [typeOf('pk')], KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const { TableArn } = await describe();
  await ask('TagResource', { ResourceArn: TableArn, Tags: [{ Key: 'kept', Value: 'yes' }, { Key: 'lost', Value: '' }] });
  await ask('UntagResource', { ResourceArn: TableArn, TagKeys: ['lost'] });
  await load();
  for (let round = 0; round < ROUNDS && problems.length === 0; round++) {
    const kind = kinds[Object.keys(kinds)[round % 2]];
    const name = `index${round % 3}`; // the name comes back, its entries do not
    await whileWriting(() => createIndex(name, kind));
    await verify(name, kind);
    await whileWriting(() => deleteIndex(name, kind));
    await verifyTags(await describe());
  }
}

try {
  await run();
} catch (error) {
  problems.push(String(error.stack));
}
await server.stop();
closeConnections();
await rm(folder, { recursive: true, force: true });

for (const problem of problems)
  console.error(problem);
console.log(`indexes: ${ROUNDS} rounds (seed ${SEED}), ${totals.kills} times SIGKILL, ${totals.filling} while an index was filled, `
  + `${totals.deleting} while one was deleted, ${totals.writes} writes (${totals.refused} refused), ${totals.entries} entries compared, ${problems.length} problems`);
process.exitCode = problems.length === 0 && totals.entries > 0 ? 0 : 1;
