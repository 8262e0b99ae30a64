// Limits, the words when one is passed, and which of several problems is told: over raw HTTP, because SDKs check some of
// it before they send anything.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, rawOperation, sharedServer, tableName, tableOf } from './harness.mjs';

let server;
let TableName;
before(async () => {
  server = await sharedServer();
  TableName = tableName('Limits');
  await clientFor(server).send(new CreateTableCommand(tableOf(TableName, { sort: 'S' })));
});

const S = (text) => ({ S: text });
const x = (count) => 'x'.repeat(count);
const Key = { pk: S('a'), sk: S('b') };
const ITEM_MAX = 409_600;
const put = (attributes) => ['PutItem', { TableName, Item: { ...Key, ...attributes } }];
const when = (ConditionExpression, more) => ['PutItem', { TableName, Item: Key, ConditionExpression, ...more }];
const many = (count, make) => Array.from({ length: count }, (_, i) => make({ pk: S(`k${i}`), sk: S('b') }));
const nested = (count) => (count === 0 ? S('x') : { M: { a: nested(count - 1) } });

const ONE = '1 validation error detected: ';
const MUST = 'failed to satisfy constraint: Member must';
const INVALID = 'One or more parameter values were invalid: ';
const NESTING = 'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit';

/** [what, () => [operation, input], 'ok', or the end of the ValidationException's message, or another error's name: end] */
const cases = [
  ['an item of 400 KB', () => put({ v: S(x(ITEM_MAX - 7)) }), 'ok'],
  ['a byte more', () => put({ v: S(x(ITEM_MAX - 6)) }), 'Item size has exceeded the maximum allowed size'],
  ['an update to more', () => ['UpdateItem', { TableName, Key, UpdateExpression: 'SET v = :v', ExpressionAttributeValues: { ':v': S(x(ITEM_MAX)) } }],
    'Item size to update has exceeded the maximum allowed size'],
  ['a hash key of 2048 bytes', () => put({ pk: S(x(2048)) }), 'ok'],
  ['of 2049', () => put({ pk: S(x(2049)) }), `${INVALID}Size of hashkey has exceeded the maximum size limit of2048 bytes`],
  ['a range key of 1024 bytes', () => put({ sk: S(x(1024)) }), 'ok'],
  ['of 1025', () => put({ sk: S(x(1025)) }), `${INVALID}Aggregated size of all range keys has exceeded the size limit of 1024 bytes`],
  ['31 maps within each other', () => put({ v: nested(31) }), 'ok'],
  ['32', () => put({ v: nested(32) }), NESTING],
  ['38 digits', () => put({ v: { N: '1'.repeat(38) } }), 'ok'],
  ['39', () => put({ v: { N: '1'.repeat(39) } }), 'Attempting to store more than 38 significant digits in a Number'],
  ['9.9E+125', () => put({ v: { N: '9.9E+125' } }), 'ok'],
  ['1E126', () => put({ v: { N: '1E126' } }), 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
  ['1E-130', () => put({ v: { N: '1E-130' } }), 'ok'],
  ['1E-131', () => put({ v: { N: '1E-131' } }), 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
  ['a set with one member twice', () => put({ v: { SS: ['a', 'b', 'b'] } }), 'Input collection ["a", "b", "b"] contains duplicates.'],
  ['an empty set', () => put({ v: { SS: [] } }), 'An string set  may not be empty'],
  ['a value of two types', () => put({ v: { S: 'a', N: '1' } }),
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes'],
  ['a value of none', () => put({ v: {} }), 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
  ['base64 without its end', () => put({ v: { B: 'abc' } }), 'SerializationException: '],

  ['an expression of 4096 bytes', () => when('attribute_exists(pk)'.padEnd(4096)), 'ok'],
  ['of 4097', () => when('attribute_exists(pk)'.padEnd(4097)), `${ONE}Invalid ConditionExpression: Expression size has exceeded the maximum allowed size;`],
  ['301 operators', () => when(Array(151).fill('a = b').join(' OR ')), 'The expression contains too many operators; operator count: 301'],
  ['two pairs of parentheses', () => when('((attribute_exists(pk)))'), 'Invalid ConditionExpression: The expression has redundant parentheses;'],
  ['a placeholder that is not used', () => when('attribute_exists(pk)', { ExpressionAttributeNames: { '#a': 'b' } }),
    'Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}'],
  ['a reserved word', () => when('attribute_exists(name)'), 'Attribute name is a reserved keyword; reserved keyword: name'],

  ['25 writes', () => ['BatchWriteItem', { RequestItems: { [TableName]: many(25, (key) => ({ DeleteRequest: { Key: key } })) } }], 'ok'],
  ['26', () => ['BatchWriteItem', { RequestItems: { [TableName]: many(26, (key) => ({ DeleteRequest: { Key: key } })) } }], /25$|BatchWriteItem call$/],
  ['100 reads', () => ['BatchGetItem', { RequestItems: { [TableName]: { Keys: many(100, (key) => key) } } }], 'ok'],
  ['101', () => ['BatchGetItem', { RequestItems: { [TableName]: { Keys: many(101, (key) => key) } } }], /100$|BatchGetItem call$/],
  ['one item twice', () => ['BatchGetItem', { RequestItems: { [TableName]: { Keys: [Key, Key] } } }], 'Provided list of item keys contains duplicates'],
  ['100 actions', () => ['TransactWriteItems', { TransactItems: many(100, (key) => ({ Delete: { TableName, Key: key } })) }], 'ok'],
  ['101', () => ['TransactWriteItems', { TransactItems: many(101, (key) => ({ Delete: { TableName, Key: key } })) }],
    `${ONE}Value at 'TransactItems' ${MUST} have length less than or equal to 100`],
  ['101 gets', () => ['TransactGetItems', { TransactItems: many(101, (key) => ({ Get: { TableName, Key: key } })) }],
    `${ONE}Value at 'TransactItems' ${MUST} have length less than or equal to 100`],
  ['a token of 37 characters', () => ['TransactWriteItems', { TransactItems: [{ Delete: { TableName, Key } }], ClientRequestToken: x(37) }],
    `${ONE}Value at 'ClientRequestToken' ${MUST} have length less than or equal to 36`],
  ['11 items of 400 KB', () => ['TransactWriteItems', { TransactItems: many(11, (key) => ({ Put: { TableName, Item: { ...key, v: S(x(409_000)) } } })) }],
    /4 ?MB/],
  ['26 statements', () => ['BatchExecuteStatement', { Statements: many(26, ({ pk }) => ({ Statement: `SELECT * FROM "${TableName}" WHERE pk = '${pk.S}' AND sk = 'b'` })) }],
    `${MUST} have length less than or equal to 25`],
  ['a statement of 8193 characters', () => ['ExecuteStatement', { Statement: x(8193) }], `${MUST} have length less than or equal to 8192`],
  ['a segment too many', () => ['Scan', { TableName, Segment: 3, TotalSegments: 3 }],
    'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 3 is not less than TotalSegments: 3'],
  ['more than a million segments', () => ['Scan', { TableName, Segment: 0, TotalSegments: 1_000_001 }], 'less than or equal to 1000000'],
  ['101 tables at a time', () => ['ListTables', { Limit: 101 }], 'less than or equal to 100'],

  ['types before what is missing', () => ['PutItem', { TableName: 1 }], 'SerializationException: '],
  ['what is missing before the table', () => ['GetItem', { TableName: 'none' }], `${MUST} not be null`],
  ['the expression before the table', () => ['GetItem', { TableName: 'none', Key, ProjectionExpression: 'a,' }], /^Invalid ProjectionExpression/],
  ['values before the table', () => ['PutItem', { TableName: 'none', Item: { v: { N: 'abc' } } }], 'The parameter cannot be converted to a numeric value: abc'],
  ['the table before its schema', () => ['GetItem', { TableName: 'none', Key: { q: S('a') } }], 'ResourceNotFoundException: Requested resource not found'],
  ['the schema', () => ['GetItem', { TableName, Key: { pk: S('a') } }], 'The provided key element does not match the schema'],
  ['a later action\'s value before an earlier one\'s table',
    () => ['TransactWriteItems', { TransactItems: [{ Put: { TableName: 'none', Item: Key } }, { Put: { TableName, Item: { ...Key, v: { N: 'abc' } } } }] }],
    'The parameter cannot be converted to a numeric value: abc'],
];

for (const [what, make, expected] of cases) {
  test(what, async () => {
    const { status, json } = await rawOperation(server, ...make());
    if (expected === 'ok') {
      assert.ok(status === 200 || json.__type.endsWith('#ConditionalCheckFailedException'), JSON.stringify(json));
      return;
    }
    const name = json.__type.split('#')[1];
    const message = json.message ?? json.Message ?? '';
    assert.equal(status, 400);
    if (expected instanceof RegExp) {
      assert.equal(name, 'ValidationException');
      assert.match(message, expected);
    } else if (/^\w+Exception: /.test(expected)) {
      assert.ok(`${name}: ${message}`.startsWith(expected), `${name}: ${message}`);
    } else {
      assert.equal(name, 'ValidationException');
      assert.ok(message.endsWith(expected), message);
    }
  });
}
