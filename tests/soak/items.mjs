// Writers of one table with indexes, a stream and time to live, and a model of what they know of it. Each has keys of its
// own and waits for its answers, so that of every key it is known what it must be, or may be, when an answer was lost:
//  - puts, updates, deletes, batches, and writes under conditions that hold, or do not; old values in the answers;
//  - reads of single items and queries of the table and its local index in between must show what was written;
//  - a write that was refused must never appear, in the table or in the stream.

import { call } from '../crash/client.mjs';
import { text } from '../crash/follower.mjs';
import { checkTable, scan } from '../crash/tables.mjs';

export const TABLE = 'kept';
const KEYS = 14; // of each writer
const EXPIRING_KEYS = 3; // and so many whose items expire

const pause = (ms) => new Promise((next) => setTimeout(next, ms));
const N = (number) => ({ N: String(number) });
const Key = (name) => ({ pk: { S: name.split('/')[0] }, sk: { S: name.split('/')[1] } });
const nameOf = ({ pk, sk }) => `${pk.S}/${sk.S}`;
const isExpiring = (name) => name.includes('/expires');
const attribute = (AttributeName, AttributeType) => ({ AttributeName, AttributeType });
const indexes = { local: (item) => item.rank && item, global: (item) => item.owner && item.rank && item };

const createTable = {
  TableName: TABLE,
  AttributeDefinitions: [attribute('pk', 'S'), attribute('sk', 'S'), attribute('owner', 'S'), attribute('rank', 'N')],
  KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' }],
  LocalSecondaryIndexes: [{ IndexName: 'local', Projection: { ProjectionType: 'ALL' },
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }] }],
  GlobalSecondaryIndexes: [{ IndexName: 'global', Projection: { ProjectionType: 'ALL' },
    KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }, { AttributeName: 'rank', KeyType: 'RANGE' }] }],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  BillingMode: 'PAY_PER_REQUEST',
};

/** What an error answer, or none, says of a write: 'unknown', 'refused', or 'failed' for all that is no fault. */
export function fateOf({ answer }) {
  if (answer === undefined || typeof answer.__type !== 'string' || answer.__type.endsWith('#InternalServerError'))
    return 'unknown';
  return /#(ServiceUnavailableException|RequestLimitExceeded)$/.test(answer.__type) ? 'refused' : 'failed';
}

export class Items {
  /** expect(holds, words), clock: {now(), latest()} in seconds. randomFor(name): a generator for one writer. */
  constructor({ expect, clock, randomFor, writers }) {
    Object.assign(this, { expect, clock });
    this.version = 0;
    this.possible = new Map(); // name -> items that it may be; null: absent
    this.owed = new Set(); // versions acknowledged and not yet seen in the stream
    this.seen = new Set(); // versions seen in the stream since the last check
    this.never = new Set(); // versions that were refused
    this.totals = { acknowledged: 0, unknown: 0, refused: 0, reads: 0, expired: 0 };
    this.writers = Array.from({ length: writers }, (_, i) => ({ id: `writer${i}`, random: randomFor(`writer${i}`) }));
    for (const { id } of this.writers) {
      for (let i = 0; i < KEYS + EXPIRING_KEYS; i++)
        this.possible.set(i < KEYS ? `${id}/key${i}` : `${id}/expires${i}`, [null]);
    }
  }

  async open(server) {
    const { TableDescription } = await call(server, 'CreateTable', createTable);
    await call(server, 'UpdateTimeToLive', { TableName: TABLE, TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true } });
    this.streamArn = TableDescription.LatestStreamArn;
  }

  /** Given each record of the stream. */
  note({ dynamodb: { NewImage } }) {
    if (NewImage === undefined)
      return;
    const version = Number(NewImage.version.N);
    this.expect(!this.seen.has(version), `version ${version} is in the stream twice`);
    this.expect(!this.never.has(version), `version ${version} was refused and is in the stream`);
    this.seen.add(version);
    this.owed.delete(version);
  }

  #make({ random }, name) {
    this.version += 1;
    const item = { ...Key(name), version: N(this.version), pad: { S: 'x'.repeat(random(1500)) } };
    if (random(3) > 0)
      item.owner = { S: `owner${random(9)}` };
    if (random(3) > 0)
      item.rank = N(1 + random(20));
    if (isExpiring(name))
      item.ttl = N(Math.floor(this.clock.now()) - 5 + random(60));
    return item;
  }

  /** What the key is known to be: an item, null, or undefined when that is not certain. */
  #known(name) {
    const states = this.possible.get(name);
    return states.length === 1 && !isExpiring(name) ? states[0] : undefined;
  }

  /** A request that makes these changes (name -> item or null). The answer, or undefined. */
  async #change(server, changes, operation, parameters) {
    const before = new Map([...changes.keys()].map((name) => [name, this.possible.get(name)]));
    const versions = [...changes.values()].filter((item) => item !== null).map(({ version }) => Number(version.N));
    changes.forEach((item, name) => this.possible.set(name, [...before.get(name), item]));
    try {
      const answer = await call(server, operation, parameters);
      this.totals.acknowledged += 1;
      changes.forEach((item, name) => this.possible.set(name, [item]));
      versions.filter((version) => !this.seen.has(version)).forEach((version) => this.owed.add(version));
      return answer;
    } catch (error) {
      const fate = fateOf(error);
      this.expect(fate !== 'failed', `${operation} of ${[...changes.keys()]} got ${error.message}`);
      this.totals[fate] += 1;
      if (fate === 'refused') {
        before.forEach((states, name) => this.possible.set(name, states));
        versions.forEach((version) => this.never.add(version));
      }
      await pause(20);
      return undefined;
    }
  }

  async #put(server, writer, name) {
    const item = this.#make(writer, name);
    const before = this.#known(name);
    const answer = await this.#change(server, new Map([[name, item]]), 'PutItem', { TableName: TABLE, Item: item, ReturnValues: 'ALL_OLD' });
    this.expect(answer === undefined || before === undefined || text(answer.Attributes) === text(before ?? undefined), `${name}: a put returned another old item`);
  }

  /** Under a condition that the model knows to hold. */
  async #putIf(server, writer, name) {
    const before = this.#known(name);
    if (before === undefined)
      return this.#put(server, writer, name);
    const item = this.#make(writer, name);
    await this.#change(server, new Map([[name, item]]), 'PutItem', { TableName: TABLE, Item: item, ...(before === null
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : { ConditionExpression: 'version = :v', ExpressionAttributeValues: { ':v': before.version } }) });
    return undefined;
  }

  /** Under a condition that cannot hold: nothing may come of it. */
  async #putInVain(server, writer, name) {
    const item = this.#make(writer, name);
    this.never.add(Number(item.version.N));
    try {
      await call(server, 'PutItem', { TableName: TABLE, Item: item, ConditionExpression: 'version = :v', ExpressionAttributeValues: { ':v': N(-1) } });
      this.expect(false, `${name}: a put was done though its condition does not hold`);
    } catch (error) {
      this.expect(fateOf(error) !== 'failed' || /ConditionalCheckFailed/.test(error.message), `a conditional put got ${error.message}`);
    }
  }

  async #update(server, writer, name) {
    const before = this.#known(name);
    if (before === undefined || before === null)
      return this.#put(server, writer, name);
    this.version += 1;
    const { owner, ...item } = { ...before, version: N(this.version), rank: N(1 + writer.random(20)) };
    await this.#change(server, new Map([[name, item]]), 'UpdateItem', { TableName: TABLE, Key: Key(name),
      UpdateExpression: 'SET version = :v, #rank = :r REMOVE #owner', ExpressionAttributeNames: { '#rank': 'rank', '#owner': 'owner' },
      ExpressionAttributeValues: { ':v': item.version, ':r': item.rank } });
    return owner;
  }

  /** The item as it is, once more: no record in the stream. */
  async #putAgain(server, writer, name) {
    const item = this.#known(name);
    if (item === undefined || item === null)
      return this.#put(server, writer, name);
    try {
      await call(server, 'PutItem', { TableName: TABLE, Item: item });
    } catch (error) {
      this.expect(fateOf(error) !== 'failed', `a put got ${error.message}`);
    }
    return undefined;
  }

  async #batch(server, writer) {
    const changes = new Map();
    for (let i = 0; i < 2 + writer.random(6); i++) {
      const name = `${writer.id}/key${writer.random(KEYS)}`;
      changes.set(name, writer.random(4) === 0 ? null : this.#make(writer, name));
    }
    const answer = await this.#change(server, changes, 'BatchWriteItem', { RequestItems: { [TABLE]: [...changes].map(([name, item]) => (
      item === null ? { DeleteRequest: { Key: Key(name) } } : { PutRequest: { Item: item } })) } });
    this.expect(answer === undefined || Object.keys(answer.UnprocessedItems).length === 0, 'a batch was left undone');
  }

  async #transact(server, writer) {
    const changes = new Map();
    for (let i = 0; i < 3; i++) {
      const name = `${writer.id}/key${writer.random(KEYS)}`;
      changes.set(name, this.#make(writer, name));
    }
    this.version += 1;
    await this.#change(server, changes, 'TransactWriteItems', { ClientRequestToken: `${writer.id}-${this.version}`,
      TransactItems: [...changes.values()].map((Item) => ({ Put: { TableName: TABLE, Item } })) });
  }

  async #read(server, writer, name) {
    const query = async (IndexName) => (await call(server, 'Query', { TableName: TABLE, IndexName, ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': { S: writer.id } } })).Items;
    try {
      if (writer.random(2) === 0) {
        const { Item } = await call(server, 'GetItem', { TableName: TABLE, Key: Key(name), ConsistentRead: true });
        this.#checkOne(name, Item);
      } else {
        const isLocal = writer.random(2) === 0;
        const found = new Map((await query(isLocal ? 'local' : undefined)).map((item) => [nameOf(item), item]));
        for (const [one, states] of this.possible) {
          if (one.startsWith(`${writer.id}/`) && !(isLocal && states.some((item) => item === null || !indexes.local(item))))
            this.#checkOne(one, found.get(one));
        }
      }
      this.totals.reads += 1;
    } catch (error) {
      this.expect(fateOf(error) !== 'failed', `a read got ${error.message}`);
      await pause(20);
    }
  }

  #checkOne(name, found) {
    const states = this.possible.get(name);
    const fits = states.some((item) => text(item ?? undefined) === text(found))
      || (found === undefined && states.some((item) => item?.ttl !== undefined && Number(item.ttl.N) <= this.clock.latest()));
    this.expect(fits, `${name} is ${found?.version.N ?? 'absent'}, expected ${states.map((item) => item?.version.N ?? 'absent').join(' or ')}`);
  }

  async write(server, writer) {
    while (!server.gone) {
      const { random } = writer;
      const name = random(5) === 0 ? `${writer.id}/expires${KEYS + random(EXPIRING_KEYS)}` : `${writer.id}/key${random(KEYS)}`;
      switch (isExpiring(name) ? random(2) : random(10)) {
      case 0: await this.#read(server, writer, name); break;
      case 1: await this.#put(server, writer, name); break;
      case 2: await this.#putIf(server, writer, name); break;
      case 3: await this.#putInVain(server, writer, name); break;
      case 4: await this.#update(server, writer, name); break;
      case 5: await this.#putAgain(server, writer, name); break;
      case 6: await this.#batch(server, writer); break;
      case 7: await this.#transact(server, writer); break;
      case 8: await this.#change(server, new Map([[name, null]]), 'DeleteItem', { TableName: TABLE, Key: Key(name) }); break;
      default: await this.#read(server, writer, name); break;
      }
      await pause(random(8));
    }
  }

  /** Nobody writes but the sweep of what has expired, so that all comes to agree, or never. */
  async verify(server, follower) {
    const outer = this.expect;
    for (let attempt = 0; ; attempt++) {
      const found = [];
      this.expect = (holds, words) => { if (!holds) found.push(words); };
      let items;
      try {
        items = new Map((await checkTable(server, this.expect, TABLE, indexes)).map((item) => [nameOf(item), item]));
        await follower.readOn(server, this.streamArn);
        this.#checkStream(items, follower);
        for (const name of this.possible.keys())
          this.#checkOne(name, items.get(name));
      } finally {
        this.expect = outer;
      }
      if (found.length > 0 && attempt < 20) {
        await pause(100);
        continue;
      }
      found.forEach((words) => this.expect(false, words));
      for (const name of this.possible.keys())
        this.possible.set(name, [items.get(name) ?? null]);
      this.owed.clear();
      this.seen.clear();
      return;
    }
  }

  #checkStream(items, follower) {
    const names = [...new Set([...items.keys(), ...follower.images.keys()])];
    const different = names.filter((name) => text(items.get(name)) !== text(follower.images.get(name)));
    this.expect(different.length === 0, `the stream and the table differ in ${different.slice(0, 5)}`);
    this.expect(this.owed.size === 0, `acknowledged versions are not in the stream: ${[...this.owed].slice(0, 5)}`);
  }

  /** In the end: nothing that has expired long ago is left. */
  async verifyExpired(server) {
    for (let attempt = 0; attempt < 100; attempt++) {
      const left = (await scan(server, TABLE)).filter(({ ttl }) => ttl !== undefined && Number(ttl.N) < this.clock.now() - 5);
      if (left.length === 0)
        return;
      await pause(100);
    }
    this.expect(false, 'items have expired and are still there');
  }
}
