// The distribution's AWS CLI: shorthand and file:// parameters, --query, its own paging over the service's, wait.

import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../api/server.mjs';
import { ENDPOINT, eventually, run } from './harness.mjs';

const TABLE = 'Music-cli';
const SERVICE_ERROR = 254; // the CLI's exit code for an error that came from the service

const folder = await temporaryFolder();
after(() => rm(folder, { recursive: true }));

// Nothing of the user's own settings comes in.
const env = { AWS_CONFIG_FILE: path.join(folder, 'config'), AWS_SHARED_CREDENTIALS_FILE: path.join(folder, 'credentials'), AWS_PAGER: '' };

// Not every distribution has it as a package of its own.
const skip = await run('aws', ['--version']).then(() => false, () => 'this machine has no AWS CLI');

const aws = (service, ...args) => run('aws', [service, ...args, '--endpoint-url', ENDPOINT], { env });

/** A dynamodb command's JSON output; undefined where it prints none. */
async function ddb(command, ...args) {
  const printed = await aws('dynamodb', command, ...args, '--output', 'json');
  return printed === '' ? undefined : JSON.parse(printed);
}

const fails = (code, command, ...args) => assert.rejects(ddb(command, ...args), (error) => {
  assert.equal(error.code, SERVICE_ERROR);
  assert.match(error.stderr, new RegExp(`An error occurred \\(${code}\\)`));
  return true;
});

/** A file:// parameter with this content. */
async function file(name, content) {
  await writeFile(path.join(folder, name), JSON.stringify(content));
  return `file://${path.join(folder, name)}`;
}

const key = (artist, song) => JSON.stringify({ Artist: { S: artist }, Song: { S: song } });

test('creates a table from shorthand parameters and waits for it', { skip }, async () => {
  const { TableDescription } = await ddb('create-table', '--table-name', TABLE,
    '--attribute-definitions', 'AttributeName=Artist,AttributeType=S', 'AttributeName=Song,AttributeType=S',
    'AttributeName=Genre,AttributeType=S', 'AttributeName=Year,AttributeType=N',
    '--key-schema', 'AttributeName=Artist,KeyType=HASH', 'AttributeName=Song,KeyType=RANGE',
    '--global-secondary-indexes',
    'IndexName=ByGenre,KeySchema=[{AttributeName=Genre,KeyType=HASH},{AttributeName=Year,KeyType=RANGE}],Projection={ProjectionType=ALL}',
    '--billing-mode', 'PAY_PER_REQUEST',
    '--stream-specification', 'StreamEnabled=true,StreamViewType=KEYS_ONLY',
    '--tags', 'Key=team,Value=music');
  assert.match(TableDescription.CreationDateTime, /^\d{4}-\d\d-\d\dT/); // a number of seconds made a date
  assert.equal(await aws('dynamodb', 'wait', 'table-exists', '--table-name', TABLE), '');
  const status = await aws('dynamodb', 'describe-table', '--table-name', TABLE,
    '--query', 'Table.[TableStatus,GlobalSecondaryIndexes[0].IndexStatus]', '--output', 'text');
  assert.equal(status, 'ACTIVE\tACTIVE\n');
  assert.ok((await ddb('list-tables', '--page-size', '1')).TableNames.includes(TABLE));
});

test('writes, reads, changes and deletes items', { skip }, async () => {
  const Item = {
    Artist: { S: 'Fela Kuti' }, Song: { S: 'Zombie' }, Genre: { S: 'Afrobeat' }, Year: { N: '1976' }, Sleeve: { B: 'AAH+/w==' },
    Live: { BOOL: false }, Nothing: { NULL: true }, Players: { SS: ['Tony Allen'] }, Sides: { L: [{ S: 'A' }, { M: { t: { S: 'B' } } }] },
  };
  await ddb('put-item', '--table-name', TABLE, '--item', await file('item.json', Item));
  const read = await ddb('get-item', '--table-name', TABLE, '--key', key('Fela Kuti', 'Zombie'), '--consistent-read',
    '--return-consumed-capacity', 'TOTAL');
  assert.deepEqual(read.Item, Item);
  assert.equal(read.ConsumedCapacity.CapacityUnits, 1);
  await fails('ConditionalCheckFailedException', 'put-item', '--table-name', TABLE, '--item', key('Fela Kuti', 'Zombie'),
    '--condition-expression', 'attribute_not_exists(Artist)');
  const { Attributes } = await ddb('update-item', '--table-name', TABLE, '--key', key('Fela Kuti', 'Zombie'),
    '--update-expression', 'SET #p = :p REMOVE Nothing', '--expression-attribute-names', '#p=Plays',
    '--expression-attribute-values', '{":p":{"N":"1"}}', '--return-values', 'UPDATED_NEW');
  assert.deepEqual(Attributes, { Plays: { N: '1' } });
  const deleted = await ddb('delete-item', '--table-name', TABLE, '--key', key('Fela Kuti', 'Zombie'), '--return-values', 'ALL_OLD');
  assert.equal(deleted.Attributes.Plays.N, '1');
  assert.equal(await ddb('get-item', '--table-name', TABLE, '--key', key('Fela Kuti', 'Zombie')), undefined);
});

test('writes a batch from a file and reads one', { skip }, async () => {
  const requests = Array.from({ length: 25 }, (_, i) => ({
    PutRequest: { Item: { Artist: { S: 'Batch' }, Song: { S: `Song ${10 + i}` }, Genre: { S: 'Even' }, Year: { N: `${1900 + i}` } } },
  }));
  const written = await ddb('batch-write-item', '--request-items', await file('batch.json', { [TABLE]: requests }));
  assert.deepEqual(written.UnprocessedItems, {});
  const keys = { [TABLE]: { Keys: ['Song 10', 'Song 34', 'Song 99'].map((song) => JSON.parse(key('Batch', song))) } };
  const { Responses } = await ddb('batch-get-item', '--cli-input-json', await file('keys.json', { RequestItems: keys }));
  assert.deepEqual(Responses[TABLE].map(({ Year }) => Year.N).sort(), ['1900', '1924']);
});

test('pages through queries and scans', { skip }, async () => {
  const query = ['query', '--table-name', TABLE, '--key-condition-expression', 'Artist = :a',
    '--expression-attribute-values', '{":a":{"S":"Batch"}}'];
  const [every, first, years, scan] = await Promise.all([
    ddb(...query, '--page-size', '4'),
    ddb(...query, '--max-items', '20', '--page-size', '15'),
    aws('dynamodb', 'query', '--table-name', TABLE, '--index-name', 'ByGenre', '--no-scan-index-forward',
      '--key-condition-expression', 'Genre = :g AND #y > :y', '--expression-attribute-names', '{"#y":"Year"}',
      '--expression-attribute-values', '{":g":{"S":"Even"},":y":{"N":"1921"}}', '--query', 'Items[].Year.N', '--output', 'text'),
    ddb('scan', '--table-name', TABLE, '--filter-expression', 'begins_with(Song, :s)',
      '--expression-attribute-values', '{":s":{"S":"Song 3"}}', '--select', 'COUNT'),
  ]);
  assert.equal(every.Items.length, 25);
  assert.equal(first.Items.length, 20);
  assert.equal(years, '1924\t1923\t1922\n');
  assert.deepEqual([scan.Count, scan.ScannedCount], [5, 25]);
  const rest = await ddb(...query, '--page-size', '15', '--starting-token', first.NextToken);
  assert.equal(rest.Items.length, 5);
});

test('runs transactions', { skip }, async () => {
  await ddb('transact-write-items', '--client-request-token', 'once', '--transact-items', await file('transaction.json', [
    { Put: { TableName: TABLE, Item: { Artist: { S: 'Transaction' }, Song: { S: 'One' } } } },
    { Delete: { TableName: TABLE, Key: JSON.parse(key('Batch', 'Song 10')) } },
  ]));
  const gets = ['Song 10', 'Song 11'].map((song) => ({ Get: { TableName: TABLE, Key: JSON.parse(key('Batch', song)) } }));
  const { Responses } = await ddb('transact-get-items', '--transact-items', JSON.stringify(gets));
  assert.deepEqual(Responses.map(({ Item }) => Item?.Year.N), [undefined, '1901']);
  await fails('TransactionCanceledException', 'transact-write-items', '--transact-items', JSON.stringify([{
    ConditionCheck: { TableName: TABLE, Key: JSON.parse(key('Transaction', 'One')), ConditionExpression: 'attribute_not_exists(Song)' },
  }]));
});

test('executes statements', { skip }, async () => {
  await ddb('execute-statement', '--statement', `INSERT INTO "${TABLE}" VALUE {'Artist': 'PartiQL', 'Song': ?}`,
    '--parameters', '[{"S":"Select"}]');
  const missing = [{ Statement: `DELETE FROM "${TABLE}" WHERE Artist = 'PartiQL' AND Song = 'Select' AND Plays = 1` }];
  const [{ Items }, { Responses }] = await Promise.all([
    ddb('execute-statement', '--statement', `SELECT Song FROM "${TABLE}" WHERE Artist = 'PartiQL'`),
    ddb('batch-execute-statement', '--statements', JSON.stringify(missing)),
  ]);
  assert.deepEqual(Items, [{ Song: { S: 'Select' } }]);
  assert.equal(Responses[0].Error.Code, 'ConditionalCheckFailed');
});

test('reads the stream', { skip }, async () => {
  const streams = async (...args) => JSON.parse(await aws('dynamodbstreams', ...args, '--output', 'json'));
  const { Streams: [{ StreamArn }] } = await streams('list-streams', '--table-name', TABLE);
  const { StreamDescription } = await streams('describe-stream', '--stream-arn', StreamArn);
  const { ShardIterator } = await streams('get-shard-iterator', '--stream-arn', StreamArn,
    '--shard-id', StreamDescription.Shards[0].ShardId, '--shard-iterator-type', 'TRIM_HORIZON');
  const { Records } = await streams('get-records', '--shard-iterator', ShardIterator, '--limit', '3');
  assert.deepEqual(Records.map(({ eventName }) => eventName), ['INSERT', 'MODIFY', 'REMOVE']);
  assert.deepEqual(Records[0].dynamodb.Keys, JSON.parse(key('Fela Kuti', 'Zombie')));
});

test('lets items expire', { skip }, async () => {
  await ddb('update-time-to-live', '--table-name', TABLE, '--time-to-live-specification', 'Enabled=true,AttributeName=Until');
  const until = Math.floor(Date.now() / 1000) - 3600;
  const [status] = await Promise.all([
    ddb('describe-time-to-live', '--table-name', TABLE, '--query', 'TimeToLiveDescription.TimeToLiveStatus'),
    ddb('put-item', '--table-name', TABLE, '--item', '{"Artist":{"S":"Old"},"Song":{"S":"News"},"Until":{"N":"1500000000"}}'),
  ]);
  assert.equal(status, 'ENABLED');
  await ddb('put-item', '--table-name', TABLE, '--item', `{"Artist":{"S":"Old"},"Song":{"S":"Hat"},"Until":{"N":"${until}"}}`);
  await eventually(async () => await ddb('get-item', '--table-name', TABLE, '--key', key('Old', 'Hat')) === undefined);
  // What expired more than five years ago stays: the service takes it for a mistake.
  assert.ok(await ddb('get-item', '--table-name', TABLE, '--key', key('Old', 'News')));
});

test('tags, changes and deletes the table', { skip }, async () => {
  const { Table: { TableArn } } = await ddb('describe-table', '--table-name', TABLE);
  await ddb('tag-resource', '--resource-arn', TableArn, '--tags', 'Key=stage,Value=test');
  await ddb('untag-resource', '--resource-arn', TableArn, '--tag-keys', 'team');
  assert.deepEqual((await ddb('list-tags-of-resource', '--resource-arn', TableArn)).Tags, [{ Key: 'stage', Value: 'test' }]);
  const { TableDescription } = await ddb('update-table', '--table-name', TABLE, '--billing-mode', 'PROVISIONED',
    '--provisioned-throughput', 'ReadCapacityUnits=5,WriteCapacityUnits=5', '--global-secondary-index-updates',
    '[{"Update":{"IndexName":"ByGenre","ProvisionedThroughput":{"ReadCapacityUnits":5,"WriteCapacityUnits":5}}}]');
  assert.equal(TableDescription.TableName, TABLE);
  await ddb('delete-table', '--table-name', TABLE);
  await aws('dynamodb', 'wait', 'table-not-exists', '--table-name', TABLE);
  await fails('ResourceNotFoundException', 'describe-table', '--table-name', TABLE);
});
