import { z } from 'zod';
import { PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX } from '../../limits.js';

const limit = z.coerce
  .number({ error: `Expected 'limit' to be a whole number from 1 to ${PAGE_ITEMS_MAX}.` })
  .int()
  .min(1)
  .max(PAGE_ITEMS_MAX)
  .default(PAGE_ITEMS_DEFAULT);
const seq = z.coerce.number({ error: "Expected 'after' to be a whole number." }).int().min(0);
const text = z.string().min(1);
const orNull = <Schema extends z.ZodType>(schema: Schema) =>
  schema.optional().transform((value): z.output<Schema> | null => value ?? null);

export const executionsQuery = z.object({
  machine: orNull(text),
  status: orNull(z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'])),
  limit,
  after: orNull(text),
});

export const executionQuery = z.object({ arn: text });

export const followQuery = z.object({ arn: text, after: seq.default(0) });

export const logsQuery = z.object({
  function: text,
  requestId: orNull(text),
  after: orNull(text),
  limit,
  follow: z.enum(['0', '1']).default('0'),
});

export const mailsQuery = z.object({ limit, after: orNull(text) });

export const openWaitsQuery = z.object({ machine: orNull(text), limit, after: orNull(text) });

export const waitAnswer = z.union(
  [
    z.strictObject({ id: text, output: z.string() }),
    z.strictObject({ id: text, error: text, cause: orNull(z.string()) }),
  ],
  { error: "Expected 'id' with either 'output' (JSON text) or 'error' and, where there is one, 'cause'." },
);

export const waitId = z.strictObject({ id: text }, { error: "Expected 'id', and nothing else." });

export const deployBody = z.object({
  template: text,
  parameters: z.record(z.string(), z.string()).default({}),
  region: z.string().min(1).nullable().default(null),
  allowUnsupported: z.boolean().default(false),
  fill: z.boolean().default(false),
  stacks: z.array(z.string()).default([]),
});
