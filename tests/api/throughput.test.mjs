// --enforce-throughput: what goes beyond the throughput of a table or index is refused.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  BatchWriteItemCommand, CreateTableCommand, GetItemCommand, PutItemCommand, QueryCommand, UpdateTableCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, startServer, tableName, tableOf } from './harness.mjs';
import { S, refused } from './items.mjs';

let server;
let client;
before(async () => {
  server = await startServer(['--in-memory', '--enforce-throughput']);
  client = clientFor(server);
});
after(() => server.stop());

const units = (ReadCapacityUnits, WriteCapacityUnits = ReadCapacityUnits) => ({
  ProvisionedThroughput: { ReadCapacityUnits, WriteCapacityUnits },
});
const provisioned = (TableName, more) => tableOf(TableName, { BillingMode: 'PROVISIONED', ...units(1), ...more });
// Costs so much that nothing else is admitted for minutes.
const large = (TableName) => new PutItemCommand({ TableName, Item: { pk: S('large'), pad: S('x'.repeat(350_000)) } });

test('a table is throttled, and says why', async () => {
  const TableName = tableName();
  const { TableDescription } = await client.send(new CreateTableCommand(provisioned(TableName)));
  await client.send(large(TableName));
  const error = await refused(assert, client.send(new PutItemCommand({ TableName, Item: { pk: S('a') } })),
    'ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for the table was exceeded. '
      + 'Consider increasing your provisioning level with the UpdateTable API.');
  assert.equal(error.$metadata.httpStatusCode, 400);
  assert.deepEqual(error.ThrottlingReasons,
    [{ reason: 'TableWriteProvisionedThroughputExceeded', resource: TableDescription.TableArn }]);
  await refused(assert, client.send(new BatchWriteItemCommand({
    RequestItems: { [TableName]: [{ PutRequest: { Item: { pk: S('a') } } }] },
  })), 'ProvisionedThroughputExceededException');
  // Reads have units of their own.
  assert.equal((await client.send(new GetItemCommand({ TableName, Key: { pk: S('a') } }))).Item, undefined);
});

test('an index is throttled for itself', async () => {
  const TableName = tableName();
  await client.send(new CreateTableCommand(provisioned(TableName, {
    ...units(1000),
    AttributeDefinitions: ['pk', 'owner'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    GlobalSecondaryIndexes: [{
      IndexName: 'by-owner', KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' },
      ...units(1),
    }],
  })));
  const item = (pk, size) => ({ pk: S(pk), owner: S('ann'), pad: S('x'.repeat(size)) });
  const put = (Item) => client.send(new PutItemCommand({ TableName, Item }));
  await put(item('a', 300_000));
  const error = await refused(assert, put(item('b', 1)), 'ProvisionedThroughputExceededException',
    /one or more global secondary indexes of the table was exceeded/);
  assert.match(error.ThrottlingReasons[0].resource, /\/index\/by-owner$/);
  await put({ pk: S('b') });
  const query = () => client.send(new QueryCommand({
    TableName, IndexName: 'by-owner', KeyConditionExpression: '#o = :o', ExpressionAttributeNames: { '#o': 'owner' },
    ExpressionAttributeValues: { ':o': S('ann') },
  }));
  assert.equal((await query()).Count, 1);
  await refused(assert, query(), 'ProvisionedThroughputExceededException');
});

test('more throughput, or none to keep to, is used at once', async () => {
  const TableName = tableName();
  await client.send(new CreateTableCommand(provisioned(TableName)));
  await client.send(large(TableName));
  const put = () => client.send(new PutItemCommand({ TableName, Item: { pk: S('a') } }));
  await refused(assert, put(), 'ProvisionedThroughputExceededException');
  await client.send(new UpdateTableCommand({ TableName, BillingMode: 'PAY_PER_REQUEST' }));
  await put();
  await client.send(new UpdateTableCommand({ TableName, OnDemandThroughput: { MaxReadRequestUnits: 1, MaxWriteRequestUnits: 1 } }));
  await refused(assert, put(), 'ThrottlingException',
    'Throughput exceeds the maximum OnDemandThroughput configured on table or index');
});

test('the SDK tries again until there is room', async () => {
  const patient = clientFor(server, { maxAttempts: 12 });
  const TableName = tableName();
  await client.send(new CreateTableCommand(provisioned(TableName, units(20))));
  await Promise.all(Array.from({ length: 30 }, (_, i) => patient.send(new PutItemCommand({ TableName, Item: { pk: S(`${i}`) } }))));
});

test('without the option nothing is throttled', async () => {
  const free = clientFor(await sharedServer());
  const TableName = tableName();
  await free.send(new CreateTableCommand(provisioned(TableName)));
  for (let i = 0; i < 3; i++)
    await free.send(large(TableName));
});
