// The API calls of Terraform's aws provider when it creates, refreshes, updates and destroys its IAM resources, in its
// order and with its parameters (hashicorp/terraform-provider-aws, internal/service/iam). terraform.test.mjs runs the
// provider itself, where there is one. What the provider needs of the answers: that a resource just made is found, that
// two refreshes give the same, that a policy document comes back as it was, and NoSuchEntity for what is gone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { IAM } from '@aws-sdk/client-iam';
import { STS } from '@aws-sdk/client-sts';
import { ACCOUNT, arn, startLocked } from '../api/locked.mjs';
import { REGION } from './surroundings.mjs';

let server, iam;
before(async () => {
  server = await startLocked();
  iam = new IAM({ endpoint: server.url, region: REGION, credentials: server.root, maxAttempts: 1 });
});
after(async () => {
  iam?.destroy();
  const { code } = await server.stop();
  assert.equal(code, 0, server.output());
});

const documentOf = (...Action) => JSON.stringify({ Statement: [{ Action, Effect: 'Allow', Resource: '*' }], Version: '2012-10-17' });
const trustOf = (Principal) => JSON.stringify({
  Statement: [{ Action: 'sts:AssumeRole', Effect: 'Allow', Principal, Sid: '' }], Version: '2012-10-17' });
const withoutMetadata = ({ $metadata, ...answer }) => answer;
const gone = (call) => assert.rejects(call, (error) => {
  assert.deepEqual([error.name, error.Code, error.$metadata.httpStatusCode], ['NoSuchEntityException', 'NoSuchEntity', 404]);
  return true;
});

/** A refresh twice, which has to give the same, or the next plan would show changes that nobody made. */
async function refreshed(read) {
  const first = await read();
  assert.deepEqual(await read(), first);
  return first;
}

/** All of a list, page after page, as the provider's paginators read it. */
async function pagesOf(call, input, list) {
  const all = [];
  let Marker;
  do {
    const page = await call.call(iam, { ...input, Marker });
    all.push(...page[list]);
    assert.equal(page.IsTruncated, page.Marker !== undefined);
    Marker = page.Marker;
  } while (Marker !== undefined);
  return all;
}

const readUser = (UserName) => refreshed(async () => (await iam.getUser({ UserName })).User);
async function readRole(RoleName) {
  return refreshed(async () => ({
    ...(await iam.getRole({ RoleName })).Role,
    inline: await Promise.all((await pagesOf(iam.listRolePolicies, { RoleName }, 'PolicyNames'))
      .map(async (PolicyName) => withoutMetadata(await iam.getRolePolicy({ RoleName, PolicyName })))),
    managed: await pagesOf(iam.listAttachedRolePolicies, { RoleName }, 'AttachedPolicies'),
  }));
}
const readPolicy = (PolicyArn) => refreshed(async () => {
  const { Policy } = await iam.getPolicy({ PolicyArn });
  const { PolicyVersion } = await iam.getPolicyVersion({ PolicyArn, VersionId: Policy.DefaultVersionId });
  assert.equal(PolicyVersion.IsDefaultVersion, true);
  return { ...Policy, document: decodeURIComponent(PolicyVersion.Document) };
});

test('the provider asks whose key it has', async () => {
  const sts = new STS({ endpoint: server.url, region: REGION, credentials: server.root });
  assert.deepEqual(withoutMetadata(await sts.getCallerIdentity({})), { Account: ACCOUNT, Arn: arn('root'), UserId: ACCOUNT });
  sts.destroy();
});

test('aws_iam_user', async () => {
  const { Policy: { Arn: boundary } } = await iam.createPolicy({
    PolicyName: 'boundary', Path: '/', Description: '', PolicyDocument: documentOf('dynamodb:*') });
  await gone(iam.getUser({ UserName: 'tf-user' }));
  const Tags = [{ Key: 'env', Value: 'test' }, { Key: 'team', Value: '' }];
  await iam.createUser({ Path: '/system/', PermissionsBoundary: boundary, Tags, UserName: 'tf-user' });
  const user = await readUser('tf-user');
  assert.match(user.UserId, /^AIDA[A-Z2-7]{17}$/);
  assert.deepEqual([user.Arn, user.Path, user.Tags, user.PermissionsBoundary.PermissionsBoundaryArn],
    [arn('user/system/tf-user'), '/system/', Tags, boundary]);
  assert.deepEqual((await iam.listUserTags({ UserName: 'tf-user' })).Tags, Tags);
  await assert.rejects(iam.createUser({ Path: '/', UserName: 'TF-user' }), { name: 'EntityAlreadyExistsException' });

  await iam.updateUser({ UserName: 'tf-user', NewUserName: 'tf-renamed', NewPath: '/' });
  await iam.deleteUserPermissionsBoundary({ UserName: 'tf-renamed' });
  await iam.untagUser({ UserName: 'tf-renamed', TagKeys: ['team'] });
  await iam.tagUser({ UserName: 'tf-renamed', Tags: [{ Key: 'env', Value: 'production' }] });
  const renamed = await readUser('tf-renamed');
  assert.deepEqual([renamed.Arn, renamed.UserId, renamed.Tags, renamed.PermissionsBoundary],
    [arn('user/tf-renamed'), user.UserId, [{ Key: 'env', Value: 'production' }], undefined]);
  await gone(iam.getUser({ UserName: 'tf-user' }));
  await iam.putUserPermissionsBoundary({ UserName: 'tf-renamed', PermissionsBoundary: boundary });

  // Destroyed with force_destroy: everything a user can have is looked for first.
  const about = { UserName: 'tf-renamed' };
  await iam.createAccessKey(about);
  await assert.rejects(iam.deleteUser(about), { name: 'DeleteConflictException' });
  assert.deepEqual(await pagesOf(iam.listGroupsForUser, about, 'Groups'), []);
  for (const { AccessKeyId } of await pagesOf(iam.listAccessKeys, about, 'AccessKeyMetadata'))
    await iam.deleteAccessKey({ ...about, AccessKeyId });
  assert.deepEqual(await pagesOf(iam.listSSHPublicKeys, about, 'SSHPublicKeys'), []);
  assert.deepEqual(await pagesOf(iam.listVirtualMFADevices, { AssignmentStatus: 'Assigned' }, 'VirtualMFADevices'), []);
  assert.deepEqual(await pagesOf(iam.listMFADevices, about, 'MFADevices'), []);
  await gone(iam.deleteLoginProfile(about));
  assert.deepEqual(await pagesOf(iam.listSigningCertificates, about, 'Certificates'), []);
  assert.deepEqual((await iam.listServiceSpecificCredentials(about)).ServiceSpecificCredentials, []);
  await iam.deleteUser(about);
  await gone(iam.getUser(about));
  await gone(iam.deleteUser(about));
  await iam.deletePolicy({ PolicyArn: boundary });
});

test('aws_iam_access_key', async () => {
  const about = { UserName: 'tf-key' };
  await iam.createUser({ Path: '/', ...about });
  const { AccessKey: { AccessKeyId, SecretAccessKey, Status, CreateDate } } = await iam.createAccessKey(about);
  assert.deepEqual([Status, SecretAccessKey.length], ['Active', 40]);
  const read = () => refreshed(() => pagesOf(iam.listAccessKeys, about, 'AccessKeyMetadata'));
  assert.deepEqual(await read(), [{ ...about, AccessKeyId, Status, CreateDate }]);
  await iam.updateAccessKey({ ...about, AccessKeyId, Status: 'Inactive' });
  assert.deepEqual(await read(), [{ ...about, AccessKeyId, Status: 'Inactive', CreateDate }]);
  assert.equal((await iam.getAccessKeyLastUsed({ AccessKeyId })).UserName, 'tf-key'); // terraform import
  await iam.deleteAccessKey({ ...about, AccessKeyId });
  assert.deepEqual(await read(), []);
  await gone(iam.deleteAccessKey({ ...about, AccessKeyId }));
  await iam.deleteUser(about);
  await gone(iam.listAccessKeys(about));
});

test('aws_iam_user_policy_attachment', async () => {
  const about = { UserName: 'tf-attached' };
  await iam.createUser({ Path: '/', ...about });
  const { Policy: { Arn } } = await iam.createPolicy({
    PolicyName: 'attached', Path: '/', Description: '', PolicyDocument: documentOf('dynamodb:GetItem') });
  const PolicyArns = [Arn, 'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess'];
  for (const PolicyArn of PolicyArns) {
    await iam.attachUserPolicy({ ...about, PolicyArn });
    await iam.attachUserPolicy({ ...about, PolicyArn }); // a second apply
  }
  const read = () => refreshed(async () => (await pagesOf(iam.listAttachedUserPolicies, about, 'AttachedPolicies'))
    .map(({ PolicyArn }) => PolicyArn).sort());
  assert.deepEqual(await read(), [...PolicyArns].sort());
  assert.equal((await readPolicy(Arn)).AttachmentCount, 1);
  await assert.rejects(iam.deletePolicy({ PolicyArn: Arn }), { name: 'DeleteConflictException' });
  for (const PolicyArn of PolicyArns)
    await iam.detachUserPolicy({ ...about, PolicyArn });
  assert.deepEqual(await read(), []);
  await gone(iam.detachUserPolicy({ ...about, PolicyArn: Arn }));
  await gone(iam.attachUserPolicy({ ...about, PolicyArn: arn('policy/missing') }));
  await iam.deletePolicy({ PolicyArn: Arn });
  await iam.deleteUser(about);
});

test('aws_iam_role', async () => {
  const about = { RoleName: 'tf-role' };
  const trust = trustOf({ Service: 'ec2.amazonaws.com' });
  const Tags = [{ Key: 'env', Value: 'test' }];
  await iam.createRole({ AssumeRolePolicyDocument: trust, Path: '/', ...about, MaxSessionDuration: 3600, Tags });
  const role = await readRole('tf-role');
  assert.match(role.RoleId, /^AROA[A-Z2-7]{17}$/);
  assert.deepEqual([role.Arn, role.Path, role.MaxSessionDuration, role.Description, role.Tags, role.inline, role.managed],
    [arn('role/tf-role'), '/', 3600, undefined, Tags, [], []]);
  assert.equal(decodeURIComponent(role.AssumeRolePolicyDocument), trust);
  assert.deepEqual((await iam.listRoleTags(about)).Tags, Tags);
  assert.ok(role.CreateDate instanceof Date);

  // A principal that is not there: the provider tells it by these words and tries again for a while.
  await assert.rejects(iam.updateAssumeRolePolicy({ ...about, PolicyDocument: trustOf({ AWS: arn('user/missing') }) }),
    { name: 'MalformedPolicyDocumentException', message: /Invalid principal in policy/ });
  const changed = trustOf({ AWS: arn('root') });
  await iam.updateAssumeRolePolicy({ ...about, PolicyDocument: changed });
  assert.equal((await iam.updateRoleDescription({ ...about, Description: 'für "<Köln>" & +%' })).Role.RoleName, 'tf-role');
  await iam.updateRole({ ...about, MaxSessionDuration: 7200 });
  await iam.tagRole({ ...about, Tags: [{ Key: 'owner', Value: 'me' }] });
  await iam.untagRole({ ...about, TagKeys: ['env'] });
  await iam.putRolePermissionsBoundary({ ...about, PermissionsBoundary: 'arn:aws:iam::aws:policy/PowerUserAccess' });
  await iam.putRolePolicy({ ...about, PolicyName: 'in', PolicyDocument: documentOf('dynamodb:Query') });
  await iam.attachRolePolicy({ ...about, PolicyArn: 'arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess' });
  const updated = await readRole('tf-role');
  assert.deepEqual([updated.RoleId, updated.MaxSessionDuration, updated.Description, updated.Tags],
    [role.RoleId, 7200, 'für "<Köln>" & +%', [{ Key: 'owner', Value: 'me' }]]);
  assert.equal(decodeURIComponent(updated.AssumeRolePolicyDocument), changed);
  assert.deepEqual(updated.inline.map(({ PolicyName }) => PolicyName), ['in']);
  assert.equal(decodeURIComponent(updated.inline[0].PolicyDocument), documentOf('dynamodb:Query'));
  assert.deepEqual(updated.PermissionsBoundary,
    { PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/PowerUserAccess', PermissionsBoundaryType: 'Policy' });
  await iam.deleteRolePermissionsBoundary(about);

  // Destroyed with force_detach_policies.
  await assert.rejects(iam.deleteRole(about), { name: 'DeleteConflictException' });
  assert.deepEqual(await pagesOf(iam.listInstanceProfilesForRole, about, 'InstanceProfiles'), []);
  for (const { PolicyArn } of await pagesOf(iam.listAttachedRolePolicies, about, 'AttachedPolicies'))
    await iam.detachRolePolicy({ ...about, PolicyArn });
  for (const PolicyName of await pagesOf(iam.listRolePolicies, about, 'PolicyNames'))
    await iam.deleteRolePolicy({ ...about, PolicyName });
  await iam.deleteRole(about);
  await gone(iam.getRole(about));
  await gone(iam.deleteRole(about));
});

test('aws_iam_role_policy', async () => {
  const about = { RoleName: 'tf-inline', PolicyName: 'least' };
  await iam.createRole({ AssumeRolePolicyDocument: trustOf({ Service: 'ec2.amazonaws.com' }), Path: '/', RoleName: 'tf-inline' });
  await gone(iam.getRolePolicy(about));
  const compact = documentOf('dynamodb:GetItem', 'dynamodb:Query');
  for (const PolicyDocument of [compact, JSON.stringify(JSON.parse(compact), null, 2)]) { // jsonencode() and a heredoc
    await iam.putRolePolicy({ ...about, PolicyDocument });
    const { PolicyDocument: read, ...rest } = await refreshed(async () => withoutMetadata(await iam.getRolePolicy(about)));
    assert.deepEqual([decodeURIComponent(read), rest], [PolicyDocument, about]);
  }
  await iam.deleteRolePolicy(about);
  await gone(iam.getRolePolicy(about));
  await gone(iam.deleteRolePolicy(about));
  await iam.deleteRole({ RoleName: 'tf-inline' });
});

test('aws_iam_policy', async () => {
  const Tags = [{ Key: 'env', Value: 'test' }];
  const { Policy: { Arn: PolicyArn, PolicyId } } = await iam.createPolicy({
    Description: '', Path: '/', PolicyDocument: documentOf('dynamodb:v1'), PolicyName: 'tf-policy', Tags });
  assert.equal(PolicyArn, arn('policy/tf-policy'));
  const made = await readPolicy(PolicyArn);
  assert.match(PolicyId, /^ANPA[A-Z2-7]{17}$/);
  assert.deepEqual([made.PolicyId, made.PolicyName, made.Path, made.Description ?? '', made.Tags], [PolicyId, 'tf-policy', '/', '', Tags]);
  assert.deepEqual([made.AttachmentCount, made.DefaultVersionId, made.document], [0, 'v1', documentOf('dynamodb:v1')]);
  assert.deepEqual((await iam.listPolicyTags({ PolicyArn })).Tags, Tags);

  // An update prunes the oldest of five versions, makes one and then sets it as the default.
  for (let version = 2; version <= 7; version += 1) {
    const versions = await pagesOf(iam.listPolicyVersions, { PolicyArn }, 'Versions');
    if (versions.length === 5) {
      const [oldest] = versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion)
        .sort((a, b) => a.CreateDate - b.CreateDate || Number(a.VersionId.slice(1)) - Number(b.VersionId.slice(1)));
      await assert.rejects(iam.createPolicyVersion({ PolicyArn, PolicyDocument: documentOf('dynamodb:more') }),
        { name: 'LimitExceededException' });
      await iam.deletePolicyVersion({ PolicyArn, VersionId: oldest.VersionId });
    }
    const PolicyDocument = documentOf(`dynamodb:v${version}`);
    const { PolicyVersion } = await iam.createPolicyVersion({ PolicyArn, PolicyDocument, SetAsDefault: false });
    assert.deepEqual([PolicyVersion.VersionId, PolicyVersion.IsDefaultVersion], [`v${version}`, false]);
    await iam.setDefaultPolicyVersion({ PolicyArn, VersionId: PolicyVersion.VersionId });
    assert.equal((await readPolicy(PolicyArn)).document, PolicyDocument);
  }
  await iam.tagPolicy({ PolicyArn, Tags: [{ Key: 'owner', Value: 'me' }] });
  await iam.untagPolicy({ PolicyArn, TagKeys: ['env'] });
  assert.deepEqual((await readPolicy(PolicyArn)).Tags, [{ Key: 'owner', Value: 'me' }]);

  const versions = await pagesOf(iam.listPolicyVersions, { PolicyArn }, 'Versions');
  assert.deepEqual(versions.map(({ VersionId }) => VersionId).sort(), ['v3', 'v4', 'v5', 'v6', 'v7']);
  await assert.rejects(iam.deletePolicyVersion({ PolicyArn, VersionId: 'v7' }), { name: 'DeleteConflictException' });
  for (const { VersionId } of versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion))
    await iam.deletePolicyVersion({ PolicyArn, VersionId });
  await iam.deletePolicy({ PolicyArn });
  await gone(iam.getPolicy({ PolicyArn }));
  await gone(iam.listPolicyVersions({ PolicyArn }));
});
