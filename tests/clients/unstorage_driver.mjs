// The aws-dynamodb driver of unstorage, written after its documentation: it is published as source, not as a package.
// Attributes key, value and, where a time to live is given, ttl: the second from which the item counts as expired.
// Items that are expired but not deleted yet are hidden here, not by the service.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { defineDriver } from 'unstorage';

const nowInSeconds = () => Math.round(Date.now() / 1000);

export default defineDriver(({ table: TableName, region, credentials, ttl: everyTtl = 0 }) => {
  let client;
  // Made at the first request; region and credentials come from the environment unless they are given.
  const send = (command) => {
    client ??= DynamoDBDocumentClient.from(new DynamoDBClient({ region, credentials }));
    return client.send(command);
  };
  const isHidden = (item) => item.ttl !== undefined && item.ttl < nowInSeconds();

  async function find(key) {
    const { Item } = await send(new GetCommand({ TableName, Key: { key } }));
    return Item === undefined || isHidden(Item) ? null : Item.value;
  }
  async function keys(ExclusiveStartKey) {
    const { Items, LastEvaluatedKey } = await send(new ScanCommand({ TableName, ExclusiveStartKey }));
    const found = Items.filter((item) => !isHidden(item)).map(({ key }) => key);
    return LastEvaluatedKey === undefined ? found : found.concat(await keys(LastEvaluatedKey));
  }
  const remove = (key) => send(new DeleteCommand({ TableName, Key: { key } }));

  return {
    name: 'aws-dynamodb',
    hasItem: async (key) => await find(key) !== null,
    getItem: find,
    setItem: (key, value, { ttl = everyTtl } = {}) => send(new PutCommand({
      TableName, Item: { key, value, ...(ttl > 0 ? { ttl: nowInSeconds() + ttl } : {}) } })),
    removeItem: remove,
    getKeys: () => keys(),
    clear: async () => Promise.all((await keys()).map(remove)),
    dispose: () => client?.destroy(),
  };
});
