// What the tests share: one server for a file, SDK clients for it, tables. HASHRANGE_URL points at a server that
// runs already instead of starting one.

import { after } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startServer as start } from './server.mjs';

export * from './server.mjs';

const LEFTOVERS_MS = 60_000;
const started = [];

/** As that of server.mjs. A server that a failed test has not stopped does not keep the test program for ever. */
export async function startServer(...args) {
  const server = await start(...args);
  started.push(server);
  return server;
}
after(() => {
  setTimeout(() => started.forEach((server) => server.process.kill('SIGKILL')), LEFTOVERS_MS).unref();
});

let shared;
/** One in-memory server for all tests of a file, stopped after them. */
export async function sharedServer() {
  shared ??= process.env.HASHRANGE_URL === undefined
    ? startServer()
    : { url: process.env.HASHRANGE_URL, port: Number(new URL(process.env.HASHRANGE_URL).port) };
  return shared;
}

const clients = [];
export function clientFor(server, options = {}, Client = DynamoDBClient) {
  const client = new Client({
    endpoint: server.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
    maxAttempts: 1,
    ...options,
  });
  clients.push(client);
  return client;
}

// At the top level, so that they run after the last test of the file.
after(async () => {
  clients.forEach((client) => client.destroy());
  const server = await shared;
  if (server?.stop === undefined)
    return;
  const { code } = await server.stop();
  if (code !== 0)
    throw new Error(`the server ended with ${code}:\n${server.output()}`);
});

const EVENTUALLY_MS = 60_000; // sanitizer builds on a busy machine

/** Tries until it holds: for what the server does on its own, or says on another way than the answer. */
export async function eventually(holds, words = String(holds)) {
  const until = Date.now() + EVENTUALLY_MS;
  while (!(await holds())) {
    if (Date.now() > until)
      throw new Error(`not in time: ${words}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

const TRANSIENT_MS = 2000; // so long statuses last with --delay-transient-statuses
const TRANSIENT_TRIES = 10;

/** What can be seen only while a status lasts. Where the machine was too slow for that, it is tried again with what
    prepare makes anew. */
export async function whileStatusLasts(prepare, see) {
  for (let tries = 1; ; tries++) {
    const prepared = await prepare();
    const began = Date.now();
    try {
      return await see(prepared);
    } catch (error) {
      if (Date.now() - began < TRANSIENT_MS || tries === TRANSIENT_TRIES)
        throw error;
    }
  }
}

let tables = 0;
/** A name no other test uses. */
export function tableName(prefix = 'Test') {
  tables += 1;
  return `${prefix}-${process.pid}-${tables}`;
}

/** The parameters of a plain table: hash key pk (S), and sort key sk of the type given. */
export function tableOf(name, { sort, ...more } = {}) {
  return {
    TableName: name,
    AttributeDefinitions: [
      { AttributeName: 'pk', AttributeType: 'S' },
      ...(sort === undefined ? [] : [{ AttributeName: 'sk', AttributeType: sort }]),
    ],
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      ...(sort === undefined ? [] : [{ AttributeName: 'sk', KeyType: 'RANGE' }]),
    ],
    BillingMode: 'PAY_PER_REQUEST',
    ...more,
  };
}
