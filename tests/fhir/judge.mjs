// Judges a FHIR R4 resource by the package `fhir`: the file's name; prints a line a fault.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { Fhir } = createRequire(import.meta.url)('fhir');

const resource = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { messages } = new Fhir().validate(resource);
for (const one of messages.filter((one) => one.severity === 'error' || one.severity === 'fatal')) {
  console.log(`${one.location}: ${one.message}`);
}
