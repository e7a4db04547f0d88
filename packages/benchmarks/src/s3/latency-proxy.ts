import { connect, createServer, type Socket } from 'node:net';

/**
 * Passes TCP connections on, with a delay: `node latency-proxy.ts TARGET_PORT MILLISECONDS`. It prints its port once it
 * listens on 127.0.0.1. Every byte comes later by half of the milliseconds in each direction, so that a request and its
 * answer take all of them longer; how many bytes a second pass is not limited.
 */
const [, , targetPort = '0', milliseconds = '0'] = process.argv;
const delay = Number(milliseconds) / 2;
/** Most that waits on one connection and direction; the sender waits then, as with a full link. */
const mostWaiting = 16 * 1024 * 1024;

const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
  const target = connect({ port: Number(targetPort), host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
  pass(client, target);
  pass(target, client);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`);
});

function pass(from: Socket, to: Socket): void {
  let waiting = 0;
  const goOnWhenRoom = () => {
    if (waiting <= mostWaiting && !to.writableNeedDrain) from.resume();
    else from.pause();
  };
  from.on('data', (bytes) => {
    waiting += bytes.length;
    goOnWhenRoom();
    setTimeout(() => {
      waiting -= bytes.length;
      if (!to.destroyed) to.write(bytes);
      goOnWhenRoom();
    }, delay);
  });
  to.on('drain', goOnWhenRoom);
  from.on('end', () => setTimeout(() => to.end(), delay));
  from.on('error', () => to.destroy());
  from.on('close', () => setTimeout(() => to.destroy(), delay * 2));
}
