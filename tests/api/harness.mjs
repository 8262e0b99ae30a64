// What the tests share: one server for a file, SDK clients for it, tables. HASHRANGE_URL points at a server that
// runs already instead of starting one.

import { after } from 'node:test';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startServer } from './server.mjs';

export * from './server.mjs';

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
