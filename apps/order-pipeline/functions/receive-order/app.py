import json

import boto3


class InvalidOrder(Exception):
    """The file is no order; its text says what was expected."""


def receive_order(event, context):
    # 获取 Step 需要的 AWS 服务
    s3 = boto3.client('s3')
    file = s3.get_object(Bucket=event['bucket'], Key=event['key'])

    # 在 Step 中执行的操作
    order = read_order(file['Body'].read())
    s3.put_object(
        Bucket=event['bucket'],
        Key=event['folder'] + '/order.json',
        Body=json.dumps(order, ensure_ascii=False),
        ContentType='application/json',
    )

    # 完成 Step
    return True


def read_order(content):
    """The order in the file, as it is. Raises InvalidOrder."""
    try:
        order = json.loads(content)
    except ValueError as error:
        raise InvalidOrder('Expected JSON, but {}.'.format(error))
    if not isinstance(order, dict):
        raise InvalidOrder('Expected an object with orderId, customer and items.')
    for name in ('orderId', 'customer'):
        if not isinstance(order.get(name), str) or not order[name]:
            raise InvalidOrder('Expected {} to be a text.'.format(name))
    items = order.get('items')
    if not isinstance(items, list) or not items:
        raise InvalidOrder('Expected items to be a list with at least one item.')
    for number, item in enumerate(items, start=1):
        check_item(item, number)
    return order


def check_item(item, number):
    if not isinstance(item, dict) or not isinstance(item.get('name'), str) or not item['name']:
        raise InvalidOrder('Expected item {} to have a name.'.format(number))
    quantity, cents = item.get('quantity'), item.get('priceCents')
    if type(quantity) is not int or quantity < 1:
        raise InvalidOrder('Expected item {} to have a quantity of at least 1.'.format(number))
    if type(cents) is not int or cents < 0:
        raise InvalidOrder('Expected item {} to have priceCents, a whole number of at least 0.'.format(number))
