// The document client is how most JavaScript programs meet DynamoDB.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand, paginateScan,
} from '@aws-sdk/lib-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';

const TableName = tableName();
let client;
before(async () => {
  const plain = clientFor(await sharedServer());
  await plain.send(new CreateTableCommand(tableOf(TableName, { sort: 'S' })));
  client = DynamoDBDocumentClient.from(plain);
});

test('native values there and back', async () => {
  const Item = { pk: 'a', sk: '1', n: 1.5, yes: true, nothing: null, list: [1, 'x', { y: 2 }], map: { deep: { er: [] } }, set: new Set(['x']) };
  await client.send(new PutCommand({ TableName, Item }));
  assert.deepEqual((await client.send(new GetCommand({ TableName, Key: { pk: 'a', sk: '1' } }))).Item, Item);
  const { Attributes } = await client.send(new UpdateCommand({
    TableName, Key: { pk: 'a', sk: '1' }, UpdateExpression: 'SET #l[1] = :v', ExpressionAttributeNames: { '#l': 'list' },
    ExpressionAttributeValues: { ':v': { z: 1 } }, ReturnValues: 'UPDATED_NEW',
  }));
  assert.deepEqual(Attributes, { list: [{ z: 1 }] });
});

test('queries and paginators', async () => {
  for (let i = 0; i < 10; i++)
    await client.send(new PutCommand({ TableName, Item: { pk: 'pages', sk: String(i) } }));
  const { Items } = await client.send(new QueryCommand({
    TableName, KeyConditionExpression: 'pk = :pk AND sk > :sk', ExpressionAttributeValues: { ':pk': 'pages', ':sk': '6' },
  }));
  assert.deepEqual(Items.map(({ sk }) => sk), ['7', '8', '9']);
  let count = 0;
  for await (const page of paginateScan({ client, pageSize: 3 }, { TableName }))
    count += page.Items.length;
  assert.equal(count, 11);
});
