// `hashrange bench` against this server, plain and over TLS, and against servers that do not do what they should.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DescribeTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, runProgram, sharedServer, startServer, temporaryFolder } from './harness.mjs';

const MAKER = fileURLToPath(new URL('../../tools/make-certificates.sh', import.meta.url));
const SHORT = ['--seconds', '1', '--warmup', '0', '--quiet'];

let server;
let folder;
before(async () => {
  server = await sharedServer();
  folder = await temporaryFolder();
});
after(() => rm(folder, { recursive: true, force: true }));

const bench = (args, url = server.url) => runProgram(['bench', '--endpoint', url, ...args]);

/** A load of one second, or of more where the machine was too slow for what must have come in it: {seconds, ...}. */
async function measure(args, hasCome, url) {
  for (const seconds of [1, 5, 20]) {
    const done = await bench([...args, '--seconds', String(seconds), '--warmup', '0'], url);
    if (seconds === 20 || hasCome(done))
      return { seconds, ...done };
  }
}

/** A server that answers every connection with these bytes once something has come, and hangs up. */
async function serverThatSays(text) {
  const fake = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(text));
  });
  fake.unref();
  await new Promise((ready) => fake.listen(0, '127.0.0.1', ready));
  return { url: `http://127.0.0.1:${fake.address().port}`, close: () => fake.close() };
}

test('a table is made, filled and kept', async () => {
  const { code, stdout, stderr } = await bench(['--table', 'filled', '--items', '60', '--item-bytes', '100', '--load-only']);
  assert.deepEqual([code, stdout], [0, ''], stderr);
  assert.match(stderr, /filling filled with \d+ items/);
  const client = clientFor(server);
  const { Items } = await client.send(new ScanCommand({ TableName: 'filled' }));
  const single = Items.filter(({ pk }) => pk.S.startsWith('item'));
  assert.equal(single.length, 60);
  for (const item of single)
    assert.equal(Object.entries(item).reduce((sum, [name, { S }]) => sum + name.length + S.length, 0), 100);
  const { Table } = await client.send(new DescribeTableCommand({ TableName: 'filled' }));
  assert.equal(Table.BillingModeSummary.BillingMode, 'PAY_PER_REQUEST');
});

for (const [workload, operations, more] of [
  ['get', ['GetItem'], ['--consistent']],
  ['put', ['PutItem'], ['--distribution', 'hot']],
  ['query', ['Query'], ['--distribution', 'zipfian']],
  ['scan', ['Scan'], []],
  ['batch-get', ['BatchGetItem'], ['--batch', '10']],
  ['batch-write', ['BatchWriteItem'], ['--batch', '100']],
  ['transact-write', ['TransactWriteItems'], ['--threads', '2']],
  ['ycsb-a', ['GetItem', 'UpdateItem'], []],
  ['ycsb-d', ['GetItem', 'PutItem (new)'], ['--distribution', 'latest']],
  ['ycsb-f', ['GetItem', 'UpdateItem (if)'], []],
]) {
  test(`the workload ${workload} asks for what it says, and every answer is a success`, async () => {
    const { code, stdout, stderr } = await measure(['--workload', workload, '--items', '200', '--item-bytes', '200',
      '--table', `load-${workload}`, '--connections', '4', '--json', '-', '--quiet', ...more],
    (done) => done.code !== 0 || JSON.parse(done.stdout).operations.every(({ requests }) => requests > 0));
    assert.deepEqual([code, stderr], [0, '']);
    const report = JSON.parse(stdout);
    assert.equal(report.workload, workload);
    assert.equal(report.lostConnections, 0);
    assert.equal(report.firstError, '');
    assert.deepEqual(report.operations.map(({ operation }) => operation), [...operations, 'all']);
    const all = report.operations.at(-1);
    assert.ok(all.requests > 0 && all.bytesReceived > 0);
    assert.ok(all.p50 <= all.p90 && all.p90 <= all.p99 && all['p99.9'] <= all.max && all.mean <= all.max);
    assert.equal(report.operations.slice(0, -1).reduce((sum, { requests }) => sum + requests, 0), all.requests);
    assert.equal(report.operations.reduce((sum, { failed }) => sum + failed, 0), 0);
    assert.ok(report.perSecond.reduce((sum, count) => sum + count, 0) <= all.requests);
  });
}

test('an open loop sends no more than its rate; a page with charts', async () => {
  const html = path.join(folder, 'report.html');
  const { seconds, code, stdout, stderr } = await measure(['--workload', 'ycsb-b', '--items', '50', '--rate', '100', '--html', html,
    '--connections', '4'], (done) => /^GetItem +[1-9]/m.test(done.stdout));
  assert.equal(code, 0, stderr);
  assert.match(stderr, /1s +\d+ requests\/s/);
  const [, requests] = /^GetItem +(\d+) /m.exec(stdout);
  assert.ok(Number(requests) > 0 && Number(requests) <= 100 * seconds, stdout);
  const page = await readFile(html, 'utf8');
  assert.match(page, /<h1>ycsb-b on http:\/\/127/);
  assert.match(page, /100 requests a second offered \(open loop\)/);
  assert.equal(page.match(/<svg /g).length, 2);
  assert.match(page, /<title>GetItem<\/title>/);
  assert.ok(page.endsWith('</html>\n'));
});

test('over TLS, with and without looking at the certificate', async () => {
  execFileSync(MAKER, [folder], { stdio: 'ignore' });
  const secure = await startServer(['--in-memory', '--tls-cert', path.join(folder, 'server.pem'), '--tls-key',
    path.join(folder, 'server.key')]);
  const url = `https://localhost:${secure.port}`;
  const trusting = await measure(['--insecure', '--items', '10', '--json', '-', '--quiet'],
    (done) => done.code !== 0 || JSON.parse(done.stdout).operations[0].requests > 0, url);
  assert.deepEqual([trusting.code, trusting.stderr], [0, '']);
  assert.ok(JSON.parse(trusting.stdout).operations[0].requests > 0);
  const careful = await bench(['--items', '10', ...SHORT], url);
  assert.equal(careful.code, 1);
  assert.match(careful.stderr, /^hashrange bench: The table cannot be made: /);
  assert.equal((await secure.stop()).code, 0, secure.output());
});

test('failures are counted, the first is told, and the program ends with 1', async () => {
  const missing = ['--table', 'not-there', '--no-load', '--connections', '2', '--quiet'];
  const { code, stdout } = await measure([...missing, '--json', '-'], (done) => done.code !== 0);
  assert.equal(code, 1);
  const { firstError, operations } = JSON.parse(stdout);
  assert.match(firstError, /ResourceNotFoundException/);
  assert.ok(operations[0].requests > 0);
  assert.equal(operations[0].failed, operations[0].requests);
  const told = await measure(missing, (done) => done.code !== 0);
  assert.equal(told.code, 1);
  assert.match(told.stdout, /^the first failure: .*ResourceNotFoundException/m);
});

test('a service that is not there, hangs up, or speaks something else', async () => {
  const here = await serverThatSays(''); // so that nobody else takes its port, on another address
  const absent = await bench(SHORT, here.url.replace('127.0.0.1', '127.0.0.2'));
  here.close();
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /^hashrange bench: The table cannot be made: /);
  for (const text of ['', 'SSH-2.0-OpenSSH_9.2\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{}']) {
    const fake = await serverThatSays(text);
    const { code, stdout, stderr } = await measure(['--no-load', '--connections', '1', '--quiet'], (done) => done.code !== 0, fake.url);
    assert.equal(code, 1, stderr);
    assert.match(stdout, /connections were lost/);
    fake.close();
  }
  const refusing = await serverThatSays('HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\nnot today');
  const refused = await bench(SHORT, refusing.url);
  assert.deepEqual([refused.code, refused.stderr], [1, 'hashrange bench: The table cannot be made: not today\n']);
  refusing.close();
});

test('options', async () => {
  const help = await bench(['--help']);
  assert.equal(help.code, 0);
  assert.match(help.stdout, /^usage: hashrange bench \[options\]$/m);
  for (const option of ['--workload', '--rate', '--html', '--insecure'])
    assert.ok(help.stdout.includes(option), option);
  for (const [args, words] of [
    [['--workload', 'mine'], /workload/],
    [['--connections', '0'], /connections/],
    [['--nothing'], /nothing/],
    [['--item-bytes', '31'], /item-bytes/],
  ]) {
    const { code, stdout, stderr } = await bench(args);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, words);
    assert.match(stderr, /Try: hashrange bench --help\n$/);
  }
  const nowhere = await bench(['--items', '10', ...SHORT, '--html', path.join(folder, 'missing', 'report.html')]);
  assert.equal(nowhere.code, 1);
  assert.match(nowhere.stderr, /Cannot write .*report\.html/);
  const strange = await bench(SHORT, 'ftp://localhost');
  assert.equal(strange.code, 1);
  assert.match(strange.stderr, /^hashrange bench: .*ftp/);
});
