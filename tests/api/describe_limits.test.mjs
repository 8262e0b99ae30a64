import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DescribeLimitsCommand } from '@aws-sdk/client-dynamodb';
import { clientFor, sharedServer } from './harness.mjs';

test('the default quotas of an account', async () => {
  const { $metadata, ...limits } = await clientFor(await sharedServer()).send(new DescribeLimitsCommand({}));
  assert.equal($metadata.httpStatusCode, 200);
  assert.deepEqual(limits, {
    AccountMaxReadCapacityUnits: 80000, AccountMaxWriteCapacityUnits: 80000,
    TableMaxReadCapacityUnits: 40000, TableMaxWriteCapacityUnits: 40000,
  });
});
