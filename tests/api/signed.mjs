// Signs raw requests with Signature Version 4, and lets a test spoil any part of that.

import { createHash, createHmac } from 'node:crypto';
import { rawRequest } from './server.mjs';

const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

/** 20260131T120000Z, so many seconds from now. */
export function amzDate(secondsFromNow = 0) {
  return new Date(Date.now() + secondsFromNow * 1000).toISOString().replace(/[-:]|\.\d+/g, '');
}

/** Headers of a signed POST; what is given stands in the place of what a sound client would sign. */
export function signedHeaders(server, credentials, target, body, spoilt = {}) {
  const date = spoilt.date ?? amzDate();
  const { day = date.slice(0, 8), region = 'us-east-1', service = 'dynamodb', terminator = 'aws4_request' } = spoilt;
  const signed = {
    'content-type': 'application/x-amz-json-1.0',
    host: `127.0.0.1:${server.port}`,
    'x-amz-date': date,
    ...(credentials.sessionToken === undefined ? {} : { 'x-amz-security-token': credentials.sessionToken }),
    'x-amz-target': target,
  };
  const names = spoilt.names ?? Object.keys(signed).join(';');
  const canonical = ['POST', '/', '', ...names.split(';').map((name) => `${name}:${signed[name] ?? ''}`), '', names,
    sha256(body)].join('\n');
  const scope = `${day}/${region}/${service}/${terminator}`;
  const key = [day, region, service, terminator].reduce(hmac, `AWS4${spoilt.secret ?? credentials.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${spoilt.credential ?? `${credentials.accessKeyId}/${scope}`}, ` +
    `SignedHeaders=${names}, Signature=${spoilt.signature ?? signature}`;
  return { ...signed, authorization, ...spoilt.headers };
}

/** An operation, signed; `sent` goes out in the place of the body that was signed. */
export function signedOperation(server, credentials, target, input, spoilt = {}) {
  const body = JSON.stringify(input);
  const headers = signedHeaders(server, credentials, target, body, spoilt);
  for (const name of Object.keys(headers)) {
    if (headers[name] === undefined)
      delete headers[name];
  }
  return rawRequest(server, { headers, body: spoilt.sent ?? body });
}
