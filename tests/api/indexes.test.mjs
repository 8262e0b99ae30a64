// Local and global secondary indexes: what is in them, and that they follow their items.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  CreateTableCommand, DeleteItemCommand, DescribeTableCommand, PutItemCommand, QueryCommand, ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const TableName = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand({
    TableName,
    AttributeDefinitions: ['pk', 'sk', 'owner', 'rank', 'city', 'street']
      .map((AttributeName) => ({ AttributeName, AttributeType: AttributeName === 'rank' ? 'N' : 'S' })),
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
    LocalSecondaryIndexes: [{
      IndexName: 'by-rank',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    }],
    GlobalSecondaryIndexes: [{
      IndexName: 'by-owner',
      KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['note'] },
    }, {
      IndexName: 'by-place',
      KeySchema: [{ AttributeName: 'city', KeyType: 'HASH' }, { AttributeName: 'street', KeyType: 'RANGE' }],
      Projection: { ProjectionType: 'ALL' },
    }],
    BillingMode: 'PAY_PER_REQUEST',
  }));
});
const put = (Item) => client.send(new PutItemCommand({ TableName, Item }));
const item = (pk, sk, more) => ({ pk: S(pk), sk: S(sk), ...more });
const query = (IndexName, name, value, more = {}) => client.send(new QueryCommand({
  TableName, IndexName, KeyConditionExpression: '#k = :v', ExpressionAttributeNames: { '#k': name },
  ExpressionAttributeValues: { ':v': value }, ...more,
}));

test('projections hold what they say', async () => {
  await put(item('p', '1', { owner: S('ann'), rank: N(3), note: S('n'), more: S('m') }));
  await put(item('p', '2', { owner: S('ann'), rank: N(1), more: S('m') }));
  assert.deepEqual((await query('by-owner', 'owner', S('ann'))).Items, [
    item('p', '2', { owner: S('ann'), rank: N(1) }),
    item('p', '1', { owner: S('ann'), rank: N(3), note: S('n') }),
  ]);
  assert.deepEqual((await query('by-rank', 'pk', S('p'))).Items,
    [item('p', '2', { rank: N(1) }), item('p', '1', { rank: N(3) })]);
});

test('a local index can fetch the whole item, a global one cannot', async () => {
  const { Items } = await query('by-rank', 'pk', S('p'), { Select: 'ALL_ATTRIBUTES' });
  assert.equal(Items[0].more.S, 'm');
  await refused(assert, query('by-owner', 'owner', S('ann'), { Select: 'ALL_ATTRIBUTES' }), 'ValidationException',
    'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary '
    + 'index by-owner because its projection type is not ALL');
  await refused(assert, query('by-owner', 'owner', S('ann'), { ConsistentRead: true }), 'ValidationException',
    'Consistent reads are not supported on global secondary indexes');
});

test('entries come, move and go with their items', async () => {
  const owners = async (owner) => (await query('by-owner', 'owner', S(owner))).Items.map(({ sk }) => sk.S);
  await put(item('q', '1', { owner: S('bob'), rank: N(1) }));
  await put(item('q', '2', { owner: S('bob') })); // no rank: not in the index
  assert.deepEqual(await owners('bob'), ['1']);
  await client.send(new UpdateItemCommand({
    TableName, Key: item('q', '1'), UpdateExpression: 'SET #o = :o', ExpressionAttributeNames: { '#o': 'owner' },
    ExpressionAttributeValues: { ':o': S('eve') },
  }));
  assert.deepEqual(await owners('bob'), []);
  assert.deepEqual(await owners('eve'), ['1']);
  await client.send(new DeleteItemCommand({ TableName, Key: item('q', '1') }));
  assert.deepEqual(await owners('eve'), []);
});

test('an index key attribute must have its type', async () => {
  await refused(assert, put(item('r', '1', { owner: N(1) })), 'ValidationException',
    /Type mismatch for Index Key owner Expected: S Actual: N IndexName: by-owner/);
});

test('pages of an index query give every entry once, equal keys too', async () => {
  for (let i = 0; i < 12; i++)
    await put(item('s', String(i).padStart(2, '0'), { city: S('Rome'), street: S(i % 2 ? 'x' : 'y') }));
  const got = [];
  let ExclusiveStartKey;
  do {
    const page = await query('by-place', 'city', S('Rome'), { Limit: 5, ExclusiveStartKey });
    got.push(...page.Items.map(({ sk }) => sk.S));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  assert.equal(got.length, 12);
  assert.equal(new Set(got).size, 12);
});

test('scanning an index gives its entries only', async () => {
  const { Items } = await client.send(new ScanCommand({ TableName, IndexName: 'by-place' }));
  assert.equal(Items.length, 12);
});

test('index arms of the consumed capacity', async () => {
  const cost = async (Item) => (await client.send(new PutItemCommand({
    TableName, Item, ReturnConsumedCapacity: 'INDEXES',
  }))).ConsumedCapacity;
  const fresh = await cost(item('t', '1', { owner: S('kim'), rank: N(1) }));
  assert.deepEqual(fresh, {
    TableName, CapacityUnits: 3, Table: { CapacityUnits: 1 },
    LocalSecondaryIndexes: { 'by-rank': { CapacityUnits: 1 } },
    GlobalSecondaryIndexes: { 'by-owner': { CapacityUnits: 1 } },
  });
  const moved = await cost(item('t', '1', { owner: S('lee'), rank: N(1) }));
  assert.equal(moved.GlobalSecondaryIndexes['by-owner'].CapacityUnits, 2);
  assert.equal(moved.LocalSecondaryIndexes, undefined);
});

test('counts of table and indexes are live', async () => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const { Count } = await client.send(new ScanCommand({ TableName, Select: 'COUNT' }));
  assert.equal(Table.ItemCount, Count);
  assert.equal(Table.GlobalSecondaryIndexes.find(({ IndexName }) => IndexName === 'by-place').ItemCount, 12);
  assert.ok(Table.TableSizeBytes > 0);
});
