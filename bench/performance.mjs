// Measures hashrange beside its peers, all in one run, and writes docs/PERFORMANCE.md's tables: see `make bench`.
//
//   HASHRANGE=build/release/hashrange BENCH_PROGRAMS=build/release/bench node bench/performance.mjs [stage...]
//
// Stages: requests, steady, scan, growth, sizes; all when none is named. Results of stages that are left out are those of
// the run before. ROUNDS (3) and SECONDS (4) of each measurement, STEADY_SECONDS (600), MANY_ITEMS (10000000).

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeReport } from './report.mjs';
import * as stages from './stages.mjs';

const number = (name, otherwise) => Number(process.env[name] ?? otherwise);
const rounds = number('ROUNDS', 3);
const seconds = number('SECONDS', 4);
const program = (name) => path.resolve(process.env.BENCH_PROGRAMS, name);
const RESULTS = fileURLToPath(new URL('../docs/performance/results.json', import.meta.url));

async function before() {
  try {
    return JSON.parse(await readFile(RESULTS, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT')
      return {};
    throw error;
  }
}

const results = await before();
const run = {
  requests: (folder) => stages.requests(folder,
    { rounds, seconds, items: 10_000, fewItems: 1000, appendProgram: program('append_bench') }),
  steady: (folder) => stages.steady(folder, {
    rate: results.requests.find(({ server, workload }) => server === 'disk' && workload === 'put').perSecond / 2,
    seconds: number('STEADY_SECONDS', 600), items: 10_000, pauseProgram: program('pause_bench'),
  }),
  scan: (folder) => stages.scan(folder, { rounds, items: 100_000 }),
  growth: (folder) => stages.growth(folder, { rounds, seconds, few: 10_000, many: number('MANY_ITEMS', 10_000_000) }),
  sizes: (folder) => stages.sizes(folder, { items: 100_000, connections: 10_000 }),
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(run);
const folder = await mkdtemp(path.join(process.env.BENCH_FOLDER ?? os.tmpdir(), 'hashrange-bench-'));
try {
  for (const stage of wanted) {
    process.stderr.write(`${stage}\n`);
    results[stage] = await run[stage](folder);
    await writeFile(RESULTS, `${JSON.stringify(results, null, 1)}\n`);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
results.machine = { processors: os.cpus().length, model: os.cpus()[0].model, kernel: os.release(), load: os.loadavg(), rounds, seconds };
await writeFile(RESULTS, `${JSON.stringify(results, null, 1)}\n`);
await writeReport(results);
