// aws-sdk version 2 with { apiVersion: '2011-12-05' }: AWS's own client of the first version of the API, which still
// has its shapes, waiters and paginators.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startServer } from '../api/server.mjs';
import { ENDPOINT, REGION } from './harness.mjs';
import AWS from 'aws-sdk';

const dynamodb = new AWS.DynamoDB({ apiVersion: '2011-12-05', endpoint: ENDPOINT, region: REGION, maxRetries: 0 });

const TableName = 'Replies-2011';
const key = (id, when) => ({ HashKeyElement: { S: id }, RangeKeyElement: { N: String(when) } });

const fails = (request, code) => assert.rejects(request.promise(), (error) => {
  assert.equal(error.code, code, error.message);
  assert.ok(error.requestId);
  return true;
});

const pagesOf = (request) => new Promise((resolve, reject) => {
  const pages = [];
  request.eachPage((error, page) => {
    if (error)
      reject(error);
    else if (page === null)
      resolve(pages);
    else
      pages.push(page);
    return true;
  });
});

test('creates a table and waits for it', async () => {
  const { TableDescription } = await dynamodb.createTable({
    TableName,
    KeySchema: {
      HashKeyElement: { AttributeName: 'id', AttributeType: 'S' },
      RangeKeyElement: { AttributeName: 'when', AttributeType: 'N' },
    },
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
  }).promise();
  assert.ok(TableDescription.CreationDateTime instanceof Date);
  const { Table } = await dynamodb.waitFor('tableExists', { TableName }).promise();
  assert.deepEqual(Table.KeySchema, TableDescription.KeySchema);
  assert.equal(Table.ItemCount, 0);
  assert.ok((await dynamodb.listTables().promise()).TableNames.includes(TableName));
});

test('writes and reads items of every type', async () => {
  const Item = {
    id: { S: 'grün' }, when: { N: '1' }, b: { B: Buffer.from([1, 2]) },
    ss: { SS: ['a', 'b'] }, ns: { NS: ['1', '2'] }, bs: { BS: [Buffer.from([3])] },
  };
  assert.deepEqual(await dynamodb.putItem({ TableName, Item }).promise(), { ConsumedCapacityUnits: 1 });
  const got = await dynamodb.getItem({ TableName, Key: key('grün', 1), ConsistentRead: true }).promise();
  assert.deepEqual(got, { Item, ConsumedCapacityUnits: 1 });
  const { Attributes } = await dynamodb.updateItem({
    TableName, Key: key('grün', 1), AttributeUpdates: { ns: { Value: { NS: ['2'] }, Action: 'DELETE' } },
    Expected: { b: { Value: { B: Buffer.from([1, 2]) } } }, ReturnValues: 'UPDATED_NEW',
  }).promise();
  assert.deepEqual(Attributes, { ns: { NS: ['1'] } });
  await fails(dynamodb.deleteItem({ TableName, Key: key('grün', 1), Expected: { b: { Exists: false } } }),
    'ConditionalCheckFailedException');
  await fails(dynamodb.getItem({ TableName, Key: { HashKeyElement: { S: 'grün' } } }), 'ValidationException');
  assert.deepEqual((await dynamodb.deleteItem({ TableName, Key: key('grün', 1), ReturnValues: 'ALL_OLD' }).promise())
    .Attributes.id, { S: 'grün' });
});

test('writes and reads batches, and turns pages', async () => {
  const requests = Array.from({ length: 7 }, (_, when) => ({ PutRequest: { Item: { id: { S: 'a' }, when: { N: String(when) } } } }));
  const written = await dynamodb.batchWriteItem({ RequestItems: { [TableName]: requests } }).promise();
  assert.deepEqual(written, { Responses: { [TableName]: { ConsumedCapacityUnits: 7 } }, UnprocessedItems: {} });
  const { Responses } = await dynamodb.batchGetItem({
    RequestItems: { [TableName]: { Keys: [key('a', 1), key('a', 99)], AttributesToGet: ['when'] } },
  }).promise();
  assert.deepEqual(Responses[TableName], { Items: [{ when: { N: '1' } }], ConsumedCapacityUnits: 1 });
  const queried = await pagesOf(dynamodb.query({ TableName, HashKeyValue: { S: 'a' }, Limit: 3, ScanIndexForward: false }));
  assert.deepEqual(queried.flatMap(({ Items }) => Items.map(({ when }) => when.N)), ['6', '5', '4', '3', '2', '1', '0']);
  const scanned = await pagesOf(dynamodb.scan({
    TableName, Limit: 2, ScanFilter: { when: { ComparisonOperator: 'GE', AttributeValueList: [{ N: '5' }] } },
  }));
  assert.equal(scanned.reduce((sum, { Count }) => sum + Count, 0), 2);
  assert.equal(scanned.reduce((sum, { ScannedCount }) => sum + ScannedCount, 0), 7);
});

test('deletes the table and waits until it is gone', async () => {
  await dynamodb.updateTable({ TableName, ProvisionedThroughput: { ReadCapacityUnits: 6, WriteCapacityUnits: 6 } }).promise();
  assert.equal((await dynamodb.deleteTable({ TableName }).promise()).TableDescription.TableStatus, 'DELETING');
  await dynamodb.waitFor('tableNotExists', { TableName }).promise();
  await fails(dynamodb.describeTable({ TableName }), 'ResourceNotFoundException');
});

test('policies hold for this version, too', async () => {
  const server = await startServer(['--in-memory', '--auth']);
  while (!/AWS_SECRET_ACCESS_KEY=\S+\s/.test(server.output()))
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  const [accessKeyId, secretAccessKey] = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']
    .map((name) => server.output().match(`${name}=(\\S+)`)[1]);
  const settings = { endpoint: server.url, region: REGION, maxRetries: 0 };
  const old = (credentials) => new AWS.DynamoDB({ apiVersion: '2011-12-05', ...settings, ...credentials });
  const owner = old({ accessKeyId, secretAccessKey });
  for (const name of ['mine', 'others']) {
    await owner.createTable({
      TableName: name, KeySchema: { HashKeyElement: { AttributeName: 'owner', AttributeType: 'S' } },
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    }).promise();
  }

  const iam = new AWS.IAM({ ...settings, accessKeyId, secretAccessKey });
  await iam.createUser({ UserName: 'ann' }).promise();
  await iam.putUserPolicy({
    UserName: 'ann', PolicyName: 'own-items', PolicyDocument: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{
        Effect: 'Allow', Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Resource: 'arn:aws:dynamodb:*:*:table/mine',
        Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['ann'] } },
      }],
    }),
  }).promise();
  const { AccessKey } = await iam.createAccessKey({ UserName: 'ann' }).promise();
  const ann = old({ accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey });
  const keyOf = (owns) => ({ HashKeyElement: { S: owns } });
  await ann.putItem({ TableName: 'mine', Item: { owner: { S: 'ann' } } }).promise();
  assert.deepEqual((await ann.getItem({ TableName: 'mine', Key: keyOf('ann') }).promise()).Item, { owner: { S: 'ann' } });
  for (const request of [
    ann.getItem({ TableName: 'mine', Key: keyOf('bob') }),
    ann.putItem({ TableName: 'mine', Item: { owner: { S: 'bob' } } }),
    ann.getItem({ TableName: 'others', Key: keyOf('ann') }),
    ann.deleteItem({ TableName: 'mine', Key: keyOf('ann') }),
    ann.query({ TableName: 'mine', HashKeyValue: { S: 'ann' } }),
    ann.scan({ TableName: 'mine' }),
    ann.batchGetItem({ RequestItems: { mine: { Keys: [keyOf('ann')] } } }),
    ann.batchWriteItem({ RequestItems: { mine: [{ DeleteRequest: { Key: keyOf('ann') } }] } }),
    ann.updateItem({ TableName: 'mine', Key: keyOf('ann'), AttributeUpdates: {} }),
    ann.listTables(),
    ann.describeTable({ TableName: 'mine' }),
    ann.updateTable({ TableName: 'mine', ProvisionedThroughput: { ReadCapacityUnits: 9, WriteCapacityUnits: 9 } }),
    ann.deleteTable({ TableName: 'mine' }),
    ann.createTable({
      TableName: 'new', KeySchema: { HashKeyElement: { AttributeName: 'k', AttributeType: 'S' } },
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    }),
  ])
    await fails(request, 'AccessDeniedException');
  assert.equal((await server.stop()).code, 0);
});
