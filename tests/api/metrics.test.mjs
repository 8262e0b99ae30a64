// The port for those who run the server: figures, is it alive, can it work; and the log of slow requests.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { BatchWriteItemCommand, CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { clientFor, eventually, rawRequest, runProgram, startServer, tableOf } from './harness.mjs';

let server;
let admin;
before(async () => {
  server = await startServer(['--in-memory', '--metrics-port', '0', '--log-format', 'json', '--slow-ms', '1']);
  admin = { port: server.adminPort };
});
after(async () => {
  const { code } = await server.stop();
  assert.equal(code, 0, server.output());
});

const page = async (target) => {
  const { status, headers, body } = await rawRequest(admin, { method: 'GET', target });
  return { status, type: headers['content-type'], text: body.toString() };
};
/** {"name{labels}": value} of all lines that are figures. */
const figures = (text) => Object.fromEntries(text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]));

test('requests are counted by operation and table, with their errors and times', async () => {
  const client = clientFor(server);
  await client.send(new CreateTableCommand(tableOf('counted')));
  for (let i = 0; i < 3; i++)
    await client.send(new PutItemCommand({ TableName: 'counted', Item: { pk: { S: 'a' } } }));
  await client.send(new GetItemCommand({ TableName: 'arn:aws:dynamodb:us-east-1:000000000000:table/counted', Key: { pk: { S: 'a' } } }));
  await assert.rejects(client.send(new PutItemCommand({ TableName: 'counted', Item: { pk: { S: 'a' } },
    ConditionExpression: 'attribute_not_exists(pk)' })));
  await clientFor(server, {}, STSClient).send(new GetCallerIdentityCommand({}));

  const { status, type, text } = await page('/metrics');
  assert.deepEqual([status, type], [200, 'text/plain; version=0.0.4; charset=utf-8']);
  for (const line of text.trimEnd().split('\n'))
    assert.match(line, /^(# (HELP|TYPE) [a-z_0-9]+ .+|[a-z_0-9]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.e+-]+)$/);
  const seen = figures(text);
  const labels = (operation, table = 'counted', service = 'dynamodb') =>
    `service="${service}",operation="${operation}",table="${table}"`;
  assert.equal(seen[`hashrange_requests_total{${labels('PutItem')}}`], 4);
  assert.equal(seen[`hashrange_requests_total{${labels('GetItem')}}`], 1);
  assert.equal(seen[`hashrange_requests_total{${labels('GetCallerIdentity', '', 'sts')}}`], 1);
  assert.equal(seen[`hashrange_errors_total{${labels('PutItem')},type="ConditionalCheckFailedException"}`], 1);
  assert.equal(seen[`hashrange_request_seconds_bucket{${labels('PutItem')},le="+Inf"}`], 4);
  assert.equal(seen[`hashrange_request_seconds_count{${labels('PutItem')}}`], 4);
  assert.ok(seen[`hashrange_request_seconds_sum{${labels('PutItem')}}`] > 0);
  assert.equal(seen.hashrange_tables, 1);
  assert.ok(seen.hashrange_commits_total >= 3);
  assert.equal(seen.hashrange_read_only, 0);
  assert.ok(seen.process_resident_memory_bytes > 1024 * 1024);
});

test('health and readiness are told, and nothing else', async () => {
  assert.deepEqual(await page('/healthz'), { status: 200, type: 'text/plain; charset=utf-8', text: 'ok\n' });
  assert.deepEqual(await page('/readyz?x=y'), { status: 200, type: 'text/plain; charset=utf-8', text: 'ready\n' });
  assert.equal((await page('/')).status, 404);
  assert.equal((await rawRequest(admin, { target: '/metrics' })).status, 405);
});

test('slow requests are logged with where the time went, an object a line', async () => {
  const client = clientFor(server);
  // Ten megabytes: no machine reads, stores and answers that within a millisecond.
  const v = { S: 'x'.repeat(400_000) };
  await client.send(new BatchWriteItemCommand({ RequestItems: { counted: Array.from({ length: 25 }, (_, i) => (
    { PutRequest: { Item: { pk: { S: `big${i}` }, v } } })) } }));
  // It is written before the answer, but comes another way.
  await eventually(() => /slow request.*BatchWriteItem.*\n/.test(server.output()));
  const lines = server.output().split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  const slow = lines.find(({ message, operation }) => message === 'slow request' && operation === 'BatchWriteItem');
  assert.equal(slow.level, 'warning');
  assert.ok(slow.requestBytes > 10_000_000);
  assert.ok(slow.ms >= 1 && Math.abs(slow.ms - slow.waitedMs - slow.workedMs - slow.answeredMs) < 0.01);
  assert.match(slow.reason, /^(waited|worked|built)/);
  assert.doesNotMatch(server.output(), /xxxx/);
});

test('a port that is taken is a clear error', async () => {
  const { code, stderr } = await runProgram(['--in-memory', '--port', '0', '--metrics-port', String(admin.port)]);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`Cannot listen on 127\\.0\\.0\\.1 port ${admin.port}: the port is already in use`));
});
