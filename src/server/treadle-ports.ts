import { fileURLToPath } from 'node:url';
import type { TreadlePorts } from '../api/treadle/index.js';
import type { Place } from '../arn.js';
import { backupPorts } from './backup/backup-ports.js';
import type { Backups } from './backup/backups.js';
import type { Deployer } from './deploy/index.js';
import { ExecutionsView } from './executions-view.js';
import { FunctionsView } from './functions-view.js';
import type { HealthWatch } from './health.js';
import type { Engine, Services } from './index.js';
import { mailsPage } from './mails-view.js';
import { OpenWaitsView } from './open-waits-view.js';

/** What the API under `/_treadle/` is answered from. */
export interface Views {
  readonly services: Services;
  readonly engine: Engine;
  readonly deployer: Deployer;
  readonly watch: HealthWatch;
  readonly backups: Backups;
  readonly place: Place;
}

export function treadlePorts({ services, engine, deployer, watch, backups, place }: Views): TreadlePorts {
  const executions = new ExecutionsView(services.store.executions, engine);
  const functions = new FunctionsView(services.functions);
  const waits = new OpenWaitsView(services.store.records, engine);
  const { sns } = services;
  return {
    consoleFolder: fileURLToPath(new URL('../../console/dist', import.meta.url)),
    health: () => watch.health(),
    prometheus: () => services.observability.page(),
    machines: () => executions.machineRows(),
    executions: (query) => executions.page(query),
    why: (arn) => executions.why(arn),
    follow: (arn, after, signal) => executions.follow(arn, after, signal),
    end: (arn, signal) => executions.end(arn, signal),
    functions: async () => functions.rows(),
    logs: (query) => functions.logs(query),
    followLogs: (query, signal) => functions.followLogs(query, signal),
    mails: (query) => mailsPage(sns.outbox, query),
    openWaits: (query) => waits.page(query),
    answerWait: (answer) => waits.answer(answer),
    sendAgain: (id) => waits.sendAgain(id),
    deploy: (request, onProgress) => deployer.deploy(request, onProgress),
    ...backupPorts({ backups, s3: services.s3, tables: services.tables, place }),
  };
}
