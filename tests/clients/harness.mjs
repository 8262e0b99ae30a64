// What the client tests share: one server for a file and the surroundings every client reads its settings from.
// HASHRANGE names the binary; HASHRANGE_URL points at a server that runs already, with the arguments below.

import { after } from 'node:test';
import { startServer } from '../api/server.mjs';
import { REGION } from './surroundings.mjs';

export * from './surroundings.mjs';

const SERVER_ARGS = ['--in-memory', '--ttl-interval', '1', '--ttl-change-seconds', '0'];

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
