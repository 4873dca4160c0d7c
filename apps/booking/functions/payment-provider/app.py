"""Stands in for a payment provider: takes requests, keeps a ledger, and answers by webhook. No money is ever moved.

What a provider promises, it does: a key is performed once, however often it is asked for; a refund never exceeds its
charge; a charge that has been voided is refused when it comes late.
"""

import hashlib
import json
import os
import time
import urllib.request

import boto3
from signature import sign

dynamodb = boto3.client('dynamodb')
secrets = boto3.client('secretsmanager')

LEDGER = os.environ['LEDGER_TABLE']
# Demo cards; any other token is charged.
DECLINED = {'card-declined': 'The card was declined.', 'card-empty': 'The card was declined: insufficient funds.'}
SILENT = 'card-silent'


def lambda_handler(event, context):
    """Messages of the queue; those that are not done come again."""
    failures = []
    for record in event['Records']:
        try:
            perform(json.loads(record['body']))
        except Exception as error:
            print('Will be tried again: {}: {}'.format(type(error).__name__, error))
            failures.append({'itemIdentifier': record['messageId']})
    return {'batchItemFailures': failures}


def perform(request):
    if request.get('cardToken') == SILENT:
        return
    answer = recorded(request, decide(request))
    body = json.dumps({'kind': request['kind'], 'key': request['key'], **answer})
    timestamp = str(int(time.time()))
    secret = secrets.get_secret_value(SecretId=os.environ['WEBHOOK_SECRET'])['SecretString']
    headers = {
        'Content-Type': 'application/json',
        'X-Timestamp': timestamp,
        'X-Signature': sign(secret, timestamp, body),
    }
    urllib.request.urlopen(
        urllib.request.Request(request['callback'], data=body.encode(), headers=headers, method='POST'), timeout=10
    ).read()


def decide(request):
    kind, key = request['kind'], request['key']
    if kind == 'charge':
        if request['cardToken'] in DECLINED:
            return refusal(DECLINED[request['cardToken']])
        if entry('void', key) is not None:
            return refusal('The charge has been voided.')
    if kind == 'refund' and (entry('charge', request['chargeKey']) or {}).get('approved') is not True:
        return refusal('There is no such charge.')
    return {'approved': True, 'providerId': identifier(kind, key), 'reason': ''}


def recorded(request, answer):
    """The answer that stands in the ledger: the first one for a key."""
    written = dynamodb.update_item(
        TableName=LEDGER,
        Key={'EntryKey': {'S': '{kind}:{key}'.format(**request)}},
        UpdateExpression='SET answer = if_not_exists(answer, :answer), amountCents = if_not_exists(amountCents, :amount)',
        ExpressionAttributeValues={
            ':answer': {'S': json.dumps(answer)},
            ':amount': {'N': str(request['amountCents'])},
        },
        ReturnValues='ALL_NEW',
    )['Attributes']
    return json.loads(written['answer']['S'])


def entry(kind, key):
    row = dynamodb.get_item(TableName=LEDGER, Key={'EntryKey': {'S': '{}:{}'.format(kind, key)}}, ConsistentRead=True)
    return json.loads(row['Item']['answer']['S']) if 'Item' in row else None


def refusal(reason):
    return {'approved': False, 'providerId': '', 'reason': reason}


def identifier(kind, key):
    digest = hashlib.sha256('{}:{}'.format(kind, key).encode()).hexdigest()
    return '{}_{}'.format({'charge': 'ch', 'refund': 're', 'void': 'vo'}[kind], digest[:24])
