import type { Address } from '../../services/http/front-parts.js';
import type { FrontAnswer, FrontRequest } from './front-request.js';

/**
 * Pages under `/_http/` would be of the same origin as the console and AWS's protocols, and could call them as their reader. So a
 * browser that goes to one is sent to the address's own host, which is an origin of its own …
 */
export function redirectToOrigin(address: Address | null, request: FrontRequest): FrontAnswer | null {
  if (address === null || address.part === 'webhook' || !request.isByPath) return null;
  const isVisit = request.method === 'GET' && request.headers['sec-fetch-mode'] === 'navigate';
  const [, name = '', port = ''] = LOOPBACK.exec(request.host) ?? [];
  if (!isVisit || name === '') return null;
  const service = address.part === 'url' ? 'lambda-url' : 'execute-api';
  const query = request.query === '' ? '' : `?${request.query}`;
  const location = `http://${address.id}.${service}.${address.region}.localhost${port}${request.path}${query}`;
  return { status: 307, headers: { location }, body: '' };
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/;

/** … and a page that is shown there all the same (by another machine, an old browser) is of no origin. */
export function withoutOrigin(answer: FrontAnswer, { isByPath }: FrontRequest): FrontAnswer {
  const type = answer.headers['content-type'];
  if (!isByPath || typeof type !== 'string' || !DOCUMENT.test(type)) return answer;
  const sandbox = 'sandbox allow-downloads allow-forms allow-modals allow-popups allow-scripts';
  return { ...answer, headers: { ...answer.headers, 'content-security-policy': sandbox } };
}

/** What a browser shows as a document that may have scripts. */
const DOCUMENT = /html|xml|svg|pdf/i;
