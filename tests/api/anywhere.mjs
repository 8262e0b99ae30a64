// Certificates, and requests to IAM Roles Anywhere that are signed with their keys as the service's credential helper
// signs them.

import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { rawRequest } from './server.mjs';

const run = promisify(execFile);

/** Extensions of a certificate (openssl x509 -extfile). */
export const AUTHORITY = 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n';
export const END_ENTITY = 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n';

let serial = 1000;

/** A key and a certificate for it, signed by the issuer (another name in the folder) or by itself: {x509, key}. */
export async function makeCertificate(folder, name, subject, extensions, { issuer, algorithm = 'RSA' } = {}) {
  const at = (end) => path.join(folder, `${name}.${end}`);
  const option = algorithm === 'EC' ? 'ec_paramgen_curve:P-256' : 'rsa_keygen_bits:2048';
  await run('openssl', ['genpkey', '-algorithm', algorithm, '-pkeyopt', option, '-out', at('key')]);
  await run('openssl', ['req', '-new', '-key', at('key'), '-subj', subject, '-out', at('csr')]);
  await writeFile(at('ext'), extensions);
  const signer = issuer === undefined ? ['-signkey', at('key')]
    : ['-CA', path.join(folder, `${issuer}.pem`), '-CAkey', path.join(folder, `${issuer}.key`)];
  await run('openssl', ['x509', '-req', '-in', at('csr'), ...signer, '-set_serial', String(serial += 1),
    '-days', '30', '-sha256', '-extfile', at('ext'), '-out', at('pem')]);
  return { x509: new crypto.X509Certificate(await readFile(at('pem'))), key: crypto.createPrivateKey(await readFile(at('key'))) };
}

const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');

/**
 * CreateSession, signed for a certificate. Parameters go in the query string, others in the body, as the credential
 * helper sends them; tamper: changes the signed headers.
 */
export function createSession(server, { x509, key }, { query = {}, body = {}, tamper = (headers) => headers } = {}) {
  const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const search = Object.keys(query).sort().filter((one) => query[one] !== undefined).map((one) => `${one}=${encode(query[one])}`).join('&');
  const text = JSON.stringify(body);
  const date = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const headers = {
    'content-type': 'application/json',
    host: `127.0.0.1:${server.port}`,
    'x-amz-date': date,
    'x-amz-x509': x509.raw.toString('base64'),
  };
  const signed = Object.keys(headers).sort();
  const canonical = ['POST', '/sessions', search, ...signed.map((one) => `${one}:${headers[one]}`), '', signed.join(';'), sha256(text)].join('\n');
  const algorithm = key.asymmetricKeyType === 'ec' ? 'AWS4-X509-ECDSA-SHA256' : 'AWS4-X509-RSA-SHA256';
  const scope = `${date.slice(0, 8)}/us-east-1/rolesanywhere/aws4_request`;
  const signature = crypto.sign('sha256', Buffer.from([algorithm, date, scope, sha256(canonical)].join('\n')), key).toString('hex');
  const holder = BigInt(`0x${x509.serialNumber}`).toString();
  headers.authorization = `${algorithm} Credential=${holder}/${scope}, SignedHeaders=${signed.join(';')}, Signature=${signature}`;
  return rawRequest(server, { target: `/sessions?${search}`, headers: tamper(headers), body: text });
}
