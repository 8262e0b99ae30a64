// Mendix's Amazon DynamoDB connector: its ten operations, with the endpoint, region and credentials of its settings.
// The credentials are an access key's, or come from IAM Roles Anywhere for the certificate of a Mendix application.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { BatchGetItemCommand, BatchWriteItemCommand, CreateTableCommand, DeleteItemCommand, DeleteTableCommand,
  DescribeTableCommand, DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand, QueryCommand, ScanCommand,
  UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { AUTHORITY, END_ENTITY, createSession, makeCertificate } from '../api/anywhere.mjs';
import { ACCOUNT, arn, makeRole, makeUser, policy, startLocked } from '../api/locked.mjs';
import { temporaryFolder } from '../api/server.mjs';
import { REGION } from './surroundings.mjs';

const TABLE = 'Orders';
const ANCHOR = `arn:aws:rolesanywhere:${REGION}:${ACCOUNT}:trust-anchor/33333333-3333-4333-8333-333333333333`;
const PROFILE = `arn:aws:rolesanywhere:${REGION}:${ACCOUNT}:profile/44444444-4444-4444-8444-444444444444`;
const RIGHTS = policy(
  { Action: 'dynamodb:ListTables', Resource: '*' },
  { Action: ['DescribeTable', 'PutItem', 'GetItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan', 'BatchGetItem', 'BatchWriteItem']
    .map((one) => `dynamodb:${one}`), Resource: [TABLE, `${TABLE}/index/*`].map((one) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${one}`) },
);

let server, folder, accessKey, certificate, owner;

const clientFor = (credentials) => new DynamoDBClient({ endpoint: server.url, region: REGION, credentials, maxAttempts: 1 });

before(async () => {
  folder = await temporaryFolder();
  await makeCertificate(folder, 'ca', '/CN=Mendix Test Authority', AUTHORITY);
  certificate = await makeCertificate(folder, 'application', '/CN=mendix-app', END_ENTITY, { issuer: 'ca' });
  await writeFile(path.join(folder, 'anywhere.json'), JSON.stringify({
    trustAnchors: [{ name: 'mendix', trustAnchorArn: ANCHOR, certificates: 'ca.pem' }],
    profiles: [{ profileArn: PROFILE, roleArns: [arn('role/mendix')] }],
  }));
  server = await startLocked({ folder, args: ['--roles-anywhere', path.join(folder, 'anywhere.json')] });
  accessKey = await makeUser(server, 'mendix', { document: RIGHTS });
  await makeRole(server, 'mendix', policy({
    Principal: { Service: 'rolesanywhere.amazonaws.com' }, Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
    Condition: { StringEquals: { 'aws:PrincipalTag/x509Subject/CN': 'mendix-app' } },
  }), RIGHTS);
  owner = clientFor(server.root);
  await owner.send(new CreateTableCommand({
    TableName: TABLE, BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [['Customer', 'S'], ['Number', 'N'], ['State', 'S']]
      .map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: [{ AttributeName: 'Customer', KeyType: 'HASH' }, { AttributeName: 'Number', KeyType: 'RANGE' }],
    GlobalSecondaryIndexes: [{
      IndexName: 'ByState', KeySchema: [{ AttributeName: 'State', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
  }));
});
after(async () => {
  owner?.destroy();
  const { code } = await server.stop();
  assert.equal(code, 0, server.output());
});

/** A client that remembers the text of the last answer, in lastAnswer. */
function listeningClient(credentials) {
  const client = clientFor(credentials);
  const handler = client.config.requestHandler;
  const handle = handler.handle.bind(handler);
  handler.handle = async (...request) => {
    const answer = await handle(...request);
    const text = Buffer.concat(await answer.response.body.toArray());
    client.lastAnswer = text.toString();
    answer.response.body = Readable.from([text]);
    return answer;
  };
  return client;
}

const order = (Customer, Number, more = {}) => ({ Customer: { S: Customer }, Number: { N: String(Number) }, ...more });

/** The ten operations of the connector. */
function life(connect) {
  let client;
  before(async () => { client = listeningClient(await connect()); });
  after(() => client?.destroy());
  const does = (Command, input) => client.send(new Command({ TableName: TABLE, ...input }));

  test('ListTables and DescribeTable', async () => {
    assert.deepEqual((await client.send(new ListTablesCommand({ Limit: 10 }))).TableNames, [TABLE]);
    const { Table } = await does(DescribeTableCommand);
    assert.deepEqual(Table.GlobalSecondaryIndexes.map(({ IndexName, IndexStatus }) => [IndexName, IndexStatus]), [['ByState', 'ACTIVE']]);
    // It reads the seconds of the epoch as a number, not as text.
    const { CreationDateTime } = JSON.parse(client.lastAnswer).Table;
    assert.equal(typeof CreationDateTime, 'number');
    assert.ok(Math.abs(CreationDateTime - Date.now() / 1000) < 3600);
  });

  test('PutItem, GetItem, UpdateItem, DeleteItem', async () => {
    const Key = order('Ada', 1);
    const Parts = { L: [{ M: { sku: { S: 'a' }, n: { N: '2' } } }] };
    await does(PutItemCommand, { Item: order('Ada', 1, { State: { S: 'new' }, Parts }) });
    assert.deepEqual((await does(GetItemCommand, { Key, ConsistentRead: true, ProjectionExpression: 'Parts[0].n' })).Item,
      { Parts: { L: [{ M: { n: { N: '2' } } }] } });
    const { Attributes } = await does(UpdateItemCommand, {
      Key, UpdateExpression: 'SET #s = :s', ConditionExpression: '#s = :old', ExpressionAttributeNames: { '#s': 'State' },
      ExpressionAttributeValues: { ':s': { S: 'paid' }, ':old': { S: 'new' } }, ReturnValues: 'UPDATED_OLD' });
    assert.deepEqual(Attributes, { State: { S: 'new' } });
    assert.equal((await does(DeleteItemCommand, { Key, ReturnValues: 'ALL_OLD' })).Attributes.State.S, 'paid');
    assert.equal((await does(GetItemCommand, { Key })).Item, undefined);
  });

  test('BatchWriteItem and BatchGetItem', async () => {
    const puts = ['even', 'odd', 'even', 'odd', 'even'].map((S, i) => ({ PutRequest: { Item: order('Grace', i, { State: { S } }) } }));
    assert.deepEqual((await client.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: puts } }))).UnprocessedItems, {});
    const { Responses, UnprocessedKeys } = await client.send(new BatchGetItemCommand({
      RequestItems: { [TABLE]: { Keys: [order('Grace', 0), order('Grace', 4), order('Grace', 9)] } } }));
    assert.deepEqual([Responses[TABLE].map(({ Number }) => Number.N).sort(), UnprocessedKeys], [['0', '4'], {}]);
  });

  test('Query and Scan', async () => {
    const query = { KeyConditionExpression: 'Customer = :c AND #n > :n', ExpressionAttributeNames: { '#n': 'Number' },
      ExpressionAttributeValues: { ':c': { S: 'Grace' }, ':n': { N: '1' } } };
    const page = await does(QueryCommand, { ...query, Limit: 2 });
    const rest = await does(QueryCommand, { ...query, ExclusiveStartKey: page.LastEvaluatedKey });
    assert.deepEqual([...page.Items, ...rest.Items].map(({ Number }) => Number.N), ['2', '3', '4']);
    const even = await does(QueryCommand, { IndexName: 'ByState', KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'State' }, ExpressionAttributeValues: { ':s': { S: 'even' } } });
    assert.equal(even.Count, 3);
    const odd = await does(ScanCommand, { FilterExpression: '#s = :s', ExpressionAttributeNames: { '#s': 'State' },
      ExpressionAttributeValues: { ':s': { S: 'odd' } } });
    assert.deepEqual([odd.Count, odd.ScannedCount], [2, 5]);
  });

  test('and no further', async () => {
    await assert.rejects(does(DeleteTableCommand), { name: 'AccessDeniedException' });
    await assert.rejects(does(GetItemCommand, { TableName: 'Invoices', Key: order('Ada', 1) }), { name: 'AccessDeniedException' });
  });
}

/** The session that IAM Roles Anywhere gives for the certificate. */
async function anywhere() {
  const { status, json, body } = await createSession(server, certificate, {
    query: { profileArn: PROFILE, roleArn: arn('role/mendix'), trustAnchorArn: ANCHOR }, body: { durationSeconds: 900 } });
  assert.equal(status, 201, body.toString());
  const [{ credentials: { accessKeyId, secretAccessKey, sessionToken, expiration } }] = json.credentialSet;
  return { accessKeyId, secretAccessKey, sessionToken, expiration: new Date(expiration) };
}

describe('with static credentials', () => life(async () => accessKey));
describe('with a session of IAM Roles Anywhere', () => life(anywhere));

test('a session is nothing without its token', async () => {
  const { sessionToken, ...half } = await anywhere();
  const client = clientFor(half);
  await assert.rejects(client.send(new ListTablesCommand({})), { name: 'UnrecognizedClientException' });
  client.destroy();
  const whole = clientFor({ ...half, sessionToken });
  assert.deepEqual((await whole.send(new ListTablesCommand({}))).TableNames, [TABLE]);
  whole.destroy();
});
