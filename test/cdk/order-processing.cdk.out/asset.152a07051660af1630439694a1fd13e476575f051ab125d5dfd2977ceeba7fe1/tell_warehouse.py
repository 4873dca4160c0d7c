"""Listens to the orders topic and writes a packing line for each paid order."""

import json


def lambda_handler(event, context):
    """A topic delivers at least once: the line names the order, so a second one is recognised by the people who pack."""
    for record in event["Records"]:
        order = json.loads(record["Sns"]["Message"])
        if order["State"] == "PAYMENT_PROCESSED":
            print(f"Pack order {order['OrderId']} for customer {order['CustomerId']}: {', '.join(order['Items'])}")
