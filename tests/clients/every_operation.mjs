// Every operation of DynamoDB, whether it is built here or not, with parameters that would do something.

import { readFileSync } from 'node:fs';
import { ACCOUNT } from '../api/locked.mjs';
import { REGION } from './surroundings.mjs';

/** A table's ARN. */
export const arnOf = (table) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${table}`;

/** An item's key in tables of REQUESTS. */
export const KEY = { key: { S: 'k' } };
const STATEMENT = (table) => `SELECT * FROM "${table}" WHERE "key" = 'k'`;
const BACKUP = (table) => `${arnOf(table)}/backup/01489602797149-73d8d5bc`;

/**
 * Parameters with which each operation of the service model would do something to a table whose key is one string,
 * "key"; those without a parameter of their own are about the account.
 */
export const REQUESTS = {
  BatchExecuteStatement: (t) => ({ Statements: [{ Statement: STATEMENT(t) }, { Statement: STATEMENT('another-table') }] }),
  BatchGetItem: (t) => ({ RequestItems: { [t]: { Keys: [KEY] } } }),
  BatchWriteItem: (t) => ({ RequestItems: { [t]: [{ PutRequest: { Item: KEY } }] } }),
  CreateBackup: (t) => ({ TableName: t, BackupName: 'copy' }),
  CreateGlobalTable: (t) => ({ GlobalTableName: t, ReplicationGroup: [{ RegionName: REGION }] }),
  CreateTable: (t) => ({ TableName: t, BillingMode: 'PAY_PER_REQUEST', KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }] }),
  DeleteBackup: (t) => ({ BackupArn: BACKUP(t) }),
  DeleteItem: (t) => ({ TableName: t, Key: KEY }),
  DeleteResourcePolicy: (t) => ({ ResourceArn: arnOf(t) }),
  DeleteTable: (t) => ({ TableName: t }),
  DescribeBackup: (t) => ({ BackupArn: BACKUP(t) }),
  DescribeContinuousBackups: (t) => ({ TableName: t }),
  DescribeContributorInsights: (t) => ({ TableName: t }),
  DescribeEndpoints: () => ({}),
  DescribeExport: (t) => ({ ExportArn: `${arnOf(t)}/export/01489602797149-73d8d5bc` }),
  DescribeGlobalTable: (t) => ({ GlobalTableName: t }),
  DescribeGlobalTableSettings: (t) => ({ GlobalTableName: t }),
  DescribeImport: (t) => ({ ImportArn: `${arnOf(t)}/import/01489602797149-73d8d5bc` }),
  DescribeKinesisStreamingDestination: (t) => ({ TableName: t }),
  DescribeLimits: () => ({}),
  DescribeTable: (t) => ({ TableName: t }),
  DescribeTableReplicaAutoScaling: (t) => ({ TableName: t }),
  DescribeTimeToLive: (t) => ({ TableName: t }),
  DisableKinesisStreamingDestination: (t) => ({ TableName: t, StreamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/changes` }),
  EnableKinesisStreamingDestination: (t) => ({ TableName: t, StreamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/changes` }),
  ExecuteStatement: (t) => ({ Statement: STATEMENT(t) }),
  ExecuteTransaction: (t) => ({ TransactStatements: [{ Statement: STATEMENT(t) }] }),
  ExportTableToPointInTime: (t) => ({ TableArn: arnOf(t), S3Bucket: 'exports' }),
  GetItem: (t) => ({ TableName: t, Key: KEY }),
  GetResourcePolicy: (t) => ({ ResourceArn: arnOf(t) }),
  ImportTable: (t) => ({ S3BucketSource: { S3Bucket: 'imports' }, InputFormat: 'CSV',
    TableCreationParameters: REQUESTS.CreateTable(t) }),
  ListBackups: () => ({}),
  ListContributorInsights: () => ({}),
  ListExports: () => ({}),
  ListGlobalTables: () => ({}),
  ListImports: () => ({}),
  ListTables: () => ({}),
  ListTagsOfResource: (t) => ({ ResourceArn: arnOf(t) }),
  PutItem: (t) => ({ TableName: t, Item: KEY }),
  PutResourcePolicy: (t) => ({ ResourceArn: arnOf(t), Policy: JSON.stringify({ Version: '2012-10-17', Statement: [
    { Effect: 'Allow', Principal: '*', Action: 'dynamodb:*', Resource: arnOf(t) }] }) }),
  Query: (t) => ({ TableName: t, KeyConditionExpression: '#k = :k', ExpressionAttributeNames: { '#k': 'key' },
    ExpressionAttributeValues: { ':k': { S: 'k' } } }),
  RestoreTableFromBackup: (t) => ({ TargetTableName: t, BackupArn: BACKUP(t) }),
  RestoreTableToPointInTime: (t) => ({ SourceTableName: t, TargetTableName: 'restored', UseLatestRestorableTime: true }),
  Scan: (t) => ({ TableName: t }),
  TagResource: (t) => ({ ResourceArn: arnOf(t), Tags: [{ Key: 'a', Value: 'b' }] }),
  // Transactions have no action of their own: they need those of what is in them.
  TransactGetItems: (t) => ({ TransactItems: [{ Get: { TableName: t, Key: KEY } }] }),
  TransactWriteItems: (t) => ({ TransactItems: [{ Update: { TableName: t, Key: KEY, UpdateExpression: 'SET a = :a',
    ExpressionAttributeValues: { ':a': { S: 'b' } } } }] }),
  UntagResource: (t) => ({ ResourceArn: arnOf(t), TagKeys: ['a'] }),
  UpdateContinuousBackups: (t) => ({ TableName: t, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }),
  UpdateContributorInsights: (t) => ({ TableName: t, ContributorInsightsAction: 'ENABLE' }),
  UpdateGlobalTable: (t) => ({ GlobalTableName: t, ReplicaUpdates: [{ Create: { RegionName: 'eu-west-1' } }] }),
  UpdateGlobalTableSettings: (t) => ({ GlobalTableName: t, GlobalTableBillingMode: 'PAY_PER_REQUEST' }),
  UpdateItem: (t) => ({ TableName: t, Key: KEY }),
  UpdateKinesisStreamingDestination: (t) => ({ TableName: t, StreamArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/changes` }),
  UpdateTable: (t) => ({ TableName: t, DeletionProtectionEnabled: false }),
  UpdateTableReplicaAutoScaling: (t) => ({ TableName: t }),
  UpdateTimeToLive: (t) => ({ TableName: t, TimeToLiveSpecification: { Enabled: false, AttributeName: 'ttl' } }),
};

/** The operations that are built, of streams too. */
export const BUILT = new Set([...readFileSync(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8')
  .matchAll(/^\| (\w+) \| yes \|/gm)].map(([, name]) => name));

/** The operations that an SDK package knows. */
export const operationsOf = (module) => Object.keys(module).flatMap((name) => /^([A-Z]\w+)Command$/.exec(name)?.[1] ?? []);
