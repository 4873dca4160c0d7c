"""Asks a person about a refund, by a mail with a link; shows the page behind the link, and takes the answer.

The link is signed, and good for one answer. Opening it changes nothing (mail programs open links); only the page's
button does.
"""

import base64
import hashlib
import hmac
import html
import json
import os
import time
import urllib.parse

import boto3

dynamodb = boto3.client('dynamodb')
stepfunctions = boto3.client('stepfunctions')
ses = boto3.client('sesv2')
secrets = boto3.client('secretsmanager')

TABLE = os.environ['APPROVALS_TABLE']
DAYS = 7
DAY_SECONDS = 86400


def ask(event, context):
    """Task with a token: notes who waits and sends the mail. Repeated, it notes the new token; the link stays good."""
    dynamodb.update_item(
        TableName=TABLE,
        Key={'RefundId': {'S': event['refundId']}},
        UpdateExpression='SET taskToken = :token, orderId = :order, customerId = :customer, amountCents = :amount, '
        'reason = :reason, decision = if_not_exists(decision, :open), expiresAt = :expires',
        ExpressionAttributeValues={
            ':token': {'S': event['taskToken']},
            ':order': {'S': event['orderId']},
            ':customer': {'S': event['customerId']},
            ':amount': {'N': str(event['amountCents'])},
            ':reason': {'S': event['reason']},
            ':open': {'S': 'open'},
            ':expires': {'N': str(int(time.time()) + DAYS * DAY_SECONDS)},
        },
    )
    link = '{}/approvals/{}?s={}'.format(os.environ['BASE_URL'], event['refundId'], sign(event['refundId']))
    ses.send_email(
        FromEmailAddress=os.environ['SHOP_EMAIL'],
        Destination={'ToAddresses': [os.environ['APPROVER_EMAIL']]},
        Content={'Simple': {
            'Subject': {'Data': 'Refund of {} for order {}?'.format(money(event['amountCents']), event['orderId'])},
            'Body': {'Text': {'Data': (
                'Customer {customerId} asks for {amount} back for order {orderId}.\nReason: {reason}\n\n'
                'Look at it and decide within {days} days:\n{link}\n'
            ).format(amount=money(event['amountCents']), days=DAYS, link=link, **{
                name: event[name] or '(none)' for name in ('customerId', 'orderId', 'reason')
            })}},
        }},
    )


def page(event, context):
    """GET shows the request, POST takes the decision."""
    refund_id = event['pathParameters']['refundId']
    given = (event.get('queryStringParameters') or {}).get('s', '')
    if not hmac.compare_digest(given, sign(refund_id)):
        return shown(403, 'This link is not valid', 'It may have been cut off. Open it from the mail once more.')
    row = dynamodb.get_item(TableName=TABLE, Key={'RefundId': {'S': refund_id}}, ConsistentRead=True).get('Item')
    if row is None:
        return shown(404, 'There is no such request', 'It may have been removed.')
    if row['decision']['S'] != 'open':
        # Told again: the machine may have stopped between the decision and the telling.
        tell(row['taskToken']['S'], row['decision']['S'])
        return decided(row['decision']['S'])
    if int(row['expiresAt']['N']) < time.time():
        return shown(410, 'Too late', 'The {} days for this decision have passed; nothing was refunded.'.format(DAYS))
    if event['requestContext']['http']['method'] == 'POST':
        return decide(refund_id, row, form(event).get('decision', ''))
    return question(row, given)


def decide(refund_id, row, decision):
    if decision not in ('approved', 'rejected'):
        return shown(400, 'Nothing was decided', 'Expected a decision, but there was none. Go back and choose one.')
    try:
        settle(refund_id, 'open', decision)
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return shown(409, 'Somebody else was quicker', 'The request has been decided meanwhile. Open the link again to see how.')
    if tell(row['taskToken']['S'], decision):
        return decided(decision)
    settle(refund_id, decision, 'elsewhere')
    return decided('elsewhere')


def settle(refund_id, before, decision):
    dynamodb.update_item(
        TableName=TABLE,
        Key={'RefundId': {'S': refund_id}},
        UpdateExpression='SET decision = :decision',
        ConditionExpression='decision = :before',
        ExpressionAttributeValues={':decision': {'S': decision}, ':before': {'S': before}},
    )


def tell(token, decision):
    """Answers the execution; False when it does not wait any more."""
    if decision == 'elsewhere':
        return False
    output = json.dumps({'approved': decision == 'approved', 'by': 'mail'})
    try:
        stepfunctions.send_task_success(taskToken=token, output=output)
    except (stepfunctions.exceptions.TaskTimedOut, stepfunctions.exceptions.InvalidToken):
        return False
    return True


TEXTS = {
    'approved': ('Approved', 'The refund goes to the customer now.'),
    'rejected': ('Rejected', 'Nothing is refunded; the customer is told.'),
    'elsewhere': ('Somebody else was quicker', 'The request was answered in another place; nothing was changed here.'),
}


def decided(decision):
    title, text = TEXTS[decision]
    return shown(409 if decision == 'elsewhere' else 200, title, text)


def question(row, signature):
    facts = [
        ('Amount', money(int(row['amountCents']['N']))),
        ('Order', row['orderId']['S']),
        ('Customer', row['customerId']['S']),
        ('Reason', row['reason']['S'] or '(none)'),
    ]
    table = ''.join('<dt>{}</dt><dd>{}</dd>'.format(name, html.escape(value)) for name, value in facts)
    buttons = (
        '<form method="post" action="?s={}">'
        '<button name="decision" value="approved" class="yes">Approve the refund</button>'
        '<button name="decision" value="rejected">Reject</button></form>'
    ).format(urllib.parse.quote(signature))
    return document(200, 'Refund this order?', '<dl>{}</dl>{}'.format(table, buttons))


def shown(status, title, text):
    return document(status, title, '<p>{}</p>'.format(html.escape(text)))


def document(status, title, content):
    with open(os.path.join(os.path.dirname(__file__), 'page.html'), encoding='utf-8') as file:
        body = file.read().replace('{{title}}', html.escape(title)).replace('{{content}}', content)
    return {
        'statusCode': status,
        'headers': {
            'Content-Type': 'text/html; charset=utf-8',
            'Cache-Control': 'no-store',
            'Referrer-Policy': 'no-referrer',
            'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
        },
        'body': body,
    }


def form(event):
    body = event.get('body') or ''
    if event.get('isBase64Encoded'):
        body = base64.b64decode(body).decode()
    return {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}


def sign(refund_id):
    secret = secrets.get_secret_value(SecretId=os.environ['LINK_SECRET'])['SecretString']
    return hmac.new(secret.encode(), refund_id.encode(), hashlib.sha256).hexdigest()


def money(cents):
    return '{}.{:02d}'.format(cents // 100, cents % 100)
