// examples/express-users, driven through HTTP as its web page does, with the AWS SDK v2 behind it and a server with
// --auth behind that. The SDK checks each answer's CRC32, which the last test shows by spoiling answers on their way.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { ACCOUNT, makeUser, policy, startLocked } from '../api/locked.mjs';

const FOLDER = fileURLToPath(new URL('../../examples/express-users', import.meta.url));
const OPERATIONS = ['CreateTable', 'DescribeTable', 'GetItem', 'PutItem', 'Scan', 'UpdateItem', 'DeleteItem'];
const DIGIT = '2'.charCodeAt(0);

/** Passes requests on to the server and counts them; spoil: in that many answers some digits become others. */
async function startProxy(server) {
  const proxy = http.createServer((request, response) => {
    const { method, url, headers } = request;
    proxy.requests += 1;
    const onward = http.request({ host: '127.0.0.1', port: server.port, method, path: url, headers }, (answer) => {
      const isSpoilt = proxy.spoil > 0;
      proxy.spoil -= isSpoilt ? 1 : 0;
      response.writeHead(answer.statusCode, answer.headers);
      answer.on('data', (piece) => response.write(isSpoilt ? piece.map((byte) => (byte === DIGIT ? byte + 1 : byte)) : piece));
      answer.on('end', () => response.end());
    });
    request.pipe(onward);
  });
  Object.assign(proxy, { requests: 0, spoil: 0 });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return proxy;
}

/** The application as a process of its own: {url, output(), stop()}. */
async function startApplication({ accessKeyId, secretAccessKey }, endpoint) {
  const child = spawn(process.execPath, ['main.mjs'], { cwd: FOLDER, stdio: ['ignore', 'pipe', 'pipe'], env: {
    PATH: process.env.PATH, PORT: '0', AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_REGION: 'us-east-1', DYNAMODB_ENDPOINT: endpoint, AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1' } });
  let output = '';
  const url = await new Promise((resolve, reject) => {
    const seen = (chunk) => {
      output += chunk;
      const [, said] = /listening on (\S+)\n/.exec(output) ?? [];
      if (said !== undefined)
        resolve(said);
    };
    child.stdout.on('data', seen);
    child.stderr.on('data', seen);
    child.once('exit', (code) => reject(new Error(`the application ended with ${code}:\n${output}`)));
  });
  return { url, output: () => output, stop: () => child.kill() };
}

let server, proxy, application;
before(async () => {
  server = await startLocked();
  const user = await makeUser(server, 'users-application', { document: policy({
    Action: OPERATIONS.map((one) => `dynamodb:${one}`), Resource: `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/Users` }) });
  proxy = await startProxy(server);
  application = await startApplication(user, `http://127.0.0.1:${proxy.address().port}`);
});
after(async () => {
  application?.stop();
  proxy?.close();
  proxy?.closeAllConnections();
  const { code } = await server.stop();
  assert.equal(code, 0, server.output());
});

async function asks(method, path, body) {
  const answer = await fetch(`${application.url}/api/${path}`, {
    method, headers: { 'Content-Type': 'application/json' }, body: typeof body === 'object' ? JSON.stringify(body) : body });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
}
const ADA = { emailAddress: 'ada@example.com', password: 'analytical', firstName: 'Ada' };
const at = (emailAddress) => `users/${encodeURIComponent(emailAddress)}`;

test('makes its table, once', async () => {
  assert.deepEqual(await asks('POST', 'table'), { status: 201, body: {} });
  assert.deepEqual(await asks('POST', 'table'), { status: 200, body: {} });
  assert.deepEqual(await asks('GET', 'users'), { status: 200, body: [] });
});

test('adds a user, whose password nobody gets to see', async () => {
  const { status, body: { dateCreated, dateUpdated, ...user } } = await asks('POST', 'users', ADA);
  assert.deepEqual([status, user], [201, { emailAddress: 'ada@example.com', firstName: 'Ada' }]);
  assert.equal(dateCreated, dateUpdated);
  assert.ok(Date.parse(dateCreated) > Date.now() - 3600_000);
  assert.deepEqual((await asks('GET', at('ada@example.com'))).body, { ...user, dateCreated, dateUpdated });
});

test('keeps a bcrypt hash of the password', async () => {
  const client = new DynamoDBClient({ endpoint: server.url, region: 'us-east-1', credentials: server.root });
  const { Item } = await client.send(new GetItemCommand({ TableName: 'Users', Key: { emailAddress: { S: 'ada@example.com' } } }));
  client.destroy();
  assert.match(Item.passwordHash.S, /^\$2b\$10\$.{53}$/);
  assert.deepEqual(Object.keys(Item).sort(), ['dateCreated', 'dateUpdated', 'emailAddress', 'firstName', 'passwordHash']);
});

test('refuses a user that is there, also when two ask at once', async () => {
  assert.equal((await asks('POST', 'users', { ...ADA, firstName: 'Another' })).status, 409);
  assert.equal((await asks('GET', at('ada@example.com'))).body.firstName, 'Ada');
  const twins = await Promise.all(Array.from({ length: 4 }, () =>
    asks('POST', 'users', { emailAddress: 'grace@example.com', password: 'compilers' })));
  assert.deepEqual(twins.map(({ status }) => status).sort(), [201, 409, 409, 409]);
});

test('says what is wrong with what it was sent', async () => {
  const wrong = [
    ['POST', 'users', '{"emailAddress":', /JSON/],
    ['POST', 'users', { password: 'analytical' }, /^emailAddress is missing$/],
    ['POST', 'users', { ...ADA, emailAddress: 'ada' }, /^emailAddress must be an e-mail address$/],
    ['POST', 'users', { ...ADA, password: 'short' }, /^password must have 8 characters or more$/],
    ['POST', 'users', { ...ADA, firstName: 1 }, /^firstName must not be empty$/],
    ['POST', 'users', { ...ADA, isAdmin: true }, /^isAdmin is not a field/],
    ['PUT', at('ada@example.com'), {}, /^no field was sent$/],
    ['PUT', at('ada@example.com'), { emailAddress: 'b@example.com' }, /^emailAddress is not a field/],
  ];
  for (const [method, path, body, message] of wrong) {
    const answer = await asks(method, path, body);
    assert.equal(answer.status, 400, JSON.stringify(body));
    assert.match(answer.body.message, message);
  }
  assert.equal((await asks('GET', 'users')).body.length, 2);
});

test('changes the fields that are sent, and no others', async () => {
  const { body: before_ } = await asks('GET', at('ada@example.com'));
  const { status, body } = await asks('PUT', at('ada@example.com'), { lastName: 'Löwenstein "Λ"' });
  assert.equal(status, 200);
  assert.deepEqual(body, { ...before_, lastName: 'Löwenstein "Λ"', dateUpdated: body.dateUpdated });
  assert.ok(body.dateUpdated >= before_.dateUpdated);
  assert.equal((await asks('PUT', at('ada@example.com'), { password: 'difference engine' })).status, 200);
  assert.equal((await asks('PUT', at('nobody@example.com'), { firstName: 'No' })).status, 404);
  assert.equal((await asks('GET', at('nobody@example.com'))).status, 404);
});

test('lists and deletes users', async () => {
  const { body } = await asks('GET', 'users');
  assert.deepEqual(body.map(({ emailAddress }) => emailAddress).sort(), ['ada@example.com', 'grace@example.com']);
  assert.ok(body.every((user) => user.passwordHash === undefined));
  assert.equal((await asks('DELETE', at('grace@example.com'))).status, 204);
  assert.equal((await asks('DELETE', at('grace@example.com'))).status, 404);
  assert.equal((await asks('GET', 'users')).body.length, 1);
});

test('the SDK behind it notices when an answer is not what its CRC32 says, and asks again', async () => {
  const { body } = await asks('GET', at('ada@example.com'));
  const { requests } = proxy;
  proxy.spoil = 2;
  assert.deepEqual(await asks('GET', at('ada@example.com')), { status: 200, body });
  assert.equal(proxy.requests, requests + 3);
});
