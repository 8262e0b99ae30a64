// Small builders for attribute values, so that tests read like the data they are about.

export const S = (text) => ({ S: text });
export const N = (number) => ({ N: String(number) });
export const B = (text) => ({ B: Buffer.from(text) });
export const L = (...values) => ({ L: values });
export const M = (members) => ({ M: members });
export const BOOL = (value) => ({ BOOL: value });
export const NULL = { NULL: true };

/** Asserts that a promise is refused with this error name and, when given, exactly this message. */
export async function refused(assert, promise, name, message) {
  let error;
  try {
    await promise;
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error !== undefined, `expected ${name}, but the request succeeded`);
  assert.equal(error.name, name, `${error.name}: ${error.message}`);
  if (message instanceof RegExp)
    assert.match(error.message, message);
  else if (message !== undefined)
    assert.equal(error.message, message);
  return error;
}
