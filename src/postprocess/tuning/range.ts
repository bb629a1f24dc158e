import { UserError } from '../../data/errors.js';

/** Values to try for one parameter, as text; they are made one by one, so that there may be too many of them. */
export interface Values {
  readonly count: number;
  at(i: number): string;
}

const NUMBER = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const RANGE = new RegExp(`^(${NUMBER})\\s*\\.\\.\\s*(${NUMBER})\\s*/\\s*(${NUMBER})$`, 'i');
const RANGE_BEGUN = new RegExp(`^${NUMBER}\\s*\\.\\.`, 'i');

/** Digits up to which decimal numbers are exact as integers of their last place. */
const DIGITS = 15;

/** Whether a text is meant as a range. */
export function isRange(text: string): boolean {
  return RANGE_BEGUN.test(text);
}

/**
 * The numbers a, a + step, ... up to b, b included where it is met: decimals as they would be typed, with no rounding error added up.
 * @param text `a..b/step`
 * @param step where it stands, for messages
 * @throws UserError for another form, a step that is not positive, b below a, more digits than are exact
 * @example parseRange('0.5..0.8/0.1', '').at(3) // '0.8'
 */
export function parseRange(text: string, step: string): Values {
  const wrong = (what: string) => new UserError(`post-processor "${step}": range ${text} ${what}`);
  const [, ...written] = RANGE.exec(text) ?? [];
  if (written.length === 0) throw wrong('is not written a..b/step, for example 0.5..1.2/0.05');
  const places = Math.max(...written.map(decimalPlaces));
  const unit = 10 ** places;
  const [first, last, by] = written.map((number) => Math.round(Number(number) * unit));
  if (!([first, last, by].every((number) => Math.abs(number) < 10 ** DIGITS) && places <= DIGITS)) {
    throw wrong(`has numbers of more than ${DIGITS} digits`);
  }
  if (by <= 0) throw wrong('needs a step above 0');
  if (last < first) throw wrong('ends before it begins; write the smaller number first');
  return { count: Math.floor((last - first) / by) + 1, at: (i) => String((first + i * by) / unit) };
}

/** Digits behind the point: 5 of `1.25e-3`. */
function decimalPlaces(number: string): number {
  const [mantissa, exponent = '0'] = number.toLowerCase().split('e');
  return Math.max(0, (mantissa.split('.')[1]?.length ?? 0) - Number(exponent));
}
