// Transfers between accounts, and what must hold of them: see transfers.mjs, which tells what is checked. The bank does not
// start or stop servers.

import { call } from './client.mjs';
import { scan } from './tables.mjs';

const ACCOUNTS = 12;
const INITIAL = 1000;

const now = () => process.hrtime.bigint();
const pause = (ms) => new Promise((next) => setTimeout(next, ms));

/** expect(holds, words) is told what does not hold. Beside a disk that fails and a clock that jumps:
 *    isFault(error)                 an answer that says nothing about a transfer but that it may be sent again
 *    tokenMayHaveExpired(transfer)  a second answer need not be the first one's any more
 *    goesOn                         writers go on after such an answer, and after none */
export function makeBank({ random, expect, isFault = () => false, tokenMayHaveExpired = () => false, goesOn = false }) {
  const totals = { acknowledged: 0, conflicts: 0, refused: 0, unanswered: 0, replays: 0, inProgress: 0, plain: 0, plainConflicts: 0, reads: 0 };

  const N = (number) => ({ N: String(number) });
  const accountKey = (account) => ({ pk: { S: `account/${account}` } });
  const accounts = Array.from({ length: ACCOUNTS }, (_, i) => i);

  // ---- transfers ----

  // {id, moves: Map account -> amount, request, startedAt, endedAt, state: 'open' | 'done' | 'none'}
  let transfers = [];
  // What those did that have been checked and forgotten.
  const settled = accounts.map(() => ({ balance: INITIAL, version: 0 }));
  const plainWrites = accounts.map(() => ({ acknowledged: 0, unanswered: 0 }));
  let lastId = 0;

  function makeTransfer() {
    const chosen = new Set();
    const count = 2 + random(3);
    while (chosen.size < count)
      chosen.add(random(ACCOUNTS));
    const [giver, ...takers] = chosen;
    const amount = 1 + random(200);
    const moves = new Map(takers.map((taker) => [taker, amount]));
    moves.set(giver, -amount * takers.length);
    const id = `transfer-${lastId++}`;
    const watched = accounts.find((account) => !chosen.has(account));
    const items = [...moves].map(([account, move]) => ({
      Update: {
        TableName: 'accounts', Key: accountKey(account),
        UpdateExpression: 'SET balance = balance + :move, version = version + :one',
        ConditionExpression: 'balance >= :least',
        ExpressionAttributeValues: { ':move': N(move), ':one': N(1), ':least': N(Math.max(0, -move)) },
      },
    }));
    items.push({ Put: { TableName: 'ledger', Item: { pk: { S: id } }, ConditionExpression: 'attribute_not_exists(pk)' } });
    if (random(3) === 0)
      items.push({ ConditionCheck: { TableName: 'accounts', Key: accountKey(watched), ConditionExpression: 'attribute_exists(pk)' } });
    const transfer = { id, moves, state: 'open', startedAt: now(), endedAt: undefined,
      request: { ClientRequestToken: id, TransactItems: items } };
    transfers.push(transfer);
    return transfer;
  }

  const isConflict = ({ CancellationReasons }) => CancellationReasons.some(({ Code }) => Code === 'TransactionConflict');

  /** Sends it once. true: its fate is known. */
  async function send(server, transfer) {
    const wasDone = transfer.state === 'done';
    try {
      await call(server, 'TransactWriteItems', transfer.request);
    } catch (error) {
      if (error.answer === undefined)
        return false;
      const name = error.answer.__type.split('#')[1];
      if (name === 'TransactionInProgressException') {
        totals.inProgress += 1;
        return false;
      }
      if (isFault(error))
        return false;
      const codes = (error.answer.CancellationReasons ?? []).map(({ Code }) => Code);
      expect(name === 'TransactionCanceledException' && codes.length === transfer.request.TransactItems.length
        && codes.every((code) => ['None', 'ConditionalCheckFailed', 'TransactionConflict'].includes(code))
        && codes.some((code) => code !== 'None'), `${transfer.id} was answered with ${error.message}`);
      if (codes[transfer.moves.size] === 'ConditionalCheckFailed' && tokenMayHaveExpired(transfer)) {
        transfer.state = 'done'; // nobody else writes its entry in the ledger
        transfer.endedAt ??= now();
        return true;
      }
      expect(!wasDone, `${transfer.id} was done and is cancelled now: ${error.message}`);
      totals[isConflict(error.answer) ? 'conflicts' : 'refused'] += 1;
      // The other one of two equal requests may still be done.
      if (transfer.state === 'open' && !transfer.twice)
        transfer.state = 'none';
      return transfer.state === 'none';
    }
    if (transfer.state === 'done')
      totals.replays += 1;
    else
      totals.acknowledged += 1;
    expect(transfer.state !== 'none', `${transfer.id} was cancelled and is done now`);
    transfer.state = 'done';
    transfer.endedAt ??= now();
    return true;
  }

  async function write(server) {
    while (!server.gone) {
      const transfer = makeTransfer();
      transfer.twice = random(8) === 0;
      const known = await Promise.all([send(server, transfer), ...(transfer.twice ? [send(server, transfer)] : [])]);
      if (server.gone || !known.some(Boolean) && !transfer.twice && !goesOn)
        return; // what is open is settled later
      if (transfer.state === 'done' && random(8) === 0)
        await send(server, transfer);
      await pause(random(12));
    }
  }

  /** Sends what nobody knows the fate of again, with its token, until it is known. */
  async function settle(server) {
    for (const transfer of transfers.filter(({ state }) => state === 'open')) {
      totals.unanswered += 1;
      transfer.twice = false;
      for (let tries = 0; transfer.state === 'open'; tries++) {
        expect(tries < 100, `${transfer.id} has no fate`);
        if (tries === 100)
          return;
        if (tries > 50)
          await pause(100);
        await send(server, transfer);
      }
    }
  }

  // ---- others ----

  async function writePlainly(server) {
    while (!server.gone) {
      const account = random(ACCOUNTS);
      const tally = plainWrites[account];
      tally.unanswered += 1;
      try {
        await call(server, 'UpdateItem', { TableName: 'accounts', Key: accountKey(account),
          UpdateExpression: 'ADD touched :one', ExpressionAttributeValues: { ':one': N(1) } });
        tally.acknowledged += 1;
        tally.unanswered -= 1;
        totals.plain += 1;
      } catch (error) {
        if (error.answer === undefined && !goesOn)
          return;
        if (isFault(error) || error.answer === undefined) {
          await pause(20); // it counts as unanswered
          continue;
        }
        expect(error.answer.__type.endsWith('#TransactionConflictException'), `a plain write got ${error.message}`);
        tally.unanswered -= 1;
        totals.plainConflicts += 1;
      }
      await pause(random(20));
    }
  }

  let reads = []; // {startedAt, endedAt, versions: Map account -> version}

  /** One read of the accounts given; undefined when it conflicts. */
  async function readAccounts(server, chosen) {
    const startedAt = now();
    try {
      const { Responses } = await call(server, 'TransactGetItems',
        { TransactItems: chosen.map((account) => ({ Get: { TableName: 'accounts', Key: accountKey(account) } })) });
      const items = Responses.map(({ Item }) => Item);
      const read = { startedAt, endedAt: now(), items,
        versions: new Map(chosen.map((account, i) => [account, Number(items[i].version.N)])) };
      reads.push(read);
      totals.reads += 1;
      if (chosen.length === ACCOUNTS) {
        const sum = items.reduce((all, { balance }) => all + Number(balance.N), 0);
        expect(sum === ACCOUNTS * INITIAL, `a read of all accounts sums up to ${sum}`);
      }
      return read;
    } catch (error) {
      if (error.answer === undefined && !goesOn)
        throw error;
      if (isFault(error) || error.answer === undefined)
        return undefined;
      expect(error.answer.__type.endsWith('#TransactionCanceledException') && isConflict(error.answer), `a read got ${error.message}`);
      return undefined;
    }
  }

  async function read(server) {
    try {
      while (!server.gone) {
        const some = accounts.filter(() => random(4) === 0);
        await readAccounts(server, random(2) === 0 || some.length === 0 ? accounts : some);
        await pause(random(6));
      }
    } catch {
      // the server is gone
    }
  }

  // ---- the history ----

  /** How many of an ascending list are below. */
  function countBelow(list, limit) {
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (list[middle] < limit)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

  const ascending = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const timesOf = (account, which, wanted) => transfers
    .filter((transfer) => wanted(transfer) && transfer.moves.has(account)).map((transfer) => transfer[which]).sort(ascending);

  function checkAgainstTransfers() {
    const begun = accounts.map((account) => timesOf(account, 'startedAt', ({ state }) => state === 'done'));
    const acknowledged = accounts.map((account) => timesOf(account, 'endedAt', ({ state }) => state === 'done'));
    for (const { startedAt, endedAt, versions } of reads) {
      for (const [account, version] of versions) {
        const least = settled[account].version + countBelow(acknowledged[account], startedAt);
        const most = settled[account].version + countBelow(begun[account], endedAt);
        expect(version >= least && version <= most,
          `account ${account} was read at version ${version}, though ${least} transfers had been acknowledged and ${most} begun`);
      }
    }
  }

  function checkOrder() {
    const weight = ({ versions }) => [...versions.values()].reduce((sum, version) => sum + version, 0);
    const whole = reads.filter(({ versions }) => versions.size === ACCOUNTS).sort((a, b) => weight(a) - weight(b));
    for (let i = 1; i < whole.length; i++)
      expect(accounts.every((account) => whole[i - 1].versions.get(account) <= whole[i].versions.get(account)),
        'two reads of all accounts cannot be put in an order');
    const byEnd = [...reads].sort((a, b) => ascending(a.endedAt, b.endedAt));
    const newest = accounts.map(() => 0); // that a read saw which has ended
    let ended = 0;
    for (const one of [...reads].sort((a, b) => ascending(a.startedAt, b.startedAt))) {
      for (; ended < byEnd.length && byEnd[ended].endedAt < one.startedAt; ended++)
        byEnd[ended].versions.forEach((version, account) => { newest[account] = Math.max(newest[account], version); });
      for (const [account, version] of one.versions)
        expect(version >= newest[account], `account ${account} was read at version ${version} after ${newest[account]}`);
    }
  }


  async function verify(server) {
    const ledger = new Set((await scan(server, 'ledger')).map(({ pk }) => pk.S));
    for (const { id, state } of transfers)
      expect(ledger.has(id) === (state === 'done'), `${id} is ${state}, but ${ledger.has(id) ? '' : 'not '}in the ledger`);
    const last = await readAccounts(server, accounts);
    for (const account of accounts) {
      const done = transfers.filter(({ state, moves }) => state === 'done' && moves.has(account));
      const balance = done.reduce((sum, { moves }) => sum + moves.get(account), settled[account].balance);
      const version = settled[account].version + done.length;
      const item = last.items[account];
      expect(item.balance.N === String(balance) && item.version.N === String(version),
        `account ${account} has ${item.balance.N} after ${item.version.N} transfers, expected ${balance} after ${version}`);
      const tally = plainWrites[account];
      const touched = Number(item.touched?.N ?? 0);
      expect(touched >= tally.acknowledged && touched <= tally.acknowledged + tally.unanswered,
        `account ${account} was touched ${touched} times, acknowledged ${tally.acknowledged}, unanswered ${tally.unanswered}`);
      Object.assign(tally, { acknowledged: touched, unanswered: 0 });
    }
    checkAgainstTransfers();
    checkOrder();
    reads = [last]; // what comes must not go back behind it
  }

  async function open(server) {
    for (const TableName of ['accounts', 'ledger'])
      await call(server, 'CreateTable', { TableName, BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }] });
    for (const account of accounts)
      await call(server, 'PutItem', { TableName: 'accounts', Item: { ...accountKey(account), balance: N(INITIAL), version: N(0) } });
  }

  /** Forgets the transfers that verify has found to be right, and clears the ledger: for tests that go on for long. */
  async function forget(server) {
    for (const { moves } of transfers.filter(({ state }) => state === 'done')) {
      for (const [account, move] of moves) {
        settled[account].balance += move;
        settled[account].version += 1;
      }
    }
    const done = transfers.filter(({ state }) => state === 'done').map(({ id }) => id);
    transfers = [];
    for (let first = 0; first < done.length; first += 25)
      await call(server, 'BatchWriteItem', { RequestItems: { ledger: done.slice(first, first + 25)
        .map((id) => ({ DeleteRequest: { Key: { pk: { S: id } } } })) } });
  }

  return { totals, open, write, writePlainly, read, settle, verify, forget };
}
