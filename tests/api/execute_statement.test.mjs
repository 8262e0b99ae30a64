import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { before, test } from 'node:test';
import {
  BatchWriteItemCommand, CreateTableCommand, ExecuteStatementCommand, GetItemCommand, PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { clientFor, rawOperation, sharedServer, startServer, tableName, tableOf, temporaryFolder } from './harness.mjs';
import { B, BOOL, L, M, N, NULL, S, refused } from './items.mjs';

const TableName = tableName();
const TABLE = `"${TableName}"`;
let server;
let client;
before(async () => {
  server = await sharedServer();
  client = clientFor(server);
  await client.send(new CreateTableCommand(tableOf(TableName, { sort: 'N' })));
});
const execute = (Statement, Parameters, more = {}, by = client) =>
  by.send(new ExecuteStatementCommand({ Statement, ...(Parameters === undefined ? {} : { Parameters }), ...more }));
const get = async (pk, sk) => (await client.send(new GetItemCommand({ TableName, Key: { pk: S(pk), sk: N(sk) } }))).Item;

test('what INSERT writes, GetItem and SELECT read, in all types', async () => {
  const item = {
    pk: S('types'), sk: N(1), text: S('it\'s "quoted" \u{1f980}'), number: N('-12.5'), bytes: B('\0\x01'), yes: BOOL(true), nul: NULL,
    many: L(S('a'), N(2), L()), map: M({ 'a b': M({}) }), strings: { SS: ['x', 'y'] }, numbers: { NS: ['-1', '2'] },
  };
  const literal = "{'pk': 'types', 'sk': 1, 'text': 'it''s \"quoted\" \u{1f980}', 'number': -12.50, 'bytes': ?, 'yes': true, 'nul': NULL, "
    + "'many': ['a', 2, []], 'map': {'a b': {}}, 'strings': <<'y', 'x'>>, 'numbers': <<2, -1>>}";
  assert.deepEqual((await execute(`INSERT INTO ${TABLE} VALUE ${literal}`, [B('\0\x01')])).Items, []);
  const same = ({ bytes, ...rest }) => assert.deepEqual([Buffer.from(bytes.B), rest], [item.bytes.B, (({ bytes: _, ...others }) => others)(item)]);
  same(await get('types', 1));
  const { Items } = await execute(`SELECT * FROM ${TABLE} WHERE pk = ? AND sk = ?`, [S('types'), N(1)]);
  assert.equal(Items.length, 1);
  same(Items[0]);
  assert.deepEqual((await execute(`SELECT map."a b", many[1], none FROM ${TABLE} WHERE pk = 'types'`)).Items, [{ 'a b': M({}), 'many[1]': N(2) }]);
  await refused(assert, execute(`INSERT INTO ${TABLE} VALUE ${literal}`, [B('x')]), 'DuplicateItemException', 'Duplicate primary key exists in table');
});

test('UPDATE and DELETE, with what they return', async () => {
  await client.send(new PutItemCommand({ TableName, Item: { pk: S('life'), sk: N(1), n: N(1), tags: { SS: ['a'] }, many: L(N(0)) } }));
  const where = "WHERE pk = 'life' AND sk = 1";
  assert.deepEqual((await execute(
    `UPDATE ${TABLE} SET n = n + 2 SET tags = set_add(tags, <<'b'>>), many = list_append(many, ?) ${where} RETURNING MODIFIED NEW *`, [L(N(1))])).Items,
  [{ n: N(3), tags: { SS: ['a', 'b'] }, many: L(N(0), N(1)) }]);
  assert.deepEqual((await execute(`UPDATE ${TABLE} REMOVE tags SET many = [] ${where} AND n = 3 RETURNING MODIFIED OLD *`)).Items,
    [{ tags: { SS: ['a', 'b'] }, many: L(N(0), N(1)) }]);
  await refused(assert, execute(`UPDATE ${TABLE} SET n = 0 WHERE pk = 'life' AND sk = 2`), 'ConditionalCheckFailedException', 'The conditional request failed');
  const failed = await refused(assert,
    execute(`DELETE FROM ${TABLE} ${where} AND n < 3`, undefined, { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }), 'ConditionalCheckFailedException');
  const item = { pk: S('life'), sk: N(1), n: N(3), many: L() };
  assert.deepEqual(failed.Item, item);
  assert.deepEqual((await execute(`DELETE FROM ${TABLE} ${where} RETURNING ALL OLD *`)).Items, [item]);
  assert.equal(await get('life', 1), undefined);
  assert.deepEqual((await execute(`DELETE FROM ${TABLE} ${where}`)).Items, []);
});

/** All items of a statement, page by page, and how many pages there were. */
async function all(Statement, Parameters, more = {}, by = client) {
  const items = [];
  let NextToken;
  let pages = 0;
  do {
    const page = await execute(Statement, Parameters, { ...more, NextToken }, by);
    items.push(...page.Items);
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken !== undefined);
  return { items, pages };
}

test('pages, by limit and by size, together are the whole in order', async () => {
  const large = 'x'.repeat(100_000);
  const items = Array.from({ length: 25 }, (_, i) => ({ pk: S('pages'), sk: N(i), large: S(large) }));
  await client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) } }));
  const numbers = ({ items: list }) => list.map(({ sk }) => Number(sk.N));
  const expected = Array.from({ length: 25 }, (_, i) => i);
  const bySize = await all(`SELECT sk FROM ${TABLE} WHERE pk = 'pages'`);
  assert.deepEqual(numbers(bySize), expected);
  assert.equal(bySize.pages, 3); // of a megabyte
  const byLimit = await all(`SELECT sk FROM ${TABLE} WHERE pk = ? AND sk > ? ORDER BY sk DESC`, [S('pages'), N(3)], { Limit: 4 });
  assert.deepEqual(numbers(byLimit), expected.slice(4).reverse());
  assert.equal(byLimit.pages, 6);
  const page = await execute(`SELECT sk FROM ${TABLE} WHERE pk = 'pages'`, undefined, { Limit: 4 });
  assert.deepEqual(page.LastEvaluatedKey, { pk: S('pages'), sk: N(3) });
  await refused(assert, execute(`SELECT sk FROM ${TABLE} WHERE pk = 'page'`, undefined, { NextToken: page.NextToken }), 'ValidationException',
    'NextToken does not match request');
  await refused(assert, execute(`SELECT sk FROM ${TABLE} WHERE pk = 'pages'`, undefined, { NextToken: `${page.NextToken}AAAA` }), 'ValidationException',
    'Invalid NextToken');
});

test('a token survives a restart', async () => {
  const folder = await temporaryFolder();
  const start = () => startServer(['--data', path.join(folder, 'data')]);
  let durable = await start();
  await clientFor(durable).send(new CreateTableCommand(tableOf(TableName, { sort: 'N' })));
  for (let i = 0; i < 3; i += 1)
    await execute(`INSERT INTO ${TABLE} VALUE {'pk': 'a', 'sk': ?}`, [N(i)], {}, clientFor(durable));
  const statement = `SELECT sk FROM ${TABLE} WHERE pk = 'a'`;
  const { NextToken } = await execute(statement, undefined, { Limit: 1 }, clientFor(durable));
  await durable.kill();
  durable = await start();
  assert.deepEqual((await execute(statement, undefined, { NextToken }, clientFor(durable))).Items, [{ sk: N(1) }, { sk: N(2) }]);
  await durable.stop();
  await rm(folder, { recursive: true, force: true });
});

test('updates at once are all counted', async () => {
  await execute(`INSERT INTO ${TABLE} VALUE {'pk': 'hot', 'sk': 0, 'n': 0}`);
  await Promise.all(Array.from({ length: 100 }, () => execute(`UPDATE ${TABLE} SET n = n + 1 WHERE pk = 'hot' AND sk = 0`)));
  assert.deepEqual((await get('hot', 0)).n, N(100));
  const attempts = await Promise.allSettled(Array.from({ length: 50 }, () => execute(`INSERT INTO ${TABLE} VALUE {'pk': 'first', 'sk': 0}`)));
  assert.equal(attempts.filter(({ status }) => status === 'fulfilled').length, 1);
  assert.deepEqual(new Set(attempts.flatMap(({ reason }) => (reason === undefined ? [] : [reason.name]))), new Set(['DuplicateItemException']));
});

test('what is no statement', async () => {
  await refused(assert, execute(`SLECT * FROM ${TABLE}`), 'ValidationException',
    "Statement wasn't well formed, can't be processed: Expected data manipulation");
  await refused(assert, execute('SELECT * FROM nowhere'), 'ResourceNotFoundException', 'Requested resource not found');
  await refused(assert, execute(`SELECT * FROM ${TABLE} WHERE pk = ?`), 'ValidationException',
    "Number of parameters in request and statement don't match.");
  await refused(assert, execute(`UPDATE ${TABLE} SET n = 1 WHERE pk = 'a'`), 'ValidationException',
    'Where clause does not contain a mandatory equality on all key attributes');
  await refused(assert, execute('x'.repeat(8193)), 'ValidationException', /Member must have length less than or equal to 8192$/);
  await refused(assert, execute(`SELECT * FROM ${TABLE}`, undefined, { Limit: 0 }), 'ValidationException', /greater than or equal to 1$/);
  const { status, json } = await rawOperation(server, 'ExecuteStatement', {});
  assert.equal(status, 400);
  assert.match(json.message, /'statement' failed to satisfy constraint: Member must not be null$/);
});
