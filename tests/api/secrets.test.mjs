// What is left of secrets in the server's memory once they have been told, and who may look there.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CreateAccessKeyCommand, CreateUserCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand } from '@aws-sdk/client-sts';
import { AUTHORITY, createSession, END_ENTITY, makeCertificate } from './anywhere.mjs';
import { temporaryFolder } from './harness.mjs';
import { ACCOUNT, arn, iamFor, makeRole, makeUser, policy, startLocked, stsFor } from './locked.mjs';

const ANCHOR = `arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:trust-anchor/11111111-1111-4111-8111-111111111111`;
const PROFILE = `arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:profile/22222222-2222-4222-8222-222222222222`;

const MAP_BYTES_MAX = 1n << 30n; // what is larger is the bookkeeping of a sanitizer

/** How often the text stands in memory that the process can write to. */
function occurrences({ process: { pid } }, text) {
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  let count = 0;
  for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
    const [, begin, end] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? [];
    if (begin === undefined || BigInt(`0x${end}`) - BigInt(`0x${begin}`) > MAP_BYTES_MAX)
      continue;
    const chunk = Buffer.alloc(4 * 1024 * 1024);
    const overlap = Buffer.byteLength(text) - 1;
    for (let at = BigInt(`0x${begin}`); at < BigInt(`0x${end}`); at += BigInt(chunk.length - overlap)) {
      const left = Number(BigInt(`0x${end}`) - at);
      let size = 0;
      try {
        size = readSync(memory, chunk, 0, Math.min(left, chunk.length), at);
      } catch {
        break; // a guard page: nothing is there
      }
      const seen = chunk.subarray(0, size);
      for (let found = seen.indexOf(text); found >= 0; found = seen.indexOf(text, found + 1))
        count += 1;
    }
  }
  closeSync(memory);
  return count;
}

let locked;
let builder;
let mayLook; // at the memory of a process that hides it: root alone may
before(async () => {
  const folder = await temporaryFolder();
  await makeCertificate(folder, 'ca', '/CN=Authority', AUTHORITY);
  builder = await makeCertificate(folder, 'builder', '/CN=builder', END_ENTITY, { issuer: 'ca' });
  const anywhere = path.join(folder, 'anywhere.json');
  await writeFile(anywhere, JSON.stringify({
    trustAnchors: [{ trustAnchorArn: ANCHOR, certificates: 'ca.pem' }],
    profiles: [{ profileArn: PROFILE, roleArns: [arn('role/workload')] }],
  }));
  locked = await startLocked({ folder, args: ['--roles-anywhere', anywhere, '--threads', '1'] });
  try {
    closeSync(openSync(`/proc/${locked.process.pid}/mem`, 'r'));
    mayLook = true;
  } catch {
    mayLook = false;
  }
});
after(async () => {
  const { code } = await locked.stop();
  await rm(locked.folder, { recursive: true, force: true });
  assert.equal(code, 0, locked.output());
});

const look = (t) => (mayLook ? false : (t.skip('only root may look into the memory of the server'), true));

test('a server with --auth leaves no core dump and lets nobody but root look into it', async () => {
  const limits = await readFile(`/proc/${locked.process.pid}/limits`, 'utf8');
  assert.match(limits, /Max core file size +0 +0 +bytes/);
  if (process.getuid() !== 0)
    assert.equal(mayLook, false);
});

test('what is looked for is found: the key file has a name', (t) => {
  if (!look(t))
    assert.ok(occurrences(locked, 'data.key') > 0);
});

test('of a new root key nothing is left when it has been shown', (t) => {
  if (!look(t))
    assert.equal(occurrences(locked, locked.root.secretAccessKey), 0);
});

test('of new access keys nothing is left when they have been told', async (t) => {
  if (look(t))
    return;
  const iam = iamFor(locked);
  await iam.send(new CreateUserCommand({ UserName: 'fresh' }));
  for (let i = 0; i < 2; i++) {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'fresh' }));
    assert.equal(AccessKey.SecretAccessKey.length, 40);
    assert.equal(occurrences(locked, AccessKey.SecretAccessKey), 0);
  }
});

test('of temporary credentials nothing is left when they have been told', async (t) => {
  if (look(t))
    return;
  const credentials = await makeUser(locked, 'caller', { document: policy({ Action: '*', Resource: '*' }) });
  const trusted = await makeRole(locked, 'trusted', JSON.stringify({
    Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: arn('root') } }],
  }));
  const sts = stsFor(locked, credentials);
  // The longest that there are: such answers are long enough to be compressed.
  const Policy = policy({ Action: 'dynamodb:GetItem', Resource: `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${'x'.repeat(1800)}` });
  const commands = [
    new GetSessionTokenCommand({}),
    new GetFederationTokenCommand({ Name: 'guest', Policy }),
    new AssumeRoleCommand({ RoleArn: trusted, RoleSessionName: 'session', Policy }),
  ];
  for (const command of commands) {
    const { Credentials } = await sts.send(command);
    assert.equal(occurrences(locked, Credentials.SecretAccessKey), 0, command.constructor.name);
  }
});

test('of a session for a certificate nothing is left when it has been told', async (t) => {
  if (look(t))
    return;
  const role = await makeRole(locked, 'workload', JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
      Principal: { Service: 'rolesanywhere.amazonaws.com' } }],
  }));
  const { status, json } = await createSession(locked, builder,
    { query: { profileArn: PROFILE, roleArn: role, trustAnchorArn: ANCHOR } });
  assert.equal(status, 201);
  assert.equal(occurrences(locked, json.credentialSet[0].credentials.secretAccessKey), 0);
});
