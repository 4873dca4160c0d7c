import {
  ConflictException,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DeleteStateMachineAliasCommand,
  DeleteStateMachineCommand,
  DeleteStateMachineVersionCommand,
  DescribeExecutionCommand,
  DescribeStateMachineAliasCommand,
  DescribeStateMachineCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListStateMachineAliasesCommand,
  ListStateMachineVersionsCommand,
  ListTagsForResourceCommand,
  PublishStateMachineVersionCommand,
  ResourceNotFound,
  SFNClient,
  StartExecutionCommand,
  StateMachineDoesNotExist,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineAliasCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, test } from 'vitest';
import { openBed } from './client-server.js';

const roleArn = 'arn:aws:iam::000000000000:role/any';
const passing = (result: number): string =>
  JSON.stringify({ StartAt: 'P', States: { P: { Type: 'Pass', Result: result, End: true } } });

const bed = openBed();
let client: SFNClient;
beforeAll(async () => {
  client = bed.use(new SFNClient({}));
});

let machines = 0;
/** A machine with the versions 1 (result 1) and 2 (result 2). */
async function machineWithVersions(): Promise<{ arn: string; v1: string; v2: string }> {
  const name = `versioned-${++machines}`;
  const created = await client.send(
    new CreateStateMachineCommand({
      name,
      definition: passing(1),
      roleArn,
      publish: true,
      versionDescription: 'first',
    }),
  );
  const arn = created.stateMachineArn ?? '';
  const updated = await client.send(
    new UpdateStateMachineCommand({ stateMachineArn: arn, definition: passing(2), publish: true }),
  );
  return { arn, v1: created.stateMachineVersionArn ?? '', v2: updated.stateMachineVersionArn ?? '' };
}

async function outputOf(stateMachineArn: string): Promise<{ output: string | undefined; description: object }> {
  const { executionArn } = await client.send(new StartExecutionCommand({ stateMachineArn }));
  const description = await client.send(new DescribeExecutionCommand({ executionArn }));
  return { output: description.output, description };
}

describe('versions', () => {
  test('are snapshots that go on as they were while the machine changes', async () => {
    const { arn, v1, v2 } = await machineWithVersions();
    expect([v1, v2]).toEqual([`${arn}:1`, `${arn}:2`]);
    await client.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition: passing(3) }));
    expect((await outputOf(arn)).output).toBe('3');
    expect((await outputOf(v1)).output).toBe('1');
    const { output, description } = await outputOf(v2);
    expect(output).toBe('2');
    expect(description).toMatchObject({ stateMachineArn: arn, stateMachineVersionArn: v2 });
    expect(description).not.toHaveProperty('stateMachineAliasArn');
    const first = await client.send(new DescribeStateMachineCommand({ stateMachineArn: v1 }));
    expect(first).toMatchObject({ stateMachineArn: v1, definition: passing(1), description: 'first' });
    const ofVersion = await client.send(new ListExecutionsCommand({ stateMachineArn: v2 }));
    expect(ofVersion.executions).toHaveLength(1);
    expect((await client.send(new ListExecutionsCommand({ stateMachineArn: arn }))).executions).toHaveLength(3);
  });

  test('publishing a published revision again gives the same version; a foreign revision is a conflict', async () => {
    const { arn, v2 } = await machineWithVersions();
    const again = await client.send(new PublishStateMachineVersionCommand({ stateMachineArn: arn }));
    expect(again.stateMachineVersionArn).toBe(v2);
    const { revisionId } = await client.send(
      new UpdateStateMachineCommand({ stateMachineArn: arn, definition: passing(3) }),
    );
    const stale = new PublishStateMachineVersionCommand({ stateMachineArn: arn, revisionId: 'INITIAL' });
    await expect(client.send(stale)).rejects.toThrow(
      `Failed to publish the State Machine version for revision INITIAL. The current State Machine revision is ${revisionId}.`,
    );
    const third = await client.send(
      new PublishStateMachineVersionCommand({ stateMachineArn: arn, ...(revisionId && { revisionId }) }),
    );
    expect(third.stateMachineVersionArn).toBe(`${arn}:3`);
  });

  test('are listed newest first, in pages; a number is never given twice', async () => {
    const { arn, v1, v2 } = await machineWithVersions();
    const page = await client.send(new ListStateMachineVersionsCommand({ stateMachineArn: arn, maxResults: 1 }));
    expect(page.stateMachineVersions?.map((version) => version.stateMachineVersionArn)).toEqual([v2]);
    const { nextToken } = page;
    const rest = await client.send(
      new ListStateMachineVersionsCommand({ stateMachineArn: arn, ...(nextToken && { nextToken }) }),
    );
    expect(rest.stateMachineVersions?.map((version) => version.stateMachineVersionArn)).toEqual([v1]);
    await client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: v2 }));
    await client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: v2 })); // is gone already
    await expect(outputOf(v2)).rejects.toThrow(StateMachineDoesNotExist);
    const next = await client.send(new PublishStateMachineVersionCommand({ stateMachineArn: arn }));
    expect(next.stateMachineVersionArn).toBe(`${arn}:3`);
  });

  test('ten published at once are ten different ones', async () => {
    const { arn } = await machineWithVersions();
    const updates = Array.from({ length: 10 }, (_, index) =>
      client.send(
        new UpdateStateMachineCommand({ stateMachineArn: arn, definition: passing(10 + index), publish: true }),
      ),
    );
    const arns = (await Promise.all(updates)).map((update) => update.stateMachineVersionArn);
    expect(new Set(arns).size).toBe(10);
  });
});

describe('aliases', () => {
  const routes = (...pairs: readonly (readonly [string, number])[]) =>
    pairs.map(([stateMachineVersionArn, weight]) => ({ stateMachineVersionArn, weight }));

  test('lead to the version, and divide starts by weight', async () => {
    const { arn, v1, v2 } = await machineWithVersions();
    const { stateMachineAliasArn = '' } = await client.send(
      new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration: routes([v1, 100]) }),
    );
    expect(stateMachineAliasArn).toBe(`${arn}:live`);
    const { output, description } = await outputOf(stateMachineAliasArn);
    expect(output).toBe('1');
    expect(description).toMatchObject({ stateMachineAliasArn, stateMachineVersionArn: v1 });
    const { executionArn } = description as { executionArn: string };
    const history = await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1 }));
    expect(history.events?.[0]?.executionStartedEventDetails).toMatchObject({ stateMachineAliasArn });

    await client.send(
      new UpdateStateMachineAliasCommand({ stateMachineAliasArn, routingConfiguration: routes([v1, 50], [v2, 50]) }),
    );
    const outputs = new Set<string | undefined>();
    for (let start = 0; start < 40; start++) outputs.add((await outputOf(stateMachineAliasArn)).output);
    expect([...outputs].sort()).toEqual(['1', '2']); // one alone has a chance of 2^-39
    const listed = await client.send(new ListExecutionsCommand({ stateMachineArn: stateMachineAliasArn }));
    expect(listed.executions).toHaveLength(41);
  });

  test('keep their versions from being deleted, and go with the machine', async () => {
    const { arn, v1, v2 } = await machineWithVersions();
    await client.send(new CreateStateMachineAliasCommand({ name: 'a', routingConfiguration: routes([v1, 100]) }));
    await expect(client.send(new DeleteStateMachineVersionCommand({ stateMachineVersionArn: v1 }))).rejects.toThrow(
      'Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [a]',
    );
    const ofV2 = await client.send(new ListStateMachineAliasesCommand({ stateMachineArn: v2 }));
    expect(ofV2.stateMachineAliases).toEqual([]);
    await client.send(new DeleteStateMachineCommand({ stateMachineArn: arn }));
    await expect(
      client.send(new DescribeStateMachineAliasCommand({ stateMachineAliasArn: `${arn}:a` })),
    ).rejects.toThrow(ResourceNotFound);
    await expect(outputOf(`${arn}:a`)).rejects.toThrow(StateMachineDoesNotExist);
  });

  test('are checked: weights, distinct versions of one machine that exist, the same request again', async () => {
    const { v1, v2, arn } = await machineWithVersions();
    const create = (routingConfiguration: ReturnType<typeof routes>, name = 'b') =>
      client.send(new CreateStateMachineAliasCommand({ name, routingConfiguration }));
    await expect(create(routes([v1, 70], [v2, 29]))).rejects.toThrow(
      'Sum of routing configuration weights must equal 100. Received: [70, 29]',
    );
    await expect(create(routes([v1, 50], [v1, 50]))).rejects.toThrow(
      `Routing configuration must contain distinct state machine version ARNs. Received: [${v1}, ${v1}]`,
    );
    await expect(create(routes([`${arn}:9`, 100]))).rejects.toThrow(ResourceNotFound);
    await expect(create(routes([v1, 100]), '17')).rejects.toThrow('Member must satisfy regular expression pattern');
    const first = await create(routes([v1, 100]));
    expect((await create(routes([v1, 100]))).creationDate).toEqual(first.creationDate);
    await expect(create(routes([v2, 100]))).rejects.toThrow(ConflictException);
    await client.send(new DeleteStateMachineAliasCommand({ stateMachineAliasArn: `${arn}:b` }));
    await create(routes([v2, 100]));
  });
});

describe('tags', () => {
  test('are given at creation, added, replaced and taken off', async () => {
    const created = await client.send(
      new CreateStateMachineCommand({
        name: 'tagged',
        definition: passing(1),
        roleArn,
        tags: [{ key: 'team', value: 'shop' }],
      }),
    );
    const resourceArn = created.stateMachineArn ?? '';
    const tags = async () => (await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    expect(await tags()).toEqual([{ key: 'team', value: 'shop' }]);
    await client.send(
      new TagResourceCommand({
        resourceArn,
        tags: [
          { key: 'team', value: 'till' },
          { key: 'cost', value: '' },
        ],
      }),
    );
    expect(await tags()).toEqual([
      { key: 'team', value: 'till' },
      { key: 'cost', value: '' },
    ]);
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['team', 'other'] }));
    expect(await tags()).toEqual([{ key: 'cost', value: '' }]);
    const many = Array.from({ length: 50 }, (_, index) => ({ key: `k${index}`, value: '' }));
    await expect(client.send(new TagResourceCommand({ resourceArn, tags: many }))).rejects.toThrow(
      'Expected at most 50 tags',
    );
    await client.send(new DeleteStateMachineCommand({ stateMachineArn: resourceArn }));
    await expect(tags()).rejects.toThrow(ResourceNotFound);
  });

  test('are refused on versions, and with signs that AWS does not take', async () => {
    const { arn, v1 } = await machineWithVersions();
    const tag = (resourceArn: string, key: string) =>
      client.send(new TagResourceCommand({ resourceArn, tags: [{ key, value: 'v' }] }));
    await expect(tag(v1, 'k')).rejects.toThrow(ResourceNotFound);
    await expect(tag(arn, 'a*b')).rejects.toThrow('Tags may only contain letters');
  });
});
