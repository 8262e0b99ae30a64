import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { BatchGetItemCommand, BatchWriteItemCommand, CreateTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const first = tableName();
const second = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  for (const name of [first, second])
    await client.send(new CreateTableCommand(tableOf(name)));
  await client.send(new BatchWriteItemCommand({
    RequestItems: {
      [first]: ['a', 'b'].map((pk) => ({ PutRequest: { Item: { pk: S(pk), v: N(1), w: N(2) } } })),
      [second]: ['c'].map((pk) => ({ PutRequest: { Item: { pk: S(pk), v: N(3) } } })),
    },
  }));
});
const get = (RequestItems, more = {}) => client.send(new BatchGetItemCommand({ RequestItems, ...more }));
const keys = (...names) => names.map((pk) => ({ pk: S(pk) }));

test('items of several tables, the missing left out', async () => {
  const { Responses, UnprocessedKeys } = await get({
    [first]: { Keys: keys('a', 'b', 'missing'), ProjectionExpression: 'pk, w' },
    [second]: { Keys: keys('c'), ConsistentRead: true },
  });
  assert.deepEqual(UnprocessedKeys, {});
  assert.deepEqual(Responses[first].sort((x, y) => (x.pk.S < y.pk.S ? -1 : 1)),
    [{ pk: S('a'), w: N(2) }, { pk: S('b'), w: N(2) }]);
  assert.deepEqual(Responses[second], [{ pk: S('c'), v: N(3) }]);
});

test('duplicates and more than 100 keys are refused', async () => {
  await refused(assert, get({ [first]: { Keys: keys('a', 'a') } }), 'ValidationException',
    'Provided list of item keys contains duplicates');
  await refused(assert, get({ [first]: { Keys: keys(...Array.from({ length: 101 }, (_, i) => `k${i}`)) } }),
    'ValidationException');
});

test('what is beyond 16 MB comes back as UnprocessedKeys', async () => {
  const pad = S('x'.repeat(390_000));
  const names = Array.from({ length: 50 }, (_, i) => `large${i}`);
  for (const pk of names)
    await client.send(new PutItemCommand({ TableName: first, Item: { pk: S(pk), pad } }));
  let left = { [first]: { Keys: keys(...names) } };
  const got = new Set();
  let rounds = 0;
  while (Object.keys(left).length > 0) {
    const { Responses, UnprocessedKeys } = await get(left);
    assert.ok(Responses[first].length > 0);
    Responses[first].forEach(({ pk }) => got.add(pk.S));
    left = UnprocessedKeys;
    rounds += 1;
  }
  assert.equal(got.size, 50);
  assert.equal(rounds, 2);
});
