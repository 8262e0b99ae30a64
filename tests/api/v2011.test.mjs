// API version 2011-12-05 on the wire, as its clients send and read it. What each operation does stands in
// tests/unit/v2011/cases.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DescribeTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, rawOperation, sharedServer, tableName } from './harness.mjs';

let server, client;
before(async () => {
  server = await sharedServer();
  client = clientFor(server);
});

const send = async (operation, body, headers) => {
  const { status, json, headers: answered } = await rawOperation(server, `DynamoDB_20111205.${operation}`, body, headers);
  return { status, json, headers: answered };
};
const succeed = async (operation, body) => {
  const { status, json } = await send(operation, body);
  assert.equal(status, 200, JSON.stringify(json));
  return json;
};
const key = (hash, range) => ({ HashKeyElement: { S: hash }, ...(range === undefined ? {} : { RangeKeyElement: { N: range } }) });

async function createTable() {
  const TableName = tableName('V2011');
  const { TableDescription } = await succeed('CreateTable', {
    TableName,
    KeySchema: {
      HashKeyElement: { AttributeName: 'user', AttributeType: 'S' },
      RangeKeyElement: { AttributeName: 'time', AttributeType: 'N' },
    },
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
  });
  assert.equal(TableDescription.TableStatus, 'CREATING');
  return TableName;
}

test('all 13 operations, in the life of a table', async () => {
  const TableName = await createTable();
  const { Table } = await succeed('DescribeTable', { TableName });
  assert.equal(Table.TableStatus, 'ACTIVE');
  assert.equal(Table.ItemCount, 0);
  assert.ok((await succeed('ListTables', {})).TableNames.includes(TableName));
  const { TableDescription } = await succeed('UpdateTable', {
    TableName, ProvisionedThroughput: { ReadCapacityUnits: 6, WriteCapacityUnits: 6 },
  });
  assert.equal(TableDescription.TableStatus, 'UPDATING');

  assert.deepEqual(
    await succeed('PutItem', { TableName, Item: { user: { S: 'ann' }, time: { N: '1' }, tags: { SS: ['a', 'b'] } } }),
    { ConsumedCapacityUnits: 1 });
  assert.deepEqual(
    await succeed('GetItem', { TableName, Key: key('ann', '1'), ConsistentRead: true }),
    { Item: { user: { S: 'ann' }, time: { N: '1' }, tags: { SS: ['a', 'b'] } }, ConsumedCapacityUnits: 1 });
  assert.deepEqual(
    await succeed('UpdateItem', {
      TableName, Key: key('ann', '1'), AttributeUpdates: { n: { Value: { N: '2' }, Action: 'ADD' } }, ReturnValues: 'UPDATED_NEW',
    }),
    { Attributes: { n: { N: '2' } }, ConsumedCapacityUnits: 1 });
  assert.deepEqual(
    await succeed('BatchWriteItem', {
      RequestItems: {
        [TableName]: ['2', '3', '4'].map((time) => ({ PutRequest: { Item: { user: { S: 'ann' }, time: { N: time } } } })),
      },
    }),
    { Responses: { [TableName]: { ConsumedCapacityUnits: 3 } }, UnprocessedItems: {} });

  const times = [];
  let ExclusiveStartKey;
  do {
    const page = await succeed('Query', {
      TableName, HashKeyValue: { S: 'ann' }, Limit: 3, ScanIndexForward: false, ExclusiveStartKey,
      RangeKeyCondition: { ComparisonOperator: 'GE', AttributeValueList: [{ N: '1' }] },
    });
    times.push(...page.Items.map(({ time }) => time.N));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  assert.deepEqual(times, ['4', '3', '2', '1']);

  const { Count, ScannedCount, Items } = await succeed('Scan', {
    TableName, ScanFilter: { n: { ComparisonOperator: 'NOT_NULL' } },
  });
  assert.deepEqual([Count, ScannedCount, Items.length], [1, 4, 1]);
  const got = await succeed('BatchGetItem', {
    RequestItems: { [TableName]: { Keys: [key('ann', '2'), key('ann', '9')], AttributesToGet: ['time'] } },
  });
  assert.deepEqual(got, {
    Responses: { [TableName]: { Items: [{ time: { N: '2' } }], ConsumedCapacityUnits: 1 } }, UnprocessedKeys: {},
  });
  const deleted = await succeed('DeleteItem', { TableName, Key: key('ann', '2'), ReturnValues: 'ALL_OLD' });
  assert.deepEqual(deleted, { Attributes: { user: { S: 'ann' }, time: { N: '2' } }, ConsumedCapacityUnits: 1 });
  assert.equal((await succeed('DeleteTable', { TableName })).TableDescription.TableStatus, 'DELETING');
});

test('both versions use the same tables', async () => {
  const TableName = await createTable();
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.deepEqual(Table.AttributeDefinitions, [
    { AttributeName: 'time', AttributeType: 'N' }, { AttributeName: 'user', AttributeType: 'S' },
  ]);
  await client.send(new PutItemCommand({
    TableName, Item: { user: { S: 'bob' }, time: { N: '1' }, map: { M: { yes: { BOOL: true } } } },
  }));
  assert.deepEqual((await succeed('GetItem', { TableName, Key: key('bob', '1') })).Item.map, { M: { yes: { BOOL: true } } });
  await succeed('PutItem', { TableName, Item: { user: { S: 'bob' }, time: { N: '2' }, b: { B: 'AQID' } } });
  const { Item } = await client.send(new GetItemCommand({ TableName, Key: { user: { S: 'bob' }, time: { N: '2' } } }));
  assert.deepEqual([...Item.b.B], [1, 2, 3]);
});

test('errors', async () => {
  const TableName = await createTable();
  const fail = async (operation, body, type, message) => {
    const { status, json, headers } = await send(operation, body);
    assert.equal(status, 400);
    assert.deepEqual(json, { __type: type, message });
    assert.match(headers['x-amzn-requestid'], /^[0-9A-Z]{52}$/);
    assert.match(headers['x-amz-crc32'], /^\d+$/);
  };
  await fail('DescribeTable', { TableName: 'nowhere' }, 'com.amazonaws.dynamodb.v20111205#ResourceNotFoundException',
    'Requested resource not found: Table: nowhere not found');
  await fail('PutItem', {
    TableName, Item: { user: { S: 'a' }, time: { N: '1' } }, Expected: { user: { Value: { S: 'a' } } },
  }, 'com.amazonaws.dynamodb.v20111205#ConditionalCheckFailedException', 'The conditional request failed');
  await fail('GetItem', { TableName, Key: key('a') }, 'com.amazon.coral.validate#ValidationException',
    'One or more parameter values were invalid: The provided key size does not match with that of the schema');
  await fail('Query', { TableName }, 'com.amazon.coral.validate#ValidationException',
    "1 validation error detected: Value null at 'hashKeyValue' failed to satisfy constraint: Member must not be null");
});

test('operations that came later are not in this version', async () => {
  for (const operation of ['TransactWriteItems', 'DescribeTimeToLive', 'ExecuteStatement']) {
    const { status, json } = await send(operation, {});
    assert.equal(status, 400);
    assert.deepEqual(json, { __type: 'com.amazon.coral.service#UnknownOperationException' });
  }
});

test('a body in chunks, as old clients send it', async () => {
  const { status, json } = await send('ListTables', '{}', { 'Transfer-Encoding': 'chunked' });
  assert.equal(status, 200);
  assert.ok(Array.isArray(json.TableNames));
});
