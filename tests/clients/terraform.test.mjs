// Terraform's aws provider: makes, finds again, changes and deletes identities. The provider is half a gigabyte, so
// this runs where TERRAFORM_PLUGINS names a folder that has it (terraform providers mirror FOLDER).

import assert from 'node:assert/strict';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';
import { temporaryFolder } from '../api/server.mjs';
import { ENDPOINT, run } from './harness.mjs';

const PLUGINS = process.env.TERRAFORM_PLUGINS;
const skip = PLUGINS === undefined && 'TERRAFORM_PLUGINS names no folder with the aws provider';
const NO_CHANGES = 0; // of terraform plan -detailed-exitcode

const folder = await temporaryFolder();
after(() => rm(folder, { recursive: true }));

const env = { TF_CLI_CONFIG_FILE: path.join(folder, 'rc'), CHECKPOINT_DISABLE: '1' };
const terraform = (command, ...args) => run('terraform', [`-chdir=${folder}`, command, '-no-color', ...args], { env });
const variables = (generation) => ['-var', `endpoint=${ENDPOINT}`, '-var', `generation=${generation}`];
const apply = (generation) => terraform('apply', '-auto-approve', ...variables(generation));

async function planned(generation) {
  return terraform('plan', '-detailed-exitcode', ...variables(generation)).then(() => NO_CHANGES, ({ code }) => code);
}

test('a life of identities', { skip }, async () => {
  await copyFile(fileURLToPath(new URL('terraform/main.tf', import.meta.url)), path.join(folder, 'main.tf'));
  await writeFile(env.TF_CLI_CONFIG_FILE, `provider_installation {\n  filesystem_mirror {\n    path = "${PLUGINS}"\n  }\n}\n`);
  await terraform('init');
  assert.match(await apply(1), /Apply complete! Resources: \d+ added, 0 changed, 0 destroyed/);
  assert.equal(await planned(1), NO_CHANGES);
  assert.match(await apply(2), /Apply complete!/);
  assert.equal(await planned(2), NO_CHANGES);
  assert.match(await terraform('destroy', '-auto-approve', ...variables(2)), /Destroy complete!/);
});
