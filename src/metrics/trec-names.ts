/** A measure of trec_eval under its own name. */
export interface TrecMeasure {
  /** trec_eval's name, or what stands before the cut-offs in it. */
  readonly trec: string;
  /** Our name, or what stands before the `@`. */
  readonly name: string;
  /** The cut-offs that trec_eval prints, as it writes them; absent: the measure has none. */
  readonly cutoffs?: readonly string[];
  /** Not printed for single queries. */
  readonly summaryOnly?: boolean;
}

const RANKS = ['5', '10', '15', '20', '30', '100', '200', '500', '1000'];
const RECALLS = ['0.00', '0.10', '0.20', '0.30', '0.40', '0.50', '0.60', '0.70', '0.80', '0.90', '1.00'];

/** The measures of trec_eval that we have, in the order in which it prints them. */
export const TREC_MEASURES: readonly TrecMeasure[] = [
  { trec: 'num_q', name: 'NumQ', summaryOnly: true },
  { trec: 'num_ret', name: 'NumRet' },
  { trec: 'num_rel', name: 'NumRel' },
  { trec: 'num_rel_ret', name: 'NumRelRet' },
  { trec: 'map', name: 'AP' },
  { trec: 'gm_map', name: 'gm_map', summaryOnly: true },
  { trec: 'Rprec', name: 'Rprec' },
  { trec: 'bpref', name: 'Bpref' },
  { trec: 'recip_rank', name: 'RR' },
  { trec: 'iprec_at_recall', name: 'IPrec', cutoffs: RECALLS },
  { trec: 'P', name: 'P', cutoffs: RANKS },
  { trec: 'recall', name: 'R', cutoffs: RANKS },
  { trec: 'infAP', name: 'infAP' },
  { trec: '11pt_avg', name: '11pt_avg' },
  { trec: 'ndcg', name: 'nDCG' },
  { trec: 'ndcg_cut', name: 'nDCG', cutoffs: RANKS },
  { trec: 'map_cut', name: 'AP', cutoffs: RANKS },
  { trec: 'success', name: 'Success', cutoffs: ['1', '5', '10'] },
  { trec: 'set_P', name: 'SetP' },
  { trec: 'set_recall', name: 'SetR' },
  { trec: 'set_map', name: 'SetAP' },
  { trec: 'set_F', name: 'SetF' },
];

/** All names that trec_eval prints, with ours. */
export const TREC_NAMES: readonly (TrecMeasure & { readonly printed: string; readonly ours: string })[] = TREC_MEASURES.flatMap((measure) =>
  (measure.cutoffs ?? [undefined]).map((at) => ({
    ...measure,
    printed: at === undefined ? measure.trec : `${measure.trec}_${at}`,
    ours: at === undefined ? measure.name : `${measure.name}@${Number(at)}`,
  })),
);

/** Our name for a name of trec_eval with any cut-off; undefined when it is none. @example fromTrecName('ndcg_cut_7') // 'nDCG@7' */
export function fromTrecName(name: string): string | undefined {
  for (const { trec, name: ours, cutoffs } of TREC_MEASURES) {
    if (!cutoffs && name === trec) return ours;
    const at = cutoffs && name.startsWith(`${trec}_`) ? name.slice(trec.length + 1) : '';
    if (/^\d+(\.\d+)?$/.test(at)) return `${ours}@${Number(at)}`;
  }
  return undefined;
}
