import { enginesOnWorlds } from './engine-properties.js';

enginesOnWorlds(4);
