import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQrels, readRun } from '../../../src/io/index.js';
import { refusal, temporaryFolder } from '../support.js';
import { judgements, type Plain, plainOf, runs, trecLines } from './support.js';

const folder = temporaryFolder();
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(folder.path(name), content);
  return folder.path(name);
};

const quote = (id: string) => JSON.stringify(id);
const records = (plain: Plain) =>
  Object.entries(plain).flatMap(([query, documents]) => Object.entries(documents).map(([id, value]) => [query, id, value] as const));

/** Every way to write the same lists, by name. */
const WAYS: Record<string, (plain: Plain, kind: 'run' | 'qrels') => string> = {
  TREC: (plain, kind) => `${trecLines(plain, kind).join('\n')}\n`,
  'TREC with tabs, CRLF and a byte order mark': (plain, kind) => `\ufeff${trecLines(plain, kind, '\t').join('\r\n')}\r\n`,
  'TREC without a last line feed': (plain, kind) => trecLines(plain, kind, '  ').join('\n'),
  'TREC with comments and blank lines': (plain, kind) => `\n# made by hand\n\n  ${trecLines(plain, kind).join(' \n\n#\n')}\n \n`,
  'nested JSON': (plain) => JSON.stringify(plain),
  'nested JSON on many lines': (plain) => `\n${JSON.stringify(plain, null, 2)}\n`,
  'nested JSON with escapes': (plain) =>
    `{${Object.entries(plain)
      .map(([query, documents]) => `${escaped(query)}:{${Object.entries(documents).map(([id, value]) => `${escaped(id)} : ${value}`)}}`)
      .join(',\n')}}`,
  'BEIR TSV': (plain) =>
    `query-id\tcorpus-id\tscore\n${records(plain)
      .map((record) => record.join('\t'))
      .join('\n')}\n`,
  'BEIR TSV with CRLF': (plain) =>
    `query-id\tcorpus-id\tscore\r\n${records(plain)
      .map((record) => `${record.join('\t')}\r\n`)
      .join('')}`,
  'BEIR JSON lines': (plain) =>
    records(plain)
      .map(([query, id, value]) => `{"query-id": ${quote(query)}, "corpus-id": ${quote(id)}, "score": ${value}}`)
      .join('\n'),
};

function escaped(id: string): string {
  return `"${[...id].flatMap((char) => Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`)).join('')}"`;
}

describe.each(Object.entries(WAYS))('%s', (_, text) => {
  it.each([
    ['run', runs, readRun],
    ['qrels', judgements, readQrels],
  ] as const)('%s: reads what was written, plain or gzipped, whatever the chunks', async (kind, lists, read) => {
    await fc.assert(
      fc.asyncProperty(lists, fc.integer({ min: 1, max: 40 }), async (plain, chunkBytes) => {
        const content = text(plain, kind);
        const path = write('lists', content);
        expect(plainOf(await read(path))).toEqual(plain);
        expect(plainOf(await read(path, { chunkBytes }))).toEqual(plain);
        // Two members, as `cat a.gz b.gz` makes them.
        const bytes = Buffer.from(content);
        const gzipped = Buffer.concat([gzipSync(bytes.subarray(0, chunkBytes)), gzipSync(bytes.subarray(chunkBytes))]);
        expect(plainOf(await read(write('lists.gz', gzipped), { chunkBytes }))).toEqual(plain);
      }),
      { numRuns: 10 },
    );
  });
});

describe('readRun', () => {
  it('takes lines in any order', async () => {
    const shuffled = runs.chain((plain) =>
      fc.tuple(fc.constant(plain), fc.shuffledSubarray(trecLines(plain, 'run'), { minLength: trecLines(plain, 'run').length })),
    );
    await fc.assert(
      fc.asyncProperty(shuffled, async ([plain, lines]) => {
        expect(plainOf(await readRun(write('shuffled', lines.join('\n'))))).toEqual(plain);
      }),
      { numRuns: 50 },
    );
  });

  it('has the name of the last line, or that of the file', async () => {
    expect((await readRun(write('a.txt', 'q Q0 d1 1 2 first\nq Q0 d2 1 2 second of them\n'))).runId).toBe('second');
    expect((await readRun(write('bm25.run.json', '{"q": {"d": 1}}'))).runId).toBe('bm25');
  });
});

/** A file and what reading it as a run, or as qrels, must say. */
const REFUSED: [string, 'run' | 'qrels', string | Uint8Array, string][] = [
  ['few columns', 'run', 'q Q0 d1 1 2.5 r\nq Q0 d2 2 1.5\n', 'line 2: 5 columns where a run has 6 (query Q0 document rank score run)'],
  ['three columns', 'qrels', '\nq 0 d1 1\nq d2 1\n', 'line 3: 3 columns where qrels have 4 (query 0 document relevance)'],
  ['one column', 'qrels', 'q\n', 'line 1: 1 column where qrels have 4'],
  ['five columns', 'qrels', 'q 0 d1 1 x\n', 'line 1: 5 columns where qrels have 4'],
  ['a word as score', 'run', 'q Q0 d1 1 2.5 r\nq Q0 d2 2 high r\n', 'line 2: score "high" is not a decimal number that float32 can hold'],
  ['NaN', 'run', 'q Q0 d1 1 nan r\n', 'line 1: score "nan" is not'],
  ['an infinity', 'run', 'q Q0 d1 1 inf r\n', 'line 1: score "inf" is not'],
  ['beyond float32', 'run', 'q Q0 d1 1 1e39 r\n', 'line 1: score "1e39" is not'],
  ['a fraction', 'qrels', 'q 0 d1 0.5\n', 'line 1: relevance "0.5" is not an integer'],
  ['twice', 'run', 'q Q0 d1 1 3 r\np Q0 d1 1 3 r\nq Q0 d1 2 2 r\n', 'line 3: document "d1" stands twice for query "q" (first in line 1)'],
  [
    'twice among comments',
    'run',
    '#\nq Q0 d1 1 3 r\n\nq Q0 d1 2 2 r\n',
    'line 4: document "d1" stands twice for query "q" (first in line 2)',
  ],
  ['judged twice', 'qrels', 'q 0 d1 1\nq 0 d1 0\n', 'line 2: document "d1" stands twice for query "q" (first in line 1)'],
  ['twice in JSON', 'run', '{"q": {"d1": 1,\n"d1": 2}}', 'line 2: document "d1" stands twice for query "q" (first in line 1)'],
  ['no number in JSON', 'qrels', '{"q":\n{"d1": true}}', 'line 2: relevance "true" is not an integer'],
  ['broken JSON', 'run', '{"q": {"d1": 1}', 'line 1: the end where "}" is expected (JSON {"query": {"document": score}})'],
  ['two JSON texts', 'run', '{"q": {"d1": 1}}\n{"r": {"d1": 1}}', 'line 2: "{" where the end is expected'],
  ['a list in JSON', 'run', '{"q": {"d1": 1}, "r": ["d1"]}', 'line 1: "[" where "{" is expected'],
  ['a broken string in JSON', 'run', '{"q": {"d1\n": 1}}', 'line 1: "\\n" where the end of a string is expected'],
  ['a broken escape in JSON', 'run', '{"q": {"\\x": 1}}', 'line 1: "\\x" is no JSON string'],
  ['broken JSON lines', 'qrels', '{"query-id": "q", "corpus-id": "d", "score": 1}\n{"query-id"\n', 'line 2: not a JSON object'],
  ['JSON lines without an id', 'qrels', '{"query-id": "q", "score": 1}\n', 'line 1: no "corpus-id"'],
  ['JSON lines without a score', 'qrels', '{"query-id": "q", "corpus-id": "d"}\n', 'line 1: relevance "undefined" is not an integer'],
  [
    'TSV of two columns',
    'qrels',
    'query-id\tcorpus-id\tscore\nq\td\n',
    'line 2: not three columns between tabs (query-id, corpus-id, score)',
  ],
  ['TSV of four columns', 'qrels', 'query-id\tcorpus-id\tscore\nq\td\t1\t\n', 'line 2: not three columns between tabs'],
  ['TSV with a word', 'qrels', 'query-id\tcorpus-id\tscore\nq\td\tyes\n', 'line 2: relevance "yes" is not an integer'],
  ['nothing but comments', 'run', '# nothing\n\n', 'no line of a run file in it'],
  ['blanks', 'qrels', '\n \n', 'no line of a qrels file in it'],
  ['an empty JSON', 'run', '{}', 'no line of a run file in it'],
  ['an empty file', 'run', '', 'the file is empty'],
  [
    'Parquet',
    'run',
    Buffer.from('PAR1\x00\xff\xfe', 'latin1'),
    'line 1: bytes that are not UTF-8; a run file is text (it looks like Parquet)',
  ],
  ['Latin-1', 'qrels', Buffer.concat([Buffer.from('q 0 d1 1\n'), Buffer.from('q 0 dé 1\n', 'latin1')]), 'line 2: bytes that are not UTF-8'],
  ['broken gzip', 'run', gzipSync('q Q0 d1 1 2.5 r\n'.repeat(99)).subarray(0, 40), 'broken file (unexpected end of file)'],
];

describe('what is refused, with file and line', () => {
  it.each(REFUSED)('%s (%s)', async (name, kind, content, message) => {
    const path = write(name, content);
    const read = kind === 'run' ? readRun : readQrels;
    for (const chunkBytes of [undefined, 3]) expect(await refusal(() => read(path, { chunkBytes }))).toContain(`${path}`);
    expect(await refusal(() => read(path))).toContain(message);
  });

  it('a missing file, with the one that is meant', async () => {
    write('run.txt', 'q Q0 d 1 1 r');
    expect(await refusal(() => readRun(folder.path('rum.txt')))).toContain('rum.txt: no such file; did you mean "run.txt"?');
  });
});
