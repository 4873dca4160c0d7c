import { ApiError } from '../port.js';

/** Which task a token names. The token is genuine when the task itself knows it. */
export interface NamedTask {
  readonly executionArn: string;
  /** Seq of the scheduled record. */
  readonly task: number;
}

/** `secret` makes it unguessable. Tokens of `.waitForTaskToken` are made alike where the task is scheduled. */
export const writeTaskToken = (executionArn: string, task: number, secret: string): string =>
  Buffer.from([executionArn, task, secret].join(' ')).toString('base64');

/** Throws InvalidToken for what is none of our tokens. */
export function readTaskToken(token: string): NamedTask {
  const [executionArn, task] = Buffer.from(token, 'base64').toString().split(' ');
  if (executionArn?.startsWith('arn:') && task && /^\d+$/.test(task)) return { executionArn, task: Number(task) };
  throw new ApiError('InvalidToken', "Invalid Token: 'Invalid token'");
}
