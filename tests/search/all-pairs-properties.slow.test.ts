import { allPairsOnEveryWorld } from './all-pairs-properties.js';

allPairsOnEveryWorld(8);
