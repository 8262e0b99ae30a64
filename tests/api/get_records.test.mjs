import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  BatchWriteItemCommand, DeleteItemCommand, DeleteTableCommand, PutItemCommand, TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { GetRecordsCommand } from '@aws-sdk/client-dynamodb-streams';
import { clientFor, sharedServer } from './harness.mjs';
import { N, S, refused } from './items.mjs';
import { iteratorOf, readShard, readStream, shardsOf, streamsFor, tableWithStream } from './streams.mjs';

let client;
let streams;
before(async () => {
  const server = await sharedServer();
  client = clientFor(server);
  streams = streamsFor(server);
});
const told = (records) => records.map(({ eventName, dynamodb: { Keys, NewImage, OldImage } }) =>
  [eventName, Keys.pk.S, NewImage?.v?.N, OldImage?.v?.N]);

test('what each write does is told once', async () => {
  const { TableName, StreamArn } = await tableWithStream(client, 'NEW_AND_OLD_IMAGES');
  const put = (pk, v) => client.send(new PutItemCommand({ TableName, Item: { pk: S(pk), v: N(v) } }));
  const update = (pk, v) => client.send(new UpdateItemCommand({
    TableName, Key: { pk: S(pk) }, UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': N(v) },
  }));
  await put('a', 1);
  await put('a', 1); // changes nothing
  await update('a', 2);
  await update('a', 2);
  await update('b', 3);
  await client.send(new UpdateItemCommand({ TableName, Key: { pk: S('b') } }));
  await refused(assert, client.send(new PutItemCommand({
    TableName, Item: { pk: S('a'), v: N(9) }, ConditionExpression: 'attribute_not_exists(pk)',
  })), 'ConditionalCheckFailedException');
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [
    { PutRequest: { Item: { pk: S('c'), v: N(4) } } }, { DeleteRequest: { Key: { pk: S('b') } } },
    { DeleteRequest: { Key: { pk: S('nothing') } } },
  ] } }));
  await client.send(new TransactWriteItemsCommand({ TransactItems: [
    { Put: { TableName, Item: { pk: S('d'), v: N(5) } } },
    { ConditionCheck: { TableName, Key: { pk: S('a') }, ConditionExpression: 'v = :v', ExpressionAttributeValues: { ':v': N(2) } } },
    { Delete: { TableName, Key: { pk: S('c') } } },
  ] }));
  await client.send(new DeleteItemCommand({ TableName, Key: { pk: S('a') } }));
  assert.deepEqual(told(await readStream(streams, StreamArn)), [
    ['INSERT', 'a', '1', undefined],
    ['MODIFY', 'a', '2', '1'],
    ['INSERT', 'b', '3', undefined],
    ['INSERT', 'c', '4', undefined],
    ['REMOVE', 'b', undefined, '3'],
    ['INSERT', 'd', '5', undefined],
    ['REMOVE', 'c', undefined, '4'],
    ['REMOVE', 'a', undefined, '2'],
  ]);
});

test('a record', async () => {
  const { TableName, StreamArn } = await tableWithStream(client, 'NEW_AND_OLD_IMAGES');
  const before = Math.floor(Date.now() / 1000);
  // The example of the developer guide, with its sizes.
  const put = (Message) => client.send(new PutItemCommand({ TableName, Item: { pk: S('ab'), Message: S(Message) } }));
  await put('New item!');
  await put('This item has changed');
  const records = await readStream(streams, StreamArn);
  const [inserted, modified] = records;
  assert.match(inserted.eventID, /^[0-9a-f]{32}$/);
  assert.notEqual(inserted.eventID, modified.eventID);
  assert.equal(inserted.eventVersion, '1.1');
  assert.equal(inserted.eventSource, 'aws:dynamodb');
  assert.equal(inserted.awsRegion, 'us-east-1');
  assert.equal(inserted.userIdentity, undefined);
  assert.equal(inserted.dynamodb.StreamViewType, 'NEW_AND_OLD_IMAGES');
  assert.match(inserted.dynamodb.SequenceNumber, /^\d{21}$/);
  assert.equal(inserted.dynamodb.SizeBytes, 4 + 4 + 16);
  assert.equal(modified.dynamodb.SizeBytes, 4 + 4 + 28 + 4 + 16);
  const created = inserted.dynamodb.ApproximateCreationDateTime.getTime();
  assert.equal(created % 1000, 0);
  assert.ok(created / 1000 >= before && created <= Date.now());
  assert.deepEqual(await readStream(streams, StreamArn), records);
});

for (const [view, hasNew, hasOld] of [
  ['KEYS_ONLY', false, false], ['NEW_IMAGE', true, false], ['OLD_IMAGE', false, true],
]) {
  test(`the view ${view}`, async () => {
    const { TableName, StreamArn } = await tableWithStream(client, view);
    await client.send(new PutItemCommand({ TableName, Item: { pk: S('a'), v: N(1) } }));
    await client.send(new PutItemCommand({ TableName, Item: { pk: S('a'), v: N(2) } }));
    await client.send(new DeleteItemCommand({ TableName, Key: { pk: S('a') } }));
    const shown = (value, is) => (is ? value : undefined);
    assert.deepEqual(told(await readStream(streams, StreamArn)), [
      ['INSERT', 'a', shown('1', hasNew), undefined],
      ['MODIFY', 'a', shown('2', hasNew), shown('1', hasOld)],
      ['REMOVE', 'a', undefined, shown('2', hasOld)],
    ]);
  });
}

test('pages have no more than they are asked for', async () => {
  const { TableName, StreamArn } = await tableWithStream(client, 'KEYS_ONLY');
  for (let i = 0; i < 25; i++)
    await client.send(new PutItemCommand({ TableName, Item: { pk: S(String(i)) } }));
  const [{ ShardId }] = await shardsOf(streams, StreamArn);
  const { Records, NextShardIterator } = await streams.send(new GetRecordsCommand({
    ShardIterator: await iteratorOf(streams, StreamArn, ShardId, 'TRIM_HORIZON'), Limit: 10,
  }));
  assert.equal(Records.length, 10);
  const { records, next } = await readShard(streams, NextShardIterator, 7);
  assert.deepEqual([...Records, ...records].map(({ dynamodb }) => dynamodb.Keys.pk.S),
    Array.from({ length: 25 }, (_, i) => String(i)));
  assert.ok(next !== undefined);
});

test('the stream of a deleted table is still there', async () => {
  const { TableName, StreamArn } = await tableWithStream(client, 'NEW_IMAGE');
  await client.send(new PutItemCommand({ TableName, Item: { pk: S('a'), v: N(1) } }));
  await client.send(new DeleteTableCommand({ TableName }));
  assert.deepEqual(told(await readStream(streams, StreamArn)), [['INSERT', 'a', '1', undefined]]);
  const [{ ShardId }] = await shardsOf(streams, StreamArn);
  const { next } = await readShard(streams, await iteratorOf(streams, StreamArn, ShardId, 'TRIM_HORIZON'));
  assert.equal(next, undefined);
});

test('what is no iterator', async () => {
  const get = (ShardIterator) => streams.send(new GetRecordsCommand({ ShardIterator }));
  await refused(assert, get('sdfsdfsgagaddafgagasgasgasdfasdfasdfasdfasdgasdasdgasdg'), 'ValidationException',
    'Invalid ShardIterator');
  const { StreamArn } = await tableWithStream(client, 'NEW_IMAGE');
  const [{ ShardId }] = await shardsOf(streams, StreamArn);
  const iterator = await iteratorOf(streams, StreamArn, ShardId, 'TRIM_HORIZON');
  await refused(assert, get(`B${iterator.slice(1)}`), 'ValidationException', 'Invalid ShardIterator');
});
