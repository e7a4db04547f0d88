import { readFile } from 'node:fs/promises';

/** An address of a TCP socket over IPv4. */
export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

/**
 * The kernel's tables of TCP sockets with each socket's user, proc_net_tcp(5) of Linux, and how each writes an IPv4
 * address: a socket of the IPv6 family that speaks to one has it behind ::ffff: (in the order of the machine's bytes).
 */
const socketTables = [
  { path: '/proc/self/net/tcp', prefix: '' },
  { path: '/proc/self/net/tcp6', prefix: '0000000000000000FFFF0000' },
];

/**
 * The user id of the process on this machine that holds the socket `local`, whose other end is `remote` (null for a
 * listening one). Null when the system has no such table or the socket is not in it.
 */
export async function userOfSocket(local: SocketAddress, remote: SocketAddress | null): Promise<number | null> {
  for (const { path, prefix } of socketTables) {
    const from = prefix + hexAddress(local);
    const to = prefix + hexAddress(remote ?? { address: '0.0.0.0', port: 0 });
    for (const line of (await readTable(path)).split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      if (fields[1] === from && fields[2] === to) return Number(fields[7]);
    }
  }
  return null;
}

async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}

/** As the tables write it: the four bytes from last to first (the machine is little-endian), then the port. */
function hexAddress({ address, port }: SocketAddress): string {
  const bytes = address.split('.').map(Number).reverse();
  const hex = (value: number, digits: number): string => value.toString(16).toUpperCase().padStart(digits, '0');
  return `${bytes.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`;
}
