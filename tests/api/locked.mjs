// A server with --auth and people in it: what tests of signatures, IAM and STS share.

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AttachRolePolicyCommand, AttachUserPolicyCommand, CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand,
  IAMClient, PutRolePolicyCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { STSClient } from '@aws-sdk/client-sts';
import { clientFor, startServer, temporaryFolder } from './harness.mjs';

export const ACCOUNT = '000000000000';
export const arn = (rest) => `arn:aws:iam::${ACCOUNT}:${rest}`;

/** A policy of these statements; each a short {Action, ...} that allows. */
export const policy = (...statements) => JSON.stringify({
  Version: '2012-10-17', Statement: statements.map((one) => ({ Effect: 'Allow', ...one })),
});

/** A server with --auth on a new folder and a free port, or those given: {root, folder, ...server}. */
export async function startLocked({ args = [], folder, root, port } = {}) {
  const place = folder ?? await temporaryFolder();
  await mkdir(place, { recursive: true });
  const server = await startServer(['--auth', '--data', path.join(place, 'data'), ...args], { port });
  const said = /AWS_ACCESS_KEY_ID=(\S+)\s+AWS_SECRET_ACCESS_KEY=(\S+)/.exec(server.output());
  return { ...server, folder: place, root: root ?? { accessKeyId: said?.[1], secretAccessKey: said?.[2] } };
}

export const credentialsOf = ({ AccessKeyId, SecretAccessKey, SessionToken }) =>
  ({ accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken });

/** SDK clients for a server with these credentials. */
export const iamFor = (server, credentials = server.root) => clientFor(server, { credentials }, IAMClient);
export const stsFor = (server, credentials = server.root) => clientFor(server, { credentials }, STSClient);
export const dynamodbFor = (server, credentials) => clientFor(server, { credentials });

/** A user with an access key, whose credentials are returned; document: an inline policy. */
export async function makeUser(server, UserName, { document, managed } = {}) {
  const iam = iamFor(server);
  await iam.send(new CreateUserCommand({ UserName }));
  if (document !== undefined)
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'inline', PolicyDocument: document }));
  if (managed !== undefined)
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn: managed }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return credentialsOf(AccessKey);
}

/** A role, returned as its ARN; document: an inline policy, managed: the ARN of another policy. */
export async function makeRole(server, RoleName, trust, document, managed) {
  const iam = iamFor(server);
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  if (document !== undefined)
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'inline', PolicyDocument: document }));
  if (managed !== undefined)
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: managed }));
  return Role.Arn;
}
