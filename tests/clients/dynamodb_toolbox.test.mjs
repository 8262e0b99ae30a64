// dynamodb-toolbox version 2: tables, entities with transformed keys, one command object for every action.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINT, eventually } from './harness.mjs';
import {
  CreateTableCommand, DeleteTableCommand, DynamoDBClient, UpdateTimeToLiveCommand, waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  $add, $append, $delete, $remove, BatchDeleteRequest, BatchGetCommand, BatchGetRequest, BatchPutRequest,
  BatchWriteCommand, ConditionCheck, DeleteItemCommand, DeletePartitionCommand, DeleteTransaction, Entity,
  GetItemCommand, GetTransaction, PutItemCommand, PutTransaction, QueryCommand, ScanCommand, Table,
  UpdateAttributesCommand, UpdateItemCommand, UpdateTransaction, executeBatchGet, executeBatchWrite,
  executeTransactGet, executeTransactWrite, isConditionCheckFailed, isTransactionCancelled, item, list, map, number,
  prefix, set, string,
} from 'dynamodb-toolbox';

const name = 'Music-toolbox';
const client = new DynamoDBClient({ endpoint: ENDPOINT, maxAttempts: 1 });

const Music = new Table({
  name,
  documentClient: DynamoDBDocumentClient.from(client),
  partitionKey: { name: 'artist', type: 'string' },
  sortKey: { name: 'song', type: 'string' },
  indexes: { byGenre: { type: 'global', partitionKey: { name: 'genre', type: 'string' }, sortKey: { name: 'year', type: 'number' } } },
});

const Track = new Entity({
  name: 'Track',
  table: Music,
  schema: item({
    artist: string().key().transform(prefix('ARTIST')),
    song: string().key(),
    genre: string(),
    year: number(),
    plays: number().default(0),
    players: set(string()).optional(),
    sides: list(map({ title: string() })).optional(),
    until: number().optional(),
  }),
});

const zombie = { artist: 'Fela Kuti', song: 'Zombie' };

test('has a table for its keys', async () => {
  await client.send(new CreateTableCommand({
    TableName: name,
    AttributeDefinitions: ['artist', 'song', 'genre'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))
      .concat({ AttributeName: 'year', AttributeType: 'N' }),
    KeySchema: [
      { AttributeName: 'artist', KeyType: 'HASH' },
      { AttributeName: 'song', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [{
      IndexName: 'byGenre',
      KeySchema: [
        { AttributeName: 'genre', KeyType: 'HASH' },
        { AttributeName: 'year', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    }],
    BillingMode: 'PAY_PER_REQUEST',
  }));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: name });
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification: { AttributeName: 'until', Enabled: true } }));
});

test('puts, gets, updates and deletes an item', async () => {
  const put = Track.build(PutItemCommand).item({
    ...zombie, genre: 'afrobeat', year: 1976, players: new Set(['Tony Allen', 'Fela Kuti']), sides: [{ title: 'Zombie' }],
  });
  const { ToolboxItem } = await put.send();
  assert.equal(ToolboxItem.plays, 0);
  await assert.rejects(put.options({ condition: { attr: 'artist', exists: false }, returnValuesOnConditionFalse: 'ALL_OLD' }).send(),
    (error) => isConditionCheckFailed(error, { entity: Track }));
  const { Item } = await Track.build(GetItemCommand).key(zombie).options({ consistent: true }).send();
  assert.deepEqual([Item.artist, Item.year, Item.players.size], ['Fela Kuti', 1976, 2]);
  assert.ok(Item.created);

  const updated = await Track.build(UpdateItemCommand).item({
    ...zombie, plays: $add(3), players: $delete(new Set(['Fela Kuti'])), sides: $append([{ title: 'Mr. Follow Follow' }]), until: $remove(),
  }).options({ condition: { attr: 'plays', lt: 1 }, returnValues: 'ALL_NEW' }).send();
  assert.deepEqual([updated.Attributes.plays, [...updated.Attributes.players], updated.Attributes.sides.length], [3, ['Tony Allen'], 2]);
  await Track.build(UpdateAttributesCommand).item({ ...zombie, sides: [{ title: 'Only' }] }).send();
  const only = await Track.build(GetItemCommand).key(zombie).options({ attributes: ['sides[0].title'] }).send();
  assert.deepEqual(only.Item, { sides: [{ title: 'Only' }] });
  const { Attributes } = await Track.build(DeleteItemCommand).key(zombie).options({ returnValues: 'ALL_OLD' }).send();
  assert.equal(Attributes.plays, 3);
  assert.equal((await Track.build(GetItemCommand).key(zombie).send()).Item, undefined);
});

test('writes and reads in batches', async () => {
  const tracks = Array.from({ length: 20 }, (_, i) => ({ artist: 'Batch', song: `Song ${10 + i}`, genre: 'even', year: 1900 + i }));
  await executeBatchWrite(Music.build(BatchWriteCommand).requests(...tracks.map((track) => Track.build(BatchPutRequest).item(track))));
  await executeBatchWrite(Music.build(BatchWriteCommand).requests(Track.build(BatchDeleteRequest).key({ artist: 'Batch', song: 'Song 29' })));
  const keys = tracks.map(({ artist, song }) => Track.build(BatchGetRequest).key({ artist, song }));
  const { Responses } = await executeBatchGet(Music.build(BatchGetCommand).requests(...keys));
  assert.deepEqual(Responses[0].map((track) => track?.year), [...tracks.slice(0, 19).map(({ year }) => year), undefined]);
});

test('queries and scans', async () => {
  const query = Music.build(QueryCommand).entities(Track);
  const first = await query.query({ partition: 'ARTIST#Batch' }).options({ limit: 15 }).send();
  assert.equal(first.Items.length, 15);
  const rest = await query.query({ partition: 'ARTIST#Batch' }).options({ exclusiveStartKey: first.LastEvaluatedKey }).send();
  assert.deepEqual(rest.Items.map(({ song }) => song), ['Song 25', 'Song 26', 'Song 27', 'Song 28']);
  const byGenre = await query.query({ index: 'byGenre', partition: 'even', range: { between: [1905, 1910] } })
    .options({ reverse: true, filters: { Track: { attr: 'song', contains: '1' } }, maxPages: Infinity }).send();
  assert.deepEqual(byGenre.Items.map(({ year }) => year), [1909, 1908, 1907, 1906, 1905]);
  const { Items } = await Music.build(ScanCommand).entities(Track)
    .options({ filters: { Track: { attr: 'year', lt: 1903 } }, limit: 5, maxPages: Infinity }).send();
  assert.equal(Items.length, 3);
});

test('runs transactions', async () => {
  const key = { artist: 'Batch', song: 'Song 10' };
  await executeTransactWrite({ clientRequestToken: 'once' },
    Track.build(PutTransaction).item({ artist: 'Transaction', song: 'One', genre: 'odd', year: 2000 }),
    Track.build(UpdateTransaction).item({ ...key, plays: $add(1) }),
    Track.build(DeleteTransaction).key({ artist: 'Batch', song: 'Song 11' }),
    Track.build(ConditionCheck).key({ artist: 'Batch', song: 'Song 12' }).condition({ attr: 'year', eq: 1902 }));
  const { Responses } = await executeTransactGet(
    Track.build(GetTransaction).key(key), Track.build(GetTransaction).key({ artist: 'Batch', song: 'Song 11' }));
  assert.deepEqual(Responses.map(({ Item }) => Item?.plays), [1, undefined]);
  const failing = executeTransactWrite(
    Track.build(PutTransaction).item({ artist: 'Transaction', song: 'Two', genre: 'odd', year: 2001 }),
    Track.build(ConditionCheck).key(key).condition({ attr: 'plays', gt: 1 }));
  await assert.rejects(failing, (error) => {
    assert.ok(isTransactionCancelled(error));
    assert.deepEqual(error.CancellationReasons.map(({ Code }) => Code), ['None', 'ConditionalCheckFailed']);
    return true;
  });
});

test('lets items expire', async () => {
  const key = { artist: 'Old', song: 'News' };
  await Track.build(PutItemCommand).item({ ...key, genre: 'old', year: 1, until: Math.floor(Date.now() / 1000) - 3600 }).send();
  await eventually(async () => (await Track.build(GetItemCommand).key(key).send()).Item === undefined);
});

test('deletes a whole partition, then the table', async () => {
  await Music.build(DeletePartitionCommand).entities(Track).query({ partition: 'ARTIST#Batch' }).send();
  const { Count } = await Music.build(QueryCommand).entities(Track).query({ partition: 'ARTIST#Batch' }).send();
  assert.equal(Count, 0);
  await client.send(new DeleteTableCommand({ TableName: name }));
  await assert.rejects(Track.build(GetItemCommand).key(zombie).send(), { name: 'ResourceNotFoundException' });
});
