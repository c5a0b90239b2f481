/** Puts text on the clipboard; says whether it worked. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

// Web views without the clipboard interface, or without its permission, still know this one.
function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.className = 'unseen';
  area.value = text;
  const focused = document.activeElement as HTMLElement | null;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  focused?.focus();
  return done;
}
