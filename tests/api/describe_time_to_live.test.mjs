import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateTableCommand, DescribeTimeToLiveCommand, UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { refused } from './items.mjs';

test('its status and attribute', async () => {
  const client = clientFor(await sharedServer());
  const TableName = tableName();
  const describe = async (name = TableName) =>
    (await client.send(new DescribeTimeToLiveCommand({ TableName: name }))).TimeToLiveDescription;
  await client.send(new CreateTableCommand(tableOf(TableName)));
  assert.deepEqual(await describe(), { TimeToLiveStatus: 'DISABLED' });
  await client.send(new UpdateTimeToLiveCommand({
    TableName, TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
  }));
  assert.deepEqual(await describe(), { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  assert.deepEqual(await describe(`arn:aws:dynamodb:us-east-1:000000000000:table/${TableName}`),
    { TimeToLiveStatus: 'ENABLED', AttributeName: 'expires' });
  await refused(assert, describe('no-such-table'), 'ResourceNotFoundException',
    'Requested resource not found: Table: no-such-table not found');
});
