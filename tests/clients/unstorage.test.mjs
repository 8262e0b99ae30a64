// unstorage on a table, with the IAM policy of the driver's documentation: four actions on one table. Everything else
// that the service can do, and every other table, is refused.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as streams from '@aws-sdk/client-dynamodb-streams';
import { createStorage } from 'unstorage';
import { ACCOUNT, makeUser, policy, startLocked } from '../api/locked.mjs';
import { eventually } from './programs.mjs';
import driver from './unstorage_driver.mjs';

const TABLE = 'my-table-name';
const OTHERS = ['other-table', `${TABLE}-2`]; // there, but not in the policy
const ALLOWED = ['GetItem', 'PutItem', 'Scan', 'DeleteItem'];
const REGION = 'us-east-1';
const arnOf = (table) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${table}`;

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

const KEY = { key: { S: 'k' } };
const STATEMENT = (table) => `SELECT * FROM "${table}" WHERE "key" = 'k'`;
const BACKUP = (table) => `${arnOf(table)}/backup/01489602797149-73d8d5bc`;

/** Parameters with which each operation would do something to this table, or for the account. */
const REQUESTS = {
  BatchExecuteStatement: (t) => ({ Statements: [{ Statement: STATEMENT(t) }, { Statement: STATEMENT(OTHERS[0]) }] }),
  BatchGetItem: (t) => ({ RequestItems: { [t]: { Keys: [KEY] } } }),
  BatchWriteItem: (t) => ({ RequestItems: { [t]: [{ PutRequest: { Item: KEY } }] } }),
  CreateBackup: (t) => ({ TableName: t, BackupName: 'copy' }),
  CreateGlobalTable: (t) => ({ GlobalTableName: t, ReplicationGroup: [{ RegionName: REGION }] }),
  CreateTable: (t) => ({ TableName: t, BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }] }),
  DeleteBackup: (t) => ({ BackupArn: BACKUP(t) }),
  DeleteItem: (t) => ({ TableName: t, Key: KEY }),
  DeleteResourcePolicy: (t) => ({ ResourceArn: arnOf(t) }),
  DeleteTable: (t) => ({ TableName: t }),
  DescribeBackup: (t) => ({ BackupArn: BACKUP(t) }),
  DescribeContinuousBackups: (t) => ({ TableName: t }),
  DescribeContributorInsights: (t) => ({ TableName: t }),
  DescribeEndpoints: () => ({}),
  DescribeExport: (t) => ({ ExportArn: `${arnOf(t)}/export/01489602797149-73d8d5bc` }),
  DescribeGlobalTable: (t) => ({ GlobalTableName: t }),
  DescribeGlobalTableSettings: (t) => ({ GlobalTableName: t }),
  DescribeImport: (t) => ({ ImportArn: `${arnOf(t)}/import/01489602797149-73d8d5bc` }),
  DescribeKinesisStreamingDestination: (t) => ({ TableName: t }),
  DescribeLimits: () => ({}),
  DescribeTable: (t) => ({ TableName: t }),
  DescribeTableReplicaAutoScaling: (t) => ({ TableName: t }),
  DescribeTimeToLive: (t) => ({ TableName: t }),
  DisableKinesisStreamingDestination: (t) => ({ TableName: t, StreamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/changes` }),
  EnableKinesisStreamingDestination: (t) => ({ TableName: t, StreamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/changes` }),
  ExecuteStatement: (t) => ({ Statement: STATEMENT(t) }),
  ExecuteTransaction: (t) => ({ TransactStatements: [{ Statement: STATEMENT(t) }] }),
  ExportTableToPointInTime: (t) => ({ TableArn: arnOf(t), S3Bucket: 'exports' }),
  GetItem: (t) => ({ TableName: t, Key: KEY }),
  GetResourcePolicy: (t) => ({ ResourceArn: arnOf(t) }),
  ImportTable: (t) => ({ S3BucketSource: { S3Bucket: 'imports' }, InputFormat: 'CSV',
    TableCreationParameters: REQUESTS.CreateTable(t) }),
  ListBackups: () => ({}),
  ListContributorInsights: () => ({}),
  ListExports: () => ({}),
  ListGlobalTables: () => ({}),
  ListImports: () => ({}),
  ListTables: () => ({}),
  ListTagsOfResource: (t) => ({ ResourceArn: arnOf(t) }),
  PutItem: (t) => ({ TableName: t, Item: KEY }),
  PutResourcePolicy: (t) => ({ ResourceArn: arnOf(t), Policy: JSON.stringify({ Version: '2012-10-17', Statement: [
    { Effect: 'Allow', Principal: '*', Action: 'dynamodb:*', Resource: arnOf(t) }] }) }),
  Query: (t) => ({ TableName: t, KeyConditionExpression: '#k = :k', ExpressionAttributeNames: { '#k': 'key' },
    ExpressionAttributeValues: { ':k': { S: 'k' } } }),
  RestoreTableFromBackup: (t) => ({ TargetTableName: t, BackupArn: BACKUP(t) }),
  RestoreTableToPointInTime: (t) => ({ SourceTableName: t, TargetTableName: 'restored', UseLatestRestorableTime: true }),
  Scan: (t) => ({ TableName: t }),
  TagResource: (t) => ({ ResourceArn: arnOf(t), Tags: [{ Key: 'a', Value: 'b' }] }),
  // Transactions have no action of their own: they need those of what is in them.
  TransactGetItems: (t) => ({ TransactItems: [{ Get: { TableName: t, Key: KEY } }] }),
  TransactWriteItems: (t) => ({ TransactItems: [{ Update: { TableName: t, Key: KEY, UpdateExpression: 'SET a = :a',
    ExpressionAttributeValues: { ':a': { S: 'b' } } } }] }),
  UntagResource: (t) => ({ ResourceArn: arnOf(t), TagKeys: ['a'] }),
  UpdateContinuousBackups: (t) => ({ TableName: t, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
  UpdateContributorInsights: (t) => ({ TableName: t, ContributorInsightsAction: 'ENABLE' }),
  UpdateGlobalTable: (t) => ({ GlobalTableName: t, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] }),
  UpdateGlobalTableSettings: (t) => ({ GlobalTableName: t, GlobalTableBillingMode: 'PAY_PER_REQUEST' }),
  UpdateItem: (t) => ({ TableName: t, Key: KEY }),
  UpdateKinesisStreamingDestination: (t) => ({ TableName: t, StreamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/changes` }),
  UpdateTable: (t) => ({ TableName: t, DeletionProtectionEnabled: false }),
  UpdateTableReplicaAutoScaling: (t) => ({ TableName: t }),
  UpdateTimeToLive: (t) => ({ TableName: t, TimeToLiveSpecification: { Enabled: false, AttributeName: 'ttl' } }),
};

const built = new Set([...(await readFile(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8'))
  .matchAll(/^\| (\w+) \| yes \|/gm)].map(([, name]) => name));
const operationsOf = (module) => Object.keys(module).flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? []);

/** Sends a request that has to be refused; one that is not built here is unknown to everybody. */
async function isRefused(client, module, operation, parameters, resource) {
  const expected = built.has(operation) ? 'AccessDeniedException' : 'UnknownOperationException';
  if (operation === 'BatchExecuteStatement') { // which tells each statement by itself
    const { Responses } = await client.send(new module.BatchExecuteStatementCommand(parameters));
    assert.deepEqual(Responses.map(({ Error: { Code } }) => Code), parameters.Statements.map(() => 'AccessDenied'));
    return;
  }
  await assert.rejects(client.send(new module[`${operation}Command`](parameters)), (error) => {
    assert.equal(error.name, expected, `${operation}: ${error.message}`);
    if (resource !== undefined && built.has(operation))
      assert.match(error.message, resource, operation);
    return true;
  }, operation);
}

test('the policy is for no other operation and no other table', async () => {
  const client = clientFor(user);
  const operations = operationsOf(dynamodb);
  assert.deepEqual(operations.filter((one) => REQUESTS[one] === undefined), []);
  assert.ok(operations.length >= 57 && ALLOWED.every((one) => built.has(one)));
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
  await isRefused(client, dynamodb, 'TransactWriteItems', { TransactItems: [{ Put: { TableName: TABLE, Item: { key: { S: 'other' } } } }, check] },
    /dynamodb:ConditionCheckItem/);
  assert.equal(await present('other'), undefined);
  client.destroy();
});
