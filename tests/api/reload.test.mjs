// SIGHUP: what others may vouch for is read again, and nothing that goes on notices.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CreateOpenIDConnectProviderCommand } from '@aws-sdk/client-iam';
import { AUTHORITY, createSession, END_ENTITY, makeCertificate } from './anywhere.mjs';
import { temporaryFolder } from './harness.mjs';
import { ACCOUNT, arn, iamFor, makeRole, policy, startLocked } from './locked.mjs';

const ISSUER = 'https://idp.example.com';
const PROVIDER = arn('oidc-provider/idp.example.com');
const ANCHOR = `arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:trust-anchor/11111111-1111-4111-8111-111111111111`;
const PROFILE = `arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:profile/22222222-2222-4222-8222-222222222222`;

let folder;
let server;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const sockets = new Set(); // that requests were sent on
const at = (name) => path.join(folder, name);
const keys = Object.fromEntries(['old', 'new'].map((kid) => [kid, { kid, ...crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) }]));
const certificates = {};

const writeKeys = (...names) => writeFile(at('oidc.json'), JSON.stringify({
  [ISSUER]: { keys: names.map((kid) => ({ ...keys[kid].publicKey.export({ format: 'jwk' }), kid })) },
}));
const writeAnywhere = (certificate) => writeFile(at('anywhere.json'), JSON.stringify({
  trustAnchors: [{ trustAnchorArn: ANCHOR, certificates: certificate }],
  profiles: [{ profileArn: PROFILE, roleArns: [arn('role/workload')] }],
}));

before(async () => {
  folder = await temporaryFolder();
  for (const name of ['old', 'new']) {
    await makeCertificate(folder, `${name}_ca`, `/CN=${name} authority`, AUTHORITY);
    certificates[name] = await makeCertificate(folder, name, `/CN=${name}`, END_ENTITY, { issuer: `${name}_ca` });
  }
  await writeKeys('old');
  await writeAnywhere('old_ca.pem');
  server = await startLocked({ folder, args: ['--oidc-keys', at('oidc.json'), '--roles-anywhere', at('anywhere.json')] });
  await iamFor(server).send(new CreateOpenIDConnectProviderCommand({
    Url: ISSUER, ClientIDList: ['app'], ThumbprintList: ['0123456789012345678901234567890123456789'],
  }));
  await makeRole(server, 'web', policy({ Action: 'sts:AssumeRoleWithWebIdentity', Principal: { Federated: PROVIDER } }));
  await makeRole(server, 'workload', policy({
    Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'], Principal: { Service: 'rolesanywhere.amazonaws.com' },
  }));
});
after(async () => {
  agent.destroy();
  const { code } = await server.stop();
  await rm(folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

/** The status of AssumeRoleWithWebIdentity with a token of this key, asked on the one connection. */
function webIdentity(kid) {
  const now = Math.floor(Date.now() / 1000);
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${encode({ alg: 'RS256', kid })}.${encode({ iss: ISSUER, aud: 'app', sub: 'ci', iat: now, exp: now + 600 })}`;
  const body = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity', Version: '2011-06-15', RoleArn: arn('role/web'), RoleSessionName: 'ci',
    WebIdentityToken: `${text}.${crypto.sign('sha256', Buffer.from(text), keys[kid].privateKey).toString('base64url')}`,
  }).toString();
  return new Promise((resolve, reject) => {
    const request = http.request({
      agent, host: '127.0.0.1', port: server.port, method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': Buffer.byteLength(body) },
    }, (response) => response.resume().once('end', () => resolve(response.statusCode)));
    request.once('socket', (socket) => sockets.add(socket)).once('error', reject);
    request.end(body);
  });
}

const session = async (name) => (await createSession(server, certificates[name],
  { query: { profileArn: PROFILE, roleArn: arn('role/workload'), trustAnchorArn: ANCHOR } })).status;

/** Sends SIGHUP and waits for what the server says about it. */
async function reload(words) {
  const seen = server.output().length;
  server.process.kill('SIGHUP');
  while (!words.test(server.output().slice(seen)))
    await new Promise((resolve) => server.process.stderr.once('data', resolve));
}

const statuses = async () => [await webIdentity('old'), await webIdentity('new'), await session('old'), await session('new')];

test('keys and trust anchors are read again', async () => {
  assert.deepEqual(await statuses(), [200, 400, 201, 403]);
  await writeKeys('old', 'new');
  await writeAnywhere('new_ca.pem');
  await reload(/the files of --oidc-keys and --roles-anywhere have been read again/);
  assert.deepEqual(await statuses(), [200, 200, 403, 201]);
  await writeKeys('new');
  await reload(/have been read again/);
  assert.deepEqual(await statuses(), [400, 200, 403, 201]);
});

test('a file that is broken leaves all as it was, and says what is wrong', async () => {
  const before = await statuses();
  await writeFile(at('oidc.json'), '[]');
  await writeAnywhere('old_ca.pem');
  await reload(/the files of --oidc-keys and --roles-anywhere stay as they were: --oidc-keys .*oidc\.json: it is no JSON object of issuers/);
  assert.deepEqual(await statuses(), before);
  await writeKeys('old');
  await writeAnywhere('missing.pem');
  await reload(/stay as they were: --roles-anywhere .*anywhere\.json: .*missing\.pem/);
  assert.deepEqual(await statuses(), before);
  await writeAnywhere('old_ca.pem');
  await reload(/have been read again/);
  assert.deepEqual(await statuses(), [200, 400, 201, 403]);
});

test('requests that go on meanwhile are answered', async () => {
  let done = false;
  const asking = (async () => {
    let count = 0;
    for (; !done || count < 20; count++)
      assert.deepEqual([await webIdentity('old'), await session('old')], [200, 201]);
    return count;
  })();
  for (let i = 0; i < 10; i++)
    await reload(/have been read again/);
  done = true;
  assert.ok(await asking >= 20);
});

test('all of it came over one connection', () => {
  assert.equal(sockets.size, 1);
});
