// What is measured. Each stage starts what it needs, and ends it; all give plain numbers.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readFile, rm, stat } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { signedHeaders } from '../tests/api/signed.mjs';
import { append, fill, load, median, pauses } from './load.mjs';
import { BINARY, dynalite, dynamodbLocal, freePort, hashrange, nginx } from './peers.mjs';

const began = Date.now();
const say = (words) => process.stderr.write(`${String(Math.round((Date.now() - began) / 1000)).padStart(5)} s ${words}\n`);
const stopAll = (servers) => Promise.all(servers.map((server) => server.stop()));

/** What is resident; field RssAnon: without the pages of the program and its libraries, which others share. */
async function memoryBytes(pid, field = 'VmRSS') {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) * 1024;
}

/** One round after the other, each of all rows: {row: median}. */
async function interleave(rows, rounds, measure) {
  const seen = new Map(rows.map((row) => [row, []]));
  for (let round = 0; round < rounds; round++) {
    say(`  round ${round + 1} of ${rounds}`);
    for (const row of rows)
      seen.get(row).push(await measure(row));
  }
  return rows.map((row) => ({
    ...row,
    perSecond: median(seen.get(row).map((one) => one.perSecond)),
    p50: median(seen.get(row).map((one) => one.p50)),
    p99: median(seen.get(row).map((one) => one.p99)),
    rounds: seen.get(row).map((one) => Math.round(one.perSecond)),
  }));
}

// What GetItem answers for an item of 1 KB, and Query for ten, within a few bytes.
const ITEM_ANSWER_BYTES = 1070;
const PAGE_ANSWER_BYTES = 10_650;

/** Requests with 64 connections, and with one, of everyone. */
export async function requests(folder, { rounds, seconds, items, fewItems, appendProgram }) {
  const servers = {
    nginx: await nginx('nginx', path.join(folder, 'nginx'), 2),
    nginxItem: await nginx('nginx, 1 KB', path.join(folder, 'nginx-item'), ITEM_ANSWER_BYTES),
    nginxPage: await nginx('nginx, 10 KB', path.join(folder, 'nginx-page'), PAGE_ANSWER_BYTES),
    disk: await hashrange('hashrange', path.join(folder, 'hashrange')),
    memory: await hashrange('hashrange in memory'),
    dynaliteMemory: await dynalite('dynalite in memory'),
    dynaliteDisk: await dynalite('dynalite on disk', path.join(folder, 'dynalite')),
    localMemory: await dynamodbLocal('DynamoDB Local in memory'),
    localDisk: await dynamodbLocal('DynamoDB Local on disk', path.join(folder, 'local')),
  };
  try {
    for (const [name, server] of Object.entries(servers)) {
      if (name.startsWith('nginx'))
        continue;
      say(`  filling ${server.name}`);
      await fill(server, name === 'localDisk' ? { workload: 'get', items: fewItems } : { workload: 'query', items });
    }
    const row = (server, workload, connections = 64) => ({ server, workload, connections });
    const rows = [
      row('nginx', 'get'), row('nginxItem', 'get'), row('disk', 'get'), row('nginxPage', 'query'), row('disk', 'query'),
      row('nginx', 'put'), row('disk', 'put'), row('append', 'append'),
      row('disk', 'transact-write'), row('nginx', 'get', 1), row('disk', 'get', 1),
      row('memory', 'get'), row('memory', 'query'), row('memory', 'put'),
      row('dynaliteMemory', 'get'), row('dynaliteMemory', 'query'), row('dynaliteMemory', 'put'),
      row('localMemory', 'get'), row('localMemory', 'query'), row('localMemory', 'put'),
      row('dynaliteDisk', 'get'), row('dynaliteDisk', 'put'), row('localDisk', 'get'), row('localDisk', 'put'),
    ];
    const measured = await interleave(rows, rounds, ({ server, workload, connections }) => (server === 'append'
      ? append(appendProgram, path.join(folder, 'appended'), seconds)
      : load(servers[server], { workload, connections, seconds, warmup: 1,
        items: server === 'localDisk' ? fewItems : items, threads: Math.min(connections, 2) })));
    return measured.map((one) => ({ ...one, name: servers[one.server]?.name ?? 'append and fdatasync' }));
  } finally {
    await stopAll(Object.values(servers));
  }
}

/** Durable PutItem in open loop at half of what it reaches; before that, how steady the machine is without a server. */
export async function steady(folder, { rate, seconds, items, pauseProgram }) {
  const machine = await pauses(pauseProgram, path.join(folder, 'paused'), Math.min(30, seconds), rate * 1100);
  const server = await hashrange('hashrange', path.join(folder, 'steady'));
  try {
    await fill(server, { workload: 'put', items });
    const result = await load(server, { workload: 'put', items, seconds, rate: Math.max(1, Math.round(rate)), threads: 2 });
    return { ...result, rate, seconds, machine };
  } finally {
    await server.stop();
  }
}

function post(server, operation, body) {
  const credentials = { accessKeyId: server.environment.AWS_ACCESS_KEY_ID, secretAccessKey: server.environment.AWS_SECRET_ACCESS_KEY };
  const headers = signedHeaders(server, credentials, `DynamoDB_20120810.${operation}`, body);
  return new Promise((resolve, reject) => {
    const request = http.request(`${server.url}/`, { method: 'POST', headers, agent: false }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.once('end', () => (response.statusCode === 200 ? resolve(Buffer.concat(chunks))
        : reject(new Error(`${server.name}: ${Buffer.concat(chunks)}`))));
      response.once('error', reject);
    });
    request.once('error', reject);
    request.end(body);
  });
}

/** Where the next page begins; the page is not decoded, that would measure this program. Nothing of an item comes
 * behind the last key, and a key has no braces in it. */
function nextKey(page) {
  const at = page.lastIndexOf('"LastEvaluatedKey":');
  if (at < 0)
    return undefined;
  return /^"LastEvaluatedKey":(\{(?:"\w+":\{[^}]*\},?)*\})/.exec(page.subarray(at, at + 400).toString())[1];
}

async function scanAll(server, name = 'hashrange-bench') {
  const begin = process.hrtime.bigint();
  let key;
  let bytes = 0;
  do {
    const start = key === undefined ? '' : `,"ExclusiveStartKey":${key}`;
    const page = await post(server, 'Scan', `{"TableName":"${name}"${start}}`);
    bytes += page.length;
    key = nextKey(page);
  } while (key !== undefined);
  return { seconds: Number(process.hrtime.bigint() - begin) / 1e9, bytes };
}

/** A whole table of 100 MB, page by page. */
export async function scan(folder, { rounds, items }) {
  const servers = [
    await hashrange('hashrange', path.join(folder, 'scan')),
    await hashrange('hashrange in memory'),
    await dynamodbLocal('DynamoDB Local in memory'),
  ];
  try {
    for (const server of servers) {
      say(`  filling ${server.name}`);
      await fill(server, { workload: 'scan', items });
    }
    const seen = servers.map(() => []);
    for (let round = 0; round < rounds; round++) {
      for (const [i, server] of servers.entries())
        seen[i].push(await scanAll(server));
    }
    return servers.map((server, i) => ({
      name: server.name, bytes: seen[i][0].bytes, seconds: median(seen[i].map(({ seconds }) => seconds)),
    }));
  } finally {
    await stopAll(servers);
  }
}

/** From starting the program to the first answer to a request, in milliseconds. */
async function timeStart(args) {
  const port = await freePort();
  const begin = process.hrtime.bigint();
  const child = spawn(BINARY, ['serve', '--port', String(port), ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout, 'data'); // the ready line
  const socket = net.connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await once(socket, 'data');
  const ms = Number(process.hrtime.bigint() - begin) / 1e6;
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const idleBytes = await memoryBytes(child.pid);
  const ownBytes = await memoryBytes(child.pid, 'RssAnon');
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { ms, idleBytes, ownBytes };
}

async function starts(args, rounds) {
  const seen = [];
  for (let round = 0; round < rounds; round++)
    seen.push(await timeStart(args));
  return Object.fromEntries(Object.keys(seen[0]).map((name) => [name, median(seen.map((one) => one[name]))]));
}

/** Until nothing is flushed or compacted any more. */
async function settle(metricsPort) {
  const busy = /^hashrange_rocksdb_(?:running_flushes|running_compactions|flush_pending|compaction_pending) [1-9]/m;
  let quiet = 0;
  while (quiet < 5) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    quiet = busy.test(text) ? 0 : quiet + 1;
  }
}

/** GetItem of one in many items beside GetItem of one in few: with a cache that all fit into, in the server that was
 * loaded, and in one that was started again and has scanned them; then with the cache as it is by default, which the many
 * are larger than; then starts on the many. */
export async function growth(folder, { rounds, seconds, few, many }) {
  const data = path.join(folder, 'growth');
  const tables = [{ table: 'few', items: few }, { table: 'many', items: many }];
  const cacheMb = Math.ceil((few + many) * 1500 / 2 ** 20) + 512;
  let environment;
  const served = async (options, prepare) => {
    const metricsPort = await freePort();
    const server = await hashrange('hashrange', data, ['--metrics-port', String(metricsPort), ...options], environment);
    environment = server.environment;
    try {
      await prepare(server);
      await settle(metricsPort);
      return await interleave(tables, rounds,
        (one) => load(server, { workload: 'get', ...one, seconds, warmup: 1, threads: 2 }));
    } finally {
      await server.stop();
    }
  };
  const large = ['--cache-mb', String(cacheMb)];
  const rows = await served(large, async (server) => {
    for (const one of tables) {
      say(`  filling ${one.items} items`);
      await fill(server, { workload: 'get', ...one });
    }
  });
  const restarted = await served(large, (server) => {
    say('  reading all into the cache');
    return scanAll(server, 'many');
  });
  const beyondCache = await served([], async () => {});
  const started = await starts(['--data', data, '--auth'], 5);
  await rm(data, { recursive: true });
  return { rows, restarted, beyondCache, cacheMb, started };
}

async function memoryOfItems(items) {
  const server = await hashrange('hashrange in memory');
  try {
    const before = await memoryBytes(server.pid);
    await fill(server, { workload: 'get', items });
    return { items, bytes: items * 1024, memory: (await memoryBytes(server.pid)) - before };
  } finally {
    await server.stop();
  }
}

async function memoryOfConnections(count) {
  const server = await hashrange('hashrange in memory');
  const sockets = [];
  try {
    const before = await memoryBytes(server.pid);
    while (sockets.length < count) {
      const some = Array.from({ length: Math.min(500, count - sockets.length) }, () => net.connect(server.port, '127.0.0.1'));
      await Promise.all(some.map((socket) => once(socket, 'connect')));
      sockets.push(...some);
    }
    for (const socket of sockets) // each has been used once
      socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await Promise.all(sockets.map((socket) => once(socket, 'data')));
    return { count, memory: await memoryBytes(server.pid), before };
  } finally {
    for (const socket of sockets)
      socket.destroy();
    await server.stop();
  }
}

async function programBytes(folder) {
  const copy = path.join(folder, 'stripped');
  await copyFile(BINARY, copy);
  execFileSync('strip', [copy]);
  return (await stat(copy)).size;
}

export async function sizes(folder, { items, connections }) {
  return {
    program: await programBytes(folder),
    memory: await starts(['--in-memory'], 11),
    disk: await starts(['--data', path.join(folder, 'started')], 11),
    items: await memoryOfItems(items),
    connections: await memoryOfConnections(connections),
  };
}
