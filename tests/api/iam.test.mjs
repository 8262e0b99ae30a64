// Identities through the real SDK, with signatures verified and policies asked: a server with --auth.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { DynamoDBClient, ListTablesCommand, CreateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  AddUserToGroupCommand, AttachGroupPolicyCommand, AttachRolePolicyCommand, AttachUserPolicyCommand,
  CreateAccessKeyCommand, CreateGroupCommand, CreatePolicyCommand, CreatePolicyVersionCommand, CreateRoleCommand,
  CreateUserCommand, DeleteAccessKeyCommand, DeleteUserCommand, DetachUserPolicyCommand, GetAccessKeyLastUsedCommand,
  GetAccountSummaryCommand, GetPolicyVersionCommand, GetRoleCommand, GetUserCommand, IAMClient, ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand, ListPoliciesCommand, ListUserTagsCommand, PutUserPolicyCommand,
  TagUserCommand, UpdateAccessKeyCommand, paginateListUsers,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { clientFor, startServer, temporaryFolder } from './harness.mjs';

const ACCOUNT = '000000000000';
const folder = await temporaryFolder();
const arguments_ = ['--auth', '--data', path.join(folder, 'data'), '--key-file', path.join(folder, 'key')];
let server;
let rootCredentials;

/** The root key is printed once, at the first start. */
function rootKeyIn(output) {
  const [, accessKeyId] = output.match(/AWS_ACCESS_KEY_ID=(AKIA[A-Z2-7]{16})$/m) ?? [];
  const [, secretAccessKey] = output.match(/AWS_SECRET_ACCESS_KEY=([A-Za-z0-9+/]{40})$/m) ?? [];
  return { accessKeyId, secretAccessKey };
}

before(async () => {
  server = await startServer(arguments_);
  rootCredentials = rootKeyIn(server.output());
  assert.ok(rootCredentials.secretAccessKey, server.output());
});
after(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

function iam(credentials = rootCredentials) {
  return clientFor(server, { credentials }, IAMClient);
}
function dynamodb(credentials) {
  return clientFor(server, { credentials }, DynamoDBClient);
}
async function userWithKey(UserName) {
  await iam().send(new CreateUserCommand({ UserName }));
  const { AccessKey } = await iam().send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
}
const allow = (...actions) => JSON.stringify({
  Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});

test('a user gets in with its key, and no further than its policies', async () => {
  const credentials = await userWithKey('ann');
  const denied = { name: 'AccessDeniedException', message: /is not authorized to perform: dynamodb:ListTables/ };
  await assert.rejects(dynamodb(credentials).send(new ListTablesCommand({})), denied);
  await iam().send(new PutUserPolicyCommand({
    UserName: 'ann', PolicyName: 'tables', PolicyDocument: allow('dynamodb:ListTables') }));
  assert.deepEqual((await dynamodb(credentials).send(new ListTablesCommand({}))).TableNames, []);
  await assert.rejects(iam(credentials).send(new GetUserCommand({})), { name: 'AccessDenied' });
  const used = await iam().send(new GetAccessKeyLastUsedCommand({ AccessKeyId: credentials.accessKeyId }));
  assert.equal(used.UserName, 'ann');
  assert.deepEqual([used.AccessKeyLastUsed.ServiceName, used.AccessKeyLastUsed.Region], ['iam', 'us-east-1']);
  assert.ok(Math.abs(used.AccessKeyLastUsed.LastUsedDate - Date.now()) < 3600_000);
});

test('a key that is inactive or deleted is nobody\'s', async () => {
  const credentials = await userWithKey('bob');
  const of = { UserName: 'bob', AccessKeyId: credentials.accessKeyId };
  const unknown = { name: 'UnrecognizedClientException' };
  await iam().send(new UpdateAccessKeyCommand({ ...of, Status: 'Inactive' }));
  await assert.rejects(dynamodb(credentials).send(new ListTablesCommand({})), unknown);
  await assert.rejects(iam(credentials).send(new GetUserCommand({})), { name: 'InvalidClientTokenId' });
  await iam().send(new UpdateAccessKeyCommand({ ...of, Status: 'Active' }));
  await assert.rejects(dynamodb(credentials).send(new ListTablesCommand({})), { name: 'AccessDeniedException' });
  const { AccessKeyMetadata } = await iam().send(new ListAccessKeysCommand({ UserName: 'bob' }));
  assert.deepEqual(AccessKeyMetadata.map((key) => [key.AccessKeyId, key.Status]),
    [[credentials.accessKeyId, 'Active']]);
  assert.ok(AccessKeyMetadata[0].CreateDate instanceof Date);
  await assert.rejects(iam().send(new DeleteUserCommand({ UserName: 'bob' })),
    { name: 'DeleteConflictException', message: 'Cannot delete entity, must delete access keys first.' });
  await iam().send(new DeleteAccessKeyCommand(of));
  await assert.rejects(dynamodb(credentials).send(new ListTablesCommand({})), unknown);
  await iam().send(new DeleteUserCommand({ UserName: 'bob' }));
  await assert.rejects(iam().send(new GetUserCommand({ UserName: 'bob' })),
    { name: 'NoSuchEntityException', message: 'The user with name bob cannot be found.' });
});

test('managed policies, of AWS and of the customer', async () => {
  const credentials = await userWithKey('carol');
  await iam().send(new AttachUserPolicyCommand({
    UserName: 'carol', PolicyArn: 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess' }));
  await dynamodb(credentials).send(new ListTablesCommand({}));
  const table = {
    TableName: 'carols', BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  };
  await assert.rejects(dynamodb(credentials).send(new CreateTableCommand(table)), { name: 'AccessDeniedException' });
  const { Policy } = await iam().send(new CreatePolicyCommand({
    PolicyName: 'makers', PolicyDocument: allow('dynamodb:CreateTable'), Description: 'may make tables' }));
  assert.equal(Policy.Arn, `arn:aws:iam::${ACCOUNT}:policy/makers`);
  await iam().send(new CreateGroupCommand({ GroupName: 'makers' }));
  await iam().send(new AttachGroupPolicyCommand({ GroupName: 'makers', PolicyArn: Policy.Arn }));
  await iam().send(new AddUserToGroupCommand({ GroupName: 'makers', UserName: 'carol' }));
  await dynamodb(credentials).send(new CreateTableCommand(table));

  const version = await iam().send(new CreatePolicyVersionCommand({
    PolicyArn: Policy.Arn, PolicyDocument: allow('dynamodb:DescribeTable'), SetAsDefault: true }));
  assert.equal(version.PolicyVersion.VersionId, 'v2');
  await assert.rejects(dynamodb(credentials).send(new CreateTableCommand({ ...table, TableName: 'more' })),
    { name: 'AccessDeniedException' });
  const shown = await iam().send(new GetPolicyVersionCommand({ PolicyArn: Policy.Arn, VersionId: 'v1' }));
  assert.equal(decodeURIComponent(shown.PolicyVersion.Document), allow('dynamodb:CreateTable'));

  const attached = await iam().send(new ListAttachedUserPoliciesCommand({ UserName: 'carol' }));
  assert.deepEqual(attached.AttachedPolicies, [{
    PolicyName: 'AmazonDynamoDBReadOnlyAccess', PolicyArn: 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess' }]);
  await iam().send(new DetachUserPolicyCommand({ UserName: 'carol', PolicyArn: attached.AttachedPolicies[0].PolicyArn }));
  await assert.rejects(dynamodb(credentials).send(new ListTablesCommand({})), { name: 'AccessDeniedException' });
  const local = await iam().send(new ListPoliciesCommand({ Scope: 'Local', OnlyAttached: true }));
  assert.deepEqual(local.Policies.map((policy) => [policy.PolicyName, policy.AttachmentCount, policy.DefaultVersionId]),
    [['makers', 1, 'v2']]);
});

test('a role, whom it trusts and what it may do', async () => {
  const credentials = await userWithKey('dave');
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/dave` },
      Condition: { StringEquals: { 'sts:ExternalId': 'secret' } } }],
  });
  const { Role } = await iam().send(new CreateRoleCommand({
    RoleName: 'lister', AssumeRolePolicyDocument: trust, Tags: [{ Key: 'team', Value: 'blue' }] }));
  await iam().send(new AttachRolePolicyCommand({
    RoleName: 'lister', PolicyArn: 'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess' }));
  const got = await iam().send(new GetRoleCommand({ RoleName: 'lister' }));
  assert.deepEqual(got.Role.Tags, [{ Key: 'team', Value: 'blue' }]);
  assert.equal(got.Role.MaxSessionDuration, 3600);
  assert.equal(decodeURIComponent(got.Role.AssumeRolePolicyDocument), trust);

  const sts = clientFor(server, { credentials }, STSClient);
  const request = { RoleArn: Role.Arn, RoleSessionName: 'session' };
  await assert.rejects(sts.send(new AssumeRoleCommand(request)), { name: 'AccessDenied' });
  const { Credentials } = await sts.send(new AssumeRoleCommand({ ...request, ExternalId: 'secret' }));
  const session = {
    accessKeyId: Credentials.AccessKeyId,
    secretAccessKey: Credentials.SecretAccessKey,
    sessionToken: Credentials.SessionToken,
  };
  await dynamodb(session).send(new ListTablesCommand({}));
});

test('pages of users', async () => {
  for (let i = 0; i < 5; i += 1)
    await iam().send(new CreateUserCommand({ UserName: `page-${i}`, Path: '/pages/' }));
  const pages = [];
  for await (const page of paginateListUsers({ client: iam(), pageSize: 2 }, { PathPrefix: '/pages/' }))
    pages.push(page.Users.map((user) => user.UserName));
  assert.deepEqual(pages, [['page-0', 'page-1'], ['page-2', 'page-3'], ['page-4']]);
});

test('all of it is there after the server was killed', async () => {
  const credentials = await userWithKey('eve');
  await iam().send(new TagUserCommand({ UserName: 'eve', Tags: [{ Key: 'Grüße', Value: 'a b' }] }));
  await iam().send(new AttachUserPolicyCommand({
    UserName: 'eve', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }));
  const { User } = await iam().send(new GetUserCommand({ UserName: 'eve' }));
  await server.kill();
  server = await startServer(arguments_);
  assert.equal(rootKeyIn(server.output()).secretAccessKey, undefined);
  const { Tags } = await iam().send(new ListUserTagsCommand({ UserName: 'eve' }));
  assert.deepEqual(Tags, [{ Key: 'Grüße', Value: 'a b' }]);
  assert.deepEqual((await iam(credentials).send(new GetUserCommand({}))).User, User);
  const { SummaryMap } = await iam().send(new GetAccountSummaryCommand({}));
  assert.equal(SummaryMap.AccountAccessKeysPresent, 1);
});
