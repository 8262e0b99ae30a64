// electrodb: entities and services in a single table, with composed keys, collections and sparse indexes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINT, eventually } from './harness.mjs';
import {
  CreateTableCommand, DeleteTableCommand, DynamoDBClient, UpdateTimeToLiveCommand, waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { Entity, Service } from 'electrodb';

const table = 'Music-electrodb';
const client = new DynamoDBClient({ endpoint: ENDPOINT, maxAttempts: 1 });

const artists = new Entity({
  model: { entity: 'artist', version: '1', service: 'music' },
  attributes: {
    artist: { type: 'string', required: true },
    country: { type: 'string', required: true },
    born: { type: 'number' },
    instruments: { type: 'set', items: 'string' },
    until: { type: 'number' },
  },
  indexes: {
    primary: {
      collection: 'works',
      pk: { field: 'pk', composite: ['artist'] },
      sk: { field: 'sk', composite: [] },
    },
    ofCountry: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['country'] },
      sk: { field: 'gsi1sk', composite: ['artist'] },
    },
  },
}, { client, table });

const tracks = new Entity({
  model: { entity: 'track', version: '1', service: 'music' },
  attributes: {
    artist: { type: 'string', required: true },
    song: { type: 'string', required: true },
    genre: { type: ['afrobeat', 'marabi', 'even'], required: true },
    year: { type: 'number', required: true, padding: { length: 4, char: '0' } },
    plays: { type: 'number', default: 0 },
    sides: { type: 'list', items: { type: 'map', properties: { title: { type: 'string' } } } },
    notes: { type: 'map', properties: { good: { type: 'boolean' } } },
    added: { type: 'number', watch: '*', set: () => Date.now() },
  },
  indexes: {
    primary: {
      collection: 'works',
      pk: { field: 'pk', composite: ['artist'] },
      sk: { field: 'sk', composite: ['song'] },
    },
    ofGenre: {
      index: 'gsi1',
      pk: { field: 'gsi1pk', composite: ['genre'] },
      sk: { field: 'gsi1sk', composite: ['year', 'song'] },
    },
  },
}, { client, table });

const music = new Service({ artists, tracks });

test('has a table for its keys', async () => {
  await client.send(new CreateTableCommand({
    TableName: table,
    AttributeDefinitions: ['pk', 'sk', 'gsi1pk', 'gsi1sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [{
      IndexName: 'gsi1',
      KeySchema: [
        { AttributeName: 'gsi1pk', KeyType: 'HASH' },
        { AttributeName: 'gsi1sk', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
    }],
    BillingMode: 'PAY_PER_REQUEST',
  }));
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName: table });
  await client.send(new UpdateTimeToLiveCommand({ TableName: table, TimeToLiveSpecification: { AttributeName: 'until', Enabled: true } }));
});

test('creates, reads, patches and deletes', async () => {
  const key = { artist: 'Fela Kuti', song: 'Zombie' };
  await tracks.create({ ...key, genre: 'afrobeat', year: 1976, sides: [{ title: 'Zombie' }], notes: { good: false } }).go();
  await assert.rejects(tracks.create({ ...key, genre: 'even', year: 1 }).go(), /conditional request failed/);
  const { data } = await tracks.get(key).go({ consistent: true });
  assert.deepEqual(data.sides, [{ title: 'Zombie' }]);
  assert.equal(data.year, 1976);

  const changed = await tracks.patch(key)
    .add({ plays: 2 })
    .append({ sides: [{ title: 'Mr. Follow Follow' }] })
    .data(({ notes }, { set }) => set(notes.good, true))
    .where(({ plays }, { eq }) => eq(plays, 0))
    .go({ response: 'all_new' });
  assert.deepEqual([changed.data.plays, changed.data.sides.length, changed.data.notes.good], [2, 2, true]);
  await assert.rejects(tracks.patch({ artist: 'Nobody', song: 'None' }).set({ plays: 1 }).go(), /conditional request failed/);
  const upserted = await tracks.upsert({ ...key, genre: 'marabi', year: 1977 }).ifNotExists({ plays: 9 }).go({ response: 'all_new' });
  assert.deepEqual([upserted.data.genre, upserted.data.plays], ['marabi', 2]);
  await tracks.remove(key).where(({ plays }, { gt }) => gt(plays, 1)).go();
  assert.equal((await tracks.get(key).go()).data, null);
});

test('puts, gets and deletes more than one batch at once', async () => {
  const many = Array.from({ length: 60 }, (_, i) => ({ artist: 'Batch', song: `Song ${10 + i}`, genre: 'even', year: 1900 + i }));
  assert.deepEqual((await tracks.put(many).go({ concurrent: 2 })).unprocessed, []);
  const { data, unprocessed } = await tracks.get(many.map(({ artist, song }) => ({ artist, song }))).go({ preserveBatchOrder: true });
  assert.deepEqual(data.map(({ year }) => year), many.map(({ year }) => year));
  assert.deepEqual(unprocessed, []);
  await tracks.delete([{ artist: 'Batch', song: 'Song 69' }]).go();
});

test('queries by composed keys and pages with cursors', async () => {
  // A key of more parts than the upper bound names lies behind it.
  const ordered = await tracks.query.ofGenre({ genre: 'even' }).between({ year: 1905 }, { year: 1910 }).go({ order: 'desc' });
  assert.deepEqual(ordered.data.map(({ year }) => year), [1909, 1908, 1907, 1906, 1905]);
  const begun = await tracks.query.primary({ artist: 'Batch' }).begins({ song: 'Song 2' })
    .where(({ year }, { gte }) => gte(year, 1918)).go({ attributes: ['song'] });
  assert.deepEqual(begun.data, [{ song: 'Song 28' }, { song: 'Song 29' }]);
  const first = await tracks.query.primary({ artist: 'Batch' }).go({ limit: 40 });
  assert.ok(first.cursor);
  const second = await tracks.query.primary({ artist: 'Batch' }).go({ cursor: first.cursor });
  assert.equal(first.data.length + second.data.length, 59);
  assert.equal((await tracks.query.primary({ artist: 'Batch' }).go({ pages: 'all', limit: 7 })).data.length, 59);
  assert.equal((await tracks.scan.where(({ year }, { lt }) => lt(year, 1903)).go({ pages: 'all' })).data.length, 3);
});

test('runs transactions over its entities', async () => {
  const written = await music.transaction.write(({ artists: a, tracks: t }) => [
    a.create({ artist: 'Miriam Makeba', country: 'ZA', born: 1932, instruments: ['voice'] }).commit(),
    t.put({ artist: 'Miriam Makeba', song: 'Pata Pata', genre: 'marabi', year: 1967 }).commit(),
    t.delete({ artist: 'Batch', song: 'Song 10' }).commit(),
    t.check({ artist: 'Batch', song: 'Song 11' }).where(({ year }, { eq }) => eq(year, 1901)).commit(),
  ]).go({ token: 'once' });
  assert.equal(written.canceled, false);
  const read = await music.transaction.get(({ artists: a, tracks: t }) => [
    a.get({ artist: 'Miriam Makeba' }).commit(), t.get({ artist: 'Batch', song: 'Song 10' }).commit(),
  ]).go();
  assert.deepEqual(read.data.map(({ item }) => item?.born), [1932, undefined]);
  const canceled = await music.transaction.write(({ artists: a, tracks: t }) => [
    a.create({ artist: 'Miriam Makeba', country: 'GN' }).commit({ response: 'all_old' }),
    t.delete({ artist: 'Batch', song: 'Song 11' }).commit(),
  ]).go();
  assert.equal(canceled.canceled, true);
  assert.deepEqual(canceled.data.map(({ code }) => code), ['ConditionalCheckFailed', 'None']);
  assert.equal(canceled.data[0].item.country, 'ZA');
});

test('collects the entities of one partition', async () => {
  const { data } = await music.collections.works({ artist: 'Miriam Makeba' }).go();
  assert.deepEqual([data.artists.map(({ country }) => country), data.tracks.map(({ song }) => song)], [['ZA'], ['Pata Pata']]);
  const found = await artists.match({ country: 'ZA' }).go();
  assert.deepEqual(found.data.map(({ artist, instruments }) => [artist, instruments]), [['Miriam Makeba', ['voice']]]);
});

test('lets items expire', async () => {
  await artists.put({ artist: 'Old', country: 'NO', until: Math.floor(Date.now() / 1000) - 3600 }).go();
  await eventually(async () => (await artists.get({ artist: 'Old' }).go()).data === null);
});

test('says what the service said', async () => {
  await client.send(new DeleteTableCommand({ TableName: table }));
  await assert.rejects(tracks.get({ artist: 'a', song: 'b' }).go(), /Requested resource not found/);
});
