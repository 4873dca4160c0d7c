import json

import boto3


def analyse_order(event, context):
    # 获取 Step 需要的 AWS 服务
    s3 = boto3.client('s3')

    # 在 Step 中获取的值
    step_output = event['step'][0]['output']
    if step_output is not True:
        raise RuntimeError('Expected the order to be received, but the first step gave {!r}.'.format(step_output))

    # 处理 Step 输出的值
    file = s3.get_object(Bucket=event['bucket'], Key=event['folder'] + '/order.json')
    analysis = analyse(json.loads(file['Body'].read()))
    s3.put_object(
        Bucket=event['bucket'],
        Key=event['folder'] + '/analysis.json',
        Body=json.dumps(analysis, ensure_ascii=False),
        ContentType='application/json',
    )
    return analysis


def analyse(order):
    """What the order comes to: pieces, total in cents, and the item that costs most."""
    lines = [(item['quantity'] * item['priceCents'], item) for item in order['items']]
    return {
        'orderId': order['orderId'],
        'pieces': sum(item['quantity'] for item in order['items']),
        'total': sum(cents for cents, _ in lines),
        'dearest': max(lines, key=lambda line: line[0])[1]['name'],
    }
