import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';
import { BatchWriteItemCommand, CreateTableCommand, PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, startServer, tableName, tableOf, temporaryFolder } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const numbers = tableName();
const strings = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(numbers, { sort: 'N' })));
  await client.send(new CreateTableCommand(tableOf(strings, { sort: 'S' })));
  const put = (Item) => ({ PutRequest: { Item } });
  await client.send(new BatchWriteItemCommand({
    RequestItems: {
      [numbers]: [-10, -1.5, 0, 0.001, 2, 10, 1e20].map((n) => put({ pk: S('a'), sk: N(n), even: N(n % 2 === 0 ? 1 : 0) })),
      [strings]: ['', 'a', 'ab', 'abc', 'b', '\u0000x', 'é'].filter((s) => s !== '').map((s) => put({ pk: S('a'), sk: S(s) })),
    },
  }));
});
const query = (TableName, KeyConditionExpression, values, more = {}) => client.send(new QueryCommand({
  TableName, KeyConditionExpression, ExpressionAttributeValues: { ':pk': S('a'), ...values }, ...more,
}));
const sorts = ({ Items }) => Items.map(({ sk }) => sk.N ?? sk.S);

test('numbers are ordered by value, both ways', async () => {
  const ascending = ['-10', '-1.5', '0', '0.001', '2', '10', '100000000000000000000'];
  assert.deepEqual(sorts(await query(numbers, 'pk = :pk')), ascending);
  assert.deepEqual(sorts(await query(numbers, 'pk = :pk', {}, { ScanIndexForward: false })), ascending.reverse());
});

test('each operator on the sort key', async () => {
  const ask = async (condition, values) => sorts(await query(numbers, `pk = :pk AND ${condition}`, values));
  assert.deepEqual(await ask('sk = :v', { ':v': N('2.0') }), ['2']);
  assert.deepEqual(await ask('sk < :v', { ':v': N(0) }), ['-10', '-1.5']);
  assert.deepEqual(await ask('sk <= :v', { ':v': N(0) }), ['-10', '-1.5', '0']);
  assert.deepEqual(await ask('sk > :v', { ':v': N(2) }), ['10', '100000000000000000000']);
  assert.deepEqual(await ask('sk >= :v', { ':v': N(10) }), ['10', '100000000000000000000']);
  assert.deepEqual(await ask('sk BETWEEN :v AND :w', { ':v': N(-1.5), ':w': N(2) }), ['-1.5', '0', '0.001', '2']);
  const begins = await query(strings, 'pk = :pk AND begins_with(sk, :v)', { ':v': S('ab') });
  assert.deepEqual(sorts(begins), ['ab', 'abc']);
});

test('strings are ordered by their UTF-8 bytes', async () => {
  assert.deepEqual(sorts(await query(strings, 'pk = :pk')), ['\u0000x', 'a', 'ab', 'abc', 'b', 'é']);
});

test('pages of any size give every item once', async () => {
  for (const ScanIndexForward of [true, false]) {
    const whole = sorts(await query(numbers, 'pk = :pk', {}, { ScanIndexForward }));
    for (let Limit = 1; Limit <= 8; Limit++) {
      const got = [];
      let ExclusiveStartKey;
      do {
        const page = await query(numbers, 'pk = :pk', {}, { Limit, ExclusiveStartKey, ScanIndexForward });
        assert.ok(page.Items.length <= Limit);
        got.push(...sorts(page));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey !== undefined);
      assert.deepEqual(got, whole);
    }
  }
});

test('Limit counts before the filter', async () => {
  const page = await query(numbers, 'pk = :pk', { ':one': N(1) }, { FilterExpression: 'even = :one', Limit: 2 });
  assert.equal(page.ScannedCount, 2);
  assert.equal(page.Count, 1);
  assert.deepEqual(page.LastEvaluatedKey, { pk: S('a'), sk: N('-1.5') });
});

test('COUNT gives no items', async () => {
  const { Count, Items } = await query(numbers, 'pk = :pk', {}, { Select: 'COUNT' });
  assert.equal(Count, 7);
  assert.equal(Items, undefined);
});

test('a page ends at one megabyte', async () => {
  const TableName = tableName();
  await client.send(new CreateTableCommand(tableOf(TableName, { sort: 'N' })));
  for (let i = 0; i < 3; i++) {
    await client.send(new BatchWriteItemCommand({
      RequestItems: {
        [TableName]: [0, 1].map((j) => ({ PutRequest: { Item: { pk: S('a'), sk: N(2 * i + j), pad: S('x'.repeat(300_000)) } } })),
      },
    }));
  }
  const page = await query(TableName, 'pk = :pk');
  assert.equal(page.Count, 4);
  assert.deepEqual(page.LastEvaluatedKey, { pk: S('a'), sk: N(3) });
  const rest = await query(TableName, 'pk = :pk', {}, { ExclusiveStartKey: page.LastEvaluatedKey });
  assert.deepEqual(sorts(rest), ['4', '5']);
  assert.equal(rest.LastEvaluatedKey, undefined);
});

test('legacy KeyConditions and QueryFilter', async () => {
  const { Items } = await client.send(new QueryCommand({
    TableName: numbers,
    KeyConditions: {
      pk: { ComparisonOperator: 'EQ', AttributeValueList: [S('a')] },
      sk: { ComparisonOperator: 'GT', AttributeValueList: [N(0)] },
    },
    QueryFilter: { even: { ComparisonOperator: 'EQ', AttributeValueList: [N(1)] } },
  }));
  assert.deepEqual(Items.map(({ sk }) => sk.N), ['2', '10', '100000000000000000000']);
});

test('what a query must and must not have', async () => {
  await refused(assert, query(numbers, 'sk = :pk', {}), 'ValidationException',
    'Query condition missed key schema element: pk');
  await refused(assert, query(numbers, 'pk = :pk', { ':v': N(1) }, { FilterExpression: 'sk > :v' }), 'ValidationException',
    'Filter Expression can only contain non-primary key attributes: Primary key attribute: sk');
  await refused(assert, query(numbers, 'pk = :pk', {}, { IndexName: 'no-such-index' }), 'ValidationException',
    'The table does not have the specified index: no-such-index');
});

test('behind very many deleted items, on disk', async () => {
  const folder = await temporaryFolder();
  const server = await startServer(['--data', path.join(folder, 'data')]);
  const onDisk = clientFor(server);
  const TableName = tableName();
  await onDisk.send(new CreateTableCommand(tableOf(TableName, { sort: 'N' })));
  const deleted = 2000;
  for (let at = 0; at < deleted; at += 25) {
    const batch = (of) => onDisk.send(new BatchWriteItemCommand({
      RequestItems: { [TableName]: Array.from({ length: 25 }, (_, i) => of({ pk: S('a'), sk: N(at + i) })) },
    }));
    await batch((Item) => ({ PutRequest: { Item } }));
    await batch((Key) => ({ DeleteRequest: { Key } }));
  }
  for (const sk of [-1, deleted]) await onDisk.send(new PutItemCommand({ TableName, Item: { pk: S('a'), sk: N(sk) } }));
  for (const ScanIndexForward of [true, false]) {
    const { Items, Count, ScannedCount, LastEvaluatedKey } = await onDisk.send(new QueryCommand({
      TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': S('a') }, ScanIndexForward,
    }));
    assert.deepEqual(Items.map(({ sk }) => sk.N), ScanIndexForward ? ['-1', '2000'] : ['2000', '-1']);
    assert.deepEqual([Count, ScannedCount, LastEvaluatedKey], [2, 2, undefined]);
  }
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});
