import { isAbsolute } from 'node:path';
import type { Hono } from 'hono';
import { z } from 'zod';
import { ApiError } from '../port.js';
import type { BackupPorts } from './backup-ports.js';
import { parse, readJson } from './request.js';

const folder = z
  .string()
  .refine(isAbsolute, { error: "Expected 'folder' to be an absolute path." })
  .nullish()
  .transform((value) => value ?? null);
const text = z.string().min(1);

const backupsQuery = z.object({ folder });
const at = z.number().int().min(0);

const restoreBody = z.union(
  [
    z.strictObject({ at, folder, bucket: text, key: text }),
    z.strictObject({
      at,
      folder,
      table: text,
      key: z.record(z.string(), z.unknown()),
      region: text.nullish().transform((value) => value ?? null),
    }),
  ],
  { error: "Expected 'at' with either 'table' and 'key' (attributes, as in the API) or 'bucket' and 'key'." },
);

export function backupRoutes(app: Hono, ports: BackupPorts): void {
  app.get('/api/backups', async (c) => c.json(await ports.backups(parse(backupsQuery, c.req.query()).folder)));
  app.post('/api/backups', async (c) => c.json(await ports.backUp(parse(backupsQuery, await readJson(c)).folder), 202));
  app.post('/api/backups/restore', async (c) => c.json(await ports.restoreOne(parse(restoreBody, await readJson(c)))));
}

/** For the ports: what cannot be done, in the words of whoever found out. */
export const backupRefused = (message: string): ApiError => new ApiError('BackupRefused', message, 409);
