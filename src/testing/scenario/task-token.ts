/** What the worker of an activity is given with its task. */
export const activityToken = (executionArn: string, task: number): string =>
  Buffer.from(`${executionArn} ${task} activity`).toString('base64');

/** Execution and task that a token names, or null where it is no token of ours. */
export function readToken(token: string): { readonly executionArn: string; readonly task: number } | null {
  const [executionArn = '', task = ''] = Buffer.from(token, 'base64').toString().split(' ');
  return executionArn.startsWith('arn:') && /^\d+$/.test(task) ? { executionArn, task: Number(task) } : null;
}

/** The task's token, wherever its parameters carry it; null where they do not. */
export function tokenIn(text: string, executionArn: string, task: number): string | null {
  const start = Buffer.from(`${executionArn} ${task} `);
  // Whole groups of three bytes: what follows them changes no letter of theirs.
  const letters = start.subarray(0, start.length - (start.length % 3)).toString('base64');
  const at = text.indexOf(letters);
  if (at < 0) return null;
  const token = /^[A-Za-z0-9+/]+={0,2}/.exec(text.slice(at))?.[0] ?? '';
  return readToken(token)?.task === task ? token : null;
}
