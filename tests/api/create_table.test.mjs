import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { refused } from './items.mjs';

let client;
before(async () => { client = clientFor(await sharedServer()); });
const create = (parameters) => client.send(new CreateTableCommand(parameters));

test('a provisioned table is described as AWS describes it', async () => {
  const TableName = tableName();
  await create({
    ...tableOf(TableName, { sort: 'N' }),
    BillingMode: undefined,
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 6 },
  });
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  assert.equal(Table.TableStatus, 'ACTIVE');
  assert.equal(Table.TableArn, `arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`);
  assert.match(Table.TableId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  assert.ok(Math.abs(Table.CreationDateTime.getTime() - Date.now()) < 600_000);
  assert.deepEqual(Table.ProvisionedThroughput,
    { NumberOfDecreasesToday: 0, ReadCapacityUnits: 5, WriteCapacityUnits: 6 });
  assert.equal(Table.ItemCount, 0);
  assert.equal(Table.DeletionProtectionEnabled, false);
  assert.deepEqual(Table.KeySchema, [
    { AttributeName: 'pk', KeyType: 'HASH' }, { AttributeName: 'sk', KeyType: 'RANGE' },
  ]);
});

test('on-demand tables say so', async () => {
  const { TableDescription } = await create(tableOf(tableName()));
  assert.equal(TableDescription.BillingModeSummary.BillingMode, 'PAY_PER_REQUEST');
});

test('a name is taken once', async () => {
  const TableName = tableName();
  await create(tableOf(TableName));
  await refused(assert, create(tableOf(TableName)), 'ResourceInUseException', `Table already exists: ${TableName}`);
});

test('of concurrent creators one wins', async () => {
  const TableName = tableName();
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => create(tableOf(TableName))));
  assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
});

test('the same name in another region is another table', async () => {
  const TableName = tableName();
  const server = await sharedServer();
  const elsewhere = clientFor(server, { region: 'eu-central-1' });
  await create(tableOf(TableName));
  const { TableDescription } = await elsewhere.send(new CreateTableCommand(tableOf(TableName)));
  assert.equal(TableDescription.TableArn, `arn:aws:dynamodb:eu-central-1:000000000000:table/${TableName}`);
});

test('schemas that do not fit together are refused', async () => {
  const table = tableOf(tableName());
  await refused(assert, create({ ...table, AttributeDefinitions: [{ AttributeName: 'other', AttributeType: 'S' }] }),
    'ValidationException');
  await refused(assert, create({
    ...table, AttributeDefinitions: [...table.AttributeDefinitions, { AttributeName: 'spare', AttributeType: 'S' }],
  }), 'ValidationException', /Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions/);
  await refused(assert, create({ ...table, BillingMode: 'PROVISIONED' }), 'ValidationException',
    'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED');
});
