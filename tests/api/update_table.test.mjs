import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  CreateTableCommand, DeleteTableCommand, DescribeTableCommand, UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { refused } from './items.mjs';

const TableName = tableName();
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(TableName)));
});
const update = (parameters) => client.send(new UpdateTableCommand({ TableName, ...parameters }));
const describe = async () => (await client.send(new DescribeTableCommand({ TableName }))).Table;

test('billing mode and throughput', async () => {
  await update({
    BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: 7, WriteCapacityUnits: 8 },
  });
  const provisioned = await describe();
  assert.equal(provisioned.ProvisionedThroughput.ReadCapacityUnits, 7);
  await update({ ProvisionedThroughput: { ReadCapacityUnits: 9, WriteCapacityUnits: 8 } });
  assert.equal((await describe()).ProvisionedThroughput.ReadCapacityUnits, 9);
  await update({ BillingMode: 'PAY_PER_REQUEST' });
  assert.equal((await describe()).BillingModeSummary.BillingMode, 'PAY_PER_REQUEST');
});

test('deletion protection keeps a table', async () => {
  await update({ DeletionProtectionEnabled: true });
  await refused(assert, client.send(new DeleteTableCommand({ TableName })), 'ValidationException',
    /Resource cannot be deleted as it is currently protected against deletion/);
  await update({ DeletionProtectionEnabled: false });
  assert.equal((await describe()).DeletionProtectionEnabled, false);
});

test('table class, on-demand maximum and warm throughput', async () => {
  await update({ TableClass: 'STANDARD_INFREQUENT_ACCESS' });
  assert.equal((await describe()).TableClassSummary.TableClass, 'STANDARD_INFREQUENT_ACCESS');
  await update({ OnDemandThroughput: { MaxReadRequestUnits: 100, MaxWriteRequestUnits: 50 } });
  assert.deepEqual((await describe()).OnDemandThroughput, { MaxReadRequestUnits: 100, MaxWriteRequestUnits: 50 });
  await update({ WarmThroughput: { ReadUnitsPerSecond: 13000, WriteUnitsPerSecond: 5000 } });
  assert.equal((await describe()).WarmThroughput.ReadUnitsPerSecond, 13000);
});

test('a table that is not there, and an update of nothing', async () => {
  await refused(assert, client.send(new UpdateTableCommand({ TableName: 'no-such-table', DeletionProtectionEnabled: true })),
    'ResourceNotFoundException', 'Requested resource not found: Table: no-such-table not found');
  await refused(assert, update({}), 'ValidationException');
});
