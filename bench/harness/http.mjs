// A client with kept connections that costs as little as Node's own can.

import { Agent, request } from 'node:http';

export function httpClient({ connections }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const once = (url, { method = 'POST', headers = {}, body = '' } = {}) =>
    new Promise((resolve, reject) => {
      const length = { 'content-length': Buffer.byteLength(body) };
      const sent = request(url, { agent, method, headers: { ...headers, ...length } }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () => (response.statusCode < 300 ? resolve(text) : reject(new Error(text))));
        response.on('error', reject);
      });
      sent.on('error', (fault) => reject(Object.assign(fault, { isOnKept: sent.reusedSocket })));
      sent.end(body);
    });
  /** Gives the body of the answer; rejects when it is a refusal. */
  const send = (url, options) =>
    once(url, options).catch((fault) => {
      // The server has let an idle connection go in the moment in which it was used again.
      if (fault.isOnKept && fault.code === 'ECONNRESET') return send(url, options);
      throw fault;
    });
  return { send, close: () => agent.destroy() };
}
