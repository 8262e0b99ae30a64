import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import { clientFor, sharedServer } from './harness.mjs';
import { S, refused } from './items.mjs';
import { iteratorOf, readShard, shardsOf, streamsFor, tableWithStream } from './streams.mjs';

let client;
let streams;
before(async () => {
  const server = await sharedServer();
  client = clientFor(server);
  streams = streamsFor(server);
});

test('each type begins where it says', async () => {
  const { TableName, StreamArn } = await tableWithStream(client, 'KEYS_ONLY');
  const [{ ShardId, SequenceNumberRange }] = await shardsOf(streams, StreamArn);
  const put = (name) => client.send(new PutItemCommand({ TableName, Item: { pk: S(name) } }));
  const read = async (type, number) => {
    const { records } = await readShard(streams, await iteratorOf(streams, StreamArn, ShardId, type, number));
    return records.map(({ dynamodb }) => dynamodb.Keys.pk.S).join('');
  };
  await put('a');
  await put('b');
  const latest = await iteratorOf(streams, StreamArn, ShardId, 'LATEST');
  await put('c');
  const { records } = await readShard(streams, await iteratorOf(streams, StreamArn, ShardId, 'TRIM_HORIZON'));
  const numbers = records.map(({ dynamodb }) => dynamodb.SequenceNumber);
  assert.deepEqual(numbers, [...numbers].sort());
  assert.equal(await read('TRIM_HORIZON'), 'abc');
  assert.equal(await read('LATEST'), '');
  assert.equal((await readShard(streams, latest)).records[0].dynamodb.Keys.pk.S, 'c');
  assert.equal(await read('AT_SEQUENCE_NUMBER', SequenceNumberRange.StartingSequenceNumber), 'abc');
  assert.equal(await read('AFTER_SEQUENCE_NUMBER', SequenceNumberRange.StartingSequenceNumber), 'abc');
  assert.equal(await read('AT_SEQUENCE_NUMBER', numbers[1]), 'bc');
  assert.equal(await read('AFTER_SEQUENCE_NUMBER', numbers[1]), 'c');
});

test('what is wrong is told', async () => {
  const { StreamArn } = await tableWithStream(client, 'KEYS_ONLY');
  const [{ ShardId, SequenceNumberRange }] = await shardsOf(streams, StreamArn);
  const get = (parameters) => streams.send(new GetShardIteratorCommand({ StreamArn, ShardId, ...parameters }));
  for (const ShardIteratorType of ['AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER'])
    await refused(assert, get({ ShardIteratorType }), 'ValidationException');
  for (const ShardIteratorType of ['TRIM_HORIZON', 'LATEST'])
    await refused(assert, get({ ShardIteratorType, SequenceNumber: SequenceNumberRange.StartingSequenceNumber }),
      'ValidationException');
  await refused(assert, get({ ShardIteratorType: 'bulle' }), 'ValidationException', /Member must satisfy enum value set/);
  await refused(assert, get({ ShardIteratorType: 'LATEST', ShardId: 'x'.repeat(40) }), 'ResourceNotFoundException',
    'Requested resource not found: Shard does not exist');
  await refused(assert, get({ ShardIteratorType: 'LATEST', StreamArn: 'x'.repeat(40) }), 'ValidationException',
    'Invalid StreamArn');
  await refused(assert, get({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: '9'.repeat(21) }),
    'ValidationException');
});
