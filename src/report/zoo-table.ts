import { stringify } from 'yaml';
import type { JsonObject } from '../data/json.js';
import { type GridRow, gridLines, painter } from './text-grid.js';
import type { ListedFile, ListedModel, ZooListing } from './zoo.js';

interface Terminal {
  readonly color?: boolean;
  /** Columns of the terminal (no end): columns that do not fit continue beneath. */
  readonly width?: number;
}

const COLUMNS = ['items', 'dim', 'input', 'transform', 'size', 'here', 'licence', 'sha256', 'source'];

/** The models of the zoo as text for people, one a line. */
export function zooTable({ cache, models }: ZooListing, { color = false, width = Number.POSITIVE_INFINITY }: Terminal = {}): string {
  const paint = painter(color);
  const rows = models.map((model): GridRow => {
    const [sums, known] = [model.files.length, model.files.filter(({ sha256 }) => sha256 !== null).length];
    const texts = [
      model.spec.modality as string,
      model.dim === null ? 'pairs' : String(model.dim),
      shape(Object.values(model.inputs)[0]),
      preparation(model.spec),
      size(model.files),
      model.here ? 'yes' : 'no',
      model.licence,
      known === sums ? 'known' : 'unknown',
      owner(model.source),
    ];
    return { head: [model.name], cells: texts.map((text, i) => ({ text, style: i === 5 && model.here ? 'better' : undefined })) };
  });
  return [
    ...gridLines(rows, COLUMNS, width, paint),
    '',
    paint('source: whose repository on huggingface.co it is downloaded from', 'dim'),
    paint(`downloads are kept in ${cache}; rankstream zoo NAME tells all of a model, --fetch downloads it ahead`, 'dim'),
  ].join('\n');
}

/** All that is known of some models. */
export function zooDetails({ models }: ZooListing, { color = false }: Terminal = {}): string {
  const paint = painter(color);
  const lines = (model: ListedModel): string[] => [
    paint(model.name, 'bold'),
    field('about', model.about),
    field('gives', model.dim === null ? 'a distance of each pair' : `embeddings of ${model.dim} numbers`),
    ...Object.entries(model.inputs).map(([name, sides]) => field('input', `${name} [${sides.join(', ')}]`)),
    field('licence', model.licence),
    field('source', model.source),
    ...(model.oml === null ? [] : [field('in OML', model.oml)]),
    ...(model.note === null ? [] : [field('note', model.note)]),
    ...model.files.flatMap((file) => [
      field('file', `${file.path} (${file.here ? 'here' : 'not here yet'}, ${size([file])})`),
      ...(file.url === null ? [] : [field('', `from ${file.url}`)]),
      field('', checksum(file)),
    ]),
    'description:',
    ...stringify(model.spec, { flowCollectionPadding: false })
      .trimEnd()
      .split('\n')
      .map((line) => `  ${line}`),
  ];
  return models.map((model) => lines(model).join('\n')).join('\n\n');
}

function field(name: string, text: string): string {
  return `${name.padEnd(8)}${text}`;
}

function checksum({ sha256, found }: ListedFile): string {
  if (sha256 !== null) return `sha256 ${sha256}`;
  return found === null
    ? 'sha256 not known: that of the first download will be kept'
    : `sha256 ${found} (of the first download: not verified)`;
}

/** Of a repository on the hub. */
function owner(source: string): string {
  return /^https:\/\/[^/]+\/([^/]+)/.exec(source)?.[1] ?? 'package';
}

function shape(sides: readonly (number | string)[]): string {
  return sides.slice(1).join('x');
}

/** How items become the input: the name of the transform, or what tokens are cut to. */
function preparation({ input, pooling }: JsonObject): string {
  const { transform, 'max-length': most } = input as JsonObject;
  const { name, size: side } = (transform ?? {}) as JsonObject;
  const how = typeof name === 'string' ? `${name} ${side}` : transform ? 'steps of its own' : `${most} tokens`;
  return pooling ? `${how}, ${pooling}` : how;
}

/** Decimal, as hubs write it. */
function size(files: readonly ListedFile[]): string {
  const megabytes = files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6;
  return `${megabytes < 10 ? megabytes.toFixed(1) : Math.round(megabytes)} MB`;
}
