// aws-sdk version 3: commands, paginators, waiters, typed exceptions, the DocumentClient of lib-dynamodb.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ENDPOINT, eventually } from './harness.mjs';
import {
  BatchExecuteStatementCommand, ConditionalCheckFailedException, CreateTableCommand, DeleteTableCommand,
  DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient, ListTagsOfResourceCommand,
  ResourceNotFoundException, TagResourceCommand, TransactionCanceledException, UntagResourceCommand,
  UpdateTableCommand, UpdateTimeToLiveCommand, paginateListTables, waitUntilTableExists, waitUntilTableNotExists,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand, ListStreamsCommand,
} from '@aws-sdk/client-dynamodb-streams';
import {
  BatchGetCommand, BatchWriteCommand, DeleteCommand, DynamoDBDocumentClient, ExecuteStatementCommand,
  ExecuteTransactionCommand, GetCommand, NumberValue, PutCommand, QueryCommand, TransactGetCommand,
  TransactWriteCommand, UpdateCommand, paginateQuery, paginateScan,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

// The endpoint comes as in production, from the environment; the region and credentials do as well.
process.env.AWS_ENDPOINT_URL_DYNAMODB = ENDPOINT;
const client = new DynamoDBClient({ maxAttempts: 1 });
const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
const streams = new DynamoDBStreamsClient({ endpoint: ENDPOINT, maxAttempts: 1 });

const TableName = 'Music-v3';
const patience = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

async function indexIs(present) {
  await eventually(async () => {
    const { Table } = await client.send(new DescribeTableCommand({ TableName }));
    const index = Table.GlobalSecondaryIndexes?.find(({ IndexName }) => IndexName === 'ByCity');
    return Table.TableStatus === 'ACTIVE' && (present ? index?.IndexStatus === 'ACTIVE' : index === undefined);
  });
}

async function collect(pages, field) {
  const found = [];
  for await (const page of pages)
    found.push(...page[field]);
  return found;
}

test('creates a table with an index and a stream, and waits for it', async () => {
  await client.send(new CreateTableCommand({
    TableName,
    AttributeDefinitions: ['Artist', 'Song', 'Genre'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))
      .concat({ AttributeName: 'Year', AttributeType: 'N' }),
    KeySchema: [
      { AttributeName: 'Artist', KeyType: 'HASH' },
      { AttributeName: 'Song', KeyType: 'RANGE' },
    ],
    GlobalSecondaryIndexes: [{
      IndexName: 'ByGenre',
      KeySchema: [
        { AttributeName: 'Genre', KeyType: 'HASH' },
        { AttributeName: 'Year', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['Plays'] },
    }],
    BillingMode: 'PAY_PER_REQUEST',
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    DeletionProtectionEnabled: true,
    TableClass: 'STANDARD_INFREQUENT_ACCESS',
    Tags: [{ Key: 'team', Value: 'music' }],
  }));
  const { state, reason: { Table } } = await waitUntilTableExists(patience, { TableName });
  assert.equal(state, 'SUCCESS');
  assert.equal(Table.DeletionProtectionEnabled, true);
  assert.equal(Table.TableClassSummary.TableClass, 'STANDARD_INFREQUENT_ACCESS');
  const names = await collect(paginateListTables({ client, pageSize: 1 }, {}), 'TableNames');
  assert.ok(names.includes(TableName));
});

test('writes, reads, changes and deletes items', async () => {
  const Key = { Artist: 'Fela Kuti', Song: 'Zombie' };
  const Item = {
    ...Key, Genre: 'Afrobeat', Year: 1976, Sleeve: new Uint8Array([0, 1, 254, 255]), Live: false, Nothing: null,
    Lengths: new Set([12.5, 13]), Sides: ['A', { title: 'Mr. Follow Follow' }], Gone: undefined,
  };
  await documents.send(new PutCommand({ TableName, Item }));
  const read = await documents.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
  assert.deepEqual(read.Item.Sleeve, Item.Sleeve);
  assert.deepEqual(read.Item.Lengths, Item.Lengths);
  assert.ok(!('Gone' in read.Item));

  await assert.rejects(documents.send(new PutCommand({
    TableName, Item, ConditionExpression: 'attribute_not_exists(Artist)', ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  })), (error) => {
    assert.ok(error instanceof ConditionalCheckFailedException);
    assert.equal(error.message, 'The conditional request failed');
    assert.equal(error.$metadata.httpStatusCode, 400);
    assert.equal(error.Item.Genre.S, 'Afrobeat');
    return true;
  });
  const { Attributes, ConsumedCapacity } = await documents.send(new UpdateCommand({
    TableName,
    Key,
    UpdateExpression: 'SET #p = if_not_exists(#p, :none) + :one, Sides = list_append(Sides, :more) REMOVE Nothing DELETE Lengths :l',
    ConditionExpression: 'size(Sides) < :many AND attribute_type(Live, :bool)',
    ExpressionAttributeNames: { '#p': 'Plays' },
    ExpressionAttributeValues: { ':none': 0, ':one': 1, ':more': ['C'], ':l': new Set([13]), ':many': 3, ':bool': 'BOOL' },
    ReturnValues: 'UPDATED_NEW',
    ReturnConsumedCapacity: 'INDEXES',
  }));
  assert.deepEqual(Attributes, { Plays: 1, Sides: ['A', { title: 'Mr. Follow Follow' }, 'C'], Lengths: new Set([12.5]) });
  assert.equal(ConsumedCapacity.GlobalSecondaryIndexes.ByGenre.CapacityUnits, 1);
  const deleted = await documents.send(new DeleteCommand({ TableName, Key, ReturnValues: 'ALL_OLD' }));
  assert.equal(deleted.Attributes.Plays, 1);
  assert.equal((await documents.send(new GetCommand({ TableName, Key }))).Item, undefined);
});

test('keeps every digit of a number', async () => {
  const unmarshallOptions = { wrapNumbers: (text) => NumberValue.from(text) };
  const precise = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 1 }), { unmarshallOptions });
  const Key = { Artist: 'Euler', Song: 'e' };
  const digits = '2.7182818284590452353602874713526624977';
  await precise.send(new PutCommand({ TableName, Item: { ...Key, Value: NumberValue.from(digits) } }));
  const { Item } = await precise.send(new GetCommand({ TableName, Key }));
  assert.equal(Item.Value.toString(), digits);
  await precise.send(new DeleteCommand({ TableName, Key }));
});

test('writes and reads in batches', async () => {
  const items = Array.from({ length: 25 }, (_, i) => ({ Artist: 'Batch', Song: `Song ${10 + i}`, Genre: 'Even', Year: 1900 + i, Plays: i }));
  const { UnprocessedItems } = await documents.send(new BatchWriteCommand({
    RequestItems: { [TableName]: items.map((Item) => ({ PutRequest: { Item } })) },
  }));
  assert.deepEqual(UnprocessedItems, {});
  const { Responses } = await documents.send(new BatchGetCommand({
    RequestItems: { [TableName]: { Keys: items.map(({ Artist, Song }) => ({ Artist, Song })), ConsistentRead: true } },
  }));
  assert.deepEqual(Responses[TableName].sort((a, b) => a.Year - b.Year), items);
});

test('queries and scans with paginators', async () => {
  const query = {
    TableName, KeyConditionExpression: 'Artist = :a', ExpressionAttributeValues: { ':a': 'Batch' }, ScanIndexForward: false,
  };
  const sizes = [];
  const songs = [];
  for await (const page of paginateQuery({ client: documents, pageSize: 10 }, query)) {
    sizes.push(page.Count);
    songs.push(...page.Items.map(({ Song }) => Song));
  }
  assert.deepEqual(sizes, [10, 10, 5]);
  assert.deepEqual(songs, [...songs].sort().reverse());
  const byGenre = await documents.send(new QueryCommand({
    TableName,
    IndexName: 'ByGenre',
    KeyConditionExpression: 'Genre = :g AND #y >= :y',
    ExpressionAttributeNames: { '#y': 'Year' },
    ExpressionAttributeValues: { ':g': 'Even', ':y': 1923 },
  }));
  assert.deepEqual(byGenre.Items.map(({ Year, Plays }) => [Year, Plays]), [[1923, 23], [1924, 24]]);
  const scanned = await Promise.all([0, 1].map((Segment) => collect(paginateScan({ client: documents, pageSize: 3 }, {
    TableName, Segment, TotalSegments: 2, FilterExpression: 'Plays < :p', ExpressionAttributeValues: { ':p': 5 },
  }), 'Items')));
  assert.equal(scanned.flat().length, 5);
});

test('runs transactions and tells why one is cancelled', async () => {
  const Key = { Artist: 'Batch', Song: 'Song 10' };
  const TransactItems = [
    { Put: { TableName, Item: { Artist: 'Transaction', Song: 'One' } } },
    { Update: { TableName, Key, UpdateExpression: 'ADD Plays :ten', ExpressionAttributeValues: { ':ten': 10 } } },
    { Delete: { TableName, Key: { Artist: 'Batch', Song: 'Song 11' } } },
  ];
  await documents.send(new TransactWriteCommand({ ClientRequestToken: 'once', TransactItems }));
  await documents.send(new TransactWriteCommand({ ClientRequestToken: 'once', TransactItems }));
  const { Responses } = await documents.send(new TransactGetCommand({ TransactItems: [{ Get: { TableName, Key } }] }));
  assert.equal(Responses[0].Item.Plays, 10);
  await assert.rejects(documents.send(new TransactWriteCommand({
    TransactItems: [
      { Put: { TableName, Item: { Artist: 'Transaction', Song: 'Two' } } },
      {
        ConditionCheck: {
          TableName, Key, ConditionExpression: 'Plays > :p', ExpressionAttributeValues: { ':p': 10 },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
    ],
  })), (error) => {
    assert.ok(error instanceof TransactionCanceledException);
    assert.deepEqual(error.CancellationReasons.map(({ Code }) => Code), ['None', 'ConditionalCheckFailed']);
    assert.equal(unmarshall(error.CancellationReasons[1].Item).Plays, 10);
    return true;
  });
});

test('executes statements', async () => {
  await documents.send(new ExecuteStatementCommand({
    Statement: `INSERT INTO "${TableName}" VALUE {'Artist': ?, 'Song': ?, 'Plays': ?}`, Parameters: ['PartiQL', 'Select', 1],
  }));
  const update = await documents.send(new ExecuteStatementCommand({
    Statement: `UPDATE "${TableName}" SET Plays = Plays + ? WHERE Artist = ? AND Song = ? RETURNING ALL NEW *`,
    Parameters: [2, 'PartiQL', 'Select'],
  }));
  assert.deepEqual(update.Items, [{ Artist: 'PartiQL', Song: 'Select', Plays: 3 }]);
  let NextToken;
  const years = [];
  do {
    const page = await documents.send(new ExecuteStatementCommand({
      Statement: `SELECT "Year" FROM "${TableName}"."ByGenre" WHERE Genre = 'Even' AND "Year" < 1905 ORDER BY "Year" DESC`, Limit: 2, NextToken,
    }));
    years.push(...page.Items.map(({ Year }) => Year));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  assert.deepEqual(years, [1904, 1903, 1902, 1900]);
  const batch = await client.send(new BatchExecuteStatementCommand({
    Statements: [{ Statement: `INSERT INTO "${TableName}" VALUE {'Artist': 'PartiQL', 'Song': 'Select'}` }],
  }));
  assert.equal(batch.Responses[0].Error.Code, 'DuplicateItem');
  await documents.send(new ExecuteTransactionCommand({
    TransactStatements: [
      { Statement: `EXISTS(SELECT * FROM "${TableName}" WHERE Artist = 'PartiQL' AND Song = 'Select' AND Plays = 3)` },
      { Statement: `DELETE FROM "${TableName}" WHERE Artist = 'Transaction' AND Song = 'One'` },
    ],
  }));
  assert.equal((await documents.send(new GetCommand({ TableName, Key: { Artist: 'Transaction', Song: 'One' } }))).Item, undefined);
});

test('reads the stream with its old and new images', async () => {
  const { Streams: [{ StreamArn }] } = await streams.send(new ListStreamsCommand({ TableName }));
  const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
  assert.equal(StreamDescription.StreamStatus, 'ENABLED');
  const { ShardIterator } = await streams.send(new GetShardIteratorCommand({
    StreamArn, ShardId: StreamDescription.Shards[0].ShardId, ShardIteratorType: 'TRIM_HORIZON',
  }));
  const { Records, NextShardIterator } = await streams.send(new GetRecordsCommand({ ShardIterator }));
  assert.deepEqual(Records.slice(0, 3).map(({ eventName }) => eventName), ['INSERT', 'MODIFY', 'REMOVE']);
  assert.equal(unmarshall(Records[1].dynamodb.NewImage, { wrapNumbers: true }).Plays.value, '1');
  assert.equal(Records[1].dynamodb.OldImage.Plays, undefined);
  assert.ok(NextShardIterator);
});

test('lets items expire', async () => {
  await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { AttributeName: 'Until', Enabled: true } }));
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  assert.equal(TimeToLiveDescription.TimeToLiveStatus, 'ENABLED');
  const Key = { Artist: 'Old', Song: 'News' };
  await documents.send(new PutCommand({ TableName, Item: { ...Key, Until: Math.floor(Date.now() / 1000) - 3600 } }));
  await eventually(async () => (await documents.send(new GetCommand({ TableName, Key }))).Item === undefined);
});

test('adds an index with two partition attributes, queries it, and drops it', async () => {
  await documents.send(new PutCommand({ TableName, Item: { Artist: 'Miriam Makeba', Song: 'Pata Pata', Country: 'ZA', City: 'Johannesburg', Year: 1967 } }));
  await client.send(new UpdateTableCommand({
    TableName,
    AttributeDefinitions: ['Country', 'City'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' }))
      .concat({ AttributeName: 'Year', AttributeType: 'N' }),
    GlobalSecondaryIndexUpdates: [{
      Create: {
        IndexName: 'ByCity',
        KeySchema: [
          { AttributeName: 'Country', KeyType: 'HASH' },
          { AttributeName: 'City', KeyType: 'HASH' },
          { AttributeName: 'Year', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'ALL' },
      },
    }],
  }));
  await indexIs(true);
  const { Items } = await documents.send(new QueryCommand({
    TableName,
    IndexName: 'ByCity',
    KeyConditionExpression: 'Country = :c AND City = :t AND #y > :y',
    ExpressionAttributeNames: { '#y': 'Year' },
    ExpressionAttributeValues: { ':c': 'ZA', ':t': 'Johannesburg', ':y': 1960 },
  }));
  assert.deepEqual(Items.map(({ Song }) => Song), ['Pata Pata']);
  await client.send(new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'ByCity' } }] }));
  await indexIs(false);
});

test('tags, unprotects and deletes the table', async () => {
  const { Table: { TableArn } } = await client.send(new DescribeTableCommand({ TableName }));
  await client.send(new TagResourceCommand({ ResourceArn: TableArn, Tags: [{ Key: 'stage', Value: 'test' }] }));
  await client.send(new UntagResourceCommand({ ResourceArn: TableArn, TagKeys: ['team'] }));
  const { Tags } = await client.send(new ListTagsOfResourceCommand({ ResourceArn: TableArn }));
  assert.deepEqual(Tags, [{ Key: 'stage', Value: 'test' }]);
  // Addressed by its ARN, a table is the same table.
  await assert.rejects(client.send(new DeleteTableCommand({ TableName: TableArn })), { name: 'ValidationException' });
  await client.send(new UpdateTableCommand({ TableName: TableArn, DeletionProtectionEnabled: false }));
  await client.send(new DeleteTableCommand({ TableName: TableArn }));
  await waitUntilTableNotExists(patience, { TableName });
  await assert.rejects(documents.send(new GetCommand({ TableName, Key: { Artist: 'a', Song: 'b' } })), ResourceNotFoundException);
});
