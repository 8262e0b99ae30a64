// Ways past signatures and policies that were open once: each request here is one that somebody could make out of what
// they have, to get what they must not have.

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import zlib from 'node:zlib';
import { CreateTableCommand, DeleteItemCommand, ExecuteStatementCommand, GetItemCommand, ListTagsOfResourceCommand, PutItemCommand,
  ScanCommand, TagResourceCommand, TransactWriteItemsCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { clientFor, rawRequest, tableOf } from './harness.mjs';
import { refused } from './items.mjs';
import { ACCOUNT, arn, credentialsOf, dynamodbFor, makeRole, makeUser, policy, startLocked, stsFor } from './locked.mjs';
import { signedHeaders } from './signed.mjs';

const SECRET = `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/secret`;
const Key = { pk: { S: 'a' } };

let server;
let root;
before(async () => {
  server = await startLocked();
  root = dynamodbFor(server, server.root);
  await root.send(new CreateTableCommand(tableOf('secret', { Tags: [{ Key: 'level', Value: 'high' }] })));
  await root.send(new PutItemCommand({ TableName: 'secret', Item: { ...Key, open: { S: 'x' }, hidden: { S: 'treasure' } } }));
});
after(async () => {
  const { code } = await server.stop();
  await rm(server.folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

/** A form for STS, signed with Signature Version 2. */
function formV2({ accessKeyId, secretAccessKey, sessionToken }, parameters) {
  const all = { Version: '2011-06-15', ...parameters, AWSAccessKeyId: accessKeyId, SignatureMethod: 'HmacSHA256', SignatureVersion: '2',
    Timestamp: new Date().toISOString(), ...(sessionToken === undefined ? {} : { SecurityToken: sessionToken }) };
  const pairs = Object.keys(all).sort().map((name) => `${name}=${encodeURIComponent(all[name]).replace('*', '%2A')}`);
  const Signature = crypto.createHmac('sha256', secretAccessKey).update(`POST\n127.0.0.1:${server.port}\n/\n${pairs.join('&')}`).digest('base64');
  return [...pairs, `Signature=${encodeURIComponent(Signature)}`];
}
const send = (pairs, { target = '/', headers = {} } = {}) => rawRequest(server, {
  target, headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers }, body: pairs.join('&') });

test('what a session hands on is its own, whatever other token comes with the request', async () => {
  const user = await makeUser(server, 'chained', { document: policy({ Action: 'sts:*', Resource: '*' }) });
  const trust = policy({ Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'], Principal: { AWS: arn('root') } });
  const RoleArn = await makeRole(server, 'link', trust, policy({ Action: 'sts:*', Resource: '*' }));
  const sts = stsFor(server, user);
  const marked = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'marked', SourceIdentity: 'jane',
    Tags: [{ Key: 'team', Value: 'red' }], TransitiveTagKeys: ['team'] }));
  const unmarked = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'unmarked' }));
  const form = formV2(credentialsOf(marked.Credentials), { Action: 'AssumeRole', RoleArn, RoleSessionName: 'next' });
  const { status, body } = await send(form, { headers: { 'X-Amz-Security-Token': unmarked.Credentials.SessionToken } });
  assert.equal(status, 200, body.toString());
  assert.match(body.toString(), /<SourceIdentity>jane<\/SourceIdentity>/);
});

test('Signature Version 2: a signed parameter counts, wherever it stands', async () => {
  const user = await makeUser(server, 'sender', { document: policy({ Action: '*', Resource: '*' }) });
  const form = formV2(user, { Action: 'GetFederationToken', Name: 'guest', Policy: policy({ Action: 'dynamodb:ListTables', Resource: '*' }) });
  const narrow = (pair) => pair.startsWith('Policy=');
  const { status, body } = await send(form.filter((pair) => !narrow(pair)), { target: `/?${form.find(narrow)}` });
  assert.equal(status, 200, body.toString());
  assert.match(body.toString(), /<PackedPolicySize>/);
});

test('a table has one name in policies, however its ARN is spelled', async () => {
  const user = await makeUser(server, 'tagger', { document: JSON.stringify({ Version: '2012-10-17', Statement: [
    { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }, { Effect: 'Deny', Action: 'dynamodb:*', Resource: SECRET }] }) });
  const dynamodb = dynamodbFor(server, user);
  for (const ResourceArn of [SECRET, SECRET.replace('arn:aws:', 'arn:aws-cn:'), SECRET.replace('arn:aws:', 'arn:awsome:')]) {
    await refused(assert, dynamodb.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'level', Value: 'low' }] })), 'AccessDeniedException');
    await refused(assert, dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn })), 'AccessDeniedException');
  }
  const { Tags } = await root.send(new ListTagsOfResourceCommand({ ResourceArn: SECRET }));
  assert.deepEqual(Tags, [{ Key: 'level', Value: 'high' }]);
});

test('with --shared-db a table is in one region only, whichever the request is signed for', async (context) => {
  const shared = await startLocked({ args: ['--shared-db'] });
  context.after(async () => {
    await shared.stop();
    await rm(shared.folder, { recursive: true, force: true });
  });
  await dynamodbFor(shared, shared.root).send(new CreateTableCommand(tableOf('secret')));
  const user = await makeUser(shared, 'traveller', { document: JSON.stringify({ Version: '2012-10-17', Statement: [
    { Effect: 'Allow', Action: 'dynamodb:*', Resource: '*' }, { Effect: 'Deny', Action: 'dynamodb:*', Resource: SECRET }] }) });
  const elsewhere = clientFor(shared, { credentials: user, region: 'eu-west-1' });
  for (const TableName of ['secret', SECRET, SECRET.replace('us-east-1', 'eu-west-1')])
    await refused(assert, elsewhere.send(new GetItemCommand({ TableName, Key })), 'AccessDeniedException');
  await refused(assert, elsewhere.send(new ExecuteStatementCommand({ Statement: "SELECT * FROM secret WHERE pk = 'a'" })), 'AccessDeniedException');
  await refused(assert, elsewhere.send(new ListTagsOfResourceCommand({ ResourceArn: SECRET.replace('us-east-1', 'eu-west-1') })), 'AccessDeniedException');
});

test('a failed condition gives nothing back to those who may not have it', async () => {
  const user = await makeUser(server, 'blind', { document: policy({ Action: ['dynamodb:UpdateItem', 'dynamodb:PutItem', 'dynamodb:DeleteItem',
    'dynamodb:ConditionCheckItem', 'dynamodb:PartiQL*'], Resource: SECRET, Condition: {
    'ForAllValues:StringEquals': { 'dynamodb:Attributes': ['pk', 'open'] },
    StringEqualsIfExists: { 'dynamodb:ReturnValues': ['NONE', 'UPDATED_OLD', 'UPDATED_NEW'] } } }) });
  const dynamodb = dynamodbFor(server, user);
  const failing = { TableName: 'secret', ConditionExpression: 'attribute_not_exists(pk)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
  const Statement = `UPDATE secret SET "open" = 'y' WHERE pk = 'a' AND "open" = 'z'`;
  for (const command of [
    new UpdateItemCommand({ ...failing, Key, UpdateExpression: 'SET #o = :o', ExpressionAttributeNames: { '#o': 'open' },
      ExpressionAttributeValues: { ':o': { S: 'y' } }, ReturnValues: 'UPDATED_NEW' }),
    new PutItemCommand({ ...failing, Item: Key }),
    new DeleteItemCommand({ ...failing, Key }),
    new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck: { ...failing, Key } }] }),
    new TransactWriteItemsCommand({ TransactItems: [{ Delete: { ...failing, Key } }] }),
    new ExecuteStatementCommand({ Statement, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
  ])
    await refused(assert, dynamodb.send(command), 'AccessDeniedException');
  await refused(assert, dynamodb.send(new DeleteItemCommand({ ...failing, Key, ReturnValuesOnConditionCheckFailure: 'NONE' })), 'ConditionalCheckFailedException');
});

test('nobody makes the server compare for minutes', async () => {
  const user = await makeUser(server, 'flooder', { document: policy({ Action: 'dynamodb:*', Resource: SECRET }) });
  const dynamodb = dynamodbFor(server, user);
  const many = (count, of) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, of]));
  const words = /More than 4096 conditions/;
  await refused(assert, dynamodb.send(new DeleteItemCommand({ TableName: 'secret', Key: { pk: { S: 'none' } }, Expected: many(4097, { Exists: false }) })),
    'ValidationException', words);
  await dynamodb.send(new DeleteItemCommand({ TableName: 'secret', Key: { pk: { S: 'none' } }, Expected: many(4096, { Exists: false }) }));
  const { status, body } = await send([...formV2(user, { Action: 'GetCallerIdentity' }), `a=${'%'.repeat(1 << 20)}`]);
  assert.equal(status, 403);
  assert.match(body.toString(), /must not be larger than 1048576 bytes/);
});

test('nothing is unpacked for those who have not proven who they are', async () => {
  const headers = { 'Content-Type': 'application/x-amz-json-1.0', 'Content-Encoding': 'gzip', 'X-Amz-Target': 'DynamoDB_20120810.GetItem' };
  for (const body of [zlib.gzipSync(Buffer.alloc(32 << 20)), Buffer.from('no gzip')]) {
    const { json } = await rawRequest(server, { headers, body });
    assert.match(json.__type, /#MissingAuthenticationTokenException$/);
    const forged = signedHeaders(server, { accessKeyId: 'AKIA2222222222222222', secretAccessKey: 'x' }, headers['X-Amz-Target'], body);
    const refusal = await rawRequest(server, { headers: { ...forged, 'content-encoding': 'gzip' }, body });
    assert.match(refusal.json.__type, /#UnrecognizedClientException$/);
  }
  const sound = zlib.gzipSync(JSON.stringify({ TableName: 'secret', Key }));
  const signed = { ...signedHeaders(server, server.root, headers['X-Amz-Target'], sound), 'content-encoding': 'gzip' };
  assert.equal((await rawRequest(server, { headers: signed, body: sound })).json.Item.hidden.S, 'treasure');
  const broken = Buffer.from('no gzip');
  const answer = await rawRequest(server, { headers: { ...signedHeaders(server, server.root, headers['X-Amz-Target'], broken), 'content-encoding': 'gzip' }, body: broken });
  assert.match(answer.json.__type, /#SerializationException$/);
});
