// A line of the list that is dragged out of the window: the engine makes the file, the system moves it.
//
// By events of the mouse. The page never sees the button go up after the system took the pointer, and WebKit then holds
// back the next `pointerdown`, but not the next `mousedown`. A finger, which scrolls, drags nothing.

import { store } from '../store.svelte';

export class Drag {
  private pressed: { id: string; x: number; y: number } | null = null;
  /** It began with the last press, which is no click then. */
  private begun = false;

  /** What is said of it: how to do it, or how it stands. */
  get stands(): 'hint' | 'making' | 'dropped' | 'nowhere' | 'too_early' {
    if (store.asked.drag_copy) return 'making';
    return store.views.dragged?.end ?? 'hint';
  }

  /** Is a line being dragged now? */
  get goes(): boolean {
    return this.begun && this.pressed !== null;
  }

  press(event: MouseEvent, id: string): void {
    this.begun = false;
    this.pressed = event.button === 0 ? { id, x: event.clientX, y: event.clientY } : null;
  }

  move(event: MouseEvent): void {
    if (!this.pressed) return;
    // It was let go where the page did not see it.
    if ((event.buttons & 1) === 0) return this.release();
    const far = Math.hypot(event.clientX - this.pressed.x, event.clientY - this.pressed.y);
    if (this.begun || far < FAR) return;
    this.begun = true;
    store.forget('dragged');
    store.post({ ask: 'drag_copy', id: this.pressed.id });
  }

  release(): void {
    if (this.pressed && this.begun && store.asked.drag_copy) store.post({ ask: 'stop_drag' });
    this.pressed = null;
  }

  /** Is this click the end of a drag? One by the keyboard is not. */
  ended(event: MouseEvent): boolean {
    const ended = this.begun && event.detail > 0;
    this.begun = false;
    return ended;
  }

  /** What is said was said on an earlier visit. */
  forget(): void {
    store.forget('dragged');
    store.dismiss('drag_copy');
  }
}

/** CSS pixels that a hand moves which only clicks. */
const FAR = 6;
