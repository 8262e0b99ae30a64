// What the crash tests share: requests past the SDK, and choices that a seed repeats.

import http from 'node:http';
import { headersFor } from '../api/server.mjs';

/** A small linear congruential generator: the same seed, the same choices. random(n): 0 to n - 1. */
export function randomFrom(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
export const closeConnections = () => agent.destroy();

/** An answer of the server: its body. One that is an error, or none, is thrown; `answer` of what is thrown is the
 * error's body, or undefined when nobody knows what became of the request. */
export function call(server, operation, parameters) {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port: server.port, method: 'POST', agent, headers: headersFor(operation) },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (!response.complete)
            return reject(new Error('cut off'));
          const text = Buffer.concat(chunks).toString();
          const body = text === '' ? {} : JSON.parse(text); // answers of some operations are empty
          return response.statusCode === 200 ? resolve(body)
            : reject(Object.assign(new Error(JSON.stringify(body)), { answer: body }));
        });
      });
    request.on('error', reject);
    request.end(JSON.stringify(parameters));
  });
}
