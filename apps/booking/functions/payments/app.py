"""Asks the payment provider, and takes its answers.

A payment is a row of the table Payments, under a key that the provider knows it by: the order's id for a charge, the
refund's id for a refund. The row keeps the task token of the execution that waits, and the answer once it is there.
"""

import json
import os

import boto3
from signature import is_genuine

dynamodb = boto3.client('dynamodb')
sqs = boto3.client('sqs')
stepfunctions = boto3.client('stepfunctions')
secrets = boto3.client('secretsmanager')

TABLE = os.environ['PAYMENTS_TABLE']
KINDS = ('charge', 'void', 'refund')


def request(event, context):
    """Task with a token: notes who waits, then asks the provider. Both may be repeated: the provider goes by the key."""
    key = '{}:{}'.format(event['kind'], event['key'])
    row = dynamodb.update_item(
        TableName=TABLE,
        Key={'PaymentKey': {'S': key}},
        UpdateExpression='SET taskToken = :token',
        ExpressionAttributeValues={':token': {'S': event['taskToken']}},
        ReturnValues='ALL_NEW',
    )['Attributes']
    if 'answer' in row:  # It came while nobody waited.
        tell(event['taskToken'], json.loads(row['answer']['S']))
        return
    sqs.send_message(
        QueueUrl=os.environ['PROVIDER_QUEUE_URL'],
        MessageBody=json.dumps({
            'kind': event['kind'],
            'key': event['key'],
            'amountCents': event['amountCents'],
            'cardToken': event.get('cardToken'),
            'chargeKey': event.get('chargeKey'),
            'callback': os.environ['CALLBACK_URL'],
        }),
    )


def webhook(event, context):
    """The provider's answer. It is kept, and told to the execution that waits, before the provider is answered."""
    body = event.get('body') or ''
    headers = event.get('headers') or {}
    secret = secrets.get_secret_value(SecretId=os.environ['WEBHOOK_SECRET'])['SecretString']
    timestamp, signature = headers.get('x-timestamp', ''), headers.get('x-signature', '')
    if event.get('isBase64Encoded') or not is_genuine(secret, timestamp, body, signature):
        return {'statusCode': 401, 'body': json.dumps({'message': 'The signature is not valid.'})}
    answer = json.loads(body)
    if answer.get('kind') not in KINDS or not isinstance(answer.get('key'), str):
        return {'statusCode': 400, 'body': json.dumps({'message': 'Expected kind and key of a payment.'})}
    # The first answer counts; the same one again is told again, as the first telling may have been lost.
    row = dynamodb.update_item(
        TableName=TABLE,
        Key={'PaymentKey': {'S': '{kind}:{key}'.format(**answer)}},
        UpdateExpression='SET answer = if_not_exists(answer, :answer)',
        ExpressionAttributeValues={':answer': {'S': json.dumps(answer)}},
        ReturnValues='ALL_NEW',
    )['Attributes']
    if 'taskToken' in row:
        tell(row['taskToken']['S'], json.loads(row['answer']['S']))
    return {'statusCode': 200, 'body': '{}'}


def tell(token, answer):
    """Answers the execution; that it waits no longer is fine: it has been told, or it has given up."""
    try:
        if answer['approved']:
            stepfunctions.send_task_success(taskToken=token, output=json.dumps({'providerId': answer['providerId']}))
        else:
            stepfunctions.send_task_failure(taskToken=token, error='PaymentDeclined', cause=answer['reason'])
    except (stepfunctions.exceptions.TaskTimedOut, stepfunctions.exceptions.InvalidToken) as error:
        print('Nobody waits for {kind} {key}: {}'.format(type(error).__name__, **answer))
