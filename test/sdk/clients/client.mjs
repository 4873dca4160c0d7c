// What a process needs of Step Functions, through the AWS SDK for JavaScript as it comes:  node client.mjs <command> [arguments]. Prints JSON.

import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetActivityTaskCommand,
  paginateListExecutions,
  RedriveExecutionCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';

const client = new SFNClient({});

const commands = {
  /** Takes one task; `hang` is alive but never ends it, `finish` ends it. */
  async work(activityArn, workerName, how) {
    console.log('polls');
    let taskToken;
    while (!taskToken) ({ taskToken } = await client.send(new GetActivityTaskCommand({ activityArn, workerName })));
    await client.send(new SendTaskHeartbeatCommand({ taskToken }));
    console.log('has it');
    while (how === 'hang') await sleep(1000);
    await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify({ by: workerName }) }));
    console.log('done');
  },
  async answer(taskToken, output) {
    return client.send(new SendTaskSuccessCommand({ taskToken, output })).then(() => ({}), refusal);
  },
  async start(stateMachineArn, name, input) {
    const shown = ({ executionArn, startDate }) => ({ arn: executionArn, at: startDate.getTime() / 1000 });
    return client.send(new StartExecutionCommand({ stateMachineArn, name, input })).then(shown, refusal);
  },
  async redrive(executionArn, clientToken) {
    const { redriveDate } = await client.send(new RedriveExecutionCommand({ executionArn, clientToken }));
    return { at: redriveDate.getTime() / 1000 };
  },
  async count(stateMachineArn) {
    const arns = [];
    for await (const { executions } of paginateListExecutions({ client, pageSize: 900 }, { stateMachineArn })) {
      arns.push(...executions.map(({ executionArn }) => executionArn));
    }
    return { all: arns.length, different: new Set(arns).size };
  },
};

const refusal = (fault) => ({ refused: fault.name });

const [command, ...args] = process.argv.slice(2);
const found = await commands[command](...args);
if (found !== undefined) console.log(JSON.stringify(found));
client.destroy();
