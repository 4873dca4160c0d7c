import type { HttpApi } from '../api/http.js';

/** Takes the address; gives the endpoint. Throws PortInUse or AddressUnusable. */
export async function listen(
  http: HttpApi,
  { port, host }: { readonly port: number; readonly host: string },
): Promise<string> {
  try {
    const taken = await http.listen({ port, host });
    return endpointOf(host, taken);
  } catch (fault) {
    const { code, message } = fault as NodeJS.ErrnoException; // what node:net rejects with
    if (code === 'EADDRINUSE') {
      throw new PortInUse(
        `Expected port ${port} on ${host} to be free, but something listens there already. Stop it, or choose another with --port.`,
      );
    }
    throw new AddressUnusable(
      `Expected to be able to listen on ${host}, port ${port}, but it is not possible (${message}). ` +
        'Choose an address of this machine with --host, and a port above 1023 with --port.',
    );
  }
}

/** Where the server is called from its own machine, by functions too. */
export function endpointOf(host: string, port: number): string {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Somebody else listens on the port. */
export class PortInUse extends Error {
  override readonly name = 'PortInUse';
}

/** The address is not this machine's, or the port is reserved. */
export class AddressUnusable extends Error {
  override readonly name = 'AddressUnusable';
}
