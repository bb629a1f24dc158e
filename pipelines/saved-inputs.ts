import { stage } from '../operators/index.js';
import type { ItemTensors } from '../src/data/context.js';
import { UserError } from '../src/data/errors.js';
import type { GalleryItems } from '../src/data/gallery-items.js';
import type { RetrievalResults } from '../src/data/retrieval-results.js';
import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import type { ChainOptions } from './chain.js';
import type { Options } from './options.js';
import type { Progress } from './progress.js';
import { openSets } from './sets.js';
import { itemColumns, needsQueries, stepColumns, stepContexts } from './step-inputs.js';

/**
 * The queries and the gallery of saved results, where a step of the chain needs them; the gallery alone, where no step looks at queries. One file for
 * both, or for the gallery alone, is read as `evaluate ITEMS` reads it: its queries and gallery by is_query and is_gallery, where it has them.
 * @param first the first batch of the results, where it can be looked at before the work
 * @throws UserError when they are not given, lack what a step needs, or are not those of the results
 */
export async function openSavedInputs(
  steps: readonly Postprocessor<unknown>[],
  { queries, gallery, embeddings, column, root, batch }: Options,
  first: RetrievalResults | undefined,
  items: ItemTensors | undefined,
  progress: Progress,
): Promise<Pick<ChainOptions, 'entry' | 'contexts' | 'queries'>> {
  const needy = steps.find(({ needs = [] }) => needs.length > 0);
  if (!needy) return {};
  const asking = steps.find(needsQueries);
  if (gallery === undefined || (asking && queries === undefined)) {
    const { name, needs } = asking ?? needy;
    const files = asking ? 'files that were searched, --queries and --gallery' : 'gallery that was searched, --gallery';
    throw new UserError(`${name} looks at ${needs?.join(' and ')}: give the ${files}`);
  }
  const table = queries === undefined || queries === gallery;
  const files = table ? { items: gallery, embeddings } : { queries, gallery, embeddings };
  const columns = steps.flatMap(({ galleryColumns = [] }) => galleryColumns);
  const compared = itemColumns(steps, items !== undefined);
  const needs = { queryColumns: [], stepColumns: stepColumns(steps), labels: false, itemColumns: compared, k: 1, columns };
  const sets = await openSets({ ...files, column, batch }, needs, progress);
  const { planned } = sets;
  if (first) refuseOther(first, planned.gallery);
  return {
    contexts: stepContexts(steps, { planned, items, root: root ?? sets.folder }),
    queries: asking && sets.queries,
    entry: stage('gallery', (rr: RetrievalResults) => {
      refuseOther(rr, planned.gallery);
      return rr;
    }),
  };
}

/** Results know their gallery by its fingerprint; those of other tools may know its size, or nothing. */
function refuseOther({ info, ids }: RetrievalResults, gallery: GalleryItems): void {
  const { fingerprint, gallerySize } = info;
  const { source, size } = gallery;
  if (fingerprint !== undefined && fingerprint !== gallery.fingerprint) {
    throw new UserError(`${source} is not the gallery of these results: its fingerprint is ${gallery.fingerprint}, theirs ${fingerprint}`);
  }
  if (gallerySize !== undefined && gallerySize !== size) {
    throw new UserError(`${source} is not the gallery of these results: it has ${size} items, theirs ${gallerySize}`);
  }
  for (const id of ids)
    if (id >= size) throw new UserError(`${source} is not the gallery of these results: they have item ${id}, of ${size}`);
}
