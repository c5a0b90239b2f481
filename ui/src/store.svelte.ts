// What this window knows: the last view of each kind, what was asked and not answered yet, and the
// trouble that belongs to a request.

import { listen, send } from './bridge';
import type { Request, View } from './contract';
import { speak, t } from './words.svelte';

export type Ask = Request['ask'];
type Kind = View['view'];
type Of<K extends Kind> = Extract<View, { view: K }>;

/** Which requests a view answers. */
const ANSWERS: Partial<Record<Kind, Ask[]>> = {
  nothing_to_ask: ['choose', 'snooze', 'next'],
  waiting: ['waiting', 'choose', 'hurry', 'take_back'],
  frame: ['reopen'],
  sent: ['sent'],
  settings: ['settings', 'change'],
  question: ['dismiss', 'undo_dismissal'],
  taught: ['taught', 'forget'],
  trial: ['judge'],
  checkup: ['checkup'],
  domain: ['domain'],
  verified: ['verify'],
  received: ['received'],
  archive: ['archive'],
  archive_copy: ['open_copy'],
  archive_saved: ['save_copies'],
  dragged: ['drag_copy'],
  archive_deleted: ['delete_copies'],
  leaving: ['leaving', 'let_go', 'keep_agreed'],
  save_folder: ['save_folder'],
  folder_picked: ['pick_folder'],
  recovery: ['recovery', 'recovery_checked'],
  identities: ['identities'],
  identity_done: ['make_identity', 'request_identity', 'install_identity', 'import_identity', 'remove_identity', 'add_card'],
  request_saved: ['save_request'],
  cards: ['cards', 'use_card_software'],
  card_unlocked: ['unlock_card'],
  way_tried: ['try_way'],
  gateway_kept: ['keep_gateway'],
  account_changed: ['change_servers', 'remove_account'],
  visited: ['visited'],
  filing_faults: ['choose', 'file'],
  filing_of: ['filing_of'],
  filing_asked: ['file'],
  filing_stopped: ['stop_filing'],
  filing_stands: ['filing_stands'],
  destination_tried: ['try_destination'],
  destination_kept: ['keep_destination', 'remove_destination'],
  discovered: ['discover'],
  account_added: ['add_account'],
  access: ['access'],
  saved: ['save'],
  trusted: ['trust'],
  first_mail: ['first_mail'],
  sample_sent: ['try'],
};

/**
 * A question answers a choice once it is past choosing, and going on once it is another; that the
 * look-up ended answers neither.
 */
function answered(asked: Request, before: Of<'question'> | undefined, now: Of<'question'>): boolean {
  if (asked.ask !== 'choose' && asked.ask !== 'snooze' && asked.ask !== 'next') return false;
  if (asked.id !== now.id) return true;
  if (asked.ask !== 'choose' || now.stage === 'choose') return false;
  const lookedUp = before?.looking_up && !now.looking_up && before.stage === now.stage;
  return !lookedUp;
}

/** What a window keeps of a request: never what is in a file, no patient, no password and no PIN. */
function kept(request: Request): Request {
  switch (request.ask) {
    case 'verify':
      return { ...request, file: { ...request.file, bytes: '' }, content: null };
    case 'install_identity':
      return { ...request, file: { ...request.file, bytes: '' } };
    case 'import_identity':
      return { ...request, file: { ...request.file, bytes: '' }, password: '' };
    case 'choose':
      return { ...request, filing: null };
    case 'file':
      return { ...request, filing: { ...request.filing, name: '', birth_date: '', bsn: '' } };
    case 'add_account':
    case 'change_servers':
    case 'keep_gateway':
      return { ...request, password: '' };
    case 'keep_destination':
      return { ...request, secret: '', file: null };
    case 'add_card':
    case 'unlock_card':
      return { ...request, pin: '' };
    default:
      return request;
  }
}

class Store {
  views = $state<{ [K in Kind]?: Of<K> }>({});
  asked = $state<{ [A in Ask]?: Extract<Request, { ask: A }> }>({});
  trouble = $state<{ [A in Ask]?: string }>({});
  /** The last request of each kind, answered or not: tells beside what a trouble belongs. */
  last = $state<{ [A in Ask]?: Extract<Request, { ask: A }> }>({});

  get frame() {
    return this.views.frame;
  }

  async open(): Promise<void> {
    await listen((view) => this.take(view));
    this.post({ ask: 'hello' });
  }

  post(request: Request): void {
    const { ask } = request;
    delete this.trouble[ask];
    Object.assign(this.asked, { [ask]: kept(request) });
    Object.assign(this.last, { [ask]: kept(request) });
    send(request, () => this.take({ view: 'trouble', ask, sentence: t('trouble.lost') }));
    // These have no answer of their own.
    if (ask === 'hello' || ask === 'open' || ask === 'quit' || ask === 'stop_saving' || ask === 'stop_drag') delete this.asked[ask];
  }

  /** Forgets an answer, so that an old one is not taken for the new. */
  forget(kind: Kind): void {
    delete this.views[kind];
  }

  dismiss(ask: Ask): void {
    delete this.trouble[ask];
  }

  /** Forgets a request that holds what a person wrote. */
  wipe(ask: Ask): void {
    delete this.asked[ask];
    delete this.last[ask];
    delete this.trouble[ask];
  }

  take(view: View): void {
    if (view.view === 'trouble') {
      const ask = view.ask as Ask;
      delete this.asked[ask];
      this.trouble[ask] = view.sentence;
      return;
    }
    for (const ask of ANSWERS[view.view] ?? []) delete this.asked[ask];
    if (view.view === 'frame') speak(view.language);
    // The dialog goes: what it asked for was given.
    if (view.view === 'card_unlocked') delete this.views.ask_pin;
    if (view.view === 'question') {
      for (const asked of Object.values(this.asked)) {
        if (answered(asked, this.views.question, view)) delete this.asked[asked.ask];
      }
      delete this.views.nothing_to_ask;
    }
    Object.assign(this.views, { [view.view]: view });
  }
}

export const store = new Store();
