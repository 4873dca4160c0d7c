"""Adds to each ordered item how many pieces are in stock and how many the order asks for."""

import collections
import hashlib
import os

# The part of all items that chaos takes out of stock: one in ten.
CHAOS_MISSING = 0.1


def lambda_handler(event, context):
    """Expects {items, chaosSeed}, each item with what the stock table answered; returns {items}."""
    items = event["items"]
    asked = collections.Counter(item["itemId"] for item in items)
    chaos = os.environ.get("CHAOS") == "true"
    return {
        "items": [
            {
                "itemId": item["itemId"],
                "price": item["price"],
                "itemDescription": item["itemDescription"],
                "quantityInStock": 0 if chaos and draw(event["chaosSeed"], index) < CHAOS_MISSING else in_stock(item),
                "quantityAsked": asked[item["itemId"]],
            }
            for index, item in enumerate(items)
        ]
    }


def in_stock(item):
    """DynamoDB gives a number as text, and nothing at all for an item that the shop does not keep."""
    quantities = item["stock"]["quantities"]
    return int(quantities[0]) if quantities else 0


def draw(seed, index):
    """A number in [0, 1) that is the same each time this item is read: a repeated call must not decide anew."""
    digest = hashlib.sha256(f"{seed} item {index}".encode()).hexdigest()
    return int(digest[:8], 16) / 2**32
