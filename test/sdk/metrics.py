"""CloudWatch through boto3 as it comes: prints what it found as JSON."""
import datetime
import io
import json
import os
import zipfile

import boto3
from botocore.exceptions import ClientError

# Set where boto3 is older than AWS_ENDPOINT_URL.
ENDPOINT = os.environ.get("CLIENT_ENDPOINT")

cloudwatch = boto3.client("cloudwatch", endpoint_url=ENDPOINT)
functions = boto3.client("lambda", endpoint_url=ENDPOINT)

code = io.BytesIO()
with zipfile.ZipFile(code, "w") as archive:
    archive.writestr("app.py", "def handler(event, context):\n    return 1 / event['by']\n")
functions.create_function(
    FunctionName="divide",
    Runtime="python3.12",
    Handler="app.handler",
    Role="arn:aws:iam::000000000000:role/any",
    Code={"ZipFile": code.getvalue()},
)
for by in [1, 2, 0]:
    functions.invoke(FunctionName="divide", Payload=json.dumps({"by": by})).get("FunctionError")

now = datetime.datetime.now(datetime.timezone.utc)
cloudwatch.put_metric_data(
    Namespace="Shop",
    MetricData=[
        {"MetricName": f"metric-{index}", "Value": index, "Timestamp": now, "Unit": "Count"} for index in range(600)
    ],
)
listed = [m["MetricName"] for page in cloudwatch.get_paginator("list_metrics").paginate(Namespace="Shop") for m in page["Metrics"]]

# Set where boto3 is older than AWS_ENDPOINT_URL.
ENDPOINT = os.environ.get("CLIENT_ENDPOINT")


def statistic(name, stat):
    answer = cloudwatch.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=name,
        Dimensions=[{"Name": "FunctionName", "Value": "divide"}],
        StartTime=now - datetime.timedelta(minutes=5),
        EndTime=now + datetime.timedelta(minutes=5),
        Period=3600,
        Statistics=[stat],
    )
    return [point[stat] for point in answer["Datapoints"]]


try:
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "empty"}])
    refused = None
except ClientError as error:
    refused = [error.response["Error"]["Code"], error.response["Error"]["Message"]]

data = cloudwatch.get_metric_data(
    MetricDataQueries=[
        {
            "Id": "m",
            "MetricStat": {"Metric": {"Namespace": "Shop", "MetricName": "metric-7"}, "Period": 60, "Stat": "p90"},
        }
    ],
    StartTime=now - datetime.timedelta(minutes=5),
    EndTime=now + datetime.timedelta(minutes=5),
)
[result] = data["MetricDataResults"]
print(
    json.dumps(
        {
            "listed": len(set(listed)),
            "invocations": statistic("Invocations", "Sum"),
            "errors": statistic("Errors", "Sum"),
            "durations": statistic("Duration", "SampleCount"),
            "data": [result["Values"], [at == now.replace(second=0, microsecond=0) for at in result["Timestamps"]]],
            "refused": refused,
        }
    )
)
