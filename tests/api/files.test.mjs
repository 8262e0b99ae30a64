// Files that an option names and that are not there, not readable, not what they should be, or replaced while the server runs.

import assert from 'node:assert/strict';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { eventually, rawRequest, runProgram, startServer, temporaryFolder } from './harness.mjs';
import { dynamodbFor, startLocked } from './locked.mjs';

let folder;
const at = (name) => path.join(folder, name);
before(async () => { folder = await temporaryFolder(); });
after(() => rm(folder, { recursive: true, force: true }));

const refusal = async (...args) => {
  const { code, stdout, stderr } = await runProgram(['serve', '--port', '0', '--in-memory', ...args]);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  return stderr;
};

for (const option of ['--oidc-keys', '--roles-anywhere']) {
  test(`${option}: what is wrong with the file is told at the start`, async () => {
    assert.match(await refusal(option, at('none.json')), /none\.json.*No such file/);
    await writeFile(at('text.json'), 'no JSON');
    const words = await refusal(option, at('text.json'));
    assert.ok(words.includes(`${option} ${at('text.json')}: `), words);
    await writeFile(at('list.json'), '[1]');
    assert.ok((await refusal(option, at('list.json'))).includes(`${option} ${at('list.json')}: `));
  });
}

test('--roles-anywhere: certificates are looked for beside the file, or where their path says', async () => {
  const trustAnchorArn = 'arn:aws:rolesanywhere:us-east-1:000000000000:trust-anchor/11111111-2222-3333-4444-555555555555';
  for (const [file, place] of [['beside.pem', at('beside.pem')], ['/nowhere/elsewhere.pem', '/nowhere/elsewhere.pem']]) {
    await writeFile(at('anywhere.json'), JSON.stringify({ trustAnchors: [{ name: 'ours', trustAnchorArn, certificates: file }], profiles: [] }));
    const words = await refusal('--roles-anywhere', at('anywhere.json'));
    assert.ok(words.includes(`${place}: No such file`), words);
  }
});

test('the audit log: a folder that is not there, and one that goes away', async () => {
  assert.match(await refusal('--auth', '--audit-log', at('none/audit.jsonl')), /audit\.jsonl.*No such file/);
  await mkdir(at('logs'));
  const log = at('logs/audit.jsonl');
  const server = await startLocked({ folder: at('locked'), args: ['--audit-log', log] });
  const client = dynamodbFor(server, server.root);
  const ask = () => client.send(new ListTablesCommand({}));
  const lines = async (file) => (await readFile(file, 'utf8')).trimEnd().split('\n').filter((line) => line !== '').length;
  await ask();
  assert.equal(await lines(log), 1);

  // With no place for a new one, it goes on in the old one.
  await rename(at('logs'), at('moved'));
  server.process.kill('SIGHUP');
  await eventually(() => server.output().includes('cannot open the audit log'));
  await ask();
  assert.equal(await lines(at('moved/audit.jsonl')), 2);

  await mkdir(at('logs'));
  server.process.kill('SIGHUP');
  await eventually(() => readFile(log).then(() => true, () => false));
  await eventually(async () => {
    await ask();
    return (await lines(log)) > 0;
  });
  assert.equal((await server.stop()).code, 0, server.output());
});

test('the metrics of a database on disk tell of its engine', async () => {
  const server = await startServer(['--data', at('data'), '--metrics-port', '0']);
  const admin = { port: server.adminPort };
  const text = (await rawRequest(admin, { method: 'GET', target: '/metrics' })).body.toString();
  assert.match(text, /^# TYPE hashrange_rocksdb_\w+ gauge$/m);
  assert.match(text, /^hashrange_rocksdb_\w+ \d/m);
  assert.equal((await server.stop()).code, 0, server.output());
});
