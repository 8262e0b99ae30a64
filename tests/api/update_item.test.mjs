import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand, GetItemCommand, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { L, M, N, S, refused } from './items.mjs';

const TableName = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(TableName)));
});
const put = (Item) => client.send(new PutItemCommand({ TableName, Item }));
const get = async (pk) => (await client.send(new GetItemCommand({ TableName, Key: { pk: S(pk) } }))).Item;
const update = (pk, UpdateExpression, ExpressionAttributeValues, more = {}) =>
  client.send(new UpdateItemCommand({
    TableName, Key: { pk: S(pk) }, UpdateExpression, ExpressionAttributeValues, ...more,
  }));

test('an update of a missing item makes it', async () => {
  await update('made', 'SET a = :a', { ':a': N(1) });
  assert.deepEqual(await get('made'), { pk: S('made'), a: N(1) });
});

test('SET, REMOVE, ADD and DELETE in one expression see the item as it was', async () => {
  await put({ pk: S('all'), a: N(1), gone: S('x'), count: N(5), tags: { SS: ['a', 'b'] }, entries: L(N(1)) });
  await update('all',
    'SET b = a + :one, a = if_not_exists(absent, :one), entries = list_append(entries, :more), #m = :map '
    + 'REMOVE gone ADD #count :one DELETE tags :tag',
    { ':one': N(1), ':more': L(N(2)), ':tag': { SS: ['a'] }, ':map': M({}) },
    { ExpressionAttributeNames: { '#m': 'm', '#count': 'count' } });
  assert.deepEqual(await get('all'), {
    pk: S('all'), a: N(1), b: N(2), count: N(6), tags: { SS: ['b'] }, entries: L(N(1), N(2)), m: M({}),
  });
});

test('arithmetic is decimal and exact', async () => {
  await put({ pk: S('sum'), n: N('0.1') });
  const { Attributes } = await update('sum', 'SET n = n + :n', { ':n': N('0.2') }, { ReturnValues: 'UPDATED_NEW' });
  assert.deepEqual(Attributes, { n: N('0.3') });
});

test('each kind of ReturnValues', async () => {
  const run = async (ReturnValues) => {
    await put({ pk: S('return'), a: N(1), keep: M({ x: N(1), y: N(2) }) });
    return (await update('return', 'SET a = :a, keep.x = :a', { ':a': N(9) }, { ReturnValues })).Attributes;
  };
  assert.equal(await run('NONE'), undefined);
  assert.deepEqual(await run('ALL_OLD'), { pk: S('return'), a: N(1), keep: M({ x: N(1), y: N(2) }) });
  assert.deepEqual(await run('ALL_NEW'), { pk: S('return'), a: N(9), keep: M({ x: N(9), y: N(2) }) });
  assert.deepEqual(await run('UPDATED_OLD'), { a: N(1), keep: M({ x: N(1) }) });
  assert.deepEqual(await run('UPDATED_NEW'), { a: N(9), keep: M({ x: N(9) }) });
});

test('paths into what is not there are refused', async () => {
  await put({ pk: S('path') });
  await refused(assert, update('path', 'SET absent.x = :a', { ':a': N(1) }), 'ValidationException',
    'The document path provided in the update expression is invalid for update');
  await refused(assert, update('path', 'SET a = absent + :a', { ':a': N(1) }), 'ValidationException',
    'The provided expression refers to an attribute that does not exist in the item');
});

test('keys cannot be updated', async () => {
  await refused(assert, update('key', 'SET pk = :a', { ':a': S('b') }), 'ValidationException',
    'One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key');
});

test('overlapping paths are refused', async () => {
  await refused(assert, update('x', 'SET a = :a, a.b = :a', { ':a': S('b') }), 'ValidationException',
    '1 validation error detected: Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; '
    + 'path one: [a], path two: [a, b]');
});

test('legacy AttributeUpdates do the same', async () => {
  await put({ pk: S('legacy'), n: N(1), gone: S('x'), set: { SS: ['a'] } });
  await client.send(new UpdateItemCommand({
    TableName,
    Key: { pk: S('legacy') },
    AttributeUpdates: {
      n: { Action: 'ADD', Value: N(4) }, gone: { Action: 'DELETE' },
      set: { Action: 'ADD', Value: { SS: ['b'] } }, fresh: { Value: S('y') },
    },
    Expected: { n: { ComparisonOperator: 'EQ', AttributeValueList: [N(1)] } },
  }));
  assert.deepEqual(await get('legacy'), { pk: S('legacy'), n: N(5), set: { SS: ['a', 'b'] }, fresh: S('y') });
});

test('counters from many clients lose nothing', async () => {
  const adds = Array.from({ length: 200 }, () => update('counter', 'ADD n :one', { ':one': N(1) }));
  await Promise.all(adds);
  assert.deepEqual(await get('counter'), { pk: S('counter'), n: N(200) });
});

test('of many conditional writers one wins each round', async () => {
  await put({ pk: S('race'), v: N(0) });
  for (let round = 0; round < 10; round++) {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => update('race', 'SET v = :next',
      { ':next': N(round + 1), ':now': N(round) }, { ConditionExpression: 'v = :now' })));
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.ok(results.every(({ status, reason }) => status === 'fulfilled'
      || reason.name === 'ConditionalCheckFailedException'));
  }
});
