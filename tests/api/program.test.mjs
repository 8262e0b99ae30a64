// The program around the server: options, signals, restarts, folders that cannot be used.

import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import {
  BatchWriteItemCommand, CreateTableCommand, DeleteTableCommand, DescribeTableCommand, GetItemCommand, ListTablesCommand,
  PutItemCommand, ScanCommand, UpdateTableCommand, waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { clientFor, runProgram, startServer, tableName, tableOf, temporaryFolder,
  whileStatusLasts } from './harness.mjs';
import { N, S } from './items.mjs';

const folders = [];
const folder = async () => {
  const made = await temporaryFolder();
  folders.push(made);
  return path.join(made, 'data');
};
after(() => Promise.all(folders.map((made) => rm(made, { recursive: true, force: true }))));

test('--help tells every option, --version the version', async () => {
  const help = await runProgram(['--help']);
  assert.equal(help.code, 0);
  for (const option of ['--port', '--data', '--in-memory', '--shared-db', '--durability', '--validation',
    '--delay-transient-statuses', '--version', '-inMemory', '-dbPath', '-sharedDb'])
    assert.ok(help.stdout.includes(option), option);
  const version = await runProgram(['--version']);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^hashrange \d+\.\d+\.\d+/);
});

test('options that are wrong are refused with a clear word', async () => {
  for (const args of [['--no-such-option'], ['--port', 'x'], ['--port', '99999'], ['--durability', 'maybe'], ['--port'],
    ['--in-memory', '--data', 'x']]) {
    const { code, stderr } = await runProgram(args);
    assert.equal(code, 2, args.join(' '));
    assert.ok(stderr.length > 0, args.join(' '));
  }
});

test('DynamoDB Local\'s options work', async () => {
  const server = await startServer(['-inMemory', '-sharedDb', '-port', '0'], { port: 1 });
  assert.notEqual(server.port, 1); // the last one counts
  const here = clientFor(server);
  await here.send(new CreateTableCommand(tableOf('shared')));
  const elsewhere = clientFor(server, { region: 'eu-west-1', credentials: { accessKeyId: 'other', secretAccessKey: 'x' } });
  assert.deepEqual((await elsewhere.send(new ListTablesCommand({}))).TableNames, ['shared']);
  assert.equal((await server.stop()).code, 0);
});

test('a server in memory does not load RocksDB', async () => {
  for (const [args, loads] of [[['--in-memory'], false], [['--data', await folder()], true]]) {
    const server = await startServer(args);
    const maps = await readFile(`/proc/${server.process.pid}/maps`, 'utf8');
    assert.equal(/librocksdb/.test(maps), loads);
    assert.equal((await server.stop()).code, 0);
  }
});

test('tables, items, indexes and counts survive a restart and a SIGKILL', async () => {
  const data = await folder();
  let server = await startServer(['--data', data]);
  let client = clientFor(server);
  await client.send(new CreateTableCommand({
    ...tableOf('kept', { sort: 'N' }),
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }, { AttributeName: 'sk', AttributeType: 'N' },
      { AttributeName: 'g', AttributeType: 'S' }],
    GlobalSecondaryIndexes: [{
      IndexName: 'by-g', KeySchema: [{ AttributeName: 'g', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' },
    }],
  }));
  await client.send(new CreateTableCommand(tableOf('dropped')));
  await client.send(new DeleteTableCommand({ TableName: 'dropped' }));
  for (let i = 0; i < 20; i++)
    await client.send(new PutItemCommand({ TableName: 'kept', Item: { pk: S('a'), sk: N(i), g: S('g') } }));
  const before = (await client.send(new DescribeTableCommand({ TableName: 'kept' }))).Table;

  for (const end of ['stop', 'kill']) {
    await server[end]();
    server = await startServer(['--data', data]);
    client = clientFor(server);
    assert.deepEqual((await client.send(new ListTablesCommand({}))).TableNames, ['kept']);
    assert.deepEqual((await client.send(new DescribeTableCommand({ TableName: 'kept' }))).Table, before);
    assert.equal((await client.send(new ScanCommand({ TableName: 'kept' }))).Count, 20);
    assert.equal((await client.send(new ScanCommand({ TableName: 'kept', IndexName: 'by-g' }))).Count, 20);
  }
  assert.equal((await server.stop()).code, 0);
});

test('SIGTERM finishes what is in flight', async () => {
  const data = await folder();
  const server = await startServer(['--data', data]);
  const client = clientFor(server);
  await client.send(new CreateTableCommand(tableOf('flight')));
  const acknowledged = [];
  let refusedCount = 0;
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    for (let i = 0; i < 1000; i++) {
      const pk = `${writer}-${i}`;
      try {
        await client.send(new PutItemCommand({ TableName: 'flight', Item: { pk: S(pk) } }));
        acknowledged.push(pk);
      } catch {
        refusedCount += 1;
        return;
      }
    }
  });
  while (acknowledged.length < 50)
    await new Promise((next) => setTimeout(next, 5));
  const { code } = await server.stop();
  await Promise.all(writers);
  assert.equal(code, 0);
  assert.equal(refusedCount, 8);
  const again = await startServer(['--data', data]);
  const reader = clientFor(again);
  for (const pk of acknowledged)
    assert.ok((await reader.send(new GetItemCommand({ TableName: 'flight', Key: { pk: S(pk) } }))).Item, pk);
  await again.stop();
});

test('folders that cannot be used', async () => {
  const data = await folder();
  const server = await startServer(['--data', data]);
  const second = await runProgram(['serve', '--port', '0', '--data', data]);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /in use|another process|lock/i);
  const taken = await runProgram(['serve', '--port', String(server.port), '--in-memory']);
  assert.equal(taken.code, 1);
  assert.match(taken.stderr, /in use/i);
  await server.stop();

  const file = path.join(path.dirname(data), 'file');
  await writeFile(file, 'not a folder');
  const onFile = await runProgram(['serve', '--port', '0', '--data', file]);
  assert.equal(onFile.code, 1);
  assert.ok(onFile.stderr.includes(file));

  if (process.getuid() !== 0) { // root may write anywhere
    const locked = path.join(path.dirname(data), 'locked');
    await mkdir(locked);
    await chmod(locked, 0o500);
    const readOnly = await runProgram(['serve', '--port', '0', '--data', path.join(locked, 'data')]);
    assert.equal(readOnly.code, 1);
    assert.ok(readOnly.stderr.includes(locked));
  }
});

test('corrupted files are a clear error, and nothing is overwritten', async () => {
  const data = await folder();
  const server = await startServer(['--data', data]);
  const client = clientFor(server);
  await client.send(new CreateTableCommand(tableOf('hurt')));
  await client.send(new BatchWriteItemCommand({
    RequestItems: { hurt: Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: { pk: S(`k${i}`) } } })) },
  }));
  await server.stop();
  await writeFile(path.join(data, 'CURRENT'), 'MANIFEST-nonsense\n');
  const { code, stderr } = await runProgram(['serve', '--port', '0', '--data', data]);
  assert.equal(code, 1);
  assert.ok(stderr.includes(data), stderr);
});

/** Makes a table and waits until it is there, with --delay-transient-statuses; its name. */
async function activeTable(client, more = {}) {
  const TableName = tableName();
  await client.send(new CreateTableCommand({ ...tableOf(TableName), ...more }));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
  return TableName;
}

test('transient statuses can be as slow as on AWS', async () => {
  const server = await startServer(['--in-memory', '--delay-transient-statuses']);
  const client = clientFor(server);
  await whileStatusLasts(() => tableName(), async (TableName) => {
    const { TableDescription } = await client.send(new CreateTableCommand(tableOf(TableName)));
    assert.equal(TableDescription.TableStatus, 'CREATING');
    await assert.rejects(client.send(new DeleteTableCommand({ TableName })), { name: 'ResourceInUseException' });
  });
  await whileStatusLasts(() => activeTable(client), async (TableName) => {
    assert.equal((await client.send(new DeleteTableCommand({ TableName }))).TableDescription.TableStatus, 'DELETING');
    assert.equal((await client.send(new DescribeTableCommand({ TableName }))).Table.TableStatus, 'DELETING');
  });
  assert.equal((await server.stop()).code, 0);
});

test('settings that take effect at once leave the status alone', async () => {
  const server = await startServer(['--in-memory', '--delay-transient-statuses']);
  const client = clientFor(server);
  let TableName = await activeTable(client);
  const update = async (members) =>
    (await client.send(new UpdateTableCommand({ TableName, ...members }))).TableDescription;
  assert.equal((await update({ SSESpecification: { Enabled: true } })).TableStatus, 'ACTIVE');
  assert.equal((await update({ OnDemandThroughput: { MaxReadRequestUnits: 9 } })).TableStatus, 'ACTIVE');
  const warm = await update({ WarmThroughput: { ReadUnitsPerSecond: 13000, WriteUnitsPerSecond: 5000 } });
  assert.deepEqual([warm.TableStatus, warm.WarmThroughput.Status], ['ACTIVE', 'UPDATING']);

  await whileStatusLasts(async () => {
    TableName = await activeTable(client, { DeletionProtectionEnabled: true });
  }, async () => {
    const stream = await update({ StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } });
    assert.equal(stream.TableStatus, 'UPDATING');
    await assert.rejects(update({ OnDemandThroughput: { MaxReadRequestUnits: 8 } }), { name: 'ResourceInUseException' });
    const open = await update({ DeletionProtectionEnabled: false });
    assert.deepEqual([open.TableStatus, open.DeletionProtectionEnabled], ['UPDATING', false]);
  });
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });

  assert.equal((await update({ DeletionProtectionEnabled: true })).TableStatus, 'ACTIVE');
  assert.equal((await update({ DeletionProtectionEnabled: false })).TableStatus, 'ACTIVE');
  const { TableDescription } = await client.send(new DeleteTableCommand({ TableName }));
  assert.equal(TableDescription.TableStatus, 'DELETING');
  assert.equal((await server.stop()).code, 0);
});

test('classic validation gathers every violation', async () => {
  const server = await startServer(['--in-memory', '--validation', 'classic']);
  const client = clientFor(server);
  await assert.rejects(client.send(new ListTablesCommand({ Limit: 0, ExclusiveStartTableName: 'x' })), (error) => {
    assert.equal(error.name, 'ValidationException');
    assert.match(error.message, /^2 validation errors detected: /);
    return true;
  });
  await server.stop();
});
