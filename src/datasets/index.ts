export { type CheckOptions, checkItems, type Finding, type ItemCounts, type ItemReport } from './check.js';
export type { FileReading } from './check-files.js';
export type { Dataset, Feeds } from './dataset.js';
export { openItems, readItems, validationItems } from './format-open.js';
export { type ItemTable, itemTable, sourceRow } from './item-table.js';
export type { ItemPlaces, Modality } from './modality.js';
export { modalityOf, registerModality } from './registry.js';
export { text, textDataset } from './text.js';
