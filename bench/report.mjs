// Writes what was measured into docs/PERFORMANCE.md, between its markers, and draws docs/performance/requests.svg.

import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(`../docs/${name}`, import.meta.url));
const MARKERS = ['<!-- measured: begin -->\n', '<!-- measured: end -->\n'];

const whole = (value) => Math.round(value).toLocaleString('en-US');
const ms = (microseconds) => (microseconds / 1000).toFixed(microseconds < 1000 ? 3 : 1);
const megabytes = (bytes) => (bytes / 1e6).toFixed(1);
const ratio = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(0));

const table = (head, rows) => [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`,
  ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');

const OPERATIONS = { get: 'GetItem', query: 'Query', put: 'PutItem', 'transact-write': 'TransactWriteItems', append: 'append' };

const requestOf = ({ server, workload }) =>
  (server.startsWith('nginx') ? `static, asked for ${OPERATIONS[workload]}` : OPERATIONS[workload]);

/** One target: what is held against what, the figure and the limit; without a limit it is only told; upTo: the limit is the most,
 * else the least. */
function targetsOfRequests(requests) {
  const find = (server, workload, connections = 64) =>
    requests.find((row) => row.server === server && row.workload === workload && row.connections === connections);
  const get = find('disk', 'get').perSecond;
  const put = find('disk', 'put').perSecond;
  const query = find('disk', 'query').perSecond;
  const nginx = find('nginx', 'get').perSecond;
  return [
    ['GetItem of 1 KB / nginx, answers as large', get / find('nginxItem', 'get').perSecond, 0.6],
    ['GetItem of 1 KB / nginx, answers of two bytes', get / nginx],
    ['GetItem in memory / DynamoDB Local in memory', find('memory', 'get').perSecond / find('localMemory', 'get').perSecond, 60],
    ['GetItem in memory / dynalite in memory', find('memory', 'get').perSecond / find('dynaliteMemory', 'get').perSecond, 4],
    ['durable PutItem of 1 KB / nginx, the same requests', put / find('nginx', 'put').perSecond, 0.3],
    ['durable PutItem of 1 KB / nginx, requests of GetItem', put / nginx],
    ['durable PutItem / append and fdatasync, 64 writers', put / find('append', 'append').perSecond, 0.6],
    ['durable PutItem / DynamoDB Local on disk', put / find('localDisk', 'put').perSecond, 50],
    ['Query of 10 items / nginx, answers as large', query / find('nginxPage', 'query').perSecond, 0.45],
    ['Query of 10 items / nginx, answers of two bytes', query / nginx],
    ['one connection: p50 of GetItem / p50 of nginx', find('disk', 'get', 1).p50 / find('nginx', 'get', 1).p50, 1.5, 'up to'],
    ['TransactWriteItems of 4 / durable PutItem', find('disk', 'transact-write').perSecond / put, 0.5],
  ];
}

function targets({ requests, steady, scan, growth, sizes }) {
  const [own, inMemory, local] = ['hashrange', 'hashrange in memory', 'DynamoDB Local in memory']
    .map((name) => scan.find((row) => row.name === name).seconds);
  const [few, many] = growth.rows;
  return [
    ...targetsOfRequests(requests),
    ['Scan of 100 MB, both in memory: DynamoDB Local / hashrange', local / inMemory, 10],
    ['Scan of 100 MB: DynamoDB Local in memory / hashrange on disk', local / own, 10],
    [`durable PutItem at half its rate, ${steady.seconds} s: p99 / p50`, steady.p99 / steady.p50, 5, 'up to'],
    [`GetItem of one in ${whole(many.items)} / of one in ${whole(few.items)}, all in the cache`, many.perSecond / few.perSecond, 0.8],
    ['start to first answer in memory, ms', sizes.memory.ms, 10, 'up to'],
    [`start to first answer on ${whole(many.items)} items, ms`, growth.started.ms, 30, 'up to'],
    ['idle in memory, MB', sizes.memory.idleBytes / 1e6, 12, 'up to'],
    ['idle on RocksDB, MB', sizes.disk.idleBytes / 1e6, 20, 'up to'],
    ['program, stripped, MB', sizes.program / 1e6, 4, 'up to'],
    [`${whole(sizes.items.items)} items of 1 KB in memory / their bytes`, sizes.items.memory / sizes.items.bytes, 1.6, 'up to'],
    [`${whole(sizes.connections.count)} idle connections, MB`, sizes.connections.memory / 1e6, 100, 'up to'],
  ].map(([what, value, limit, most]) => (limit === undefined ? [what, ratio(value), '', '']
    : [what, ratio(value), `${most === undefined ? '≥' : '≤'} ${limit}`,
      (most === undefined ? value >= limit : value <= limit) ? 'met' : '**not met**']));
}

/** Bars on a logarithmic axis: what is compared differs by a factor of thousands. */
function chart(requests) {
  const rows = requests.filter(({ connections, workload }) => connections === 64 && workload !== 'append');
  const [left, width, step] = [250, 520, 20];
  const most = Math.log10(Math.max(...rows.map(({ perSecond }) => perSecond)));
  const x = (value) => Math.max(1, Math.round((Math.log10(Math.max(1, value)) / most) * width));
  const bars = rows.map((row, i) => {
    const y = 30 + i * step;
    const colour = row.name.startsWith('hashrange') ? '#0b67b2' : row.server.startsWith('nginx') ? '#999' : '#c4420c';
    return `<text x="${left - 8}" y="${y + 13}" text-anchor="end">${row.name}, ${requestOf(row)}</text>` +
      `<rect x="${left}" y="${y}" width="${x(row.perSecond)}" height="16" fill="${colour}"/>` +
      `<text x="${left + x(row.perSecond) + 6}" y="${y + 13}">${whole(row.perSecond)}</text>`;
  });
  const levels = [1, 10, 100, 1000, 10_000, 100_000].filter((level) => Math.log10(level) <= most).map((level) =>
    `<path d="M${left + x(level)} 24V${34 + rows.length * step}" stroke="#ddd"/>` +
    `<text x="${left + x(level)}" y="18" text-anchor="middle" fill="#777">${whole(level)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${left + width + 80} ${44 + rows.length * step}" ` +
    `font-family="sans-serif" font-size="12" role="img" aria-label="Requests a second with 64 connections">\n` +
    `<rect width="100%" height="100%" fill="#fff"/>\n${levels.join('\n')}\n${bars.join('\n')}\n</svg>\n`;
}

function text(results) {
  const { requests, steady, scan, growth, sizes, machine } = results;
  const nginx = requests.find(({ server, workload, connections }) =>
    server === 'nginx' && workload === 'get' && connections === 64).perSecond;
  return [
    `${machine.processors} processors (${machine.model}), Linux ${machine.kernel}; medians of ${machine.rounds} interleaved rounds of ` +
      `${machine.seconds} s; load of the machine at the end ${machine.load.map((one) => one.toFixed(1)).join(', ')}.`,
    `### Targets\n\n${table(['', 'measured', 'target', ''], targets(results))}`,
    '### Requests\n\n![Requests a second, on a logarithmic axis](performance/requests.svg)\n\n' +
      table(['', 'operation', 'connections', 'a second', 'of nginx', 'p50 ms', 'p99 ms', 'rounds'], requests.map((row) => [
        row.name, requestOf(row),
        row.workload === 'append' ? '64 threads' : row.connections, whole(row.perSecond),
        row.connections === 64 ? ratio(row.perSecond / nginx) : '', row.p50 === undefined || row.p50 === null ? '' : ms(row.p50),
        row.p99 === undefined || row.p99 === null ? '' : ms(row.p99), row.rounds.map(whole).join(' ')])),
    `### Durable PutItem, open loop, ${whole(steady.rate)} a second for ${steady.seconds} s\n\n${
      table(['requests', 'p50 ms', 'p90 ms', 'p99 ms', 'p99.9 ms', 'most ms'], [[whole(steady.requests),
        ...['p50', 'p90', 'p99', 'p99.9', 'max'].map((one) => ms(steady[one]))]])}\n\n` +
      'Just before, without a server: threads that only look at the clock, one on each processor, missed ' +
      `${(steady.machine.processorShare * 100).toFixed(2)} % of it, ${ms(steady.machine.longestPause)} ms at most at once; ` +
      'one thread that appended as many bytes a second as this load writes, with 1,000 `fdatasync`, waited ' +
      `${ms(steady.machine.syncP50)} ms (p50), ${ms(steady.machine.syncP99)} ms (p99), ${ms(steady.machine.syncP999)} ms (p99.9), ` +
      `${ms(steady.machine.longestSync)} ms at most (\`bench/pause_bench.c\`).`,
    `### Scan of a whole table, one page after the other\n\n${table(['', 'bytes of JSON', 'seconds', 'MB a second'],
      scan.map((row) => [row.name, whole(row.bytes), row.seconds.toFixed(2), (row.bytes / 1e6 / row.seconds).toFixed(0)]))}`,
    `### As a table grows\n\n${table(['items of 1 KB', 'cache', 'GetItem a second', 'p50 ms', 'p99 ms', 'rounds'],
      [...growth.rows.map((row) => ({ ...row, cache: `${whole(growth.cacheMb)} MB: holds all` })),
        ...growth.restarted.map((row) => ({ ...row, cache: 'the same, started again: all blocks' })),
        ...growth.beyondCache.map((row) => ({ ...row, cache: '256 MB, the default' }))].map((row) =>
        [whole(row.items), row.cache, whole(row.perSecond), ms(row.p50), ms(row.p99), row.rounds.map(whole).join(' ')]))}`,
    `### Small\n\n${table(['', ''], [
      ['start to first answer: in memory, on a new folder, on the large table', [sizes.memory, sizes.disk, growth.started]
        .map((one) => `${one.ms.toFixed(1)} ms`).join(', ')],
      ['idle: in memory, on a new folder, on the large table', [sizes.memory, sizes.disk, growth.started]
        .map((one) => `${megabytes(one.idleBytes)} MB`).join(', ')],
      ['of these not shared pages of the program and its libraries', [sizes.memory, sizes.disk, growth.started]
        .map((one) => `${megabytes(one.ownBytes)} MB`).join(', ')],
      ['program, stripped', `${megabytes(sizes.program)} MB`],
      [`${whole(sizes.items.items)} items of 1 KB in memory`, `${megabytes(sizes.items.memory)} MB for ${megabytes(sizes.items.bytes)} MB`],
      [`${whole(sizes.connections.count)} idle connections, each used once`,
        `${megabytes(sizes.connections.memory)} MB in all, ${megabytes(sizes.connections.before)} MB before`],
    ])}`,
  ].join('\n\n');
}

export async function writeReport(results) {
  const missing = ['requests', 'steady', 'scan', 'growth', 'sizes'].filter((stage) => results[stage] === undefined);
  if (missing.length > 0) {
    process.stderr.write(`not measured yet, so no tables are written: ${missing.join(', ')}\n`);
    return;
  }
  const page = await readFile(file('PERFORMANCE.md'), 'utf8');
  const [begin, end] = MARKERS.map((marker) => page.indexOf(marker));
  if (begin < 0 || end < begin)
    throw new Error('docs/PERFORMANCE.md has no markers');
  await writeFile(file('PERFORMANCE.md'),
    `${page.slice(0, begin + MARKERS[0].length)}\n${text(results)}\n\n${page.slice(end)}`);
  await writeFile(file('performance/requests.svg'), chart(results.requests));
}
