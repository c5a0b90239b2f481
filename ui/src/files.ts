// Files that a person hands over, as the engine takes them.

import type { Loaded } from './contract';

/** The most that is read: the engine's bound (`MOST` in the room `verify`). */
export const MOST = 50 * 1024 * 1024;
/** What an identity has room in; the engine refuses more. */
export const IDENTITY_MOST = 1024 * 1024;

/** A file's content in base64. Fails for a folder, and for a file that is gone. */
export function load(file: File): Promise<Loaded> {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onerror = () => failed(reader.error);
    reader.onload = () => {
      const url = reader.result as string;
      done({ name: file.name, bytes: url.slice(url.indexOf(',') + 1) });
    };
    reader.readAsDataURL(file);
  });
}

const SIGNATURE = /\.(p7s|p7m|p7|cms|sig)$/i;

/** Of two files, the signature and its content. */
export function pair(files: File[]): [File | undefined, File | undefined] {
  const [one, other] = files;
  if (other && SIGNATURE.test(other.name) && !(one && SIGNATURE.test(one.name))) return [other, one];
  return [one, other];
}
