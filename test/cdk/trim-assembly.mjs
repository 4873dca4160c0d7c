// Makes a small fixture of a synthesised assembly: `node trim-assembly.mjs <cdk.out> <to>` leaves out what no deployment reads
// (construct tree, stack traces with this machine's paths, the report of feature flags).

import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const [from, to] = process.argv.slice(2);
const UNREAD = /^(tree|validation-report)\.json$|\.metadata\.json$/;
const UNREAD_TYPES = ['cdk:tree', 'cdk:feature-flag-report'];

rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true, filter: (path) => !UNREAD.test(basename(path)) });
const file = join(to, 'manifest.json');
const manifest = JSON.parse(readFileSync(file, 'utf8'));
const artifacts = Object.entries(manifest.artifacts)
  .filter(([, { type }]) => !UNREAD_TYPES.includes(type))
  .map(([id, { additionalMetadataFile, metadata, ...artifact }]) => [id, artifact]);
writeFileSync(file, `${JSON.stringify({ ...manifest, artifacts: Object.fromEntries(artifacts) }, null, 2)}\n`);
