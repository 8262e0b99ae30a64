import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { DeleteTableCommand, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import { clientFor, sharedServer } from './harness.mjs';
import { refused } from './items.mjs';
import { streamsFor, tableWithStream } from './streams.mjs';

let client;
let streams;
before(async () => {
  const server = await sharedServer();
  client = clientFor(server);
  streams = streamsFor(server);
});
const list = (parameters = {}) => streams.send(new ListStreamsCommand(parameters));

test('streams of one table and of all, page by page', async () => {
  const made = [];
  for (let i = 0; i < 5; i++)
    made.push(await tableWithStream(client, 'KEYS_ONLY'));
  const [first] = made;
  const { Streams: ofOne } = await list({ TableName: first.TableName });
  assert.deepEqual(ofOne, [{
    StreamArn: first.StreamArn, TableName: first.TableName, StreamLabel: first.StreamArn.split('/').at(-1),
  }]);
  const found = [];
  let ExclusiveStartStreamArn;
  do {
    const page = await list({ Limit: 2, ExclusiveStartStreamArn });
    assert.ok(page.Streams.length <= 2);
    found.push(...page.Streams.map(({ StreamArn }) => StreamArn));
    ExclusiveStartStreamArn = page.LastEvaluatedStreamArn;
  } while (ExclusiveStartStreamArn !== undefined);
  for (const { StreamArn } of made)
    assert.equal(found.filter((arn) => arn === StreamArn).length, 1);
});

test('streams that were switched off and those of deleted tables are listed too', async () => {
  const { TableName, StreamArn } = await tableWithStream(client, 'KEYS_ONLY');
  await client.send(new UpdateTableCommand({ TableName, StreamSpecification: { StreamEnabled: false } }));
  const { TableDescription } = await client.send(new UpdateTableCommand({
    TableName, StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
  }));
  assert.notEqual(TableDescription.LatestStreamArn, StreamArn);
  await client.send(new DeleteTableCommand({ TableName }));
  const { Streams } = await list({ TableName });
  assert.deepEqual(Streams.map((stream) => stream.StreamArn), [StreamArn, TableDescription.LatestStreamArn]);
});

test('what is wrong is told', async () => {
  await refused(assert, list({ Limit: 101 }), 'ValidationException');
  await refused(assert, list({ ExclusiveStartStreamArn: 'x'.repeat(40) }), 'ValidationException', 'Invalid StreamArn');
});
