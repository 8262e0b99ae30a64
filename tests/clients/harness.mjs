// What the client tests share: one server for a file and the surroundings every client reads its settings from.
// HASHRANGE names the binary; HASHRANGE_URL points at a server that runs already, with the arguments below.

import { execFile } from 'node:child_process';
import { after } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from '../api/server.mjs';

const SERVER_ARGS = ['--in-memory', '--ttl-interval', '1', '--ttl-change-seconds', '0'];

/** The region of every table. */
export const REGION = 'us-east-1';

// Every client takes its credentials and region from here, as in an application.
Object.assign(process.env, {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: '1', // aws-sdk v2's own notice about itself
});

const started = process.env.HASHRANGE_URL === undefined ? await startServer(SERVER_ARGS) : undefined;

/** Where the server of this file listens. */
export const ENDPOINT = process.env.HASHRANGE_URL ?? started.url;

after(async () => {
  if (started === undefined)
    return;
  const { code } = await started.stop();
  if (code !== 0)
    throw new Error(`the server ended with ${code}:\n${started.output()}`);
});

// The distribution's programs come before others of the same name.
const PROGRAM_PATH = `/usr/bin:/bin:${process.env.PATH}`;

/** Runs a program to its end and gives what it printed; fails with all its output when it fails. */
export async function run(program, args, more = {}) {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      maxBuffer: 64 * 1024 * 1024,
      ...more,
      env: { ...process.env, PATH: PROGRAM_PATH, ...more.env },
    });
    return stdout;
  } catch (error) {
    error.message += `\n${error.stdout ?? ''}`;
    throw error;
  }
}

const EVENTUALLY_MS = 60_000; // sanitizer builds on a busy machine

/** Asks until the answer is there. */
export async function eventually(ask) {
  const end = Date.now() + EVENTUALLY_MS;
  for (;;) {
    const answer = await ask();
    if (answer)
      return answer;
    if (Date.now() > end)
      throw new Error(`never came true: ${ask}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}
