// TagResource, UntagResource and ListTagsOfResource.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  CreateTableCommand, DeleteTableCommand, ListTagsOfResourceCommand, TagResourceCommand, UntagResourceCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, rawOperation, sharedServer, startServer, tableName, tableOf } from './harness.mjs';
import { refused } from './items.mjs';

let client;
before(async () => { client = clientFor(await sharedServer()); });

async function makeTable(more = {}) {
  const { TableDescription } = await client.send(new CreateTableCommand(tableOf(tableName(), more)));
  return TableDescription.TableArn;
}
const tag = (ResourceArn, tags) => client.send(new TagResourceCommand({
  ResourceArn, Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
}));
const untag = (ResourceArn, ...TagKeys) => client.send(new UntagResourceCommand({ ResourceArn, TagKeys }));
async function tagsOf(ResourceArn) {
  const tags = {};
  let NextToken;
  do {
    const page = await client.send(new ListTagsOfResourceCommand({ ResourceArn, NextToken }));
    for (const { Key, Value } of page.Tags)
      tags[Key] = Value;
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  return tags;
}

test('tags are added, replaced and removed', async () => {
  const arn = await makeTable({ Tags: [{ Key: 'made', Value: 'here' }] });
  assert.deepEqual(await tagsOf(arn), { made: 'here' });
  await tag(arn, { made: 'there', 'Cost Center': '42', empty: '' });
  assert.deepEqual(await tagsOf(arn), { made: 'there', 'Cost Center': '42', empty: '' });
  await untag(arn, 'made', 'no such tag');
  assert.deepEqual(await tagsOf(arn), { 'Cost Center': '42', empty: '' });
  const plain = await makeTable();
  assert.deepEqual(await tagsOf(plain), {});
});

test('fifty tags, in pages', async () => {
  const arn = await makeTable();
  const fifty = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${i}`, `value${i}`]));
  await tag(arn, fifty);
  assert.deepEqual(await tagsOf(arn), fifty);
  await refused(assert, tag(arn, { 'one more': '' }), 'ValidationException');
  await tag(arn, { key7: 'another value' });
  assert.equal((await tagsOf(arn)).key7, 'another value');
});

test('tags stay through other changes, and come from many sides at once', async () => {
  const arn = await makeTable();
  const TableName = arn.split('/')[1];
  await Promise.all([
    ...Array.from({ length: 20 }, (_, i) => tag(arn, { [`key${i}`]: 'x' })),
    client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: true })),
  ]);
  assert.equal(Object.keys(await tagsOf(arn)).length, 20);
  await client.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }));
  assert.equal(Object.keys(await tagsOf(arn)).length, 20);
  await client.send(new DeleteTableCommand({ TableName }));
});

test('what is refused', async () => {
  const arn = await makeTable();
  await refused(assert, tag(arn, { 'aws:mine': '1' }), 'ValidationException', 'Tag Key cannot be prefixed with aws:, Key: aws:mine');
  await refused(assert, tag(arn, { 'what?': '1' }), 'ValidationException', 'The Tag Key provided is invalid, Key: what?');
  await refused(assert, tag(arn, {}), 'ValidationException');
  await refused(assert, tag(`${arn}-not`, { a: '1' }), 'ResourceNotFoundException', /^Requested resource not found/);
  await refused(assert, untag(`${arn}-not`, 'a'), 'ResourceNotFoundException', /^Requested resource not found/);
  await refused(assert, tagsOf(`${arn}-not`), 'AccessDeniedException');
  await refused(assert, tagsOf('arn:aws:s3:::bucket'), 'ValidationException');
  assert.deepEqual(await tagsOf(arn), {});
});

test('answers of changes have no body', async () => {
  const server = await sharedServer();
  const ResourceArn = await makeTable();
  for (const [operation, body] of [
    ['TagResource', { ResourceArn, Tags: [{ Key: 'a', Value: 'b' }] }],
    ['UntagResource', { ResourceArn, TagKeys: ['a'] }],
  ]) {
    const answer = await rawOperation(server, operation, body);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.length, 0);
    assert.equal(answer.headers['content-length'], '0');
    assert.equal(answer.headers['x-amz-crc32'], '0');
  }
});

test('the owner of an account is told that a table is not there', async () => {
  const server = await startServer(['--in-memory', '--account-id', '123456789012']);
  const owner = clientFor(server);
  const { TableDescription } = await owner.send(new CreateTableCommand(tableOf('owned')));
  assert.equal(TableDescription.TableArn, 'arn:aws:dynamodb:us-east-1:123456789012:table/owned');
  const ResourceArn = TableDescription.TableArn.replace('owned', 'nowhere');
  await assert.rejects(owner.send(new ListTagsOfResourceCommand({ ResourceArn })),
    { name: 'ResourceNotFoundException', message: `Requested resource not found: ResourceArn: ${ResourceArn} not found` });
  assert.equal((await server.stop()).code, 0);
});
