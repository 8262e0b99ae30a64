// A disk as it can be after a loss of power, from the journal that the preloaded library has kept (journal.h).
//
// Certain is what was synced: of a file, the bytes written before a sync that has ended; of the folder, the names made,
// changed and removed before a sync of the folder that has ended. All else may be there or not, each by itself: no order
// is taken for granted among files, and sectors of a write. Changes of names come to the disk in their order, as in the
// journals of ext4 and XFS; STRICT=1 takes not even that for granted. RocksDB does: when it opens a database, it renames
// CURRENT without having synced the folder since it made a table, so that some of those states have a list of tables and
// lack one of them. What a sync has covered stays as it is when bytes
// behind it in the same sector are written later. What was written before a sync that failed stays uncertain for ever, also
// when later syncs succeed.

import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const kinds = { OPEN: 1, WRITE: 2, TRUNCATE: 3, SYNC_BEGIN: 4, SYNC_END: 5, RENAME: 6, LINK: 7, UNLINK: 8, SYNC_FAILED: 9 };
const HEADER_BYTES = 24;
const MADE = 1;
const EMPTIED = 2;
const SECTOR_BYTES = 512;
const STRICT = process.env.STRICT === '1';

/** The records of a journal, in order: {kind, handle, argument, bytes}. One that was cut off in the end is left out. */
export function readJournal(file) {
  const journal = readFileSync(file);
  const records = [];
  for (let at = 0; at + HEADER_BYTES <= journal.length;) {
    const size = Number(journal.readBigUInt64LE(at + 16));
    const end = at + HEADER_BYTES + size;
    if (end > journal.length)
      break;
    records.push({ kind: journal.readUInt32LE(at), handle: journal.readUInt32LE(at + 4),
      argument: Number(journal.readBigUInt64LE(at + 8)), bytes: journal.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return records;
}

export const isSyncEnd = ({ kind }) => kind === kinds.SYNC_END;

/** What a file holds: bytes that are certain, and changes that are not. */
class File {
  constructor(bytes = Buffer.alloc(0)) {
    this.durable = bytes;
    this.changes = []; // {number, offset, bytes} or {number, size}; forgotten: true after a sync that failed
  }

  sync(before) {
    const isCovered = ({ number, forgotten }) => number < before && !forgotten;
    this.durable = this.changes.filter(isCovered).reduce(withChange, this.durable);
    this.changes = this.changes.filter((change) => !isCovered(change));
  }

  failSync() {
    this.changes.forEach((change) => { change.forgotten = true; });
  }
}

function withChange(content, { offset, bytes, size }) {
  if (bytes === undefined)
    return size <= content.length ? content.subarray(0, size) : Buffer.concat([content], size);
  const whole = Buffer.concat([content], Math.max(content.length, offset + bytes.length));
  bytes.copy(whole, offset);
  return whole;
}

/** Some sectors of the changes are there; of the others what was there before, or zeros. */
function scattered(file, random) {
  const whole = file.changes.reduce(withChange, file.durable);
  const content = Buffer.concat([file.durable], whole.length);
  for (const { offset, bytes } of file.changes) {
    for (let at = offset; bytes !== undefined && at < offset + bytes.length && at < whole.length;) {
      const end = Math.min((Math.floor(at / SECTOR_BYTES) + 1) * SECTOR_BYTES, offset + bytes.length, whole.length);
      if (random(2) === 0)
        whole.copy(content, at, at, end);
      at = end;
    }
  }
  return content.subarray(0, Math.max(file.durable.length, whole.length - random(2) * random(whole.length + 1)));
}

/** The first changes, and a part of the next. */
function torn(file, random) {
  const count = random(file.changes.length);
  const { number, offset, bytes, size } = file.changes[count];
  const part = bytes === undefined ? { number, size } : { number, offset, bytes: bytes.subarray(0, random(bytes.length + 1)) };
  return [...file.changes.slice(0, count), part].reduce(withChange, file.durable);
}

/** How much of what is uncertain is there. */
export const outcomes = ['nothing', 'everything', 'torn', 'scattered'];

function contentOf(file, outcome, random) {
  if (file.changes.length === 0 || outcome === 'nothing')
    return file.durable;
  if (outcome === 'everything')
    return file.changes.reduce(withChange, file.durable);
  return outcome === 'torn' ? torn(file, random) : scattered(file, random);
}

export class Disk {
  constructor() {
    this.number = 0; // of records taken in
    this.names = new Map(); // as the running server sees them
    this.durableNames = new Map();
    this.nameChanges = []; // {number, apply(names)}
    this.handles = new Map();
  }

  /** One that holds what a folder holds, durably. */
  static of(folder) {
    const disk = new Disk();
    for (const name of readdirSync(folder)) {
      if (statSync(path.join(folder, name)).isFile())
        disk.durableNames.set(name, new File(readFileSync(path.join(folder, name))));
    }
    disk.names = new Map(disk.durableNames);
    return disk;
  }

  #changeNames(apply) {
    apply(this.names);
    this.nameChanges.push({ number: this.number, apply });
  }

  #open({ handle, argument, bytes }) {
    const name = bytes.toString();
    let file = this.names.get(name);
    if (file === undefined || argument === MADE) {
      file = new File();
      const made = file;
      this.#changeNames((names) => names.set(name, made));
    } else if (argument === EMPTIED) {
      file.changes.push({ number: this.number, size: 0 });
    }
    this.handles.set(handle, file);
  }

  #rename({ kind, bytes }) {
    const [from, to] = bytes.toString().split('\0');
    const file = this.names.get(from);
    if (file === undefined)
      return; // RocksDB's own log of what it does, which is not journaled
    this.#changeNames((names) => {
      if (kind === kinds.RENAME && names.get(from) === file)
        names.delete(from);
      names.set(to, file);
    });
  }

  #unlink({ bytes }) {
    const name = bytes.toString();
    const file = this.names.get(name);
    this.#changeNames((names) => { if (names.get(name) === file) names.delete(name); });
  }

  #syncEnd({ handle, argument }) {
    if (handle !== 0) {
      this.handles.get(handle).sync(argument);
      return;
    }
    this.nameChanges.filter(({ number }) => number < argument).forEach(({ apply }) => apply(this.durableNames));
    this.nameChanges = this.nameChanges.filter(({ number }) => number >= argument);
  }

  /** Takes in the next record. */
  take(record) {
    this.number += 1;
    switch (record.kind) {
    case kinds.OPEN: this.#open(record); break;
    case kinds.WRITE: this.handles.get(record.handle).changes.push({ number: this.number, offset: record.argument, bytes: record.bytes }); break;
    case kinds.TRUNCATE: this.handles.get(record.handle).changes.push({ number: this.number, size: record.argument }); break;
    case kinds.SYNC_BEGIN: break;
    case kinds.SYNC_FAILED: this.handles.get(record.handle)?.failSync(); break;
    case kinds.SYNC_END: this.#syncEnd(record); break;
    case kinds.RENAME: case kinds.LINK: this.#rename(record); break;
    case kinds.UNLINK: this.#unlink(record); break;
    default: throw new Error(`a journal has a record of kind ${record.kind}`);
    }
  }

  /** Writes into a new folder what is left when the power is lost now. outcome: one for all, or undefined for a choice in
   * each place by itself. */
  writeTo(folder, outcome, random) {
    const choose = () => outcome ?? outcomes[random(outcomes.length)];
    const names = new Map(this.durableNames);
    const namesOutcome = choose();
    const first = random(this.nameChanges.length + 1);
    const isThere = { nothing: () => false, everything: () => true, torn: (i) => i < first,
      scattered: (i) => (STRICT ? random(2) === 0 : i < first) }[namesOutcome];
    this.nameChanges.forEach(({ apply }, i) => {
      if (isThere(i))
        apply(names);
    });
    mkdirSync(folder);
    for (const [name, file] of names)
      writeFileSync(path.join(folder, name), contentOf(file, choose(), random));
  }
}
