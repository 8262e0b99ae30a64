// A user without any policy can do nothing at all: not with one operation of the service model, nor of the older version,
// nor of IAM; and an explicit Deny wins over everything.

import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { CreateTableCommand, DescribeTableCommand, GetItemCommand, ListTagsOfResourceCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, DynamoDBStreamsClient, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { CreateUserCommand } from '@aws-sdk/client-iam';
import { clientFor, tableOf } from './harness.mjs';
import { dynamodbFor, iamFor, makeUser, policy, startLocked } from './locked.mjs';
import { signedOperation } from './signed.mjs';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/guarded';
const Key = { pk: { S: 'a' } };
const Item = { ...Key, v: { S: 'new' } };
const TableName = 'guarded';

let server;
let nobody;
let root;
let streamArn;
let iterator;
before(async () => {
  server = await startLocked();
  root = dynamodbFor(server, server.root);
  const { TableDescription } = await root.send(new CreateTableCommand(tableOf(TableName, {
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' }, Tags: [{ Key: 'a', Value: 'b' }],
  })));
  await root.send(new PutItemCommand({ TableName, Item: { ...Key, v: { S: 'old' } } }));
  streamArn = TableDescription.LatestStreamArn;
  const streams = clientFor(server, { credentials: server.root }, DynamoDBStreamsClient);
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn: streamArn }));
  iterator = (await streams.send(new GetShardIteratorCommand({ StreamArn: streamArn, ShardIteratorType: 'TRIM_HORIZON',
    ShardId: StreamDescription.Shards[0].ShardId }))).ShardIterator;
  nobody = await makeUser(server, 'nobody');
});
after(async () => {
  const { code } = await server.stop();
  await rm(server.folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

// An input for every operation that would do something if it were allowed.
const inputs = () => ({
  BatchExecuteStatement: { Statements: [{ Statement: `SELECT * FROM ${TableName} WHERE pk = 'a'` }] },
  BatchGetItem: { RequestItems: { [TableName]: { Keys: [Key] } } },
  BatchWriteItem: { RequestItems: { [TableName]: [{ PutRequest: { Item } }] } },
  CreateTable: tableOf('another'),
  DeleteItem: { TableName, Key },
  DeleteResourcePolicy: { ResourceArn: ARN },
  DeleteTable: { TableName },
  DescribeEndpoints: {},
  DescribeLimits: {},
  DescribeStream: { StreamArn: streamArn },
  DescribeTable: { TableName },
  DescribeTimeToLive: { TableName },
  ExecuteStatement: { Statement: `UPDATE ${TableName} SET v = 'new' WHERE pk = 'a'` },
  ExecuteTransaction: { TransactStatements: [{ Statement: `DELETE FROM ${TableName} WHERE pk = 'a'` }] },
  GetItem: { TableName, Key },
  GetRecords: { ShardIterator: iterator },
  GetResourcePolicy: { ResourceArn: ARN },
  GetShardIterator: { StreamArn: streamArn, ShardId: 'shardId-00000000000000000000-00000000', ShardIteratorType: 'LATEST' },
  ListStreams: {},
  ListTables: {},
  ListTagsOfResource: { ResourceArn: ARN },
  PutItem: { TableName, Item },
  PutResourcePolicy: { ResourceArn: ARN, Policy: policy({ Action: 'dynamodb:*', Resource: '*', Principal: '*' }) },
  Query: { TableName, KeyConditionExpression: 'pk = :p', ExpressionAttributeValues: { ':p': { S: 'a' } } },
  Scan: { TableName },
  TagResource: { ResourceArn: ARN, Tags: [{ Key: 'c', Value: 'd' }] },
  TransactGetItems: { TransactItems: [{ Get: { TableName, Key } }] },
  TransactWriteItems: { TransactItems: [{ Put: { TableName, Item } }] },
  UntagResource: { ResourceArn: ARN, TagKeys: ['a'] },
  UpdateItem: { TableName, Key, UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': { S: 'new' } } },
  UpdateTable: { TableName, DeletionProtectionEnabled: true },
  UpdateTimeToLive: { TableName, TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' } },
});

/** {operation: target} of the whole service model, by the files that the program is made from. */
async function operations() {
  const found = {};
  for (const [file, prefix] of [['dynamodb', 'DynamoDB_20120810'], ['dynamodbstreams', 'DynamoDBStreams_20120810']]) {
    const text = await readFile(new URL(`../../src/model/${file}.model`, import.meta.url), 'utf8');
    for (const [, name] of text.matchAll(/^operation (\w+) /gm))
      found[name] = `${prefix}.${name}`;
  }
  return found;
}

async function expectUntouched() {
  assert.equal((await root.send(new GetItemCommand({ TableName, Key }))).Item.v.S, 'old');
  const { Table } = await root.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.DeletionProtectionEnabled, false);
  const { Tags } = await root.send(new ListTagsOfResourceCommand({ ResourceArn: ARN }));
  assert.deepEqual(Tags, [{ Key: 'a', Value: 'b' }]);
}

test('none of the 62 operations does anything for a user without policies', async () => {
  const all = await operations();
  assert.equal(Object.keys(all).length, 62);
  const known = inputs();
  for (const [name, target] of Object.entries(all)) {
    const { status, json, body } = await signedOperation(server, nobody, target, known[name] ?? {});
    if (name === 'BatchExecuteStatement') {
      assert.deepEqual(json.Responses.map(({ Error }) => Error.Code), ['AccessDenied']);
      assert.doesNotMatch(body.toString(), /old/);
      continue;
    }
    assert.equal(status, 400, name);
    if (known[name] === undefined) {
      assert.equal(json.__type, 'com.amazon.coral.service#UnknownOperationException', name);
    } else {
      assert.equal(json.__type, 'com.amazon.coral.service#AccessDeniedException', `${name}: ${body}`);
      assert.match(json.Message ?? json.message,
        /^User: arn:aws:iam::000000000000:user\/nobody is not authorized to perform: dynamodb:\w+ on resource: \S+ because no identity-based policy allows the dynamodb:\w+ action$/, name);
    }
  }
  await expectUntouched();
});

test('nor does one of API version 2011-12-05', async () => {
  const key = { HashKeyElement: { S: 'a' } };
  const older = {
    BatchGetItem: { RequestItems: { [TableName]: { Keys: [key] } } },
    BatchWriteItem: { RequestItems: { [TableName]: [{ PutRequest: { Item } }] } },
    CreateTable: { TableName: 'another', KeySchema: { HashKeyElement: { AttributeName: 'pk', AttributeType: 'S' } },
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } },
    DeleteItem: { TableName, Key: key },
    DeleteTable: { TableName },
    DescribeTable: { TableName },
    GetItem: { TableName, Key: key },
    ListTables: {},
    PutItem: { TableName, Item },
    Query: { TableName, HashKeyValue: { S: 'a' } },
    Scan: { TableName },
    UpdateItem: { TableName, Key: key, AttributeUpdates: { v: { Value: { S: 'new' } } } },
    UpdateTable: { TableName, ProvisionedThroughput: { ReadCapacityUnits: 6, WriteCapacityUnits: 6 } },
  };
  for (const [name, input] of Object.entries(older)) {
    const { status, json } = await signedOperation(server, nobody, `DynamoDB_20111205.${name}`, input);
    assert.equal(status, 400, name);
    assert.match(json.__type, /AccessDeniedException$/, `${name}: ${json.message}`);
  }
  await expectUntouched();
});

test('nor can it make itself or others more than they are', async () => {
  await assert.rejects(iamFor(server, nobody).send(new CreateUserCommand({ UserName: 'friend' })),
    { name: 'AccessDenied', message: /not authorized to perform: iam:CreateUser/ });
});

test('an explicit Deny wins, also over AdministratorAccess', async () => {
  const document = JSON.stringify({ Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: 'dynamodb:GetItem', Resource: ARN }] });
  const admin = await makeUser(server, 'admin', { document, managed: 'arn:aws:iam::aws:policy/AdministratorAccess' });
  const { json } = await signedOperation(server, admin, 'DynamoDB_20120810.GetItem', { TableName, Key });
  assert.match(json.Message ?? json.message, /with an explicit deny in an identity-based policy/);
  assert.equal((await signedOperation(server, admin, 'DynamoDB_20120810.Scan', { TableName })).status, 200);
});
