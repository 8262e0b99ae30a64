import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rawOperation, sharedServer } from './harness.mjs';

test('an address and how long it may be kept', async () => {
  const { status, json } = await rawOperation(await sharedServer(), 'DescribeEndpoints', {});
  assert.equal(status, 200);
  assert.equal(json.Endpoints.length, 1);
  assert.ok(json.Endpoints[0].Address.length > 0);
  assert.equal(json.Endpoints[0].CachePeriodInMinutes, 1440);
});
