// The bodies of errors of the data plane, byte for byte: what SDKs fold together, such as the case of "message".

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, rawOperation, sharedServer, tableName, tableOf } from './harness.mjs';

const MODEL = 'com.amazonaws.dynamodb.v20120810#';
const VALIDATE = 'com.amazon.coral.validate#';

let server;
let table;
before(async () => {
  server = await sharedServer();
  table = tableName('Bodies');
  await clientFor(server).send(new CreateTableCommand(tableOf(table)));
});

/** The operation fails with exactly this body. */
const fails = async (operation, input, expected) => {
  const { status, json } = await rawOperation(server, operation, input);
  assert.equal(status, 400);
  assert.deepEqual(json, expected);
};
const put = (pk, more) => ({ Put: { TableName: table, Item: { pk: { S: pk }, ...more } } });

test('a token that was used with other parameters', async () => {
  const ClientRequestToken = 'token';
  const { status } = await rawOperation(server, 'TransactWriteItems', { TransactItems: [put('a')], ClientRequestToken });
  assert.equal(status, 200);
  // "Message" in the service model, as in TransactionCanceledException.
  await fails('TransactWriteItems', { TransactItems: [put('b')], ClientRequestToken }, {
    __type: `${MODEL}IdempotentParameterMismatchException`,
    Message: 'The request uses the same client token as a previous, but non-identical request',
  });
});

test('failed conditions, with and without the item', async () => {
  await rawOperation(server, 'PutItem', { TableName: table, Item: { pk: { S: 'there' }, n: { N: '1' } } });
  const input = {
    TableName: table, Item: { pk: { S: 'there' } }, ConditionExpression: 'attribute_not_exists(pk)',
  };
  const failed = { __type: `${MODEL}ConditionalCheckFailedException`, message: 'The conditional request failed' };
  await fails('PutItem', input, failed);
  await fails('PutItem', { ...input, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    { ...failed, Item: { pk: { S: 'there' }, n: { N: '1' } } });
});

test('a cancelled transaction tells about every action', async () => {
  await rawOperation(server, 'PutItem', { TableName: table, Item: { pk: { S: 'held' }, n: { N: '1' } } });
  const ConditionExpression = 'attribute_not_exists(pk)';
  const Key = { pk: { S: 'held' } };
  await fails('TransactWriteItems', {
    TransactItems: [
      put('free'),
      { ConditionCheck: { TableName: table, Key, ConditionExpression, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } },
      { Update: {
        TableName: table, Key: { pk: { S: 'none' } }, UpdateExpression: 'SET n = n + :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      } },
    ],
  }, {
    __type: `${MODEL}TransactionCanceledException`,
    Message: 'Transaction cancelled, please refer cancellation reasons for specific reasons '
      + '[None, ConditionalCheckFailed, ValidationError]',
    CancellationReasons: [
      { Code: 'None' },
      { Code: 'ConditionalCheckFailed', Item: { pk: { S: 'held' }, n: { N: '1' } }, Message: 'The conditional request failed' },
      { Code: 'ValidationError', Message: 'The provided expression refers to an attribute that does not exist in the item' },
    ],
  });
});

test('what is not there', async () => {
  const message = 'Requested resource not found';
  const __type = `${MODEL}ResourceNotFoundException`;
  const Key = { pk: { S: 'a' } };
  await fails('GetItem', { TableName: 'none', Key }, { __type, message });
  await fails('TransactGetItems', { TransactItems: [{ Get: { TableName: 'none', Key } }] }, { __type, message });
  await fails('ExecuteStatement', { Statement: 'SELECT * FROM none' }, { __type, message });
  await fails('DescribeTable', { TableName: 'none' }, { __type, message: `${message}: Table: none not found` });
  await fails('DescribeTimeToLive', { TableName: 'none' }, { __type, message: `${message}: Table: none not found` });
});

test('statements', async () => {
  await rawOperation(server, 'ExecuteStatement', { Statement: `INSERT INTO "${table}" VALUE {'pk': 'once'}` });
  await fails('ExecuteStatement', { Statement: `INSERT INTO "${table}" VALUE {'pk': 'once'}` },
    { __type: `${MODEL}DuplicateItemException`, message: 'Duplicate primary key exists in table' });
  await fails('ExecuteStatement', { Statement: 'SELECT' }, {
    __type: `${VALIDATE}ValidationException`,
    message: "Statement wasn't well formed, can't be processed: Unexpected term",
  });
});
