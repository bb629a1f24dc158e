import { UserError } from '../data/errors.js';
import { withModel } from './pair-runs.js';
import type { PairwiseModel } from './pairwise-model.js';
import { type SiameseOptions, siamese } from './siamese.js';
import { listed } from './tensor-info.js';
import { type TextPairOptions, textPairs } from './text-pairs.js';
import { takesTokens } from './token-feeds.js';

/**
 * A pairwise model of any form, told by its inputs: a cross-encoder of texts (`openTextPairs`) where they are token ids, else a siamese model of
 * embeddings or pictures (`openSiamese`).
 * @param texts options that only a model of texts has; a siamese model refuses them
 * @throws UserError as these
 */
export function openPairwise(
  file: string,
  options: SiameseOptions = {},
  texts: Pick<TextPairOptions, 'maxLength' | 'output'> = {},
): Promise<PairwiseModel> {
  return withModel(file, options, (session) => {
    if (takesTokens(session.inputs)) return textPairs(file, session, { ...options, ...texts });
    if (Object.values(texts).some((value) => value !== undefined)) {
      const found = listed(session.inputs);
      throw new UserError(`${file}: max-length and output are for models of texts, and this one takes ${found}`);
    }
    return siamese(file, session, options);
  });
}
