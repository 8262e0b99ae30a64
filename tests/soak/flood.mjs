// Thousands of connections beside the load: silent ones, requests that stop in the middle, garbage, ends that are closed on
// one side only.

import net from 'node:net';
import { headersFor } from '../api/server.mjs';

const head = `POST / HTTP/1.1\r\nHost: localhost\r\n${Object.entries(headersFor('GetItem')).map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;

const kinds = [
  () => {}, // says nothing
  (socket) => socket.write('POST / HT'),
  (socket) => socket.write(`${head}Content-Length: 1000\r\n\r\n{"TableName":`),
  (socket, random) => socket.write(Buffer.from(Array.from({ length: 1 + random(3000) }, () => random(256)))),
  (socket) => { socket.write(head); socket.end(); }, // half open
  (socket) => { socket.write(`${head}Content-Length: 2\r\n\r\n{}`); socket.pause(); }, // never reads its answer
  (socket) => socket.destroy(),
];

/** Opens `count` connections; close() ends them. */
export function flood(server, count, random) {
  const sockets = Array.from({ length: count }, () => {
    const kind = kinds[random(kinds.length)];
    const socket = net.connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    socket.on('connect', () => kind(socket, random));
    socket.on('data', () => {});
    return socket;
  });
  return { close: () => sockets.forEach((socket) => socket.destroy()) };
}
