// Prismatic's "Amazon DynamoDB" component (prismatic_component.mjs) through a server with --auth, once with the access
// key of a user and once with a role of that user's, External ID and all.

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import { ACCOUNT, arn, makeRole, makeUser, startLocked } from '../api/locked.mjs';

const COMPONENT = fileURLToPath(new URL('prismatic_component.mjs', import.meta.url));
const FULL_ACCESS = 'arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess';
const ROLE = arn('role/integration');
const EXTERNAL_ID = 'customer-4711';
const PAGE = 100; // of ListTables

/** The component with nothing in its environment but these settings. */
function startComponent(settings) {
  const child = fork(COMPONENT, {
    env: { PATH: process.env.PATH, AWS_EC2_METADATA_DISABLED: 'true', ...settings }, serialization: 'advanced' });
  const ended = new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the component ended with ${code}`)));
  });
  ended.catch(() => {}); // nobody waits for it after stop()
  return {
    stop: () => child.disconnect(),
    ask(message) {
      child.send(message);
      return Promise.race([once(child, 'message').then(([answer]) => answer), ended]);
    },
  };
}

let server, component, user, stranger;

before(async () => {
  server = await startLocked();
  user = await makeUser(server, 'integration', { managed: FULL_ACCESS });
  // Who assumes the role has no rights of its own: a trust policy that names the user is enough.
  stranger = await makeUser(server, 'assumes-only');
  await makeRole(server, 'integration', JSON.stringify({
    Version: '2012-10-17',
    Statement: [{
      Effect: 'Allow', Principal: { AWS: arn('user/assumes-only') }, Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
    }],
  }), undefined, FULL_ACCESS);
  component = startComponent({ AWS_ENDPOINT_URL_DYNAMODB: server.url, AWS_ENDPOINT_URL_STS: server.url });
});
after(async () => {
  component?.stop();
  const { code } = await server.stop();
  assert.equal(code, 0, server.output());
});

/** Performs an action and gives its data. */
async function perform(connection, action, inputs) {
  const { data, error } = await component.ask({ action, connection, inputs });
  assert.equal(error, undefined, JSON.stringify(error));
  return data;
}
async function fails(connection, action, inputs, name, message) {
  const { error } = await component.ask({ action, connection, inputs });
  assert.equal(error?.name, name);
  assert.match(error.message, message);
  assert.match(error.$metadata.requestId, /^[0-9A-Z]{52}$|^[0-9a-f-]{36}$/);
}

const ITEM = {
  Artist: 'Fela Kuti', Year: '1976', Song: 'Zombie', Live: 'false', Sleeve: 'bytes', Players: ['Tony Allen'], Takes: ['1', '2.5'],
  Scans: ['a', 'b'], Sides: [{ S: 'A' }], Label: { name: { S: 'Coconut' } },
};
const TYPES = { Artist: 'S', Year: 'N', Song: 'S', Live: 'BOOL', Sleeve: 'B', Players: 'SS', Takes: 'NS', Scans: 'BS', Sides: 'L', Label: 'M' };

/** The ten actions, in an order in which somebody builds an integration. */
function life(tableName, connection) {
  const at = { tableName, value: 'Fela Kuti', rangeKeyValue: 1976 };
  const does = (action, inputs) => perform(connection(), action, inputs);

  test('Create Table, with a billing mode and a throughput', async () => {
    const { TableDescription, $metadata } = await does('createTable', {
      tableName, billingMode: 'PROVISIONED', read: 5, write: 5,
      attributes: [{ AttributeName: 'Artist', AttributeType: 'S' }, { AttributeName: 'Year', AttributeType: 'N' }],
      keys: [{ AttributeName: 'Artist', KeyType: 'HASH' }, { AttributeName: 'Year', KeyType: 'RANGE' }],
    });
    assert.equal(TableDescription.TableArn, `arn:aws:dynamodb:us-east-1:${ACCOUNT}:table/${tableName}`);
    assert.deepEqual(TableDescription.ProvisionedThroughput,
      { NumberOfDecreasesToday: 0, ReadCapacityUnits: 5, WriteCapacityUnits: 5 });
    assert.match($metadata.requestId, /^[0-9A-Z]{52}$/);
    // Its form has a throughput for the other billing mode as well, which the service wants to be without one.
    await fails(connection(), 'createTable', {
      tableName: `${tableName}-2`, billingMode: 'PAY_PER_REQUEST', read: 5, write: 5,
      attributes: [{ AttributeName: 'Artist', AttributeType: 'S' }], keys: [{ AttributeName: 'Artist', KeyType: 'HASH' }],
    }, 'ValidationException', /Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST/);
  });

  test('Describe Table', async () => {
    const { Table } = await does('describeTable', { tableName });
    assert.equal(Table.TableStatus, 'ACTIVE');
    assert.ok(Table.CreationDateTime instanceof Date);
    await fails(connection(), 'describeTable', { tableName: 'missing' }, 'ResourceNotFoundException', /Requested resource not found/);
  });

  test('List Tables, a page and all of them; Select Table', async () => {
    const page = await does('listTables', { fetchAll: false });
    assert.ok(page.found && page.result.TableNames.includes(tableName));
    const all = await does('listTables', { fetchAll: true });
    assert.ok(all.found && all.result.includes(tableName));
    assert.ok((await does('selectTable')).some(({ key }) => key === tableName));
  });

  test('Upsert Item, every type of value', async () => {
    await does('upsertItem', { tableName, item: ITEM, itemTypes: TYPES });
    await does('upsertItem', { tableName, item: { Artist: 'Fela Kuti', Year: '1977', Song: 'Sorrow Tears and Blood' }, itemTypes: TYPES });
    await fails(connection(), 'upsertItem', {
      tableName, item: ITEM, itemTypes: TYPES, conditionExpression: 'Song <> :song', values: { ':song': 'Zombie' }, types: { ':song': 'S' },
    }, 'ConditionalCheckFailedException', /The conditional request failed/);
  });

  test('Get Item, by a key it has the types of from the table', async () => {
    const { Item } = await does('getItem', at);
    assert.deepEqual([...Item.Takes.NS].sort(), ['1', '2.5']);
    assert.deepEqual(Buffer.from(Item.Sleeve.B).toString(), 'bytes');
    assert.deepEqual([Item.Live, Item.Players, Item.Sides, Item.Label],
      [{ BOOL: false }, { SS: ['Tony Allen'] }, { L: [{ S: 'A' }] }, { M: { name: { S: 'Coconut' } } }]);
    assert.deepEqual(Item.Scans.BS.map((one) => Buffer.from(one).toString()).sort(), ['a', 'b']);
    assert.equal((await does('getItem', { ...at, rangeKeyValue: 1 })).Item, undefined);
  });

  test('Update Item, with a condition', async () => {
    const change = { ...at, query: 'SET Song = :new', conditionExpression: 'Song = :old', types: { ':new': 'S', ':old': 'S' } };
    await does('updateItem', { ...change, values: { ':new': 'Zombie (live)', ':old': 'Zombie' } });
    await fails(connection(), 'updateItem', { ...change, values: { ':new': 'x', ':old': 'Zombie' } },
      'ConditionalCheckFailedException', /The conditional request failed/);
  });

  test('Query Items, with more parameters merged in', async () => {
    const query = { tableName, keyConditionExpression: 'Artist = :a', values: { ':a': 'Fela Kuti' }, types: { ':a': 'S' } };
    const found = await does('queryItems', { ...query, parameters: { ScanIndexForward: false, ReturnConsumedCapacity: 'TOTAL' } });
    assert.deepEqual(found.Items.map(({ Year, Song }) => [Year, Song]), [[1977, 'Sorrow Tears and Blood'], [1976, 'Zombie (live)']]);
    assert.equal(found.ConsumedCapacity.CapacityUnits, 0.5);
    const first = await does('queryItems', { ...query, parameters: { Limit: 1 } });
    assert.deepEqual([first.Count, first.LastEvaluatedKey], [1, { Artist: { S: 'Fela Kuti' }, Year: { N: '1976' } }]);
    const filtered = await does('queryItems', { ...query, filterExpression: 'attribute_exists(Label)' });
    assert.deepEqual([filtered.Count, filtered.ScannedCount], [1, 2]);
  });

  test('Raw Request', async () => {
    await does('rawRequest', { statement: `INSERT INTO "${tableName}" VALUE {'Artist': ?, 'Year': ?}`, parameters: ['Tony Allen', 1975] });
    const { Items } = await does('rawRequest', {
      statement: `SELECT * FROM "${tableName}" WHERE Artist = ?`, parameters: ['Tony Allen'], more: { ConsistentRead: true } });
    assert.deepEqual(Items, [{ Artist: 'Tony Allen', Year: 1975 }]);
  });

  test('Delete Item, with a condition', async () => {
    await fails(connection(), 'deleteItem', { ...at, conditionExpression: 'attribute_not_exists(Song)' },
      'ConditionalCheckFailedException', /The conditional request failed/);
    await does('deleteItem', { ...at, conditionExpression: 'Song = :song', values: { ':song': 'Zombie (live)' }, types: { ':song': 'S' } });
    assert.equal((await does('getItem', at)).Item, undefined);
  });

  test('Delete Table', async () => {
    assert.equal((await does('deleteTable', { tableName })).TableDescription.TableStatus, 'DELETING');
    await fails(connection(), 'describeTable', { tableName }, 'ResourceNotFoundException', /Table: /);
  });
}

describe('with an access key', () => life('Songs-key', () => user));
describe('with a role and an External ID', () => life('Songs-role', () => ({ ...stranger, roleArn: ROLE, externalId: EXTERNAL_ID })));

test('List Tables has a page of a hundred, and all pages', async () => {
  const inputs = {
    billingMode: 'PROVISIONED', read: 1, write: 1,
    attributes: [{ AttributeName: 'id', AttributeType: 'S' }], keys: [{ AttributeName: 'id', KeyType: 'HASH' }],
  };
  for (let i = 0; i <= PAGE; i += 1)
    await perform(user, 'createTable', { ...inputs, tableName: `Page-${1000 + i}` });
  const { result } = await perform(user, 'listTables', { fetchAll: false });
  assert.deepEqual([result.TableNames.length, result.LastEvaluatedTableName], [PAGE, `Page-${1000 + PAGE - 1}`]);
  assert.equal((await perform(user, 'listTables', { fetchAll: true })).result.length, PAGE + 1);
});

test('the role is not for those without its External ID, nor for others', async () => {
  const refused = /is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::\d+:role\/integration/;
  for (const connection of [{ ...stranger, externalId: 'another' }, stranger, { ...user, externalId: EXTERNAL_ID }])
    await fails({ ...connection, roleArn: ROLE }, 'listTables', {}, 'AccessDenied', refused);
  await fails(stranger, 'listTables', {}, 'AccessDeniedException', /is not authorized to perform: dynamodb:ListTables/);
  await fails({ ...user, secretAccessKey: `${user.secretAccessKey}x` }, 'listTables', {}, 'InvalidSignatureException', /signature/);
});

const LOCAL_PORT = 8000; // where the SDKs look for the region "local"

test('the region "local" is this machine', async (t) => {
  const local = await startLocked({ port: LOCAL_PORT }).catch((error) => {
    if (!/the port is already in use/.test(error.message))
      throw error;
    t.skip(`something else has port ${LOCAL_PORT}`);
  });
  if (local === undefined)
    return;
  const plain = startComponent({});
  try {
    const connection = await makeUser(local, 'integration', { managed: FULL_ACCESS });
    assert.deepEqual((await plain.ask({ action: 'listTables', region: 'local', connection, inputs: {} })).data?.result.TableNames, []);
  } finally {
    plain.stop();
    assert.equal((await local.stop()).code, 0, local.output());
  }
});
