// The program over TLS: the real SDK, two ports, certificates that change, clients that must show theirs.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, GetItemCommand, ListTablesCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, eventually, rawOperation, runProgram, startServer, tableOf, temporaryFolder } from './harness.mjs';
import { S } from './items.mjs';

const MAKER = fileURLToPath(new URL('../../tools/make-certificates.sh', import.meta.url));

let folder;
const at = (name) => path.join(folder, name);
const make = (name) => execFileSync(MAKER, [at(name)], { stdio: 'ignore' });
const options = (name) => ['--tls-cert', at(`${name}/server.pem`), '--tls-key', at(`${name}/server.key`)];
const authority = (name) => readFile(at(`${name}/ca.pem`));

before(async () => {
  folder = await temporaryFolder();
  make('first');
  make('second');
});
after(() => rm(folder, { recursive: true, force: true }));

/** The SDK, trusting one authority. */
async function secureClient(port, trusted, more = {}) {
  return clientFor({ url: `https://localhost:${port}` }, {
    requestHandler: { httpsAgent: new https.Agent({ ca: await authority(trusted), keepAlive: true }) },
    ...more,
  });
}

/** A connection that stays open, to send requests on by hand. */
async function connection(port, trusted, more = {}) {
  const socket = tls.connect({ host: '127.0.0.1', port, servername: 'localhost', ca: await authority(trusted), ...more });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  return socket;
}

const request = (operation) => `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: DynamoDB_20120810.${operation}\r\n` +
  'Content-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\nX-Amz-Date: 20260101T000000Z\r\n' +
  'Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/dynamodb/aws4_request, ' +
  `SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}\r\n\r\n{}`;

async function answerOn(socket, operation) {
  let text = '';
  socket.setEncoding('latin1');
  const whole = new Promise((resolve, reject) => {
    const seen = (chunk) => {
      text += chunk;
      if (/\r\n\r\n.*}/s.test(text)) {
        socket.off('data', seen);
        resolve(text);
      }
    };
    socket.on('data', seen).once('error', reject).once('close', () => reject(new Error(`closed: ${text}`)));
  });
  socket.write(request(operation));
  return whole;
}

const output = (server, pattern) => eventually(() => pattern.test(server.output()), pattern);

test('the SDK works over https', async () => {
  const server = await startServer(['--in-memory', ...options('first')]);
  assert.match(server.output(), new RegExp(`ready on https://127\\.0\\.0\\.1:${server.port} \\(in memory\\)`));
  const client = await secureClient(server.port, 'first');
  await client.send(new CreateTableCommand(tableOf('sealed')));
  const large = 'x'.repeat(300_000);
  await client.send(new PutItemCommand({ TableName: 'sealed', Item: { pk: S('a'), large: S(large) } }));
  const { Item } = await client.send(new GetItemCommand({ TableName: 'sealed', Key: { pk: S('a') } }));
  assert.equal(Item.large.S, large);
  const stranger = await secureClient(server.port, 'second');
  await assert.rejects(stranger.send(new ListTablesCommand({})), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  const plain = clientFor({ url: `http://localhost:${server.port}` });
  await assert.rejects(plain.send(new ListTablesCommand({})), (error) => error.$metadata?.httpStatusCode === 400 ||
    error.$response?.statusCode === 400);
  assert.equal((await server.stop()).code, 0);
});

test('plain HTTP and TLS side by side', async () => {
  const server = await startServer(['--in-memory', ...options('first'), '--tls-port', '0']);
  assert.match(server.output(),
    new RegExp(`ready on http://127\\.0\\.0\\.1:${server.port} and https://127\\.0\\.0\\.1:${server.tlsPort} \\(in memory\\)`));
  const client = await secureClient(server.tlsPort, 'first');
  await client.send(new CreateTableCommand(tableOf('both')));
  assert.deepEqual((await rawOperation(server, 'ListTables', {})).json, { TableNames: ['both'] });
  assert.equal((await server.stop()).code, 0);
});

test('SIGHUP changes the certificate of new connections and drops none', async () => {
  await cp(at('first'), at('current'), { recursive: true });
  const server = await startServer(['--in-memory', ...options('current')]);
  const old = await connection(server.port, 'first');
  assert.match(await answerOn(old, 'ListTables'), /^HTTP\/1\.1 200 /);

  await writeFile(at('current/server.pem'), 'half a certif');
  server.process.kill('SIGHUP');
  await output(server, /error the TLS files stay as they were: Cannot use the TLS certificate/);
  (await connection(server.port, 'first')).destroy();
  await cp(at('second/server.pem'), at('current/server.pem'));
  server.process.kill('SIGHUP');
  await output(server, /error the TLS files stay as they were: The TLS key \S+ does not belong to the certificate/);
  (await connection(server.port, 'first')).destroy();

  await cp(at('second/server.key'), at('current/server.key'));
  server.process.kill('SIGHUP');
  await output(server, /info the TLS files have been read again/);
  const fresh = await connection(server.port, 'second');
  await assert.rejects(connection(server.port, 'first'));
  assert.match(await answerOn(old, 'ListTables'), /^HTTP\/1\.1 200 /);
  assert.match(await answerOn(fresh, 'ListTables'), /^HTTP\/1\.1 200 /);
  old.destroy();
  fresh.destroy();
  assert.equal((await server.stop()).code, 0);
});

test('clients without a certificate are refused where one is required', async () => {
  const server = await startServer(['--in-memory', ...options('first'), '--tls-client-ca', at('second/ca.pem')]);
  const without = await connection(server.port, 'first'); // in TLS 1.3 the client is done before the server has looked
  await assert.rejects(answerOn(without, 'ListTables'), { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' });
  assert.equal((await server.stop()).code, 0);
});

test('certificates that cannot be used end the start with a clear word', async () => {
  const cases = [
    [['--tls-cert', at('first/server.pem'), '--tls-key', at('second/server.key')], /does not belong to the certificate/],
    [['--tls-cert', at('none.pem'), '--tls-key', at('first/server.key')], /Cannot read the TLS certificate .*none\.pem: No such file/],
    [['--tls-cert', at('first/server.pem'), '--tls-key', at('first/ca.pem')], /must hold a private key in PEM form/],
  ];
  for (const [args, expected] of cases) {
    const { code, stderr } = await runProgram(['serve', '--port', '0', '--in-memory', ...args]);
    assert.equal(code, 1, stderr);
    assert.match(stderr, expected);
  }
});

test('nobody opens the port to a network by accident', async () => {
  for (const address of ['0.0.0.0', '::', '127.0.0.1,0.0.0.0']) {
    const { code, stderr } = await runProgram(['serve', '--port', '0', '--in-memory', '--bind', address]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /add --auth .* or --i-know-this-is-open/);
  }
  const server = await startServer(['--in-memory', '--bind', '0.0.0.0', '--i-know-this-is-open']);
  assert.equal((await rawOperation(server, 'ListTables', {})).status, 200);
  assert.equal((await server.stop()).code, 0);
});
