import { exactOnEveryWorld } from './exact-properties.js';

exactOnEveryWorld('int8', 15);
exactOnEveryWorld('float32', 8);
