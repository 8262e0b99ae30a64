// What client tests share that needs no server: running programs, waiting for what becomes true.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The region of every table. */
export const REGION = 'us-east-1';

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
