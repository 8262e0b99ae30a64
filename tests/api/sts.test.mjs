// STS through the SDK and as raw forms, in development mode and with --auth.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { after, before, test } from 'node:test';
import { CreateTableCommand, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { CreateOpenIDConnectProviderCommand, DeleteRoleCommand, DeleteRolePolicyCommand, ListUsersCommand,
  PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, GetCallerIdentityCommand, GetFederationTokenCommand,
  GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { clientFor, rawRequest, sharedServer, tableOf, temporaryFolder } from './harness.mjs';
import { refused } from './items.mjs';
import { ACCOUNT, arn, credentialsOf, dynamodbFor, iamFor, makeRole, makeUser, policy, startLocked, stsFor } from './locked.mjs';

const KEYS = { kid: 'k1', ...crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }) };
const ISSUER = 'https://idp.example.com';
const PROVIDER = arn('oidc-provider/idp.example.com');

const base64url = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
function idToken(claims) {
  const now = Math.floor(Date.now() / 1000);
  const text = `${base64url({ alg: 'RS256', kid: KEYS.kid })}.${base64url({ iss: ISSUER, aud: 'app', sub: 'ci', iat: now, exp: now + 600, ...claims })}`;
  return `${text}.${crypto.sign('sha256', Buffer.from(text), KEYS.privateKey).toString('base64url')}`;
}

let open; // development mode
let locked;
const secrets = []; // that were given out and must not be seen again
const optionsIn = (folder) => ['--oidc-keys', path.join(folder, 'oidc.json'), '--audit-log', path.join(folder, 'audit.jsonl')];
before(async () => {
  const folder = await temporaryFolder();
  const keys = path.join(folder, 'oidc.json');
  await writeFile(keys, JSON.stringify({ [ISSUER]: { keys: [{ ...KEYS.publicKey.export({ format: 'jwk' }), kid: KEYS.kid }] } }));
  open = await sharedServer();
  locked = await startLocked({ folder, args: optionsIn(folder) });
});
after(async () => {
  const { code } = await locked.stop();
  await rm(locked.folder, { recursive: true, force: true });
  assert.equal(code, 0, locked.output());
});

const form = (server, parameters, headers = {}) => rawRequest(server, {
  headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8', ...headers },
  body: new URLSearchParams(parameters).toString(),
});

/** Signature Version 2 as aws2js sends it: in the form, over the sorted parameters. */
function signV2({ accessKeyId, secretAccessKey, sessionToken }, host, parameters) {
  const all = {
    ...parameters,
    AWSAccessKeyId: accessKeyId,
    SignatureMethod: 'HmacSHA256',
    SignatureVersion: '2',
    Timestamp: new Date().toISOString(),
    ...(sessionToken === undefined ? {} : { SecurityToken: sessionToken }),
  };
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = Object.keys(all).sort().map((name) => `${encode(name)}=${encode(all[name])}`).join('&');
  const Signature = crypto.createHmac('sha256', secretAccessKey).update(`POST\n${host}\n/\n${query}`).digest('base64');
  return { ...all, Signature };
}
const sendV2 = (server, credentials, parameters) =>
  form(server, signV2(credentials, `127.0.0.1:${server.port}`, { Version: '2011-06-15', ...parameters }));
const element = (answer, name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body.toString())?.[1];

test('development mode: everybody is the account, and every role can be assumed', async () => {
  const sts = clientFor(open, {}, STSClient);
  const { Account, Arn, UserId } = await sts.send(new GetCallerIdentityCommand({}));
  assert.deepEqual({ Account, Arn, UserId }, { Account: ACCOUNT, Arn: arn('root'), UserId: ACCOUNT });
  const { AssumedRoleUser, Credentials, PackedPolicySize } = await sts.send(new AssumeRoleCommand(
    { RoleArn: arn('role/team/demo'), RoleSessionName: 'integration-session', ExternalId: 'external' }));
  assert.equal(AssumedRoleUser.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/demo/integration-session`);
  assert.match(AssumedRoleUser.AssumedRoleId, /^AROA[A-Z2-7]{17}:integration-session$/);
  assert.equal(PackedPolicySize, undefined);
  assert.match(Credentials.AccessKeyId, /^ASIA[A-Z2-7]{16}$/);
  assert.ok(Math.abs(Credentials.Expiration - Date.now() - 3600_000) < 600_000);
  await dynamodbFor(open, credentialsOf(Credentials)).send(new ListTablesCommand({}));
});

test('development mode: Signature Version 2 in form', async () => {
  const answer = await sendV2(open, { accessKeyId: 'any', secretAccessKey: 'any' }, { Action: 'GetSessionToken' });
  assert.equal(answer.status, 200, answer.body.toString());
  assert.match(element(answer, 'SessionToken'), /^[A-Za-z0-9+/]+=*$/);
});

test('answers are XML with a UUID as request id', async () => {
  const answer = await form(open, { Action: 'Nothing', Version: '2011-06-15' }, { Origin: 'https://console.example.com' });
  assert.equal(answer.status, 400);
  assert.equal(answer.headers['content-type'], 'text/xml');
  const id = answer.headers['x-amzn-requestid'];
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(answer.headers['x-amz-crc32'], undefined);
  assert.equal(answer.headers['access-control-allow-origin'], '*');
  assert.equal(answer.body.toString(), '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
    '<Code>InvalidAction</Code><Message>Could not find operation Nothing for version 2011-06-15</Message></Error>' +
    `<RequestId>${id}</RequestId></ErrorResponse>`);
  for (const [parameters, message, namespace] of [
    [{ Action: 'GetUser' }, 'GetUser for version NO_VERSION_SPECIFIED', 'sts'],
    [{ Action: 'GetUser', Version: '2011-06-15' }, 'GetUser for version 2011-06-15', 'sts'],
    [{ Action: 'Nothing', Version: '2010-05-08' }, 'Nothing for version 2010-05-08', 'iam'],
    [{}, ' for version NO_VERSION_SPECIFIED', 'sts'],
  ]) {
    const { body } = await form(open, parameters);
    assert.match(body.toString(), new RegExp(`xmlns="https://${namespace}\\.`));
    assert.ok(body.toString().includes(`Could not find operation ${message}<`), body.toString());
  }
});

test('nobody gets in without a valid signature', async () => {
  const { status, body } = await form(locked, { Action: 'GetCallerIdentity', Version: '2011-06-15' });
  assert.equal(status, 403);
  assert.match(body.toString(), /<Code>MissingAuthenticationToken<\/Code>/);
  const wrong = { ...locked.root, secretAccessKey: 'wrong' };
  await refused(assert, stsFor(locked, wrong).send(new GetCallerIdentityCommand({})), 'SignatureDoesNotMatch');
  await refused(assert, stsFor(locked, { accessKeyId: 'AKIA2222222222222222', secretAccessKey: 'x' })
    .send(new GetCallerIdentityCommand({})), 'InvalidClientTokenId', 'The security token included in the request is invalid.');
  const other = await sendV2(locked, wrong, { Action: 'GetCallerIdentity' });
  assert.equal(other.status, 403);
  assert.equal(element(other, 'Code'), 'SignatureDoesNotMatch');
});

test('Signature Version 2 with a key and with a session', async () => {
  const answer = await sendV2(locked, locked.root, { Action: 'GetSessionToken', DurationSeconds: '900' });
  assert.equal(answer.status, 200, answer.body.toString());
  const session = { accessKeyId: element(answer, 'AccessKeyId'), secretAccessKey: element(answer, 'SecretAccessKey'), sessionToken: element(answer, 'SessionToken') };
  const who = await sendV2(locked, session, { Action: 'GetCallerIdentity' });
  assert.equal(element(who, 'Arn'), arn('root'), who.body.toString());
});

test('a role with an external id, as its guide has it', async () => {
  const user = await makeUser(locked, 'prismatic');
  const RoleArn = await makeRole(locked, 'connector',
    policy({ Action: 'sts:AssumeRole', Principal: { AWS: arn('user/prismatic') }, Condition: { StringEquals: { 'sts:ExternalId': '42' } } }),
    policy({ Action: ['dynamodb:Scan', 'dynamodb:CreateTable'], Resource: `arn:aws:dynamodb:*:${ACCOUNT}:table/mine` }));
  const sts = stsFor(locked, user);
  const denied = `User: ${arn('user/prismatic')} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`;
  const parameters = { RoleArn, RoleSessionName: 'integration-session' };
  for (const ExternalId of [undefined, '43'])
    await refused(assert, sts.send(new AssumeRoleCommand({ ...parameters, ExternalId })), 'AccessDenied', denied);
  const { Credentials } = await sts.send(new AssumeRoleCommand({ ...parameters, ExternalId: '42' }));
  const session = dynamodbFor(locked, credentialsOf(Credentials));
  await session.send(new CreateTableCommand(tableOf('mine')));
  assert.deepEqual((await session.send(new ScanCommand({ TableName: 'mine' }))).Items, []);
  await refused(assert, session.send(new ScanCommand({ TableName: 'other' })), 'AccessDeniedException');
  await refused(assert, session.send(new ListTablesCommand({})), 'AccessDeniedException');
  const narrow = await sts.send(new AssumeRoleCommand({ ...parameters, ExternalId: '42',
    Policy: policy({ Action: 'dynamodb:CreateTable', Resource: '*' }) }));
  await refused(assert, dynamodbFor(locked, credentialsOf(narrow.Credentials)).send(new ScanCommand({ TableName: 'mine' })),
    'AccessDeniedException', /because no session policy allows the dynamodb:Scan action$/);
});

test('sessions survive a restart and end with their role', async () => {
  const user = await makeUser(locked, 'keeper', { document: policy({ Action: 'sts:AssumeRole', Resource: '*' }) });
  const trust = policy({ Action: 'sts:AssumeRole', Principal: { AWS: arn('root') } });
  const document = policy({ Action: 'dynamodb:ListTables', Resource: '*' });
  const RoleArn = await makeRole(locked, 'keeper', trust, document);
  const assume = async () => credentialsOf((await stsFor(locked, user).send(new AssumeRoleCommand(
    { RoleArn, RoleSessionName: 'long-lived' }))).Credentials);
  const credentials = await assume();
  secrets.push(locked.root.secretAccessKey, user.secretAccessKey, credentials.secretAccessKey, credentials.sessionToken);
  assert.equal((await locked.stop()).code, 0);
  locked = await startLocked({ folder: locked.folder, root: locked.root, args: optionsIn(locked.folder) });
  const list = (who) => dynamodbFor(locked, who).send(new ListTablesCommand({}));
  await list(credentials);
  // the way AWS revokes: deny what was issued before now
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*',
    Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date(Date.now() + 1000).toISOString() } } }] });
  const revoke = { RoleName: 'keeper', PolicyName: 'AWSRevokeOlderSessions' };
  await iamFor(locked).send(new PutRolePolicyCommand({ ...revoke, PolicyDocument }));
  await refused(assert, list(credentials), 'AccessDeniedException', /with an explicit deny in an identity-based policy/);
  await iamFor(locked).send(new DeleteRolePolicyCommand(revoke));
  await list(credentials);
  await iamFor(locked).send(new DeleteRolePolicyCommand({ RoleName: 'keeper', PolicyName: 'inline' }));
  await refused(assert, list(credentials), 'AccessDeniedException');
  await iamFor(locked).send(new DeleteRoleCommand({ RoleName: 'keeper' }));
  await makeRole(locked, 'keeper', trust, document);
  await refused(assert, list(credentials), 'UnrecognizedClientException');
  await list(await assume());
});

test('what temporary credentials may not do', async () => {
  const user = await makeUser(locked, 'temporary', { document: policy({ Action: '*', Resource: '*' }) });
  const sts = stsFor(locked, user);
  const session = credentialsOf((await sts.send(new GetSessionTokenCommand({}))).Credentials);
  const guest = credentialsOf((await sts.send(new GetFederationTokenCommand({ Name: 'guest',
    Policy: policy({ Action: 'dynamodb:ListTables', Resource: '*' }) }))).Credentials);
  for (const one of [session, guest]) {
    await dynamodbFor(locked, one).send(new ListTablesCommand({}));
    await refused(assert, iamFor(locked, one).send(new ListUsersCommand({})), 'InvalidClientTokenId');
    await refused(assert, stsFor(locked, one).send(new GetSessionTokenCommand({})), 'AccessDenied',
      'Cannot call GetSessionToken with session credentials');
  }
  await refused(assert, dynamodbFor(locked, guest).send(new ScanCommand({ TableName: 'mine' })), 'AccessDeniedException');
  const { Arn } = await stsFor(locked, guest).send(new GetCallerIdentityCommand({}));
  assert.equal(Arn, `arn:aws:sts::${ACCOUNT}:federated-user/guest`);
  await refused(assert, dynamodbFor(locked, { ...session, sessionToken: undefined }).send(new ListTablesCommand({})), 'UnrecognizedClientException');
  await refused(assert, dynamodbFor(locked, { ...session, sessionToken: guest.sessionToken }).send(new ListTablesCommand({})), 'UnrecognizedClientException');
});

test('a token of an OpenID Connect issuer takes the place of a signature', async () => {
  await iamFor(locked).send(new CreateOpenIDConnectProviderCommand({ Url: ISSUER, ClientIDList: ['app'], ThumbprintList: ['0'.repeat(40)] }));
  const RoleArn = await makeRole(locked, 'ci', policy({ Action: 'sts:AssumeRoleWithWebIdentity', Principal: { Federated: PROVIDER },
    Condition: { StringEquals: { 'idp.example.com:aud': 'app' }, StringLike: { 'idp.example.com:sub': 'ci*' } } }),
  policy({ Action: 'dynamodb:ListTables', Resource: '*' }));
  // without credentials of its own the SDK does not sign
  const sts = stsFor(locked, { accessKeyId: 'none', secretAccessKey: 'none' });
  const assume = (claims) => sts.send(new AssumeRoleWithWebIdentityCommand({ RoleArn, RoleSessionName: 'build-1', WebIdentityToken: idToken(claims) }));
  const { Credentials, SubjectFromWebIdentityToken, Audience, Provider } = await assume({});
  assert.deepEqual({ SubjectFromWebIdentityToken, Audience, Provider }, { SubjectFromWebIdentityToken: 'ci', Audience: 'app', Provider: PROVIDER });
  await dynamodbFor(locked, credentialsOf(Credentials)).send(new ListTablesCommand({}));
  await refused(assert, assume({ sub: 'somebody' }), 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity');
  await refused(assert, assume({ aud: 'other' }), 'InvalidIdentityTokenException', 'Incorrect token audience');
  await refused(assert, assume({ exp: 1 }), 'ExpiredTokenException');
});

test('the audit log has who asked for what, and no secret', async () => {
  const text = await readFile(path.join(locked.folder, 'audit.jsonl'), 'utf8');
  const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line));
  const of = (action, verdict) => lines.filter((line) => line.action === action && line.verdict === verdict);
  const [allowed] = of('sts:AssumeRole', 'allowed');
  assert.equal(allowed.principal, arn('user/prismatic'));
  assert.equal(allowed.resource, arn('role/connector'));
  assert.match(allowed.requestId, /^[0-9a-f-]{36}$/);
  assert.equal(allowed.sourceIp, '127.0.0.1');
  assert.ok(of('sts:AssumeRole', 'refused').some(({ principal }) => principal === arn('user/prismatic')));
  assert.ok(of('sts:AssumeRoleWithWebIdentity', 'allowed').some(({ principal, resource }) => principal === undefined && resource === arn('role/ci')));
  assert.ok(of('sts:GetSessionToken', 'refused').length > 0);
  assert.ok(of('iam:CreateUser', 'allowed').every(({ principal }) => principal === arn('root')));
  assert.ok(lines.some(({ error, action }) => error === 'InvalidSignatureException' && action === undefined));
  assert.ok(secrets.length > 0);
  for (const secret of secrets) {
    assert.ok(!text.includes(secret));
    assert.ok(!locked.output().includes(secret));
  }
});
