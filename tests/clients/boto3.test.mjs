// Runs boto3_life.py with the distribution's Python and boto3.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { ENDPOINT, run } from './harness.mjs';

const PROGRAM = fileURLToPath(new URL('boto3_life.py', import.meta.url));

test('lives a whole life in boto3', async () => {
  const printed = await run('python3', ['-B', PROGRAM], { env: { ENDPOINT } });
  assert.match(printed, /^ok delete_table$/m);
});
