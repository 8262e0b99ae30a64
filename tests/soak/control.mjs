// The test's side of the library that is preloaded into a server: see control.h, whose page this reads and writes.

import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.HASHRANGE ?? fileURLToPath(new URL('../../build/release/hashrange', import.meta.url));
const LIBRARY = path.join(path.dirname(path.resolve(BINARY)), 'libsoak_preload.so');

export const calls = { WRITE: 1, SYNC: 2, OPEN: 4, RENAME: 8, TRUNCATE: 16, ALLOCATE: 32, READ: 64 };
const NAME_BYTES = 32;
const offsets = { failing: 0, errorNumber: 4, oneIn: 8, halfWritten: 12, namePart: 16, spaceBytes: 48, spaceLimited: 56,
  clockOffset: 64, failed: 72, syncs: 80, records: 88 };

export class Control {
  /** For a server on the folder `data`. journal: a file; writeBuffer: bytes of RocksDB's write buffers. */
  constructor(file, { data, journal, writeBuffer }) {
    this.fd = openSync(file, 'w+');
    ftruncateSync(this.fd, 4096);
    this.env = { LD_PRELOAD: process.env.ALSO === undefined ? LIBRARY : `${LIBRARY}:${process.env.ALSO}`, SOAK_CONTROL: file, SOAK_FOLDER: data,
      ...(journal && { SOAK_JOURNAL: journal }), ...(writeBuffer && { SOAK_WRITE_BUFFER: String(writeBuffer) }),
      // The sanitizer's runtime wants to be the first library, and works as the second.
      ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0` };
  }

  #write32(offset, value) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    writeSync(this.fd, bytes, 0, 4, offset);
  }

  #write64(offset, value) {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(this.fd, bytes, 0, 8, offset);
  }

  #read64(offset) {
    const bytes = Buffer.alloc(8);
    readSync(this.fd, bytes, 0, 8, offset);
    return Number(bytes.readBigUInt64LE());
  }

  /** Makes calls of these kinds fail with `error` (a name of os.constants.errno), one in so many. */
  fail({ kinds, error, oneIn = 1, halfWritten = false, namePart = '' }) {
    const name = Buffer.alloc(NAME_BYTES);
    name.write(namePart);
    writeSync(this.fd, name, 0, NAME_BYTES, offsets.namePart);
    this.#write32(offsets.errorNumber, os.constants.errno[error]);
    this.#write32(offsets.oneIn, oneIn);
    this.#write32(offsets.halfWritten, halfWritten ? 1 : 0);
    this.#write32(offsets.failing, kinds.reduce((bits, kind) => bits | calls[kind], 0));
  }

  /** A disk that takes so many bytes and no more. */
  limitSpace(bytes) {
    this.#write64(offsets.spaceBytes, bytes);
    this.#write32(offsets.spaceLimited, 1);
  }

  /** All works again. The clock stays. */
  heal() {
    this.#write32(offsets.failing, 0);
    this.#write32(offsets.spaceLimited, 0);
  }

  setClockOffset(seconds) {
    this.#write64(offsets.clockOffset, BigInt(Math.round(seconds * 1000)) * 1_000_000n);
  }

  /** Calls that were made to fail; that have synced; records in the journal. */
  get failed() { return this.#read64(offsets.failed); }
  get syncs() { return this.#read64(offsets.syncs); }
  get records() { return this.#read64(offsets.records); }

  close() {
    closeSync(this.fd);
  }
}
