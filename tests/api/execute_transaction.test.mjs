import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';
import { BatchWriteItemCommand, CreateTableCommand, ExecuteTransactionCommand, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, startServer, tableName, tableOf, temporaryFolder } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const TableName = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(TableName)));
});
const transact = (statements, more = {}, by = client) => by.send(new ExecuteTransactionCommand({
  TransactStatements: statements.map((one) => (typeof one === 'string' ? { Statement: one } : one)), ...more,
}));
const get = async (pk, by = client) => (await by.send(new GetItemCommand({ TableName, Key: { pk: S(pk) } }))).Item;
const insert = (pk) => ({ Statement: `INSERT INTO "${TableName}" VALUE {'pk': ?, 'n': 1}`, Parameters: [S(pk)] });
const add = (pk, number = 1) => ({ Statement: `UPDATE "${TableName}" SET n = n + ? WHERE pk = ?`, Parameters: [N(number), S(pk)] });

test('all or nothing', async () => {
  await transact([insert('a'), insert('b'), insert('gone')]);
  assert.deepEqual((await transact([add('a'), `DELETE FROM "${TableName}" WHERE pk = 'gone'`,
    `EXISTS(SELECT * FROM "${TableName}" WHERE pk = 'b' AND n = 1)`])).Responses, []);
  assert.deepEqual(await get('a'), { pk: S('a'), n: N(2) });
  assert.equal(await get('gone'), undefined);
  const error = await refused(assert, transact([
    add('a'), insert('b'), { Statement: `EXISTS(SELECT * FROM "${TableName}" WHERE pk = 'gone' AND n = 1)` },
    { Statement: `DELETE FROM "${TableName}" WHERE pk = 'c' AND n = 5` },
  ]), 'TransactionCanceledException',
  'Transaction cancelled, please refer cancellation reasons for specific reasons [None, DuplicateItem, ConditionalCheckFailed, None]');
  assert.deepEqual(error.CancellationReasons.map(({ Message }) => Message),
    [undefined, 'Duplicate primary key exists in table', 'The conditional request failed', undefined]);
  assert.deepEqual(await get('a'), { pk: S('a'), n: N(2) });
});

test('a transaction of SELECTs reads one state', async () => {
  const pks = Array.from({ length: 10 }, (_, i) => `sum${i}`);
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: pks.map((pk) => ({ PutRequest: { Item: { pk: S(pk), n: N(10) } } })) } }));
  let moving = true;
  const mover = (async () => {
    for (let i = 0; i < 100; i += 1)
      await transact([add(pks[i % 10], -3), add(pks[(i + 3) % 10], 3)]).catch(({ name }) => assert.equal(name, 'TransactionCanceledException'));
    moving = false;
  })();
  let reads = 0;
  while (moving || reads === 0) {
    try {
      const { Responses } = await transact(pks.map((pk) => `SELECT n FROM "${TableName}" WHERE pk = '${pk}'`));
      assert.equal(Responses.reduce((sum, { Item }) => sum + Number(Item.n.N), 0), 100);
      reads += 1;
    } catch (error) {
      assert.equal(error.name, 'TransactionCanceledException', String(error)); // met a writer
    }
  }
  await mover;
});

test('a token does it once, also over a restart', async () => {
  const folder = await temporaryFolder();
  const start = () => startServer(['--data', path.join(folder, 'data')]);
  let durable = await start();
  await clientFor(durable).send(new CreateTableCommand(tableOf(TableName)));
  await transact([insert('x')], {}, clientFor(durable));
  const more = { ClientRequestToken: 'once', ReturnConsumedCapacity: 'TOTAL' };
  assert.deepEqual((await transact([add('x')], more, clientFor(durable))).ConsumedCapacity, [{ TableName, CapacityUnits: 2, WriteCapacityUnits: 2 }]);
  await durable.kill();
  durable = await start();
  assert.deepEqual((await transact([add('x')], more, clientFor(durable))).ConsumedCapacity, [{ TableName, CapacityUnits: 2, ReadCapacityUnits: 2 }]);
  await refused(assert, transact([add('x', 2)], more, clientFor(durable)), 'IdempotentParameterMismatchException');
  assert.deepEqual(await get('x', clientFor(durable)), { pk: S('x'), n: N(2) });
  await durable.stop();
  await rm(folder, { recursive: true, force: true });
});

test('what refuses the request', async () => {
  await refused(assert, transact([`SELECT * FROM "${TableName}" WHERE pk = 'a'`, add('b')]), 'ValidationException',
    'ExecuteTransaction API does not support both read and write operations in the same request.');
  await refused(assert, transact([add('a'), `UPDATE "${TableName}" SET n = 1 WHERE pk = 'b' RETURNING ALL NEW *`]), 'ValidationException',
    'Validation failed in TransactStatements[1]: RETURNING clause is not supported in ExecuteTransaction.');
  await refused(assert, transact([add('a'), add('a')]), 'ValidationException', 'Transaction request cannot include multiple operations on one item');
  await refused(assert, transact(Array.from({ length: 101 }, (_, i) => insert(`many${i}`))), 'ValidationException', /less than or equal to 100$/);
});
