"""The shop's pages and what they ask for. Plain files and JSON; the state machine does the work."""

import base64
import json
import os
import re
import uuid

import boto3

dynamodb = boto3.client('dynamodb')
stepfunctions = boto3.client('stepfunctions')

MACHINE = os.environ['MACHINE_ARN']
ID = re.compile(r'^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$')
FILES = {
    'index.html': 'text/html; charset=utf-8',
    'shop.css': 'text/css; charset=utf-8',
    'shop.js': 'text/javascript; charset=utf-8',
    'shop.svg': 'image/svg+xml',
}
ORDERS_MAX = 50
BODY_MAX = 20_000
EVENTS_MAX = 200


class Refusal(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def lambda_handler(event, context):
    route = event['routeKey']
    parameters = event.get('pathParameters') or {}
    try:
        if route == 'GET /':
            return file('index.html')
        if route == 'GET /files/{name}':
            return file(parameters['name'])
        return answer(200, ROUTES[route](event, parameters))
    except Refusal as refusal:
        return answer(refusal.status, {'message': str(refusal)})


def catalogue(event, parameters):
    rows = dynamodb.scan(TableName=os.environ['CATALOGUE_TABLE'], Limit=200)['Items']
    items = [
        {
            'itemId': row['ItemId']['S'],
            'title': row['title']['S'],
            'text': row['text']['S'],
            'priceCents': int(row['priceCents']['N']),
            'available': int(row['available']['N']),
        }
        for row in rows
    ]
    return {'items': sorted(items, key=lambda item: item['title'])}


def place_order(event, parameters):
    order = body(event)
    order_id = uuid.uuid4().hex
    known = {name: order.get(name) for name in ('customerId', 'email', 'items', 'cardToken')}
    start('purchase-' + order_id, {'action': 'purchase', 'orderId': order_id, **known})
    return {'orderId': order_id}


def place_refund(event, parameters):
    request = body(event)
    order_id, refund_id = checked(parameters['orderId']), uuid.uuid4().hex
    known = {name: request.get(name) for name in ('amountCents', 'reason') if request.get(name) is not None}
    start('refund-' + refund_id, {'action': 'refund', 'refundId': refund_id, 'orderId': order_id, **known})
    return {'refundId': refund_id}


def order(event, parameters):
    """The order's row, and how far the execution has come that works on it."""
    order_id = checked(parameters['orderId'])
    row = dynamodb.get_item(
        TableName=os.environ['ORDERS_TABLE'], Key={'OrderId': {'S': order_id}}, ConsistentRead=True
    ).get('Item')
    progress = progress_of('purchase-' + order_id)
    if row is None and progress is None:
        raise Refusal(404, 'There is no order {}.'.format(order_id))
    return {'orderId': order_id, 'order': None if row is None else shown(row), 'progress': progress}


def refund(event, parameters):
    return {'progress': progress_of('refund-' + checked(parameters['refundId']))}


def orders(event, parameters):
    """A customer's orders, the newest first."""
    rows = dynamodb.query(
        TableName=os.environ['ORDERS_TABLE'],
        IndexName='ByCustomer',
        KeyConditionExpression='CustomerId = :customer',
        ExpressionAttributeValues={':customer': {'S': checked(parameters['customerId'])}},
        ScanIndexForward=False,
        Limit=ORDERS_MAX,
    )['Items']
    return {'orders': [shown(row) for row in rows]}


ROUTES = {
    'GET /api/catalogue': catalogue,
    'POST /api/orders': place_order,
    'GET /api/orders/{orderId}': order,
    'POST /api/orders/{orderId}/refunds': place_refund,
    'GET /api/refunds/{refundId}': refund,
    'GET /api/customers/{customerId}/orders': orders,
}


def start(name, request):
    stepfunctions.start_execution(stateMachineArn=MACHINE, name=name, input=json.dumps(request))


def progress_of(name):
    """Names of the states that were entered, in order, and how it ended; None when there is no such execution."""
    arn = '{}:{}'.format(MACHINE.replace(':stateMachine:', ':execution:'), name)
    try:
        execution = stepfunctions.describe_execution(executionArn=arn)
    except stepfunctions.exceptions.ExecutionDoesNotExist:
        return None
    events = stepfunctions.get_execution_history(executionArn=arn, maxResults=EVENTS_MAX)['events']
    entered = [event['stateEnteredEventDetails']['name'] for event in events if 'stateEnteredEventDetails' in event]
    output = json.loads(execution['output']) if 'output' in execution else {}
    return {
        'status': execution['status'],
        'states': entered,
        'outcome': output.get('outcome'),
        'note': output.get('note') or execution.get('cause'),
    }


def shown(row):
    return {
        'orderId': row['OrderId']['S'],
        'status': row['status']['S'],
        'placedAt': row['placedAt']['S'],
        'totalCents': int(row['totalCents']['N']),
        'refundedCents': int(row['refundedCents']['N']),
        'lines': [
            {
                'title': line['M']['title']['S'],
                'quantity': int(line['M']['quantity']['N']),
                'priceCents': int(line['M']['priceCents']['N']),
            }
            for line in row['lines']['L']
        ],
    }


def body(event):
    text = event.get('body') or ''
    if event.get('isBase64Encoded'):
        text = base64.b64decode(text).decode('utf-8', 'replace')
    if len(text) > BODY_MAX:
        raise Refusal(413, 'Expected at most {} characters.'.format(BODY_MAX))
    try:
        value = json.loads(text)
    except ValueError:
        raise Refusal(400, 'Expected JSON.')
    if not isinstance(value, dict):
        raise Refusal(400, 'Expected an object.')
    return value


def checked(identifier):
    if not ID.match(identifier):
        raise Refusal(400, 'Expected an id of 1 to 32 letters, digits, - and _.')
    return identifier


def file(name):
    if name not in FILES:
        raise Refusal(404, 'There is no such page.')
    with open(os.path.join(os.path.dirname(__file__), 'pages', name), encoding='utf-8') as page:
        headers = {
            'Content-Type': FILES[name],
            'Cache-Control': 'no-cache',
            'Content-Security-Policy': "default-src 'self'; frame-ancestors 'none'",
        }
        return {'statusCode': 200, 'headers': headers, 'body': page.read()}


def answer(status, value):
    headers = {'Content-Type': 'application/json', 'Cache-Control': 'no-store'}
    return {'statusCode': status, 'headers': headers, 'body': json.dumps(value, ensure_ascii=False)}
