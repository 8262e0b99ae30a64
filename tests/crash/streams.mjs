// Kills the server with SIGKILL under concurrent writers, again and again, while shards are rolled and items expire, and
// holds what the stream tells against the table:
//  - a reader that goes on after every restart from the last number it has seen, and one that reads all of it from
//    TRIM_HORIZON in the end, both rebuild exactly the table;
//  - for each item every old image is the new image of the record before: none is missing, none twice, none out of order;
//  - numbers grow within a shard, across restarts;
//  - what the service deletes had expired, and in the end nothing that has expired is left: the records of when items
//    expire are as durable as the items, also for items that were there before TTL was switched on.
//
//   HASHRANGE=build/release/hashrange ROUNDS=20 SEED=1 node tests/crash/streams.mjs

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryFolder } from '../api/server.mjs';
import { call, closeConnections, randomFrom } from './client.mjs';
import { Follower, text } from './follower.mjs';
import { scan } from './tables.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 20);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const WRITERS = 12;
const KEYS = 60; // shared by all writers
const TTL_ROUND = 2; // after which TTL is switched on
const TABLE = 'crash';

const random = randomFrom(SEED);
const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const now = () => Math.floor(Date.now() / 1000);
const problems = [];
const expect = (holds, words) => { if (!holds && problems.length < 20) problems.push(words); };
const totals = { acknowledged: 0, unanswered: 0 };

const Key = (number) => ({ pk: { S: `key${number}` } });
let version = 0;
function makeItem(number) {
  version += 1;
  const item = { ...Key(number), version: { N: String(version) }, pad: { S: 'x'.repeat(random(500)) } };
  if (random(3) === 0)
    item.ttl = { N: String(now() - 10 + random(12)) };
  return item;
}
function randomRequest() {
  const number = random(KEYS);
  switch (random(5)) {
  case 0:
    return ['DeleteItem', { TableName: TABLE, Key: Key(number) }];
  case 1: {
    const numbers = [...new Set(Array.from({ length: 6 }, () => random(KEYS)))];
    return ['BatchWriteItem', { RequestItems: { [TABLE]: numbers.map((one) => (random(4) === 0
      ? { DeleteRequest: { Key: Key(one) } } : { PutRequest: { Item: makeItem(one) } })) } }];
  }
  case 2: {
    const numbers = [...new Set([number, random(KEYS), random(KEYS)])];
    return ['TransactWriteItems', { TransactItems: numbers.map((one) => ({ Put: { TableName: TABLE, Item: makeItem(one) } })) }];
  }
  case 3:
    return ['UpdateItem', {
      TableName: TABLE, Key: Key(number), UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': { N: '1' } },
    }];
  default:
    return ['PutItem', { TableName: TABLE, Item: makeItem(number) }];
  }
}

async function write(server) {
  for (;;) {
    try {
      await call(server, ...randomRequest());
      totals.acknowledged += 1;
    } catch (error) {
      if (error.answer !== undefined)
        continue; // a conflict with a transaction
      totals.unanswered += 1;
      return;
    }
  }
}

const newFollower = () => new Follower({ expect, random, now });

const itemsOf = async (server) => new Map((await scan(server, TABLE)).map((item) => [item.pk.S, item]));

const differences = (items, images) => [...new Set([...items.keys(), ...images.keys()])]
  .filter((name) => text(items.get(name)) !== text(images.get(name)));

/** Nobody writes but the sweep, so that the two come to agree, or never. */
async function verify(server, StreamArn, follower, words) {
  let left;
  for (let attempt = 0; attempt < 40; attempt++) {
    await follower.readOn(server, StreamArn);
    left = differences(await itemsOf(server), follower.images);
    if (left.length === 0)
      return;
    await pause(50);
  }
  expect(false, `${words}: the stream and the table differ in ${left.slice(0, 5).join(', ')}`);
}

// ---- rounds ----

const folder = await temporaryFolder();
const start = () => startServer(['--data', path.join(folder, 'data'), '--stream-shards', '3', '--stream-roll-seconds', '1',
  '--ttl-interval', '1', '--ttl-change-seconds', '0']);
let server = await start();
const { TableDescription: { LatestStreamArn: StreamArn } } = await call(server, 'CreateTable', {
  TableName: TABLE,
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
});
const follower = newFollower();

for (let round = 0; round < ROUNDS && problems.length === 0; round++) {
  const writers = Array.from({ length: WRITERS }, () => write(server));
  if (round === TTL_ROUND)
    await call(server, 'UpdateTimeToLive', { TableName: TABLE, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } });
  await pause(50 + random(400));
  await server.kill();
  await Promise.all(writers);
  server = await start();
  await verify(server, StreamArn, follower, `round ${round}`);
}

/* What is left expires within two seconds, and sweeps come every second. */
let left = [];
for (let attempt = 0; attempt < 600; attempt++) {
  left = (await scan(server, TABLE)).filter(({ ttl }) => ttl !== undefined && Number(ttl.N) < now());
  if (left.length === 0)
    break;
  await pause(100);
}
expect(ROUNDS <= TTL_ROUND || left.length === 0, `${left.length} items have expired and are still there`);
const whole = newFollower();
await verify(server, StreamArn, whole, 'all of it');
await server.stop();
closeConnections();
await rm(folder, { recursive: true, force: true });

for (const problem of problems)
  console.error(problem);
const records = follower.records + whole.records;
console.log(`streams: ${ROUNDS} rounds of SIGKILL (seed ${SEED}), ${totals.acknowledged} acknowledged writes, ${totals.unanswered} unanswered, `
  + `${records} records read in ${whole.places.size} shards, ${whole.expired} of expired items, ${problems.length} problems`);
process.exitCode = problems.length === 0 && totals.acknowledged > ROUNDS && records > totals.acknowledged / 2 ? 0 : 1;
