// Prismatic's "Amazon DynamoDB" component as a process of its own: its ten actions, its list of tables and its two
// kinds of connection, made of SDK calls in its order and with its habits. It knows no endpoint: the environment or
// the region "local" names the server. Each message from the parent, {action, connection, inputs}, is answered with
// {data} or {error}.

import { CreateTableCommand, DeleteItemCommand, DeleteTableCommand, DescribeTableCommand, DynamoDBClient, GetItemCommand,
  ListTablesCommand, PutItemCommand, QueryCommand, UpdateItemCommand, paginateListTables } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ExecuteStatementCommand } from '@aws-sdk/lib-dynamodb';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';

/** A connection with a role is worth the role's temporary credentials, asked for anew by each action. */
async function credentialsFor({ accessKeyId, secretAccessKey, roleArn, externalId }, region) {
  const own = { accessKeyId, secretAccessKey };
  if (roleArn === undefined)
    return own;
  const { Credentials } = await new STSClient({ region, credentials: own }).send(new AssumeRoleCommand({
    RoleArn: roleArn, RoleSessionName: 'integration-session', ExternalId: externalId }));
  return { accessKeyId: Credentials.AccessKeyId, secretAccessKey: Credentials.SecretAccessKey, sessionToken: Credentials.SessionToken };
}

/** Forms send text; the type says what becomes of it. */
const typed = {
  S: (value) => ({ S: String(value) }),
  N: (value) => ({ N: String(value) }),
  B: (value) => ({ B: Buffer.from(String(value)) }),
  BOOL: (value) => ({ BOOL: value === true || value === 'true' }),
  SS: (value) => ({ SS: value.map(String) }),
  NS: (value) => ({ NS: value.map(String) }),
  BS: (value) => ({ BS: value.map((one) => Buffer.from(String(one))) }),
  L: (value) => ({ L: value }),
  M: (value) => ({ M: value }),
};
const typedAll = (values = {}, types = {}) => (Object.keys(values).length === 0 ? undefined
  : Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typed[types[name]](value)])));

/** Plain values of what a query finds, as the component shows them. */
function plain(value) {
  const [[type, inside]] = Object.entries(value);
  if (type === 'N')
    return Number(inside);
  if (type === 'M')
    return Object.fromEntries(Object.entries(inside).map(([name, one]) => [name, plain(one)]));
  return type === 'L' ? inside.map(plain) : type === 'S' || type === 'BOOL' ? inside : null;
}

/** The key of an item from two form fields: the table is asked first which attributes those are, and of what type. */
async function keyOf(client, { tableName, value, rangeKeyValue }) {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  const attribute = (kind) => Table.KeySchema.filter(({ KeyType }) => KeyType === kind)[0]?.AttributeName;
  const typeOf = (name) => Table.AttributeDefinitions.filter(({ AttributeName }) => AttributeName === name)[0].AttributeType;
  const hash = attribute('HASH');
  const range = attribute('RANGE');
  if ((range !== undefined) !== (rangeKeyValue !== undefined))
    throw new Error('a range key value is for tables with a range key');
  return { [hash]: typed[typeOf(hash)](value), ...(range === undefined ? {} : { [range]: typed[typeOf(range)](rangeKeyValue) }) };
}

/** Values are sent only beside a condition: without one the service would call them unused. */
const condition = ({ conditionExpression, values, types }) => ({
  ConditionExpression: conditionExpression,
  ExpressionAttributeValues: conditionExpression === undefined ? undefined : typedAll(values, types),
});

async function everyTable(client) {
  const names = [];
  for await (const { TableNames } of paginateListTables({ client }, {}))
    names.push(...(TableNames ?? []));
  return names;
}

const actions = {
  createTable: (client, { tableName, attributes, keys, billingMode, read, write }) => client.send(new CreateTableCommand({
    TableName: tableName, AttributeDefinitions: attributes, KeySchema: keys, BillingMode: billingMode,
    ProvisionedThroughput: { ReadCapacityUnits: read, WriteCapacityUnits: write } })),
  deleteTable: (client, { tableName }) => client.send(new DeleteTableCommand({ TableName: tableName })),
  describeTable: (client, { tableName }) => client.send(new DescribeTableCommand({ TableName: tableName })),
  listTables: async (client, { fetchAll }) => {
    const result = fetchAll ? await everyTable(client) : await client.send(new ListTablesCommand({}));
    return { result, found: (result.TableNames ?? result).length > 0 };
  },
  getItem: async (client, inputs) =>
    client.send(new GetItemCommand({ TableName: inputs.tableName, Key: await keyOf(client, inputs) })),
  deleteItem: async (client, inputs) => client.send(new DeleteItemCommand({
    TableName: inputs.tableName, Key: await keyOf(client, inputs), ...condition(inputs) })),
  updateItem: async (client, inputs) => client.send(new UpdateItemCommand({
    TableName: inputs.tableName, Key: await keyOf(client, inputs), UpdateExpression: inputs.query,
    ConditionExpression: inputs.conditionExpression, ExpressionAttributeValues: typedAll(inputs.values, inputs.types) })),
  upsertItem: (client, inputs) => client.send(new PutItemCommand({
    TableName: inputs.tableName, Item: typedAll(inputs.item, inputs.itemTypes), ...condition(inputs) })),
  queryItems: async (client, { tableName, keyConditionExpression, filterExpression, values, types, parameters }) => {
    const found = await client.send(new QueryCommand({
      TableName: tableName, KeyConditionExpression: keyConditionExpression, FilterExpression: filterExpression,
      ExpressionAttributeValues: typedAll(values, types), ...parameters }));
    return { ...found, Items: found.Items?.map((item) => plain({ M: item })) };
  },
  rawRequest: (client, { statement, parameters, more }) => DynamoDBDocumentClient.from(client).send(
    new ExecuteStatementCommand({ Statement: statement, Parameters: parameters, ...more })),
  selectTable: async (client) => (await everyTable(client)).map((name) => ({ label: name, key: name })),
};

async function perform({ action, connection, region = 'us-east-1', inputs = {} }) {
  const client = new DynamoDBClient({ region, credentials: await credentialsFor(connection, region) });
  try {
    return { data: await actions[action](client, inputs) };
  } finally {
    client.destroy();
  }
}

process.on('message', async (message) => {
  process.send(await perform(message).catch(({ name, message: text, $metadata }) => ({ error: { name, message: text, $metadata } })));
});
process.on('disconnect', () => process.exit());
