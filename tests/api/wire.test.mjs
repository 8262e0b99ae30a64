// What SDKs hide: headers, checksums, error bodies, connection handling.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import zlib from 'node:zlib';
import { headersFor, rawBytes, rawOperation, rawRequest, sharedServer } from './harness.mjs';

let server;
before(async () => { server = await sharedServer(); });

const crc32Table = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++)
    c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});
const crc32 = (bytes) => (bytes.reduce((crc, byte) => crc32Table[(crc ^ byte) & 0xff] ^ (crc >>> 8), 0xffffffff)
  ^ 0xffffffff) >>> 0;

const raw = (operation, body, { headers = '', length } = {}) => [
  'POST / HTTP/1.1', 'Host: localhost',
  ...Object.entries(headersFor(operation)).map(([name, value]) => `${name}: ${value}`),
  ...(length === null ? [] : [`Content-Length: ${length ?? Buffer.byteLength(body)}`]),
].join('\r\n') + `\r\n${headers}\r\n${body}`;
const statuses = (received) => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
const answers = (count) => (received) => (received.match(/HTTP\/1\.1 [2-5]\d\d[\s\S]*?\r\n\r\n[^]*?}/g) ?? []).length >= count;

test('every answer has its request id, checksum and content type', async () => {
  for (const [operation, status] of [['ListTables', 200], ['NoSuchOperation', 400]]) {
    const answer = await rawOperation(server, operation, '{}');
    assert.equal(answer.status, status);
    assert.match(answer.headers['x-amzn-requestid'], /^[0-9A-Z]{52}$/);
    assert.equal(answer.headers['content-type'], 'application/x-amz-json-1.0');
    assert.equal(answer.headers['x-amz-crc32'], String(crc32(answer.body)));
  }
});

test('operations that are not built say so', async () => {
  const { status, json } = await rawOperation(server, 'CreateBackup', { TableName: 'abc', BackupName: 'abc' });
  assert.equal(status, 400);
  assert.deepEqual(json, { __type: 'com.amazon.coral.service#UnknownOperationException' });
});

test('malformed JSON', async () => {
  for (const body of ['', '{', '{"TableName":}', '{} x', '[1,]', 'nul', '{"a":"\xff"}', '"\\ud800"']) {
    const { status, json } = await rawOperation(server, 'ListTables', Buffer.from(body, 'latin1'));
    assert.equal(status, 400, body);
    assert.equal(json.__type, 'com.amazon.coral.service#SerializationException', body);
  }
});

test('wrong method or content type', async () => {
  for (const method of ['PUT', 'DELETE']) {
    const { status, body } = await rawRequest(server, { method, headers: headersFor('ListTables'), body: '{}' });
    assert.equal(status, 404);
    assert.equal(body.toString(), '<UnknownOperationException/>\n');
  }
  const { status } = await rawRequest(server, {
    headers: headersFor('ListTables', { 'Content-Type': 'text/plain' }), body: '{}',
  });
  assert.equal(status, 404);
});

test('GET / is a health check', async () => {
  const { status, body } = await rawRequest(server, { method: 'GET' });
  assert.equal(status, 200);
  assert.equal(body.toString(), 'healthy: dynamodb.us-east-1.amazonaws.com ');
});

test('requests without a signature, or half of one', async () => {
  const { Authorization, ...unsigned } = headersFor('ListTables');
  assert.ok(Authorization.length > 0);
  const missing = await rawRequest(server, { headers: unsigned, body: '{}' });
  assert.equal(missing.status, 400);
  assert.deepEqual(missing.json, {
    __type: 'com.amazon.coral.service#MissingAuthenticationTokenException',
    message: 'Request is missing Authentication Token',
  });
  const half = await rawRequest(server, {
    headers: { ...unsigned, Authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/d/e' }, body: '{}',
  });
  assert.equal(half.json.__type, 'com.amazon.coral.service#IncompleteSignatureException');
  assert.match(half.json.message, /Authorization header requires 'Signature' parameter\./);
});

test('CORS only for requests with an Origin', async () => {
  const plain = await rawOperation(server, 'ListTables', '{}');
  assert.equal(plain.headers['access-control-allow-origin'], undefined);
  const browser = await rawOperation(server, 'ListTables', '{}', { Origin: 'http://example.org' });
  assert.equal(browser.headers['access-control-allow-origin'], '*');
  const preflight = await rawRequest(server, {
    method: 'OPTIONS',
    headers: {
      Origin: 'http://example.org', 'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'x-amz-target,content-type',
    },
  });
  assert.equal(preflight.status, 200);
  assert.equal(preflight.headers['access-control-allow-headers'], 'x-amz-target,content-type');
  assert.equal(preflight.headers['access-control-max-age'], '172800');
});

test('compressed requests', async () => {
  for (const [encoding, compress] of [['gzip', zlib.gzipSync], ['deflate', zlib.deflateSync]]) {
    const { status } = await rawOperation(server, 'ListTables', compress('{"Limit":1}'), { 'Content-Encoding': encoding });
    assert.equal(status, 200, encoding);
  }
  const broken = await rawOperation(server, 'ListTables', Buffer.from('no gzip'), { 'Content-Encoding': 'gzip' });
  assert.ok(broken.status >= 400 && broken.status < 500);
  const bomb = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024, ' '));
  assert.equal((await rawOperation(server, 'ListTables', bomb, { 'Content-Encoding': 'gzip' })).status, 413);
});

test('a body over 16 MB', async () => {
  const { status } = await rawOperation(server, 'ListTables', Buffer.alloc(16 * 1024 * 1024 + 1, ' '));
  assert.equal(status, 413);
});

test('a header block over 16 KB', async () => {
  const { status } = await rawOperation(server, 'ListTables', '{}', { 'X-Pad': 'x'.repeat(17 * 1024) });
  assert.equal(status, 400);
});

test('keep-alive and pipelining answer in order', async () => {
  const received = await rawBytes(server, [raw('ListTables', '{}') + raw('NoSuch', '{}') + raw('ListTables', '{}')],
    { enough: answers(3) });
  assert.deepEqual(statuses(received), [200, 400, 200]);
});

test('a request that comes byte by byte', async () => {
  const received = await rawBytes(server, [...raw('ListTables', '{}')], { enough: answers(1), pauseMs: 0 });
  assert.deepEqual(statuses(received), [200]);
});

test('chunked bodies', async () => {
  const received = await rawBytes(server,
    [raw('ListTables', '', { length: null, headers: 'Transfer-Encoding: chunked\r\n' }) + '1\r\n{\r\n1\r\n}\r\n0\r\n\r\n'],
    { enough: answers(1) });
  assert.deepEqual(statuses(received), [200]);
});

test('Expect: 100-continue', async () => {
  const whole = raw('ListTables', '{}', { headers: 'Expect: 100-continue\r\n' });
  const received = await rawBytes(server, [whole.slice(0, -2), /100 Continue\r\n\r\n/, whole.slice(-2)], { enough: answers(1) });
  assert.deepEqual(statuses(received), [100, 200]);
});

test('ambiguous lengths are refused and the connection closed', async () => {
  const both = await rawBytes(server,
    [raw('ListTables', '0\r\n\r\n', { length: 5, headers: 'Transfer-Encoding: chunked\r\n' })]);
  assert.deepEqual(statuses(both), [400]);
  const two = await rawBytes(server, [raw('ListTables', '{}', { headers: 'Content-Length: 3\r\n' })]);
  assert.deepEqual(statuses(two), [400]);
});

test('bytes that are no HTTP', async () => {
  assert.deepEqual(statuses(await rawBytes(server, ['\x16\x03\x01 no http at all\r\n\r\n'])), [400]);
});

test('a slow connection does not hold up the others', async () => {
  const slow = rawBytes(server, [raw('ListTables', '{}').slice(0, 40)], { enough: () => false });
  const started = Promise.all(Array.from({ length: 20 }, () => rawOperation(server, 'ListTables', '{}')));
  assert.ok((await started).every(({ status }) => status === 200));
  void slow; // ends when the server does
});
