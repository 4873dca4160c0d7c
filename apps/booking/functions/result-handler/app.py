import json
import time

SENTENCES = {
    'purchased': 'Thank you. Your order {orderId} is paid: {amount}.',
    'declined': 'Your card was declined, and nothing was charged. Your order {orderId} was cancelled.',
    'undone': 'Something went wrong with your order {orderId}. It was cancelled, and whatever was charged goes back to you.',
    'refunded': 'We have refunded {amount} for your order {orderId}.',
    'not-approved': 'We looked at your request and cannot refund your order {orderId}.',
    'refund-failed': 'The refund for your order {orderId} did not go through. Nothing was changed; please ask again.',
}


def lambda_handler(event, context):
    """Records the outcome of a purchase or a refund, in the log and as metrics, and words it for the customer."""
    outcome, cents = event['outcome'], event['amountCents']
    print(json.dumps(metrics(event), ensure_ascii=False))
    sentence = SENTENCES[outcome].format(orderId=event['orderId'], amount=money(cents))
    return {'outcome': outcome, 'orderId': event['orderId'], 'amountCents': cents, 'note': sentence}


def metrics(event):
    """CloudWatch's embedded metric format: one line is a log event and a data point."""
    moved = event['outcome'] in ('purchased', 'refunded')
    return {
        '_aws': {
            'Timestamp': int(time.time() * 1000),
            'CloudWatchMetrics': [{
                'Namespace': 'Booking',
                'Dimensions': [['Outcome']],
                'Metrics': [{'Name': 'Outcomes', 'Unit': 'Count'}, {'Name': 'Cents', 'Unit': 'None'}],
            }],
        },
        'Outcome': event['outcome'],
        'Outcomes': 1,
        'Cents': event['amountCents'] if moved else 0,
        'orderId': event['orderId'],
    }


def money(cents):
    return '{}.{:02d}'.format(cents // 100, cents % 100)
