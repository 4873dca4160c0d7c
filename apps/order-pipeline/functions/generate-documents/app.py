import json

import boto3


def generate_documents(event, context):
    """Writes the invoice and the packing list; gives the letter to the customer."""
    s3 = boto3.client('s3')
    bucket, folder = event['bucket'], event['folder']

    def read(name):
        return json.loads(s3.get_object(Bucket=bucket, Key='{}/{}'.format(folder, name))['Body'].read())

    order, analysis = read('order.json'), read('analysis.json')
    documents = {'invoice.txt': invoice(order, analysis), 'packing-list.txt': packing_list(order)}
    for name, text in documents.items():
        s3.put_object(
            Bucket=bucket,
            Key='{}/{}'.format(folder, name),
            Body=text,
            ContentType='text/plain; charset=utf-8',
        )
    return {'documents': sorted(documents), 'letter': letter(order, analysis)}


def money(cents):
    return '{}.{:02d}'.format(cents // 100, cents % 100)


def invoice(order, analysis):
    lines = [
        '{:>4} x {:<30} {:>12}'.format(item['quantity'], item['name'], money(item['quantity'] * item['priceCents']))
        for item in order['items']
    ]
    head = ['Invoice for order {}'.format(order['orderId']), order['customer'], '']
    return '\n'.join(head + lines + ['', '{:<37} {:>12}'.format('Total', money(analysis['total']))]) + '\n'


def packing_list(order):
    lines = ['[ ] {} x {}'.format(item['quantity'], item['name']) for item in order['items']]
    return '\n'.join(['Pack order {}'.format(order['orderId']), ''] + lines) + '\n'


def letter(order, analysis):
    return (
        'Dear {},\n\nyour order {} is on its way: {} pieces for {} in total.\nThe invoice lies beside it.\n'
    ).format(order['customer'], order['orderId'], analysis['pieces'], money(analysis['total']))
