// A window that comes up while a person types must not take a keystroke for an answer: for a short
// while after a question appears nothing counts, and each key pressed in that time begins it anew.

export const QUIET_MS = 700;

export class Guard {
  #until = 0;
  #held = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `changed` hears whether the guard stands; `now` runs in milliseconds. */
  constructor(
    private readonly changed: (stands: boolean) => void,
    private readonly now: () => number = () => performance.now(),
  ) {}

  raise(): void {
    this.#until = this.now() + QUIET_MS;
    this.changed(true);
    this.#look();
  }

  /** What stands here is about to be replaced: nothing counts until `release`, and then the quiet. */
  hold(): void {
    this.#held = true;
    this.raise();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.raise();
  }

  get stands(): boolean {
    return this.#held || this.now() < this.#until;
  }

  /** Says whether this event is to be swallowed. */
  swallows(event: Pick<Event, 'type'> & { key?: string }): boolean {
    if (!this.stands) return false;
    if (event.type === 'keydown' && !MODIFIERS.has(event.key ?? '')) this.raise();
    return true;
  }

  drop(): void {
    clearTimeout(this.#timer);
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (this.#held) return;
    const left = this.#until - this.now();
    if (left <= 0) this.changed(false);
    else this.#timer = setTimeout(() => this.#look(), left);
  }
}

const MODIFIERS = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock']);
