// Global secondary indexes with several attributes in their partition key and sort key.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html
// Spoken raw where the pinned SDK is older than the feature.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { rawOperation, sharedServer, tableName } from './harness.mjs';
import { N, S } from './items.mjs';

const TableName = tableName();
let server;
const call = async (operation, parameters) => {
  const { status, json } = await rawOperation(server, operation, { TableName, ...parameters });
  if (status !== 200)
    throw Object.assign(new Error(json.message), { name: json.__type.split('#')[1] });
  return json;
};
before(async () => {
  server = await sharedServer();
  await call('CreateTable', {
    AttributeDefinitions: ['id', 'tenant', 'region', 'year', 'month']
      .map((AttributeName) => ({ AttributeName, AttributeType: ['year', 'month'].includes(AttributeName) ? 'N' : 'S' })),
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [{
      IndexName: 'when',
      KeySchema: [
        { AttributeName: 'tenant', KeyType: 'HASH' }, { AttributeName: 'region', KeyType: 'HASH' },
        { AttributeName: 'year', KeyType: 'RANGE' }, { AttributeName: 'month', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  for (const [id, year, month] of [['a', 2024, 11], ['b', 2025, 2], ['c', 2025, 10], ['d', 2026, 1]]) {
    await call('PutItem', {
      Item: { id: S(id), tenant: S('t'), region: S('eu'), year: N(year), month: N(month) },
    });
  }
  await call('PutItem', { Item: { id: S('sparse'), tenant: S('t'), region: S('eu'), year: N(2025) } });
});
const query = async (condition, values) => (await call('Query', {
  IndexName: 'when',
  KeyConditionExpression: `tenant = :t AND #r = :r${condition}`,
  ExpressionAttributeNames: { '#r': 'region', ...(condition.includes('#y') ? { '#y': 'year' } : {}),
    ...(condition.includes('#m') ? { '#m': 'month' } : {}) },
  ExpressionAttributeValues: { ':t': S('t'), ':r': S('eu'), ...values },
})).Items.map(({ id }) => id.S);

test('ordered by all sort attributes, sparse items left out', async () => {
  assert.deepEqual(await query('', {}), ['a', 'b', 'c', 'd']);
});

test('sort attributes from left to right', async () => {
  assert.deepEqual(await query(' AND #y = :y', { ':y': N(2025) }), ['b', 'c']);
  assert.deepEqual(await query(' AND #y = :y AND #m > :m', { ':y': N(2025), ':m': N(2) }), ['c']);
  assert.deepEqual(await query(' AND #y > :y', { ':y': N(2024) }), ['b', 'c', 'd']);
});

test('all partition attributes are needed, and no gap among sort attributes', async () => {
  await assert.rejects(query(' AND #m = :m', { ':m': N(2) }), { name: 'ValidationException' });
  await assert.rejects(call('Query', {
    IndexName: 'when', KeyConditionExpression: 'tenant = :t', ExpressionAttributeValues: { ':t': S('t') },
  }), { name: 'ValidationException' });
});
