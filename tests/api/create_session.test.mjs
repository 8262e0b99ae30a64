// IAM Roles Anywhere: requests signed with the key of a certificate, as the service's credential helper signs them.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { AUTHORITY, END_ENTITY, createSession as signedCreateSession, makeCertificate } from './anywhere.mjs';
import { temporaryFolder } from './harness.mjs';
import { refused } from './items.mjs';
import { ACCOUNT, arn, dynamodbFor, makeRole, policy, startLocked, stsFor } from './locked.mjs';

const ANCHOR = `arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:trust-anchor/11111111-1111-4111-8111-111111111111`;
const PROFILE = `arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:profile/22222222-2222-4222-8222-222222222222`;
const NARROW = `${PROFILE}-narrow`;
const OFF = `${PROFILE}-off`;
const ACTIONS = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];

let server;
let folder;
const certificates = {};

async function make(name, ...about) {
  certificates[name] = await makeCertificate(folder, name, ...about);
}

before(async () => {
  folder = await temporaryFolder();
  await make('ca', '/CN=Test Authority', AUTHORITY);
  await make('alice', '/CN=alice/O=Org', END_ENTITY, { issuer: 'ca', algorithm: 'EC' });
  await make('bob', '/CN=bob/O=Org', END_ENTITY, { issuer: 'ca' });
  await make('stranger_ca', '/CN=Test Authority', AUTHORITY);
  await make('stranger', '/CN=alice/O=Org', END_ENTITY, { issuer: 'stranger_ca' });
  const roleArns = ['workload', 'missing', 'untagged'].map((name) => arn(`role/${name}`));
  const config = {
    trustAnchors: [{ name: 'test', trustAnchorArn: ANCHOR, certificates: 'ca.pem' }],
    profiles: [
      { profileArn: PROFILE, roleArns, durationSeconds: 1800, acceptRoleSessionName: true },
      { profileArn: NARROW, roleArns, sessionPolicy: JSON.parse(policy({ Action: 'dynamodb:Scan', Resource: '*' })) },
      { profileArn: OFF, roleArns, enabled: false },
    ],
  };
  const file = path.join(folder, 'anywhere.json');
  await writeFile(file, JSON.stringify(config));
  server = await startLocked({ folder, args: ['--roles-anywhere', file] });
  const Principal = { Service: 'rolesanywhere.amazonaws.com' };
  const document = policy({ Action: 'dynamodb:ListTables', Resource: '*', Condition: { StringEquals: { 'aws:PrincipalTag/x509Subject/O': 'Org' } } });
  await makeRole(server, 'workload', policy({ Action: ACTIONS, Principal, Condition: {
    StringEquals: { 'aws:PrincipalTag/x509Subject/CN': 'alice' }, ArnEquals: { 'aws:SourceArn': ANCHOR } } }), document);
  await makeRole(server, 'untagged', policy({ Action: 'sts:AssumeRole', Principal }), document);
  await makeRole(server, 'elsewhere', policy({ Action: ACTIONS, Principal }), document);
});
after(async () => {
  const { code } = await server.stop();
  await rm(folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

/** As createSession of anywhere.mjs, for the role that most tests are about. */
function createSession(name, { query = {}, ...more } = {}) {
  const all = { profileArn: PROFILE, roleArn: arn('role/workload'), trustAnchorArn: ANCHOR, ...query };
  return signedCreateSession(server, certificates[name], { query: all, ...more });
}

const keysOf = ({ accessKeyId, secretAccessKey, sessionToken }) => ({ accessKeyId, secretAccessKey, sessionToken });

async function denied(answer, status, type, message) {
  const { status: is, headers, json, body } = await answer;
  assert.equal(is, status, body.toString());
  assert.equal(headers['x-amzn-errortype'], type);
  assert.equal(headers['content-type'], 'application/json');
  if (message instanceof RegExp)
    assert.match(json.message, message);
  else
    assert.equal(json.message, message);
}

test('a certificate becomes a session of the role', async () => {
  const { status, json, headers, body } = await createSession('alice', { body: { durationSeconds: 900 } });
  assert.equal(status, 201, body.toString());
  assert.match(headers['x-amzn-requestid'], /^[0-9a-f-]{36}$/);
  assert.match(json.subjectArn, new RegExp(`^arn:aws:rolesanywhere:us-east-1:${ACCOUNT}:subject/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`));
  const [{ assumedRoleUser, credentials, packedPolicySize, roleArn, sourceIdentity }] = json.credentialSet;
  const session = certificates.alice.x509.serialNumber.toLowerCase();
  assert.equal(assumedRoleUser.arn, `arn:aws:sts::${ACCOUNT}:assumed-role/workload/${session}`);
  assert.match(assumedRoleUser.assumedRoleId, new RegExp(`^AROA[A-Z2-7]{17}:${session}$`));
  assert.equal(roleArn, arn('role/workload'));
  assert.equal(sourceIdentity, 'CN=alice');
  assert.ok(packedPolicySize > 0);
  assert.ok(Math.abs(Date.parse(credentials.expiration) - Date.now() - 900_000) < 120_000);
  const keys = keysOf(credentials);
  const { Arn } = await stsFor(server, keys).send(new GetCallerIdentityCommand({}));
  assert.equal(Arn, assumedRoleUser.arn);
  await dynamodbFor(server, keys).send(new ListTablesCommand({}));
  await refused(assert, dynamodbFor(server, keys).send(new ScanCommand({ TableName: 'any' })), 'AccessDeniedException');
});

test('all parameters may stand in the body, and the session can be named', async () => {
  const { status, json, body } = await createSession('alice', {
    query: { profileArn: undefined, roleArn: undefined, trustAnchorArn: undefined },
    body: { profileArn: PROFILE, roleArn: arn('role/workload'), trustAnchorArn: ANCHOR, roleSessionName: 'me', instanceProperties: {}, sessionName: null },
  });
  assert.equal(status, 201, body.toString());
  assert.equal(json.credentialSet[0].assumedRoleUser.arn, `arn:aws:sts::${ACCOUNT}:assumed-role/workload/me`);
  const left = Date.parse(json.credentialSet[0].credentials.expiration) - Date.now();
  assert.ok(Math.abs(left - 1800_000) < 120_000); // the profile's
});

test('a profile narrows its sessions, and need not take names for them', async () => {
  const query = { profileArn: NARROW };
  const { json } = await createSession('alice', { query });
  await refused(assert, dynamodbFor(server, keysOf(json.credentialSet[0].credentials)).send(new ListTablesCommand({})),
    'AccessDeniedException', /because no session policy allows/);
  await denied(createSession('alice', { query, body: { roleSessionName: 'me' } }), 403, 'AccessDeniedException', 'The profile does not accept role session names');
});

test('who is not trusted', async () => {
  const unable = (name) => `Unable to assume role for ${arn(`role/${name}`)}`;
  await denied(createSession('bob'), 403, 'AccessDeniedException', unable('workload'));
  for (const name of ['missing', 'untagged', 'elsewhere']) // not there; may not be tagged; not of the profile
    await denied(createSession('alice', { query: { roleArn: arn(`role/${name}`) } }), 403, 'AccessDeniedException', unable(name));
  await denied(createSession('stranger'), 403, 'AccessDeniedException', 'Untrusted signing certificate');
  await denied(createSession('ca'), 403, 'AccessDeniedException', 'Untrusted certificate. Insufficient certificate');
  await denied(createSession('alice', { query: { profileArn: OFF } }), 403, 'AccessDeniedException', 'Profile is disabled');
  const forged = (headers) => ({ ...headers, 'x-amz-x509': certificates.bob.x509.raw.toString('base64') });
  await denied(createSession('alice', { tamper: forged }), 403, 'AccessDeniedException', /./);
  await denied(createSession('alice', { tamper: ({ authorization, ...rest }) => rest }), 403, 'AccessDeniedException', /./);
});

test('parameters that are wrong', async () => {
  const invalid = (name, constraint) => `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must ${constraint}`;
  await denied(createSession('alice', { query: { roleArn: undefined } }), 400, 'ValidationException', invalid('roleArn', 'not be null'));
  for (const durationSeconds of [899, 43201, 0.5, -900])
    await denied(createSession('alice', { body: { durationSeconds } }), 400, 'ValidationException', invalid('durationSeconds', 'have value between 900 and 43200'));
  await denied(createSession('alice', { body: [] }), 400, 'ValidationException', 'The request body is no JSON object');
  await denied(createSession('alice', { body: { roleSessionName: 'a b' } }), 400, 'ValidationException', /roleSessionName/);
  await denied(createSession('alice', { query: { trustAnchorArn: `${ANCHOR}0` } }), 404, 'ResourceNotFoundException', `Trust anchor ${ANCHOR}0 not found`);
  await denied(createSession('alice', { query: { profileArn: `${PROFILE}0` } }), 404, 'ResourceNotFoundException', `Profile ${PROFILE}0 not found`);
});
