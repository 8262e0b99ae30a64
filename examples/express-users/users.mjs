// The table of users, through the AWS SDK for JavaScript v2.

import AWS from 'aws-sdk';
import bcrypt from 'bcryptjs';

const TableName = 'Users';
const HASH_ROUNDS = 10;
const NAMES = ['firstName', 'lastName'];

const dynamodb = new AWS.DynamoDB({
  // The one line that is about hashrange. Without DYNAMODB_ENDPOINT this is AWS's own service.
  endpoint: process.env.DYNAMODB_ENDPOINT,
  region: process.env.AWS_REGION,
});

const keyOf = (emailAddress) => ({ emailAddress: { S: emailAddress } });
const now = () => ({ S: new Date().toISOString() });
const hashOf = async (password) => ({ S: await bcrypt.hash(password, HASH_ROUNDS) });

/** What others may see: everything but the hash of the password. */
function shown({ passwordHash, ...item }) {
  return AWS.DynamoDB.Converter.unmarshall(item);
}

/** True with the code given, false when all went well; other errors go on. */
async function failsWith(code, request) {
  try {
    await request.promise();
    return false;
  } catch (error) {
    if (error.code !== code)
      throw error;
    return true;
  }
}

/** Makes the table when it is not there yet, and waits for it. */
export async function createTable() {
  const wasThere = await failsWith('ResourceInUseException', dynamodb.createTable({
    TableName,
    AttributeDefinitions: [{ AttributeName: 'emailAddress', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'emailAddress', KeyType: 'HASH' }],
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
  }));
  await dynamodb.waitFor('tableExists', { TableName }).promise();
  return !wasThere;
}

/** The user, or undefined. */
export async function findUser(emailAddress) {
  const { Item } = await dynamodb.getItem({ TableName, Key: keyOf(emailAddress) }).promise();
  return Item && shown(Item);
}

/** False when there is such a user already. */
export async function addUser({ emailAddress, password, ...names }) {
  if (await findUser(emailAddress))
    return false; // before the costly hash
  const created = now();
  const Item = { ...keyOf(emailAddress), passwordHash: await hashOf(password), dateCreated: created, dateUpdated: created };
  for (const name of NAMES.filter((one) => names[one] !== undefined))
    Item[name] = { S: names[name] };
  // Two who ask at the same moment both find nobody: the condition lets one of them in.
  return !await failsWith('ConditionalCheckFailedException',
    dynamodb.putItem({ TableName, Item, ConditionExpression: 'attribute_not_exists(emailAddress)' }));
}

/** All users, page after page. */
export async function listUsers() {
  const users = [];
  let ExclusiveStartKey;
  do {
    const { Items, LastEvaluatedKey } = await dynamodb.scan({ TableName, ExclusiveStartKey }).promise();
    users.push(...Items.map(shown));
    ExclusiveStartKey = LastEvaluatedKey;
  } while (ExclusiveStartKey !== undefined);
  return users;
}

/** Changes the fields given and nothing else; the user as it is then, or undefined. */
export async function changeUser(emailAddress, { password, ...names }) {
  const values = { dateUpdated: now() };
  if (password !== undefined)
    values.passwordHash = await hashOf(password);
  for (const name of NAMES.filter((one) => names[one] !== undefined))
    values[name] = { S: names[name] };
  const fields = Object.keys(values);
  try {
    const { Attributes } = await dynamodb.updateItem({
      TableName,
      Key: keyOf(emailAddress),
      UpdateExpression: `SET ${fields.map((field) => `#${field} = :${field}`).join(', ')}`,
      ConditionExpression: 'attribute_exists(emailAddress)',
      ExpressionAttributeNames: Object.fromEntries(fields.map((field) => [`#${field}`, field])),
      ExpressionAttributeValues: Object.fromEntries(fields.map((field) => [`:${field}`, values[field]])),
      ReturnValues: 'ALL_NEW',
    }).promise();
    return shown(Attributes);
  } catch (error) {
    if (error.code === 'ConditionalCheckFailedException')
      return undefined;
    throw error;
  }
}

/** False when there was no such user. */
export async function removeUser(emailAddress) {
  const { Attributes } = await dynamodb.deleteItem({ TableName, Key: keyOf(emailAddress), ReturnValues: 'ALL_OLD' }).promise();
  return Attributes !== undefined;
}
