// The two ends of the line to the engine: requests go out, views come in. A page never waits for
// what `post` gives back.

import { invoke } from '@tauri-apps/api/core';
import { getCurrentWebviewWindow } from '@tauri-apps/api/webviewWindow';

import type { Request, View } from './contract';

export function listen(on: (view: View) => void): Promise<unknown> {
  return getCurrentWebviewWindow().listen<View>('view', (event) => on(event.payload));
}

export function send(request: Request, lost: () => void): void {
  invoke('post', { request }).catch(lost);
}
