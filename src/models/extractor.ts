import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { didYouMean, UserError } from '../data/errors.js';
import { canonicalJson } from '../data/json.js';
import type { Matrix } from '../data/matrix.js';
import { type Device, resolveDevice } from '../runtime/devices.js';
import { onnxCause } from '../runtime/onnx-cause.js';
import { type OnnxRunner, openLanes } from '../runtime/onnx-lanes.js';
import type { Tensor, TensorInfo } from '../runtime/onnx-session.js';
import { type Feeds, fitFeeds } from './feeds.js';
import { inFixedBatches } from './fixed-batch.js';
import { hashModel, modelSpecOf, readModel } from './model-metadata.js';
import { type ModelSpec, parseModelSpec } from './model-spec.js';
import { assertFinite } from './not-finite.js';
import { withSession } from './open-session.js';
import { normaliseRows } from './pooling.js';
import { openProjection, type Projection } from './projection.js';
import { described } from './tensor-info.js';
import { isForm, vectorsOf, wrongForm } from './vectors-of.js';
import type { FoundModel } from './zoo/find-model.js';

export interface ExtractorOptions {
  /** Where it runs (default `cpu`); see `resolveDevice`. */
  readonly device?: 'auto' | Device;
  /** Threads of the model; default: all cores. */
  readonly threads?: number;
  /** What is said of the model here wins over its description. */
  readonly spec?: Partial<ModelSpec>;
}

/** A model that makes one vector of each item. It knows nothing of pictures, texts or sounds: a dataset makes its input. */
export interface Extractor {
  /** The file, without its folder. */
  readonly name: string;
  readonly spec: ModelSpec;
  readonly device: Device;
  readonly inputs: readonly TensorInfo[];
  /** Of the vectors, where the model tells it before it runs. */
  readonly dim?: number;
  /** The only batch that the model takes, where it was exported with a fixed one: others are cut, and the last is filled up. */
  readonly batch?: number;
  /** SHA-256 (hexadecimal) of all that decides an embedding beside the input: the model, its description, the device, ONNX Runtime's version. */
  readonly key: string;
  /**
   * The vectors of a batch of any size, in its order. Calls may overlap; they run outside this thread, on the CPU two at a time. The memory of the feeds
   * goes with them.
   * @throws UserError for feeds that do not fit the model, and for an answer of another form; NotFiniteError for a vector that is not finite
   */
  embed(feeds: Feeds): Promise<Matrix>;
  close(): Promise<void>;
}

/**
 * Opens a model as an extractor: one or several inputs, one output [batch, dim], or [batch, tokens, dim] with `pooling` in its description.
 *
 * Its description comes, key by key, from the options; else as a whole from the zoo (`found.spec`), the model's metadata, or the file beside it.
 * @throws UserError for a model that is not described, that compares pairs, whose output is not clear or of another form, or that cannot be opened
 * @example
 * const extractor = await openExtractor({ name: 'icon-embedder', file: 'icon-embedder.onnx', spec: { modality: 'image', input: { ... } } });
 * const { data, rows, dim } = await extractor.embed({ input: { type: 'float32', data: pixels, dims: [8, 1, 64, 64] } });
 */
export async function openExtractor(found: FoundModel, options: ExtractorOptions = {}): Promise<Extractor> {
  const { file } = found;
  const device = await resolveDevice(options.device ?? 'cpu');
  const run = { device, threads: options.threads };
  const model = await readModel(file);
  const description = found.spec ?? (await modelSpecOf(model, file));
  return withSession(openLanes(file, run), file, async (session) => {
    refusePairs(file, session.inputs);
    const spec = specOf(file, description, options.spec, session);
    const output = outputOf(file, session, spec);
    const { head } = spec;
    const headFile = head === undefined || isAbsolute(head) ? head : join(dirname(file), head);
    const own = sideOf(output.shape.at(-1));
    const projection = headFile === undefined ? undefined : await openProjection(headFile, own, run);
    return {
      name: basename(file),
      spec,
      device,
      inputs: session.inputs,
      dim: projection ? projection.dim : own,
      batch: sideOf(session.inputs[0].shape[0]),
      key: await keyOf(file, model, { spec, head: projection?.hash, device }),
      embed: (feeds) => embed(session, output.name, projection, spec, file, feeds),
      async close() {
        await session.close();
        await projection?.close();
      },
    };
  });
}

async function embed(
  session: OnnxRunner,
  output: string,
  projection: Projection | undefined,
  { pooling, normalise }: ModelSpec,
  model: string,
  given: Feeds,
): Promise<Matrix> {
  const { feeds, rows } = fitFeeds(model, session.inputs, given);
  // Kept: the memory of the feeds goes to the session's thread.
  const mask = pooling && feeds.attention_mask && { ...feeds.attention_mask, data: feeds.attention_mask.data.slice() };
  const run = async (batch: Record<string, Tensor>) => {
    const given = Object.entries(batch).map(([name, { type, dims }]) => ({ name, type, shape: dims }));
    const answer = await session
      .run(batch, [output], () => {})
      .catch((error: Error) => {
        throw failed(model, given, error);
      });
    return answer[output];
  };
  const answer = await inFixedBatches(feeds, rows, sideOf(session.inputs[0].shape[0]), run);
  let vectors = vectorsOf(answer, rows, model, pooling, mask);
  if (projection) vectors = await projection.project(vectors);
  if (normalise) vectors = normaliseRows(vectors);
  assertFinite(vectors, model);
  return vectors;
}

/** What the model itself refuses: its graph knows limits that its inputs do not tell, as the positions that tokens can have. */
function failed(model: string, given: readonly TensorInfo[], error: Error): UserError {
  const tokens = given.some(({ name }) => name === 'input_ids');
  const advice = tokens ? '; where it is for shorter texts, say so by "max-length" in its description' : '';
  return new UserError(`${model}: the model fails on ${given.map(described).join(', ')}: ${onnxCause(error)}${advice}`);
}

/** Two inputs of one form are two items. */
function refusePairs(file: string, inputs: readonly TensorInfo[]): void {
  const floats = inputs.filter(({ type, shape }) => type.startsWith('float') && shape.length > 1);
  if (floats.length < 2 || String(floats[0].shape.slice(1)) !== String(floats[1].shape.slice(1))) return;
  const are = floats.map(described).join(' and ');
  throw new UserError(`${file}: takes two items, ${are}: it compares pairs (--with rerank:${basename(file)}@10); an extractor takes one`);
}

/** What a model takes and gives. */
interface Sides {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
}

function specOf(file: string, description: ModelSpec | undefined, own: Partial<ModelSpec> | undefined, session: Sides): ModelSpec {
  if (description || own?.modality) return parseModelSpec({ ...description, ...own }, file);
  throw new UserError(`${file}: ${undescribed(file, session)}`);
}

/** @throws UserError: every model is described, because a preparation that is guessed wrong gives embeddings that are only bad */
function undescribed(file: string, { inputs, outputs }: Sides): string {
  const tokens = inputs.some(({ type }) => type.startsWith('int'));
  const pooled = outputs.every(({ shape }) => shape.length < 3);
  const size = sideOf(inputs[0]?.shape.at(-1)) ?? 224;
  const example = tokens
    ? `"modality: text"${pooled ? '' : ', "pooling: mean"'}, "normalise: true"`
    : `"modality: image", "input: {transform: {name: norm_resize_torch, size: ${size}}}"`;
  const beside = `${basename(file).replace(/\.[^.]+$/, '')}.yaml`;
  return `nothing tells how items become its input, ${inputs.map(described).join(', ')}; write ${beside} beside it, for example with the lines ${example}`;
}

/** The output that holds the vectors. @throws UserError where there are several, and where its declared form cannot be right */
function outputOf(file: string, { outputs }: OnnxRunner, { output, pooling }: ModelSpec): TensorInfo {
  const are = outputs.map(described).join(', ');
  const chosen = output === undefined ? (outputs.length === 1 ? outputs[0] : undefined) : outputs.find(({ name }) => name === output);
  if (!chosen) {
    const what =
      output === undefined ? `has ${outputs.length} outputs, ${are}; say which with "output: NAME" in its description` : undefined;
    throw new UserError(
      `${file}: ${
        what ??
        `has no output "${output}", only ${are}${didYouMean(
          String(output),
          outputs.map(({ name }) => name),
        )}`
      }`,
    );
  }
  // An output whose form the model does not declare is looked at when it is there.
  const { type, shape } = chosen;
  if (shape.length > 0 && !isForm(type, shape.length, pooling)) throw wrongForm(file, described(chosen), pooling);
  return chosen;
}

/** A side, where it is known. */
function sideOf(side: number | string | undefined): number | undefined {
  return typeof side === 'number' ? side : undefined;
}

async function keyOf(file: string, model: Uint8Array, rest: object): Promise<string> {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  const text = canonicalJson({ model: await hashModel(model, file), runtime: version, ...rest });
  return createHash('sha256').update(text).digest('hex');
}
