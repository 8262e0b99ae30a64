import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { BatchWriteItemCommand, CreateTableCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer, tableName, tableOf } from './harness.mjs';
import { N, S, refused } from './items.mjs';

const TableName = tableName();
const COUNT = 100;
let client;
before(async () => {
  client = clientFor(await sharedServer());
  await client.send(new CreateTableCommand(tableOf(TableName)));
  for (let i = 0; i < COUNT; i += 25) {
    await client.send(new BatchWriteItemCommand({
      RequestItems: {
        [TableName]: Array.from({ length: 25 }, (_, j) => ({ PutRequest: { Item: { pk: S(`key${i + j}`), n: N(i + j) } } })),
      },
    }));
  }
});
const scan = (more = {}) => client.send(new ScanCommand({ TableName, ...more }));
async function all(more = {}) {
  const got = [];
  let ExclusiveStartKey;
  do {
    const page = await scan({ ...more, ExclusiveStartKey });
    got.push(...page.Items.map(({ n }) => Number(n.N)));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return got;
}
const everything = Array.from({ length: COUNT }, (_, i) => i);
const sorted = (list) => [...list].sort((a, b) => a - b);

test('every item once, in one page or many', async () => {
  assert.deepEqual(sorted(await all()), everything);
  assert.deepEqual(sorted(await all({ Limit: 7 })), everything);
});

test('segments are disjoint and together everything', async () => {
  for (const TotalSegments of [2, 3, 16]) {
    const segments = await Promise.all(Array.from({ length: TotalSegments }, (_, Segment) =>
      all({ Segment, TotalSegments, Limit: 9 })));
    assert.deepEqual(sorted(segments.flat()), everything);
    assert.ok(segments.filter((segment) => segment.length > 0).length > 1);
  }
});

test('filters, projections and counts', async () => {
  const page = await scan({
    FilterExpression: 'n < :n', ExpressionAttributeValues: { ':n': N(10) }, ProjectionExpression: 'n',
  });
  assert.equal(page.Count, 10);
  assert.equal(page.ScannedCount, COUNT);
  assert.deepEqual(Object.keys(page.Items[0]), ['n']);
  assert.equal((await scan({ Select: 'COUNT' })).Count, COUNT);
});

test('legacy ScanFilter with OR', async () => {
  const { Items } = await scan({
    ScanFilter: {
      n: { ComparisonOperator: 'LT', AttributeValueList: [N(2)] },
      pk: { ComparisonOperator: 'EQ', AttributeValueList: [S('key50')] },
    },
    ConditionalOperator: 'OR',
  });
  assert.deepEqual(sorted(Items.map(({ n }) => Number(n.N))), [0, 1, 50]);
});

test('Segment and TotalSegments belong together', async () => {
  await refused(assert, scan({ Segment: 0 }), 'ValidationException',
    'The TotalSegments parameter is required but was not present in the request when Segment parameter is present');
  await refused(assert, scan({ Segment: 4, TotalSegments: 4 }), 'ValidationException',
    'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 4 is not less than TotalSegments: 4');
});
