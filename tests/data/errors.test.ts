import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstLine, UserError } from '../../src/data/errors.js';

const CONTROL = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const message = (text: string) => new UserError(text).message;

describe('the message of a user’s mistake', () => {
  it('is one line that no terminal obeys, whatever a name or a damaged file holds', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(message(text)).not.toMatch(CONTROL);
      }),
    );
    expect(message("types 'a\r\nb' and \u001b[31m\u007f\u2028")).toBe("types 'a\\r\\nb' and \\u001b[31m\\u007f\\u2028");
  });

  it('stands as it was given otherwise', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !CONTROL.test(text)),
        (text) => {
          expect(message(text)).toBe(text);
        },
      ),
    );
    const cause = new Error('why');
    expect(new UserError('what', { cause }).cause).toBe(cause);
  });
});

it('the first line of an error is told, of whatever was thrown', () => {
  expect(firstLine(new TypeError('bad\n    at here'))).toBe('bad');
  expect(firstLine('text\nmore')).toBe('text');
  expect(firstLine(undefined)).toBe('undefined');
});
