// Serves the user administration with the settings of the environment and of .env (see README.md).

import 'dotenv/config';

const { app } = await import('./app.mjs'); // which reads the settings
const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
