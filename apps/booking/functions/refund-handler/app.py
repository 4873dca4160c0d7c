import os
from datetime import datetime, timedelta, timezone

WINDOW = timedelta(days=int(os.environ.get('REFUND_WINDOW_DAYS', '30')))
APPROVAL_ABOVE_CENTS = int(os.environ.get('APPROVAL_ABOVE_CENTS', '10000'))


class RefundRefused(Exception):
    """The order cannot be refunded as asked; its text tells the customer why."""


def lambda_handler(event, context):
    """Checks a refund against its order (a row as DynamoDB writes it, or null) and says how much goes back."""
    order = event.get('order')
    if not order:
        raise RefundRefused('There is no order {}.'.format(event['orderId']))
    status = order['status']['S']
    if status not in ('PAID', 'PARTLY_REFUNDED'):
        raise RefundRefused(
            'The order has been refunded already.' if status == 'REFUNDED' else 'The order has not been paid.'
        )
    paid_at = datetime.fromisoformat(order['paidAt']['S'].replace('Z', '+00:00'))
    now = datetime.fromisoformat(event['now'].replace('Z', '+00:00'))
    if now - paid_at > WINDOW:
        raise RefundRefused('Orders are refunded within {} days; this one was paid on {}.'.format(
            WINDOW.days, paid_at.astimezone(timezone.utc).date().isoformat()))
    return refund_of(event, order)


def refund_of(event, order):
    total, refunded = int(order['totalCents']['N']), int(order['refundedCents']['N'])
    left = total - refunded
    amount = left if event['amountCents'] is None else event['amountCents']
    if left == 0:
        raise RefundRefused('Refunds of the whole order are under way already.')
    if amount > left:
        raise RefundRefused('At most {} cents can be refunded, but {} are asked for.'.format(left, amount))
    return {
        'amountCents': amount,
        # Before this refund at most so much may have been refunded: the claim's condition.
        'refundedBeforeMax': total - amount,
        'totalCents': total,
        'customerId': order['CustomerId']['S'],
        'email': order['email']['S'],
        'chargeId': order['chargeId']['S'],
        'needsApproval': amount > APPROVAL_ABOVE_CENTS,
    }
