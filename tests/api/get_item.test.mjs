import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { L, M, N, S, refused } from './items.mjs';

const TableName = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  const { TableDescription } = await client.send(new CreateTableCommand(tableOf(TableName, { sort: 'N' })));
  arn = TableDescription.TableArn;
  await client.send(new PutItemCommand({
    TableName,
    Item: { pk: S('a'), sk: N(1), entries: L(N(0), N(1), N(2)), map: M({ x: S('y'), z: S('w') }), size: S('reserved') },
  }));
});
let arn;
const get = (parameters) => client.send(new GetItemCommand({ TableName, ...parameters }));

test('an item by its key, a missing one, and one by table ARN', async () => {
  assert.equal((await get({ Key: { pk: S('a'), sk: N('1.0') } })).Item.sk.N, '1');
  assert.equal((await get({ Key: { pk: S('a'), sk: N(2) } })).Item, undefined);
  assert.equal((await get({ TableName: arn, Key: { pk: S('a'), sk: N(1) } })).Item.pk.S, 'a');
});

test('projections reach into documents and close up lists', async () => {
  const { Item } = await get({
    Key: { pk: S('a'), sk: N(1) },
    ProjectionExpression: 'entries[2], #m.x, entries[0], absent.deep, #s',
    ExpressionAttributeNames: { '#m': 'map', '#s': 'size' },
  });
  assert.deepEqual(Item, { entries: L(N(0), N(2)), map: M({ x: S('y') }), size: S('reserved') });
});

test('strong reads cost twice what eventual ones do', async () => {
  const cost = async (ConsistentRead) => (await get({
    Key: { pk: S('a'), sk: N(1) }, ConsistentRead, ReturnConsumedCapacity: 'TOTAL',
  })).ConsumedCapacity.CapacityUnits;
  assert.equal(await cost(false), 0.5);
  assert.equal(await cost(true), 1);
});

test('a key that does not match the schema', async () => {
  await refused(assert, get({ Key: { pk: S('a') } }), 'ValidationException',
    'The provided key element does not match the schema');
  await refused(assert, get({ Key: { pk: S('a'), sk: S('1') } }), 'ValidationException',
    'The provided key element does not match the schema');
});

test('reserved words need a placeholder', async () => {
  await refused(assert, get({ Key: { pk: S('a'), sk: N(1) }, ProjectionExpression: 'size' }), 'ValidationException',
    'Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: size');
});
