// What the tests of streams share: a client, tables with a stream, everything a stream has to tell.

import {
  CreateTableCommand, DescribeTableCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DescribeStreamCommand, DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand,
} from '@aws-sdk/client-dynamodb-streams';
import { clientFor, tableName, tableOf } from './harness.mjs';

export const streamsFor = (server, options = {}) => clientFor(server, options, DynamoDBStreamsClient);

/** Makes a table with a stream: its name and the stream's ARN. */
export async function tableWithStream(client, StreamViewType, more = {}) {
  const TableName = tableName();
  await client.send(new CreateTableCommand(tableOf(TableName, {
    StreamSpecification: { StreamEnabled: true, StreamViewType }, ...more,
  })));
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  return { TableName, StreamArn: Table.LatestStreamArn };
}

/** All shards, parents before children. */
export async function shardsOf(streams, StreamArn, Limit) {
  const shards = [];
  let ExclusiveStartShardId;
  do {
    const { StreamDescription } =
      await streams.send(new DescribeStreamCommand({ StreamArn, ExclusiveStartShardId, Limit }));
    shards.push(...StreamDescription.Shards);
    ExclusiveStartShardId = StreamDescription.LastEvaluatedShardId;
  } while (ExclusiveStartShardId !== undefined);
  return shards;
}

export async function iteratorOf(streams, StreamArn, ShardId, ShardIteratorType, SequenceNumber) {
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({ StreamArn, ShardId, ShardIteratorType, SequenceNumber }));
  return ShardIterator;
}

/** The records of a shard that are there now: {records, next}. */
export async function readShard(streams, ShardIterator, Limit) {
  const records = [];
  let next = ShardIterator;
  for (;;) {
    const page = await streams.send(new GetRecordsCommand({ ShardIterator: next, Limit }));
    records.push(...page.Records);
    next = page.NextShardIterator;
    if (next === undefined || page.Records.length === 0)
      return { records, next };
  }
}

/** All records of a stream. */
export async function readStream(streams, StreamArn, Limit) {
  const records = [];
  for (const { ShardId } of await shardsOf(streams, StreamArn)) {
    const iterator = await iteratorOf(streams, StreamArn, ShardId, 'TRIM_HORIZON');
    records.push(...(await readShard(streams, iterator, Limit)).records);
  }
  return records;
}
