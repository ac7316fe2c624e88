import { noOriginal, type Drill } from '../scene.ts'

/** A migration tool's own history: on both nodes, different on each, carried by nothing, and nobody's outage. */
const drill: Drill = {
  id: '0c',
  title: 'A table that was never meant to be replicated',
  kind: 'look-alike',
  ...noOriginal,
  act({ names: { primary, subscriber } }) {
    const create =
      'create table schema_migrations (version text primary key, applied_at timestamptz default clock_timestamp())'
    const fill = (versions: number): string =>
      `insert into schema_migrations select 'v' || n from generate_series(1, ${versions}) n`
    return {
      trigger: [
        { do: 'sql', node: subscriber, text: `${create}; ${fill(3)}` },
        { do: 'sql', node: primary, text: `${create}; ${fill(7)}` },
        { do: 'wait', ms: 1000 },
        { do: 'sql', node: subscriber, text: 'select * from schema_migrations order by version' },
      ],
      truth: { cause: 'healthy', subject: null, trigger: null, symptom: { max: 0.02 } },
    }
  },
}
export default drill
