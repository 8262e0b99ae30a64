import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, rawOperation, sharedServer, tableName, tableOf } from './harness.mjs';
import { B, BOOL, L, M, N, NULL, S, refused } from './items.mjs';

const TableName = tableName();
let server;
let client;
before(async () => {
  server = await sharedServer();
  client = clientFor(server);
  await client.send(new CreateTableCommand(tableOf(TableName)));
});
const put = (parameters) => client.send(new PutItemCommand({ TableName, ...parameters }));
const get = async (pk) => (await client.send(new GetItemCommand({ TableName, Key: { pk: S(pk) } }))).Item;

test('every type comes back as it was put', async () => {
  const Item = {
    pk: S('types'), text: S('grüße €'), empty: S(''), number: N('-12.5'), bytes: B('\x00\xff\x01'),
    yes: BOOL(true), no: BOOL(false), nothing: NULL, list: L(N(1), S('two'), L(), M({})),
    map: M({ inner: M({ deep: N(1) }), 'odd name.[0]': S('x') }),
    strings: { SS: ['a', 'b'] }, numbers: { NS: ['1', '2.5'] }, binaries: { BS: [Buffer.from('x')] },
  };
  await put({ Item });
  const stored = await get('types');
  assert.deepEqual({ ...stored, bytes: undefined, binaries: undefined },
    { ...Item, bytes: undefined, binaries: undefined });
  assert.deepEqual(Buffer.from(stored.bytes.B), Buffer.from('\x00\xff\x01'));
  assert.deepEqual(stored.binaries.BS.map((b) => Buffer.from(b).toString()), ['x']);
});

test('numbers keep 38 digits and are never scientific', async () => {
  const digits = '1234567890.1234567890123456789012345678';
  await put({ Item: { pk: S('digits'), n: N(digits), large: N('1E+30'), small: N('1e-10'), zero: N('-0.000') } });
  const stored = await get('digits');
  assert.equal(stored.n.N, digits);
  assert.equal(stored.large.N, '1' + '0'.repeat(30));
  assert.equal(stored.small.N, '0.0000000001');
  assert.equal(stored.zero.N, '0');
});

test('a number with 39 digits is refused', async () => {
  await refused(assert, put({ Item: { pk: S('x'), n: N('1'.repeat(39)) } }), 'ValidationException',
    /Attempting to store more than 38 significant digits in a Number/);
});

test('ALL_OLD gives the item that was replaced', async () => {
  assert.equal((await put({ Item: { pk: S('old'), v: N(1) }, ReturnValues: 'ALL_OLD' })).Attributes, undefined);
  const { Attributes } = await put({ Item: { pk: S('old'), w: N(2) }, ReturnValues: 'ALL_OLD' });
  assert.deepEqual(Attributes, { pk: S('old'), v: N(1) });
  assert.deepEqual(await get('old'), { pk: S('old'), w: N(2) });
});

test('a failed condition changes nothing and can show the item', async () => {
  await put({ Item: { pk: S('condition'), v: N(1) } });
  const error = await refused(assert, put({
    Item: { pk: S('condition'), v: N(2) },
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  }), 'ConditionalCheckFailedException', 'The conditional request failed');
  assert.deepEqual(error.Item, { pk: S('condition'), v: N(1) });
  assert.deepEqual(await get('condition'), { pk: S('condition'), v: N(1) });
});

test('capacity is one unit for each started kilobyte of the larger item', async () => {
  const cost = async (Item) => (await put({ Item, ReturnConsumedCapacity: 'TOTAL' })).ConsumedCapacity.CapacityUnits;
  assert.equal(await cost({ pk: S('capacity'), pad: S('x') }), 1);
  assert.equal(await cost({ pk: S('capacity'), pad: S('x'.repeat(3000)) }), 3);
  assert.equal(await cost({ pk: S('capacity') }), 3);
});

test('409,600 bytes fit and one more does not', async () => {
  const pad = 409600 - 'pk'.length - 'size'.length - 'pad'.length;
  await put({ Item: { pk: S('size'), pad: S('x'.repeat(pad)) } });
  await refused(assert, put({ Item: { pk: S('size'), pad: S('x'.repeat(pad + 1)) } }), 'ValidationException',
    'Item size has exceeded the maximum allowed size');
});

test('key attributes must be there, of their type, and not empty', async () => {
  await refused(assert, put({ Item: { a: S('x') } }), 'ValidationException',
    'One or more parameter values were invalid: Missing the key pk in the item');
  await refused(assert, put({ Item: { pk: N(1) } }), 'ValidationException',
    'One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N');
  await refused(assert, put({ Item: { pk: S('') } }), 'ValidationException',
    /The AttributeValue for a key attribute cannot contain an empty string value. Key: pk/);
});

test('JSON of the wrong shape is a SerializationException', async () => {
  const { status, json } = await rawOperation(server, 'PutItem', { TableName, Item: { pk: { S: 1 } } });
  assert.equal(status, 400);
  assert.equal(json.__type, 'com.amazon.coral.service#SerializationException');
});

test('a table that is not there', async () => {
  await refused(assert, client.send(new PutItemCommand({ TableName: 'no-such-table', Item: { pk: S('x') } })),
    'ResourceNotFoundException', 'Requested resource not found');
});
