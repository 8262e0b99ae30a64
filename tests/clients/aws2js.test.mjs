// aws2js 0.8.3, from 2012: temporary credentials from STS (Query protocol, Signature Version 2), then DynamoDB with
// AWS3 signatures, API version 2011-12-05 unless told otherwise. It speaks HTTPS only and sends nothing without a
// session token.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer, temporaryFolder } from '../api/server.mjs';

process.env.SUPPRESS_NO_CONFIG_WARNING = '1'; // of a library that aws2js loads
const aws = createRequire(import.meta.url)('aws2js');
const CERTIFICATES = fileURLToPath(new URL('../../tools/make-certificates.sh', import.meta.url));

let folder, server, rootKey, dynamodb;

const options = () => ({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false });
const ask = (client, ...request) => new Promise((resolve, reject) => {
  client.request(...request, (error, answer) => (error ? reject(error) : resolve(answer)));
});
/** What it makes of an error: the status and the answer's document. */
const fails = (request, status, type) => assert.rejects(request, (error) => {
  assert.equal(error.code, status);
  assert.equal(error.document.__type, type);
  return true;
});

before(async () => {
  folder = await temporaryFolder();
  execFileSync(CERTIFICATES, [folder], { stdio: 'ignore' });
  server = await startServer(['--in-memory', '--auth', '--tls-cert', path.join(folder, 'server.pem'),
    '--tls-key', path.join(folder, 'server.key')]);
  while (!/AWS_SECRET_ACCESS_KEY=\S+\s/.test(server.output()))
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  rootKey = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'].map((name) => server.output().match(`${name}=(\\S+)`)[1]);
});
after(async () => {
  const { code } = await server.stop();
  await rm(folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

test('gets a session token', async () => {
  const sts = aws.load('sts', ...rootKey, null, options());
  const { GetSessionTokenResult: { Credentials } } = await ask(sts, 'GetSessionToken');
  assert.ok(Date.parse(Credentials.Expiration) > Date.now());
  dynamodb = aws.load('dynamodb', null, null, null, options());
  dynamodb.setCredentials(Credentials.AccessKeyId, Credentials.SecretAccessKey, Credentials.SessionToken);
});

test('lists tables, with a body and without', async () => {
  assert.deepEqual(await ask(dynamodb, 'ListTables'), { TableNames: [] });
  assert.deepEqual(await ask(dynamodb, 'ListTables', { Limit: 1 }), { TableNames: [] });
});

test("a whole item's life in API version 2011-12-05", async () => {
  const TableName = 'Old';
  const Key = { HashKeyElement: { S: 'grün' } };
  const { TableDescription } = await ask(dynamodb, 'CreateTable', {
    TableName,
    KeySchema: { HashKeyElement: { AttributeName: 'id', AttributeType: 'S' } },
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
  });
  assert.equal(TableDescription.TableStatus, 'CREATING');
  assert.equal((await ask(dynamodb, 'DescribeTable', { TableName })).Table.TableStatus, 'ACTIVE');
  assert.deepEqual(await ask(dynamodb, 'PutItem', { TableName, Item: { id: { S: 'grün' }, n: { N: '1' } } }),
    { ConsumedCapacityUnits: 1 });
  assert.deepEqual((await ask(dynamodb, 'UpdateItem', {
    TableName, Key, AttributeUpdates: { n: { Value: { N: '2' }, Action: 'ADD' } }, ReturnValues: 'ALL_NEW',
  })).Attributes, { id: { S: 'grün' }, n: { N: '3' } });
  assert.deepEqual((await ask(dynamodb, 'GetItem', { TableName, Key })).Item, { id: { S: 'grün' }, n: { N: '3' } });
  assert.equal((await ask(dynamodb, 'Scan', { TableName, Count: true })).Count, 1);
  await fails(ask(dynamodb, 'DeleteItem', { TableName, Key, Expected: { n: { Value: { N: '1' } } } }), 400,
    'com.amazonaws.dynamodb.v20111205#ConditionalCheckFailedException');
  await ask(dynamodb, 'DeleteItem', { TableName, Key });
  assert.equal((await ask(dynamodb, 'GetItem', { TableName, Key })).Item, undefined);
  await ask(dynamodb, 'DeleteTable', { TableName });
});

test("a whole item's life in API version 2012-08-10", async () => {
  const TableName = 'New';
  const Key = { id: { S: 'grün' } };
  dynamodb.setApiVersion('2012-08-10');
  await ask(dynamodb, 'CreateTable', {
    TableName,
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  await ask(dynamodb, 'PutItem', { TableName, Item: { ...Key, things: { L: [{ BOOL: true }] } } });
  await ask(dynamodb, 'UpdateItem', {
    TableName, Key, UpdateExpression: 'SET things[1] = :v', ExpressionAttributeValues: { ':v': { N: '1' } },
  });
  assert.deepEqual(await ask(dynamodb, 'GetItem', { TableName, Key }),
    { Item: { ...Key, things: { L: [{ BOOL: true }, { N: '1' }] } } });
  assert.deepEqual(await ask(dynamodb, 'DeleteItem', { TableName, Key }), {});
  await ask(dynamodb, 'DeleteTable', { TableName });
  dynamodb.setApiVersion('2011-12-05');
});

test('is refused with a secret that is not the right one', async () => {
  const stranger = aws.load('dynamodb', null, null, null, options());
  stranger.setCredentials(rootKey[0], 'wJalrXUtnFEMI', 'no session token');
  await assert.rejects(ask(stranger, 'ListTables'), (error) => {
    assert.equal(error.code, 400);
    assert.match(error.document.__type, /^com\.amazon\.coral\.service#/);
    return true;
  });
});
