// Policies of tables and streams: which there may be, and what they let their principals do.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { CreateTableCommand, DeleteResourcePolicyCommand, DescribeTableCommand, GetItemCommand, GetResourcePolicyCommand,
  PutItemCommand, PutResourcePolicyCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { DeleteAccessKeyCommand, DeleteRoleCommand, DeleteUserCommand, GetUserCommand, UpdateUserCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { clientFor, startServer, tableOf, temporaryFolder } from './harness.mjs';
import { arn, credentialsOf, dynamodbFor, iamFor, makeRole, makeUser, policy, startLocked, stsFor } from './locked.mjs';

const ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/shared';
const Key = { pk: { S: 'a' } };
const TableName = 'shared';
const statement = (more) => ({ Effect: 'Allow', Principal: { AWS: arn('user/guest') }, Action: 'dynamodb:GetItem', Resource: ARN, ...more });
const document = (...statements) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

let server;
let root;
let guest;
let guestKeys;
before(async () => {
  server = await startLocked();
  root = dynamodbFor(server, server.root);
  await root.send(new CreateTableCommand(tableOf(TableName, { StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' } })));
  await root.send(new PutItemCommand({ TableName, Item: { ...Key, v: { S: 'x' } } }));
  guestKeys = await makeUser(server, 'guest');
  guest = dynamodbFor(server, guestKeys);
});
after(async () => {
  const { code } = await server.stop();
  await rm(server.folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

const put = (Policy, more = {}) => root.send(new PutResourcePolicyCommand({ ResourceArn: ARN, Policy, ...more }));
const get = () => guest.send(new GetItemCommand({ TableName, Key }));
const denied = { name: 'AccessDeniedException' };

test('a policy lets its principal in, for what it says, until it is gone', async () => {
  await assert.rejects(get(), denied);
  await put(document(statement()));
  assert.equal((await get()).Item.v.S, 'x');
  await assert.rejects(guest.send(new ScanCommand({ TableName })), denied);
  await root.send(new DeleteResourcePolicyCommand({ ResourceArn: ARN }));
  await assert.rejects(get(), denied);
});

test('indexes are asked about by their own ARN', async () => {
  await root.send(new CreateTableCommand(tableOf('indexed', {
    GlobalSecondaryIndexes: [{ IndexName: 'byg', KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
    ResourcePolicy: document(statement({ Action: 'dynamodb:Query', Resource: 'arn:aws:dynamodb:us-east-1:000000000000:table/indexed/index/byg' })),
  })));
  const query = (IndexName) => guest.send(new QueryCommand({ TableName: 'indexed', IndexName, KeyConditionExpression: 'pk = :p',
    ExpressionAttributeValues: { ':p': { S: 'a' } } }));
  assert.equal((await query('byg')).Count, 0);
  await assert.rejects(query(undefined), denied);
});

test('conditions hold: only their own items', async () => {
  await put(document(statement({ Condition: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['${aws:username}', 'a'] } } })));
  assert.equal((await get()).Item.v.S, 'x');
  await assert.rejects(guest.send(new GetItemCommand({ TableName, Key: { pk: { S: 'b' } } })), denied);
  assert.equal((await guest.send(new GetItemCommand({ TableName, Key: { pk: { S: 'guest' } } }))).Item, undefined);
});

test('a Deny holds back root as well, but cannot lock it out unasked', async () => {
  const deny = (Action) => document(statement({ Effect: 'Deny', Principal: '*', Action }));
  await put(deny('dynamodb:GetItem'));
  await assert.rejects(root.send(new GetItemCommand({ TableName, Key })), { ...denied, message: /explicit deny in a resource-based policy/ });
  const words = 'The new resource policy will not allow you to update the resource policy in the future.';
  await assert.rejects(put(deny('dynamodb:PutResourcePolicy')), { ...denied, message: words });
  await put(document(statement()));
});

test('streams have a policy of their own', async () => {
  const { Table } = await root.send(new DescribeTableCommand({ TableName }));
  const streams = clientFor(server, { credentials: guestKeys }, DynamoDBStreamsClient);
  const describe = () => streams.send(new DescribeStreamCommand({ StreamArn: Table.LatestStreamArn }));
  await assert.rejects(describe(), denied);
  await root.send(new PutResourcePolicyCommand({ ResourceArn: Table.LatestStreamArn,
    Policy: document(statement({ Action: 'dynamodb:DescribeStream', Resource: Table.LatestStreamArn })) }));
  assert.equal((await describe()).StreamDescription.TableName, TableName);
});

/** What the policy of the table names, as it is shown. */
const named = async () => {
  const { Policy } = await root.send(new GetResourcePolicyCommand({ ResourceArn: ARN }));
  return JSON.parse(Policy).Statement.map(({ Principal, NotPrincipal }) => (Principal ?? NotPrincipal).AWS);
};

test('a policy means the user it named, not who bears the name later', async () => {
  const iam = iamFor(server);
  const read = (keys) => dynamodbFor(server, keys).send(new GetItemCommand({ TableName, Key }));
  const first = await makeUser(server, 'carol');
  const { User } = await iam.send(new GetUserCommand({ UserName: 'carol' }));
  await put(document(statement({ Principal: { AWS: [arn('user/guest'), arn('user/carol')] } })));
  assert.deepEqual(await named(), [[arn('user/guest'), arn('user/carol')]]);
  assert.equal((await read(first)).Item.v.S, 'x');

  await iam.send(new UpdateUserCommand({ UserName: 'carol', NewUserName: 'caroline', NewPath: '/staff/' }));
  assert.deepEqual(await named(), [[arn('user/guest'), arn('user/staff/caroline')]]);
  assert.equal((await read(first)).Item.v.S, 'x');
  await iam.send(new UpdateUserCommand({ UserName: 'caroline', NewUserName: 'carol', NewPath: '/' }));

  await iam.send(new DeleteAccessKeyCommand({ UserName: 'carol', AccessKeyId: first.accessKeyId }));
  await iam.send(new DeleteUserCommand({ UserName: 'carol' }));
  const second = await makeUser(server, 'carol');
  assert.deepEqual(await named(), [[arn('user/guest'), User.UserId]]);
  await assert.rejects(read(second), denied);

  const { RevisionId } = await root.send(new GetResourcePolicyCommand({ ResourceArn: ARN }));
  const again = await put(document(statement({ Principal: { AWS: [arn('user/guest'), arn('user/carol')] } })));
  assert.notEqual(again.RevisionId, RevisionId);
  assert.equal((await read(second)).Item.v.S, 'x');
});

test('the same of a role, and of who is spared', async () => {
  const trust = document({ Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'sts:AssumeRole' });
  const readAs = async (RoleName) => {
    await makeRole(server, RoleName, trust);
    const sts = stsFor(server, await makeUser(server, `${RoleName}-user`, { document: policy({ Action: 'sts:AssumeRole', Resource: '*' }) }));
    const assume = () => sts.send(new AssumeRoleCommand({ RoleArn: arn(`role/${RoleName}`), RoleSessionName: 'session' }));
    return async () => dynamodbFor(server, credentialsOf((await assume()).Credentials)).send(new GetItemCommand({ TableName, Key }));
  };
  const read = await readAs('reader');
  await put(document(statement({ Principal: { AWS: arn('role/reader') } })));
  assert.equal((await read()).Item.v.S, 'x');
  await iamFor(server).send(new DeleteRoleCommand({ RoleName: 'reader' }));
  assert.match((await named())[0], /^AROA/);
  await makeRole(server, 'reader', trust);
  await assert.rejects(read(), denied);

  const keys = await makeUser(server, 'spared', { document: policy({ Action: 'dynamodb:GetItem', Resource: '*' }) });
  const spared = () => dynamodbFor(server, keys).send(new GetItemCommand({ TableName, Key }));
  const rest = { Principal: undefined, Effect: 'Deny' };
  await put(document(statement({ ...rest, NotPrincipal: { AWS: [arn('user/spared'), arn('role/reader'), arn('root')] } })));
  assert.deepEqual(await named(), [[arn('user/spared'), arn('role/reader'), arn('root')]]);
  assert.equal((await spared()).Item.v.S, 'x');
});

test('whom it names must be there, with --auth', async () => {
  const words = 'One or more parameter values were invalid: Invalid principal in policy document.';
  for (const who of ['user/nobody', 'role/nobody'])
    await assert.rejects(put(document(statement({ Principal: { AWS: arn(who) } }))), { name: 'ValidationException', message: words }, who);
  await put(document(statement()));
});

test('a policy that was kept with ARNs holds for who bears them', async () => {
  const folder = await temporaryFolder();
  const open = await startServer(['--data', path.join(folder, 'data')]);
  await clientFor(open).send(new CreateTableCommand(tableOf(TableName, { ResourcePolicy: document(statement({ Principal: { AWS: arn('user/later') } })) })));
  assert.equal((await open.stop()).code, 0, open.output());
  const locked = await startLocked({ folder });
  const later = dynamodbFor(locked, await makeUser(locked, 'later'));
  assert.equal((await later.send(new GetItemCommand({ TableName, Key }))).Item, undefined);
  const { Policy } = await dynamodbFor(locked, locked.root).send(new GetResourcePolicyCommand({ ResourceArn: ARN }));
  assert.equal(JSON.parse(Policy).Statement[0].Principal.AWS, arn('user/later'));
  assert.equal((await locked.stop()).code, 0, locked.output());
  await rm(folder, { recursive: true, force: true });
});

test('what is no policy for a table is refused and changes nothing', async () => {
  const { Policy } = await root.send(new GetResourcePolicyCommand({ ResourceArn: ARN }));
  const prefix = 'One or more parameter values were invalid: Invalid policy document: ';
  const bad = [
    ['{"Version":', 'This policy contains invalid Json'],
    [document(), 'Could not parse the policy: Statement is empty!'],
    [document({ Effect: 'Allow', Principal: '*', Action: 'dynamodb:GetItem' }), 'Missing required field Resource'],
    [document(statement({ Action: ['dynamodb:GetItem', 'dynamodb:GetRecords', 'dynamodb:Nonsense'] })),
      'The following action names are invalid: "dynamodb:GetRecords", "dynamodb:Nonsense"'],
    [document(statement({ Sid: 'a' }), statement({ Sid: 'a' })), 'The Statement Ids in the policy are not unique'],
  ];
  for (const [text, words] of bad)
    await assert.rejects(put(text), { name: 'ValidationException', message: prefix + words }, words);
  assert.equal((await root.send(new GetResourcePolicyCommand({ ResourceArn: ARN }))).Policy, Policy);
});
