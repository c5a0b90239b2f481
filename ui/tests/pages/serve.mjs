// The built pages on a loopback port, under the same policy as in the window.
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const settings = new URL('../../../src-tauri/tauri.conf.json', import.meta.url);
const POLICY = JSON.parse(await readFile(settings, 'utf8')).app.security.csp;

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export async function serve(folder) {
  // Read once: a build in the meantime changes nothing.
  const files = new Map();
  for (const name of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue;
    const path = join(name.parentPath, name.name);
    files.set(path.slice(folder.length).replaceAll('\\', '/'), await readFile(path));
  }
  const server = createServer((request, response) => {
    const path = new URL(request.url, 'http://localhost').pathname;
    const body = files.get(path);
    if (!body) return response.writeHead(404).end();
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
    return response.end(body);
  });
  // A connection that is kept and then closed at the moment of its next request fails that one.
  server.keepAliveTimeout = 0;
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close().closeAllConnections() };
}
