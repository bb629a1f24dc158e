import { dirname } from 'node:path';
import type { Dataset } from '../src/datasets/dataset.js';
import type { ItemTable } from '../src/datasets/item-table.js';
import { modalityOf } from '../src/datasets/registry.js';
import { type Extractor, type ExtractorOptions, openExtractor } from '../src/models/extractor.js';
import { type FindModelOptions, findModel } from '../src/models/zoo/find-model.js';

/** A model with the modality that makes its input. */
export interface OpenModel extends AsyncDisposable {
  readonly extractor: Extractor;
  /**
   * Items as this model takes them.
   * @param root folder that relative paths of items start from
   * @throws UserError for columns that are missing, and a preparation that does not fit the model
   */
  dataset(items: ItemTable, root: string): Promise<Dataset>;
}

/** How a model is run; what a download tells of itself, and what stops it. */
export type OpenModelOptions = ExtractorOptions & Pick<FindModelOptions, 'progress' | 'signal'>;

/**
 * Finds a model by its name or path, and opens it; one that is not here yet is downloaded, with progress and until the signal says stop.
 * @throws UserError for a model that is not there, is no extractor, or is of an unknown modality
 */
export async function openModel(name: string, { progress, signal, ...options }: OpenModelOptions = {}): Promise<OpenModel> {
  const found = await findModel(name, { progress, signal });
  const extractor = await openExtractor(found, { ...options, device: options.device ?? 'auto' });
  const { spec, inputs, close } = extractor;
  try {
    const modality = modalityOf(spec.modality, extractor.name);
    return {
      extractor,
      dataset: (items, root) => modality.open(items, spec.input, { root, modelFolder: dirname(found.file), inputs, model: extractor.name }),
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
