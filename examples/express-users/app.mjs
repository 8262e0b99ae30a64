// The requests of a user administration, as its web page sends them. Answers are JSON; an error is {message}.

import express from 'express';
import { addUser, changeUser, createTable, findUser, listUsers, removeUser } from './users.mjs';

class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** What each field has to be, as a sentence about it when it is not. */
const FIELDS = {
  emailAddress: [(value) => /^[^\s@]+@[^\s@]+$/.test(value), 'must be an e-mail address'],
  password: [(value) => value.length >= 8, 'must have 8 characters or more'],
  firstName: [(value) => value.length > 0, 'must not be empty'],
  lastName: [(value) => value.length > 0, 'must not be empty'],
};

/** The request's fields, every one of them known and right. */
function fieldsOf(body, { required = [], allowed }) {
  const fields = Object.entries(body ?? {});
  for (const name of required)
    if (body?.[name] === undefined)
      throw new Refused(400, `${name} is missing`);
  for (const [name, value] of fields) {
    if (!allowed.includes(name))
      throw new Refused(400, `${name} is not a field of a user that can be set here`);
    const [isRight, message] = FIELDS[name];
    if (typeof value !== 'string' || !isRight(value))
      throw new Refused(400, `${name} ${message}`);
  }
  if (fields.length === 0)
    throw new Refused(400, 'no field was sent');
  return body;
}

/** What was found, or 404. */
function found(user) {
  if (!user)
    throw new Refused(404, 'there is no such user');
  return user;
}

export const app = express();
app.use(express.json());

app.post('/api/table', async (_request, response) => {
  response.status(await createTable() ? 201 : 200).json({});
});

app.route('/api/users')
  .get(async (_request, response) => {
    response.json(await listUsers());
  })
  .post(async (request, response) => {
    const user = fieldsOf(request.body, { required: ['emailAddress', 'password'], allowed: Object.keys(FIELDS) });
    if (!await addUser(user))
      throw new Refused(409, 'there is such a user already');
    response.status(201).json(await findUser(user.emailAddress));
  });

app.route('/api/users/:emailAddress')
  .get(async (request, response) => {
    response.json(found(await findUser(request.params.emailAddress)));
  })
  .put(async (request, response) => {
    const fields = fieldsOf(request.body, { allowed: ['password', 'firstName', 'lastName'] });
    response.json(found(await changeUser(request.params.emailAddress, fields)));
  })
  .delete(async (request, response) => {
    found(await removeUser(request.params.emailAddress));
    response.status(204).end();
  });

// Express knows an error handler by its four parameters.
app.use((error, _request, response, _next) => {
  const status = error.status ?? 500;
  if (status >= 500)
    console.error(error);
  response.status(status).json({ message: status >= 500 ? 'the database did not answer as it should' : error.message });
});
