import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { BatchWriteItemCommand, CreateTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const TableName = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(TableName)));
});
const put = (pk) => ({ PutRequest: { Item: { pk: S(pk), v: N(1) } } });
const remove = (pk) => ({ DeleteRequest: { Key: { pk: S(pk) } } });
const batch = (requests, more = {}) =>
  client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: requests }, ...more }));
const names = async () => (await client.send(new ScanCommand({ TableName }))).Items.map(({ pk }) => pk.S).sort();

test('puts and deletes together', async () => {
  assert.deepEqual((await batch([put('a'), put('b'), put('c')])).UnprocessedItems, {});
  const { ConsumedCapacity } = await batch([put('d'), remove('a'), remove('nothing')], { ReturnConsumedCapacity: 'TOTAL' });
  assert.deepEqual(ConsumedCapacity, [{ TableName, CapacityUnits: 3 }]);
  assert.deepEqual(await names(), ['b', 'c', 'd']);
});

test('an item may be named once', async () => {
  await refused(assert, batch([put('a'), remove('a')]), 'ValidationException',
    'Provided list of item keys contains duplicates');
});

test('more than 25 are refused and nothing of them is written', async () => {
  await refused(assert, batch(Array.from({ length: 26 }, (_, i) => put(`many${i}`))), 'ValidationException');
  assert.deepEqual((await names()).filter((name) => name.startsWith('many')), []);
});

test('one bad item refuses all', async () => {
  await refused(assert, batch([put('fine'), { PutRequest: { Item: { v: N(1) } } }]), 'ValidationException');
  assert.ok(!(await names()).includes('fine'));
});
