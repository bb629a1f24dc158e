import { exactOnEveryWorld, searchHere } from './exact-properties.js';

exactOnEveryWorld('int8', (task) => searchHere(task, { fastPass: 'int8' }), 15);
exactOnEveryWorld('float32', (task) => searchHere(task, { fastPass: 'float32' }), 8);
