import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand, PutItemCommand, TransactGetItemsCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const TableName = tableName();
const Pairs = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(TableName)));
  await client.send(new CreateTableCommand(tableOf(Pairs, { sort: 'N' })));
  await client.send(new PutItemCommand({ TableName, Item: { pk: S('a'), v: N(1), w: S('x') } }));
  await client.send(new PutItemCommand({ TableName: Pairs, Item: { pk: S('a'), sk: N(2) } }));
});
const get = (Key, more = {}) => ({ Get: { TableName, Key, ...more } });
const read = (TransactItems, more = {}) => client.send(new TransactGetItemsCommand({ TransactItems, ...more }));

test('items of two tables in the order of the request, with a gap where there is none', async () => {
  const { Responses } = await read([get({ pk: S('none') }), get({ pk: S('a') }), { Get: { TableName: Pairs, Key: { pk: S('a'), sk: N(2) } } }]);
  assert.deepEqual(Responses, [{}, { Item: { pk: S('a'), v: N(1), w: S('x') } }, { Item: { pk: S('a'), sk: N(2) } }]);
});

test('projections, one for each', async () => {
  const { Responses } = await read([get({ pk: S('a') }, { ProjectionExpression: '#w', ExpressionAttributeNames: { '#w': 'w' } })]);
  assert.deepEqual(Responses, [{ Item: { w: S('x') } }]);
  assert.deepEqual((await read([get({ pk: S('a') }, { ProjectionExpression: 'nowhere' })])).Responses, [{}]);
});

test('capacity counts twice, also for what is not there', async () => {
  const { ConsumedCapacity } = await read([get({ pk: S('a') }), get({ pk: S('none') })], { ReturnConsumedCapacity: 'TOTAL' });
  assert.deepEqual(ConsumedCapacity, [{ TableName, CapacityUnits: 4, ReadCapacityUnits: 4 }]);
});

test('keys that do not fit are reasons', async () => {
  const error = await refused(assert, read([get({ pk: S('a') }), get({ pk: S('') }), get({ pk: N(1) })]), 'TransactionCanceledException',
    'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ValidationError, ValidationError]');
  assert.deepEqual(error.CancellationReasons.map(({ Message }) => Message), [undefined,
    'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
    'The provided key element does not match the schema']);
});

test('an item may be named once', async () => {
  await refused(assert, read([get({ pk: S('a') }), get({ pk: S('a') })]), 'ValidationException',
    'Transaction request cannot include multiple operations on one item');
});

test('a hundred at most, of tables that are there', async () => {
  const gets = (count) => Array.from({ length: count }, (_, i) => get({ pk: S(`many${i}`) }));
  assert.equal((await read(gets(100))).Responses.length, 100);
  await refused(assert, read(gets(101)), 'ValidationException', /Member must have length less than or equal to 100$/);
  await refused(assert, read([{ Get: { TableName: 'missing', Key: { pk: S('a') } } }]), 'ResourceNotFoundException',
    'Requested resource not found');
});
