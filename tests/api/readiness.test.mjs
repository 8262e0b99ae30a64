// When /readyz says no: while the disk takes nothing, and while the server stops. The program is alive meanwhile.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, eventually, headersFor, rawBytes, rawRequest, startServer, tableOf, temporaryFolder } from './harness.mjs';
import { S } from './items.mjs';

let folder;
before(async () => { folder = await temporaryFolder(); });
after(() => rm(folder, { recursive: true, force: true }));

const start = (...args) => startServer([...args, '--metrics-port', '0']);

/** What the port for those who run the server answers. */
async function ask(server, target, method = 'GET') {
  const { status, body } = await rawRequest({ port: server.adminPort }, { method, target });
  return { status, text: body.toString() };
}

/** The server's files may not grow beyond so many bytes: to it that is a full disk. */
const limitFiles = (server, bytes) => execFileSync('prlimit', ['--pid', String(server.process.pid), `--fsize=${bytes}:`],
  { stdio: ['ignore', 'ignore', 'inherit'] });

test('a server whose disk takes nothing is not ready, and is again when it does', async () => {
  const server = await start('--data', path.join(folder, 'data'));
  const client = clientFor(server);
  const put = (pk) => client.send(new PutItemCommand({ TableName: 'kept', Item: { pk: S(pk) } }));
  const get = (pk) => client.send(new GetItemCommand({ TableName: 'kept', Key: { pk: S(pk) } }));
  await client.send(new CreateTableCommand(tableOf('kept')));
  await put('before');
  assert.deepEqual(await ask(server, '/readyz'), { status: 200, text: 'ready\n' });

  limitFiles(server, 0);
  await assert.rejects(put('unknown'), { name: 'InternalServerError' });
  const refusal = { status: 503,
    text: 'A commit has failed (the log says why): writes are refused until the store can work again\n' };
  assert.deepEqual(await ask(server, '/readyz'), refusal);
  assert.deepEqual(await ask(server, '/readyz', 'HEAD'), { status: 503, text: '' });
  assert.deepEqual(await ask(server, '/healthz'), { status: 200, text: 'ok\n' });
  assert.match((await ask(server, '/metrics')).text, /^hashrange_read_only 1$/m);
  await assert.rejects(put('refused'), { name: 'ServiceUnavailableException' });
  assert.deepEqual((await get('before')).Item, { pk: S('before') });

  limitFiles(server, 'unlimited');
  await eventually(async () => (await ask(server, '/readyz')).status === 200);
  assert.match((await ask(server, '/metrics')).text, /^hashrange_read_only 0$/m);
  await put('after');
  assert.deepEqual((await get('after')).Item, { pk: S('after') });
  assert.equal((await get('refused')).Item, undefined);
  assert.equal((await server.stop()).code, 0, server.output());
});

test('a server that stops is not ready, and ends the requests that are under way', async () => {
  const server = await start('--in-memory');
  const body = '{}';
  const head = Object.entries({ Host: 'localhost', ...headersFor('ListTables'), 'Content-Length': body.length,
    Expect: '100-continue' }).map(([name, value]) => `${name}: ${value}\r\n`).join('');
  let stopped;
  const answer = await rawBytes(server, [`POST / HTTP/1.1\r\n${head}\r\n`, /100 Continue/, async () => {
    assert.equal((await ask(server, '/readyz')).status, 200);
    stopped = server.stop();
    await eventually(async () => (await ask(server, '/readyz')).status === 503);
    assert.deepEqual(await ask(server, '/readyz'),
      { status: 503, text: 'The server is stopping: it takes no new connections\n' });
    assert.deepEqual(await ask(server, '/healthz'), { status: 200, text: 'ok\n' });
  }, body]);
  assert.match(answer, /HTTP\/1\.1 200 OK\r\n[^]*\r\nConnection: close\r\n[^]*\{"TableNames":\[\]\}$/);
  assert.equal((await stopped).code, 0, server.output());
});
