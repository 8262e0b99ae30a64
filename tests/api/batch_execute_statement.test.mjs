import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { BatchExecuteStatementCommand, CreateTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const TableName = tableName();
const Other = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(TableName)));
  await client.send(new CreateTableCommand(tableOf(Other, { sort: 'N' })));
});
const batch = (statements, more = {}) => client.send(new BatchExecuteStatementCommand({
  Statements: statements.map((one) => (typeof one === 'string' ? { Statement: one } : one)), ...more,
}));

test('25 statements over two tables, then read back', async () => {
  const inserts = Array.from({ length: 25 }, (_, i) => (i % 2 === 0
    ? { Statement: `INSERT INTO "${TableName}" VALUE {'pk': ?, 'n': ?}`, Parameters: [S(`k${i}`), N(i)] }
    : { Statement: `INSERT INTO "${Other}" VALUE {'pk': 'o', 'sk': ${i}}` }));
  const written = await batch(inserts, { ReturnConsumedCapacity: 'TOTAL' });
  assert.deepEqual(written.Responses, inserts.map((_, i) => ({ TableName: i % 2 === 0 ? TableName : Other })));
  assert.deepEqual(written.ConsumedCapacity, [{ TableName, CapacityUnits: 13 }, { TableName: Other, CapacityUnits: 12 }]);
  const { Responses } = await batch([`SELECT n FROM "${TableName}" WHERE pk = 'k4'`, `SELECT * FROM "${Other}" WHERE sk = 3 AND pk = 'o'`,
    `SELECT * FROM "${Other}" WHERE pk = 'o' AND sk = 2`]);
  assert.deepEqual(Responses, [{ TableName, Item: { n: N(4) } }, { TableName: Other, Item: { pk: S('o'), sk: N(3) } }, { TableName: Other }]);
  await refused(assert, batch([...inserts, inserts[0]]), 'ValidationException', /less than or equal to 25$/);
});

test('each statement fails for itself', async () => {
  await batch([`INSERT INTO "${TableName}" VALUE {'pk': 'there', 'v': 1}`]);
  const { Responses } = await batch([
    `INSERT INTO "${TableName}" VALUE {'pk': 'there'}`,
    `UPDATE "${TableName}" SET v = 2 WHERE`,
    { Statement: `DELETE FROM "${TableName}" WHERE pk = 'k0' AND n = 9`, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    'DELETE FROM nowhere WHERE pk = 1',
    `INSERT INTO "${TableName}" VALUE {'pk': 'new'}`,
  ]);
  assert.deepEqual(Responses, [
    { TableName, Error: { Code: 'DuplicateItem', Message: 'Duplicate primary key exists in table' } },
    { Error: { Code: 'ValidationError', Message: "Statement wasn't well formed, can't be processed: Unexpected term" } },
    { TableName, Error: { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed', Item: { pk: S('k0'), n: N(0) } } },
    { TableName: 'nowhere', Error: { Code: 'ResourceNotFound', Message: 'Requested resource not found' } },
    { TableName },
  ]);
});

test('what refuses the batch', async () => {
  const before = (await client.send(new ScanCommand({ TableName }))).Count;
  await refused(assert, batch([`SELECT * FROM "${TableName}" WHERE pk = 'a'`, `INSERT INTO "${TableName}" VALUE {'pk': 'a'}`]), 'ValidationException',
    'Read and write requests together in the same batch is not supported.');
  await refused(assert, batch([`INSERT INTO "${TableName}" VALUE {'pk': 'a'}`, `DELETE FROM "${TableName}" WHERE pk = 'a'`]), 'ValidationException',
    'Provided list of item keys contains duplicates');
  assert.equal((await client.send(new ScanCommand({ TableName }))).Count, before);
});
