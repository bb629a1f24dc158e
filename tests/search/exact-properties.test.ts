import { exactOnEveryWorld, searchHere } from './exact-properties.js';

exactOnEveryWorld('int8', (task) => searchHere(task, { fastPass: 'int8' }), 3);
exactOnEveryWorld('float32', (task) => searchHere(task, { fastPass: 'float32' }), 2);
