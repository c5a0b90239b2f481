// Where the element that has the focus goes from the page, a browser leaves the focus nowhere: whoever uses
// the keyboard or a screen reader begins anew at the top. The nearest heading takes it instead.

/** Looks after the focus of this document from now on. */
export function keepFocus(): void {
  let path: Element[] = [];
  document.addEventListener('focusin', ({ target }) => {
    path = [];
    for (let at = target as Element | null; at; at = at.parentElement) path.push(at);
  });
  const look = () => {
    const lost = path[0] && !path[0].isConnected && document.activeElement === document.body;
    if (lost) heading(path.find((one) => one.isConnected))?.focus({ preventScroll: true });
  };
  // A frame later: whoever took it away may have a better place for the focus.
  new MutationObserver(() => requestAnimationFrame(look)).observe(document, { childList: true, subtree: true });
}

function heading(within: Element | undefined): HTMLElement | null {
  const any = 'h1, h2, h3';
  const found = within?.querySelector<HTMLElement>(any) ?? document.querySelector<HTMLElement>(any);
  if (found && !found.hasAttribute('tabindex')) found.tabIndex = -1;
  return found;
}
