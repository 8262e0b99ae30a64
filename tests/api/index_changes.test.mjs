// UpdateTable creates and deletes global secondary indexes of a table that is in use.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  BatchWriteItemCommand, CreateTableCommand, DeleteItemCommand, DeleteTableCommand, DescribeTableCommand, PutItemCommand,
  QueryCommand, ScanCommand, UpdateTableCommand, waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, startServer, tableName, tableOf, whileStatusLasts } from './harness.mjs';
import { N, S, refused } from './items.mjs';

let client;
before(async () => { client = clientFor(await sharedServer()); });

const typed = (...names) => names.map((AttributeName) => ({ AttributeName, AttributeType: AttributeName === 'rank' ? 'N' : 'S' }));
const create = (IndexName, hash, more = {}) => ({
  Create: {
    IndexName, KeySchema: [{ AttributeName: hash, KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' }, ...more,
  },
});
const updateOf = (TableName, via = client) => (...GlobalSecondaryIndexUpdates) => via.send(new UpdateTableCommand({
  TableName, GlobalSecondaryIndexUpdates,
  AttributeDefinitions: GlobalSecondaryIndexUpdates[0].Create && typed('owner', 'rank'),
}));
async function describe(TableName, via = client) {
  return (await via.send(new DescribeTableCommand({ TableName }))).Table;
}
const indexNamed = (table, name) => table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === name);

async function settled(TableName, via = client) {
  for (;;) {
    const table = await describe(TableName, via);
    const indexes = table.GlobalSecondaryIndexes ?? [];
    if (table.TableStatus === 'ACTIVE' && indexes.every(({ IndexStatus }) => IndexStatus === 'ACTIVE'))
      return table;
    await new Promise((next) => setTimeout(next, 10));
  }
}

test('an index of a table with items', async () => {
  const TableName = tableName();
  await client.send(new CreateTableCommand(tableOf(TableName)));
  for (const [pk, more] of [['a', { owner: S('ann') }], ['b', { owner: N(1) }], ['c', {}], ['d', { owner: S('bob'), rank: N(2) }]])
    await client.send(new PutItemCommand({ TableName, Item: { pk: S(pk), ...more } }));
  const { TableDescription } = await updateOf(TableName)(create('by-owner', 'owner'));
  assert.equal(TableDescription.TableStatus, 'UPDATING');
  assert.equal(indexNamed(TableDescription, 'by-owner').IndexStatus, 'CREATING');
  assert.deepEqual(TableDescription.AttributeDefinitions, typed('owner', 'pk'));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
  const index = indexNamed(await settled(TableName), 'by-owner');
  assert.equal(index.ItemCount, 2);
  assert.equal(index.IndexSizeBytes, 100 + 'pkaownerann'.length + 100 + 'pkdownerbobrank'.length + 2);
  assert.equal(index.Backfilling, undefined);
  const { Items } = await client.send(new QueryCommand({
    TableName, IndexName: 'by-owner', KeyConditionExpression: '#o = :o', ExpressionAttributeNames: { '#o': 'owner' },
    ExpressionAttributeValues: { ':o': S('bob') },
  }));
  assert.deepEqual(Items, [{ pk: S('d'), owner: S('bob'), rank: N(2) }]);
  // What does not fit has no entry, and cannot be written any more.
  await refused(assert, client.send(new PutItemCommand({ TableName, Item: { pk: S('b'), owner: N(1) } })), 'ValidationException',
    'One or more parameter values were invalid: Type mismatch for Index Key owner Expected: S Actual: N IndexName: by-owner');
});

test('while others write, it ends up with what the items are', async () => {
  const TableName = tableName();
  const count = 1000;
  await client.send(new CreateTableCommand(tableOf(TableName)));
  const item = (i, rank) => ({ pk: S(`item${i}`), owner: S(`owner${i % 7}`), rank: N(rank) });
  for (let first = 0; first < count; first += 25)
    await client.send(new BatchWriteItemCommand({
      RequestItems: { [TableName]: Array.from({ length: 25 }, (_, i) => ({ PutRequest: { Item: item(first + i, 0) } })) },
    }));
  let ends = false;
  const writers = Array.from({ length: 4 }, async (_, writer) => {
    for (let i = writer, round = 1; !ends || round < 200; i = (i + 4 * 37) % count, round++)
      await client.send(round % 5 === 0
        ? new DeleteItemCommand({ TableName, Key: { pk: S(`item${i}`) } })
        : new PutItemCommand({ TableName, Item: item(i, round) }));
  });
  await updateOf(TableName)(create('by-owner', 'owner'));
  await settled(TableName);
  ends = true;
  await Promise.all(writers);
  const all = async (IndexName) => (await client.send(new ScanCommand({ TableName, IndexName }))).Items
    .map((found) => `${found.pk.S} ${found.owner.S} ${found.rank.N}`).sort();
  const entries = await all('by-owner');
  assert.deepEqual(entries, await all());
  assert.equal(indexNamed(await describe(TableName), 'by-owner').ItemCount, entries.length);
});

test('deleting one, and making it again in another way', async () => {
  const TableName = tableName();
  const update = updateOf(TableName);
  await client.send(new CreateTableCommand(tableOf(TableName)));
  await client.send(new PutItemCommand({ TableName, Item: { pk: S('a'), owner: S('ann'), rank: N(1) } }));
  await update(create('index', 'owner'));
  await settled(TableName);
  const { TableDescription } = await update({ Delete: { IndexName: 'index' } });
  assert.equal(indexNamed(TableDescription, 'index').IndexStatus, 'DELETING');
  const table = await settled(TableName);
  assert.equal(table.GlobalSecondaryIndexes, undefined);
  assert.deepEqual(table.AttributeDefinitions, typed('pk'));
  await refused(assert, client.send(new ScanCommand({ TableName, IndexName: 'index' })), 'ValidationException',
    'The table does not have the specified index: index');
  await update(create('index', 'rank', { Projection: { ProjectionType: 'KEYS_ONLY' } }));
  await settled(TableName);
  const { Items } = await client.send(new ScanCommand({ TableName, IndexName: 'index' }));
  assert.deepEqual(Items, [{ pk: S('a'), rank: N(1) }]);
});

test('what is refused', async () => {
  const TableName = tableName();
  const update = updateOf(TableName);
  await client.send(new CreateTableCommand(tableOf(TableName)));
  await refused(assert, update(create('one', 'owner'), create('two', 'rank')), 'LimitExceededException',
    'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table');
  await refused(assert, update({ Delete: { IndexName: 'nothing' } }), 'ResourceNotFoundException',
    `Requested resource not found: Index nothing for table ${TableName}`);
  await update(create('one', 'owner'));
  await settled(TableName);
  await refused(assert, update(create('one', 'owner')), 'ValidationException', 'Attempting to create an index which already exists');
});

test('twenty, and not one more', async () => {
  const TableName = tableName();
  await client.send(new CreateTableCommand(tableOf(TableName, {
    AttributeDefinitions: typed('pk', 'owner'),
    GlobalSecondaryIndexes: Array.from({ length: 19 }, (_, i) => create(`index${i}`, 'owner').Create),
  })));
  await updateOf(TableName)(create('twentieth', 'owner'));
  await settled(TableName);
  await refused(assert, updateOf(TableName)(create('one-more', 'owner')), 'LimitExceededException',
    /^Subscriber limit exceeded: .*20/);
});

test('with delayed statuses the phases can be seen', async () => {
  const slow = await startServer(['--in-memory', '--delay-transient-statuses']);
  const via = clientFor(slow);
  try {
    let TableName;
    await whileStatusLasts(async () => {
      TableName = tableName();
      await via.send(new CreateTableCommand(tableOf(TableName)));
      await settled(TableName, via);
      await via.send(new PutItemCommand({ TableName, Item: { pk: S('a'), owner: S('ann') } }));
    }, async () => {
      const update = updateOf(TableName, via);
      const { TableDescription } = await update(create('index', 'owner'));
      assert.equal(TableDescription.TableStatus, 'UPDATING');
      assert.equal(indexNamed(TableDescription, 'index').Backfilling, false);
      await refused(assert, via.send(new ScanCommand({ TableName, IndexName: 'index' })), 'ValidationException',
        'Cannot read from backfilling global secondary index: index');
      await refused(assert, update(create('other', 'rank')), 'LimitExceededException');
      await refused(assert, update({ Delete: { IndexName: 'index' } }), 'ResourceInUseException');
      await refused(assert, via.send(new DeleteTableCommand({ TableName })), 'ResourceInUseException');
    });
    await settled(TableName, via);
    assert.equal((await via.send(new ScanCommand({ TableName, IndexName: 'index' }))).Count, 1);
  } finally {
    await slow.stop();
  }
});
