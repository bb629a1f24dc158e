import { fusionRow } from './fusion.js';
import { kReciprocalRows } from './k-reciprocal.js';
import { printTable } from './print.js';
import { rerankRow } from './rerank.js';
import { searchRerankRow } from './search-rerank.js';

export interface PostprocessBench {
  readonly rounds: number;
  readonly scale: number;
  /** A Python with numpy; without it what is measured against Python stands alone. */
  readonly peers?: string;
}

/** What rankstream does beside what it is measured against. */
export interface Row {
  readonly what: string;
  readonly ours: string;
  readonly beside: string;
  readonly ratio: string;
  readonly target: string;
}

/** Every comparison, a table of contents. */
const COMPARISONS: readonly ((options: PostprocessBench) => Promise<Row | Row[]>)[] = [
  rerankRow,
  searchRerankRow,
  kReciprocalRows,
  fusionRow,
];

/** Post-processors, each beside its bare core or its reference. */
export async function postprocessBench(options: PostprocessBench): Promise<void> {
  const rows: Row[] = [];
  for (const compare of COMPARISONS) rows.push(...[await compare(options)].flat());
  console.log(`smallest seconds of ${options.rounds}`);
  printTable(
    ['', 'rankstream', 'beside it', 'ratio', 'target'],
    rows.map(({ what, ours, beside, ratio, target }) => [what, ours, beside, ratio, target]),
  );
}
