import { boxesInteger, boxesNotNegative, boxesOrdered, boxesWhole } from './check-boxes.js';
import { boxColumns, columns, ids, labels, labelsGiven, nearColumns, oneCategory, rows, sequences, textLabels } from './check-columns.js';
import { allContent, content, contentTypes, pathsInside, startTimes } from './check-content.js';
import { boxesInside, type FileRule, files } from './check-files.js';
import type { Rule } from './check-rule.js';
import { flags, queryLabels, splits, trainFlags, validationFlags, validationRole } from './check-splits.js';

/** What would make embeddings or their evaluation wrong: refused wherever a table of items is opened. */
export const OPENING_RULES: readonly Rule[] = [
  rows,
  boxColumns,
  contentTypes,
  content,
  pathsInside,
  boxesWhole,
  boxesInteger,
  boxesNotNegative,
  boxesOrdered,
  startTimes,
  labels,
  sequences,
  flags,
  ids,
];

/** Every rule of the format that the table alone tells of. */
export const RULES: readonly Rule[] = [
  columns,
  ...OPENING_RULES,
  allContent,
  labelsGiven,
  splits,
  trainFlags,
  validationFlags,
  validationRole,
  queryLabels,
  textLabels,
  oneCategory,
  nearColumns,
];

/** The rules of what the table refers to. */
export const FILE_RULES: readonly FileRule[] = [files, boxesInside];
