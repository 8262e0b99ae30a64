// One server under one long mixed load, while all that may go wrong with it does, one thing after another, by chance:
// SIGKILL, SIGTERM, a full disk, a disk that fails, a clock that jumps, floods of connections. After each, when the writers
// pause, what they know is held against what is there (items.mjs, ../crash/bank.mjs, ../crash/follower.mjs):
//  - nothing acknowledged is lost, nothing refused appears, what nobody got an answer for is there whole or not at all;
//  - indexes, counts and sizes agree with the items;
//  - the stream has every change once, in order, and none that was none;
//  - transactions are serializable; sent again they are done once.
// While the disk fails, reads are answered; when it is well again, writes are, without a restart.
//
//   HASHRANGE=build/release/hashrange SOAK_SECONDS=600 SEED=1 node tests/soak/soak.mjs
//
// The same seed makes the same choices, though not at the same moments. EVENTS=kill,full names those that may happen.

import { rm } from 'node:fs/promises';
import path from 'node:path';
import { startServer, temporaryFolder } from '../api/server.mjs';
import { makeBank } from '../crash/bank.mjs';
import { call, closeConnections, randomFrom } from '../crash/client.mjs';
import { Follower } from '../crash/follower.mjs';
import { Control } from './control.mjs';
import { flood } from './flood.mjs';
import { Items, TABLE, fateOf } from './items.mjs';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 600);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const WRITE_BUFFER = 512 * 1024; // flushes and compactions come often
const RECOVERY_MS = 20_000; // the server tries every second, on a machine that is busy
const CLOCK_SECONDS_MAX = 6 * 3600; // less than what the records of a stream are kept
const TOKEN_SECONDS = 600; // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html

const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const problems = [];
const expect = (holds, words) => { if (!holds && problems.length < 20) problems.push(`${doing}: ${words}`); };
let doing = 'start';

const hash = (name) => [...name].reduce((sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0, SEED);
const randomFor = (name) => randomFrom(hash(name));
const random = randomFor('events');

const folder = await temporaryFolder();
const data = path.join(folder, 'data');
const control = new Control(path.join(folder, 'control'), { data, writeBuffer: WRITE_BUFFER });

/** The server's time of day, in seconds. */
const clock = {
  offset: 0,
  greatest: 0,
  jumped: 0, // how far, in all
  now: () => Date.now() / 1000 + clock.offset,
  latest: () => { clock.greatest = Math.max(clock.greatest, clock.now()); return clock.greatest; },
  jump: (seconds) => {
    const to = Math.max(-CLOCK_SECONDS_MAX, Math.min(CLOCK_SECONDS_MAX, clock.offset + seconds));
    clock.latest();
    clock.jumped += Math.abs(to - clock.offset);
    clock.offset = to;
    control.setClockOffset(to);
  },
};

let server;
async function start() {
  server = await startServer(['--data', data, '--stream-shards', '2', '--stream-roll-seconds', '20', '--ttl-interval', '1',
    '--ttl-change-seconds', '0'], { env: control.env });
  const started = server;
  started.exited.then((how) => expect(started.mayEnd, `the server ended by itself (${JSON.stringify(how)}):\n${started.output().slice(-2000)}`));
}

// ---- the load ----

const items = new Items({ expect, clock, randomFor, writers: 10 });
let jumpedAtRoundStart = 0;
const bank = makeBank({ random: randomFor('bank'), expect, isFault: (error) => error.answer !== undefined && fateOf(error) !== 'failed', goesOn: true,
  tokenMayHaveExpired: () => clock.jumped - jumpedAtRoundStart >= TOKEN_SECONDS - 60 });
const follower = new Follower({ expect, random: randomFor('stream'), now: () => clock.latest(), seen: (record) => items.note(record) });

async function follow(living) {
  while (!living.gone) {
    await follower.readOn(living, items.streamArn).catch((error) => expect(fateOf(error) !== 'failed' || /ExpiredIterator/.test(error.message), `the stream: ${error.message}`));
    await pause(50);
  }
}

function load() {
  const living = server;
  const several = (count, work) => Array.from({ length: count }, () => work(living));
  return Promise.all([...items.writers.map((writer) => items.write(living, writer)),
    ...several(4, bank.write), ...several(1, bank.writePlainly), ...several(2, bank.read), follow(living)]);
}

// ---- what goes wrong ----

const totals = { rounds: 0, readsWhileFailing: 0 };

async function end(how) {
  server.gone = true;
  server.mayEnd = true;
  const { code } = await server[how]();
  expect(how === 'kill' || code === 0, `SIGTERM ended with ${code}: ${server.output().slice(-500)}`);
}

/** Reads must be answered while the disk does not take anything. */
async function readWhileFailing(ms) {
  const until = Date.now() + ms;
  while (Date.now() < until) {
    await call(server, 'GetItem', { TableName: TABLE, Key: { pk: { S: 'writer0' }, sk: { S: 'key0' } } })
      .then(() => { totals.readsWhileFailing += 1; }, (error) => expect(false, `a read while the disk fails: ${error.message}`));
    await pause(100);
  }
}

async function awaitRecovery() {
  const until = Date.now() + RECOVERY_MS;
  for (;;) {
    try {
      await call(server, 'UpdateItem', { TableName: 'accounts', Key: { pk: { S: 'probe' } }, UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } } });
      return;
    } catch (error) {
      if (Date.now() > until)
        return expect(false, `writes do not work ${RECOVERY_MS / 1000} s after the disk does: ${error.message}\n${server.output().slice(-1500)}`);
      await pause(100);
    }
  }
}

/** The disk as `break` leaves it, for some seconds; then sometimes the server is killed while it fails. */
async function failDisk(breakIt) {
  breakIt();
  await readWhileFailing(500 + random(2500));
  const dies = random(4) === 0;
  if (dies)
    await end('kill');
  control.heal();
  if (dies)
    await start();
  else
    await awaitRecovery();
}

const events = {
  kill: async () => { await end('kill'); await start(); },
  stop: async () => { await end('stop'); await start(); },
  full: () => failDisk(() => control.limitSpace(random(3) * random(1024 * 1024))),
  failingWrites: () => {
    const namePart = ['', '.log', '.sst', 'MANIFEST'][random(4)];
    return failDisk(() => control.fail({ kinds: ['WRITE'], error: random(2) ? 'EIO' : 'ENOSPC', halfWritten: random(2) === 0, namePart,
      oneIn: [1, 3, 50][random(3)] }));
  },
  failingSyncs: () => failDisk(() => control.fail({ kinds: ['SYNC'], error: 'EIO', oneIn: [1, 3, 20][random(3)], namePart: ['', '.log', '.sst'][random(3)] })),
  failingNames: () => failDisk(() => control.fail({ kinds: ['OPEN', 'RENAME', 'TRUNCATE', 'ALLOCATE'], error: ['EIO', 'ENOSPC', 'EMFILE'][random(3)], oneIn: 1 + random(2) })),
  // Of these tables some blocks are cached; what is not is answered with InternalServerError, and writes that must read too.
  failingReads: async () => {
    control.fail({ kinds: ['READ'], error: 'EIO', oneIn: [1, 3, 20][random(3)], namePart: '.sst' });
    await pause(500 + random(1500));
    control.heal();
    await awaitRecovery();
  },
  clock: async () => {
    for (let i = 0; i < 1 + random(3); i++) {
      clock.jump((random(2) ? 1 : -1) * [1, 30, 400, 7200][random(4)] * (1 + random(100) / 100));
      await pause(random(500));
    }
  },
  flood: async () => {
    const { close } = flood(server, 2000 + random(2000), randomFor(`flood ${totals.rounds}`));
    await readWhileFailing(1500 + random(1500));
    close();
  },
};
const names = process.env.EVENTS?.split(',') ?? Object.keys(events);
const happened = Object.fromEntries(names.map((name) => [name, 0]));

async function verify() {
  server.gone = true;
  await bank.settle(server);
  await bank.verify(server);
  await bank.forget(server);
  await items.verify(server, follower);
  server.gone = false;
}

async function round() {
  jumpedAtRoundStart = clock.jumped;
  server.gone = false;
  const living = server;
  const loads = [load()];
  await pause(300 + random(1500));
  for (let i = 0; i < 1 + random(2) && problems.length === 0; i++) {
    const name = names[random(names.length)];
    doing = `round ${totals.rounds}, ${name}`;
    happened[name] += 1;
    const before = server;
    await events[name]();
    if (server !== before)
      loads.push(load());
    await pause(random(1000));
  }
  living.gone = true;
  server.gone = true;
  await Promise.all(loads);
  await verify();
  totals.rounds += 1;
}

await start();
const until = Date.now() + SECONDS * 1000;
try {
  await items.open(server);
  await bank.open(server);
  while (Date.now() < until && problems.length === 0)
    await round();
  if (problems.length === 0) {
    doing = 'the end';
    clock.jump(2 * CLOCK_SECONDS_MAX);
    await items.verifyExpired(server);
    await items.verify(server, follower);
    await end('stop');
    await start();
    await verify();
    const whole = new Follower({ expect, random, now: () => clock.latest() });
    await whole.readOn(server, items.streamArn);
    await items.verify(server, whole);
  }
} catch (error) {
  expect(false, error.stack);
}
await end(problems.length === 0 ? 'stop' : 'kill');
const failedCalls = control.failed;
control.close();
closeConnections();
if (process.env.KEEP === undefined)
  await rm(folder, { recursive: true, force: true });
else
  console.error(`kept: ${folder}`);

for (const problem of problems)
  console.error(problem);
const list = Object.entries(happened).map(([name, count]) => `${name} ${count}`).join(', ');
console.log(`soak: ${SECONDS} s (seed ${SEED}), ${totals.rounds} rounds: ${list}; ${failedCalls} calls failed, clock moved ${Math.round(clock.jumped)} s\n`
  + `soak: ${items.totals.acknowledged} acknowledged writes, ${items.totals.unknown} unanswered, ${items.totals.refused} refused, ${items.totals.reads} reads, `
  + `${totals.readsWhileFailing} while something failed, ${follower.records} records of the stream (${follower.expired} of expired items), `
  + `${bank.totals.acknowledged} transfers and ${bank.totals.replays} replays, ${bank.totals.reads} reads of accounts, ${problems.length} problems`);
process.exitCode = problems.length === 0 && items.totals.acknowledged > totals.rounds && totals.rounds > 0 ? 0 : 1;
