import { executionArn, expressExecutionArn } from '../../arn.js';
import { childName, runIdOf } from '../../host/map-runs/documents.js';
import { faultOf } from '../../host/map-runs/fault.js';
import { childInputs } from '../../host/map-runs/read-inputs.js';
import type { ChildResult, MapData } from '../../host/ports.js';
import {
  awaitedMapRun,
  type Command,
  decideMapRun,
  EXPRESS_POLICY,
  itemSelection,
  type MapRun,
  type MapRunPlan,
  type MapRunStimulus,
  newMapRun,
  readPlan,
  STANDARD_POLICY,
  type StimulusBody,
} from '../../interpreter/index.js';
import { type ChildDefinition, childDefinition } from '../../language/child-definition.js';
import { Payload } from '../../payload/index.js';
import type { HostedExecution, World } from './hosted-execution.js';
import type { Position } from './itinerary.js';

/** A distributed Map's run in a scenario: decides by `decideMapRun`, as the server's does; its children are executions of the scenario. */
export class ScenarioMapRun {
  readonly #run: MapRun;
  readonly #inputs: { readonly text: string; readonly itemCount: number }[] = [];
  readonly #children = new Map<number, HostedExecution>();
  #output: string | null = null;

  private constructor(
    private readonly world: World,
    private readonly parent: HostedExecution,
    private readonly given: {
      readonly command: Command & { readonly type: 'StartMapRun' };
      readonly plan: MapRunPlan;
      readonly child: ChildDefinition;
      readonly position: Position;
      readonly mapData: MapData;
    },
  ) {
    this.#run = newMapRun(given.plan);
  }

  /** Reads the items, and begins with the children when they are there. */
  static start(
    world: World,
    parent: HostedExecution,
    command: Command & { readonly type: 'StartMapRun' },
    mapData: MapData,
  ) {
    const { execution, hosted, itinerary } = parent;
    const awaited = awaitedMapRun(execution, command.mapRun);
    if (awaited === null) return null;
    const { frame, awaits } = awaited;
    const plan = readPlan(awaits.plan);
    const child = childDefinition(hosted.definition, plan.label);
    const select = itemSelection(hosted.definition, execution, command.mapRun, {
      at: world.clock.now(),
      seed: world.seed(),
      policy: hosted.policy,
    });
    if (child === null || select === null) throw new Error(`Broken invariant: there is no map run '${plan.label}'`);
    const position = itinerary.positionOf(frame.id);
    const run = new ScenarioMapRun(world, parent, { command, plan, child, position, mapData });
    const bytesMax = hosted.policy.quotas.payloadBytesMax;
    const source = {
      plan,
      items: awaits.items,
      select,
      mapData,
      bytesMax,
      isWanted: () => run.#run.phase === 'reading',
    };
    world.work.take(`the items of '${position.text}'`, run.#read(childInputs(source)), (stimulus) =>
      run.#give(stimulus),
    );
    return run;
  }

  /** The parent does not wait any more. */
  stop(): void {
    this.#give({ type: 'StopRequested' });
  }

  async #read(inputs: AsyncIterable<{ readonly text: string; readonly itemCount: number }>): Promise<MapRunStimulus> {
    try {
      for await (const input of inputs) this.#inputs.push(input);
      const itemCount = this.#inputs.reduce((sum, input) => sum + input.itemCount, 0);
      return { type: 'ItemsRead', childCount: this.#inputs.length, itemCount };
    } catch (thrown) {
      return { type: 'ReadingFailed', ...faultOf(thrown, 'States.ItemReaderFailed') };
    }
  }

  #give(stimulus: MapRunStimulus): void {
    for (const command of decideMapRun(this.#run, stimulus)) {
      switch (command.type) {
        case 'StartChild':
          this.#startChild(command.index);
          break;
        case 'RedriveChild':
          throw new Error('Broken invariant: nothing is redriven in a scenario');
        case 'StopChild': {
          const child = this.#children.get(command.index);
          if (child !== undefined) this.world.post(child, { type: 'StopExecution' });
          break;
        }
        case 'WriteResults':
          this.world.work.take(`the results of '${this.given.position.text}'`, this.#write(), (done) =>
            this.#give(done),
          );
          break;
        case 'EndRun':
          this.#end();
          break;
        default:
          command satisfies never;
      }
    }
  }

  #startChild(index: number): void {
    const { command, child, plan, position } = this.given;
    const { identity } = this.parent.hosted;
    const [machineName] = identity.stateMachineName.split('/');
    const stateMachineArn = `${identity.stateMachineArn.split('/')[0]}/${plan.label}`;
    const name = childName(command.mapRunArn, index);
    const isExpress = child.executionType === 'EXPRESS';
    const arn = isExpress
      ? expressExecutionArn(stateMachineArn, name, runIdOf(command.mapRunArn))
      : executionArn(stateMachineArn, name);
    const { text = 'null', itemCount = 0 } = this.#inputs[index] ?? {};
    const { path, text: place, iteration } = position;
    const started = this.world.begin(
      {
        definition: child.definition,
        identity: { ...identity, arn, name, stateMachineArn, stateMachineName: `${machineName}/${plan.label}` },
        policy: isExpress ? EXPRESS_POLICY : STANDARD_POLICY,
        around: { path: `${path}/`, text: `${place}[${index}]/`, iteration: [...iteration, index] },
        ended: ({ execution }) => {
          if (execution.status !== 'RUNNING')
            this.#give({ type: 'ChildEnded', index, status: execution.status, itemCount, isRedrivable: true });
        },
      },
      Payload.ofText(text),
    );
    this.#children.set(index, started);
    this.#give({ type: 'ChildStarted', index, itemCount });
  }

  async #write(): Promise<MapRunStimulus> {
    const { plan, command, mapData } = this.given;
    const config = plan.writer?.writerConfig ? { writerConfig: plan.writer.writerConfig } : {};
    const bytesMax = this.parent.hosted.policy.quotas.payloadBytesMax;
    try {
      if (plan.writer?.parameters) {
        const request = { parameters: plan.writer.parameters, mapRunArn: command.mapRunArn, ...config };
        this.#output = (await mapData.writeResults(request, this.#results())).output;
      } else if (this.#run.outcome?.status === 'SUCCEEDED') {
        this.#output = await mapData.stateOutput({ stateName: plan.stateName, bytesMax, ...config }, this.#results());
      }
      if (this.#output === null) return { type: 'ResultsWritten', childCount: 0, itemCount: 0 };
      const written = [...this.#children.keys()].map((index) => this.#inputs[index]?.itemCount ?? 0);
      const itemCount = written.reduce((sum, count) => sum + count, 0);
      return { type: 'ResultsWritten', childCount: written.length, itemCount };
    } catch (thrown) {
      return { type: 'WritingFailed', ...faultOf(thrown, 'States.ResultWriterFailed') };
    }
  }

  /** In the items' order. */
  async *#results(): AsyncGenerator<ChildResult> {
    for (const [index, { text }] of this.#inputs.entries()) {
      const child = this.#children.get(index);
      if (child === undefined || child.execution.status === 'RUNNING') continue;
      const { status, output, failure, startedAt, at, identity } = child.execution;
      yield {
        executionArn: identity.arn,
        stateMachineArn: identity.stateMachineArn,
        name: identity.name,
        input: text,
        status,
        startedAt,
        stoppedAt: at,
        ...(output !== null && { output: output.text }),
        ...failure,
        redriveCount: 0,
        redriveStatus: status === 'SUCCEEDED' ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
      };
    }
  }

  #end(): void {
    const { outcome } = this.#run;
    const { mapRun } = this.given.command;
    const post = (body: StimulusBody): void => this.world.post(this.parent, body);
    if (outcome?.status === 'SUCCEEDED')
      post({ type: 'MapRunSucceeded', mapRun, result: Payload.ofText(this.#output ?? '[]') });
    else if (outcome?.status === 'FAILED')
      post({ type: 'MapRunFailed', mapRun, error: outcome.error, cause: outcome.cause });
  }
}
