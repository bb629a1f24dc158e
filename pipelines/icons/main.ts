import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../../src/data/errors.js';
import { resultsTable } from '../../src/report/table.js';
import { exitWithReader } from '../closed-pipe.js';
import { runEvaluate } from '../evaluate.js';
import { runExtract } from '../extract.js';
import { assertAllWritable } from '../files.js';
import { progressBar } from '../progress.js';
import { PACKAGE_ROOT } from './places.js';
import { prepareIcons } from './prepare.js';
import { step } from './step.js';

/*
 * What `npm start` runs: how well does a small network, trained on other icons, find an icon's filled form from its outlines? And
 * does it help when a second one, which looks at two drawings together, orders the first ten anew?
 *   node dist/pipelines/icons/main.js [--out out/icons] [--cache .cache/icons]
 */

const TASK = {
  model: 'icon-embedder',
  // The same bits on every machine, which devices do not promise for a model.
  modelDevice: 'cpu',
  k: 100,
  distance: 'l2',
  metrics: 'cmc@1,cmc@5,cmc@10,precision@5,precision@10,map@5,map@10,map@100',
  by: ['category'],
  with: ['rerank:icon-siamese@10'],
  // By cmc@1 all queries that fail would be equally bad.
  worstBy: 'map@100',
} as const;

const CACHE = join(PACKAGE_ROOT, '.cache', 'icons');

async function main(stop: AbortController): Promise<void> {
  const { out, cache } = options();
  const written = { results: join(out, 'results.arrow'), out: join(out, 'metrics.json'), report: join(out, 'report.html') };
  await mkdir(out, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`${out}: cannot make this folder (${error.code}); give another with --out`);
  });
  const table = join(out, 'embeddings.parquet');
  await assertAllWritable(table, ...Object.values(written));
  const { items, picturesRoot } = await prepareIcons(out);

  // From here on there are threads and temporary files to clean up after; before, an interrupt may simply end the process.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const context = { progress: progressBar(), signal: stop.signal };
  const source = { items, root: picturesRoot, cacheFolder: cache };
  // The split that is evaluated below, which finds the embeddings in the cache.
  const extraction = { ...source, split: 'validation', model: TASK.model, device: TASK.modelDevice, out: table };
  await step(
    'drew and embedded the icons that take part',
    () => runExtract(extraction, context),
    ({ embedded, fromCache }) => {
      const [all, earlier] = [embedded, fromCache].map((count) => count.toLocaleString('en'));
      return fromCache > 0 ? `${earlier} of ${all} in an earlier run` : `${all}, kept for the next run`;
    },
  );
  const evaluation = { ...TASK, ...source, by: [...TASK.by], with: [...TASK.with], ...written };
  const results = await step('searched, re-ranked and evaluated', () => runEvaluate(evaluation, context));
  console.log(`\n${resultsTable(results, { color: process.stdout.isTTY, width: process.stdout.columns })}\n`);
  for (const file of [items, table, ...Object.values(written)]) console.log(file);
}

function options(): { out: string; cache: string } {
  try {
    return parseArgs({ options: { out: { type: 'string', default: join('out', 'icons') }, cache: { type: 'string', default: CACHE } } })
      .values;
  } catch (error) {
    throw new UserError((error as Error).message);
  }
}

exitWithReader();
const stop = new AbortController();
await main(stop).catch((error: Error) => {
  if (stop.signal.aborted) process.exitCode = 130;
  else process.exitCode = error instanceof UserError ? 2 : 1;
  console.error(stop.signal.aborted ? 'stopped' : error instanceof UserError ? error.message : error);
});
