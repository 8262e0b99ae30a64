import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import {
  CreateTableCommand, DeleteTableCommand, DescribeTableCommand, PutItemCommand, ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { S, refused } from './items.mjs';

let client;
before(async () => { client = clientFor(await sharedServer()); });

test('a deleted table is gone, and one of the same name starts empty', async () => {
  const TableName = tableName();
  for (let round = 0; round < 3; round++) {
    await client.send(new CreateTableCommand(tableOf(TableName)));
    assert.equal((await client.send(new ScanCommand({ TableName }))).Count, 0);
    await client.send(new PutItemCommand({ TableName, Item: { pk: S('a') } }));
    const { TableDescription } = await client.send(new DeleteTableCommand({ TableName }));
    assert.equal(TableDescription.TableStatus, 'DELETING');
    await refused(assert, client.send(new DescribeTableCommand({ TableName })), 'ResourceNotFoundException',
      `Requested resource not found: Table: ${TableName} not found`);
  }
});

test('deleting what is not there', async () => {
  await refused(assert, client.send(new DeleteTableCommand({ TableName: 'no-such-table' })),
    'ResourceNotFoundException', 'Requested resource not found: Table: no-such-table not found');
});
