"""The part that the document leaves open: an order is a row of the table, under its orderId."""

import os

import boto3
from boto3.dynamodb.types import TypeSerializer

dynamodb = boto3.client('dynamodb')
serialize = TypeSerializer().serialize


def save_to_database(order_data):
    """Writes the order; the second time it writes the same row. Numbers are whole, as boto3 takes no floats."""
    row = {name: serialize(value) for name, value in order_data.items()}
    dynamodb.put_item(TableName=os.environ['TABLE_NAME'], Item=row)
    print('저장했습니다: {}'.format(order_data['orderId']))
