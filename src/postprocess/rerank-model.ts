import { UserError } from '../data/errors.js';
import { openPairwise } from '../models/open-pairwise.js';
import type { SiameseOptions } from '../models/siamese.js';
import type { TextPairOptions } from '../models/text-pairs.js';
import { findModel } from '../models/zoo/find-model.js';
import type { Postprocessor } from './postprocessor.js';
import { checkTopN, rerank } from './rerank.js';

const ORDERS = ['one', 'both'];

/**
 * `rerank` by a model, as it is written on the command line: `rerank:model.onnx,batch=128,orders=both@10`. Its `close` frees the model.
 * @param model an ONNX file as `openPairwise` takes it, or a name of the zoo
 * @param batch pairs in one run of the model (default: see `PairOptions`)
 * @param orders `both` averages both orders of each pair (default `one`)
 * @param device where the model runs: cpu (default), webgpu, cuda, or auto
 * @param maxLength tokens of the longest pair, for a model of texts
 * @param output of a model of texts: `score` (default) or `distance`
 * @throws UserError for a wrong parameter, before the model is opened, and for a file that is no pairwise model
 */
export async function openRerank(
  model: string,
  batch: number | undefined,
  orders = 'one',
  device: string | undefined,
  maxLength: number | undefined,
  output: string | undefined,
  topN: number,
): Promise<Postprocessor> {
  checkTopN(topN);
  if (!ORDERS.includes(orders)) throw new UserError(`rerank: orders must be one of ${ORDERS.join(', ')}, not "${orders}"`);
  // `openPairwise` refuses names that are no devices, and no outputs.
  const where = device as SiameseOptions['device'];
  const texts = { maxLength, output: output as TextPairOptions['output'] };
  const { file, spec } = await findModel(model);
  const step = rerank(await openPairwise(file, { batchSize: batch, bothOrders: orders === 'both', device: where, spec }, texts), { topN });
  const changing = { orders: orders === 'both' ? orders : undefined, 'max-length': maxLength, output };
  const given = Object.entries(changing).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return { ...step, params: { ...step.params, ...Object.fromEntries(given) } };
}
