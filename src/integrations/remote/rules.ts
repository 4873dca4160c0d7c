import { serviceModel } from '../../services/models/index.js';
import type { TaskCall } from '../port.js';

/** Where calls go instead of this server. */
export type RemoteTarget =
  /** AWS, in the execution's region. */
  | { readonly type: 'aws' }
  /** Another endpoint that speaks AWS's protocols. */
  | { readonly type: 'url'; readonly url: string };

export type RemoteScope =
  /** As in `aws-sdk:<service>`; its optimised integrations are meant as well. */
  | { readonly type: 'service'; readonly service: string }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'state'; readonly machine: string; readonly state: string }
  /** Whatever this server does not run. */
  | { readonly type: 'rest' };

export interface RemoteRule {
  readonly scope: RemoteScope;
  readonly target: RemoteTarget;
}

/**
 * A setting as `--remote` takes it: `dynamodb=aws`, `s3=http://minio:9000`, `function/charge=aws`, `state/orders/Pay=aws`, `*=aws`.
 * Throws with what is wrong.
 */
export function parseRemoteRule(text: string): RemoteRule {
  const at = text.lastIndexOf('=', text.includes('://') ? text.indexOf('://') : undefined);
  if (at < 1) {
    throw new Error(
      `Expected '<what>=<where>', for example 'dynamodb=aws' or 's3=http://minio:9000', but it is '${text}'.`,
    );
  }
  return { scope: parseScope(text.slice(0, at)), target: parseTarget(text.slice(at + 1)) };
}

function parseScope(text: string): RemoteScope {
  if (text === '*') return { type: 'rest' };
  const [kind, first, ...rest] = text.split('/');
  if (kind === 'function' && first && rest.length === 0) return { type: 'function', name: first };
  if (kind === 'state' && first && rest.join('/') !== '')
    return { type: 'state', machine: first, state: rest.join('/') };
  if (first === undefined && serviceModel(text) !== null) return { type: 'service', service: text };
  throw new Error(
    `Expected a service of the AWS SDK integrations (dynamodb, s3, secretsmanager, …), 'function/<name>', ` +
      `'state/<machine>/<state>' or '*', but it is '${text}'.`,
  );
}

function parseTarget(text: string): RemoteTarget {
  if (text === 'aws') return { type: 'aws' };
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return { type: 'url', url: text };
  throw new Error(`Expected 'aws' or the URL of an endpoint that speaks AWS's protocols, but it is '${text}'.`);
}

/** The target that was named for this call: by its state, its function, or its service. Null: this server's own. */
export function namedTarget(rules: readonly RemoteRule[], call: TaskCall, service: string | null): RemoteTarget | null {
  const machine = call.stateMachineArn.split(':')[6] ?? '';
  const name = functionNameOf(call);
  const matches: readonly ((scope: RemoteScope) => boolean)[] = [
    (scope) => scope.type === 'state' && scope.machine === machine && scope.state === call.stateName,
    (scope) => scope.type === 'function' && scope.name === name,
    (scope) => scope.type === 'service' && scope.service === service,
  ];
  for (const is of matches) {
    const found = rules.find(({ scope }) => is(scope));
    if (found !== undefined) return found.target;
  }
  return null;
}

export const restTarget = (rules: readonly RemoteRule[]): RemoteTarget | null =>
  rules.find(({ scope }) => scope.type === 'rest')?.target ?? null;

/** `charge` of `charge`, `charge:live`, an ARN, or an ARN with a qualifier. */
function functionNameOf({ resourceType, resource, parameters }: TaskCall): string | null {
  if (resourceType === 'function') return nameIn(resource);
  if (resourceType !== 'lambda' && resourceType !== 'aws-sdk:lambda') return null;
  const { value } = parameters;
  const given = typeof value === 'object' && value !== null && 'FunctionName' in value ? value.FunctionName : null;
  return typeof given === 'string' ? nameIn(given) : null;
}

function nameIn(reference: string): string {
  const parts = reference.split(':');
  const at = parts.indexOf('function');
  return (at < 0 ? parts[0] : parts[at + 1]) ?? reference;
}
