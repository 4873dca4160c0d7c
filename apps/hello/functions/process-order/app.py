import json

from database import save_to_database


def lambda_handler(event, context):
    # 이벤트 처리를 위한 코드 작성
    order_data = event['order_data']
    # 주문 데이터를 데이터베이스에 저장하는 로직 작성
    save_to_database(order_data)

    response = {
        'statusCode': 200,
        'body': json.dumps('주문이 처리되었습니다.')
    }

    return response
