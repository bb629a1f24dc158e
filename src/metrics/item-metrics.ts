import { textOf } from '../data/columns.js';
import type { EmbeddingBatch } from '../data/embedding-batch.js';
import { Covariance } from './covariance.js';
import type { MetricValues } from './evaluation.js';
import type { Metric } from './metric.js';
import { naturalOrder } from './natural-order.js';
import type { ItemMeasure } from './pcf.js';

export interface ItemState {
  readonly total: Covariance;
  /** For each column the covariances of the items with each of its values. */
  readonly by: readonly Map<string, Covariance>[];
}

export interface ItemValues {
  readonly metrics: MetricValues;
  /** By column, then value (null: "(none)"), in natural order. */
  readonly by: Record<string, Record<string, MetricValues>>;
  readonly warnings: string[];
}

/**
 * Measures of the items themselves, overall and by the values of columns: one covariance (8 dim^2 bytes) for all measures and each value. Items of a
 * batch that lacks a column belong to none of its values.
 */
export function itemMetrics(measures: readonly ItemMeasure[], by: readonly string[] = []): Metric<ItemState, ItemValues, EmbeddingBatch> {
  return {
    name: measures.map(({ name }) => name).join(),
    init: () => ({ total: new Covariance(), by: by.map(() => new Map<string, Covariance>()) }),
    update(state, batch) {
      state.total.add(batch);
      by.forEach((name, b) => {
        const column = batch.columns[name];
        if (!column) return;
        const rows = new Map<string, number[]>();
        for (let row = 0; row < batch.rows; row++) {
          const value = textOf(column.get(row));
          const list = rows.get(value);
          if (list) list.push(row);
          else rows.set(value, [row]);
        }
        for (const [value, which] of rows) groupOf(state.by[b], value).add({ data: batch.data, dim: batch.dim, which });
      });
    },
    merge(into, other) {
      into.total.merge(other.total);
      other.by.forEach((groups, b) => {
        for (const [value, covariance] of groups) groupOf(into.by[b], value).merge(covariance);
      });
    },
    value(state) {
      const valuesOf = (covariance: Covariance): MetricValues => {
        const spectrum = covariance.spectrum();
        return Object.fromEntries(measures.map((measure) => [measure.name, measure.value(spectrum, covariance.dim)]));
      };
      const groups = by.map((name, b) => {
        const sorted = [...state.by[b]].sort(([x], [y]) => naturalOrder(x, y));
        return [name, Object.fromEntries(sorted.map(([value, covariance]) => [value, valuesOf(covariance)]))] as const;
      });
      const metrics = valuesOf(state.total);
      const all: [string, MetricValues][] = [['all items', metrics]];
      for (const [name, values] of groups) for (const [value, own] of Object.entries(values)) all.push([`${name} ${value}`, own]);
      const alike = all.filter(([, values]) => Object.values(values).includes(null)).map(([where]) => where);
      const names = measures.map(({ name }) => name).join(', ');
      const shown = `${alike.slice(0, 3).join(', ')}${alike.length > 3 ? ` and ${alike.length - 3} more` : ''}`;
      const warnings = alike.length > 0 ? [`${names}: not defined for ${shown}, whose embeddings do not differ`] : [];
      return { metrics, by: Object.fromEntries(groups), warnings };
    },
  };
}

function groupOf(groups: Map<string, Covariance>, value: string): Covariance {
  const known = groups.get(value);
  if (known) return known;
  const made = new Covariance();
  groups.set(value, made);
  return made;
}
