"""boto3: resources and tables, batch_writer, conditions as objects, paginators, waiters, typed exceptions.

Takes ENDPOINT and, as every boto3 program, region and credentials from the environment.
"""

import os
import time
import unittest
from decimal import Decimal

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary, TypeDeserializer
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["ENDPOINT"]
CONFIG = Config(retries={"total_max_attempts": 1})
NAME = "Music-boto3"
PATIENCE = {"Delay": 1, "MaxAttempts": 60}

dynamodb = boto3.resource("dynamodb", endpoint_url=ENDPOINT, config=CONFIG)
client = dynamodb.meta.client
streams = boto3.client("dynamodbstreams", endpoint_url=ENDPOINT, config=CONFIG)
table = dynamodb.Table(NAME)
check = unittest.TestCase()


def fails(code, call, **parameters):
    """The error's whole response; the call must fail with this code."""
    with check.assertRaises(ClientError) as caught:
        call(**parameters)
    check.assertEqual(caught.exception.response["Error"]["Code"], code)
    return caught.exception.response


def create_table():
    created = dynamodb.create_table(
        TableName=NAME,
        AttributeDefinitions=[
            {"AttributeName": "Artist", "AttributeType": "S"},
            {"AttributeName": "Song", "AttributeType": "S"},
            {"AttributeName": "Genre", "AttributeType": "S"},
            {"AttributeName": "Year", "AttributeType": "N"},
        ],
        KeySchema=[
            {"AttributeName": "Artist", "KeyType": "HASH"},
            {"AttributeName": "Song", "KeyType": "RANGE"},
        ],
        LocalSecondaryIndexes=[{
            "IndexName": "ByYear",
            "KeySchema": [
                {"AttributeName": "Artist", "KeyType": "HASH"},
                {"AttributeName": "Year", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
        }],
        GlobalSecondaryIndexes=[{
            "IndexName": "ByGenre",
            "KeySchema": [{"AttributeName": "Genre", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        Tags=[{"Key": "team", "Value": "music"}],
    )
    created.wait_until_exists()
    created.reload()
    check.assertEqual(created.table_status, "ACTIVE")
    check.assertEqual(created.global_secondary_indexes[0]["IndexStatus"], "ACTIVE")
    check.assertIsNotNone(created.creation_date_time.tzinfo)
    check.assertIn(NAME, [each.name for each in dynamodb.tables.all()])
    pages = client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 1})
    check.assertIn(NAME, [name for page in pages for name in page["TableNames"]])


def items():
    key = {"Artist": "Fela Kuti", "Song": "Zombie"}
    item = {
        **key, "Genre": "Afrobeat", "Year": 1976, "Sleeve": Binary(b"\x00\xff"), "Live": False, "Nothing": None,
        "Players": {"Tony Allen", "Fela Kuti"}, "Lengths": {Decimal("12.5"), Decimal("13")},
        "Sides": ["A", {"title": "Mr. Follow Follow"}], "Exact": Decimal("12345678901234567890.123456789"),
    }
    table.put_item(Item=item)
    read = table.get_item(Key=key, ConsistentRead=True, ReturnConsumedCapacity="TOTAL")
    check.assertEqual(read["Item"], item)
    check.assertEqual(read["ConsumedCapacity"]["CapacityUnits"], 1)
    with check.assertRaises(client.exceptions.ConditionalCheckFailedException):
        table.put_item(Item=item, ConditionExpression=Attr("Artist").not_exists())
    changed = table.update_item(
        Key=key,
        UpdateExpression="SET Plays = if_not_exists(Plays, :none) + :one REMOVE Nothing ADD Players :more",
        ConditionExpression=Attr("Sides").size().eq(2) & ~Attr("Live").eq(True),
        ExpressionAttributeValues={":none": 0, ":one": 1, ":more": {"Lekan Animashaun"}},
        ReturnValues="UPDATED_NEW",
    )
    check.assertEqual(changed["Attributes"]["Plays"], 1)
    check.assertEqual(len(changed["Attributes"]["Players"]), 3)
    deleted = table.delete_item(Key=key, ReturnValues="ALL_OLD")
    check.assertEqual(deleted["Attributes"]["Exact"], item["Exact"])
    check.assertNotIn("Item", table.get_item(Key=key))


def batches():
    with table.batch_writer(overwrite_by_pkeys=["Artist", "Song"]) as batch:
        for i in range(60):
            batch.put_item(Item={"Artist": "Batch", "Song": f"Song {i:02}", "Genre": "Even", "Year": 1900 + i})
        batch.delete_item(Key={"Artist": "Batch", "Song": "Song 59"})
    keys = [{"Artist": "Batch", "Song": f"Song {i:02}"} for i in range(60)]
    answer = dynamodb.batch_get_item(RequestItems={NAME: {"Keys": keys}})
    check.assertEqual(len(answer["Responses"][NAME]), 59)
    check.assertEqual(answer["UnprocessedKeys"], {})


def query_and_scan():
    found = table.query(KeyConditionExpression=Key("Artist").eq("Batch") & Key("Song").begins_with("Song 1"), ScanIndexForward=False)
    check.assertEqual([item["Song"] for item in found["Items"]], [f"Song 1{i}" for i in range(9, -1, -1)])
    by_year = table.query(
        IndexName="ByYear",
        KeyConditionExpression=Key("Artist").eq("Batch") & Key("Year").between(1905, 1910),
        FilterExpression=Attr("Song").contains("9") | Attr("Song").is_in(["Song 05"]),
        ProjectionExpression="#y",
        ExpressionAttributeNames={"#y": "Year"},
    )
    check.assertEqual([item["Year"] for item in by_year["Items"]], [1905, 1909])
    pages = list(client.get_paginator("query").paginate(
        TableName=NAME, IndexName="ByGenre", KeyConditionExpression=Key("Genre").eq("Even"), PaginationConfig={"PageSize": 25}))
    check.assertEqual([page["Count"] for page in pages], [25, 25, 9])
    scanned = client.get_paginator("scan").paginate(TableName=NAME, FilterExpression=Attr("Year").gte(1950)).build_full_result()
    check.assertEqual(scanned["Count"], 9)


def transactions():
    key = {"Artist": "Batch", "Song": "Song 00"}
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": NAME, "Item": {"Artist": "Transaction", "Song": "One"}}},
        {"Update": {"TableName": NAME, "Key": key, "UpdateExpression": "SET Plays = :n", "ExpressionAttributeValues": {":n": 5}}},
        {"Delete": {"TableName": NAME, "Key": {"Artist": "Batch", "Song": "Song 01"}}},
    ])
    got = client.transact_get_items(TransactItems=[{"Get": {"TableName": NAME, "Key": key}}])
    check.assertEqual(got["Responses"][0]["Item"]["Plays"], 5)
    response = fails("TransactionCanceledException", client.transact_write_items, TransactItems=[
        {"Put": {"TableName": NAME, "Item": {"Artist": "Transaction", "Song": "Two"}}},
        {"ConditionCheck": {"TableName": NAME, "Key": key, "ConditionExpression": "attribute_not_exists(Song)"}},
    ])
    check.assertEqual([reason["Code"] for reason in response["CancellationReasons"]], ["None", "ConditionalCheckFailed"])


def statements():
    client.execute_statement(Statement=f"INSERT INTO \"{NAME}\" VALUE {{'Artist': ?, 'Song': ?}}", Parameters=["PartiQL", "Select"])
    found = client.execute_statement(Statement=f'SELECT Song FROM "{NAME}" WHERE Artist = ?', Parameters=["PartiQL"])
    check.assertEqual(found["Items"], [{"Song": "Select"}])
    batch = client.batch_execute_statement(Statements=[
        {"Statement": f"UPDATE \"{NAME}\" SET Plays = 1 WHERE Artist = 'PartiQL' AND Song = 'Select'"},
        {"Statement": f"UPDATE \"{NAME}\" SET Plays = 1 WHERE Artist = 'PartiQL' AND Song = 'Missing'"},
    ])
    check.assertEqual(batch["Responses"][1]["Error"]["Code"], "ConditionalCheckFailed")
    client.execute_transaction(TransactStatements=[{"Statement": f"DELETE FROM \"{NAME}\" WHERE Artist = 'PartiQL' AND Song = 'Select'"}])
    check.assertNotIn("Item", table.get_item(Key={"Artist": "PartiQL", "Song": "Select"}))


def stream():
    stream_arn = table.latest_stream_arn or dynamodb.Table(NAME).latest_stream_arn
    check.assertEqual([each["StreamArn"] for each in streams.list_streams(TableName=NAME)["Streams"]], [stream_arn])
    shard = streams.describe_stream(StreamArn=stream_arn)["StreamDescription"]["Shards"][0]
    iterator = streams.get_shard_iterator(StreamArn=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")
    records = streams.get_records(ShardIterator=iterator["ShardIterator"], Limit=3)["Records"]
    check.assertEqual([record["eventName"] for record in records], ["INSERT", "MODIFY", "REMOVE"])
    image = {name: TypeDeserializer().deserialize(value) for name, value in records[1]["dynamodb"]["NewImage"].items()}
    check.assertEqual(image["Plays"], 1)
    check.assertNotIn("OldImage", records[1]["dynamodb"])


def time_to_live():
    client.update_time_to_live(TableName=NAME, TimeToLiveSpecification={"AttributeName": "Until", "Enabled": True})
    described = client.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
    check.assertEqual(described, {"TimeToLiveStatus": "ENABLED", "AttributeName": "Until"})
    key = {"Artist": "Old", "Song": "News"}
    table.put_item(Item={**key, "Until": int(time.time()) - 3600})
    for _ in range(600):
        if "Item" not in table.get_item(Key=key):
            return
        time.sleep(0.1)
    check.fail("the expired item is still there")


def tags():
    client.tag_resource(ResourceArn=table.table_arn, Tags=[{"Key": "stage", "Value": "test"}])
    client.untag_resource(ResourceArn=table.table_arn, TagKeys=["team"])
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=table.table_arn)
    check.assertEqual([tag for page in pages for tag in page["Tags"]], [{"Key": "stage", "Value": "test"}])


def delete_table():
    changed = table.update(BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 2, "WriteCapacityUnits": 3},
                           GlobalSecondaryIndexUpdates=[{"Update": {
                               "IndexName": "ByGenre", "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}}}])
    changed.reload()
    check.assertEqual(changed.provisioned_throughput["WriteCapacityUnits"], 3)
    table.delete()
    client.get_waiter("table_not_exists").wait(TableName=NAME, WaiterConfig=PATIENCE)
    with check.assertRaises(client.exceptions.ResourceNotFoundException):
        table.get_item(Key={"Artist": "a", "Song": "b"})


# One table's life, in this order.
for step in (create_table, items, batches, query_and_scan, transactions, statements, stream, time_to_live, tags, delete_table):
    step()
    print("ok", step.__name__)
