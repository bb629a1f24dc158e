import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cli.js';

/** A page of the project, or the section of it under a heading (`## title`, or one of a lower level). */
export function pageText(page: string, title?: string): string {
  const text = readFileSync(join(ROOT, page), 'utf8');
  if (title === undefined) return text;
  const [, marks, rest] = new RegExp(`\\n(##+) ${title}\\n([\\s\\S]*)`).exec(text) ?? [];
  if (!marks) throw new Error(`${page} has no section "${title}"`);
  return rest.split(new RegExp(`\\n#{2,${marks.length}} `))[0];
}

/** The code blocks of the README, or of another page or its section, in one language. */
export function readmeBlocks(language: string, page = 'README.md', title?: string): string[] {
  return [...pageText(page, title).matchAll(new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map((match) => match[1]);
}
