// Loads a server with `hashrange bench` and gives what that measured; and the disk alone.

import { spawn } from 'node:child_process';
import { BINARY } from './peers.mjs';

function run(program, args, environment) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let problems = '';
    child.stdout.on('data', (chunk) => { output += chunk; });
    child.stderr.on('data', (chunk) => { problems += chunk; });
    child.once('error', reject);
    child.once('exit', (code) => resolve({ code, output, problems }));
  });
}

const flags = (options) => Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);

/** Makes the table and its items. */
export async function fill(server, options) {
  const { code, problems } = await run(BINARY,
    ['bench', '--endpoint-url', server.url, '--load-only', '--quiet', ...flags(options)], server.environment);
  if (code !== 0)
    throw new Error(`${server.name} cannot be filled: ${problems}`);
}

/** {perSecond, p50, p99, ...} of one round, times in microseconds. */
export async function load(server, options) {
  const { output, problems } = await run(BINARY,
    ['bench', '--endpoint-url', server.url, '--no-load', '--quiet', '--json', '-', ...flags(options)], server.environment);
  if (output === '')
    throw new Error(`${server.name}, ${JSON.stringify(options)}: ${problems}`);
  const result = JSON.parse(output);
  const all = result.operations.find(({ operation }) => operation === 'all');
  const isConflict = /TransactionConflict|TransactionCanceled/.test(result.firstError);
  if (all === undefined || result.lostConnections > 0 || (all.failed > 0 && !isConflict))
    throw new Error(`${server.name}, ${JSON.stringify(options)}: ${result.firstError}`);
  return { ...all, perSecond: all.perSecond * (1 - all.failed / all.requests) };
}

/** Records a second that 64 threads append to one file, each waiting until its own is safe. */
export async function append(program, file, seconds) {
  const { code, output, problems } = await run(program, [file, String(seconds)], {});
  if (code !== 0)
    throw new Error(problems);
  return { perSecond: Number.parseFloat(output) };
}

/** What the machine itself does to whoever wants to be steady: times in microseconds. */
export async function pauses(program, file, seconds, bytesPerSecond) {
  const { code, output, problems } = await run(program, [file, String(seconds), String(bytesPerSecond)], {});
  if (code !== 0)
    throw new Error(problems);
  return JSON.parse(output);
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
