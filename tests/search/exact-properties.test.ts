import { exactOnEveryWorld } from './exact-properties.js';

exactOnEveryWorld('int8', 3);
exactOnEveryWorld('float32', 2);
