import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';
import {
  BatchWriteItemCommand, CreateTableCommand, GetItemCommand, PutItemCommand, ScanCommand, TransactWriteItemsCommand, UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, rawOperation, sharedServer, startServer, tableName, tableOf, temporaryFolder } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const TableName = tableName();
const Pairs = tableName();
let server;
let client;
before(async () => {
  server = await sharedServer();
  client = clientFor(server);
  await client.send(new CreateTableCommand(tableOf(TableName)));
  await client.send(new CreateTableCommand(tableOf(Pairs, { sort: 'N' })));
});
const transact = (TransactItems, more = {}, by = client) => by.send(new TransactWriteItemsCommand({ TransactItems, ...more }));
const get = async (pk, by = client) => (await by.send(new GetItemCommand({ TableName, Key: { pk: S(pk) } }))).Item;
const put = (pk, more = {}) => ({ Put: { TableName, Item: { pk: S(pk) }, ...more } });
const isNew = { ConditionExpression: 'attribute_not_exists(pk)' };

test('all four actions, over two tables, together', async () => {
  await client.send(new BatchWriteItemCommand({ RequestItems: {
    [TableName]: ['counted', 'gone'].map((pk) => ({ PutRequest: { Item: { pk: S(pk), n: N(1) } } })) } }));
  await transact([
    put('new', isNew),
    { Update: { TableName, Key: { pk: S('counted') }, UpdateExpression: 'SET n = n + :n', ExpressionAttributeValues: { ':n': N(4) } } },
    { Delete: { TableName, Key: { pk: S('gone') } } },
    { ConditionCheck: { TableName: Pairs, Key: { pk: S('a'), sk: N(1) }, ...isNew } },
    { Put: { TableName: Pairs, Item: { pk: S('b'), sk: N(2) } } },
  ]);
  assert.deepEqual(await get('new'), { pk: S('new') });
  assert.deepEqual(await get('counted'), { pk: S('counted'), n: N(5) });
  assert.equal(await get('gone'), undefined);
  assert.equal((await client.send(new ScanCommand({ TableName: Pairs }))).Count, 1);
});

test('reasons come by position, with the item when it is asked for, and nothing is written', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { pk: S('there'), v: N(1) } }));
  const error = await refused(assert, transact([
    put('not written', isNew),
    put('there', { ...isNew, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
    { Update: { TableName, Key: { pk: S('there too') }, UpdateExpression: 'SET a = nowhere' } },
  ]), 'TransactionCanceledException',
  'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, ValidationError]');
  assert.deepEqual(error.CancellationReasons, [
    { Code: 'None' },
    { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { pk: S('there'), v: N(1) } },
    { Code: 'ValidationError', Message: 'The provided expression refers to an attribute that does not exist in the item' },
  ]);
  assert.equal(await get('not written'), undefined);
  assert.equal(await get('there too'), undefined);
});

test('a hundred actions are done, one more is refused', async () => {
  const puts = (count) => Array.from({ length: count }, (_, i) => put(`many${i}`));
  await transact(puts(100));
  assert.deepEqual(await get('many99'), { pk: S('many99') });
  await refused(assert, transact(puts(101)), 'ValidationException', /Member must have length less than or equal to 100$/);
});

test('one item may be named once', async () => {
  await refused(assert, transact([put('a'), { ConditionCheck: { TableName, Key: { pk: S('a') }, ...isNew } }]), 'ValidationException',
    'Transaction request cannot include multiple operations on one item');
});

test('capacity counts twice, a replay of the token as reading', async () => {
  const request = [put('token', isNew)];
  const more = { ClientRequestToken: 'token-1', ReturnConsumedCapacity: 'INDEXES' };
  const first = await transact(request, more);
  assert.deepEqual(first.ConsumedCapacity,
    [{ TableName, CapacityUnits: 2, WriteCapacityUnits: 2, Table: { CapacityUnits: 2, WriteCapacityUnits: 2 } }]);
  const again = await transact(request, more);
  assert.deepEqual(again.ConsumedCapacity,
    [{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2, Table: { CapacityUnits: 2, ReadCapacityUnits: 2 } }]);
  assert.equal((await transact(request, { ClientRequestToken: 'token-1' })).ConsumedCapacity, undefined);
  await refused(assert, transact([put('token')], more), 'IdempotentParameterMismatchException');
  await refused(assert, transact(request, { ...more, ClientRequestToken: 'token-2' }), 'TransactionCanceledException');
});

test('the same transaction sent at once by many is done once', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { pk: S('once'), n: N(0) } }));
  const patient = clientFor(server, { maxAttempts: 20, retryMode: 'standard' });
  const add = { Update: { TableName, Key: { pk: S('once') }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': N(1) } } };
  await Promise.all(Array.from({ length: 20 }, () => transact([add], { ClientRequestToken: 'at once' }, patient)));
  assert.deepEqual(await get('once'), { pk: S('once'), n: N(1) });
});

test('a token survives a restart', async () => {
  const folder = await temporaryFolder();
  const start = () => startServer(['--data', path.join(folder, 'data')]);
  const add = { Update: { TableName, Key: { pk: S('a') }, UpdateExpression: 'ADD n :one', ExpressionAttributeValues: { ':one': N(1) } } };
  let durable = await start();
  const send = (command) => clientFor(durable).send(command);
  const write = (items) => send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken: 'token' }));
  await send(new CreateTableCommand(tableOf(TableName)));
  await write([add]);
  await durable.kill();
  durable = await start();
  await write([add]);
  await refused(assert, write([put('b')]), 'IdempotentParameterMismatchException');
  assert.deepEqual(await get('a', clientFor(durable)), { pk: S('a'), n: N(1) });
  await durable.stop();
  await rm(folder, { recursive: true, force: true });
});

test('transactions and single writes on one item: each is done, or told of a conflict', async () => {
  const folder = await temporaryFolder();
  const durable = await startServer(['--data', path.join(folder, 'data')]);
  const by = clientFor(durable);
  await by.send(new CreateTableCommand(tableOf(TableName)));
  const done = { transactions: 0, writes: 0 };
  const add = (name) => ({ TableName, Key: { pk: S('hot') }, UpdateExpression: 'ADD #n :one',
    ExpressionAttributeNames: { '#n': name }, ExpressionAttributeValues: { ':one': N(1) } });
  const attempts = Array.from({ length: 200 }, async (_, i) => {
    try {
      if (i % 2 === 0) {
        await transact([{ Update: add('transactions') }, put(`with${i}`)], {}, by);
        done.transactions += 1;
      } else {
        await by.send(new UpdateItemCommand(add('writes')));
        done.writes += 1;
      }
    } catch (error) {
      if (i % 2 === 0)
        assert.deepEqual(error.CancellationReasons?.map(({ Code }) => Code), ['TransactionConflict', 'None'], String(error));
      else
        assert.equal(error.name, 'TransactionConflictException', String(error));
      assert.match(error.message, i % 2 === 0 ? /TransactionConflict/ : /^Transaction is ongoing for the item$/);
    }
  });
  await Promise.all(attempts);
  const hot = await get('hot', by);
  assert.equal(Number(hot.transactions?.N ?? 0), done.transactions);
  assert.equal(Number(hot.writes?.N ?? 0), done.writes);
  assert.ok(done.transactions > 0);
  // Without transactions a hot item has no conflicts.
  await Promise.all(Array.from({ length: 200 }, () => by.send(new UpdateItemCommand(add('plain')))));
  assert.deepEqual((await get('hot', by)).plain, N(200));
  await durable.stop();
  await rm(folder, { recursive: true, force: true });
});

test('what SDKs would not send', async () => {
  const { status, json } = await rawOperation(server, 'TransactWriteItems', { TransactItems: [{}] });
  assert.equal(status, 400);
  assert.match(json.message, /TransactWriteRequest should contain Delete or Put or Update/);
  const both = await rawOperation(server, 'TransactWriteItems', { TransactItems: [{ ...put('a'), Delete: { TableName, Key: { pk: S('b') } } }] });
  assert.equal(both.json.message, 'TransactItems can only contain one of Check, Put, Update or Delete');
});
