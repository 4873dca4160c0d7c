import { BlockList, isIP } from 'node:net';
import { invalidPattern } from './fault.js';

/** Whether a text is an IP address in the range `10.0.0.0/24` or `2001:db8::/32`; an address alone is a range of one. */
export function parseCidr(range: string): (text: string) => boolean {
  const [address = '', bits, ...more] = range.split('/');
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  const length = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : -1;
  if (version === 0 || more.length > 0 || length < 0 || length > longest) {
    throw invalidPattern(`Malformed CIDR, expected an IP address with the bits of its mask: ${range}`);
  }
  const type = version === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(address, length, type);
  return (text) => isIP(text) === version && list.check(text, type);
}
