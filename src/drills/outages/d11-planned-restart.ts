import { noOriginal, type Drill } from '../scene.ts'

/** The standby is restarted, and back within seconds. */
const drill: Drill = {
  id: 'd11',
  title: 'Nothing is wrong: a planned restart of the standby',
  kind: 'look-alike',
  serving: ['standby'],
  ...noOriginal,
  act: ({ names }) => ({
    trigger: [{ do: 'restart', node: names.standby }],
    truth: { cause: 'healthy', subject: null, trigger: null, symptom: { max: 0.1 } },
    quietMs: 12_000,
  }),
}
export default drill
