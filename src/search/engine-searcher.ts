import type { Gallery } from '../data/gallery.js';
import type { Distance } from '../data/matrix.js';
import { searchBlocks } from './blocks.js';
import type { Engine } from './engine.js';
import { rangeSearch } from './range.js';
import type { Searcher } from './searcher.js';

/** The searcher that an engine makes. @param exact whether its answers are proven */
export function engineSearcher(gallery: Gallery, distance: Distance, engine: Engine, exact: boolean): Searcher {
  const searcher: Searcher = {
    size: gallery.size,
    dimension: gallery.dim,
    distance,
    device: engine.device,
    exact,
    search: (queries, k, ignored) => searchBlocks(engine, gallery, queries, k, ignored),
    close: () => engine.close(),
  };
  return exact ? { ...searcher, range: (queries, radius, ignored) => rangeSearch(searcher, queries, radius, ignored) } : searcher;
}
