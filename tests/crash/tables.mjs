// What a table and its indexes must have in common.

import { call } from './client.mjs';
import { text } from './follower.mjs';

export async function scan(server, TableName, IndexName) {
  const items = [];
  let ExclusiveStartKey;
  do {
    const page = await call(server, 'Scan', { TableName, IndexName, ExclusiveStartKey });
    items.push(...page.Items);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return items;
}

const numberBytes = (digits) => 1 + Math.ceil(digits.replace(/0+$/, '').length / 2);
/** The size that DescribeTable counts, for items of strings and of numbers without sign and point. */
const bytesOf = (items) => items.reduce((sum, item) => sum + 100 + Object.entries(item).reduce(
  (bytes, [name, value]) => bytes + name.length + (value.S?.length ?? numberBytes(value.N)), 0), 0);

/** The entries that were scanned are those that are wanted, each once. */
function checkEntries(expect, name, entries, wanted) {
  const there = new Set(entries.map(text));
  expect(there.size === entries.length, `index ${name} has an entry twice`);
  const wantedTexts = new Set(wanted.map(text));
  for (const entry of there)
    expect(wantedTexts.has(entry), `index ${name} has an entry without its item: ${entry.slice(0, 200)}`);
  for (const entry of wantedTexts)
    expect(there.has(entry), `index ${name} lacks the entry of an item: ${entry.slice(0, 200)}`);
}

/** Indexes hold what the items call for, and counts and sizes are exact. indexes: {name: (item) => its entry, or undefined
 * where it has none}. Nobody may write meanwhile. The items. */
export async function checkTable(server, expect, TableName, indexes) {
  const items = await scan(server, TableName);
  const { Table } = await call(server, 'DescribeTable', { TableName });
  const counted = new Map([...Table.LocalSecondaryIndexes ?? [], ...Table.GlobalSecondaryIndexes ?? []].map((index) => [index.IndexName, index]));
  for (const [name, entryOf] of Object.entries(indexes)) {
    const wanted = items.map(entryOf).filter((entry) => entry !== undefined);
    checkEntries(expect, name, await scan(server, TableName, name), wanted);
    const { ItemCount, IndexSizeBytes } = counted.get(name);
    expect(ItemCount === wanted.length, `index ${name} counts ${ItemCount} entries, there are ${wanted.length}`);
    expect(IndexSizeBytes === bytesOf(wanted), `index ${name} has ${IndexSizeBytes} bytes, not ${bytesOf(wanted)}`);
  }
  expect(Table.ItemCount === items.length, `ItemCount is ${Table.ItemCount}, there are ${items.length}`);
  expect(Table.TableSizeBytes === bytesOf(items), `TableSizeBytes is ${Table.TableSizeBytes}, not ${bytesOf(items)}`);
  return items;
}
