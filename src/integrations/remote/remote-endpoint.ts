import { REMOTE_CALL_MS_MAX, SDK_ANSWER_BYTES_MAX } from '../../limits.js';
import { encode, signed } from '../../services/aws-signature.js';
import { exchange } from '../../services/http-exchange.js';
import type { ServiceModel } from '../../services/models/index.js';
import type { Clock } from '../../services/ports.js';
import type { AwsEndpoint, ServiceCall } from '../aws-sdk/index.js';
import type { WireAnswer } from '../aws-sdk/wire.js';
import type { CredentialSource } from './credentials.js';
import type { RemoteTarget } from './rules.js';

/** AWS, or another endpoint that speaks its protocols; requests are signed with real credentials. */
export class RemoteEndpoint implements AwsEndpoint {
  constructor(
    private readonly target: RemoteTarget,
    private readonly options: { readonly credentials: CredentialSource; readonly clock: Clock },
  ) {}

  async send(call: ServiceCall, signal: AbortSignal): Promise<WireAnswer> {
    const { model, operation, request } = call;
    const base = new URL(this.target.type === 'aws' ? addressOf(call) : this.target.url);
    const path = base.pathname.replace(/\/$/, '') + request.path;
    const headers: Record<string, string> = {
      ...request.headers,
      host: base.host,
      'content-length': String(request.body.length),
      'user-agent': 'treadle',
    };
    const scope = { region: signingRegion(call), service: model.signingName, at: this.options.clock.now() };
    const all = operation.isUnsigned
      ? headers
      : signed({ ...request, path, headers }, await this.options.credentials(), scope);
    const query = request.query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
    const reply = await exchange(
      {
        method: request.method,
        url: new URL(`${base.origin}${path}${query === '' ? '' : `?${query}`}`),
        headers: Object.entries(all).filter(([name]) => name !== 'content-length'),
        body: request.body.length > 0 ? request.body : null,
      },
      { timeoutMs: REMOTE_CALL_MS_MAX, answerBytesMax: SDK_ANSWER_BYTES_MAX },
      signal,
    );
    const flat = [...reply.headers].map(([name, values]): [string, string] => [name, values.join(',')]);
    return { status: reply.status, headers: Object.fromEntries(flat), body: reply.body };
  }
}

/** Services without regions answer for one; S3 and STS have both. */
const isGlobal = ({ globalHost, signingName }: ServiceModel): boolean =>
  globalHost !== null && signingName !== 's3' && signingName !== 'sts';

const signingRegion = ({ model, region }: ServiceCall): string => (isGlobal(model) ? 'us-east-1' : region);

function addressOf({ model, request, region }: ServiceCall): string {
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const host = isGlobal(model) ? model.globalHost : `${model.endpointPrefix}.${region}.${suffix}`;
  return `https://${request.hostPrefix}${host}`;
}
