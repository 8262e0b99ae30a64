// Starts hashrange and speaks raw HTTP to it. HASHRANGE names the binary.

import { spawn } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.HASHRANGE ??
  fileURLToPath(new URL('../../build/release/hashrange', import.meta.url));
const READY_MS = 60_000; // sanitizer builds start slowly
const READY = /^hashrange \S+ ready on (https?:\/\/\S+:(\d+))(?: and https:\/\/\S+:(\d+))?(?: and, for metrics, http:\/\/\S+:(\d+))? .*\n/m;

export async function temporaryFolder() {
  return mkdtemp(path.join(os.tmpdir(), 'hashrange-test-'));
}

/** A running server: {url, port, tlsPort, adminPort, process, output(), stop(), kill(), exited}. The ports are free ones,
    chosen by the server, unless told otherwise: those that a test has found free may be taken a moment later. */
export async function startServer(args = ['--in-memory'], { port = 0, env = {} } = {}) {
  const child = spawn(BINARY, ['serve', '--port', String(port), ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let output = '';
  const exited = new Promise((resolve) => {
    child.once('error', (error) => { output += error; resolve({ code: -1, signal: null }); });
    child.once('close', (code, signal) => resolve({ code, signal })); // when all it has said is here
  });
  const [, url, ...ports] = await new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`not ready in time:\n${output}`));
    }, READY_MS);
    const seen = (chunk) => {
      output += chunk;
      const ready = READY.exec(output);
      if (ready !== null) {
        clearTimeout(timer);
        resolve(ready);
      }
    };
    child.stdout.on('data', seen);
    child.stderr.on('data', seen);
    exited.then((how) => {
      clearTimeout(timer);
      reject(new Error(`exited before it was ready (${JSON.stringify(how)}):\n${output}`));
    });
  });
  const [serverPort, tlsPort, adminPort] = ports.map((text) => (text === undefined ? undefined : Number(text)));
  return {
    url,
    port: serverPort,
    tlsPort,
    adminPort,
    process: child,
    exited,
    output: () => output,
    async stop() {
      child.kill('SIGTERM');
      return exited;
    },
    async kill() {
      child.kill('SIGKILL');
      return exited;
    },
  };
}

/** Runs the binary to its end and gives {code, stdout, stderr}; one that goes on is killed (code null). */
export async function runProgram(args) {
  const child = spawn(BINARY, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => { stdout += chunk; });
  child.stderr.on('data', (chunk) => { stderr += chunk; });
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_MS);
  const code = await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(timer);
  return { code, stdout, stderr };
}

const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/dynamodb/' +
  'aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature=' + '0'.repeat(64);

/** Headers of a well-formed request for an operation. */
export function headersFor(operation, more = {}) {
  return {
    'Content-Type': 'application/x-amz-json-1.0',
    'X-Amz-Target': operation.includes('.') ? operation : `DynamoDB_20120810.${operation}`,
    'X-Amz-Date': '20260101T000000Z',
    Authorization: AUTHORIZATION,
    ...more,
  };
}

/** A request past the SDK, on a connection of its own: {status, headers, body: Buffer, json}. A body always has its
    length in the head: node leaves it out for some methods (DELETE is one), and what follows such a head is read as the
    next request. */
export function rawRequest(server, { method = 'POST', target = '/', headers = {}, body = '' } = {}) {
  const framed = body.length === 0 || Object.keys(headers).some((name) =>
    /^(content-length|transfer-encoding)$/i.test(name));
  const allHeaders = framed ? headers : { ...headers, 'Content-Length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port: server.port, method, path: target, headers: allHeaders, agent: false },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const received = Buffer.concat(chunks);
          let json;
          try {
            json = JSON.parse(received.toString());
          } catch {
            json = undefined;
          }
          resolve({ status: response.statusCode, headers: response.headers, body: received, json });
        });
      });
    request.on('error', reject);
    request.end(body);
  });
}

/** An operation as raw JSON text or object, past the SDK's own checks. */
export function rawOperation(server, operation, body, headers = {}) {
  return rawRequest(server, {
    headers: headersFor(operation, headers),
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
  });
}

/** Writes bytes to a socket and collects what comes until the peer closes or `enough` says so. A piece
    that is a RegExp is waited for instead: what follows is written when it has come. One that is a function is called,
    and what follows is written when it is done. */
export function rawBytes(server, pieces, { enough = () => false, pauseMs = 0 } = {}) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(server.port, '127.0.0.1');
    let received = Buffer.alloc(0);
    let look = () => {};
    const comes = (awaited) => new Promise((next) => {
      look = () => awaited.test(received.toString('latin1')) && next();
      look();
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      look();
      if (enough(received.toString('latin1')))
        socket.destroy();
    });
    socket.on('error', (error) => (error.code === 'ECONNRESET' || error.code === 'EPIPE'
      ? undefined : reject(error)));
    socket.on('close', () => resolve(received.toString('latin1')));
    socket.on('connect', async () => {
      for (const piece of pieces) {
        if (socket.destroyed)
          break;
        if (piece instanceof RegExp) {
          await comes(piece);
          continue;
        }
        if (piece instanceof Function) {
          await piece().catch(reject);
          continue;
        }
        socket.write(piece);
        if (pauseMs > 0)
          await new Promise((next) => setTimeout(next, pauseMs));
      }
    });
  });
}
