import { type Figure, median } from '../report.ts';
import type { Outcome } from './run.ts';
import { type FigureName, figures, type Measure, type Scenario } from './scenarios.ts';

const units: Record<Measure['what'], string> = {
  fps: 'fps',
  width: 'px',
  'width back': 'px',
  concealed: '%',
  frozen: 's',
  readable: '%',
  back: 's',
  gap: 's',
  stays: 'share',
};

const beside = (peer: number | undefined) => (peer === undefined ? {} : { peer });

/** First the figures with targets, then every measure of every scenario, and what was sent meanwhile; medians of the runs. The peer ran once. */
export function rowsOf(
  scenarios: readonly Scenario[],
  outcomes: ReadonlyMap<string, readonly Outcome[]>,
  peers: ReadonlyMap<string, Outcome>,
): Figure[] {
  const runsOf = ({ name }: Scenario) => outcomes.get(name) ?? [];
  const values = new Map<FigureName, number[][]>();
  const details: Figure[] = [];
  for (const scenario of scenarios) {
    const runs = runsOf(scenario);
    for (const [index, { what, of, at, figure }] of scenario.measures.entries()) {
      const measured = runs.map((run) => run.measured[index] ?? 0);
      if (figure) values.set(figure, [...(values.get(figure) ?? []), measured]);
      const who = of === at ? of : `${of} at ${at}`;
      details.push({
        figure: `${scenario.name}: ${what}, ${who}`,
        unit: units[what],
        ours: middle(what, measured),
        ...beside(peers.get(scenario.name)?.measured[index]),
      });
    }
    details.push({
      figure: `${scenario.name}: frozen for good`,
      unit: 'streams',
      ours: dead(runs),
      ...beside(peers.get(scenario.name)?.dead.length),
    });
    for (const name of Object.keys(runs[0]?.sent ?? {})) {
      const of = (what: 'fps' | 'width') => median(runs.map(({ sent }) => sent[name]?.[what] ?? 0));
      details.push(
        { figure: `${scenario.name}: sent by ${name}`, unit: 'fps', ours: of('fps') },
        { figure: `${scenario.name}: sent by ${name}`, unit: 'px', ours: of('width') },
      );
    }
  }
  values.set('frozen-for-good', [[dead(scenarios.flatMap(runsOf))]]);
  const judged = (Object.keys(figures) as FigureName[]).flatMap((figure): Figure[] => {
    const measured = values.get(figure);
    const { unit, target, of } = figures[figure];
    return measured ? [{ figure, unit, target, ours: together(of, measured) }] : [];
  });
  return [...judged, ...details];
}

const dead = (runs: readonly Outcome[]): number => runs.reduce((sum, run) => sum + run.dead.length, 0);

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const middle = (what: Measure['what'], values: readonly number[]): number =>
  what === 'stays' ? mean(values) : median(values);

function together(how: (typeof figures)[FigureName]['of'], measured: readonly (readonly number[])[]): number {
  switch (how) {
    case 'sum':
      return measured.flat().reduce((sum, value) => sum + value, 0);
    case 'mean':
      return mean(measured.flat());
    case 'largest median':
      return Math.max(...measured.map(median));
    case 'smallest median':
      return Math.min(...measured.map(median));
  }
}
