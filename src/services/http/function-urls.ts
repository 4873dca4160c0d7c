import { createHash } from 'node:crypto';
import { parseArn } from '../../arn.js';
import type { Clock } from '../ports.js';
import type { FrontParts } from './front-parts.js';
import type { Cors, UrlPart } from './part.js';

export interface UrlRequest {
  /** Of the function, or of its alias. */
  readonly functionArn: string;
  readonly authType: UrlPart['authType'];
  readonly cors: Cors | null;
}

/** The address of a function that has none yet; the same each time, so that templates know it beforehand. */
export function urlPart({ functionArn, authType, cors }: UrlRequest, at: number): UrlPart {
  const [, functionName = '', qualifier = null] = parseArn(functionArn)?.resource.split(':') ?? [];
  return {
    part: 'url',
    name: urlPartName(functionArn),
    region: parseArn(functionArn)?.region ?? '',
    id: createHash('sha256').update(functionArn).digest('hex').slice(0, 32),
    functionName,
    functionArn,
    qualifier,
    authType,
    cors,
    createdAt: at,
    modifiedAt: at,
  };
}

export const urlPartName = (functionArn: string): string => `url ${functionArn}`;

/** Where a function's address is served, for whoever is told of it. */
export const functionUrl = (
  endpoint: string,
  { functionName, qualifier }: Pick<UrlPart, 'functionName' | 'qualifier'>,
): string => `${endpoint}/_http/${functionName}${qualifier === null ? '' : `:${qualifier}`}/`;

/** Functions' own addresses. */
export class FunctionUrls {
  constructor(
    private readonly parts: FrontParts,
    private readonly clock: Clock,
    readonly endpointUrl: () => string,
  ) {}

  /** Null: it has none. */
  find(functionArn: string): UrlPart | null {
    const part = this.parts.find(urlPartName(functionArn));
    return part?.part === 'url' ? part : null;
  }

  /** Of the function and its aliases. */
  list(functionArn: string): readonly UrlPart[] {
    const all = this.parts
      .urls()
      .filter((url) => url.functionArn === functionArn || url.functionArn.startsWith(`${functionArn}:`));
    return [...all].sort((a, b) => (a.functionArn < b.functionArn ? -1 : 1));
  }

  /** Makes it, or changes what is given. Durable when it resolves. */
  async put(request: UrlRequest): Promise<UrlPart> {
    const now = this.clock.now();
    const part = { ...urlPart(request, now), createdAt: this.find(request.functionArn)?.createdAt ?? now };
    await this.parts.put(part);
    return part;
  }

  remove(functionArn: string): Promise<void> {
    return this.parts.remove(urlPartName(functionArn));
  }
}
