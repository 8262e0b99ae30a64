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
import { makeUser, startLocked } from '../api/locked.mjs';
import { temporaryFolder } from '../api/server.mjs';
import { BUILT, KEY, REQUESTS, arnOf } from './every_operation.mjs';

process.env.SUPPRESS_NO_CONFIG_WARNING = '1'; // of a library that aws2js loads
const aws = createRequire(import.meta.url)('aws2js');
const CERTIFICATES = fileURLToPath(new URL('../../tools/make-certificates.sh', import.meta.url));

const OLDER = ['BatchGetItem', 'BatchWriteItem', 'CreateTable', 'DeleteItem', 'DeleteTable', 'DescribeTable', 'GetItem', 'ListTables',
  'PutItem', 'Query', 'Scan', 'UpdateItem', 'UpdateTable'];

let server, user, dynamodb;
const called = new Set(); // operations that have succeeded

const options = () => ({ host: '127.0.0.1', port: server.tlsPort, rejectUnauthorized: false });
const ask = (client, ...request) => new Promise((resolve, reject) => {
  client.request(...request, (error, answer) => {
    if (error)
      return reject(error);
    called.add(`${client.getApiVersion()} ${request[0]}`);
    return resolve(answer);
  });
});
const succeeded = (version) => [...called].filter((one) => one.startsWith(version)).map((one) => one.slice(version.length + 1)).sort();
/** What it makes of an error: the status and the answer's document. */
const fails = (request, status, type) => assert.rejects(request, (error) => {
  assert.equal(error.code, status);
  assert.equal(error.document.__type, type);
  return true;
});

before(async () => {
  const folder = await temporaryFolder();
  execFileSync(CERTIFICATES, [folder], { stdio: 'ignore' });
  server = await startLocked({ folder, args: ['--tls-cert', path.join(folder, 'server.pem'), '--tls-key', path.join(folder, 'server.key'),
    '--tls-port', '0'] });
  user = await makeUser(server, 'old-application', { managed: 'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess' });
});
after(async () => {
  const { code } = await server.stop();
  await rm(server.folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

test('gets a session token', async () => {
  const sts = aws.load('sts', user.accessKeyId, user.secretAccessKey, null, options());
  const { GetSessionTokenResult: { Credentials } } = await ask(sts, 'GetSessionToken');
  assert.ok(Date.parse(Credentials.Expiration) > Date.now());
  assert.match(Credentials.AccessKeyId, /^ASIA[A-Z2-7]{16}$/);
  dynamodb = aws.load('dynamodb', null, null, null, options());
  dynamodb.setCredentials(Credentials.AccessKeyId, Credentials.SecretAccessKey, Credentials.SessionToken);
});

test('sends nothing with an access key alone', async () => {
  const client = aws.load('dynamodb', user.accessKeyId, user.secretAccessKey, null, options());
  await assert.rejects(async () => ask(client, 'ListTables'), /sessionToken/);
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

test('the other operations of API version 2011-12-05', async () => {
  const TableName = 'Old-Ranges';
  const item = (when) => ({ id: { S: 'a' }, when: { N: String(when) } });
  const key = (when) => ({ HashKeyElement: { S: 'a' }, RangeKeyElement: { N: String(when) } });
  await ask(dynamodb, 'CreateTable', {
    TableName, ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    KeySchema: {
      HashKeyElement: { AttributeName: 'id', AttributeType: 'S' },
      RangeKeyElement: { AttributeName: 'when', AttributeType: 'N' },
    },
  });
  const written = await ask(dynamodb, 'BatchWriteItem', {
    RequestItems: { [TableName]: [1, 2, 3].map((when) => ({ PutRequest: { Item: item(when) } })) } });
  assert.deepEqual(written, { Responses: { [TableName]: { ConsumedCapacityUnits: 3 } }, UnprocessedItems: {} });
  const { Responses } = await ask(dynamodb, 'BatchGetItem', { RequestItems: { [TableName]: { Keys: [key(1), key(9)] } } });
  assert.deepEqual(Responses[TableName].Items, [item(1)]);
  const page = await ask(dynamodb, 'Query', {
    TableName, HashKeyValue: { S: 'a' }, RangeKeyCondition: { AttributeValueList: [{ N: '1' }], ComparisonOperator: 'GT' }, Limit: 1 });
  assert.deepEqual([page.Items, page.LastEvaluatedKey], [[item(2)], key(2)]);
  const { TableDescription } = await ask(dynamodb, 'UpdateTable', {
    TableName, ProvisionedThroughput: { ReadCapacityUnits: 6, WriteCapacityUnits: 6 } });
  assert.equal(TableDescription.TableName, TableName);
  await ask(dynamodb, 'DeleteTable', { TableName });
  assert.deepEqual(succeeded('2011-12-05'), OLDER);
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
});

test('every operation of API version 2012-08-10', async () => {
  const table = 'Everything';
  const tags = { ResourceArn: arnOf(table) };
  for (const name of [table, 'another-table'])
    await ask(dynamodb, 'CreateTable', { ...REQUESTS.CreateTable(name), TableName: name });
  const order = ['PutItem', 'GetItem', 'UpdateItem', 'BatchWriteItem', 'BatchGetItem', 'TransactWriteItems', 'TransactGetItems',
    'Query', 'Scan', 'ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction', 'ListTables', 'DescribeTable', 'DescribeLimits', 'DescribeEndpoints',
    'UpdateTable', 'PutResourcePolicy', 'GetResourcePolicy', 'DeleteResourcePolicy'];
  for (const operation of order)
    await ask(dynamodb, operation, REQUESTS[operation](table));
  // The service's answer to these two is an empty body, which the client takes for broken JSON. They are done.
  await assert.rejects(ask(dynamodb, 'TagResource', REQUESTS.TagResource(table)), SyntaxError);
  assert.deepEqual((await ask(dynamodb, 'ListTagsOfResource', tags)).Tags, [{ Key: 'a', Value: 'b' }]);
  await assert.rejects(ask(dynamodb, 'UntagResource', REQUESTS.UntagResource(table)), SyntaxError);
  assert.deepEqual((await ask(dynamodb, 'ListTagsOfResource', tags)).Tags, []);
  ['TagResource', 'UntagResource'].forEach((one) => called.add(`2012-08-10 ${one}`));
  await ask(dynamodb, 'UpdateTimeToLive', { TableName: table, TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' } });
  assert.equal((await ask(dynamodb, 'DescribeTimeToLive', { TableName: table })).TimeToLiveDescription.TimeToLiveStatus, 'ENABLED');
  assert.deepEqual(await ask(dynamodb, 'DeleteItem', { TableName: table, Key: KEY, ReturnValues: 'ALL_OLD' }),
    { Attributes: { ...KEY, a: { S: 'b' } } });
  await ask(dynamodb, 'DeleteTable', { TableName: table });
  // What is not in this list yet has at least to be understood; what is not built is said to be unknown.
  for (const operation of Object.keys(REQUESTS).filter((one) => !called.has(`2012-08-10 ${one}`)))
    await ask(dynamodb, operation, REQUESTS[operation]('another-table')).catch(({ document }) =>
      assert.equal(/UnknownOperationException$/.test(document.__type), !BUILT.has(operation), `${operation}: ${JSON.stringify(document)}`));
  dynamodb.setApiVersion('2011-12-05');
});

test('is refused with a secret that is not the right one', async () => {
  const stranger = aws.load('dynamodb', null, null, null, options());
  stranger.setCredentials(user.accessKeyId, 'wJalrXUtnFEMI', 'no session token');
  await assert.rejects(ask(stranger, 'ListTables'), (error) => {
    assert.equal(error.code, 400);
    assert.match(error.document.__type, /^com\.amazon\.coral\.service#/);
    return true;
  });
});
