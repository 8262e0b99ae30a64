// Who cannot prove who they are gets nothing, in the words of the service, while others are served.

import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DeleteAccessKeyCommand, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { rawRequest, tableOf } from './harness.mjs';
import { dynamodbFor, iamFor, makeUser, policy, startLocked } from './locked.mjs';
import { amzDate, signedHeaders, signedOperation } from './signed.mjs';

const SERVICE = 'com.amazon.coral.service#';
const TARGET = 'DynamoDB_20120810.GetItem';
const INPUT = { TableName: 'locked', Key: { pk: { S: 'a' } } };

let server;
let ann;
before(async () => {
  server = await startLocked();
  const root = dynamodbFor(server, server.root);
  await root.send(new CreateTableCommand(tableOf('locked')));
  await root.send(new PutItemCommand({ TableName: 'locked', Item: { pk: { S: 'a' }, secret: { S: 'the-secret' } } }));
  ann = await makeUser(server, 'ann', { document: policy({ Action: 'dynamodb:*', Resource: '*' }) });
});
after(async () => {
  const { code } = await server.stop();
  await rm(server.folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

const ask = (spoilt, credentials = ann) => signedOperation(server, credentials, TARGET, INPUT, spoilt);

// [what is wrong, how the request is spoilt, __type, words]
const refusals = () => [ // made when they are sent: dates grow old
  ['no signature', { headers: { authorization: undefined } }, 'MissingAuthenticationTokenException',
    /^Request is missing Authentication Token$/],
  ['another scheme', { headers: { authorization: 'Bearer abc' } }, 'MissingAuthenticationTokenException', /missing/],
  ['a part is missing', { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e' } },
    'IncompleteSignatureException', /requires 'Signature' parameter/],
  ['no date that is one', { date: '201' }, 'IncompleteSignatureException', /Got '201'/],
  ['sixteen minutes old', { date: amzDate(-16 * 60) }, 'InvalidSignatureException', /^Signature expired: .* is now earlier than /],
  ['sixteen minutes ahead', { date: amzDate(16 * 60) }, 'InvalidSignatureException', /^Signature not yet current: /],
  ['the host is not signed', { names: 'content-type;x-amz-date;x-amz-target' }, 'InvalidSignatureException',
    /'Host' must be a 'SignedHeader'/],
  ['another service', { service: 's3' }, 'InvalidSignatureException', /scoped to correct service: 'dynamodb'/],
  ['another day in the scope', { day: '20200101' }, 'InvalidSignatureException', /Date in Credential scope does not match/],
  ['no terminator', { terminator: 'aws5_request' }, 'InvalidSignatureException', /valid terminator: 'aws4_request'/],
  ['a credential of another shape', { credential: 'a/b' }, 'IncompleteSignatureException', /exactly 5 slash-delimited elements/],
  ['an unknown key', { credential: `AKIAAAAAAAAAAAAAAAAA/${amzDate().slice(0, 8)}/us-east-1/dynamodb/aws4_request` },
    'UnrecognizedClientException', /^The security token included in the request is invalid\.$/],
  ['another secret', { secret: 'another' }, 'InvalidSignatureException', /^The request signature we calculated does not match/],
  ['a signature of zeros', { signature: '0'.repeat(64) }, 'InvalidSignatureException', /does not match/],
  ['a signature cut short', { signature: 'abc' }, 'InvalidSignatureException', /does not match/],
  ['signed for another region than said', { region: 'eu-west-1', headers: undefined, credential: undefined, move: 'us-east-1' },
    'InvalidSignatureException', /does not match/],
  ['another body than was signed', { sent: JSON.stringify({ ...INPUT, ConsistentRead: true }) }, 'InvalidSignatureException',
    /does not match/],
  ['another target than was signed', { headers: { 'x-amz-target': 'DynamoDB_20120810.DeleteItem' } }, 'InvalidSignatureException',
    /does not match/],
  ['a token with a long-lived key', { headers: { 'x-amz-security-token': 'abc' } }, 'UnrecognizedClientException', /invalid/],
];

test('what is not proven is refused, and nothing of the data is told', async () => {
  for (const [what, { move, ...spoilt }, type, words] of refusals()) {
    if (move !== undefined) {
      const body = JSON.stringify(INPUT);
      spoilt.headers = { authorization: signedHeaders(server, ann, TARGET, body, { region: spoilt.region })
        .authorization.replace(spoilt.region, move) };
      delete spoilt.region;
    }
    const { status, json, body } = await ask(spoilt);
    assert.equal(status, 400, what);
    assert.equal(json.__type, SERVICE + type, `${what}: ${json.message}`);
    assert.match(json.message, words, what);
    assert.doesNotMatch(body.toString(), /the-secret/, what);
  }
});

test('a sound signature passes, in any region', async () => {
  assert.equal((await ask({})).json.Item.secret.S, 'the-secret');
  const { status, json } = await ask({ region: 'eu-west-1' });
  assert.deepEqual([status, json.__type], [400, 'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException']);
});

test('a key that is inactive or gone does not pass', async () => {
  const iam = iamFor(server);
  const bob = await makeUser(server, 'bob', { document: policy({ Action: 'dynamodb:*', Resource: '*' }) });
  assert.equal((await ask({}, bob)).status, 200);
  const which = { UserName: 'bob', AccessKeyId: bob.accessKeyId };
  await iam.send(new UpdateAccessKeyCommand({ ...which, Status: 'Inactive' }));
  assert.equal((await ask({}, bob)).json.__type, `${SERVICE}UnrecognizedClientException`);
  await iam.send(new UpdateAccessKeyCommand({ ...which, Status: 'Active' }));
  assert.equal((await ask({}, bob)).status, 200);
  await iam.send(new DeleteAccessKeyCommand(which));
  assert.equal((await ask({}, bob)).json.__type, `${SERVICE}UnrecognizedClientException`);
});

test('a flood of bad signatures does not keep others out', async () => {
  const client = dynamodbFor(server, ann);
  const flood = Promise.all(Array.from({ length: 500 }, (_, i) => ask({ signature: String(i).padStart(64, '0') })));
  for (let i = 0; i < 50; i++)
    assert.equal((await client.send(new GetItemCommand(INPUT))).Item.secret.S, 'the-secret');
  for (const { status } of await flood)
    assert.equal(status, 400);
});

test('only what needs no proof is answered without: the health check', async () => {
  assert.equal((await rawRequest(server, { method: 'GET' })).body.toString(), 'healthy: dynamodb.us-east-1.amazonaws.com ');
  for (const target of ['/sessions', '/?Action=GetCallerIdentity&Version=2011-06-15']) {
    const { status, body } = await rawRequest(server, { method: target === '/sessions' ? 'POST' : 'GET', target });
    assert.ok(status >= 400, `${target}: ${status}`);
    assert.doesNotMatch(body.toString(), /Arn>|accessKeyId/);
  }
});
