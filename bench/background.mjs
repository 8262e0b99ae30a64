// What streams and time to live cost those who write: latencies of PutItem (1 KiB, 16 connections, durable) into a plain
// table, into one with a stream, and while the server fills or sweeps expiry records of another table.
//
//   HASHRANGE=build/release/hashrange ITEMS=30000 SECONDS=5 node bench/background.mjs

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryFolder } from '../tests/api/server.mjs';
import { call, closeConnections } from '../tests/crash/client.mjs';

const ITEMS = Number(process.env.ITEMS ?? 30_000);
const SECONDS = Number(process.env.SECONDS ?? 5);
const CONNECTIONS = 16;
const now = () => Math.floor(Date.now() / 1000);

const folder = await temporaryFolder();
const server = await startServer(['--data', path.join(folder, 'data'), '--ttl-interval', '1', '--ttl-change-seconds', '0']);
const create = (TableName, more = {}) => call(server, 'CreateTable', {
  TableName, AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }], BillingMode: 'PAY_PER_REQUEST', ...more,
});
const setTtl = (Enabled) => call(server, 'UpdateTimeToLive',
  { TableName: 'expiring', TimeToLiveSpecification: { AttributeName: 'ttl', Enabled } });
const count = async (TableName) => (await call(server, 'DescribeTable', { TableName })).Table.ItemCount;

async function load(TableName, ttl) {
  let next = 0;
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (next < ITEMS) {
      const puts = Array.from({ length: 25 }, () => ({ PutRequest: { Item: {
        pk: { S: `item${next++}` }, ttl: { N: String(ttl) }, pad: { S: 'x'.repeat(200) },
      } } }));
      await call(server, 'BatchWriteItem', { RequestItems: { [TableName]: puts } });
    }
  }));
}

async function measure(words, TableName, until = async () => false) {
  const latencies = [];
  const end = Date.now() + SECONDS * 1000;
  let stop = false;
  let number = 0;
  const begin = process.hrtime.bigint();
  const watcher = (async () => {
    while (!stop && Date.now() < end && !(await until()))
      await new Promise((next) => setTimeout(next, 20));
    stop = true;
  })();
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
    while (!stop) {
      const from = process.hrtime.bigint();
      await call(server, 'PutItem', { TableName, Item: { pk: { S: `w${number++ % 5000}` }, n: { N: String(number) }, pad: { S: 'y'.repeat(1000) } } });
      latencies.push(Number(process.hrtime.bigint() - from) / 1e6);
    }
  }));
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  await watcher;
  latencies.sort((a, b) => a - b);
  const at = (share) => latencies[Math.floor(latencies.length * share)].toFixed(2).padStart(7);
  console.log(`${words.padEnd(34)}${(latencies.length / seconds).toFixed(0).padStart(7)} /s   p50 ${at(0.5)}   p99 ${at(0.99)}   p99.9 ${at(0.999)} ms`);
  return seconds;
}

await create('plain');
await create('streamed', { StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' } });
await create('expiring');
await measure('(warming up)', 'plain');
await measure('plain table', 'plain');
await measure('table with a stream', 'streamed');
await load('expiring', now() + 1_000_000);
await setTtl(true);
await measure(`filling ${ITEMS} expiry records`, 'plain');
await setTtl(false);
await load('expiring', now() - 100);
await setTtl(true);
let before = await count('expiring');
const seconds = await measure(`sweeping ${ITEMS} items`, 'plain', async () => (await count('expiring')) === 0);
const left = await count('expiring');
console.log(`  swept ${before - left} items in ${seconds.toFixed(1)} s beside the writes`);
await measure('plain table, nothing to sweep', 'plain');
await server.stop();
closeConnections();
await rm(folder, { recursive: true, force: true });
