// Requests with more entries than anyone has a use for: each is answered, with what AWS would say where that is known.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { BatchWriteItemCommand, CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, rawOperation, sharedServer, tableName, tableOf } from './harness.mjs';

const MANY = 200_000;
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const ITEMS = 1000;

const list = (count, one) => `[${Array.from({ length: count }, (_, i) => one(i)).join(',')}]`;
const map = (count, one) => `{${Array.from({ length: count }, (_, i) => `"a${i}":${one(i)}`).join(',')}}`;
const names = (count) => list(count, (i) => `"a${i}"`);
const placeholders = (count) => `{${Array.from({ length: count }, (_, i) => `"#a${i}":"a${i}"`).join(',')}}`;
const condition = () => '{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}';

let server;
const name = tableName('Many');
const T = `"TableName":"${name}"`;
const KEY = '"Key":{"pk":{"S":"k1"}}';

before(async () => {
  server = await sharedServer();
  const client = clientFor(server);
  await client.send(new CreateTableCommand(tableOf(name)));
  for (let first = 0; first < ITEMS; first += 25) {
    await client.send(new BatchWriteItemCommand({ RequestItems: { [name]: Array.from({ length: 25 }, (_, i) => (
      { PutRequest: { Item: { pk: { S: `k${first + i}` }, a1: { S: 'one' }, z: { S: 'last' } } } })) } }));
  }
});

const send = (operation, body) => {
  assert.ok(body.length <= BODY_BYTES_MAX);
  return rawOperation(server, operation, body);
};

async function refused(operation, body, message) {
  const { status, json } = await send(operation, body);
  assert.equal(status, 400);
  assert.match(json.__type, /#ValidationException$/);
  assert.match(json.message ?? json.Message, message);
}

test('names of attributes to get are looked up for each item, not gone through', async () => {
  const scan = await send('Scan', `{${T},"AttributesToGet":${names(MANY)}}`);
  assert.equal(scan.status, 200);
  assert.equal(scan.json.Count, ITEMS);
  assert.deepEqual(scan.json.Items[0], { a1: { S: 'one' } });
  const get = await send('GetItem', `{${T},${KEY},"AttributesToGet":${names(MANY)}}`);
  assert.deepEqual(get.json.Item, { a1: { S: 'one' } });
  const keys = list(100, (i) => `{"pk":{"S":"k${i}"}}`);
  const batch = await send('BatchGetItem', `{"RequestItems":{"${name}":{"Keys":${keys},"AttributesToGet":${names(MANY)}}}}`);
  assert.equal(batch.json.Responses[name].length, 100);
  assert.deepEqual(batch.json.Responses[name][0], { a1: { S: 'one' } });
});

test('lists, maps and structures have a limit together', async () => {
  const words = /^1 validation error detected: The request has more than 250000 elements in its lists, maps and structures$/;
  await refused('Scan', `{${T},"AttributesToGet":${names(1_200_000)}}`, words);
  await refused('Scan', `{${T},"ScanFilter":${map(300_000, () => '{}')}}`, words);
  await refused('TransactWriteItems', `{"TransactItems":[{${Array.from({ length: 1_000_000 }, () => '"Put":{}').join(',')}}]}`, words);
  await refused('BatchWriteItem', `{"RequestItems":${map(100_000, () => '[{},{}]')}}`, words);
});

test('a list or map that is too long is told as one, however long it is', async () => {
  await refused('TransactWriteItems', `{"TransactItems":${list(3_000_000, () => '{}')}}`,
    /Value at 'TransactItems' failed to satisfy constraint: Member must have length less than or equal to 100$/);
  await refused('BatchGetItem', `{"RequestItems":{"${name}":{"Keys":${list(MANY, (i) => `{"pk":{"S":"${i}"}}`)}}}}`,
    /Value at 'RequestItems.*Keys' failed to satisfy constraint: Member must have length less than or equal to 100$/);
  await refused('BatchWriteItem', `{"RequestItems":${map(1_000_000, () => '[]')}}`, /Member must have length less than or equal to 25/);
  await refused('BatchExecuteStatement', `{"Statements":${list(1_000_000, () => '{}')}}`, /Member must have length less than or equal to 25/);
});

test('of one key that comes again and again the last value counts', async () => {
  const tables = Array.from({ length: 240_000 }, () => `"${name}":{"Keys":[]}`);
  tables.push(`"${name}":{"Keys":[{"pk":{"S":"k1"}}]}`);
  const { status, json } = await send('BatchGetItem', `{"RequestItems":{${tables.join(',')}}}`);
  assert.equal(status, 200);
  assert.equal(json.Responses[name].length, 1);
});

test('placeholders hold 2 MB, and those that nothing uses are all named', async () => {
  const projection = '"ProjectionExpression":"#a1"';
  await refused('GetItem', `{${T},${KEY},${projection},"ExpressionAttributeNames":${placeholders(MANY)}}`,
    /^ExpressionAttributeNames exceeds max size$/);
  await refused('Query', `{${T},"KeyConditionExpression":"pk=:a1","ExpressionAttributeValues":${map(MANY, () => '{"S":"x"}').replaceAll('"a', '":a')}}`,
    /^ExpressionAttributeValues exceeds max size$/);
  await refused('GetItem', `{${T},${KEY},${projection},"ExpressionAttributeNames":${placeholders(150_000)}}`,
    /^Value provided in ExpressionAttributeNames unused in expressions: keys: {(#a\d+(, )?){149999}}$/);
});

test('values take what they need, broken ones as well', async () => {
  const arguments_ = (one) => `{${T},"KeyConditions":{"pk":{"ComparisonOperator":"EQ","AttributeValueList":${list(MANY, () => one)}}}}`;
  await refused('Query', arguments_('{"S":"x"}'), /Invalid number of argument\(s\) for the EQ ComparisonOperator/);
  await refused('Query', arguments_('{"S":"\\n"}'), /Invalid number of argument\(s\) for the EQ ComparisonOperator/);
  await refused('Query', arguments_('{}'), /Supplied AttributeValue is empty/);
  await refused('Query', arguments_('{"N":"x"}'), /The parameter cannot be converted to a numeric value: x/);
  await refused('Query', arguments_('{"SS":["a","a"]}'), /contains duplicates/);
  await refused('PutItem', `{${T},"Item":{"pk":{"SS":${list(MANY, () => '"a"')}}}}`, /Input collection \[.*\] contains duplicates/);
  const { status } = await send('GetItem', `{${T},${Array.from({ length: MANY }, () => KEY).join(',')}}`);
  assert.equal(status, 200);
});

test('IN compares with as many values as there are, in any order', async () => {
  const among = (values) => send('Scan', `{${T},"ScanFilter":{"pk":{"ComparisonOperator":"IN","AttributeValueList":${values}}}}`);
  // 27,500 are known to be taken by the service; every 500th is a key that is there, or is not
  const keyAt = (i) => (Math.floor(i / 500) * 37) % 2000;
  const { status, json } = await among(list(27_500, (i) => `{"S":"${i % 500 === 7 ? `k${keyAt(i)}` : `v${(i * 7919) % 27_500}`}"}`));
  assert.equal(status, 200);
  const expected = Array.from({ length: 55 }, (_, i) => keyAt(i * 500)).filter((key) => key < ITEMS);
  assert.ok(expected.length > 10 && expected.length < 55);
  assert.deepEqual(json.Items.map(({ pk }) => pk.S).sort(), expected.map((key) => `k${key}`).sort());
  assert.equal((await among(list(MANY, (i) => `{"S":"k${i % 3}"}`))).json.Count, 3);
});

test('conditions, updates and definitions', async () => {
  const item = '"Item":{"pk":{"S":"k1"}}';
  await refused('PutItem', `{${T},${item},"Expected":${map(MANY, () => '{"Value":{"S":"x"}}')}}`, /More than 4096 conditions/);
  await refused('DeleteItem', `{${T},${KEY},"Expected":${map(MANY, () => '{"Exists":false}')}}`, /More than 4096 conditions/);
  await refused('Scan', `{${T},"ScanFilter":${map(120_000, condition)}}`, /More than 4096 conditions/);
  await refused('Query', `{${T},"KeyConditions":${map(120_000, condition)}}`, /Conditions can be of length 1 or 2 only/);
  await refused('UpdateItem', `{${T},${KEY},"AttributeUpdates":${map(MANY, () => '{"Value":{"S":"x"}}')}}`, /Item size to update has exceeded the maximum allowed size/);
  const schema = list(MANY, (i) => `{"AttributeName":"a${i}","KeyType":"HASH"}`);
  const { status } = await send('CreateTable', `{"TableName":"New","KeySchema":${schema},"AttributeDefinitions":[],"BillingMode":"PAY_PER_REQUEST"}`);
  assert.equal(status, 400);
});
