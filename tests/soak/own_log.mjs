// RocksDB's own log, LOG, must not be where the data is: builds of RocksDB with assertions abort when it cannot be
// written. Here a write to the data's log fails, so that the folder is opened again, and whatever is called LOG there
// cannot be written meanwhile: the server must get well by itself.
//
//   HASHRANGE=build/release/hashrange node tests/soak/own_log.mjs

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { rawOperation, startServer, temporaryFolder } from '../api/server.mjs';
import { Control } from './control.mjs';

const ROUNDS = 3;
const RECOVERY_MS = 20_000; // the server tries every second, on a machine that is busy

const folder = await temporaryFolder();
const data = path.join(folder, 'data');
const control = new Control(path.join(folder, 'control'), { data });
const server = await startServer(['--data', data], { env: control.env });
let ended;
server.exited.then((how) => { ended = how; });

let written = 0;
/** The status of a write that changes something; 0: there was no answer. */
async function put() {
  written += 1;
  const item = { TableName: 'tab', Item: { pk: { S: 'key' }, n: { N: String(written) } } };
  return rawOperation(server, 'PutItem', item).then(({ status }) => status, () => 0);
}

async function becomesWell() {
  for (const until = Date.now() + RECOVERY_MS; ended === undefined && Date.now() < until;) {
    if (await put() === 200)
      return true;
    await new Promise((next) => setTimeout(next, 100));
  }
  return false;
}

const problems = [];
await rawOperation(server, 'CreateTable', {
  TableName: 'tab', BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
});
for (let round = 0; round < ROUNDS && problems.length === 0; round++) {
  control.fail({ kinds: ['WRITE'], error: 'EIO', namePart: '.log' });
  if (await put() === 200)
    problems.push('a write was answered while the log could not be written');
  control.fail({ kinds: ['WRITE'], error: 'ENOSPC', namePart: 'LOG' });
  if (!await becomesWell())
    problems.push(`the server did not get well: ${JSON.stringify(ended)}\n${server.output()}`);
  control.heal();
}
const { code } = ended ?? await server.stop();
if (code !== 0)
  problems.push(`the server ended with ${code}`);
control.close();
await rm(folder, { recursive: true, force: true });
problems.forEach((problem) => console.error(problem));
console.log(`own log: ${ROUNDS} times opened again without it, ${written} writes, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
