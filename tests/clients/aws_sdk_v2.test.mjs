// aws-sdk version 2: callbacks' and promises' era, .promise(), waitFor, eachPage, the first DocumentClient.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINT, eventually, REGION } from './harness.mjs';
import AWS from 'aws-sdk';

const dynamodb = new AWS.DynamoDB({ endpoint: ENDPOINT, region: REGION, maxRetries: 0 });
const documents = new AWS.DynamoDB.DocumentClient({ service: dynamodb });
const streams = new AWS.DynamoDBStreams({ endpoint: ENDPOINT, region: REGION, maxRetries: 0 });

const TableName = 'Music-v2';

const fails = (request, code) => assert.rejects(request.promise(), (error) => {
  assert.equal(error.code, code, error.message);
  assert.ok(error.requestId);
  return true;
});

test('creates a table with indexes and a stream, and waits for it', async () => {
  const { TableDescription } = await dynamodb.createTable({
    TableName,
    AttributeDefinitions: ['Artist', 'Song', 'Genre', 'Label'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))
      .concat({ AttributeName: 'Year', AttributeType: 'N' }),
    KeySchema: [
      { AttributeName: 'Artist', KeyType: 'HASH' },
      { AttributeName: 'Song', KeyType: 'RANGE' },
    ],
    LocalSecondaryIndexes: [{
      IndexName: 'ByLabel',
      KeySchema: [
        { AttributeName: 'Artist', KeyType: 'HASH' },
        { AttributeName: 'Label', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    }],
    GlobalSecondaryIndexes: [{
      IndexName: 'ByGenre',
      KeySchema: [
        { AttributeName: 'Genre', KeyType: 'HASH' },
        { AttributeName: 'Year', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'ALL' },
      ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    }],
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    Tags: [{ Key: 'team', Value: 'music' }],
  }).promise();
  assert.ok(TableDescription.CreationDateTime instanceof Date);
  const { Table } = await dynamodb.waitFor('tableExists', { TableName }).promise();
  assert.equal(Table.TableStatus, 'ACTIVE');
  assert.equal(Table.GlobalSecondaryIndexes[0].IndexStatus, 'ACTIVE');
  await fails(dynamodb.createTable({
    TableName,
    AttributeDefinitions: [{ AttributeName: 'k', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'k', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  }), 'ResourceInUseException');
});

test('lists tables with a callback and page by page', async () => {
  const names = await new Promise((resolve, reject) => {
    dynamodb.listTables((error, data) => (error ? reject(error) : resolve(data.TableNames)));
  });
  assert.ok(names.includes(TableName));
  const seen = [];
  await new Promise((resolve, reject) => {
    dynamodb.listTables({ Limit: 1 }).eachPage((error, page) => {
      if (error)
        return reject(error);
      if (page === null)
        return resolve();
      seen.push(...page.TableNames);
      return true;
    });
  });
  assert.ok(seen.includes(TableName));
});

test('writes, reads, changes and deletes items', async () => {
  const Item = {
    Artist: { S: 'Fela Kuti' }, Song: { S: 'Zombie' }, Genre: { S: 'Afrobeat' }, Year: { N: '1976' },
    Sleeve: { B: Buffer.from([0, 1, 254, 255]) }, Live: { BOOL: false }, Nothing: { NULL: true },
    Players: { SS: ['Tony Allen', 'Fela Kuti'] }, Lengths: { NS: ['12.5', '13'] }, Covers: { BS: [Buffer.from('a')] },
    Sides: { L: [{ S: 'A' }, { M: { title: { S: 'Mr. Follow Follow' } } }] },
  };
  await dynamodb.putItem({ TableName, Item }).promise();
  const Key = { Artist: Item.Artist, Song: Item.Song };
  const read = await dynamodb.getItem({ TableName, Key, ConsistentRead: true, ReturnConsumedCapacity: 'TOTAL' }).promise();
  assert.deepEqual({ ...read.Item, Players: read.Item.Players.SS.sort() }, { ...Item, Players: ['Fela Kuti', 'Tony Allen'] });
  assert.equal(read.ConsumedCapacity.CapacityUnits, 1);

  await fails(dynamodb.putItem({ TableName, Item, ConditionExpression: 'attribute_not_exists(Artist)' }),
    'ConditionalCheckFailedException');
  const changed = await dynamodb.updateItem({
    TableName,
    Key,
    UpdateExpression: 'SET Plays = if_not_exists(Plays, :none) + :one, Sides[1].title = :title REMOVE Nothing',
    ExpressionAttributeValues: { ':none': { N: '0' }, ':one': { N: '1' }, ':title': { S: 'Follow' } },
    ReturnValues: 'UPDATED_NEW',
  }).promise();
  assert.deepEqual(changed.Attributes, { Plays: { N: '1' }, Sides: { L: [{ M: { title: { S: 'Follow' } } }] } });
  const { Attributes } = await dynamodb.deleteItem({ TableName, Key, ReturnValues: 'ALL_OLD' }).promise();
  assert.equal(Attributes.Plays.N, '1');
  assert.deepEqual(await dynamodb.getItem({ TableName, Key }).promise(), {});
});

test('maps native types through the document client', async () => {
  const item = {
    Artist: 'Miriam Makeba', Song: 'Pata Pata', Genre: 'Marabi', Year: 1967, Label: 'Reprise', Gold: true, Nothing: null,
    Writers: documents.createSet(['Makeba', 'Ragovoy']), Sides: [{ title: 'Ballad of the Sad Young Men' }],
  };
  await documents.put({ TableName, Item: item }).promise();
  const { Item } = await documents.get({ TableName, Key: { Artist: item.Artist, Song: item.Song } }).promise();
  assert.deepEqual(Item.Writers.values.sort(), ['Makeba', 'Ragovoy']);
  assert.deepEqual({ ...Item, Writers: 0 }, { ...item, Writers: 0 });
  const { Attributes } = await documents.update({
    TableName,
    Key: { Artist: item.Artist, Song: item.Song },
    UpdateExpression: 'ADD #y :one, Writers :more',
    ConditionExpression: '#y = :before',
    ExpressionAttributeNames: { '#y': 'Year' },
    ExpressionAttributeValues: { ':one': 1, ':before': 1967, ':more': documents.createSet(['Nobody']) },
    ReturnValues: 'ALL_NEW',
  }).promise();
  assert.equal(Attributes.Year, 1968);
  assert.equal(Attributes.Writers.values.length, 3);
});

test('writes and reads in batches', async () => {
  const put = Array.from({ length: 25 }, (_, i) => ({
    PutRequest: { Item: { Artist: 'Batch', Song: `Song ${String(i).padStart(2, '0')}`, Genre: 'Even', Year: 1900 + i } },
  }));
  const written = await documents.batchWrite({ RequestItems: { [TableName]: put } }).promise();
  assert.deepEqual(written.UnprocessedItems, {});
  const keys = put.map(({ PutRequest: { Item } }) => ({ Artist: Item.Artist, Song: Item.Song }));
  const { Responses } = await documents.batchGet({
    RequestItems: { [TableName]: { Keys: keys, ProjectionExpression: 'Song' } },
  }).promise();
  assert.equal(Responses[TableName].length, 25);
  await documents.batchWrite({ RequestItems: { [TableName]: [{ DeleteRequest: { Key: keys[24] } }] } }).promise();
});

test('queries tables and indexes and scans page by page', async () => {
  const pages = [];
  await new Promise((resolve, reject) => {
    dynamodb.query({
      TableName,
      KeyConditionExpression: 'Artist = :a AND begins_with(Song, :s)',
      ExpressionAttributeValues: { ':a': { S: 'Batch' }, ':s': { S: 'Song' } },
      Limit: 10,
    }).eachPage((error, page) => {
      if (error)
        return reject(error);
      if (page === null)
        return resolve();
      pages.push(page.Items.map((item) => item.Song.S));
      return true;
    });
  });
  assert.deepEqual(pages.map((page) => page.length), [10, 10, 4]);
  assert.deepEqual(pages.flat(), pages.flat().sort());

  const recent = await documents.query({
    TableName,
    IndexName: 'ByGenre',
    KeyConditionExpression: 'Genre = :g AND #y BETWEEN :from AND :to',
    FilterExpression: 'contains(Song, :odd)',
    ExpressionAttributeNames: { '#y': 'Year' },
    ExpressionAttributeValues: { ':g': 'Even', ':from': 1905, ':to': 1915, ':odd': '1' },
    ScanIndexForward: false,
  }).promise();
  assert.deepEqual(recent.Items.map((item) => item.Year), [1915, 1914, 1913, 1912, 1911, 1910]);
  assert.equal(recent.ScannedCount, 11);

  const local = await documents.query({
    TableName, IndexName: 'ByLabel', KeyConditionExpression: 'Artist = :a', ExpressionAttributeValues: { ':a': 'Miriam Makeba' },
  }).promise();
  assert.deepEqual(local.Items, [{ Artist: 'Miriam Makeba', Song: 'Pata Pata', Label: 'Reprise' }]);

  const segments = await Promise.all([0, 1, 2].map((Segment) => documents.scan({ TableName, Segment, TotalSegments: 3 }).promise()));
  assert.equal(segments.reduce((sum, { Count }) => sum + Count, 0), 25);
  const legacy = await dynamodb.scan({
    TableName, ScanFilter: { Year: { ComparisonOperator: 'GT', AttributeValueList: [{ N: '1920' }] } }, Select: 'COUNT',
  }).promise();
  assert.equal(legacy.Count, 4);
});

test('runs transactions', async () => {
  const Key = { Artist: 'Batch', Song: 'Song 00' };
  await documents.transactWrite({
    ClientRequestToken: 'once',
    TransactItems: [
      { Put: { TableName, Item: { Artist: 'Transaction', Song: 'One' } } },
      { Update: { TableName, Key, UpdateExpression: 'SET Plays = :one', ExpressionAttributeValues: { ':one': 1 } } },
      { Delete: { TableName, Key: { Artist: 'Batch', Song: 'Song 01' } } },
      { ConditionCheck: { TableName, Key: { Artist: 'Batch', Song: 'Song 02' }, ConditionExpression: 'attribute_exists(Song)' } },
    ],
  }).promise();
  const { Responses } = await documents.transactGet({
    TransactItems: [{ Get: { TableName, Key } }, { Get: { TableName, Key: { Artist: 'Batch', Song: 'Song 01' } } }],
  }).promise();
  assert.equal(Responses[0].Item.Plays, 1);
  assert.equal(Responses[1].Item, undefined);
  await fails(documents.transactWrite({
    TransactItems: [
      { Put: { TableName, Item: { Artist: 'Transaction', Song: 'Two' } } },
      { ConditionCheck: { TableName, Key, ConditionExpression: 'attribute_not_exists(Song)' } },
    ],
  }), 'TransactionCanceledException');
});

test('executes statements', async () => {
  await dynamodb.executeStatement({
    Statement: `INSERT INTO "${TableName}" VALUE {'Artist': ?, 'Song': ?}`, Parameters: [{ S: 'PartiQL' }, { S: 'Select' }],
  }).promise();
  const { Items } = await dynamodb.executeStatement({ Statement: `SELECT Song FROM "${TableName}" WHERE Artist = 'PartiQL'` }).promise();
  assert.deepEqual(Items, [{ Song: { S: 'Select' } }]);
  const batch = await dynamodb.batchExecuteStatement({
    Statements: [
      { Statement: `SELECT * FROM "${TableName}" WHERE Artist = 'PartiQL' AND Song = 'Select'` },
      { Statement: `SELECT * FROM "${TableName}" WHERE Artist = 'PartiQL' AND Song = 'Missing'` },
    ],
  }).promise();
  assert.deepEqual(batch.Responses.map(({ Item }) => Item?.Song.S), ['Select', undefined]);
  await dynamodb.executeTransaction({
    TransactStatements: [{ Statement: `UPDATE "${TableName}" SET Plays = 7 WHERE Artist = 'PartiQL' AND Song = 'Select'` }],
  }).promise();
  const { Item } = await documents.get({ TableName, Key: { Artist: 'PartiQL', Song: 'Select' } }).promise();
  assert.equal(Item.Plays, 7);
});

test('reads the stream from its beginning', async () => {
  const { Streams } = await streams.listStreams({ TableName }).promise();
  const { StreamDescription } = await streams.describeStream({ StreamArn: Streams[0].StreamArn }).promise();
  const { ShardIterator } = await streams.getShardIterator({
    StreamArn: Streams[0].StreamArn, ShardId: StreamDescription.Shards[0].ShardId, ShardIteratorType: 'TRIM_HORIZON',
  }).promise();
  const { Records } = await streams.getRecords({ ShardIterator }).promise();
  assert.deepEqual(Records.slice(0, 3).map(({ eventName }) => eventName), ['INSERT', 'MODIFY', 'REMOVE']);
  assert.deepEqual(Records[0].dynamodb.NewImage.Sleeve.B, Buffer.from([0, 1, 254, 255]));
  assert.ok(Records[0].dynamodb.ApproximateCreationDateTime instanceof Date);
});

test('lets items expire', async () => {
  await dynamodb.updateTimeToLive({ TableName, TimeToLiveSpecification: { AttributeName: 'Until', Enabled: true } }).promise();
  const { TimeToLiveDescription } = await dynamodb.describeTimeToLive({ TableName }).promise();
  assert.deepEqual(TimeToLiveDescription, { TimeToLiveStatus: 'ENABLED', AttributeName: 'Until' });
  const Key = { Artist: 'Old', Song: 'News' };
  await documents.put({ TableName, Item: { ...Key, Until: Math.floor(Date.now() / 1000) - 3600 } }).promise();
  await eventually(async () => (await documents.get({ TableName, Key }).promise()).Item === undefined);
});

test('tags, changes and deletes the table', async () => {
  const { Table: { TableArn } } = await dynamodb.describeTable({ TableName }).promise();
  await dynamodb.tagResource({ ResourceArn: TableArn, Tags: [{ Key: 'stage', Value: 'test' }] }).promise();
  await dynamodb.untagResource({ ResourceArn: TableArn, TagKeys: ['team'] }).promise();
  const { Tags } = await dynamodb.listTagsOfResource({ ResourceArn: TableArn }).promise();
  assert.deepEqual(Tags, [{ Key: 'stage', Value: 'test' }]);

  await dynamodb.updateTable({ TableName, DeletionProtectionEnabled: true }).promise();
  await fails(dynamodb.deleteTable({ TableName }), 'ValidationException');
  await dynamodb.updateTable({ TableName, DeletionProtectionEnabled: false }).promise();
  await dynamodb.updateTable({ TableName, BillingMode: 'PAY_PER_REQUEST' }).promise();
  await dynamodb.deleteTable({ TableName }).promise();
  await dynamodb.waitFor('tableNotExists', { TableName }).promise();
  await fails(documents.get({ TableName, Key: { Artist: 'a', Song: 'b' } }), 'ResourceNotFoundException');
});
