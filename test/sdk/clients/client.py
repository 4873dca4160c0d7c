"""What a process needs of Step Functions, through boto3 as it comes:  client.py <command> [arguments]. Prints JSON."""

import json
import os
import sys
import time

import boto3
from botocore.exceptions import ClientError

states = boto3.client("stepfunctions", endpoint_url=os.environ.get("CLIENT_ENDPOINT"))


def work(activity, name, how):
    """Takes one task; `hang` is alive but never ends it, `finish` ends it."""
    print("polls", flush=True)
    task = {}
    while not task.get("taskToken"):
        task = states.get_activity_task(activityArn=activity, workerName=name)
    states.send_task_heartbeat(taskToken=task["taskToken"])
    print("has it", flush=True)
    while how == "hang":
        time.sleep(1)
    states.send_task_success(taskToken=task["taskToken"], output=json.dumps({"by": name}, separators=(",", ":")))
    print("done", flush=True)


def answer(token, output):
    try:
        states.send_task_success(taskToken=token, output=output)
        return {}
    except ClientError as fault:
        return {"refused": fault.response["Error"]["Code"]}


def start(machine, name, given):
    try:
        started = states.start_execution(stateMachineArn=machine, name=name, input=given)
        return {"arn": started["executionArn"], "at": started["startDate"].timestamp()}
    except ClientError as fault:
        return {"refused": fault.response["Error"]["Code"]}


def redrive(execution, token):
    if not hasattr(states, "redrive_execution"):
        return {"unknown": boto3.__version__}
    redriven = states.redrive_execution(executionArn=execution, clientToken=token)
    return {"at": redriven["redriveDate"].timestamp()}


def count(machine):
    pages = states.get_paginator("list_executions").paginate(
        stateMachineArn=machine, PaginationConfig={"PageSize": 900}
    )
    arns = [execution["executionArn"] for page in pages for execution in page["executions"]]
    return {"all": len(arns), "different": len(set(arns))}


command, *arguments = sys.argv[1:]
found = {"work": work, "answer": answer, "start": start, "redrive": redrive, "count": count}[command](*arguments)
if found is not None:
    print(json.dumps(found))
