// dynamoose: models over schemas, tables made and updated behind them, chained queries, its own transactions.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINT, eventually } from './harness.mjs';
import dynamoose from 'dynamoose';

dynamoose.aws.ddb.local(ENDPOINT);

const expired = Math.floor(Date.now() / 1000) - 3600;

const schema = new dynamoose.Schema({
  artist: { type: String, hashKey: true },
  song: { type: String, rangeKey: true },
  genre: { type: String, index: { name: 'byGenre', type: 'global', rangeKey: 'year' } },
  year: Number,
  label: { type: String, index: { name: 'byLabel', type: 'local' } },
  plays: { type: Number, default: 0 },
  players: { type: Set, schema: [String] },
  sides: { type: Array, schema: [{ type: Object, schema: { title: String } }] },
  sleeve: Buffer,
  released: Date,
}, { timestamps: true });

// A table sets itself up when a test says so, and waits until it is active.
const setup = { initialize: false, waitForActive: { enabled: true, check: { timeout: 60_000, frequency: 10 } } };

const Track = dynamoose.model('Track-dynamoose', schema);
const music = new dynamoose.Table('Music-dynamoose', [Track], {
  ...setup,
  throughput: 'ON_DEMAND',
  tags: { team: 'music' },
  expires: { ttl: 3_600_000, attribute: 'until' },
  streamOptions: { enabled: true, type: 'NEW_IMAGE' },
});

const codeIs = (name) => (error) => error.name === name;

test('creates the table with indexes, tags, time to live and a stream', async () => {
  await music.initialize();
  const client = dynamoose.aws.ddb();
  const { Table } = await client.describeTable({ TableName: 'Music-dynamoose' });
  assert.equal(Table.TableStatus, 'ACTIVE');
  assert.equal(Table.BillingModeSummary.BillingMode, 'PAY_PER_REQUEST');
  assert.deepEqual(Table.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName), ['byGenre']);
  assert.deepEqual(Table.LocalSecondaryIndexes.map(({ IndexName }) => IndexName), ['byLabel']);
  assert.equal(Table.StreamSpecification.StreamViewType, 'NEW_IMAGE');
  const { Tags } = await client.listTagsOfResource({ ResourceArn: Table.TableArn });
  assert.deepEqual(Tags, [{ Key: 'team', Value: 'music' }]);
  await eventually(async () => {
    const { TimeToLiveDescription } = await client.describeTimeToLive({ TableName: 'Music-dynamoose' });
    return TimeToLiveDescription.TimeToLiveStatus === 'ENABLED' && TimeToLiveDescription.AttributeName === 'until';
  });
});

test('creates, reads, changes and deletes an item', async () => {
  const released = new Date('1976-11-01T00:00:00Z');
  await Track.create({
    artist: 'Fela Kuti', song: 'Zombie', genre: 'Afrobeat', year: 1976, label: 'Coconut', players: new Set(['Tony Allen']),
    sides: [{ title: 'Zombie' }], sleeve: Buffer.from([0, 255]), released,
  });
  await assert.rejects(Track.create({ artist: 'Fela Kuti', song: 'Zombie' }), codeIs('ConditionalCheckFailedException'));
  const track = await Track.get({ artist: 'Fela Kuti', song: 'Zombie' }, { consistent: true });
  assert.deepEqual(track.released, released);
  assert.deepEqual(Buffer.from(track.sleeve), Buffer.from([0, 255]));
  assert.ok(track.until > new Date());
  assert.equal(track.plays, 0);

  const changed = await Track.update({ artist: 'Fela Kuti', song: 'Zombie' },
    { $ADD: { plays: 3, players: new Set(['Lekan Animashaun']) }, $SET: { year: 1977 }, $REMOVE: ['label'] });
  assert.equal(changed.plays, 3);
  assert.equal(changed.players.size, 2);
  assert.equal(changed.label, undefined);
  await assert.rejects(Track.update({ artist: 'Fela Kuti', song: 'Zombie' }, { plays: 0 },
    { condition: new dynamoose.Condition().where('plays').gt(3) }), codeIs('ConditionalCheckFailedException'));
  track.plays = 9;
  await track.save();
  assert.equal((await Track.get({ artist: 'Fela Kuti', song: 'Zombie' })).plays, 9);
  await track.delete();
  assert.equal(await Track.get({ artist: 'Fela Kuti', song: 'Zombie' }), undefined);
});

test('puts, gets and deletes in batches', async () => {
  const tracks = Array.from({ length: 25 }, (_, i) => ({ artist: 'Batch', song: `Song ${10 + i}`, genre: 'Even', year: 1900 + i, label: `L${9 - (i % 10)}` }));
  const { unprocessedItems } = await Track.batchPut(tracks);
  assert.deepEqual(unprocessedItems, []);
  const read = await Track.batchGet(tracks.map(({ artist, song }) => ({ artist, song })));
  assert.equal(read.length, 25);
  assert.equal(read.unprocessedKeys.length, 0);
  await Track.batchDelete([{ artist: 'Batch', song: 'Song 34' }]);
});

test('queries and scans', async () => {
  const page = await Track.query('artist').eq('Batch').where('song').beginsWith('Song').limit(10).exec();
  assert.equal(page.length, 10);
  const next = await Track.query('artist').eq('Batch').startAt(page.lastKey).limit(10).exec();
  assert.equal(next[0].song, 'Song 20');
  const every = await Track.query('artist').eq('Batch').limit(5).all().exec();
  assert.equal(every.length, 24);
  const recent = await Track.query('genre').eq('Even').where('year').between(1905, 1915).filter('song').contains('2')
    .using('byGenre').sort('descending').exec();
  assert.deepEqual(recent.map(({ year }) => year), [1915, 1914, 1913, 1912, 1911, 1910]);
  const labels = await Track.query('artist').eq('Batch').where('label').eq('L9').using('byLabel').attributes(['song']).exec();
  assert.deepEqual(labels.map(({ song }) => song).sort(), ['Song 10', 'Song 20', 'Song 30']);
  const { count } = await Track.query('genre').eq('Even').using('byGenre').count().exec();
  assert.equal(count, 24);
  const scanned = await Track.scan('year').ge(1920).or().where('song').eq('Song 10').parallel(3).all().exec();
  assert.deepEqual(scanned.map(({ year }) => year).sort(), [1900, 1920, 1921, 1922, 1923]);
});

test('runs transactions', async () => {
  await dynamoose.transaction([
    Track.transaction.create({ artist: 'Transaction', song: 'One' }),
    Track.transaction.update({ artist: 'Batch', song: 'Song 10' }, { $ADD: { plays: 1 } }),
    Track.transaction.delete({ artist: 'Batch', song: 'Song 11' }),
    Track.transaction.condition({ artist: 'Batch', song: 'Song 12' }, new dynamoose.Condition().attribute('year').eq(1902)),
  ]);
  const [one, ten] = await dynamoose.transaction([
    Track.transaction.get({ artist: 'Transaction', song: 'One' }),
    Track.transaction.get({ artist: 'Batch', song: 'Song 10' }),
  ]);
  assert.deepEqual([one.song, ten.plays], ['One', 1]);
  await assert.rejects(dynamoose.transaction([
    Track.transaction.create({ artist: 'Transaction', song: 'One' }),
    Track.transaction.delete({ artist: 'Batch', song: 'Song 12' }),
  ]), codeIs('TransactionCanceledException'));
  assert.ok(await Track.get({ artist: 'Batch', song: 'Song 12' }));
});

test('lets items expire', async () => {
  await Track.create({ artist: 'Old', song: 'News', until: new Date(expired * 1000) });
  await eventually(async () => await dynamoose.aws.ddb().getItem({
    TableName: 'Music-dynamoose', Key: { artist: { S: 'Old' }, song: { S: 'News' } },
  }).then(({ Item }) => Item === undefined));
});

test('brings an existing table up to a newer model', async () => {
  const newer = new dynamoose.Schema({
    artist: { type: String, hashKey: true },
    song: { type: String, rangeKey: true },
    label: { type: String, index: [{ name: 'byLabel', type: 'local' }, { name: 'ofLabel', type: 'global' }] },
  });
  const Newer = dynamoose.model('Newer-dynamoose', newer);
  const table = new dynamoose.Table('Music-dynamoose', [Newer], {
    ...setup, throughput: 'ON_DEMAND', create: false, update: ['indexes', 'tags'], tags: { stage: 'test' },
  });
  await table.initialize();
  await eventually(async () => {
    const { Table } = await dynamoose.aws.ddb().describeTable({ TableName: 'Music-dynamoose' });
    return Table.GlobalSecondaryIndexes.map(({ IndexName, IndexStatus }) => `${IndexName} ${IndexStatus}`).join() === 'ofLabel ACTIVE';
  });
  const found = await Newer.query('label').eq('L5').using('ofLabel').exec();
  assert.deepEqual(found.map(({ song }) => song).sort(), ['Song 14', 'Song 24']);
});

test('deletes the table', async () => {
  const client = dynamoose.aws.ddb();
  await client.deleteTable({ TableName: 'Music-dynamoose' });
  await assert.rejects(Track.get({ artist: 'a', song: 'b' }), codeIs('ResourceNotFoundException'));
});
