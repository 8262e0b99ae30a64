import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand, DeleteItemCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const TableName = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(TableName)));
});
const Key = { pk: S('a') };
const remove = (more = {}) => client.send(new DeleteItemCommand({ TableName, Key, ...more }));
const put = () => client.send(new PutItemCommand({ TableName, Item: { ...Key, v: N(1) } }));

test('deletes, gives the old item, and deleting nothing is fine', async () => {
  await put();
  assert.deepEqual((await remove({ ReturnValues: 'ALL_OLD' })).Attributes, { ...Key, v: N(1) });
  assert.equal((await client.send(new GetItemCommand({ TableName, Key }))).Item, undefined);
  assert.equal((await remove({ ReturnValues: 'ALL_OLD' })).Attributes, undefined);
});

test('conditions guard it', async () => {
  await put();
  const condition = { ConditionExpression: 'v = :v', ExpressionAttributeValues: { ':v': N(2) } };
  await refused(assert, remove(condition), 'ConditionalCheckFailedException', 'The conditional request failed');
  condition.ExpressionAttributeValues[':v'] = N(1);
  await remove(condition);
});

test('only NONE and ALL_OLD can be returned', async () => {
  await refused(assert, remove({ ReturnValues: 'ALL_NEW' }), 'ValidationException', '1 validation error detected: ReturnValues can only be ALL_OLD or NONE');
});
