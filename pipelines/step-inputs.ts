import type { Columns } from '../src/data/columns.js';
import type { Context, ItemTensors, ItemTexts } from '../src/data/context.js';
import { UserError } from '../src/data/errors.js';
import type { GalleryItems } from '../src/data/gallery-items.js';
import { IMAGE_COLUMNS, imageItems } from '../src/datasets/image-items.js';
import { itemTexts } from '../src/models/item-texts.js';
import { shapeFits } from '../src/models/pairwise-model.js';
import type { Postprocessor } from '../src/postprocess/postprocessor.js';
import type { PlannedGallery } from './planned-gallery.js';

type Step = Postprocessor<unknown>;

/** Whether a step looks at the batch of queries: at their vectors, or at the paths of their pictures, or at their texts. */
export function needsQueries({ needs = [] }: Step): boolean {
  return needs.some((need) => need === 'queries' || need === 'items' || need === 'texts');
}

/** A column of items that a step needs both sides to have. */
export interface ItemColumn {
  readonly column: 'path' | 'text';
  /** The step, and what it finds there, for messages. */
  readonly step: string;
  readonly what: 'pictures' | 'texts';
  /** Columns of the gallery that it reads, where they are there. */
  readonly reads: readonly string[];
}

/** The columns with the items that steps compare. @param given the items come from code, so that there need be no pictures */
export function itemColumns(steps: readonly Step[], given: boolean): ItemColumn[] {
  return steps.flatMap(({ name: step, needs = [] }): ItemColumn[] => [
    ...(needs.includes('items') && !given ? [{ column: 'path', step, what: 'pictures', reads: IMAGE_COLUMNS } as const] : []),
    ...(needs.includes('texts') ? [{ column: 'text', step, what: 'texts', reads: ['text'] } as const] : []),
  ]);
}

/** Columns of the gallery that steps look up, with the name of the step. */
export function stepColumns(steps: readonly Step[]): { readonly column: string; readonly step: string }[] {
  return steps.flatMap(({ name, galleryColumns = [] }) => galleryColumns.map((column) => ({ column, step: name })));
}

export interface StepSources {
  readonly planned: PlannedGallery;
  /** The items as tensors, where they are not read from pictures. */
  readonly items?: ItemTensors;
  /** Folder that the `path` columns are relative to. */
  readonly root: string;
}

/**
 * What each step may use, by its place in the chain.
 * @throws UserError when a step needs what is not there, or what its model does not take: one line, before the long work
 */
export function stepContexts(steps: readonly Step[], { planned, items, root }: StepSources): Context[] {
  const gallery = planned.streamed ? undefined : planned.gallery;
  const { columns } = planned.gallery;
  return steps.map((step) => {
    const { name, needs = [], itemShape } = step;
    if (needs.includes('gallery') && !gallery) {
      throw new UserError(
        `${name} needs the vectors of the gallery, which --memory is too small to keep; give more, or leave --memory out`,
      );
    }
    if (needs.includes('items')) {
      const tensors = items ?? pictures(step, columns, root);
      refuseShape(step, tensors.shape);
      return { gallery, columns, items: tensors };
    }
    if (needs.includes('texts')) return { gallery, columns, texts: texts(step, planned.gallery) };
    if (itemShape) refuseShape(step, [planned.gallery.dim]);
    return { gallery, columns };
  });
}

function refuseShape({ name, params, itemShape }: Step, shape: readonly number[]): void {
  if (itemShape && !shapeFits(shape, itemShape)) {
    throw new UserError(
      `${name}: ${params.model ?? 'the model'} takes items of shape [${itemShape.join(', ')}], but these are [${shape.join(', ')}]`,
    );
  }
}

function pictures({ name, itemShape, itemModel }: Step, columns: Columns, root: string): ItemTensors {
  if (!columns.path) throw new UserError(`${name} compares pictures, and the gallery has no column "path"`);
  if (!itemShape || !itemModel) throw new UserError(`${name}: its model does not tell how it takes its items; give them from code`);
  const { name: model, spec } = itemModel;
  if (spec && spec.modality !== 'image')
    throw new UserError(`${model}: compares items of the modality ${spec.modality}; only pictures are compared`);
  return imageItems(columns, { shape: itemShape, input: spec?.input, root, model });
}

function texts({ name }: Step, { columns, source }: GalleryItems): ItemTexts {
  if (!columns.text) throw new UserError(`${name} compares texts, and the gallery has no column "text"`);
  try {
    return itemTexts(columns.text);
  } catch (error) {
    throw new UserError(`${source}: ${name} compares texts: ${(error as Error).message}`);
  }
}
