import type { JsonObject } from '../data/json.js';

/** Token ids of one text, or of a pair, as a model takes them. */
export interface TokenIds {
  readonly ids: readonly number[];
  /** 0 for the first text and its special tokens, 1 for the second, where the tokenizer tells them apart; as many as ids. */
  readonly types: readonly number[];
}

/** A place in the sequence: special tokens, or the tokens of the first or second text. */
type Place = { readonly type: number } & ({ readonly ids: readonly number[] } | { readonly text: 0 | 1 });

/** Where the special tokens of one text and of a pair stand. */
export interface TokenLayout {
  readonly single: readonly Place[];
  readonly pair: readonly Place[];
}

const text = (which: 0 | 1, type: number): Place => ({ text: which, type });
const BARE: TokenLayout = { single: [text(0, 0)], pair: [text(0, 0), text(1, 1)] };

/**
 * The layout that a `post_processor` of a tokenizer.json describes.
 * @throws Error for one of an unknown kind, and where several of them add tokens
 */
export function tokenLayout(part: JsonObject | null | undefined): TokenLayout {
  switch (part?.type) {
    case undefined:
    case 'ByteLevel':
      return BARE;
    case 'BertProcessing': {
      const [first, last, end] = [special(part.cls), special(part.sep), special(part.sep, 1)];
      return { single: [first, text(0, 0), last], pair: [first, text(0, 0), last, text(1, 1), end] };
    }
    case 'RobertaProcessing': {
      const [first, last] = [special(part.cls), special(part.sep)];
      return { single: [first, text(0, 0), last], pair: [first, text(0, 0), last, last, text(1, 0), last] };
    }
    case 'TemplateProcessing':
      return { single: places(part, 'single'), pair: places(part, 'pair') };
    case 'Sequence': {
      const layouts = (part.processors as JsonObject[]).map(tokenLayout).filter((layout) => layout !== BARE);
      if (layouts.length > 1) throw new Error('several parts of its post_processor add special tokens');
      return layouts[0] ?? BARE;
    }
    default:
      throw new Error(`a post_processor ${part?.type} is not known`);
  }
}

/** `["[CLS]", 101]` */
function special(token: unknown, type = 0): Place {
  return { ids: [(token as [string, number])[1]], type };
}

function places(part: JsonObject, form: 'single' | 'pair'): Place[] {
  type Item = { SpecialToken?: { id: string; type_id: number }; Sequence?: { id: 'A' | 'B'; type_id: number } };
  const specials = part.special_tokens as unknown as Record<string, { ids: number[] }>;
  return (part[form] as unknown as Item[]).map(({ SpecialToken, Sequence }) => {
    if (SpecialToken) return { ids: specials[SpecialToken.id].ids, type: SpecialToken.type_id };
    return text(Sequence?.id === 'B' ? 1 : 0, Sequence?.type_id ?? 0);
  });
}

/** Number of special tokens. */
export function specialTokens(form: readonly Place[]): number {
  return form.reduce((sum, place) => sum + ('ids' in place ? place.ids.length : 0), 0);
}

/**
 * The tokens of one or two texts with the special ones around them, cut at their ends to `maxLength` in all: special tokens are kept, and of two texts the
 * longer one is cut first, then both to halves, as `tokenizers` does ("longest_first").
 * @param texts as many as the form has
 */
export function laidOut(form: readonly Place[], texts: readonly (readonly number[])[], maxLength: number): TokenIds {
  const room = maxLength - specialTokens(form);
  const lengths = texts.length === 2 ? shares(texts[0].length, texts[1].length, room) : [room];
  const ids: number[] = [];
  const types: number[] = [];
  for (const place of form) {
    const own = 'ids' in place ? place.ids : texts[place.text].slice(0, lengths[place.text]);
    for (const id of own) {
      ids.push(id);
      types.push(place.type);
    }
  }
  return { ids, types };
}

/** How many tokens of two texts stay where there is room for so many. */
function shares(first: number, second: number, room: number): [number, number] {
  if (first + second <= room) return [first, second];
  const [short, long] = first > second ? [second, first] : [first, second];
  const half = Math.floor(room / 2);
  const kept: [number, number] = short <= half ? [short, Math.min(long, room - short)] : [half, room - half];
  return first > second ? [kept[1], kept[0]] : kept;
}
