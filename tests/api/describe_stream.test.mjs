import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DescribeTableCommand, PutItemCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand } from '@aws-sdk/client-dynamodb-streams';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { clientFor, eventually, sharedServer, startServer, temporaryFolder } from './harness.mjs';
import { S, refused } from './items.mjs';
import {
  iteratorOf, readShard, readStream, shardsOf, streamsFor, tableWithStream,
} from './streams.mjs';

let client;
let streams;
const folders = [];
before(async () => {
  const server = await sharedServer();
  client = clientFor(server);
  streams = streamsFor(server);
});
after(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
const describe = async (parameters, from = streams) =>
  (await from.send(new DescribeStreamCommand(parameters))).StreamDescription;

test('a stream and its shard', async () => {
  const { TableName, StreamArn } = await tableWithStream(client, 'NEW_IMAGE');
  const stream = await describe({ StreamArn });
  const [shard] = stream.Shards;
  assert.equal(stream.StreamArn, StreamArn);
  assert.equal(stream.StreamLabel, StreamArn.split('/').at(-1));
  assert.equal(stream.StreamStatus, 'ENABLED');
  assert.equal(stream.StreamViewType, 'NEW_IMAGE');
  assert.equal(stream.TableName, TableName);
  assert.deepEqual(stream.KeySchema, [{ AttributeName: 'pk', KeyType: 'HASH' }]);
  assert.equal(stream.CreationRequestDateTime.toISOString(), `${stream.StreamLabel}Z`);
  assert.equal(stream.Shards.length, 1);
  assert.match(shard.ShardId, /^shardId-\d{20}-[0-9a-f]{8}$/);
  assert.match(shard.SequenceNumberRange.StartingSequenceNumber, /^\d{21}$/);
  assert.equal(shard.SequenceNumberRange.EndingSequenceNumber, undefined);
  assert.equal(shard.ParentShardId, undefined);
  assert.equal(stream.LastEvaluatedShardId, undefined);
});

test('a stream that was switched off ends', async () => {
  const { TableName, StreamArn } = await tableWithStream(client, 'NEW_IMAGE');
  await client.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
  const stream = await describe({ StreamArn });
  assert.equal(stream.StreamStatus, 'DISABLED');
  assert.match(stream.Shards[0].SequenceNumberRange.EndingSequenceNumber, /^\d{21}$/);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.StreamSpecification, undefined);
  assert.equal(Table.LatestStreamArn, StreamArn);
});

test('what is not there', async () => {
  const { StreamArn } = await tableWithStream(client, 'NEW_IMAGE');
  const other = `${StreamArn.slice(0, -3)}${StreamArn.endsWith('999') ? '000' : '999'}`;
  await refused(assert, describe({ StreamArn: other }), 'ResourceNotFoundException',
    `Requested resource not found: Stream: ${other} not found`);
  for (const length of [1, 11, 40])
    await refused(assert, describe({ StreamArn: 'x'.repeat(length) }), 'ValidationException', 'Invalid StreamArn');
});

test('shards are rolled and told of their parents', async () => {
  const server = await startServer(['--in-memory', '--stream-shards', '3', '--stream-roll-seconds', '1']);
  const rolling = streamsFor(server);
  const writer = clientFor(server);
  try {
    const { TableName, StreamArn } = await tableWithStream(writer, 'KEYS_ONLY');
    const put = (name) => writer.send(new PutItemCommand({ TableName, Item: { pk: S(name) } }));
    for (let i = 0; i < 30; i++)
      await put(`before${i}`);
    const [first] = await shardsOf(rolling, StreamArn);
    const iterator = await iteratorOf(rolling, StreamArn, first.ShardId, 'TRIM_HORIZON');
    await eventually(async () => (await shardsOf(rolling, StreamArn)).length >= 6, 'shards are rolled');
    for (let i = 0; i < 30; i++)
      await put(`after${i}`);
    const shards = await shardsOf(rolling, StreamArn, 2);
    const ids = shards.map(({ ShardId }) => ShardId);
    assert.deepEqual(ids, [...ids].sort());
    assert.equal(new Set(ids).size, ids.length);
    for (const shard of shards.slice(0, 3))
      assert.equal(shard.ParentShardId, undefined);
    const later = await shardsOf(rolling, StreamArn); // where the parents of those have ended, whenever they were rolled
    for (const shard of shards.slice(3)) {
      const parent = later.find(({ ShardId }) => ShardId === shard.ParentShardId);
      assert.ok(BigInt(parent.SequenceNumberRange.EndingSequenceNumber)
        < BigInt(shard.SequenceNumberRange.StartingSequenceNumber));
      const children = await describe({ StreamArn, ShardFilter: { Type: 'CHILD_SHARDS', ShardId: parent.ShardId } }, rolling);
      assert.deepEqual(children.Shards.map(({ ShardId }) => ShardId), [shard.ShardId]);
    }
    /* The first one has come to its end; all together have everything. */
    assert.equal((await readShard(rolling, iterator)).next, undefined);
    assert.equal((await readStream(rolling, StreamArn)).length, 60);
  } finally {
    await server.stop();
  }
});

test('shards split when the server is told to have more', async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  const data = path.join(folder, 'data');
  let server = await startServer(['--data', data]);
  const { TableName, StreamArn } = await tableWithStream(clientFor(server), 'KEYS_ONLY');
  await clientFor(server).send(new PutItemCommand({ TableName, Item: { pk: S('a') } }));
  await server.stop();
  server = await startServer(['--data', data, '--stream-shards', '4']);
  try {
    await clientFor(server).send(new PutItemCommand({ TableName, Item: { pk: S('b') } }));
    const [parent, ...children] = await shardsOf(streamsFor(server), StreamArn);
    assert.equal(children.length, 4);
    assert.ok(parent.SequenceNumberRange.EndingSequenceNumber !== undefined);
    for (const child of children)
      assert.equal(child.ParentShardId, parent.ShardId);
    const records = await readStream(streamsFor(server), StreamArn);
    assert.deepEqual(records.map(({ dynamodb }) => dynamodb.Keys.pk.S), ['a', 'b']);
  } finally {
    await server.stop();
  }
});
