import type { RetrievalInfo } from './retrieval-parts.js';

/** What queries that are measured together have in common; the device that found their neighbours may differ. */
const SHARED = ['gallerySize', 'fingerprint', 'distance', 'k'] as const satisfies readonly (keyof RetrievalInfo)[];

const WORDS: Readonly<Record<(typeof SHARED)[number], string>> = {
  gallerySize: 'a gallery of size',
  fingerprint: 'a gallery with the fingerprint',
  distance: 'the distance',
  k: 'k',
};

/** What tells two retrievals apart, in words (`k 10 instead of 100`); undefined when their queries can be measured together. */
export function infoDifference(info: RetrievalInfo, before: RetrievalInfo): string | undefined {
  const key = SHARED.find((name) => info[name] !== before[name]);
  return key && `${WORDS[key]} ${info[key] ?? 'that is not known'} instead of ${before[key] ?? 'one that is not known'}`;
}

/** What holds for both of two retrievals. */
export function commonInfo(a: RetrievalInfo, b: RetrievalInfo): RetrievalInfo {
  return Object.fromEntries(Object.entries(a).filter(([key, value]) => b[key as keyof RetrievalInfo] === value));
}
