export type { Dataset, Feeds } from './dataset.js';
export type { ItemTable } from './item-table.js';
export type { ItemPlaces, Modality } from './modality.js';
export { modalityOf, registerModality } from './registry.js';
export { text, textDataset } from './text.js';
