import { UserError } from '../../data/errors.js';
import { cutName } from '../spec.js';
import { isRange, parseRange, type Values } from './range.js';

/** Points that are tried at most. */
const MOST_POINTS = 10_000;

/** Chains to try: for each step the specifications that it may have. The grid is their product; its last parameter varies fastest. */
export type Grid = readonly (readonly string[])[];

/**
 * The chains of a specification in which a value may be a range or a list: `constant:0.5..1.2/0.05 | top:{5,10,20..50/10}`. A list is text that may stand
 * anywhere behind the name of the step: `rerank:{a,b}.onnx@10`.
 * @throws UserError for a range or list that is not one, and for more than 10,000 points; names and parameters are not looked at
 * @example parseGrid('constant:{0.5,0.8} | top:1..2/1') // [['constant:0.5', 'constant:0.8'], ['top:1', 'top:2']]
 */
export function parseGrid(specs: string | readonly string[]): Grid {
  const steps = [specs].flat().flatMap((spec) => spec.split('|').map((step) => piecesOf(step.trim())));
  const size = steps.flat().reduce((product, piece) => product * (typeof piece === 'string' ? 1 : piece.count), 1);
  if (size > MOST_POINTS) {
    const points = size.toLocaleString('en', { maximumFractionDigits: 0 });
    throw new UserError(
      `the grid has ${points} points, and at most ${MOST_POINTS.toLocaleString('en')} are tried; use larger steps or fewer parameters`,
    );
  }
  return steps.map((pieces) => pieces.reduce<string[]>((texts, piece) => texts.flatMap((text) => continued(text, piece)), ['']));
}

type Piece = string | Values;

function continued(text: string, piece: Piece): string[] {
  return typeof piece === 'string' ? [text + piece] : Array.from({ length: piece.count }, (_, i) => text + piece.at(i));
}

/** A step's text, cut where values vary. */
function piecesOf(step: string): Piece[] {
  const [name, list] = cutName(step);
  if (list === undefined) return [step];
  const parts = list.match(/\{[^{}]*\}|[=,@{}]|[^=,@{}]+/g) ?? [];
  return [
    `${name}:`,
    ...parts.map((part) => {
      if (part === '{' || part === '}') throw new UserError(`post-processor "${step}": a list is written {a,b,c}, here is a lone ${part}`);
      if (part.startsWith('{')) return parseList(part, step);
      return isRange(part.trim()) ? parseRange(part.trim(), step) : part;
    }),
  ];
}

function parseList(list: string, step: string): Values {
  const places = list
    .slice(1, -1)
    .split(',')
    .map((place) => place.trim());
  if (places.includes('')) throw new UserError(`post-processor "${step}": list ${list} has an empty place`);
  const values = places.map((place): Values => (isRange(place) ? parseRange(place, step) : { count: 1, at: () => place }));
  const count = values.reduce((sum, some) => sum + some.count, 0);
  return {
    count,
    at(i) {
      let [place, left] = [0, i];
      while (left >= values[place].count) left -= values[place++].count;
      return values[place].at(left);
    },
  };
}
