// Clients that mean harm, over plain HTTP and TLS: whatever they send or leave out, they get nothing, the server
// goes on, and others are served meanwhile. Time limits are tested in tests/unit/net, where they can be short.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { headersFor, startServer, temporaryFolder } from './harness.mjs';

const MAKER = fileURLToPath(new URL('../../tools/make-certificates.sh', import.meta.url));
const KILOBYTE = 1024;
const MEGABYTE = 1024 * KILOBYTE;

let folder;
let ca;
let server;
const doors = {}; // how a connection is made: {plain, tls}

before(async () => {
  folder = await temporaryFolder();
  execFileSync(MAKER, [folder], { stdio: 'ignore' });
  ca = await readFile(path.join(folder, 'ca.pem'));
  server = await startServer(['--in-memory', '--max-connections', '24000', '--tls-port', '0',
    '--tls-cert', path.join(folder, 'server.pem'), '--tls-key', path.join(folder, 'server.key')]);
  doors.plain = (more) => net.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true, ...more });
  doors.raw = (more) => net.connect({ port: server.tlsPort, host: '127.0.0.1', allowHalfOpen: true, ...more }); // no handshake
  doors.tls = (more) => tls.connect({ port: server.tlsPort, host: '127.0.0.1', servername: 'localhost', ca, ...more });
});
after(async () => {
  const { code } = await server.stop();
  await rm(folder, { recursive: true, force: true });
  assert.equal(code, 0, server.output());
});

/** A request as bytes, with headers in place of the usual ones or beside them; undefined leaves one out. */
function request({ line = 'POST / HTTP/1.1', headers = {}, body = '{}' } = {}) {
  const all = { Host: 'localhost', ...headersFor('ListTables'), 'Content-Length': String(Buffer.byteLength(body)), ...headers };
  const block = Object.entries(all).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${line}\r\n${block.join('')}\r\n${body}`;
}

/** Sends the bytes, then ends its side when told to, and gives all that comes back until the server closes, or `enough` of it. */
function exchange(open, bytes, { end = false, enough = () => false } = {}) {
  return new Promise((resolve) => {
    const socket = open();
    let received = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      received += chunk;
      if (enough(received))
        socket.destroy();
    });
    socket.on('error', () => {}); // a reset is an end as well
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(received));
    socket.once(socket.encrypted ? 'secureConnect' : 'connect', () => {
      for (const piece of Array.isArray(bytes) ? bytes : [bytes])
        socket.write(piece);
      if (end)
        socket.end();
    });
  });
}

const isWhole = (text) => /\r\n\r\n\{"TableNames":\[.*\]\}$/s.test(text);
async function assertServed() {
  for (const door of ['plain', 'tls']) {
    const answer = await exchange(doors[door], request(), { enough: isWhole });
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/, door);
  }
}

const refusedWith = (status) => new RegExp(`^HTTP/1\\.1 ${status} [^]*\r\nConnection: close\r\n`);
const manyHeaders = Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`X-${i}`, 'x']));

// What is sent, and what comes back before the server closes. Each is tried over plain HTTP and over TLS.
const cases = [
  // too much
  { name: 'a header of 17 KB', bytes: () => request({ headers: { 'X-Large': 'x'.repeat(17 * KILOBYTE) } }), answer: refusedWith(400) },
  { name: 'a hundred and one more headers', bytes: () => request({ headers: manyHeaders }), answer: refusedWith(400) },
  { name: 'a header line without end', bytes: () => 'POST / HTTP/1.1\r\nHost: h\r\nX: ' + 'x'.repeat(MEGABYTE), answer: refusedWith(400) },
  { name: 'a header name without end', bytes: () => 'POST / HTTP/1.1\r\n' + 'x'.repeat(MEGABYTE), answer: refusedWith(400) },
  { name: 'a target without end', bytes: () => 'GET /' + 'x'.repeat(MEGABYTE), answer: refusedWith(400) },
  { name: 'empty lines without end', bytes: () => '\r\n'.repeat(100 * KILOBYTE), answer: refusedWith(400) },
  { name: 'a body of 17 MB, announced', bytes: () => request({ headers: { 'Content-Length': 17 * MEGABYTE } }), answer: refusedWith(413) },
  {
    name: 'a body of 17 MB in chunks',
    bytes: () => [request({ headers: { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }, body: '' }),
      ...Array.from({ length: 17 }, () => `100000\r\n${'x'.repeat(MEGABYTE)}\r\n`)],
    answer: refusedWith(413),
  },
  {
    name: 'trailers without end',
    bytes: () => [request({ headers: { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }, body: '0\r\n' }),
      'X-T: xxxxxxxx\r\n'.repeat(4 * KILOBYTE)],
    answer: refusedWith(400),
  },
  { name: 'a length of twenty digits', bytes: () => request({ headers: { 'Content-Length': '99999999999999999999' } }), answer: refusedWith('4(00|13)') },
  // two meanings
  ...['+2', '-2', '2, 2', '0x2', '2 2', ''].map((length) => ({
    name: `a length of '${length}'`, bytes: () => request({ headers: { 'Content-Length': length } }), answer: refusedWith(400),
  })),
  { name: 'a length and chunks', bytes: () => request({ headers: { 'Transfer-Encoding': 'chunked' } }), answer: refusedWith(400) },
  {
    name: 'chunks by another name',
    bytes: () => request({ headers: { 'Content-Length': undefined, 'Transfer-Encoding': 'xchunked' } }), answer: refusedWith(400),
  },
  {
    name: 'a chunk size that overflows',
    bytes: () => request({ headers: { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }, body: 'fffffffffffffffff\r\nx' }),
    answer: refusedWith('4(00|13)'),
  },
  { name: 'a space before the colon', bytes: () => 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 2\r\n\r\n{}', answer: refusedWith(400) },
  { name: 'two hosts', bytes: () => 'POST / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n', answer: refusedWith(400) },
  { name: 'a NUL in a header', bytes: () => request({ headers: { 'X-Nul': 'a\0b' } }), answer: refusedWith(400) },
  // something else
  { name: 'HTTP/2', bytes: () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', answer: refusedWith(400) },
  { name: 'a version of the future', bytes: () => request({ line: 'POST / HTTP/9.9' }), answer: refusedWith(400) },
  { name: 'a method nobody knows', bytes: () => request({ line: 'EXPLODE / HTTP/1.1' }), answer: refusedWith(400) },
  { name: 'binary', bytes: () => Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 151) % 256)), answer: refusedWith(400) },
  // too little
  { name: 'a letter', bytes: () => 'P', end: true, answer: /^$/ },
  { name: 'half a header', bytes: () => request().slice(0, 100), end: true, answer: /^$/ },
  { name: 'half a body', bytes: () => request().slice(0, -1), end: true, answer: /^$/ },
  { name: 'nothing at all', bytes: () => '', end: true, answer: /^$/ },
];

for (const { name, bytes, end, answer } of cases) {
  test(name, async () => {
    for (const door of ['plain', 'tls'])
      assert.match(await exchange(doors[door], bytes(), { end }), answer, door);
    await assertServed();
  });
}

// What is sent instead of a handshake. OpenSSL answers with an alert (21) or not at all.
const handshakes = [
  { name: 'half a hello', bytes: Buffer.from('1603010200010001fc0303', 'hex') },
  { name: 'a record that is too long', bytes: Buffer.from('160301ffff', 'hex') },
  { name: 'SSL 2', bytes: Buffer.from('802e0103010015000000100100800200', 'hex') },
  { name: 'data before a handshake', bytes: Buffer.from('170303000568656c6c6f', 'hex') },
  { name: 'an alert', bytes: Buffer.from('15030100020228', 'hex') },
  { name: 'zeros', bytes: Buffer.alloc(64 * KILOBYTE) },
  { name: 'a hello that says it is 16 MB long', bytes: Buffer.concat([Buffer.from('160301400001ffffff', 'hex'), Buffer.alloc(32 * KILOBYTE)]) },
];
for (const { name, bytes } of handshakes) {
  test(`instead of a handshake: ${name}`, async () => {
    assert.match(await exchange(doors.raw, bytes, { end: true }), /^(\x15\x03[^]{5})?$/);
    await assertServed();
  });
}

test('plain HTTP on the TLS port, and TLS on the plain port', async () => {
  assert.match(await exchange(doors.raw, request()), /^HTTP\/1\.1 400 [^]*use a URL that begins with https:\/\/\n$/);
  await assert.rejects(new Promise((resolve, reject) => {
    tls.connect({ port: server.port, host: '127.0.0.1', ca }).once('secureConnect', resolve).once('error', reject);
  }), /wrong version number|packet length too long|ERR_SSL/i);
  await assertServed();
});

test('renegotiation is refused', async () => {
  const socket = doors.tls({ maxVersion: 'TLSv1.2' });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  await assert.rejects(new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.renegotiate({}, (error) => (error ? reject(error) : resolve()));
  }), /renegotiation/);
  socket.destroy();
  await assertServed();
});

/** How many files this process may open. */
async function filesMax() {
  const [, hard] = /Max open files +\d+ +(\d+)/.exec(await readFile('/proc/self/limits', 'latin1'));
  return Number(hard);
}

async function residentBytes() {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${server.process.pid}/status`, 'latin1'));
  return Number(kilobytes) * KILOBYTE;
}

/** Sanitizers keep freed memory and shadows of all of it. */
async function isSanitized() {
  return /lib[at]san/.test(await readFile(`/proc/${server.process.pid}/maps`, 'latin1'));
}

/** From many addresses, each of which has only so many ports. */
async function openMany(count, open) {
  const sockets = [];
  while (sockets.length < count) {
    const localAddress = `127.0.0.${2 + ((sockets.length / 200) % 100)}`;
    const batch = Array.from({ length: Math.min(200, count - sockets.length) }, () => new Promise((resolve, reject) => {
      const socket = open({ localAddress });
      socket.once('error', reject);
      socket.once(socket.encrypted ? 'secureConnect' : 'connect', () => resolve(socket));
    }));
    sockets.push(...await Promise.all(batch));
  }
  sockets.forEach((socket) => socket.on('error', () => {}));
  return sockets;
}

const half = Buffer.from('16030102000100', 'hex');
// How many connections do nothing more, what they have sent before, and what all of the server may take meanwhile.
const crowds = [
  { name: '10,000 idle connections', door: 'plain', count: 10_000, megabytes: 60 },
  { name: '10,000 idle connections that have asked once', door: 'plain', count: 10_000, sent: request(), megabytes: 80 },
  { name: '10,000 connections that do not begin a handshake', door: 'raw', count: 10_000, megabytes: 80 },
  { name: '500 idle TLS connections', door: 'tls', count: 500, megabytes: 80 },
  { name: '5,000 handshakes that do not end', door: 'raw', count: 5_000, sent: half, megabytes: 400 },
];
for (const { name, door, count, sent, megabytes } of crowds) {
  test(`${name}, and others are served`, async (context) => {
    const possible = Math.min(count, await filesMax() - 1_000);
    if (possible < count)
      context.diagnostic(`this system allows ${possible} of them`);
    const sockets = await openMany(possible, doors[door]);
    if (sent !== undefined)
      await Promise.all(sockets.map((socket) => new Promise((next) => socket.write(sent, next))));
    for (let i = 0; i < 20; i++)
      await assertServed();
    const taken = await residentBytes() / MEGABYTE;
    context.diagnostic(`the server takes ${taken.toFixed(1)} MB`);
    if (!(await isSanitized()))
      assert.ok(taken < megabytes, `${taken} MB`);
    await Promise.all(sockets.filter(({ closed }) => !closed) // the server does not wait for ever
      .map((socket) => new Promise((next) => socket.once('close', next).destroy())));
    await assertServed();
  });
}
