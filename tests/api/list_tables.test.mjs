import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableOf } from './harness.mjs';
import { refused } from './items.mjs';

const names = ['list.a', 'list.b', 'list_c', 'listd', 'liste'];
let client;
before(async () => {
  // A region of its own, so that no other test's tables are in the way.
  client = clientFor(await sharedServer(), { region: 'ap-south-1' });
  for (const name of names)
    await client.send(new CreateTableCommand(tableOf(name)));
});

test('all names in order, in pages of any size', async () => {
  assert.deepEqual((await client.send(new ListTablesCommand({}))).TableNames, names);
  for (let Limit = 1; Limit <= 5; Limit++) {
    const got = [];
    let ExclusiveStartTableName;
    do {
      const page = await client.send(new ListTablesCommand({ Limit, ExclusiveStartTableName }));
      got.push(...page.TableNames);
      ExclusiveStartTableName = page.LastEvaluatedTableName;
    } while (ExclusiveStartTableName !== undefined);
    assert.deepEqual(got, names);
  }
});

test('Limit is 1 to 100', async () => {
  await refused(assert, client.send(new ListTablesCommand({ Limit: 101 })), 'ValidationException');
  await refused(assert, client.send(new ListTablesCommand({ Limit: 0 })), 'ValidationException');
});
