// The AWS CLI's commands for temporary credentials, and what they are good for.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../api/server.mjs';
import { ENDPOINT, run } from './harness.mjs';

const ACCOUNT = '000000000000';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/team/cli`;

const folder = await temporaryFolder();
after(() => rm(folder, { recursive: true }));
const env = { AWS_CONFIG_FILE: path.join(folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'), AWS_PAGER: '' };
const skip = await run('aws', ['--version']).then(() => false, () => 'this machine has no AWS CLI');

async function aws(args, more = {}) {
  return JSON.parse(await run('aws', [...args, '--endpoint-url', ENDPOINT, '--output', 'json'], { env: { ...env, ...more } }));
}
const keys = ({ AccessKeyId, SecretAccessKey, SessionToken }) =>
  ({ AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey, AWS_SESSION_TOKEN: SessionToken });

test('sts commands', { skip }, async () => {
  assert.deepEqual(await aws(['sts', 'get-caller-identity']),
    { UserId: ACCOUNT, Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root` });
  const { Credentials } = await aws(['sts', 'get-session-token', '--duration-seconds', '900']);
  assert.ok(Math.abs(Date.parse(Credentials.Expiration) - Date.now() - 900_000) < 120_000);
  const assumed = await aws(['sts', 'assume-role', '--role-arn', ROLE, '--role-session-name', 'by-hand', '--external-id', '42',
    '--tags', 'Key=team,Value=red', '--transitive-tag-keys', 'team', '--source-identity', 'jane'], keys(Credentials));
  assert.equal(assumed.AssumedRoleUser.Arn, `arn:aws:sts::${ACCOUNT}:assumed-role/cli/by-hand`);
  assert.equal(assumed.SourceIdentity, 'jane');
  assert.equal(assumed.PackedPolicySize, 1);
  assert.ok(Array.isArray((await aws(['dynamodb', 'list-tables'], keys(assumed.Credentials))).TableNames));
  const { FederatedUser } = await aws(['sts', 'get-federation-token', '--name', 'guest', '--policy',
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}']);
  assert.equal(FederatedUser.Arn, `arn:aws:sts::${ACCOUNT}:federated-user/guest`);
});
