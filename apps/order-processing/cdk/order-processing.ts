import { CfnOutput, CfnParameter, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { LambdaSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { fillStock } from './fill-stock.js';
import type { ShopData } from './shop-data.js';

const fromHere = (path: string): string => new URL(path, import.meta.url).pathname;

/** The state machines and their functions. */
export class OrderProcessing extends Stack {
  readonly #chaos: string;

  constructor(scope: Construct, id: string, data: ShopData) {
    super(scope, id, {
      description: "Takes a shop's order, checks payment and stock, charges, records the order and tells the customer.",
    });
    const strictCards = this.#switch('StrictCards', 'Check the check digit of card numbers and refuse expired cards.');
    this.#chaos = this.#switch('Chaos', 'Let one in four payments be refused and one in ten items be missing.');
    const functions = {
      CheckOrder: this.#nodejs('check-order', 'Checks the form of an order.'),
      VerifyPayment: this.#python('verify-payment', 'Verifies the payment details of an order.', {
        STRICT_CARDS: strictCards,
      }),
      ReadStock: this.#python('read-stock', 'Adds to each item how many pieces are in stock.'),
      ChargeCustomer: this.#nodejs('charge-customer', 'Stands in for the payment provider.'),
    };
    const tellWarehouse = this.#python('tell-warehouse', 'Writes a packing line for each paid order.');
    data.orders.addSubscription(new LambdaSubscription(tellWarehouse));

    const processing = new StateMachine(this, 'OrderProcessing', {
      stateMachineName: 'order-processing',
      definitionBody: DefinitionBody.fromFile(fromHere('../order-processing.asl.json')),
      definitionSubstitutions: {
        ...Object.fromEntries(
          Object.entries(functions).map(([name, { functionArn }]) => [`${name}Function`, functionArn]),
        ),
        CustomerOrdersTable: data.customerOrders.tableName,
        StockTable: data.stock.tableName,
        OrdersTopic: data.orders.topicArn,
      },
      logs: { destination: this.#executionLog(), level: LogLevel.ALL, includeExecutionData: true },
      tracingEnabled: true,
    });
    for (const called of Object.values(functions)) called.grantInvoke(processing);
    data.stock.grant(processing, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    data.customerOrders.grant(processing, 'dynamodb:PutItem');
    data.orders.grantPublish(processing);

    const filling = new StateMachine(this, 'FillStock', {
      stateMachineName: 'fill-stock',
      comment: 'Sets how many pieces of each item are in stock.',
      definitionBody: DefinitionBody.fromChainable(fillStock(this, data.stock)),
    });
    new CfnOutput(this, 'OrderProcessingArn', {
      description: 'Start an execution of this state machine to process an order.',
      value: processing.stateMachineArn,
    });
    new CfnOutput(this, 'FillStockArn', {
      description: "Start an execution of this state machine to fill the demo shop's stock.",
      value: filling.stateMachineArn,
    });
  }

  /** A parameter that is off unless it is set. */
  #switch(name: string, description: string): string {
    const parameter = new CfnParameter(this, name, { allowedValues: ['true', 'false'], default: 'false', description });
    return parameter.valueAsString;
  }

  #executionLog(): LogGroup {
    return new LogGroup(this, 'ExecutionLog', {
      logGroupName: '/aws/vendedlogs/states/order-processing',
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #common(name: string, description: string, environment: Readonly<Record<string, string>> = {}) {
    return {
      functionName: `order-processing-${name}`,
      description,
      timeout: Duration.seconds(10),
      memorySize: 256,
      environment: { CHAOS: this.#chaos, ...environment },
    };
  }

  #nodejs(name: string, description: string): LambdaFunction {
    return new NodejsFunction(this, constructName(name), {
      ...this.#common(name, description),
      runtime: Runtime.NODEJS_22_X,
      entry: fromHere(`../functions/${name}/${name}.ts`),
      projectRoot: fromHere('..'),
      depsLockFilePath: fromHere('../package.json'),
    });
  }

  #python(name: string, description: string, environment?: Readonly<Record<string, string>>): LambdaFunction {
    return new LambdaFunction(this, constructName(name), {
      ...this.#common(name, description, environment),
      runtime: Runtime.PYTHON_3_12,
      code: Code.fromAsset(fromHere(`../functions/${name}`), { exclude: ['__pycache__'] }),
      handler: `${name.replaceAll('-', '_')}.lambda_handler`,
    });
  }
}

/** `check-order` → `CheckOrder`. */
const constructName = (name: string): string =>
  name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
