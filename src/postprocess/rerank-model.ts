import { UserError } from '../data/errors.js';
import { openSiamese, type SiameseOptions } from '../models/siamese.js';
import type { Postprocessor } from './postprocessor.js';
import { checkTopN, rerank } from './rerank.js';

const ORDERS = ['one', 'both'];

/**
 * `rerank` by an ONNX file, as it is written on the command line: `rerank:model.onnx,batch=128,orders=both@10`. Its `close` frees the model.
 * @param file an ONNX file as `openSiamese` takes it
 * @param batch pairs in one run of the model (default: see `openSiamese`)
 * @param orders `both` averages both orders of each pair (default `one`)
 * @param device where the model runs: cpu (default), webgpu, cuda, or auto
 * @throws UserError for a wrong parameter, before the model is opened, and for a file that is no pairwise model
 */
export async function openRerank(
  file: string,
  batch: number | undefined,
  orders = 'one',
  device: string | undefined,
  topN: number,
): Promise<Postprocessor> {
  checkTopN(topN);
  if (!ORDERS.includes(orders)) throw new UserError(`rerank: orders must be one of ${ORDERS.join(', ')}, not "${orders}"`);
  // `openSiamese` refuses names that are no devices.
  const where = device as SiameseOptions['device'];
  return rerank(await openSiamese(file, { batchSize: batch, bothOrders: orders === 'both', device: where }), { topN });
}
