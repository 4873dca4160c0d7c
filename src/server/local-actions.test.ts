import { expect, test } from 'vitest';
import { apiGatewayService } from '../api/apigateway/apigateway.js';
import { cloudwatchService } from '../api/cloudwatch/cloudwatch.js';
import { dynamodbService, dynamodbStreamsService } from '../api/dynamodb/dynamodb.js';
import { eventsService } from '../api/events/index.js';
import { lambdaService } from '../api/lambda/lambda.js';
import { logsService } from '../api/logs/logs.js';
import type { ApiService } from '../api/port.js';
import { s3Service } from '../api/s3/s3.js';
import { schedulerService } from '../api/scheduler/scheduler.js';
import { secretsManagerService } from '../api/secretsmanager/secretsmanager.js';
import { sesService, sesv2Service } from '../api/ses/ses.js';
import { snsService } from '../api/sns/sns.js';
import { sqsService } from '../api/sqs/sqs.js';
import { statesService } from '../api/states/index.js';
import { stsService } from '../api/sts/sts.js';
import { LOCAL_ACTIONS } from '../integrations/aws-sdk/index.js';
import { serviceModel } from '../services/models/index.js';

// Only the names of actions are looked at; nothing is called.
const port: never = new Proxy(() => undefined, { get: (_, name) => (name === 'then' ? undefined : port) }) as never;
const SERVICES: Readonly<Record<string, ApiService>> = {
  sfn: statesService(port),
  apigateway: apiGatewayService(port),
  dynamodb: dynamodbService(port),
  dynamodbstreams: dynamodbStreamsService(port),
  s3: s3Service(port, port),
  sqs: sqsService(port),
  sns: snsService(port),
  lambda: lambdaService(port),
  cloudwatchlogs: logsService(port, port),
  eventbridge: eventsService(port, port),
  scheduler: schedulerService(port),
  cloudwatch: cloudwatchService(port, port, port),
  secretsmanager: secretsManagerService(port),
  ses: sesService(port),
  sesv2: sesv2Service(port),
  sts: stsService(),
};

test('the table has the services that are run', () => {
  expect([...LOCAL_ACTIONS.keys()].sort()).toEqual(Object.keys(SERVICES).sort());
});

test.each(Object.entries(SERVICES))('aws-sdk:%s:* are the actions of the API', (name, { actions }) => {
  const model = serviceModel(name);
  const modelled = [...actions.keys()].filter((action) => model?.operation(action) != null);
  const text = (names: Iterable<string>): string =>
    [...names]
      .map((action) => action.toLowerCase())
      .sort()
      .join(' ');
  expect(text(LOCAL_ACTIONS.get(name) ?? [])).toBe(text(modelled));
});
