import { CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';

/** What outlives the code: the tables, and the topic that customers listen to. */
export class ShopData extends Stack {
  readonly customerOrders: Table;
  readonly stock: Table;
  readonly orders: Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id, { description: 'The tables and the topic of the order processing.' });
    const customerEmail = new CfnParameter(this, 'CustomerEmail', {
      default: 'customer@example.com',
      description: 'Where the notices about orders go by mail.',
    });
    this.customerOrders = new Table(this, 'CustomerOrders', {
      tableName: 'CustomerOrders',
      partitionKey: { name: 'OrderId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
    });
    this.stock = new Table(this, 'Stock', {
      tableName: 'Stock',
      partitionKey: { name: 'itemId', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.orders = new Topic(this, 'Orders', { topicName: 'orders' });
    this.orders.addSubscription(new EmailSubscription(customerEmail.valueAsString));
  }
}
