// unstorage on a table, with the IAM policy of the driver's documentation: four actions on one table. Everything else
// that the service can do, and every other table, is refused.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as streams from '@aws-sdk/client-dynamodb-streams';
import { createStorage } from 'unstorage';
import { makeUser, policy, startLocked } from '../api/locked.mjs';
import { BUILT, KEY, REQUESTS, operationsOf } from './every_operation.mjs';
import { REGION, eventually } from './surroundings.mjs';
import driver from './unstorage_driver.mjs';

const TABLE = 'my-table-name';
const OTHERS = ['other-table', `${TABLE}-2`]; // there, but not in the policy
const ALLOWED = ['GetItem', 'PutItem', 'Scan', 'DeleteItem'];

let server, root, user;
const clientFor = (credentials, Client = dynamodb.DynamoDBClient) =>
  new Client({ endpoint: server.url, region: REGION, credentials, maxAttempts: 1 });

before(async () => {
  server = await startLocked({ args: ['--ttl-interval', '1', '--ttl-change-seconds', '0'] });
  root = clientFor(server.root);
  for (const TableName of [TABLE, ...OTHERS])
    await root.send(new dynamodb.CreateTableCommand({
      TableName, BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }, { AttributeName: 'ttl', AttributeType: 'N' }],
      KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [{ IndexName: 'by-ttl', KeySchema: [{ AttributeName: 'ttl', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' } }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    }));
  user = await makeUser(server, 'cache', { document: policy({
    Action: ALLOWED.map((one) => `dynamodb:${one}`), Resource: `arn:aws:dynamodb:*:*:table/${TABLE}` }) });
  // The driver has no settings but its table: the rest comes from the default chain.
  Object.assign(process.env, { AWS_REGION: REGION, AWS_ENDPOINT_URL_DYNAMODB: server.url,
    AWS_ACCESS_KEY_ID: user.accessKeyId, AWS_SECRET_ACCESS_KEY: user.secretAccessKey });
});
after(async () => {
  root?.destroy();
  const { code } = await server.stop();
  assert.equal(code, 0, server.output());
});

const storageOf = (options) => createStorage({ driver: driver({ table: TABLE, ...options }) });
const present = async (key) => (await root.send(new dynamodb.GetItemCommand({
  TableName: TABLE, Key: { key: { S: key } }, ConsistentRead: true }))).Item;

test('keeps, lists and removes what it is given', async () => {
  const storage = storageOf();
  assert.equal(await storage.getItem('nothing'), null);
  await storage.setItem('user:1', { name: 'Ada', langs: ['en', 'fr'], age: 36, admin: false });
  await storage.setItem('text', 'grün');
  assert.deepEqual(await storage.getItem('user:1'), { name: 'Ada', langs: ['en', 'fr'], age: 36, admin: false });
  assert.equal(await storage.getItem('text'), 'grün');
  assert.deepEqual((await storage.getKeys()).sort(), ['text', 'user:1']);
  assert.deepEqual(await storage.getKeys('user'), ['user:1']);
  assert.equal(await storage.hasItem('text'), true);
  await storage.removeItem('text');
  assert.equal(await storage.hasItem('text'), false);
  await storage.clear();
  assert.deepEqual(await storage.getKeys(), []);
  await storage.dispose();
});

test('lists keys over more than one page', async () => {
  const storage = storageOf();
  const value = 'x'.repeat(300_000); // three of them fit the megabyte that a page may have
  const keys = Array.from({ length: 7 }, (_, i) => `page:${i}`);
  await Promise.all(keys.map((key) => storage.setItem(key, value)));
  assert.deepEqual((await storage.getKeys()).sort(), keys);
  await storage.clear();
  await storage.dispose();
});

test('hides what has expired, before it is deleted and after', async () => {
  const storage = storageOf({ ttl: 900 });
  const seconds = () => Math.round(Date.now() / 1000);
  await storage.setItem('later', 1);
  await storage.setItem('soon', 2, { ttl: 1 });
  await storage.setItem('for ever', 3, { ttl: 0 });
  assert.ok(Math.abs(Number((await present('later')).ttl.N) - seconds() - 900) < 60);
  assert.equal((await present('for ever')).ttl, undefined);
  await eventually(async () => await storage.getItem('soon') === null);
  assert.ok(await present('soon')); // the table's time to live is not on yet
  assert.deepEqual((await storage.getKeys()).sort(), ['for ever', 'later']);
  await root.send(new dynamodb.UpdateTimeToLiveCommand({
    TableName: TABLE, TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' } }));
  await eventually(async () => await present('soon') === undefined);
  assert.equal(await storage.getItem('soon'), null);
  assert.deepEqual([await storage.getItem('later'), await storage.getItem('for ever')], [1, 3]);
  await storage.dispose();
});

/** Sends a request that has to be refused; one that is not built here is unknown to everybody. */
async function isRefused(client, module, operation, parameters, resource) {
  const expected = BUILT.has(operation) ? 'AccessDeniedException' : 'UnknownOperationException';
  if (operation === 'BatchExecuteStatement') { // which tells each statement by itself
    const { Responses } = await client.send(new module.BatchExecuteStatementCommand(parameters));
    assert.deepEqual(Responses.map(({ Error: { Code } }) => Code), parameters.Statements.map(() => 'AccessDenied'));
    return;
  }
  await assert.rejects(client.send(new module[`${operation}Command`](parameters)), (error) => {
    assert.equal(error.name, expected, `${operation}: ${error.message}`);
    if (resource !== undefined && BUILT.has(operation))
      assert.match(error.message, resource, operation);
    return true;
  }, operation);
}

test('the policy is for no other operation and no other table', async () => {
  const client = clientFor(user);
  const operations = operationsOf(dynamodb);
  assert.deepEqual(operations.filter((one) => REQUESTS[one] === undefined), []);
  assert.ok(operations.length >= 57 && ALLOWED.every((one) => BUILT.has(one)));
  for (const operation of operations) {
    const request = REQUESTS[operation];
    for (const table of request.length === 0 ? [undefined] : OTHERS)
      await isRefused(client, dynamodb, operation, request(table));
    if (request.length > 0 && !ALLOWED.includes(operation) && operation !== 'TransactGetItems')
      await isRefused(client, dynamodb, operation, request(TABLE));
  }
  client.destroy();
});

test('nor for the stream', async () => {
  const { Table: { LatestStreamArn: StreamArn } } = await root.send(new dynamodb.DescribeTableCommand({ TableName: TABLE }));
  const owner = clientFor(server.root, streams.DynamoDBStreamsClient);
  const { StreamDescription: { Shards: [{ ShardId }] } } = await owner.send(new streams.DescribeStreamCommand({ StreamArn }));
  const shard = { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
  const { ShardIterator } = await owner.send(new streams.GetShardIteratorCommand(shard));
  const requests = { DescribeStream: { StreamArn }, GetRecords: { ShardIterator }, GetShardIterator: shard, ListStreams: {} };
  assert.deepEqual(operationsOf(streams).sort(), Object.keys(requests));
  const client = clientFor(user, streams.DynamoDBStreamsClient);
  for (const [operation, parameters] of Object.entries(requests)) {
    await owner.send(new streams[`${operation}Command`](parameters));
    await isRefused(client, streams, operation, parameters);
  }
  owner.destroy();
  client.destroy();
});

test('nor for an index, nor a transaction with more in it', async () => {
  const client = clientFor(user);
  await isRefused(client, dynamodb, 'Scan', { TableName: TABLE, IndexName: 'by-ttl' }, /table\/my-table-name\/index\/by-ttl/);
  const get = (TableName) => ({ Get: { TableName, Key: KEY } });
  await isRefused(client, dynamodb, 'TransactGetItems', { TransactItems: [get(TABLE), get(OTHERS[0])] }, /dynamodb:GetItem on .*other-table/);
  await client.send(new dynamodb.TransactGetItemsCommand({ TransactItems: [get(TABLE)] }));
  const check = { ConditionCheck: { TableName: TABLE, Key: KEY, ConditionExpression: 'attribute_not_exists(a)' } };
  const put = { Put: { TableName: TABLE, Item: { key: { S: 'other' } } } };
  await isRefused(client, dynamodb, 'TransactWriteItems', { TransactItems: [put, check] }, /dynamodb:ConditionCheckItem/);
  assert.equal(await present('other'), undefined);
  client.destroy();
});
