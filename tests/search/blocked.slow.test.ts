import { it } from 'vitest';
import { blockedIsResident } from './blocked-properties.js';

it('a gallery in blocks gives the bytes of a resident one', () => blockedIsResident(150));
