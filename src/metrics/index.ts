export { atK, type ValueAtK } from './at-k.js';
export { bestF1, bestF1Threshold } from './best-f1.js';
export { cmc } from './cmc.js';
export { Covariance } from './covariance.js';
export { type OperatingPoint, operatingPoints } from './curves.js';
export { eer, eerThreshold } from './eer.js';
export { type Evaluation, type EvaluationOptions, type EvaluationValue, evaluation, type MetricValues } from './evaluation.js';
export type { EvaluationState, SavedEvaluation } from './evaluation-state.js';
export { ExactSum } from './exact-sum.js';
export { fmrThresholdMeasure, fnmrAtFmr, tarAtFar } from './fnmr.js';
export { foldOf, positionsByFold } from './folds.js';
export * from './ir/index.js';
export { type ItemState, type ItemValues, itemMetrics } from './item-metrics.js';
export { type JudgedView, judgedView } from './judged-view.js';
export { map } from './map.js';
export { type MeanState, meanMetric, perQuery } from './mean-metric.js';
export type { EmptyValues, Metric, QueryMetric } from './metric.js';
export { atRank, type MetricFamily } from './metric-family.js';
export { type MetricSet, parseMetricSet } from './metric-set.js';
export { splitNames } from './metric-spec.js';
export { type PairValues, pairValues } from './pair-values.js';
export { type ItemMeasure, pcf, pcfMeasure } from './pcf.js';
export { precision } from './precision.js';
export { METRIC_FAMILIES, type ParseOptions, parseMetric, parseMetrics, registerMetric } from './registry.js';
export type { GainedItems, RelevantItems } from './relevant-items.js';
export { type RetrievedPairs, type RetrievedPairsMetric, retrievedPairs, type SavedRetrievedPairs } from './retrieved-pairs.js';
export type { SavableMetric, SavedState } from './savable.js';
export { mergeSavedStates } from './saved-states.js';
export { SET_FAMILIES, type SetFamily, type SetMetric } from './set-families.js';
export { type BootstrapOptions, bootstrapIntervals } from './significance/bootstrap.js';
export {
  type CompareOptions,
  compareSystems,
  type MetricComparison,
  type SystemComparison,
  type SystemValues,
} from './significance/compare-systems.js';
export { bonferroni, holm } from './significance/corrections.js';
export { pairedDifferences } from './significance/differences.js';
export { type RandomisationOptions, type RandomisationTest, randomisationTests } from './significance/randomisation.js';
export { pairedTTest, type TTest } from './significance/t-test.js';
export { type WorstQuery, type WorstState, worstQueries } from './worst.js';
export { type WorstResults, type WorstResultsOptions, type WorstResultsState, worstResults } from './worst-results.js';
