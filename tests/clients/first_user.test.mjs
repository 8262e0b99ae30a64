// examples/first-user.sh: the set-up steps of clients' guides, with the distribution's AWS CLI. The script itself fails
// when something is not refused that has to be; here its output and what it leaves behind are looked at.

import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { GetAccountSummaryCommand, IAMClient } from '@aws-sdk/client-iam';
import { ACCOUNT, arn, startLocked } from '../api/locked.mjs';
import { REGION, run } from './surroundings.mjs';

const SCRIPT = fileURLToPath(new URL('../../examples/first-user.sh', import.meta.url));

// Not every distribution has it as a package of its own.
const skip = await run('aws', ['--version']).then(() => false, () => 'this machine has no AWS CLI');

let server;
before(async () => { server = await startLocked(); });
after(async () => {
  const { code } = await server.stop();
  assert.equal(code, 0, server.output());
});

/** What the script says in each of its steps. */
async function runScript({ accessKeyId, secretAccessKey }) {
  const nothing = path.join(os.tmpdir(), 'hashrange-no-such-file'); // nothing of the user's own settings comes in
  const printed = await run(SCRIPT, [server.url], { env: {
    AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_DEFAULT_REGION: REGION,
    AWS_CONFIG_FILE: nothing, AWS_SHARED_CREDENTIALS_FILE: nothing } });
  const steps = printed.split(/^== /m).slice(1).map((text) => text.split(/\n(.*)/s));
  return { printed, steps: Object.fromEntries(steps) };
}

test('a user, its key, a role and policies, made, used and deleted', { skip }, async () => {
  const { printed, steps } = await runScript(server.root);
  const said = (start) => steps[Object.keys(steps).find((one) => one.startsWith(start))];
  const json = (start) => JSON.parse(said(start));
  assert.equal(json('Whose key').Arn, arn('root'));
  assert.equal(json('Create a user').User.Arn, arn('user/first-user'));
  const [, secret] = /"SecretAccessKey": "(.{40})"/.exec(said('Create an access key'));
  assert.equal(printed.split(secret).length, 2); // shown once
  assert.match(said('Create an access key'), /"AccessKeyMetadata": \[/);
  const { Role } = json('Create a role');
  assert.deepEqual([Role.Arn, Role.AssumeRolePolicyDocument.Statement[0].Principal],
    [arn('role/first-role'), { AWS: arn('user/first-user') }]);
  assert.deepEqual(json('Attach').AttachedPolicies,
    [{ PolicyName: 'AmazonDynamoDBFullAccess', PolicyArn: 'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess' }]);
  assert.deepEqual(json('Give the user').PolicyDocument.Statement[0].Action, ['dynamodb:GetItem', 'dynamodb:PutItem']);
  assert.match(said('Assume the role'), new RegExp(`"Arn": "arn:aws:sts::${ACCOUNT}:assumed-role/first-role/guide"`));
  const scan = (who) => new RegExp(`${who} is not authorized to perform: dynamodb:Scan on resource: .*:table/First because no identity-`);
  assert.match(said("Use the user's own key"), scan('user/first-user'));
  assert.match(said('Detach'), /^1\nrefused, as it should be: /);
  assert.match(said('Detach'), scan('assumed-role/first-role/guide'));
  assert.match(said('Delete everything'), /DeleteConflict.*\n"DELETING"\n/);
  assert.ok(said('Done') !== undefined);
  const client = new IAMClient({ endpoint: server.url, region: REGION, credentials: server.root });
  const { SummaryMap: { Users, Roles, Policies } } = await client.send(new GetAccountSummaryCommand({}));
  client.destroy();
  assert.deepEqual([Users, Roles, Policies], [0, 0, 0]);
  assert.ok(!server.output().includes(secret));
});
