// Reads a stream through all its shards and rebuilds from its records what the items of the table must be.

import { call } from './client.mjs';

/** An item as text: equal for equal items, whatever the order of their attributes. */
export const text = (item) => (item === undefined ? 'absent' : JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))));
const stream = (operation) => `DynamoDBStreams_20120810.${operation}`;

/** Goes through the shards, parents before children, and keeps what the items are by what it has read. What must hold for
 * each record: its old image is the new image of the item's record before, the two differ, and numbers grow in a shard.
 *   expect(holds, words)  is told what does not hold
 *   random(below)         chooses sizes of pages
 *   now()                 seconds since 1970, no earlier than the server's
 *   seen(record)          is called with each record */
export class Follower {
  constructor({ expect, random, now, seen = () => {} }) {
    Object.assign(this, { expect, random, now, seen });
    this.images = new Map(); // name of the item's key -> item
    this.places = new Map(); // shard id -> last number read
    this.finished = new Set();
    this.records = 0;
    this.expired = 0;
  }

  apply(record, shardId) {
    const { eventName, dynamodb, userIdentity } = record;
    const { Keys, NewImage, OldImage, SequenceNumber } = dynamodb;
    const name = [Keys.pk, Keys.sk].filter(Boolean).map(({ S }) => S).join('/');
    const before = this.images.get(name);
    this.expect(text(before) === text(OldImage), `${name}: the stream goes from ${text(before).slice(0, 80)} to a record with ${text(OldImage).slice(0, 80)}`);
    this.expect(eventName === (OldImage === undefined ? 'INSERT' : NewImage === undefined ? 'REMOVE' : 'MODIFY'), `${name}: ${eventName} does not fit its images`);
    this.expect(text(NewImage) !== text(OldImage), `${name}: a record of no change`);
    this.expect(BigInt(SequenceNumber) > BigInt(this.places.get(shardId) ?? 0), `${shardId}: number ${SequenceNumber} is not greater than the one before`);
    if (userIdentity !== undefined) {
      this.expired += 1;
      this.expect(NewImage === undefined && Number(OldImage.ttl?.N ?? Infinity) < this.now(), `${name} was deleted before its time`);
    }
    this.places.set(shardId, SequenceNumber);
    if (NewImage === undefined)
      this.images.delete(name);
    else
      this.images.set(name, NewImage);
    this.records += 1;
    this.seen(record);
  }

  async readShard(server, StreamArn, ShardId) {
    const last = this.places.get(ShardId);
    let { ShardIterator } = await call(server, stream('GetShardIterator'), last === undefined
      ? { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' }
      : { StreamArn, ShardId, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: last });
    for (;;) {
      const page = await call(server, stream('GetRecords'), { ShardIterator, Limit: 1 + this.random(200) });
      page.Records.forEach((record) => this.apply(record, ShardId));
      ShardIterator = page.NextShardIterator;
      if (ShardIterator === undefined)
        this.finished.add(ShardId);
      if (ShardIterator === undefined || page.Records.length === 0)
        return;
    }
  }

  async readOn(server, StreamArn) {
    let ExclusiveStartShardId;
    do {
      const { StreamDescription } = await call(server, stream('DescribeStream'), { StreamArn, ExclusiveStartShardId });
      for (const { ShardId, ParentShardId } of StreamDescription.Shards) {
        if (this.finished.has(ShardId) || (ParentShardId !== undefined && !this.finished.has(ParentShardId)))
          continue;
        await this.readShard(server, StreamArn, ShardId);
      }
      ExclusiveStartShardId = StreamDescription.LastEvaluatedShardId;
    } while (ExclusiveStartShardId !== undefined);
  }
}
