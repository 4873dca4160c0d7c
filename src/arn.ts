/** Amazon Resource Names: `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** Everything after the fifth colon, e.g. `stateMachine:orders`. */
  readonly resource: string;
}

/** Null when `text` is not an ARN (fewer than six parts, or no `arn:` in front). */
export function parseArn(text: string): Arn | null {
  const parts = text.split(':');
  const [head, partition, service, region, account, ...resource] = parts;
  if (head !== 'arn' || !partition || !service || region === undefined || account === undefined) return null;
  if (resource.length === 0 || resource.join(':') === '') return null;
  return { partition, service, region, account, resource: resource.join(':') };
}

/** What stands between the given colon and the next; empty where there are fewer. Much cheaper than `parseArn` where the text is ours. */
function partOf(arn: string, colons: number): string {
  let from = 0;
  for (let colon = 0; colon < colons; colon++) {
    from = arn.indexOf(':', from) + 1;
    if (from === 0) return '';
  }
  const end = arn.indexOf(':', from);
  return arn.slice(from, end < 0 ? arn.length : end);
}

/** Of an ARN that is known to be one. */
export const regionOf = (arn: string): string => partOf(arn, 3);
export const accountOf = (arn: string): string => partOf(arn, 4);

/** The account and region that a request speaks for. */
export interface Place {
  readonly region: string;
  /** Twelve digits; `000000000000` unless configured. */
  readonly account: string;
}

export const stateMachineArn = (place: Place, name: string): string =>
  `arn:aws:states:${place.region}:${place.account}:stateMachine:${name}`;

/** The ARN of a Standard execution. `machineArn` may carry a version or an alias, which is left out. */
export function executionArn(machineArn: string, executionName: string): string {
  const place = `arn:aws:states:${regionOf(machineArn)}:${accountOf(machineArn)}`;
  return `${place}:execution:${partOf(machineArn, 6)}:${executionName}`;
}

export const activityArn = (place: Place, name: string): string =>
  `arn:aws:states:${place.region}:${place.account}:activity:${name}`;

/** Express executions of one name are told apart by `id`, a UUID. */
export const expressExecutionArn = (machineArn: string, executionName: string, id: string): string =>
  `${executionArn(machineArn, executionName).replace(':execution:', ':express:')}:${id}`;

export const functionArn = (place: Place, name: string): string =>
  `arn:aws:lambda:${place.region}:${place.account}:function:${name}`;

/** Without the version's number. */
export const layerArn = (place: Place, name: string): string =>
  `arn:aws:lambda:${place.region}:${place.account}:layer:${name}`;

export const topicArn = (place: Place, name: string): string => `arn:aws:sns:${place.region}:${place.account}:${name}`;

export const queueArn = (place: Place, name: string): string => `arn:aws:sqs:${place.region}:${place.account}:${name}`;

/** Without the `:*` that AWS puts behind a group's ARN in most places. */
export const logGroupArn = (place: Place, name: string): string =>
  `arn:aws:logs:${place.region}:${place.account}:log-group:${name}`;
/** Buckets are global names: no region, no account. */
export const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;

export const tableArn = (place: Place, name: string): string =>
  `arn:aws:dynamodb:${place.region}:${place.account}:table/${name}`;

export const alarmArn = (place: Place, name: string): string =>
  `arn:aws:cloudwatch:${place.region}:${place.account}:alarm:${name}`;
