"""What a boto3 script does with the services here; prints what it saw as JSON. Knows of Treadle only by AWS_ENDPOINT_URL."""

import io
import json
import os
import time
import urllib.request
import zipfile

import boto3
from botocore.config import Config

ROLE = "arn:aws:iam::000000000000:role/any"

# Set where boto3 is older than AWS_ENDPOINT_URL.
ENDPOINT = os.environ.get("CLIENT_ENDPOINT")


def create_function():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("app.py", "def handler(event, context):\n    return {'hello': event['name']}\n")
    functions = boto3.client("lambda", endpoint_url=ENDPOINT)
    functions.create_function(
        FunctionName="greet",
        Runtime="python3.11",
        Handler="app.handler",
        Role=ROLE,
        Code={"ZipFile": archive.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="greet")
    answer = functions.invoke(FunctionName="greet", Payload=json.dumps({"name": "Anna"}))
    return json.load(answer["Payload"])


def use_table():
    tables = boto3.resource("dynamodb", endpoint_url=ENDPOINT)
    table = tables.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()
    table.put_item(Item={"id": "1", "total": 2250, "items": ["Macbook", "iPhone"]})
    item = table.get_item(Key={"id": "1"})["Item"]
    return {**item, "total": int(item["total"])}


def publish():
    topics = boto3.client("sns", endpoint_url=ENDPOINT)
    topic = topics.create_topic(Name="news")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="email", Endpoint="anna@example.com")
    topics.publish(TopicArn=topic, Subject="Order 1", Message="It is on its way.")
    return topic


def use_bucket():
    objects = boto3.client("s3", endpoint_url=ENDPOINT)
    objects.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    objects.put_object(Bucket="files", Key="a b+\u00e4.txt", Body=b"0123456789", Metadata={"from": "boto3"})
    big = bytes(12_000_000)
    objects.upload_fileobj(io.BytesIO(big), "files", "dir/big.bin")
    back = io.BytesIO()
    objects.download_fileobj("files", "dir/big.bin", back)
    part = objects.get_object(Bucket="files", Key="a b+\u00e4.txt", Range="bytes=-3")
    listed = objects.list_objects_v2(Bucket="files", Delimiter="/")
    url = objects.generate_presigned_url("get_object", Params={"Bucket": "files", "Key": "a b+\u00e4.txt"})
    with urllib.request.urlopen(url) as answer:
        presigned = answer.read().decode()
    try:
        objects.get_object(Bucket="files", Key="nope")
        refused = None
    except objects.exceptions.NoSuchKey as fault:
        refused = fault.response["Error"]["Message"]
    return {
        "same": back.getvalue() == big,
        "part": [part["Body"].read().decode(), part["ContentRange"], part["Metadata"]],
        "keys": [entry["Key"] for entry in listed["Contents"]],
        "folders": [entry["Prefix"] for entry in listed["CommonPrefixes"]],
        "presigned": presigned,
        "refused": refused,
    }


def execute():
    machines = boto3.client("stepfunctions", endpoint_url=ENDPOINT)
    definition = {
        "StartAt": "Greet",
        "States": {
            "Greet": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "Parameters": {"FunctionName": "greet", "Payload.$": "$"},
                "OutputPath": "$.Payload",
                "End": True,
            }
        },
    }
    machine = machines.create_state_machine(name="greeting", roleArn=ROLE, definition=json.dumps(definition))
    execution = machines.start_execution(
        stateMachineArn=machine["stateMachineArn"], name="one", input=json.dumps({"name": "Bob"})
    )["executionArn"]
    deadline = time.monotonic() + 20
    while (seen := machines.describe_execution(executionArn=execution))["status"] == "RUNNING":
        if time.monotonic() > deadline:
            raise TimeoutError("Expected the execution to end.")
        time.sleep(0.05)
    pages = machines.get_paginator("get_execution_history").paginate(
        executionArn=execution, reverseOrder=True, PaginationConfig={"PageSize": 2}
    )
    ids = [event["id"] for page in pages for event in page["events"]]
    try:
        machines.start_execution(stateMachineArn=machine["stateMachineArn"], name="one")
    except machines.exceptions.ExecutionAlreadyExists as fault:
        refused = fault.response["Error"]["Code"]
    return {"status": seen["status"], "output": json.loads(seen["output"]), "ids": ids, "refused": refused}



def execute_at_once():
    machines = boto3.client("stepfunctions", endpoint_url=ENDPOINT, config=Config(inject_host_prefix=False))
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"x": 1}, "End": True}}}
    machine = machines.create_state_machine(
        name="express", type="EXPRESS", roleArn=ROLE, definition=json.dumps(definition)
    )
    ended = machines.start_sync_execution(stateMachineArn=machine["stateMachineArn"], name="one", input="{}")
    return {"status": ended["status"], "output": json.loads(ended["output"]), "billed": ended["billingDetails"]}


print(
    json.dumps(
        {
            "account": boto3.client("sts", endpoint_url=ENDPOINT).get_caller_identity()["Account"],
            "function": create_function(),
            "item": use_table(),
            "topic": publish(),
            "bucket": use_bucket(),
            "execution": execute(),
            "express": execute_at_once(),
        }
    )
)
