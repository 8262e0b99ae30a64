import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateTableCommand, DescribeTableCommand, GetItemCommand, PutItemCommand, QueryCommand, UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, eventually, sharedServer, startServer, tableName, tableOf } from './harness.mjs';
import { N, S, refused } from './items.mjs';
import { readStream, streamsFor, tableWithStream } from './streams.mjs';

let client;
let sweeping; // a server that does not wait
let sweeper;
before(async () => {
  client = clientFor(await sharedServer());
  sweeping = await startServer(['--in-memory', '--ttl-interval', '1', '--ttl-change-seconds', '0']);
  sweeper = clientFor(sweeping);
});
after(() => sweeping?.stop());
const set = (TableName, AttributeName, Enabled, by = client) => by.send(
  new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName, Enabled } }));
const now = () => Math.floor(Date.now() / 1000);

test('it is switched on and refused again', async () => {
  const TableName = tableName();
  await client.send(new CreateTableCommand(tableOf(TableName)));
  await refused(assert, set(TableName, 'ttl', false), 'ValidationException', 'TimeToLive is already disabled');
  const { TimeToLiveSpecification } = await set(TableName, 'ttl', true);
  assert.deepEqual(TimeToLiveSpecification, { AttributeName: 'ttl', Enabled: true });
  await refused(assert, set(TableName, 'ttl', true), 'ValidationException', 'TimeToLive is already enabled');
  await refused(assert, set(TableName, 'other', true), 'ValidationException',
    'TimeToLive is active on a different AttributeName: current AttributeName is ttl');
  await refused(assert, set(TableName, 'ttl', false), 'ValidationException',
    'Time to live has been modified multiple times within a fixed interval');
  await refused(assert, set('no-such-table', 'ttl', true), 'ResourceNotFoundException',
    'Requested resource not found: Table: no-such-table not found');
});

test('expired items go, from their indexes too, and the stream says who it was', async () => {
  const { TableName, StreamArn } = await tableWithStream(sweeper, 'NEW_AND_OLD_IMAGES', {
    AttributeDefinitions: ['pk', 'g'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [{
      IndexName: 'index', KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' },
    }],
  });
  const put = (pk, ttl) => sweeper.send(new PutItemCommand({ TableName, Item: { pk: S(pk), g: S('g'), ttl } }));
  await put('before', N(now() - 100)); // there already when it is switched on
  await set(TableName, 'ttl', true, sweeper);
  await put('past', N(now() - 100));
  await put('soon', N(now() + 1));
  await put('later', N(now() + 1000));
  await put('text', S(String(now() - 100)));
  await put('long ago', N(now() - 6 * 366 * 24 * 60 * 60));
  const left = async () => (await sweeper.send(new QueryCommand({
    TableName, IndexName: 'index', KeyConditionExpression: 'g = :g', ExpressionAttributeValues: { ':g': S('g') },
  }))).Items.map(({ pk }) => pk.S).sort();
  await eventually(async () => (await left()).length === 3, 'three items are deleted');
  assert.deepEqual(await left(), ['later', 'long ago', 'text']);
  for (const [pk, there] of [['past', false], ['later', true]]) {
    const { Item } = await sweeper.send(new GetItemCommand({ TableName, Key: { pk: S(pk) } }));
    assert.equal(Item !== undefined, there);
  }
  const removals = (await readStream(streamsFor(sweeping), StreamArn)).filter(({ eventName }) => eventName === 'REMOVE');
  assert.deepEqual(removals.map(({ dynamodb }) => dynamodb.OldImage.pk.S).sort(), ['before', 'past', 'soon']);
  for (const { userIdentity } of removals)
    assert.deepEqual(userIdentity, { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' });
  const { Table } = await sweeper.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.ItemCount, 3);
});

test('nothing goes when it is switched off or moved to another attribute', async () => {
  const TableName = tableName();
  await sweeper.send(new CreateTableCommand(tableOf(TableName)));
  const there = async (pk) =>
    (await sweeper.send(new GetItemCommand({ TableName, Key: { pk: S(pk) } }))).Item !== undefined;
  const put = (pk, item) => sweeper.send(new PutItemCommand({ TableName, Item: { pk: S(pk), ...item } }));
  await set(TableName, 'a', true, sweeper);
  await set(TableName, 'a', false, sweeper);
  await put('a', { a: N(now() - 100) });
  await set(TableName, 'b', true, sweeper);
  await put('b', { b: N(now() - 100) });
  await eventually(async () => !(await there('b')), 'the item with the new attribute is deleted');
  assert.ok(await there('a'));
});
