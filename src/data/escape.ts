const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Data as HTML text or as a quoted attribute's value. Control characters, which HTML does not allow, become `�`. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]).replace(/[^\P{Cc}\t\n\r]/gu, '\ufffd');
}

/** At most `length` characters of a text; `…` tells that there is more. Characters of two code units stay whole. */
export function excerpt(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
