import type { Socket } from 'node:net';
import type { Log } from '@enterprise-backup/agent/json-log';
import { userOfSocket } from './peer-user.ts';
import { ServiceRefusal } from './service-error.ts';

const root = 0;

/** Lets only processes of this process's user and of root invoke functions, where the system tells whose they are. */
export class PeerCheck {
  /** The user of this process, or null where the system does not tell. */
  readonly #user: number | null;
  readonly #known = new WeakMap<Socket, Promise<number | null>>();

  private constructor(user: number | null) {
    this.#user = user;
  }

  /** Finds out by the endpoint's own listening socket whether the system tells the users of sockets. */
  static async forPort(port: number, log: Log): Promise<PeerCheck> {
    const user = process.getuid?.() ?? null;
    const seen = await userOfSocket({ address: '127.0.0.1', port }, null);
    if (user !== null && seen === user) return new PeerCheck(user);
    log.warn(
      'the system does not tell which user is at the other end of a connection: any user here may invoke functions',
    );
    return new PeerCheck(null);
  }

  /** Throws ServiceRefusal AccessDeniedException when the other end is another user's process. */
  async refuseOthers(socket: Socket): Promise<void> {
    if (this.#user === null) return;
    const peer = await this.#peerOf(socket);
    if (peer === this.#user || peer === root) return;
    throw new ServiceRefusal(
      'AccessDeniedException',
      'this platform takes requests of the user who started it and of root only',
    );
  }

  /** One look for each connection: its other end stays the same process's, or one that this process handed it to. */
  #peerOf(socket: Socket): Promise<number | null> {
    const known = this.#known.get(socket);
    if (known !== undefined) return known;
    const { remoteAddress, remotePort, localAddress, localPort } = socket;
    const found =
      remoteAddress === undefined || remotePort === undefined || localAddress === undefined || localPort === undefined
        ? Promise.resolve(null)
        : userOfSocket({ address: remoteAddress, port: remotePort }, { address: localAddress, port: localPort });
    this.#known.set(socket, found);
    return found;
  }
}
